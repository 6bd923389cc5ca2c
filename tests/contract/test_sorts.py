"""Sorts: the same items, in order. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.ids import first_difference
from catalog_contract.catalog.page import readable, some
from catalog_contract.catalog.reading import Part
from catalog_contract.catalog.selecting import chosen_of
from catalog_contract.catalog.settle import READINGS
from catalog_contract.catalog.walk import Walk, ids_of
from catalog_contract.model.exchange import MISSING
from catalog_contract.model.verdict import NotJudged, Severity
from catalog_contract.model.words import Sort
from catalog_contract.rules.rule import rule

ORDERS: tuple[Callable[[str], Any], ...] = (
    lambda text: text,
    lambda text: text.casefold(),
    lambda text: ("".join(filter(str.isalnum, text)).casefold(), text.casefold()),
)
"""How texts may be ordered: by code point, whatever the case, by letters and digits alone as most languages do."""


@rule(Severity.CRITICAL, needs=("sorts",))
def test_a_sort_lists_the_same_items(catalog: Catalog, declared_sort: Sort) -> None:
    """A sorted list holds exactly the items of the list without the sort.

    Why: a sort by a field that some items lack may drop them.
    """
    part = Part(query=declared_sort.query)
    found = chosen_of(catalog, part, lambda whole: (whole.ids,))
    message = f"sorted by {declared_sort.name} {catalog.items(len(found.ids))} are listed"
    assert found.exact, found.evidence(f"{message}, {len(found.expected):,} without the sort")


@rule(Severity.CRITICAL, needs=("sorts",))
def test_a_sort_orders_the_items(catalog: Catalog, declared_sort: Sort) -> None:
    """A sorted list is in the order that the contract declares, across its pages; items without a value are at one end.

    Why: a sort within each page looks right on every page and is wrong as a whole.

    Cannot see: which of several ways to order texts is meant; one of them must fit.
    """
    descending = declared_sort.order == "descending"

    def values_of(ordered: Walk) -> list[Any]:
        return [declared_sort.place.within(item) for item in ordered.items]

    ordered = catalog.stable_bulk(
        lambda ordered: first_out_of_order(values_of(ordered), descending=descending) is None,
        Part(query=declared_sort.query),
    )
    values = values_of(ordered)
    at = first_out_of_order(values, descending=descending)
    if at is None:
        return
    page = ordered.page_of(at)
    here, there = repr(values[at - 1])[:60], repr(values[at])[:60]
    message = f"sorted by {declared_sort.name} ({declared_sort.order}), {some([ordered.ids[at]])} at index {at} has"
    raise AssertionError(page.evidence(f"{message} {there}, the item before it {here}"))


def first_out_of_order(values: Sequence[Any], *, descending: bool) -> int | None:
    """The first index at which values are out of order in every way to order them; None where one way fits all."""
    known = [(at, value) for at, value in enumerate(values) if value is not None and value is not MISSING]
    places = [at for at, _ in known]
    if places and places != list(range(places[0], places[0] + len(places))):
        return next(after for before, after in pairwise(places) if after != before + 1)
    if places and places[0] > 0 and places[-1] + 1 < len(values):
        return places[-1] + 1
    texts = all(isinstance(value, str) for _, value in known)
    orders: tuple[Callable[[Any], Any], ...] = ORDERS if texts else (lambda value: value,)
    found = []
    for order in orders:
        wrong = (b for (_, one), (b, other) in pairwise(known) if _before(order(other), order(one), descending))
        found.append(next(wrong, None))
    return None if None in found or not found else max(at for at in found if at is not None)


def _before(one: Any, other: Any, descending: bool) -> bool:
    """Whether one value must stand before another; what cannot be compared need not."""
    try:
        return bool(one > other if descending else one < other)
    except TypeError:
        return False


@rule(Severity.CRITICAL, needs=("leads", "sorts"))
def test_next_keeps_the_sort(catalog: Catalog, declared_sort: Sort) -> None:
    """The page that next leads to goes on in the order of the first one.

    Why: a link that loses the sort goes on somewhere else in the list.

    Cannot see: another order in which these two pages look sorted all the same.
    """
    pages = list(readable(catalog.first_two(Part(query=declared_sort.query), catalog.page_size)))
    values = [declared_sort.place.within(item) for page in pages for item in page.items]
    at = first_out_of_order(values, descending=declared_sort.order == "descending")
    if at is None:
        return
    here, there = repr(values[at - 1])[:60], repr(values[at])[:60]
    message = f"sorted by {declared_sort.name} ({declared_sort.order}), next leads on to {there} at index {at}, after"
    raise AssertionError(pages[-1].evidence(f"{message} {here}"))


@rule(Severity.CRITICAL, needs=("sorts",))
def test_a_sorted_walk_meets_every_item_once(catalog: Catalog, declared_sort: Sort) -> None:
    """Page by page the sorted list reads as in one piece: items with equal values keep their order.

    Why: where ties have no order of their own, two pages show one item twice and another never.
    """
    walk, whole = walk_and_whole(catalog, declared_sort)
    at = first_difference(walk.ids, whole.ids)
    here, there = (some(ids[at : at + 1]) or "nothing" for ids in (walk.ids, whole.ids))
    message = f"sorted by {declared_sort.name}, the walk in pages of {walk.step} has {here} at index {at}, "
    walk.to_its_end()
    assert walk.ids == whole.ids, walk.evidence(f"{message}{there} stands there in pages of {whole.step}")


def walk_and_whole(catalog: Catalog, chosen: Sort) -> tuple[Walk, Walk]:
    """A walk along a sort and its bulk read, settled. An item that has another value now may stand elsewhere: then both
    are read again. Raises as `Catalog.settle`."""
    since, part = 0.0, Part(query=chosen.query)
    for _ in range(READINGS):
        before = catalog.bulk_of(part, since)
        try:
            return settled(catalog, part, since)
        except AssertionError:
            now = catalog.bulk_of(part, before.finished)
            if not some_value_changed(chosen, before, now):
                raise
            since = now.finished
    raise NotJudged(f"{catalog.name} moved through {READINGS} readings", before.pages[0].exchange.curl)


def settled(catalog: Catalog, part: Part, since: float) -> tuple[Walk, Walk]:
    """A walk along a part and its bulk read, both read after a point in time."""
    return catalog.settle(
        lambda after: catalog.walk_of(part, catalog.tie_size(), max(after, since)),
        lambda after: catalog.bulk_of(part, max(after, since)),
        lambda walk, whole: walk.ids == whole.ids,
        ids_of,
    )


def some_value_changed(chosen: Sort, one: Walk, other: Walk) -> bool:
    """Whether an item that two readings list has another value in each."""
    was, now = (dict(zip(read.ids, map(chosen.place.within, read.items), strict=True)) for read in (one, other))
    return any(now[id] != value for id, value in was.items() if id in now)
