"""Bounds: what happens at the edges of the parameters. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.page import Page, same
from catalog_contract.catalog.refusal import refused
from catalog_contract.catalog.walk import ids_of
from catalog_contract.model.contract import BadQuery
from catalog_contract.model.exchange import Exchange
from catalog_contract.model.verdict import Kind, NotJudged, Severity
from catalog_contract.rules.rule import rule


@rule(Severity.NORMAL, needs=("bad_queries",), of_items=False)
def test_a_bad_query_is_refused(catalog: Catalog, bad_query: BadQuery) -> None:
    """A limit or position that is not a number, not whole or below its bound is refused with a 4xx and a reason.

    Why: a guess (the default, all rows, the last row) is an answer to a question that nobody asked.
    """
    if catalog.first_page().fault:
        raise catalog.first_page().not_judged()
    exchange = catalog.badly(bad_query.query)
    refused(
        exchange,
        f"the query {bad_query.name}",
        lambda: what_it_holds(catalog, exchange),
        kind=lambda: Kind.FROM_END if holds_the_end(catalog, exchange) else Kind.SERVED,
    )


def holds_the_end(catalog: Catalog, exchange: Exchange) -> bool:
    """Whether an answer that should have been a refusal holds the end of the list, and not all of it."""
    listing, ids = catalog.listing(exchange), catalog.bulk().ids
    if listing.fault or not listing.count or not ids or listing.ids == catalog.first_page().ids:
        return False
    return listing.count < len(ids) and (listing.ids == ids[-listing.count :] or listing.ids[0] == ids[-1])


def what_it_holds(catalog: Catalog, exchange: Exchange) -> str:
    """What an answer that should have been a refusal holds, reported by what it equals of the list."""
    listing = catalog.listing(exchange)
    if listing.fault:
        return ""
    if listing.ids == catalog.first_page().ids:
        return " with the first page"
    try:
        ids = catalog.bulk().ids
    except NotJudged:  # what it is not is known all the same
        ids = ()
    if listing.count and listing.ids == ids[-listing.count :]:
        return " with the whole list" if listing.count == len(ids) else " with the end of the list"
    if listing.count and ids and listing.ids[0] == ids[-1]:
        return f" with {catalog.items(listing.count)} from the end of the list on"
    return f" with {catalog.items(listing.count)}"


@rule(Severity.NORMAL, needs=("paging.above_maximum", "parameters.limit"))
def test_a_limit_above_the_maximum_does_what_the_contract_says(catalog: Catalog) -> None:
    """A very large limit is refused, clamped with an honest echo, or served whole, as the contract declares.

    Why: a limit clamped in silence turns the bulk read into its first thousand.
    """
    paging = catalog.contract.paging
    if paging.above_maximum == "served":
        _served(catalog)
        return
    for times in (1, 10):
        over = catalog.page(0, times * (paging.maximum_limit or 0) + 1)
        if paging.above_maximum == "refused":
            refused(over.exchange, f"a limit of {over.limit}")
        else:
            _clamped(catalog, over, paging.maximum_limit or 0)


def _clamped(catalog: Catalog, over: Page, maximum: int) -> None:
    """An answer to a limit above the maximum must hold exactly the maximum, or all there are, and say so."""
    if over.fault and not over.unavailable and not catalog.first_page().fault:
        message = f"a limit of {over.limit} is {over.fault}, expected {catalog.items(maximum)} (clamped)"
        raise AssertionError(over.evidence(message))
    page, bulk = catalog.settle(
        catalog.reader(over),
        catalog.bulk_again,
        lambda page, bulk: page.ids == catalog.first_of(page, bulk.ids, maximum),
        ids_of,
    )
    expected = catalog.first_of(page, bulk.ids, maximum)
    message = (
        f"a limit of {page.limit} is answered with {catalog.items(page.count)}, expected {len(expected)} (clamped)"
    )
    assert page.ids == expected, page.evidence(message)
    echoed = page.counter("limit") if page.envelope.limit and not page.leaves_out("limit") else maximum
    assert same(echoed, maximum), page.evidence(f"a limit of {page.limit} is echoed as {echoed!r}, expected {maximum}")


def _served(catalog: Catalog) -> None:
    """The bulk limit must be served: as many rows as the walk meets, or as many as asked for."""
    bulk, walk = catalog.settle(
        catalog.bulk_again,
        lambda after: catalog.walk(after=after),
        lambda bulk, walk: bulk.count >= len(walk.unique),
        ids_of,
    )
    message = f"a limit of {bulk.step} is answered with {catalog.items(bulk.count)}, the walk meets {len(walk.unique)}"
    assert bulk.count >= len(walk.unique), bulk.evidence(message)


@rule(Severity.NORMAL, needs=("paging.limit_zero", "parameters.limit"))
def test_a_limit_of_zero_does_what_the_contract_says(catalog: Catalog) -> None:
    """A limit of 0 is refused, gives no items but the count, all items, or the default, as the contract declares.

    Why: a client that asks only for the count must not be sent everything, and one that forgets a limit not nothing.
    """
    declared = catalog.contract.paging.limit_zero
    if declared == "all":
        catalog.refuse_to_go_round()
    page = catalog.page(0, 0)
    if catalog.first_page().fault:
        raise catalog.first_page().not_judged()
    if declared == "refused":
        refused(page.exchange, "a limit of 0")
        return
    most = {"count": 0, "all": None}.get(declared or "", catalog.contract.paging.most(None))
    page, bulk = catalog.settle(
        catalog.reader(page), catalog.bulk_again, lambda page, bulk: page.ids == bulk.ids[:most], ids_of
    )
    expected = bulk.ids[:most]
    message = f"a limit of 0 is answered with {catalog.items(page.count)}, expected {len(expected)} ({declared})"
    assert page.ids == expected, page.evidence(message)


@rule(Severity.NORMAL, needs=("paging.by_position",))
def test_a_huge_offset_is_past_the_end_or_refused(catalog: Catalog, huge_offset: int) -> None:
    """A position too large for any list is answered with no items or refused, never with an error of the server.

    Why: a number too large for the store behind it must not take the route down.
    """
    page = catalog.huge_page(huge_offset)
    status = page.exchange.status
    if page.unavailable or catalog.first_page().fault:
        raise page.not_judged() if page.fault else catalog.first_page().not_judged()
    if status is not None and 400 <= status < 500:
        return
    if catalog.contract.paging.past_the_end == "last" and not page.fault:
        return
    message = (
        f"{page.where} {page.fault or f'holds {catalog.items(page.count)}'}, expected no {catalog.nouns} or a refusal"
    )
    assert not page.fault and page.count == 0, page.evidence(message, Kind.CRASHED if page.fault else Kind.SERVED)
