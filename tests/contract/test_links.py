"""Links: what leads on from page to page. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from dataclasses import dataclass
from itertools import pairwise

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.ids import first_difference
from catalog_contract.catalog.page import Page, readable, same, some
from catalog_contract.catalog.parting import parting_evidence
from catalog_contract.catalog.reading import PLAIN
from catalog_contract.catalog.refusal import refused, treated_as_bad
from catalog_contract.catalog.rereading import was_the_end
from catalog_contract.catalog.settle import READINGS
from catalog_contract.catalog.totals import number
from catalog_contract.catalog.walk import Walk, ids_of
from catalog_contract.catalog.walking import Ending
from catalog_contract.model.exchange import MISSING
from catalog_contract.model.verdict import Evidence, NotJudged, Severity
from catalog_contract.rules.rule import rule


@rule(Severity.CRITICAL, needs=("leads",))
def test_following_next_never_returns_to_a_page(catalog: Catalog) -> None:
    """Who follows what a page says comes next never comes back to a page already read.

    Why: a token that is ignored, or a link to the page itself, holds a client for ever.
    """
    walk = catalog.walk_along(catalog.page_size)
    back = walk.pages[walk.back_to or 0]
    message = f"after {len(walk.pages)} page{'s' * (len(walk.pages) > 1)}, next leads back to the page at {back.where}"
    assert walk.ending is not Ending.LOOP, walk.pages[-1].evidence(f"{message}: it begins with {some(back.ids[:1])}")


@rule(Severity.CRITICAL, needs=("leads",))
def test_next_leads_to_a_page_of_this_list(catalog: Catalog) -> None:
    """Whatever leads on leads to another page of this list: same scheme, host and port, and it is answered.

    Why: a link to another host sends the reader, and the key, to whoever is there.
    """
    walk = catalog.walk_along(catalog.page_size)
    last = walk.pages[-1]
    if walk.ending is Ending.UNREAD and len(walk.pages) > 1 and not last.unavailable:
        assert not last.fault, last.evidence(f"next leads to a page that {last.fault}")
    assert walk.ending is not Ending.ASTRAY, last.evidence(f"after the page at {last.where}, {walk.problem}")
    list(readable(walk.pages))


@rule(Severity.BLOCKER, needs=("leads",), compares=True)
def test_the_walk_by_next_ends_at_the_end(catalog: Catalog) -> None:
    """Who follows next to its end, in whatever page size, has met every item of the list in its order.

    Why: a client that follows links sees no more than they lead to.

    Cannot see: where there is nothing but links, items that neither page size nor total nor oracle shows.
    """
    for size in catalog.leading_sizes():
        walk, bulk = catalog.settle(
            lambda after, size=size: catalog.walk_along(size, after),
            catalog.bulk_again,
            lambda walk, bulk: walk.ids == bulk.ids,
            ids_of,
        )
        short, long = sorted((walk.to_its_end(), bulk.to_its_end()), key=lambda reading: reading.count)
        message = f"by next {catalog.items(short.count)} are met in pages of {short.step}, {long.count:,} in pages of"
        assert short.ids == long.ids, parting_evidence(f"{message} {long.step}", short, long)


@rule(Severity.CRITICAL, needs=("leads",))
def test_next_is_there_exactly_while_more_follows(catalog: Catalog) -> None:
    """A page says what comes next exactly while items follow it.

    Why: a client that ends where next is missing stops early; one that finds next on the last page asks once more.
    """
    for page in readable(catalog.leading_pages()):
        whole = catalog.whole_of(page)(0.0)
        follow, leads = catalog.end_of(page, whole) < whole.count, leads_on(catalog, page)
        if leads != follow:
            page, whole = catalog.settle(
                catalog.reader(page),
                catalog.whole_of(page),
                lambda page, whole: (
                    leads_on(catalog, page) == (catalog.end_of(page, whole) < whole.count)
                    or may_lead_to_an_empty_page(catalog, page, whole)
                ),
                lambda reading: (reading.ids, leads_on(catalog, reading) if isinstance(reading, Page) else None),
            )
            follow, leads = catalog.end_of(page, whole) < whole.count, leads_on(catalog, page)
        if not follow and leads:
            if may_lead_to_an_empty_page(catalog, page, whole):
                continue
            whole.to_its_end()
        where = f"the page at {page.window}, with {catalog.items(page.count)} of {whole.count:,}"
        message = f"{where}, {'leads on' if leads else 'does not lead on'}; {'more' if follow else 'nothing'} follows"
        assert leads == follow, page.evidence(message)


def may_lead_to_an_empty_page(catalog: Catalog, page: Page, whole: Walk) -> bool:
    """Whether a page that holds items may lead on although none follow: it need not say that it is the last.

    What it leads to must be empty then, and not a page of items that a client has met.
    """
    declared = (
        catalog.contract.cursor.empty_last_page or catalog.contract.ends_by_an_empty_page or page.leaves_out("has_more")
    )
    after = catalog.led_to(page)
    met = {*whole.ids[: catalog.end_of(page, whole)]}
    back = after is not None and not after.fault and not met.isdisjoint(after.ids)
    return bool(page.count) and declared and leads_on(catalog, page) and not back


def leads_on(catalog: Catalog, page: Page) -> bool:
    """Whether an answer says what comes next."""
    return catalog.pager().next(page).request is not None


@rule(Severity.CRITICAL, needs=("leads", "parameters.limit", "paging.full_pages"))
def test_next_keeps_the_limit(catalog: Catalog) -> None:
    """The page that next leads to holds as many items as were asked for on the page before it.

    Why: a link that loses the limit goes on in pages of another size, and a client that counts pages goes astray.
    """
    for size in (catalog.page_size, catalog.contract.paging.other_page_size):
        pages = [page for page in readable(catalog.walk_along(size).pages) if page.count]
        for index, page in enumerate(pages[1:-1], 1):
            message = f"the page at {page.where}, reached by next, holds {catalog.items(page.count)}, expected {size}"
            assert page.count == size or was_the_end(catalog, pages, index), page.evidence(message)
        last = pages[-1] if pages else None
        if last is not None:
            message = f"the page at {last.where}, reached by next, holds {catalog.items(last.count)}, more than {size}"
            assert last.count <= size, last.evidence(message)


@rule(Severity.CRITICAL, needs=("leads", "filterable"))
def test_next_keeps_the_query(catalog: Catalog) -> None:
    """The pages that next leads to hold only what the filter of the first page selects.

    Why: a link that loses the filter goes on with everything else.

    Cannot see: filters that select less than a page.
    """
    for chosen, part in catalog.selections():
        for page in readable(catalog.filtered_along(chosen, part)):
            strange = [id for id, item in zip(page.ids, page.items, strict=True) if not chosen.may_select(item)]
            message = (
                f"filtered by {chosen.name}, next leads to a page at {page.where} with "
                f"{catalog.items(len(strange))} that"
            )
            assert not strange, page.evidence(f"{message} it does not select: {some(strange)}", unexpected=strange)


@rule(Severity.CRITICAL, needs=("both_ways",))
def test_next_and_position_read_the_same_items(catalog: Catalog) -> None:
    """Following next and asking by position read the same items in the same order.

    Why: two clients of one API must not see two lists.
    """
    along, walk = catalog.settle(
        lambda after: catalog.walk_along(catalog.page_size, after),
        lambda after: catalog.walk(after=after),
        lambda along, walk: along.ids == walk.ids,
        ids_of,
    )
    at = first_difference(along.ids, walk.ids)
    here, there = (some(ids[at : at + 1]) or "nothing" for ids in (along.ids, walk.ids))
    message = (
        f"by next {catalog.items(along.count)} are met, by position {walk.count:,}; index {at} is {here}, not {there}"
    )
    assert along.ids == walk.ids, along.evidence(message)


@rule(Severity.CRITICAL)
def test_no_page_repeats_another(catalog: Catalog) -> None:
    """No page of the walk holds what an earlier page holds.

    Why: where the position has no effect every page is the same; a page that comes twice hides the one it replaces.
    """
    seen: dict[tuple[str | None, ...], Page] = {}
    for page in readable(catalog.walk().pages):
        if not page.count or None in page.ids:
            continue
        earlier = seen.setdefault(page.ids, page)
        if earlier is not page and not catalog.contract.paging.full_pages:
            # What a few items fill may have moved on to the next page in between.
            now = [catalog.reader(each)(catalog.walk().finished) for each in (earlier, page)]
            if now[0].ids != now[1].ids:
                continue
        message = f"the page at {page.where} holds the same {catalog.items(page.count)} as that at {earlier.where}"
        assert earlier is page, page.evidence(message, repeated=page.ids)


@rule(Severity.NORMAL, needs=("envelope.previous", "leads"))
def test_previous_leads_back_to_the_page_before(catalog: Catalog) -> None:
    """Previous leads from a page back to the one before it; the first page has none.

    Why: a reader who goes back must see what was there.
    """
    walk = catalog.walk_along(catalog.page_size)
    wrong = wrong_previous(catalog, walk, 0.0)
    for _ in range(READINGS):
        wrong = wrong and wrong_previous(catalog, walk, walk.finished)
        if wrong is None:
            return
        again = catalog.walk_along(catalog.page_size, wrong.finished)
        assert again.ids != walk.ids, wrong.evidence
        walk, wrong = again, wrong_previous(catalog, again, again.finished)
    raise NotJudged(f"{catalog.name} moved through {READINGS} readings", walk.pages[0].exchange.curl)


def leads_back(catalog: Catalog, found: Page, before: Page, earlier: list[Page]) -> bool:
    """Whether what previous leads to is the page before; where pages may be short, items of those before."""
    if catalog.contract.paging.full_pages:
        return found.ids == before.ids
    return bool(found.count) and {*found.ids} <= {id for page in earlier for id in page.ids}


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a page, and when that was known."""

    evidence: Evidence
    finished: float


def wrong_previous(catalog: Catalog, walk: Walk, after: float) -> Wrong | None:
    """What is wrong with how the first three pages of a walk and its last lead back; asked after a point in time."""
    pages = [page for page in readable(walk.pages) if page.count]
    pager = catalog.pager()
    if pages and pager.previous(pages[0]).request is not None:
        return Wrong(pages[0].evidence("the first page says that another one is before it"), pages[0].finished)
    pairs = list(pairwise(pages))
    for before, page in dict.fromkeys((*pairs[:2], *pairs[-1:])):
        back = pager.previous(page)
        if back.request is None:
            return Wrong(page.evidence(f"the page at {page.where} has no previous; {back.problem}"), page.finished)
        again = catalog.listing(catalog.ask(back.request, after))
        if again.unavailable:
            raise again.not_judged()
        if again.fault or not leads_back(catalog, again, before, pages[: pages.index(page)]):
            found = again.fault or f"{catalog.items(again.count)} from {some(again.ids[:1])} on"
            message = f"previous of the page at {page.where} leads to {found}, expected {some(before.ids[:1])}"
            return Wrong(again.evidence(message), again.finished)
    return None


@rule(Severity.NORMAL, needs=("parameters.cursor", "cursor.bad"), of_items=False)
def test_a_garbled_cursor_is_refused(catalog: Catalog) -> None:
    """A cursor that was never given is refused with a 4xx, or ignored, as the contract declares.

    Why: a client whose cursor was cut on the way must not begin again and call it the next page.
    """
    first = catalog.first_page()
    if first.fault:
        raise first.not_judged()
    pager, cursor = catalog.pager(), catalog.contract.parameters.cursor or ""
    request = pager.asking.replaced(pager.first(catalog.page_size), ((cursor, "no-such-cursor"),))
    treated_as_bad(catalog, request, "a cursor that was never given", PLAIN, first)


@rule(Severity.NORMAL, needs=("cursor.page_zero", "parameters.page"))
def test_the_page_before_the_first_is_as_declared(catalog: Catalog) -> None:
    """The page before the first one is refused with a 4xx, or is the first page, as the contract declares.

    Why: a client that counts from another number than the service reads one page twice.
    """
    first, paging = catalog.first_page(), catalog.contract.paging
    if first.fault:
        raise first.not_judged()
    exchange = catalog.badly(((catalog.contract.parameters.page or "", str(paging.starts_at - 1)),))
    what = f"page {paging.starts_at - 1}, before the first one,"
    if catalog.contract.cursor.page_zero == "refused":
        refused(exchange, what, with_reason=False)
        return
    page = catalog.listing(exchange)
    if page.unavailable:
        raise page.not_judged()
    assert not page.fault, page.evidence(f"{what} {page.fault}")
    for _ in range(READINGS):
        now = catalog.first_page(page.finished) if page.ids != first.ids else first
        if page.ids in (first.ids, now.ids):
            return
        assert first.ids != now.ids, page.evidence(f"{what} is not the first page")
        first, page = now, catalog.listing(catalog.ask(exchange.request, now.finished))
    raise NotJudged(f"{catalog.name} moved through {READINGS} readings", page.exchange.curl)


@rule(Severity.NORMAL, needs=("envelope.pages",))
def test_pages_is_the_total_divided_by_the_limit(catalog: Catalog) -> None:
    """`pages` is the number of pages that the list has at the limit of the page, rounded up.

    Why: a client that goes up to the last number leaves out the rest of a division.
    """
    most = catalog.contract.paging.most
    for page in readable(catalog.planned_pages()):
        if page.leaves_out("pages") or not (size := most(page.limit)):
            continue
        try:
            page, whole = catalog.settle(
                catalog.reader(page),
                catalog.whole_of(page),
                lambda page, whole, size=size: same(page.counter("pages"), -(-whole.count // size)) or not whole.count,
                lambda reading: (reading.ids, reading.counter("pages") if isinstance(reading, Page) else None),
            )
        except NotJudged:
            refuse_what_one_response_contradicts(page, size)
            raise
        expected = -(-whole.to_its_end().count // size)
        message = f"pages is {page.counter('pages')!r} at {page.window}; {catalog.items(whole.count)} fill {expected}"
        assert same(page.counter("pages"), expected) or not whole.count, page.evidence(message)


def refuse_what_one_response_contradicts(page: Page, size: int) -> None:
    """Raise AssertionError where `pages` is not what the total of the same response makes: no list that moves explains
    that."""
    total = page.counter("total") if page.envelope.exact_total else None
    if number(total) and total > 0:
        message = (
            f"pages is {page.counter('pages')!r} at {page.window}, and total {total:,}: they fill {-(-total // size)}"
        )
        assert same(page.counter("pages"), -(-total // size)), page.evidence(message)


@rule(Severity.NORMAL, needs=("envelope.page", "paging.by_position"))
def test_the_page_number_is_echoed(catalog: Catalog) -> None:
    """Every page echoes the number by which it was asked for.

    Why: a client that counts on from the echo goes round in circles when the echo is wrong.
    """
    for page in readable(catalog.planned_pages()):
        asked = catalog.page_number(page)
        if asked is None or page.leaves_out("page"):
            continue
        reported = page.counter("page")
        assert same(reported, asked), page.evidence(f"the page at {page.window} says that it is page {reported!r}")


@rule(Severity.CRITICAL, needs=("envelope.last",))
def test_last_is_true_exactly_on_the_last_page(catalog: Catalog) -> None:
    """`last` is true exactly where no items follow the page.

    Why: a client that trusts it stops early, or never.
    """
    for page in readable(catalog.planned_pages()):
        if page.leaves_out("last"):
            continue
        page, whole = catalog.settle(
            catalog.reader(page),
            catalog.whole_of(page),
            lambda page, whole: same(page.counter("last"), is_last(page, whole)),
            lambda reading: (reading.ids, reading.counter("last") if isinstance(reading, Page) else None),
        )
        reported, expected = page.counter("last"), is_last(page, whole)
        if expected and reported is False:
            if catalog.may_lead_to_nothing(page):
                continue
            whole.to_its_end()
        shown = "left out" if reported is MISSING else repr(reported)[:80]
        message = f"last is {shown} at {page.window}, of {catalog.items(whole.count)}; expected {expected}"
        assert same(reported, expected), page.evidence(message)


def is_last(page: Page, whole: Walk) -> bool:
    """Whether nothing follows a page of a list."""
    return (page.row or 0) + page.count >= whole.count


@rule(Severity.NORMAL, needs=("envelope.first",))
def test_first_is_true_exactly_on_the_first_page(catalog: Catalog) -> None:
    """`first` is true exactly on a page that no items lie before.

    Why: a reader who goes back stops where it says so.
    """
    for page in readable(catalog.planned_pages()):
        if page.leaves_out("first"):
            continue
        reported, expected = page.counter("first"), not page.row
        assert same(reported, expected), page.evidence(f"first is {reported!r} at {page.window}, expected {expected}")


@rule(Severity.CRITICAL, needs=("leads", "cursor.no_empty_pages"))
def test_no_page_before_the_last_is_empty(catalog: Catalog) -> None:
    """No page before the last one is empty, unless the contract says that there may be such.

    Why: a client that ends at an empty page never sees what follows.
    """
    pages = list(readable(catalog.walk_along(catalog.page_size).pages))
    last = max((at for at, page in enumerate(pages) if page.count), default=0)
    for page in pages[:last]:
        assert page.count, page.evidence(f"the page at {page.where} is empty, and more pages follow")
