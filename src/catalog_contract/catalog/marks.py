"""Marks: what each item says that the filters and sorts of a contract go by."""

from collections.abc import Iterable, Iterator, Sequence
from sys import intern
from typing import Any

from catalog_contract.catalog.page import Marks, field_values, plain
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import MISSING


def is_marked(contract: Contract) -> bool:
    """Whether a contract has filters or sorts, so that items have marks."""
    return bool(contract.filters or contract.sorts or (contract.item.owner and contract.parameters.filter))


def marks_of(contract: Contract, items: Sequence[Any]) -> Marks:
    """What each item says that filters, sorts and the filter by owner of a contract go by."""
    return tuple(_marks(contract, items))


def _marks(contract: Contract, items: Sequence[Any]) -> Iterator[tuple[str, tuple[object, ...]]]:
    for each in contract.filters:
        yield f"{each.name}={each.value}", tuple(map(each.selects, items))
    for sort in contract.sorts:
        values = map(sort.place.within, items)
        yield f"{sort.name} {sort.order}", _kept(None if value is MISSING else value for value in values)
    if contract.item.owner and contract.parameters.filter:
        yield "", _kept(field_values(items, contract.item.owner))


def _kept(values: Iterable[object]) -> tuple[object, ...]:
    """Values as they may leave the process; a text that many items share is held once."""
    return tuple([intern(kept) if (kept := plain(value)).__class__ is str else kept for value in values])
