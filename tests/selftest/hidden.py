"""Characters that act on a terminal or cannot be seen."""

import unicodedata

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
BLANK = {0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180F, 0x2800, 0x3164, 0xFFA0}
BLANK |= {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
"""Letters and marks without a look: fillers, the empty pattern of Braille, selectors of a variant."""


def hidden_characters(shown: str, allowed: str = "") -> set[str]:
    """The characters of a text that act or cannot be seen."""
    return {c for c in shown if (unicodedata.category(c) in HIDDEN or ord(c) in BLANK) and c not in allowed}
