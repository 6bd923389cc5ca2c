"""Marks: what each item says that the filters and sorts of a contract go by."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any

from catalog_contract.catalog.page import LONGEST_TEXT, Marks, plain
from catalog_contract.catalog.rows import field_values
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import MISSING
from catalog_contract.model.words import Filter, Sort


@dataclass(frozen=True)
class Marking:
    """What finds the marks of items: filters, sorts, and the field of the owner where there is a filter by it."""

    filters: tuple[Filter, ...]
    sorts: tuple[Sort, ...]
    owner: str

    def __bool__(self) -> bool:
        return bool(self.filters or self.sorts or self.owner)

    def __call__(self, items: Sequence[Any]) -> Marks:
        """What each item says that filters, sorts and the filter by owner go by."""
        return tuple(self._marks(items))

    def _marks(self, items: Sequence[Any]) -> Iterator[tuple[str, tuple[object, ...]]]:
        for each in self.filters:
            yield f"{each.name}={each.value}", tuple(map(each.selects, items))
        for sort in self.sorts:
            values = map(sort.place.within, items)
            yield f"{sort.name} {sort.order}", _kept(None if value is MISSING else value for value in values)
        if self.owner:
            yield "", _kept(field_values(items, self.owner))


def marking_of(contract: Contract) -> Marking:
    """The marking of a contract."""
    owner = contract.item.owner if contract.parameters.filter else None
    return Marking(contract.filters, contract.sorts, owner or "")


def _kept(values: Iterable[object]) -> tuple[object, ...]:
    """Values as they may leave the process; a text that many items share is held once."""
    # Nearly all are short texts: those need no call each.
    return tuple([intern(v) if type(v) is str and len(v) <= LONGEST_TEXT else _interned(plain(v)) for v in values])


def _interned(value: object) -> object:
    return intern(value) if isinstance(value, str) else value
