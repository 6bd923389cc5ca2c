"""Command lines that can be copied into a shell, that of Windows too where that can be."""

import re
import shlex
from collections.abc import Iterable

_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
_EVERYWHERE = re.compile(r"[^\"$`\\!%\n\r]+")
"""What means the same between double quotes in every shell, that of Windows too."""


def joined(words: Iterable[str]) -> str:
    """Words as one line for a shell."""
    return " ".join(map(quoted, words))


def quoted(word: str) -> str:
    """A word of a command line, quoted where it must be; so that cmd and PowerShell take it too, where that can be."""
    if _PLAIN.fullmatch(word):
        return word
    return f'"{word}"' if _EVERYWHERE.fullmatch(word) else shlex.quote(word)
