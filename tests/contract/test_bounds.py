"""Bounds: what happens at the edges of the parameters. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.laws import settle
from catalog_contract.catalog.page import Page, ids_of, models
from catalog_contract.catalog.refusal import refused
from catalog_contract.model.contract import BadQuery
from catalog_contract.model.exchange import Exchange
from catalog_contract.model.verdict import Severity
from catalog_contract.rules.rule import rule


def ask_badly(catalog: Catalog, query: BadQuery) -> Exchange:
    """The answer to a good first page with the values of a bad query in place of its own."""
    good = dict(catalog.query(0, catalog.page_size))
    return catalog.ask((good | dict(query.query)).items())


@rule(Severity.NORMAL, needs=("bad_queries",))
def test_a_bad_query_is_refused(catalog: Catalog, bad_query: BadQuery) -> None:
    """A limit or offset that is no number, not whole or below its bound is refused with a 4xx and a reason.

    Why: a guess (the default, all rows, the last row) is an answer to a question that nobody asked.
    """
    if catalog.first_page().fault:
        raise catalog.first_page().not_judged()
    exchange = ask_badly(catalog, bad_query)
    refused(exchange, f"the query {bad_query.name}", lambda: what_it_holds(catalog, exchange))


def what_it_holds(catalog: Catalog, exchange: Exchange) -> str:
    """What an answer that should have been a refusal holds, told by what it equals of the catalogue."""
    listing = catalog.listing(exchange)
    if listing.fault:
        return ""
    if listing.ids == catalog.first_page().ids:
        return " with the first page"
    ids = catalog.bulk().ids
    if listing.count and listing.ids == ids[-listing.count :]:
        return " with the whole catalogue" if listing.count == len(ids) else " with the end of the catalogue"
    if listing.count and ids and listing.ids[0] == ids[-1]:
        return f" with {models(listing.count)} from the end of the catalogue on"
    return f" with {models(listing.count)}"


@rule(Severity.NORMAL)
def test_a_limit_above_the_maximum_does_what_the_contract_says(catalog: Catalog) -> None:
    """A very large limit is refused, clamped with an honest echo, or served whole, as the contract declares.

    Why: a limit clamped in silence turns the bulk read into its first thousand.
    """
    paging = catalog.contract.paging
    if paging.above_maximum == "served":
        _served(catalog)
        return
    for times in (1, 10):
        _above(catalog, catalog.page(0, times * (paging.maximum_limit or 0) + 1))


def _above(catalog: Catalog, over: Page) -> None:
    """An answer to a limit above the maximum must be a refusal, or hold the maximum and say so."""
    paging = catalog.contract.paging
    if paging.above_maximum == "refused":
        refused(over.exchange, f"a limit of {over.limit}")
        return
    echoed = (
        over.counter("limit") if paging.above_maximum == "clamped" and over.envelope.limit else paging.maximum_limit
    )
    message = (
        f"a limit of {over.limit} is echoed as {echoed!r} with {models(over.count)}, expected {paging.maximum_limit}"
    )
    assert echoed == paging.maximum_limit and over.count <= (paging.maximum_limit or 0), over.told(message)


def _served(catalog: Catalog) -> None:
    """The bulk limit must be served: as many rows as the walk meets, or as many as asked for."""
    bulk, walk = settle(
        catalog.bulk_again,
        lambda after: catalog.walk(after=after),
        lambda bulk, walk: bulk.count >= len(walk.unique),
        ids_of,
    )
    message = f"a limit of {bulk.step} is answered with {models(bulk.count)}, the walk meets {len(walk.unique)}"
    assert bulk.count >= len(walk.unique), bulk.told(message)


@rule(Severity.NORMAL)
def test_a_huge_offset_is_past_the_end_or_refused(catalog: Catalog) -> None:
    """An offset too large for any catalogue is answered with no models or refused, never with an error of the server.

    Why: a number too large for the store behind it must not take the route down.
    """
    page = catalog.page(catalog.contract.paging.huge_offset, catalog.page_size)
    status = page.exchange.status
    if page.unavailable or catalog.first_page().fault:
        raise page.not_judged() if page.fault else catalog.first_page().not_judged()
    if status is not None and 400 <= status < 500:
        return
    message = f"offset {page.offset} {page.fault or f'holds {models(page.count)}'}, expected no models or a refusal"
    assert not page.fault and page.count == 0, page.told(message)
