"""Pages: how much a page holds, and where the list ends. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.ids import first_difference, repeated
from catalog_contract.catalog.page import Page, readable, some
from catalog_contract.catalog.reading import PLAIN
from catalog_contract.catalog.refusal import refused
from catalog_contract.catalog.rereading import was_the_end
from catalog_contract.catalog.walk import ids_of
from catalog_contract.model.verdict import Severity
from catalog_contract.rules.rule import rule


@rule(Severity.BLOCKER, needs=("paging.full_pages",))
def test_a_page_before_the_end_is_full(catalog: Catalog, offset_before_the_end: int) -> None:
    """Every page that ends before the end of the list holds exactly `limit` items.

    Why: a client stops at a short page and never sees what follows.

    Cannot see: offsets that the contract does not declare; the walk is judged apart.
    """
    page = catalog.page(offset_before_the_end, catalog.page_size)
    message = f"the page at {page.where} holds {catalog.items(page.count)}, expected {page.limit}"
    assert page.count == page.limit, page.evidence(message)


@rule(Severity.BLOCKER, needs=("paging.full_pages",))
def test_every_page_of_the_walk_but_the_last_is_full(catalog: Catalog) -> None:
    """Every page of the walk before the last one with items holds exactly `limit` items.

    Why: a short or empty page in the middle ends the reading of every client that stops there.
    """
    pages = catalog.walk().pages
    known = [page for page in pages if not page.fault]
    last = max((index for index, page in enumerate(known) if page.count), default=0)
    for index, page in enumerate(known[:last]):
        full = catalog.contract.paging.most(page.limit) or page.count
        if page.count < full:
            if was_the_end(catalog, known[: last + 1], index):
                continue
            page = catalog.reader(page)(known[last].finished)
        message = f"the page at {page.where} holds {catalog.items(page.count)}, expected {full}: more pages follow"
        assert page.count == full, page.evidence(message)
    list(readable(pages))


@rule(Severity.CRITICAL, needs=("paging.by_position", "paging.full_pages"), compares=True)
def test_the_last_page_holds_exactly_the_rest(catalog: Catalog) -> None:
    """The last page holds what the full pages before it leave of the bulk read.

    Why: a last short page that is dropped loses up to `limit` items, and nothing else shows it.
    """
    size = catalog.step(catalog.page_size)
    last = max(0, catalog.bulk().count - 1) // size * size
    wrong = catalog.wrong(catalog.page(last, size))
    if wrong is not None:
        page, rest = wrong.page, len(wrong.expected)
        message = f"the last page, at {page.where}, holds {catalog.items(page.count)}; the bulk read leaves {rest}"
        assert page.count == rest, page.evidence(message)


@rule(Severity.CRITICAL, needs=("paging.ends_empty",))
def test_a_page_past_the_end_is_empty(catalog: Catalog, offset_past_the_end: int | None) -> None:
    """A page that begins at the end of the list or far past it is answered, and empty.

    Why: a client that reads until an empty page never ends where the end is not empty.
    """
    page = past_the_end(catalog, offset_past_the_end)
    if page.fault and not page.unavailable and not catalog.first_page().fault:
        assert not page.fault, page.evidence(
            f"the page at {page.where}, past the end, {page.fault}, expected no {catalog.nouns}"
        )
    if page.count and offset_past_the_end is None:
        wrong = catalog.wrong(page)
        if wrong is None:
            return
        page = wrong.page
    message = (
        f"the page at {page.where}, past the end, holds {catalog.items(page.count)}, expected none: {some(page.ids)}"
    )
    assert page.count == 0, page.evidence(message)


def past_the_end(catalog: Catalog, offset: int | None) -> Page:
    """The page at the end of the list (None), or far past it."""
    return catalog.page(catalog.at_the_end(), catalog.page_size) if offset is None else catalog.far_page()


@rule(Severity.CRITICAL, needs=("paging.ends_refused",))
def test_a_page_past_the_end_is_refused_as_declared(catalog: Catalog, offset_past_the_end: int | None) -> None:
    """A page far past the end of the list is refused with a 4xx, as the contract declares; at the end it may be empty.

    Why: a client that reads until it is refused never ends where the end is answered.
    """
    page = past_the_end(catalog, offset_past_the_end)
    if catalog.first_page().fault:
        raise catalog.first_page().not_judged()
    if not page.fault and page.count and offset_past_the_end is None:
        wrong = catalog.wrong(page)
        if wrong is None:
            return
        page = wrong.page
    if offset_past_the_end is None and not page.fault and not page.count:
        return  # the first page after the last item: not past the end for all
    refused(page.exchange, f"the page at {page.where}, past the end,", with_reason=False)


@rule(Severity.CRITICAL, needs=("paging.ends_with_last",))
def test_a_page_past_the_end_is_the_last_page(catalog: Catalog, offset_past_the_end: int | None) -> None:
    """A page past the end of the list is the last page once more, as the contract declares.

    Why: a client that compares a page with the one before it finds the end by that.
    """
    page = past_the_end(catalog, offset_past_the_end)
    page, bulk = catalog.settle(
        catalog.reader(page), catalog.bulk_again, lambda page, bulk: page.ids == catalog.slice_for(page, bulk), ids_of
    )
    message = f"the page at {page.where}, past the end, holds {some(page.ids) or 'nothing'}, expected the last page"
    assert page.ids == catalog.slice_for(page, bulk), page.evidence(message)


@rule(Severity.CRITICAL, needs=("parameters.limit",))
def test_a_page_never_holds_more_than_its_limit(catalog: Catalog, page_limit: int) -> None:
    """A page never holds more items than the limit asks for.

    Why: where `limit` has no effect, a client that asks for a page gets everything.
    """
    if catalog.contract.paging.by_position:
        page = catalog.page(page_limit, page_limit)
        pages: tuple[Page, ...] = (catalog.page(0, page_limit) if catalog.is_refused_past_the_end(page) else page,)
        if catalog.contract.followed:
            pages = (catalog.page(0, page_limit), page)
    else:
        pages = catalog.first_two(PLAIN, page_limit)
    for page in readable(pages):
        message = f"the page of limit {page_limit} at {page.where} holds {catalog.items(page.count)}"
        assert page.count <= page_limit, page.evidence(message)


@rule(Severity.BLOCKER, needs=("paging.first_ids_differ_at", "paging.by_position"))
def test_pages_at_different_offsets_begin_with_different_items(catalog: Catalog) -> None:
    """Pages at different positions begin with different items.

    Why: where the position has no effect every page is the same; this is the shortest proof of it.

    Cannot see: pages that differ in their first item and repeat the rest; uniqueness over the walk does.
    """
    pages = [catalog.page(offset, catalog.page_size) for offset in catalog.contract.paging.first_ids_differ_at]
    begun = {page.where: page.ids[0] for page in pages if not page.fault and page.count}
    same = repeated(tuple(begun.values()))
    places = [where for where, first in begun.items() if first in same]
    message = f"the pages at {', '.join(places)} begin with the same {catalog.noun}: {some(same)}"
    assert not same, pages[-1].evidence(message, repeated=same)
    list(readable(pages))


@rule(Severity.NORMAL, needs=("paging.default_limit",))
def test_without_limit_the_documented_default_applies(catalog: Catalog) -> None:
    """Without `limit` an answer holds the first items, as many as the contract documents as the default.

    Why: clients that leave the parameter out must know whether they read a page or everything. It is asked for
    without offset too, as the first request of most clients is.
    """
    if not isinstance(catalog.contract.paging.default_limit, int):
        catalog.bulk().to_its_end()
        catalog.refuse_to_go_round()
    wrong = catalog.wrong(catalog.page(None, None))
    if wrong is None:
        return
    page, expected = wrong.page, wrong.expected
    message = f"without limit {catalog.items(page.count)} are answered, expected {len(expected):,}"
    assert page.count == len(expected), page.evidence(message)
    at = first_difference(page.ids, expected)
    here, there = some(page.ids[at : at + 1]), some(expected[at : at + 1])
    raise AssertionError(page.evidence(f"without limit, index {at} is {here}, in the bulk read {there}"))


@rule(Severity.NORMAL, needs=("parameters.limit",))
def test_without_offset_a_page_begins_at_the_first_item(catalog: Catalog) -> None:
    """Without a position an answer begins at the first item, also where it is small.

    Why: the first request of most clients carries none.
    """
    wrong = catalog.wrong(catalog.page(None, catalog.small))
    if wrong is None:
        return
    page, expected = wrong.page, wrong.expected
    message = f"without a position the answer begins with {some(page.ids[:1])}, the bulk read with {some(expected[:1])}"
    raise AssertionError(page.evidence(f"{message}; it holds {catalog.items(page.count)} of limit {page.limit}"))


@rule(Severity.BLOCKER)
def test_every_page_is_answered(catalog: Catalog) -> None:
    """Every page, window, bulk and filtered read that the contract allows is answered with a list of items.

    Why: an error at one position cuts the list there for every client that walks it.

    Cannot see: a service that answers nothing at all; whether the collection answers is a promise of its own.
    """
    pages = (*catalog.every_page(), *catalog.filtered_pages())
    if all(page.fault for page in pages):
        raise pages[0].not_judged()
    faulty = [page for page in pages if page.fault and not catalog.ended_before(page)]
    definite = [page for page in faulty if not page.unavailable or catalog.fails_alone(page)]
    if faulty and not definite:
        raise faulty[0].not_judged()
    message = "; ".join(f"{page.window}: {page.fault}" for page in definite[:3])
    assert not definite, definite[0].evidence(f"{len(definite)} of the planned pages are no list ({message})")
