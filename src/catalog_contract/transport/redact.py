"""Takes a secret out of any text. It is found by what it is, not by a list of spellings.

A text is undone layer by layer (percent-encoding, escapes of JSON and JavaScript, character references of HTML),
and in each layer the secret is looked for as plain text, in base64 and in hex: whatever its case, whatever blanks
and line breaks stand within it. A secret that was compressed, encrypted, hashed or put into base64 twice is not found.
"""

import base64
import html.entities
import json
import re
from array import array
from collections.abc import Iterable, Iterator
from urllib.parse import quote

REDACTED = "REDACTED"

MAX_LAYERS = 16
"""How many encodings around each other are undone."""

WINDOW = 2**20
"""How many characters are searched at a time: the places of a whole body would take eight times its memory."""

MAX_GROWTH = 64
"""How many characters of a text may stand for one of the secret where it crosses the border of two windows."""

MIN_SECRET = 8
"""A shorter text would be taken out of innocent words."""

_ESCAPE = re.compile(
    r"%(?:u00)?(?P<percent>[0-9a-f]{2})"
    r"|\\+(?:u00|x)(?P<slash>[0-9a-f]{2})"
    r"|\\+u\{0*(?P<brace>[0-9a-f]{1,2})\}"
    r"|&\#0*(?P<decimal>[0-9]{1,3});?"
    r"|&\#x0*(?P<hex>[0-9a-f]{1,2});?"
    r"|&(?P<name>[a-z]{2,8});"
    r"|\\+(?P<blank>[nrt])",
    re.IGNORECASE,
)

_DROPPED = b" \t\r\n\v\f\0\\:"
"""What may stand within a secret: line breaks of base64, the other byte of UTF-16, colons between pairs of hex."""

_ALIKE = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ-_", b"abcdefghijklmnopqrstuvwxyz+/")
"""Upper and lower case, and the two alphabets of base64, are the same."""

_BASE64 = re.compile(r"[a-z0-9+/=]")


class Redactor:
    """Takes a secret out of texts; it does not show the secret where variables are printed."""

    def __init__(self, secret: str) -> None:
        secrets = list(dict.fromkeys([secret, *_within(secret)])) if secret else []
        coded = list(dict.fromkeys(data for one in secrets for data in _coded(one)))
        self._plain = sorted({_alike(form) for form in (*secrets, *(data.hex() for data in coded))})
        self._base64 = sorted({_alike(form) for data in coded for form in _cores(data)})
        self._overlap = MAX_GROWTH * max(map(len, [*self._plain, *self._base64]), default=0)

    def __call__(self, text: str) -> str:
        """The text with REDACTED in place of the secret; the same text where it is not in it."""
        if not self._plain:
            return text
        for _ in range(MAX_LAYERS):
            spans = _joined(self._spans(text))
            if not spans:
                return text
            text = _without(text, spans)
        return REDACTED  # what cannot be taken out is not shown at all

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the secret stands: the first place, and the one after the last."""
        for begin in range(0, max(1, len(text)), WINDOW):
            part = text[begin : begin + WINDOW + self._overlap]
            if self._is_in(part):
                yield from ((begin + start, begin + end) for start, end in self._found(part))

    def _is_in(self, text: str) -> bool:
        """Whether the secret is in a text at all: quick, as nearly always it is not."""
        for _ in range(MAX_LAYERS):
            alike = _alike(text)
            if any(form in alike for form in (*self._plain, *self._base64)):
                return True
            undone = _ESCAPE.sub(_character, text)
            if undone == text:
                return False
            text = undone
        return False

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        edges = array("Q", range(len(text) + 1))
        for _ in range(MAX_LAYERS):
            kept = [place for place, code in enumerate(_bytes(text)) if code not in _DROPPED]
            for start, end in self._matches(_alike(text)):
                yield edges[kept[start]], edges[kept[end - 1] + 1]
            undone, edges = _undone(text, edges)
            if undone == text:
                return
            text = undone

    def _matches(self, alike: str) -> Iterator[tuple[int, int]]:
        for form in self._plain:
            yield from ((at, at + len(form)) for at in _places(alike, form))
        for form in self._base64:
            for at in _places(alike, form):
                # The signs beside it hold bits of the secret, too.
                before = [sign for sign in alike[max(0, at - 1) : at] if _BASE64.match(sign)]
                after = re.match(r"[a-z0-9+/]{0,2}={0,2}", alike[at + len(form) : at + len(form) + 4])
                yield at - len(before), at + len(form) + (after.end() if after else 0)


def _within(secret: str) -> Iterator[str]:
    """What is as secret: the login and the password that a key for Basic stands for."""
    try:
        login = base64.b64decode(secret, validate=True).decode("ascii")
    except ValueError:
        return
    if login.isprintable() and ":" in login:
        yield from (one for one in (login, login.partition(":")[2]) if len(one) >= MIN_SECRET)


def _coded(secret: str) -> Iterator[bytes]:
    """What base64 and hex are made of: the secret as it is, as it stands in a URL and in JSON; in UTF-16 too."""
    quoted = json.dumps(secret)[1:-1]
    for text in (secret, quote(secret, safe=""), quoted, quoted.replace("/", "\\/")):
        yield text.encode()
        yield text.encode("utf-16-be")[1:]  # the zero bytes between letters; those at the ends depend on the order


def _cores(secret: bytes) -> Iterator[str]:
    """The part of its base64 that is the same whatever stands before and after it, for each place in a group."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret).decode()
        yield encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]


def _bytes(text: str) -> bytes:
    """One byte for each character."""
    return text.encode("latin-1", "replace")


def _alike(text: str) -> str:
    return _bytes(text).translate(_ALIKE, _DROPPED).decode("latin-1")


def _places(text: str, form: str) -> Iterator[int]:
    at = text.find(form)
    while at >= 0:
        yield at
        at = text.find(form, at + 1)


def _character(escape: re.Match[str]) -> str:
    """The character that an escape stands for; the escape itself where it stands for none that a secret may hold."""
    kind, digits = escape.lastgroup or "", escape[escape.lastgroup or 0]
    match kind:
        case "blank":
            return " "
        case "decimal":
            return chr(int(digits)) if int(digits) < 256 else escape[0]
        case "name":
            meant = html.entities.html5.get(f"{digits};") or html.entities.html5.get(f"{digits.lower()};") or ""
            return meant if len(meant) == 1 and meant.isascii() else escape[0]
    return chr(int(digits, 16))


def _undone(text: str, edges: "array[int]") -> tuple[str, "array[int]"]:
    """One layer of escapes undone, and where in the first text each character and the end begin."""
    parts: list[str] = []
    places = array("Q")
    done = 0
    for escape in _ESCAPE.finditer(text):
        meant = _character(escape)
        if meant == escape[0]:
            continue
        parts += [text[done : escape.start()], meant]
        places += edges[done : escape.start() + 1]
        done = escape.end()
    return "".join([*parts, text[done:]]), places + edges[done:]


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in spans:
        parts += [text[done:start], REDACTED]
        done = end
    return "".join([*parts, text[done:]])
