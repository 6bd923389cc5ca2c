"""Fingerprints of items: eight bytes for each, in place of the item."""

import json
import marshal
from array import array
from collections.abc import Sequence
from typing import Any

import orjson

Item = Any
PLAIN_FORM = 2
"""The form of marshal that depends on nothing but the value: 1, 1.0 and true are three values."""


def without_volatile(item: Item, volatile: tuple[str, ...]) -> Item:
    """An item without the fields that are null, as good as left out, or may change from read to read (dotted paths)."""
    if not isinstance(item, dict):
        return item
    rest = {key: value for key, value in item.items() if value is not None}
    for path in volatile:
        head, _, tail = path.partition(".")
        if head in rest:
            if tail:
                rest[head] = without_volatile(rest[head], (tail,))
            else:
                del rest[head]
    return rest


def fingerprints(items: Sequence[Item], volatile: tuple[str, ...]) -> "array[int]":
    """A fingerprint of each item. It holds for this process alone: nobody outside can make two items share one."""
    bodies = [without_volatile(item, volatile) for item in items] if volatile else items
    try:
        return array("q", [hash(orjson.dumps(body)) for body in bodies])
    except TypeError:  # a number of more than 64 bits, half a surrogate pair
        return array("q", [_slowly(body) for body in bodies])


def state_of(item: Item, volatile: tuple[str, ...]) -> int:
    """An item in eight bytes: the same in whatever order its fields stand, and whether one of its own that is null is
    written or left out."""
    body = without_volatile(item, volatile)
    try:
        return hash(orjson.dumps(body, option=orjson.OPT_SORT_KEYS))
    except TypeError:  # a number of more than 64 bits, half a surrogate pair
        return hash(json.dumps(body, sort_keys=True))


def _slowly(body: Item) -> int:
    try:
        return hash(orjson.dumps(body))
    except TypeError:
        return hash(marshal.dumps(body, PLAIN_FORM))
