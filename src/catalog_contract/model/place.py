"""Places: where a value stands in an answer. Each is parsed once, when the contract is loaded."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

import weblinking

from catalog_contract.model.exchange import MISSING
from catalog_contract.util.text import encodable

Id = str | None
"""The id of an item as text; None where the item has no usable one."""

HEADER, LINK = "header", "link"


class Answer(Protocol):
    """What a place is read from."""

    @property
    def data(self) -> Any: ...
    def header(self, name: str) -> str | None: ...
    def at(self, place: str, within: Callable[[Any], Any]) -> Any: ...


class PlaceError(ValueError):
    """A text is not a place; the message is one line that says why and what to write."""


@dataclass(frozen=True)
class _Index:
    """An element of a list by its number; -1 is the last."""

    number: int

    def of(self, value: Any) -> Any:
        inside = isinstance(value, list) and -len(value) <= self.number < len(value)
        return value[self.number] if inside else MISSING


@dataclass(frozen=True)
class _Member:
    """The first object of a list that has a value under a key."""

    key: str
    value: str

    def of(self, value: Any) -> Any:
        members = value if isinstance(value, list) else ()
        found = (one for one in members if isinstance(one, dict) and _as_text(one.get(self.key)) == self.value)
        return next(found, MISSING)


Step = str | _Index | _Member


class Place(str):
    """Where a value stands in an answer; as a text it is what the contract says.

    - `total`, `meta.total_count`: a key of the body, or nested keys; of several readings the one with the longest key
      first, so that `@odata.nextLink` needs no quoting
    - `data[-1].id`, `link[relation=next].url`: an element of a list, by index or by the value of one of its keys
    - `header:X-Total-Count`: a header of the response; numbers, true and false are read as such
    - `link:next`: the target of that relation in the `Link` header (RFC 8288)
    - the empty text: the whole body

    Raises PlaceError for any other text.
    """

    _source: str
    _steps: tuple[Step, ...]
    key: str | None
    """The key, where the place is a single key of an object and nothing else."""

    def __new__(cls, text: str) -> "Place":
        """Parse a text of the contract."""
        place = super().__new__(cls, text)
        place._source, place._steps = _parsed(text)
        first = place._steps[0] if len(place._steps) == 1 and not place._source else None
        place.key = first if isinstance(first, str) else None
        return place

    @classmethod
    def of_key(cls, key: str) -> "Place":
        """The place under one key, whatever characters it has."""
        place = super().__new__(cls, key)
        place._source, place._steps, place.key = "", (key,), key
        return place

    @property
    def in_body(self) -> bool:
        """Whether the value stands in the body."""
        return not self._source

    @property
    def header(self) -> str | None:
        """The name of the header that the value stands in, in lower case; None where it stands elsewhere."""
        return None if self.in_body else (str(self._steps[0]) if self._source == HEADER else LINK).lower()

    @property
    def root(self) -> str | None:
        """The first key of the body on the way to the value, None where there is none."""
        first = self._steps[0] if self._steps and not self._source else None
        return first if isinstance(first, str) else None

    def emptied(self, body: Any) -> Any:
        """The body with an empty list where the list of items stands; the body itself stays as it is."""
        return _emptied(body, self._steps)

    def read(self, answer: Answer) -> Any:
        """The value in an answer; MISSING where there is none. Raises NotJson when the body is needed and not JSON."""
        if not self._source:
            return answer.at(self, self.within)
        if self._source == LINK:
            return _linked(answer.header(LINK) or "", str(self._steps[0]))
        return _from_header(answer.header(str(self._steps[0])))

    def within(self, value: Any) -> Any:
        """The value inside a decoded body, or inside an item; MISSING where there is none."""
        if self.key is not None and value.__class__ is dict:
            return value.get(self.key, MISSING)  # nearly all places are one key, and are read most
        return MISSING if self._source else _read(value, self._steps)


def _emptied(value: Any, steps: tuple[Step, ...]) -> Any:
    if not steps:
        return []
    key = steps[0]
    inside = isinstance(value, dict) and isinstance(key, str) and key in value
    return {**value, key: _emptied(value[key], steps[1:])} if inside else value


def _read(value: Any, steps: tuple[Step, ...]) -> Any:
    if not steps:
        return value
    first = steps[0]
    if isinstance(first, str):
        return _under_keys(value, steps)
    chosen = first.of(value)
    return chosen if chosen is MISSING else _read(chosen, steps[1:])


def _under_keys(value: Any, steps: tuple[Step, ...]) -> Any:
    """The value under the keys that come next: dots may be part of a key, so the longest key is tried first."""
    if not isinstance(value, dict):
        return MISSING
    keys = _leading_keys(steps)
    for length in range(len(keys), 0, -1):
        key = ".".join(keys[:length])
        if key in value:
            found = _read(value[key], steps[length:])
            if found is not MISSING:
                return found
    return MISSING


def _leading_keys(steps: tuple[Step, ...]) -> list[str]:
    keys: list[str] = []
    for step in steps:
        if not isinstance(step, str):
            break
        keys.append(step)
    return keys


def _linked(header: str, relation: str) -> Any:
    """The target of a relation of this answer; a link with an anchor is one of something else."""
    own = (link for link in weblinking.parse(header) if link.get("anchor") is None)
    found = weblinking.find(own, relation)
    return found.uri if found else MISSING


def _from_header(text: str | None) -> Any:
    """The value of a header: whole numbers, true and false as such, anything else as text."""
    if text is None:
        return MISSING
    text = text.strip()
    if re.fullmatch(r"0|[1-9][0-9]{0,39}", text):  # past 64 bits: a huge offset is echoed as asked
        return int(text)
    return {"true": True, "false": False}.get(text.lower(), text)


def put(body: Any, place: Place, value: Any) -> Any:
    """Put a value at a place of a decoded body, the opposite of `within`; objects and lists on the way are made.

    Gives the body. Of a list only the last element, and the one that a member names, can be put.
    """
    at = body
    steps = place._steps
    for step, following in zip(steps, (*steps[1:], None), strict=True):
        empty: Any = {} if isinstance(following, str) else []
        if isinstance(step, _Member):
            found = step.of(at)
            at = found if found is not MISSING else _appended(at, {step.key: step.value})
        elif isinstance(step, _Index):
            at = at[step.number] if at else _appended(at, {})
        elif following is None:
            at[step] = value
        else:
            at = at.setdefault(step, empty)
    return body


def _appended(members: list[Any], member: dict[str, Any]) -> dict[str, Any]:
    members.append(member)
    return member


def _as_text(value: Any) -> str:
    """A scalar as a contract writes it: true, 1, next."""
    return value if isinstance(value, str) else json.dumps(value)


# -- parsing ---------------------------------------------------------------------------------------------------

_FORMS = {
    HEADER: (re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"), "header:X-Total-Count"),
    LINK: (re.compile(r"[^\s,;\"<>]+"), "link:next"),
}
_SELECTOR = re.compile(r"\[(?:(?P<index>-?[0-9]{1,9})|(?P<key>[^\[\]=]+)=(?P<value>[^\[\]]*))\]")


def _parsed(text: str) -> tuple[str, tuple[Step, ...]]:
    """The source (empty for the body) and the steps of a place. Raises PlaceError."""
    source, colon, rest = text.partition(":")
    if colon and source.strip().lower() in _FORMS:
        pattern, example = _FORMS[source.strip().lower()]
        if source not in _FORMS or not pattern.fullmatch(rest):
            raise PlaceError(f"{text!r} is not a place; write it like {example!r}")
        return source, (rest,)
    if colon and source == "body":
        raise PlaceError(f"{text!r} is not a place: a place in the body is written without 'body:'; write {rest!r}")
    return "", _body_steps(text)


def _body_steps(text: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    at = 0
    while at < len(text):
        if text[at] == "[":
            selector, at = _selector(text, at)
            steps.append(selector)
        else:
            keys = re.compile(r"[^\[]*").match(text, at)
            assert keys is not None
            steps += _keys(text, keys[0])
            at = keys.end()
    return tuple(steps)


def _keys(text: str, dotted: str) -> list[str]:
    keys = dotted.split(".")
    if not all(keys) or "]" in dotted:
        raise PlaceError(f"{text!r} is not a place: a key is empty or a bracket is open; write it like 'meta.total'")
    return keys


def _selector(text: str, at: int) -> tuple[Step, int]:
    """The choice in brackets that begins here, and where the next step begins."""
    found = _SELECTOR.match(text, at)
    if not found:
        raise PlaceError(f"{text!r} is not a place: in brackets stands an index or key=value, like 'data[-1].id'")
    index, end, after = found["index"], found.end(), text[found.end() : found.end() + 1]
    if after not in ("", "[", ".") or text[end:] == ".":
        raise PlaceError(f"{text!r} is not a place: after ']' comes a dot and a key, like 'data[-1].id'")
    step = _Index(int(index)) if index is not None else _Member(found["key"], found["value"])
    return step, end + (after == ".")


# -- the id of an item -----------------------------------------------------------------------------------------


class Identity(str):
    """What names an item: a place in it, or several that name it together. As a text it is what the contract says.

    An id is a text or a whole number, and always one of the two in a list. Everything else is unusable: None, which
    equals nothing.
    """

    places: tuple[Place, ...]

    def __new__(cls, words: str | Sequence[str]) -> "Identity":
        """One place, or a list of places. Raises PlaceError."""
        listed = [words] if isinstance(words, str) else list(words)
        identity = super().__new__(cls, " + ".join(listed))
        identity.places = tuple(Place(word) for word in listed)
        for place in identity.places:
            if not place.in_body or not place:
                raise PlaceError(f"{str(place)!r} is not a place inside an item; name a key of the items")
        return identity

    @property
    def composed(self) -> bool:
        """Whether several places name an item together."""
        return len(self.places) > 1

    def of(self, items: Sequence[Any]) -> tuple[Id, ...]:
        """The id of every item of a list; None where an item has no usable one.

        Where texts and whole numbers stand in one list, those that are fewer are unusable. A composed id is a JSON
        list of its parts.
        """
        if not self.composed and (ids := _plain_texts(_column(items, self.places[0]))) is not None:
            return ids
        columns = [_usable(_column(items, place)) for place in self.places]
        if not self.composed:
            return tuple(_plain(value) for value in columns[0])
        return tuple(
            None if any(part is None for part in parts) else json.dumps(parts, ensure_ascii=False)
            for parts in zip(*columns, strict=True)
        )


def _column(items: Sequence[Any], place: Place) -> list[Any]:
    """What each item has at a place; None where it has nothing."""
    if place.key is not None:
        try:
            return list(map(itemgetter(place.key), items))  # the usual list, at the speed of C
        except (KeyError, TypeError, IndexError):
            pass
    found = (place.within(item) for item in items)
    return [None if value is MISSING else value for value in found]


def _plain_texts(values: list[Any]) -> tuple[str, ...] | None:
    """The values where all of them are texts of ASCII, as in the usual list; None elsewhere."""
    try:
        plain = "".join(values).isascii() and all(values)
    except TypeError:
        return None
    return tuple(values) if plain else None


def _usable(values: list[Any]) -> list[str | int | None]:
    """Texts and whole numbers that can name something; None for everything else, and for the fewer of the two."""
    kinds = set(map(type, values))
    if kinds == {str} and all(values):
        return [encodable(value) for value in values]
    texts = [value for value in values if type(value) is str and value]
    numbers = [value for value in values if type(value) is int]
    if len(numbers) > len(texts):
        return [value if type(value) is int else None for value in values]
    return [encodable(value) if isinstance(value, str) and value else None for value in values]


def _plain(value: str | int | None) -> Id:
    return value if value is None or isinstance(value, str) else str(value)
