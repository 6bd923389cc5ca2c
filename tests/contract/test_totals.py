"""Totals: how many items there are, by every way of counting. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from catalog_contract.catalog.beside import beside
from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.compare import changes
from catalog_contract.catalog.page import Page, readable, same, some
from catalog_contract.catalog.totals import number, oscillating_total, pages_with_a_total, wrong_total
from catalog_contract.catalog.walk import Walk, ids_of, total_of
from catalog_contract.model.contract import Collection, Snapshot
from catalog_contract.model.exchange import MISSING
from catalog_contract.model.verdict import NotJudged, Severity
from catalog_contract.rules.rule import rule

ACCEPT = "withdrawn on purpose? remove the baseline file, and the next good run writes a new one"


@rule(Severity.BLOCKER, of_items=False)
def test_every_full_read_holds_the_expected_number_of_items(
    catalog: Catalog, counted_by: str, oracle: Collection
) -> None:
    """Bulk read, walk and `total` each give the number of items that the contract expects, within its tolerance.

    Why: a list cut to a tenth is consistent with itself; only a figure from outside shows the loss.

    Cannot see: a loss smaller than the tolerance; the report says how many items that is.
    """
    reading: Page | Walk
    if counted_by == "total":
        reading = catalog.first_page()
        count = reading.counter("total")
        assert number(count), reading.evidence(
            f"total is {'missing' if count is MISSING else repr(count)}, expected a number"
        )
    else:
        reading = catalog.bulk() if counted_by == "bulk" else catalog.walk()
        count = catalog.size_of(reading)
        if catalog.contract.paging.deepest is not None and count < (oracle.lowest_total or 0):
            reading.to_its_end()
    low, high = oracle.lowest_total, oracle.highest_total
    figure = oracle.minimum_total if oracle.expected_total is None else oracle.expected_total
    allowed = f"{low:,} to {high:,}" if high is not None else f"{low:,} or more"
    message = f"{catalog.items(count)} by {counted_by}, expected about {figure:,} ({allowed}; figure of {oracle.as_of})"
    empty = oracle.may_be_empty and not count
    assert empty or ((low is None or count >= low) and (high is None or count <= high)), reading.evidence(message)


@rule(Severity.BLOCKER, of_items=False)
def test_no_item_of_the_baseline_is_missing(any_catalog: Catalog, baseline: Snapshot) -> None:
    """The items of the last good run are still listed, but for the share that may go; small losses do not add up.

    Why: a loss within the tolerance of a dated figure is seen only against the ids of the run before; a few items
    lost from run to run only against the highest total so far.

    Cannot see: a loss within the allowed share, and items that others replace; the notes of the run count both.
    """
    bulk, collection = any_catalog.bulk(), any_catalog.collection
    found, allowed = changes(baseline.ids, bulk.ids), collection.may_lose(len(baseline.ids))
    renamed = f" ({len(found.renamed):,} of them only renamed, it seems)" if found.renamed else ""
    listed = f"{any_catalog.items(len(baseline.ids))} that {any_catalog.name} listed on {baseline.started}"
    gone = f"{len(found.lost):,} of {listed} {'is' if len(found.lost) == 1 else 'are'} gone"
    message = f"{gone}{renamed}, {allowed:,} may be: {some(found.lost)}"
    assert len(found.lost) <= allowed, bulk.evidence(f"{message}\n{ACCEPT}", lost=found.lost)
    (most, day), now = baseline.highest, len(bulk.unique)
    low = collection.lowest_after(most)
    message = (
        f"over several runs, {any_catalog.items(most)} that {any_catalog.name} listed on {day} "
        f"have become {now:,}, expected"
    )
    assert now >= low, bulk.evidence(f"{message} {low:,} or more\n{ACCEPT}")


@rule(Severity.BLOCKER, live=True, of_items=False)
def test_no_item_of_the_other_deployment_is_missing(any_catalog: Catalog, other_catalog: Catalog) -> None:
    """The items that the other deployment lists are listed here too, but for the share that may go.

    Why: a list that lost a part is consistent with itself; a deployment that is known to be good shows the loss without
    any figure in the contract.

    Cannot see: a loss that both deployments share, and one within the allowed share; the notes of the run count it.
    """
    compared = beside(any_catalog, other_catalog)
    missing, where = compared.found.lost, any_catalog.contract.against
    renamed = f" ({len(compared.found.renamed):,} of them only renamed, it seems)" if compared.found.renamed else ""
    listed = f"{any_catalog.items(len(compared.there.unique))} that {any_catalog.name} lists at {where}"
    gone = f"{len(missing):,} of {listed} {'is' if len(missing) == 1 else 'are'} missing here{renamed}"
    there = f"there: {compared.there.pages[0].exchange.curl}"
    assert len(missing) <= compared.allowed, compared.here.evidence(
        f"{gone}, {compared.allowed:,} may be: {some(missing)}\n{there}", lost=missing
    )


@rule(Severity.CRITICAL, needs=("envelope.exact_total",))
def test_total_equals_the_items_walked(catalog: Catalog) -> None:
    """`total` is the number of different items that the walk meets; so is a total in a header beside it.

    Why: clients size their lists and their page counters by it.
    """
    try:
        bulk, walk = catalog.settle(
            catalog.bulk_again,
            lambda after: catalog.walk(after=after),
            lambda bulk, walk: not walk.ended or total_of(bulk.pages[0], walk) == catalog.size_of(walk),
            ids_of,
        )
    except NotJudged:
        refuse_what_no_list_explains(catalog)
        raise
    page = next((page for page in (*bulk.pages, *walk.pages) if not page.leaves_out("total")), None)
    if page is None:
        raise NotJudged("no response says a total", bulk.pages[0].exchange.curl)
    if page not in bulk.pages:
        page, walk = catalog.settle(
            catalog.reader(page),
            lambda after: catalog.walk(after=after),
            lambda page, walk: not walk.ended or total_of(page, walk) == catalog.size_of(walk),
            lambda reading: (ids_of(reading), reading.counter("total") if isinstance(reading, Page) else None),
        )
    total = page.counter("total")
    message = f"total says {total!r}, the walk meets {catalog.size_of(walk)} different {catalog.nouns}"
    assert number(total), page.evidence(f"total is {'missing' if total is MISSING else repr(total)}, expected a number")
    assert total == catalog.size_of(walk) or (not walk.ended and total > catalog.size_of(walk)), page.evidence(message)
    judge_headers(catalog, walk)


def refuse_what_no_list_explains(catalog: Catalog) -> None:
    """Raise AssertionError where the first page says a total that the list, as it moves, cannot have had."""
    page = catalog.first_page()
    if not (page.fault or page.leaves_out("total")) and catalog.lawful(page):
        wrong = wrong_total(catalog, [page])
        assert wrong is None, wrong


def judge_headers(catalog: Catalog, walk: Walk) -> None:
    """A header that counts the whole list says what the walk meets. The list may move from page to page."""
    if not walk.ended:
        return
    for one in walk.pages:
        if counting_header(one)[1] in ("", str(catalog.size_of(walk))):
            continue
        page, whole = catalog.settle(
            catalog.reader(one),
            lambda after: catalog.walk(after=after),
            lambda page, whole: counting_header(page)[1] in ("", str(catalog.size_of(whole))),
            lambda reading: (ids_of(reading), counting_header(reading) if isinstance(reading, Page) else None),
        )
        (name, reported), size = counting_header(page), catalog.size_of(whole)
        message = f"the header {name} says {reported}, the walk meets {size:,} different {catalog.nouns}"
        assert not whole.ended or reported in ("", str(size)), page.evidence(message)


def counting_header(page: Page) -> tuple[str, str]:
    """The name and value of a header that counts the whole list, declared or not; empty where there is none."""
    reported = ((name, page.exchange.header(name)) for name in ("X-Total-Count", "X-Total"))
    return next(((name, value.strip()) for name, value in reported if value), ("", ""))


@rule(Severity.NORMAL, needs=("envelope.exact_total",))
def test_total_is_the_same_on_every_page(catalog: Catalog) -> None:
    """`total` is the same in every page, window and bulk read.

    Why: a total that follows the page tells a client that it has read everything when it has not.
    """
    pages = pages_with_a_total(catalog)
    if len({repr(page.counter("total")) for page in pages}) == 1:
        return
    wrong = oscillating_total(catalog, pages) or wrong_total(catalog, pages)
    assert wrong is None, wrong


@rule(Severity.NORMAL, needs=("envelope.returned",))
def test_returned_counts_the_items(any_catalog: Catalog) -> None:
    """`returned` is the number of items in the answer.

    Why: counters computed before a filter or a cut say more than the client gets.
    """
    for page in readable(any_catalog.planned_pages()):
        returned = page.counter("returned")
        message = f"returned says {returned!r}, the answer holds {any_catalog.items(page.count)}"
        assert number(returned) and returned == page.count, page.evidence(message)


@rule(Severity.NORMAL, needs=("envelope.exact_total",))
def test_total_counts_what_a_complete_response_lists(any_catalog: Catalog) -> None:
    """Every answer that lists everything says that many under `total`: by alias, filtered and read again too.

    Why: it is one answer, so no growth explains it: rows and total were not taken from the same list.

    Cannot see: what pages say; they are compared with each other.
    """
    paging = any_catalog.contract.paging
    pages = (page for page in (*any_catalog.planned_pages(), *any_catalog.timeline()) if any_catalog.reads_all(page))
    for page in readable(dict.fromkeys(pages)):
        most, total = paging.most(page.limit), page.counter("total")
        if page.leaves_out("total") or (not paging.full_pages and any_catalog.pager().next(page).request is not None):
            continue
        if not page.row and (most is None or page.count < most):
            message = f"the answer lists {any_catalog.items(page.count)}, all there are, and says total {total!r}"
            assert same(total, page.count), page.evidence(message)
