"""Characters that act on a terminal or cannot be seen."""

import unicodedata

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def hidden_characters(shown: str, allowed: str = "") -> set[str]:
    """The characters of a text that act or cannot be seen."""
    return {c for c in shown if unicodedata.category(c) in HIDDEN and c not in allowed}
