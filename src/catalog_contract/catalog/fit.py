"""The nearest fit: where a list and its ids stand in an answer that is not as its contract says."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from catalog_contract.model.exchange import MISSING, Exchange
from catalog_contract.model.place import Identity, Place
from catalog_contract.model.words import Envelope
from catalog_contract.util.text import counted, line

DEEPEST = 4
"""How deep a list is looked for."""

MAX_KEYS = 200
"""How many keys of an object are looked at: an object may be as wide as its service likes."""

NAMES = ("id", "_id", "uuid", "key", "name", "slug")
"""What fields are called that name an item, the likeliest first."""


MAY_BE_ABSENT = frozenset({"next", "previous", "next_offset"})
"""Words of the envelope of which a first page may say nothing."""


def misfit_of(word: str, exchange: Exchange, envelope: Envelope, identity: Identity, expected: int = 0) -> str:
    """Why a word of the contract (`items`, `id`, or one of the envelope) does not fit an answer to the first request.

    Empty where it fits, where the answer may leave it out, and where there was no answer to fit. A list that may be
    left out is not empty where that many items are `expected`, and as many with an id stand elsewhere.
    """
    if exchange.failure is not None or exchange.status != 200 or not exchange.is_json:
        return ""
    if word == "items":
        return _no_list(envelope.items.read(exchange), exchange.data, envelope, identity, expected)
    if word == "id":
        return _no_ids(envelope.items.read(exchange), identity)
    place = envelope.places.get(word)
    if place is None or word in (*envelope.optional, *MAY_BE_ABSENT) or place.read(exchange) is not MISSING:
        return ""
    near = nearest_place(place, exchange.data) if place.in_body else ""
    nowhere = f"the contract does not fit: nothing stands at {word} = {str(place)!r}"
    return nowhere + (f"; {near!r} does" if near else "")


def _no_list(items: Any, data: Any, envelope: Envelope, identity: Identity, expected: int) -> str:
    if isinstance(items, list):
        return ""
    left_out = (items is MISSING or items is None) and "items" in envelope.optional and isinstance(data, dict)
    if left_out and not (expected and any(_identified(found, identity) >= expected for _, found in lists_in(data))):
        return ""
    where = f"at items = {str(envelope.items)!r}" if envelope.items else "as the whole body"
    fit = nearest_fit(data, identity)  # without a list anywhere it is not a list that was answered: an error, perhaps
    return f"the contract does not fit: no list stands {where}; {fit}" if fit else ""


def _no_ids(items: Any, identity: Identity) -> str:
    if not isinstance(items, list) or not items or any(id is not None for id in identity.of(items)):
        return ""
    fields = nearest_id(items, identity)
    return f"the contract does not fit: no item has an id at {str(identity)!r}" + (f"; {fields}" if fields else "")


def nearest_fit(body: Any, identity: Identity) -> str:
    """Where in a body the list of items seems to stand, and which field of the items may be the id.

    `a list of 100 objects stands under 'results'; 'name' is a text in every row`. Empty where no list is found.
    """
    lists = sorted(lists_in(body), key=lambda found: (-_objects(found[1]), -len(found[1]), len(found[0])))
    if not lists:
        return ""
    path, items = lists[0]
    where = f"under {line(path, 120)!r}" if path else "alone in the body"
    objects = _objects(items) == len(items) > 0
    found = f"a list of {counted(len(items), 'object' if objects else 'element')} stands {where}"
    fields = nearest_id(items, identity)
    return f"{found}; {fields}" if fields else found


def nearest_id(items: list[Any], identity: Identity) -> str:
    """Which field of the items may be the id, where they have none at its place; empty where they have, or none may."""
    if any(id is not None for id in identity.of(items)) or not _objects(items) == len(items) > 0:
        return ""
    likely = sorted(_fields(items[0]), key=lambda path: (_rank(path), path.count("."), path))
    kinds = ((path, _kind(list(map(Place(path).within, items)))) for path in likely)
    return next((f"{line(path, 80)!r} is a {kind} in every row" for path, kind in kinds if kind), "")


def nearest_place(place: Place, body: Any) -> str:
    """A place in the body that may have been meant by one at which nothing stands; empty where none is near."""
    paths = sorted(_paths(body))
    by_end: dict[str, str] = {}
    for path in sorted(paths, key=len, reverse=True):
        by_end[path.rpartition(".")[2]] = path
    close = get_close_matches(place, paths, n=1) or get_close_matches(place.rpartition(".")[2], by_end, n=1)
    return by_end.get(close[0], close[0]) if close else ""


def lists_in(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Every list of a decoded body with its place, down to `DEEPEST` objects."""
    if isinstance(value, list):
        yield path, value
    elif isinstance(value, dict) and depth < DEEPEST:
        for key in list(value)[:MAX_KEYS]:
            yield from lists_in(value[key], f"{path}.{key}" if path else key, depth + 1)


def _identified(items: list[Any], identity: Identity) -> int:
    """How many items have an id, where each has one of its own; else 0."""
    ids = identity.of(items)
    return len(ids) if None not in ids and len(set(ids)) == len(ids) else 0


def _objects(items: list[Any]) -> int:
    return sum(isinstance(item, dict) for item in items)


def _paths(value: Any, path: str = "", depth: int = 0) -> Iterator[str]:
    """The places of everything in a body that is not an object, as a contract writes them."""
    if path and not isinstance(value, dict):
        yield path
    if isinstance(value, dict) and depth < DEEPEST:
        for key in list(value)[:MAX_KEYS]:
            yield from _paths(value[key], f"{path}.{key}" if path else key, depth + 1)


def _fields(item: dict[str, Any]) -> list[str]:
    """The places of the texts and numbers of an item that a contract can name."""
    return [path for path in _paths(item) if "[" not in path and ":" not in path and all(path.split("."))]


def _kind(values: list[Any]) -> str:
    """What the values of all items are, if they can be ids: each another, and all of one kind."""
    kinds = {type(value) for value in values}
    if kinds not in ({str}, {int}) or len(set(values)) < len(values) or "" in values or MISSING in values:
        return ""
    return "text" if kinds == {str} else "whole number"


def _rank(path: str) -> int:
    name = path.rpartition(".")[2].lower()
    return NAMES.index(name) if name in NAMES else len(NAMES) - name.endswith("id")
