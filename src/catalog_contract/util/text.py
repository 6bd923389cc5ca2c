"""Text from a service is hostile until shown otherwise: bound it, and write out what a reader cannot see."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable

WORD = 120
LINE = 400
BLOCK = 2_000
FIRST_IDS = 5
COMMAND = 20_000
"""The most characters of a command that is there to be copied: cut, it does not work."""
DASH = "\N{EN DASH}"


def line(text: object, limit: int = LINE) -> str:
    """Any text as one harmless line of at most `limit` characters.

    Control characters, escape sequences, bidirectional marks and line breaks are written out (`\\x1b`,
    `\\u202e`, `\\n`), so that they neither act nor hide. A longer text is cut and ends in an ellipsis.
    """
    return _bounded(str(text), limit, keep_breaks=False)


MESSAGE = 299
LONGEST_WORD = 160


def message(text: object) -> str:
    """The line with which something is refused: printable, at most `MESSAGE` characters.

    Of a word that no one would read to its end the middle is left out, so that the remedy at the end of the line stays.
    """
    words = "".join(
        letter if not is_hidden(letter) else " " if letter.isspace() else "?" for letter in str(text)
    ).split()
    for longest in (LONGEST_WORD, 60, 20):
        shown = " ".join(word if len(word) <= longest else _shortened(word, longest) for word in words)
        if len(shown) <= MESSAGE:
            return shown
    return shown[: MESSAGE // 2] + "…" + shown[-(MESSAGE - 1) // 2 :]


def _shortened(word: str, length: int) -> str:
    half = (length - 1) // 2
    return f"{word[:half]}…{word[-half:]}"


def block(text: object, limit: int = BLOCK) -> str:
    """Like `line`, but line breaks stay: for messages of several lines and excerpts of bodies."""
    return _bounded(str(text).replace("\r\n", "\n").replace("\t", "    "), limit, keep_breaks=True)


def _bounded(text: str, limit: int, keep_breaks: bool) -> str:
    shown = _written_out(text[:limit], _UNUSUAL if keep_breaks else _UNUSUAL_OR_BREAK)
    if len(text) <= limit and len(shown) <= limit:
        return shown
    if limit < LINE:
        return shown[: limit - 1] + "…"
    stated = f"… ({number(len(text))} characters in all)"
    return shown[: limit - len(stated)] + stated


def _visible(character: str) -> str:
    return character.encode("unicode-escape").decode("ascii")


_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks of no look at all: fillers, the empty pattern of Braille, selectors of a variant."""

_UNUSUAL = re.compile(r"[^\n -~]+")
_UNUSUAL_OR_BREAK = re.compile(r"[^ -~]+")


def is_hidden(character: str) -> bool:
    """Whether a reader cannot see a character, or it acts on what shows it. Blanks of any width are not hidden."""
    return (not character.isprintable() and unicodedata.category(character) != "Zs") or bool(_BLANK.match(character))


def escaped_json(text: str) -> str:
    """A JSON text of the same meaning in which hidden characters are escapes; line breaks between values stay."""
    return _written_out(text, _UNUSUAL, lambda character: json.dumps(character)[1:-1])


def _written_out(text: str, where: re.Pattern[str], how: Callable[[str], str] = _visible) -> str:
    """A text in which the hidden characters that a pattern finds, runs of them at a time, are written out."""

    def seen(found: re.Match[str]) -> str:
        run = found[0]
        if run.isprintable() and not _BLANK.search(run):
            return run
        return "".join(how(character) if is_hidden(character) else character for character in run)

    return where.sub(seen, text)


_COMMAND = re.compile(r"^((?:[^\S\n]|\x1b\[[0-9;]*m)*):(?=:)|##(?=\w*\[)", re.MULTILINE)


def inert(text: str) -> str:
    """A printed text in which a log of CI finds no command: neither `::error::` that begins a line, nor `##[error]`
    or `##vso[...]` anywhere."""
    return _COMMAND.sub(lambda found: r"#\x23" if found[0] == "##" else rf"{found[1]}\x3a", text)


def columns(text: str) -> int:
    """How many columns of a terminal a harmless text takes: wide characters two, combining ones none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def number(value: int | None) -> str:
    """A whole number with commas between the thousands; a dash where there is none."""
    return DASH if value is None else f"{value:,}"


def counted(amount: int, one: str, many: str = "") -> str:
    """An amount and its noun: `1 page`, `1,350 pages`."""
    return f"{number(amount)} {one if amount == 1 else many or one + 's'}"


def plural(name: str) -> str:
    """The regular plural of an English noun: items, entries, boxes."""
    lower = name.lower()
    if lower.endswith("y") and lower[-2:-1] not in tuple("aeiou"):
        return f"{name[:-1]}ies"
    return name + ("es" if lower.endswith(("s", "x", "z", "ch", "sh")) else "s")


def seconds(value: float | None) -> str:
    """A duration as a person says it: `0.04 s`, `12.3 s`, `3 min 20 s`; a dash where it is not known."""
    if value is None:
        return DASH
    if value >= 120:
        return f"{int(value) // 60} min {int(value) % 60} s"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def size(value: int) -> str:
    """A size in bytes as a person says it, in decimal units."""
    for unit, name in ((1_000_000, "MB"), (1_000, "kB")):
        if value >= unit:
            return f"{value / unit:.1f} {name}"
    return f"{value} B"


def first_few(words: Iterable[object], shown: int = FIRST_IDS, limit: int = WORD) -> str:
    """The first words of a list and how many follow: `a, b, c and 1,247 more`."""
    all_words = list(words)
    text = ", ".join(line(word, limit) for word in all_words[:shown])
    left = len(all_words) - shown
    return f"{text} and {number(left)} more" if left > 0 else text


def sentence(text: str) -> str:
    """A text that begins with a capital, unless its first word is a name like `meta/llama`, and ends with a mark."""
    text = text.strip()
    first = text.partition(" ")[0].rstrip(",;")
    capital = text[:1].upper() if first.isalpha() else text[:1]
    return capital + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".") if text else ""


def visible(text: str) -> str:
    """A text without signs that steer a terminal or cannot be written: what a service sends is never trusted."""
    return _written_out(text, _UNUSUAL)


def encodable(text: str) -> str:
    """A text that UTF-8 can carry: JSON allows half a surrogate pair, files and workers do not."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
