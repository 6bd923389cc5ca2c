"""Rows: the items that a reading holds, and what follows from them alone, found once for all readings that hold them.

Equal bodies are decoded to one value, and equal rows of bodies to one dictionary (see `Exchange.data`): a list that is
read again, by another name or by another run of the process, consists of the same objects, and is known by them. What
no reading holds any more is forgotten.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

from catalog_contract.catalog.ids import Id
from catalog_contract.model.place import Identity

Found = TypeVar("Found")


def field_values(items: Sequence[Any], field: str) -> list[Any]:
    """What a field says in each item; None where an item leaves it out, or is not an object."""
    try:
        return list(map(itemgetter(field), items))  # the usual page, at the speed of C
    except (KeyError, TypeError):
        return [item.get(field) if isinstance(item, dict) else None for item in items]


class Rows:
    """Items with their ids. Nobody may change them, nor what is found out about them."""

    def __init__(self, items: Sequence[Any], ids: tuple[Id, ...]) -> None:
        self.items = items
        self.ids = ids
        self._found: dict[tuple[Hashable, ...], Any] = {}

    @cached_property
    def _found_beside(self) -> "WeakKeyDictionary[Rows, dict[tuple[Hashable, ...], Any]]":
        return WeakKeyDictionary()  # rows that hold each other would be freed late

    @cached_property
    def longest_id(self) -> int:
        """How many characters the longest id has."""
        return max(map(len, filter(None, self.ids)), default=0)

    @cached_property
    def unique(self) -> frozenset[str]:
        """The different ids."""
        return frozenset(filter(None, self.ids))

    @cached_property
    def by_id(self) -> dict[Id, Any]:
        """The item of each id, the last one where an id repeats."""
        return dict(zip(self.ids, self.items, strict=True))

    def once(self, find: Callable[..., Found], reading: object, *words: Hashable) -> Found:
        """What a function finds in a reading of these rows, where it looks at nothing but them and these words."""
        key = (find, *words)
        if key not in self._found:
            self._found[key] = find(reading, *words)
        found: Found = self._found[key]
        return found

    def beside(
        self, other: "Rows", find: Callable[..., Found], readings: tuple[object, object], *words: Hashable
    ) -> Found:
        """As `once`, of a reading of these rows and one of others."""
        known, key = self._found_beside.setdefault(other, {}), (find, *words)
        if key not in known:
            known[key] = find(*readings, *words)
        found: Found = known[key]
        return found


_KNOWN: WeakValueDictionary[Hashable, Rows] = WeakValueDictionary()
"""Rows by their list, by the items in it, and by the rows that they are joined of. Each holds its list and its items,
so that an id() stays their own."""


def rows_of(items: list[Any], identity: Identity) -> Rows:
    """The rows of one answer, by what names an item."""
    known = _KNOWN.get((id(items), identity.places))
    # Where two threads read, the id() may be that of a list that is gone.
    return known if known is not None and known.items is items else _rows_like(items, identity)


def _rows_like(items: list[Any], identity: Identity) -> Rows:
    """The rows of a list that consists of the same objects, or of this one where there is none; known by this list from
    now on, as the one that is likely to be read again."""
    key = tuple(map(id, items)), identity.places
    known = _KNOWN.get(key)
    if known is None:
        known = _KNOWN[key] = Rows(items, identity.of(items))
    else:
        _KNOWN.pop((id(known.items), identity.places), None)
        known.items = items
    _KNOWN[id(items), identity.places] = known
    return known


def joined(parts: tuple[Rows, ...]) -> Rows:
    """The rows of several answers, one after the other."""
    if len(parts) == 1:
        return parts[0]
    known = _KNOWN.get(parts)
    if known is None:
        items = list(chain.from_iterable(part.items for part in parts))
        known = _KNOWN[parts] = Rows(items, tuple(chain.from_iterable(part.ids for part in parts)))
    return known


class Reading(ABC):
    """What holds rows, unless it is `stored` elsewhere: then everything is found where it is asked."""

    @property
    @abstractmethod
    def stored(self) -> bool: ...

    @property
    @abstractmethod
    def rows(self) -> Rows: ...

    def once(self, find: Callable[..., Found], *words: Hashable) -> Found:
        """What a function finds in this reading, where it looks at nothing but the items and these words."""
        return find(self, *words) if self.stored else self.rows.once(find, self, *words)

    def beside(self, other: "Reading", find: Callable[..., Found], *words: Hashable) -> Found:
        """What a function finds in this reading and another one, see `once`."""
        if self.stored or other.stored:
            return find(self, other, *words)
        return self.rows.beside(other.rows, find, (self, other), *words)


def by_field(reading: Any, field: str) -> dict[str, list[int]]:
    """The indexes of the items by what a field of theirs says, in order; items without such a text are left out."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, value in enumerate(field_values(reading.items, field)):
        if value.__class__ is str and value:
            groups[value].append(index)
    return dict(groups)
