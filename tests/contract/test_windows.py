"""Windows: every window is a slice of the whole. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from catalog_contract.catalog.bodies import changed_bodies
from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.page import Page, some
from catalog_contract.catalog.rereading import changed_beside_others, read_otherwise, unlike_alone
from catalog_contract.model.paging import Window
from catalog_contract.model.verdict import Kind, Severity
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
    before = catalog.reread(reread)
    now = catalog.reader(before)(before.finished)
    fails = now.fault and not before.fault and not now.unavailable
    assert not fails, now.evidence(f"read twice, the page at {now.where} {now.fault}", Kind.UNSTEADY)
    if before.ids == now.ids:
        changed = changed_bodies(catalog, before, now)
        message = f"read twice, {len(changed)} of {catalog.items(now.count)} have another body: {some(changed)}"
        assert len(changed) <= catalog.contract.paging.churn, now.evidence(message, Kind.UNSTEADY)
        return
    for page in (now, before):
        assert catalog.contradicted(page) is None, read_otherwise(before, now)


@rule(Severity.NORMAL, live=True)
def test_pages_read_concurrently_equal_pages_read_alone(catalog: Catalog) -> None:
    """Pages asked for at the same moment say what the same pages say when asked for one by one.

    Why: state shared between requests mixes the answers of clients that read at the same time.

    Cannot see: a mix-up that three requests at once do not provoke.
    """
    for beside, alone in changed_beside_others(catalog):
        raise AssertionError(beside.evidence(unlike_alone(catalog, beside, alone), Kind.UNSTEADY))
