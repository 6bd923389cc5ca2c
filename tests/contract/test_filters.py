"""Filters: a subset, complete and counted. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from catalog_contract.catalog.catalog import UNKNOWN_OWNER, Catalog
from catalog_contract.catalog.ids import lost
from catalog_contract.catalog.items import (
    of_owner,
)
from catalog_contract.catalog.page import Page, same, some
from catalog_contract.catalog.reading import Part
from catalog_contract.catalog.selecting import Chosen, chosen_of, parted_by
from catalog_contract.catalog.settle import READINGS
from catalog_contract.catalog.walk import Walk, ids_of, total_of
from catalog_contract.model.verdict import NotJudged, Severity
from catalog_contract.model.words import Filter
from catalog_contract.rules.rule import rule


@rule(Severity.CRITICAL, needs=("parameters.filter", "item.owner"))
def test_the_filter_returns_a_subset_with_its_own_total(catalog: Catalog) -> None:
    """The filter lists exactly the owner's items of the bulk read, and counts them.

    Why: a filter after the slice, or counters before the filter, list fewer than they count.

    Cannot see: owners other than the one tried: one whose name has a capital and begins another's, if there is one;
    the order of what is listed, which is judged of a page of the largest owner.
    """
    field, owner = catalog.contract.item.owner or "", catalog.filter_values()[0]
    part = Part(filter=owner)
    found = chosen_of(catalog, part, lambda whole: whole.once(of_owner, field, owner))
    assert found.exact, found.evidence(beside_the_list(catalog, found, owner))
    counts_itself(catalog, part, found.listed, owner)


@rule(Severity.CRITICAL, needs=("parameters.filter", "item.owner"))
def test_a_filtered_page_is_its_slice(catalog: Catalog) -> None:
    """A page of an owner's items is the slice of them that it names, with the total of them all.

    Why: a filter after the slice finds only those of its items that stand on the page.

    Cannot see: other windows, and owners other than the largest one.
    """
    field, owner = catalog.contract.item.owner or "", catalog.filter_values()[1]
    page = catalog.filtered_pages()[-1]
    page, bulk = catalog.settle(
        catalog.reader(page),
        catalog.bulk_again,
        lambda page, bulk: fits(catalog, page, bulk.once(of_owner, field, owner)),
        lambda reading: (ids_of(reading), total_of(reading, reading) if isinstance(reading, Page) else None),
    )
    exact, folded = bulk.once(of_owner, field, owner)
    every = folded if page.ids == slice_of(catalog, page, folded) else exact
    expected = slice_of(catalog, page, every)
    message = f"filtered by {owner}, the page at {page.window}, holds {some(page.ids) or 'nothing'}"
    gone, new = lost(expected, page.ids), lost(page.ids, expected)
    assert page.ids == expected, page.evidence(
        f"{message}, expected {some(expected) or 'nothing'}", lost=gone, unexpected=new
    )
    total = total_of(page, bulk)
    message = f"filtered by {owner} the page at {page.window} says total {total!r}, {catalog.items(len(every))}"
    assert fits(catalog, page, (exact, folded)), page.evidence(f"{message} are of it")


def slice_of(catalog: Catalog, page: Page, ids: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """The ids of a list that a page of it must hold; where short pages are documented, as many as it has. A token may
    stand for a row, or for the item before the page."""
    most = catalog.contract.paging.most(page.limit)
    if most is None or (not catalog.contract.paging.full_pages and page.count <= most):
        most = page.count
    behind, row = catalog.begins_at(page, ids), page.row or 0
    return ids[row : row + most] if page.ids == ids[row : row + most] else ids[behind : behind + most]


def fits(catalog: Catalog, page: Page, lists: tuple[tuple[str | None, ...], ...]) -> bool:
    """Whether a filtered page is a slice of one of the lists, and says how many that holds."""
    return any(
        page.ids == slice_of(catalog, page, ids)
        and (not page.envelope.exact_total or page.leaves_out("total") or same(page.counter("total"), len(ids)))
        for ids in lists
    )


@rule(Severity.NORMAL, needs=("parameters.filter",), of_items=False)
def test_an_unknown_filter_value_returns_no_items(catalog: Catalog) -> None:
    """The filter by an owner that does not exist lists no items and counts none, or is refused with a 4xx.

    Why: a filter that is dropped where it finds nothing answers everything.
    """
    page = catalog.page(filter=UNKNOWN_OWNER)
    if catalog.first_page().fault or page.unavailable:
        raise (page if page.unavailable else catalog.first_page()).not_judged()
    if 400 <= (page.exchange.status or 0) < 500:
        return
    message = f"filtered by {UNKNOWN_OWNER}, which does not exist, the list"
    assert not page.fault, page.evidence(f"{message} {page.fault}, expected no {catalog.nouns} or a refusal")
    assert page.count == 0, page.evidence(
        f"{message} holds {catalog.items(page.count)}, expected none: {some(page.ids)}"
    )
    total = total_of(page, page)
    assert same(total, 0), page.evidence(f"{message} is empty and says total {total!r}")


@rule(Severity.CRITICAL, needs=("filters",))
def test_a_declared_filter_lists_exactly_what_it_selects(catalog: Catalog, declared_filter: Filter) -> None:
    """A declared filter lists every item that it selects, no other, and counts them.

    Why: a filter that is ignored, or applied after the page was cut, answers a list that looks healthy.

    Cannot see: the order in which it lists them.
    """
    part = Part(query=declared_filter.query)
    found = chosen_of(catalog, part, lambda whole: (selected(whole, declared_filter),))
    assert found.exact, found.evidence(beside_the_list(catalog, found, declared_filter.name))
    counts_itself(catalog, part, found.listed, declared_filter.name)


def beside_the_list(catalog: Catalog, found: Chosen, name: str) -> str:
    """How many items a filter lists, and how many of the list it selects, in words."""
    return (
        f"filtered by {name} {catalog.items(len(found.ids))} are listed, the list has {len(found.expected):,} of them"
    )


def counts_itself(catalog: Catalog, part: Part, listed: Walk, name: str) -> None:
    """Every page of a filtered reading says how many items it lists in all.

    A reading of several pages may be torn by an item that comes or goes: it is read again, and two in a row that list
    the same must both be wrong.
    """
    before: Walk | None = None
    for _ in range(READINGS):
        wrong = next((page for page in listed.pages if not same(total_of(page, listed), listed.count)), None)
        if wrong is None:
            return
        message = f"filtered by {name} total says {total_of(wrong, listed)!r}, {catalog.items(listed.count)} are listed"
        was_stable = listed.at_once or (before is not None and before.ids == listed.ids)
        assert not was_stable, wrong.evidence(message)
        before, listed = listed, catalog.bulk_of(part, listed.finished)
    raise NotJudged(f"{catalog.name} moved through {READINGS} filtered readings", listed.pages[0].exchange.curl)


def selected(whole: Walk, chosen: Filter) -> tuple[str | None, ...]:
    """The ids of the items of a list that a filter selects."""
    return tuple(id for id, item in zip(whole.ids, whole.items, strict=True) if chosen.selects(item))


@rule(Severity.CRITICAL, needs=("filters", "paged"))
def test_a_page_of_a_declared_filter_is_its_slice(catalog: Catalog, declared_filter: Filter) -> None:
    """The pages of a declared filter are slices of all that it lists.

    Why: a filter after the slice finds only those of its items that stand on the page.
    """
    part = Part(query=declared_filter.query)
    for first in catalog.filtered_twice(declared_filter, part):
        if first.refused and first.row and first.row >= catalog.bulk_of(part).count:
            continue  # past the end: a promise of its own
        page, whole = catalog.settle(
            catalog.reader(first),
            lambda after: catalog.bulk_of(part, after),
            lambda page, whole: page.ids == part_for(catalog, page, whole),
            ids_of,
        )
        expected = part_for(catalog, page, whole)
        message = f"filtered by {declared_filter.name}, the page at {page.window} holds {some(page.ids) or 'nothing'}"
        assert page.ids == expected, page.evidence(f"{message}, expected {some(expected) or 'nothing'}")


def part_for(catalog: Catalog, page: Page, whole: Walk) -> tuple[str | None, ...]:
    """The ids that a page of a filter must hold of all that it lists: those from its row on, or, where pages are not
    asked for by their position, behind the item before it. A token may stand for either."""
    at_row = catalog.slice_for(page, whole)
    by_row = catalog.contract.paging.by_position or page.ids == at_row
    return at_row if by_row else slice_of(catalog, page, whole.ids)


@rule(Severity.CRITICAL, needs=("filters",))
def test_the_filters_of_a_partition_make_the_whole(catalog: Catalog, partition: tuple[Filter, ...]) -> None:
    """The filters of a partition together list every item of the whole, and none twice.

    Why: what falls between two filters is shown to nobody.

    Cannot see: of a list that moves, the items that came, went or changed their filter meanwhile.
    """
    parted = parted_by(catalog, partition)
    names = ", ".join(dict.fromkeys(chosen.name for chosen in partition))
    assert parted.exact, parted.evidence(names)
