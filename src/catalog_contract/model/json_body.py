"""Bodies as JSON: strictly, and each distinct body and each distinct row decoded once.

Lists repeat themselves: pages, windows, aliases and second readings carry the same rows. Equal rows come out as
one and the same dictionary, so comparing them costs nothing. Nobody may change a decoded value.
"""

import json
from collections import OrderedDict
from json.decoder import WHITESPACE, scanstring  # type: ignore[attr-defined]
from typing import Any

import orjson

KEPT_BODIES = 64
KEPT_BODY_BYTES = 200_000_000
KEPT_ROWS = 20_000
LARGEST_ROW = 20_000
LOOK_ALIKES = 4
LONG_NUMBER = b"0" * 19
"""That many digits in a row may be a number that orjson rounds."""

_DIGITS = bytes.maketrans(b"123456789", b"000000000")

OPENING = 64
"""Rows are looked up by that many first characters; the id is among them, as a rule. Shorter rows are cheap anyway."""


class NotJson(ValueError):
    """The body of an answer is not JSON as RFC 8259 defines it; the message says where it stops being so."""


def strict_json(body: bytes) -> Any:
    """Decode a body as RFC 8259 has it: UTF-8 (a byte order mark is passed over), no NaN, no Infinity.

    Raises NotJson with the reason. Python alone would accept NaN and other encodings.
    """
    return _decoded(body, _Rows())


def plain_json(body: bytes) -> Any:
    """As `strict_json`, without looking for rows that repeat: nothing but the value is made. Raises NotJson."""
    if LONG_NUMBER in body.translate(_DIGITS):
        return strict_json(body)
    try:
        return orjson.loads(body)
    except ValueError:  # what orjson takes for no JSON may still be some: half a surrogate pair, a deep list
        return strict_json(body)


class SharedBodies:
    """Decodes each distinct body once while it is remembered; the memory held is bounded."""

    def __init__(self) -> None:
        self._values: OrderedDict[bytes, Any] = OrderedDict()
        self._size = 0
        self._rows = _Rows()

    def decoded(self, body: bytes) -> Any:
        """As `strict_json`; equal bodies give one value, equal rows one dictionary."""
        try:
            value = self._values[body]
        except KeyError:
            value = _decoded(body, self._rows)
            self._remember(body, value)
        return value

    def _remember(self, body: bytes, value: Any) -> None:
        if len(body) > KEPT_BODY_BYTES:
            return
        self._values[body] = value
        self._size = sum(map(len, self._values))
        while len(self._values) > KEPT_BODIES or self._size > KEPT_BODY_BYTES:
            oldest, _ = self._values.popitem(last=False)
            self._size -= len(oldest)


class _Rows:
    """The rows decoded before, found by how their text begins."""

    def __init__(self) -> None:
        self._known: dict[str, list[tuple[str, Any]]] = {}
        self._count = 0

    def find(self, text: str, at: int) -> tuple[Any, int] | None:
        """The row whose text stands here, and where it ends: an object ends with its own last brace."""
        for row, value in self._known.get(text[at : at + OPENING], ()):
            if text.startswith(row, at):
                return value, at + len(row)
        return None

    def add(self, text: str, at: int, end: int, value: Any) -> None:
        if not isinstance(value, dict) or end - at > LARGEST_ROW:
            return
        if self._count >= KEPT_ROWS:
            self._known.clear()
            self._count = 0
        alike = self._known.setdefault(text[at : at + OPENING], [])
        if len(alike) < LOOK_ALIKES:
            alike.append((text[at:end], value))
            self._count += 1


def _decoded(body: bytes, rows: _Rows) -> Any:
    try:
        text = body.decode("utf-8-sig")
        try:
            return _value(text, rows)
        except (ValueError, LookupError, RecursionError):
            return json.loads(text, parse_constant=_no_constant)  # to say what is wrong as Python says it
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at character {error.pos} of {len(body)}") from None
    except NotJson:
        raise
    except ValueError:
        raise NotJson("it holds a number of more digits than a client can read") from None
    except RecursionError:
        raise NotJson("nested deeper than a client can read") from None


def _no_constant(name: str) -> Any:
    raise NotJson(f"{name} is not a JSON value")


_scan = json.JSONDecoder(parse_constant=_no_constant).raw_decode


def _value(text: str, rows: _Rows) -> Any:
    """The value of a whole text. Raises one of several errors when it is not JSON."""
    value: Any
    at = _past_space(text, 0)
    match text[at]:
        case "{":
            value, at = _object(text, at, rows)
        case "[":
            value, at = _list(text, at, rows)
        case _:
            value, at = _scan(text, at)
    if _past_space(text, at) != len(text):
        raise ValueError
    return value


def _object(text: str, at: int, rows: _Rows) -> tuple[dict[str, Any], int]:
    """The object that begins here, and where it ends; its lists row by row."""
    members: dict[str, Any] = {}
    at = _past_space(text, at + 1)
    if text[at] == "}":
        return members, at + 1
    while True:
        if text[at] != '"':
            raise ValueError
        key, at = scanstring(text, at + 1, True)
        at = _past(":", text, at)
        members[key], at = _list(text, at, rows) if text[at] == "[" else _scan(text, at)
        at = _past_space(text, at)
        if text[at] == "}":
            return members, at + 1
        at = _past(",", text, at)


def _list(text: str, at: int, rows: _Rows) -> tuple[list[Any], int]:
    """The list that begins here, and where it ends."""
    found: list[Any] = []
    at = _past_space(text, at + 1)
    if text[at] == "]":
        return found, at + 1
    while True:
        known = rows.find(text, at)
        if known is None:
            value, end = _scan(text, at)
            rows.add(text, at, end, value)
        else:
            value, end = known
        found.append(value)
        at = _past_space(text, end)
        if text[at] == "]":
            return found, at + 1
        at = _past(",", text, at)


def _past_space(text: str, at: int) -> int:
    return at if text[at : at + 1] in _SOLID else WHITESPACE.match(text, at).end()


_SOLID = frozenset('{}[]",:')


def _past(mark: str, text: str, at: int) -> int:
    """Past a mark that must stand here, and the white space around it."""
    at = _past_space(text, at)
    if text[at] != mark:
        raise ValueError
    return _past_space(text, at + 1)
