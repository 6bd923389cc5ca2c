"""Service: time, caching and encodings. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from collections.abc import Iterable

from catalog_contract.catalog.catalog import UNCOMPRESSED, Catalog
from catalog_contract.catalog.page import Page, readable, some
from catalog_contract.catalog.service import Service
from catalog_contract.catalog.walk import ids_of
from catalog_contract.model.paging import Window
from catalog_contract.model.verdict import Severity
from catalog_contract.rules.rule import rule


@rule(Severity.NORMAL, live=True)
def test_a_page_answers_within_its_time(catalog: Catalog) -> None:
    """A page or window answers within the time of the contract; a slow one is read again before it is blamed.

    Why: a client gives up before the service does.

    Cannot see: how slow it is from elsewhere; an answer that does not come at all is not judged.
    """
    in_time(catalog, [page for page in catalog.planned_pages() if not catalog.reads_all(page)])


@rule(Severity.NORMAL, live=True)
def test_a_window_of_a_counted_collection_is_answered_within_its_time(
    counted_catalog: Catalog, own_window: Window
) -> None:
    """A window of a collection that is only counted answers within the time of the contract.

    Why: a client gives up before the service does.

    Cannot see: collections of which the contract declares no window.
    """
    window = counted_catalog.resolve(own_window)
    in_time(counted_catalog, [counted_catalog.page(window.offset, window.limit)])


def in_time(catalog: Catalog, pages: list[Page]) -> None:
    """Every one of these pages must have come in time; a slow one is read again."""
    most = catalog.contract.times.page_seconds
    for page in [page for page in pages if took(page) > most]:
        again = catalog.reader(page)(page.finished)
        message = f"the page at {page.where} took {took(page):.1f} s, then {took(again):.1f} s, of {most:g} s"
        assert took(again) <= most, again.evidence(message)
    refuse_unanswered(pages)


@rule(Severity.NORMAL, live=True, first=True)
def test_the_bulk_read_answers_within_its_time(any_catalog: Catalog) -> None:
    """The bulk read answers within the time that its clients wait, by alias, filtered and without a limit too.

    Why: a client that waits no longer than this shows nothing. It is the first request of each list: any other one
    would fill the caches for it.

    Cannot see: an answer that does not come at all; that is not judged.
    """
    bulk, most = any_catalog.bulk(), any_catalog.contract.times.bulk_seconds
    seconds = sum(map(took, bulk.pages))
    assert seconds <= most, bulk.evidence(f"the bulk read took {seconds:.1f} s, its clients wait {most:g} s")
    pages = [page for page in any_catalog.planned_pages() if any_catalog.reads_all(page)]
    for page in pages:
        assert took(page) <= most, page.evidence(f"everything took {took(page):.1f} s, its clients wait {most:g} s")
    refuse_unanswered((*bulk.pages, *pages))


def took(page: Page) -> float:
    """How long an answer took, in seconds; 0 where none came or it is not known."""
    return 0.0 if page.exchange.failure is not None else page.exchange.seconds or 0.0


def refuse_unanswered(pages: Iterable[Page]) -> None:
    """Raise NotJudged where a page was not answered at all: how long it takes was not seen."""
    unanswered = next((page for page in pages if page.exchange.failure is not None), None)
    if unanswered:
        raise unanswered.not_judged()


@rule(Severity.NORMAL, needs=("caching.validators",))
def test_a_conditional_request_is_answered_truthfully(catalog: Catalog) -> None:
    """304 is answered only to the validator of the answer as it stands; any other gets the whole answer.

    Why: a cache that ignores If-None-Match, or a validator that does not follow the body, serves last week's list.

    Cannot see: a validator that stays while the body changes, unless the body changes during the run.
    """
    first = catalog.first_page()
    if first.fault:
        raise first.not_judged()
    other = catalog.reread("page")
    own, foreign = first.exchange.header("etag"), other.exchange.header("etag")
    tags = ['"no-such-validator"', *([foreign] if foreign and own and foreign != own else [])]
    for tag in tags:
        page = catalog.page(0, catalog.page_size, headers=(("If-None-Match", tag),))
        message = f"asked with the foreign validator {tag} the page answers {page.exchange.status}, expected 200"
        if page.fault and page.unavailable:
            raise page.not_judged()
        assert not page.fault, page.evidence(message)
        same_rows(catalog, page)
    if own:
        unchanged(catalog, first, own)


def same_rows(catalog: Catalog, conditional: Page) -> None:
    """A whole answer to a conditional request holds what the plain request holds."""
    page, first = catalog.settle(
        catalog.reader(conditional),
        catalog.first_page,
        catalog.says_the_same,
        lambda reading: (reading.ids, repr(reading.own_counters)),
    )
    message = f"asked with a foreign validator the page begins with {some(page.ids[:1])}, plainly {some(first.ids[:1])}"
    assert page.ids == first.ids, page.evidence(message)
    message = f"asked with a foreign validator the page holds the same {catalog.nouns} with other bodies or counters"
    assert catalog.says_the_same(page, first), page.evidence(message)


def unchanged(catalog: Catalog, first: Page, tag: str) -> None:
    """Asked with its own validator a page may answer 304, and then must read as before."""
    page = catalog.page(0, catalog.page_size, headers=(("If-None-Match", tag),))
    if page.exchange.status != 304:
        return
    again = catalog.page(0, catalog.page_size, after=page.finished)
    changed = again.ids != first.ids and again.exchange.header("etag") == tag
    assert not changed, page.evidence(
        f"304 under the validator {tag}, but the page has changed: {some(again.ids[:1])} is first"
    )


@rule(Severity.NORMAL, needs=("caching.validators", "caching.one_per_answer"))
def test_different_responses_have_different_validators(service: Service) -> None:
    """Answers with different items carry different validators.

    Why: a validator that ignores the offset, the collection or the body answers 304 to a list that has changed.

    Cannot see: an API whose validator stands for the whole list; its contract does not promise this.
    """
    known: dict[str, Page] = {}
    for page in readable(page for catalog in service.catalogs for page in catalog.planned_pages()):
        tag = page.exchange.header("etag")
        other = known.setdefault(tag, page) if tag else page
        message = f"this answer and that to {other.exchange.request.label} share the validator {tag}"
        assert page.ids == other.ids, page.evidence(
            f"{message}, and hold different {service.contract.words.several_items}"
        )


@rule(Severity.NORMAL)
def test_compressed_and_plain_responses_hold_the_same_items(catalog: Catalog) -> None:
    """An answer without compression carries the same items as the compressed one.

    Why: a cache that keeps one body for each encoding may keep an old one.
    """
    plain, packed = catalog.settle(
        lambda after: catalog.page(0, catalog.page_size, headers=UNCOMPRESSED, after=after),
        catalog.first_page,
        lambda plain, packed: plain.ids == packed.ids,
        ids_of,
    )
    message = f"without compression the page begins with {some(plain.ids[:1])}, with it {some(packed.ids[:1])}"
    assert plain.ids == packed.ids, plain.evidence(f"{message}; {plain.count} and {packed.count} {catalog.nouns}")
