"""Filters: a subset, complete and counted. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from collections import Counter

from catalog_contract.catalog.catalog import UNKNOWN_OWNER, Catalog
from catalog_contract.catalog.items import (
    of_owner,
)
from catalog_contract.catalog.laws import lost, settle
from catalog_contract.catalog.page import Page, ids_of, models, same, some, total_of
from catalog_contract.model.verdict import Severity
from catalog_contract.rules.rule import rule


@rule(Severity.CRITICAL, needs=("parameters.filter", "item.owner"))
def test_the_filter_returns_a_subset_with_its_own_total(catalog: Catalog) -> None:
    """The filter lists exactly the owner's models of the bulk read, and counts them.

    Why: a filter after the slice, or counters before the filter, list fewer than they count.

    Cannot see: owners other than the one tried: one whose name has a capital and begins another's, if there is one;
    the order of what is listed, which is judged of a page of the largest owner.
    """
    field, owner = catalog.contract.item.owner or "", catalog.filter_values()[0]
    filtered, bulk = settle(
        lambda after: catalog.bulk(after, filter=owner),
        catalog.bulk_again,
        lambda filtered, bulk: any(same_models(filtered.ids, ids) for ids in of_owner(bulk, field, owner)),
        ids_of,
    )
    exact, folded = of_owner(bulk, field, owner)
    expected = folded if same_models(filtered.ids, folded) else exact
    gone, new = lost(expected, filtered.ids), lost(filtered.ids, expected)
    message = f"filtered by {owner} {models(filtered.count)} are listed, the bulk read has {len(expected):,} of it"
    told = f"{message}; {len(gone)} lost, {len(new)} unexpected"
    assert same_models(filtered.ids, expected), filtered.told(told, lost=gone, unexpected=new)
    for page in filtered.pages:
        total = total_of(page, filtered)
        message = f"filtered by {owner} total says {total!r}, {models(filtered.count)} are listed"
        assert same(total, filtered.count), page.told(message)


def same_models(one: tuple[str | None, ...], other: tuple[str | None, ...]) -> bool:
    """Whether two lists hold the same ids as often, in any order."""
    return Counter(one) == Counter(other)


@rule(Severity.CRITICAL, needs=("parameters.filter", "item.owner"))
def test_a_filtered_page_is_its_slice(catalog: Catalog) -> None:
    """A page of an owner's models is the slice of them that it names, with the total of them all.

    Why: a filter after the slice finds only those of its models that stand on the page.

    Cannot see: other windows, and owners other than the largest one.
    """
    field, owner = catalog.contract.item.owner or "", catalog.filter_values()[1]
    page = catalog.filtered_pages()[-1]
    at = page.offset or 0
    page, bulk = settle(
        catalog.reader(page),
        catalog.bulk_again,
        lambda page, bulk: fits(page, of_owner(bulk, field, owner)),
        lambda reading: (ids_of(reading), total_of(reading, reading) if isinstance(reading, Page) else None),
    )
    exact, folded = of_owner(bulk, field, owner)
    end = at + (page.limit or 0)
    expected = folded if page.ids == folded[at:end] else exact
    message = f"filtered by {owner}, the page at offset {at}, limit {page.limit}, holds {some(page.ids) or 'nothing'}"
    gone, new = lost(expected[at:end], page.ids), lost(page.ids, expected[at:end])
    assert page.ids == expected[at:end], page.told(
        f"{message}, expected {some(expected[at:end])}", lost=gone, unexpected=new
    )
    total = page.counter("total") if page.envelope.total else None
    message = f"filtered by {owner} the page at offset {at} says total {total!r}, {models(len(expected))} are of it"
    assert fits(page, (exact, folded)), page.told(message)


def fits(page: Page, lists: tuple[tuple[str | None, ...], ...]) -> bool:
    """Whether a filtered page is a slice of one of the lists, and says how many that holds."""
    at = page.offset or 0
    return any(
        page.ids == ids[at : at + (page.limit or 0)]
        and (not page.envelope.total or same(page.counter("total"), len(ids)))
        for ids in lists
    )


@rule(Severity.NORMAL, needs=("parameters.filter",))
def test_an_unknown_filter_value_returns_no_items(catalog: Catalog) -> None:
    """The filter by an owner that does not exist lists no models and counts none, or is refused with a 4xx.

    Why: a filter that is dropped where it finds nothing answers everything.
    """
    page = catalog.page(filter=UNKNOWN_OWNER)
    if catalog.first_page().fault or page.unavailable:
        raise (page if page.unavailable else catalog.first_page()).not_judged()
    if 400 <= (page.exchange.status or 0) < 500:
        return
    message = f"filtered by {UNKNOWN_OWNER}, which does not exist, the list"
    assert not page.fault, page.told(f"{message} {page.fault}, expected no models or a refusal")
    assert page.count == 0, page.told(f"{message} holds {models(page.count)}, expected none: {some(page.ids)}")
    total = page.counter("total") if page.envelope.total else 0
    assert same(total, 0), page.told(f"{message} is empty and says total {total!r}")
