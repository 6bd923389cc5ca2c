"""Windows: every window is a slice of the whole. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from concurrent.futures import ThreadPoolExecutor

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.items import differs
from catalog_contract.catalog.laws import READINGS, first_difference, lost
from catalog_contract.catalog.page import Page, some
from catalog_contract.model.paging import Window
from catalog_contract.model.verdict import Kind, NotJudged, Severity
from catalog_contract.rules.rule import rule


def judge_against_bulk(catalog: Catalog, pages: tuple[Page, ...]) -> None:
    """Every page of a walk must be its slice of the bulk read, as far as the two were read."""
    bulk = catalog.bulk()
    for page in pages:
        end = (page.row or 0) + max(page.count, page.limit or 0)
        if bulk.ended or end <= bulk.count:
            wrong = catalog.wrong(page)
            assert wrong is None, wrong.evidence


@rule(Severity.BLOCKER)
def test_every_window_is_its_slice_of_the_bulk_read(catalog: Catalog, window: Window) -> None:
    """Every window holds the items of the bulk read from its position on, up to its limit, in that order.

    Why: this one law covers ignored, clamped, shifted and swapped rows at any alignment, over the end too.

    Cannot see: a window that the contract does not declare; a fault that the bulk read shares.
    """
    window = catalog.resolve(window)
    page = catalog.page(window.offset or 0, window.limit)
    if catalog.is_refused_rightly(page):
        return
    wrong = catalog.wrong(page)
    assert wrong is None, wrong.evidence


@rule(Severity.BLOCKER, compares=True)
def test_the_walk_equals_the_bulk_read(catalog: Catalog) -> None:
    """The walk in pages and the bulk read list the same items in the same order.

    Why: half of the clients page, half read all at once; both must see one list.
    """
    judge_against_bulk(catalog, catalog.walk().pages)


@rule(Severity.CRITICAL, needs=("paging.other_page_size", "parameters.limit"), compares=True)
def test_another_page_size_returns_the_same_items_in_the_same_order(catalog: Catalog) -> None:
    """A walk in another page size, one that shares no boundary with the first, reads the same list.

    Why: a row lost at a boundary of one page size is there in another.
    """
    judge_against_bulk(catalog, catalog.walk(catalog.contract.paging.other_page_size).pages)


@rule(Severity.CRITICAL)
def test_reading_a_page_twice_gives_the_same_page(catalog: Catalog, reread: str) -> None:
    """The same request, asked twice in a run, is answered with the same items in the same order.

    Why: where the order is not stable, or replicas disagree, no walk can be complete.

    Cannot see: a change that growth of the list explains.
    """
    if reread == "bulk":
        catalog.refuse_to_go_round()
    before, volatile = catalog.reread(reread), catalog.contract.item.volatile
    now = catalog.reader(before)(before.finished)
    if now.fault and not before.fault and not now.unavailable:
        assert not now.fault, now.told(f"read twice, the page at {now.where} {now.fault}", Kind.UNSTEADY)
    if before.ids == now.ids:
        changed = [
            id for id, one, other in zip(now.ids, before.items, now.items, strict=True) if differs(one, other, volatile)
        ]
        message = f"read twice, {len(changed)} of {catalog.items(now.count)} have another body: {some(changed)}"
        assert len(changed) <= catalog.contract.paging.churn, now.told(message, Kind.UNSTEADY)
        return
    at = first_difference(before.ids, now.ids)
    here, there = (some(ids[at : at + 1]) or "nothing" for ids in (now.ids, before.ids))
    gone, new = lost(before.ids, now.ids), lost(now.ids, before.ids)
    message = (
        f"read twice, the answer differs: index {at} was {there} and is now {here}; {len(gone)} gone, {len(new)} new"
    )
    for page in (now, before):
        assert catalog.contradicted(page) is None, now.told(message, Kind.UNSTEADY, lost=gone, unexpected=new)


@rule(Severity.NORMAL, live=True)
def test_pages_read_concurrently_equal_pages_read_alone(catalog: Catalog) -> None:
    """Pages asked for at the same moment say what the same pages say when asked for one by one.

    Why: state shared between requests mixes the answers of clients that read at the same time.

    Cannot see: a mix-up that three requests at once do not provoke.
    """
    # Not the first two, which other rules read again: all three are to be asked at once.
    pages = catalog.side_by_side()
    for _ in range(READINGS):
        alone, after = pages, max(page.finished for page in pages)
        with ThreadPoolExecutor(len(pages)) as pool:
            together = list(pool.map(lambda read: read(after), map(catalog.reader, pages)))  # noqa: B023
        different = [n for n, page in enumerate(together) if unlike_alone(catalog, page, alone[n])]
        if not different:
            return
        after = max(page.finished for page in together)
        pages = [catalog.reader(page)(after) for page in pages]
        for n in different:
            stood_still = catalog.says_the_same(pages[n], alone[n])
            assert not stood_still, together[n].told(unlike_alone(catalog, together[n], alone[n]), Kind.UNSTEADY)
    raise NotJudged(f"{catalog.name} moved through {READINGS} readings", pages[0].exchange.curl)


def unlike_alone(catalog: Catalog, beside: Page, alone: Page) -> str:
    """In what a page read beside others differs from the same read alone; empty where in nothing.

    Raises NotJudged where one of the two was not available.
    """
    where = f"read beside others, the page at {beside.where}"
    if beside.fault and not beside.unavailable and not alone.fault:
        return f"{where} {beside.fault}; alone it is answered"
    if catalog.says_the_same(beside, alone):
        return ""
    if beside.ids != alone.ids:
        begins, expected = some(beside.ids[:1]), some(alone.ids[:1])
        return f"{where} holds other {catalog.nouns}; it begins with {begins}, alone with {expected}"
    counters, expected = beside.told_counters, alone.told_counters
    wrong = {name: counters[name] for name in counters if counters[name] != expected[name]}
    return (
        f"{where} says {wrong} of itself, alone not"
        if wrong
        else f"{where} holds the same {catalog.nouns} with other bodies"
    )
