"""Observing: what a page that was read is to the diagnosis, with all that was known when it was asked for."""

from collections.abc import Iterator
from typing import Protocol

from catalog_contract.catalog.marks import marking_of
from catalog_contract.catalog.page import Marks, Page, plain
from catalog_contract.catalog.pagers import Pager
from catalog_contract.catalog.reading import PLAIN, Part
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import MISSING, OVER_LIMIT, Request
from catalog_contract.model.observation import Leads, PageSeen, Purpose


class Observer(Protocol):
    """Who has read a page: one collection of a contract."""

    contract: Contract

    @property
    def name(self) -> str: ...
    @property
    def page_size(self) -> int: ...
    def part_of(self, page: Page) -> Part: ...
    def is_of(self, page: Page, size: int) -> bool: ...
    def pager(self, part: Part = PLAIN) -> Pager: ...


def observed(by: Observer, page: Page) -> PageSeen:
    """A page as observed; what its own part of the list was, and what it says of the page after it."""
    exchange, part = page.exchange, by.part_of(page)
    plainly, bulk = part == PLAIN, by.is_of(page, by.contract.paging.bulk_limit)
    reported = {} if page.fault else _reported(page)
    leads, next_key, next_row, lost = _leads(by, page, part)
    return PageSeen(
        collection=by.name,
        target=exchange.request.label,
        row=page.row,
        limit=page.limit,
        status=exchange.status,
        ids=() if page.fault else page.raw_ids,
        total=None if page.envelope.total is None or page.fault else reported.get("total"),
        walk=plainly and by.is_of(page, by.page_size),
        bulk=plainly and bulk,
        reading=exchange.request.reading,
        failure=page.fault,
        plain=plainly,
        purpose=_purpose(by, part),
        name=by.name if part.name is None else part.name,
        chosen=_chosen(by.contract, part),
        key=exchange.request.asked,
        leads=leads,
        next_key=next_key,
        next_row=next_row,
        lost=lost,
        reported=tuple(reported.items()),
        marks=_marks(by.contract, page) if plainly and bulk and not page.fault else (),
        not_asked=exchange.not_asked or ("limit" if page.fault.startswith(OVER_LIMIT) else ""),
    )


def _marks(contract: Contract, page: Page) -> Marks:
    """The marks of a page of the bulk read; found now where it was first asked for as another one."""
    marking = marking_of(contract)
    return page.marks or (page.marks_by(marking) if marking else ())


def _reported(page: Page) -> dict[str, object]:
    """What the response says under each word of the contract; what it leaves out is left out."""
    read = ((word, page.reads(word)) for word, _ in page.envelope.counters)
    return {word: plain(value) for word, value in read if value is not MISSING or word == "total"}


def _leads(by: Observer, page: Page, part: Part) -> tuple[str, str, int | None, tuple[str, ...]]:
    """What the response says of the next page: the kind, its request and row, and the parameters that are gone."""
    pager, places = by.pager(part), by.contract.envelope.places
    if page.fault or not (pager.leads or "has_more" in places or "last" in places) or _garbled(page):
        return Leads.NOTHING, "", None, ()
    onward = pager.next(page)
    if onward.request is None:
        return onward.kind, "", None, ()
    gone = _lost(page.exchange.request, onward.request) if onward.request.exact else ()
    return onward.kind, onward.request.asked, pager.row_of(onward.request, page.limit), gone


def _lost(asked: Request, onward: Request) -> tuple[str, ...]:
    """The parameters of a request that one which it leads to lacks."""
    return tuple(sorted({name for name, _ in asked.query} - {name for name, _ in onward.query}))


def _garbled(page: Page) -> bool:
    """Whether the response says in a way that cannot be understood whether more follows."""
    reported = [page.reads(word) for word in ("has_more", "last") if word in page.envelope.places]
    return any(value is not MISSING and value is not None and not isinstance(value, bool) for value in reported)


def _purpose(by: Observer, part: Part) -> Purpose:
    if part.name not in (None, by.name):
        return Purpose.UNKNOWN if part.name == by.contract.unknown_collection else Purpose.ALIAS
    if part.headers:
        return Purpose.HEADERS
    if part.filter:
        return Purpose.OWNER
    if part.query:
        return Purpose.SORT if any(part.query == sort.query for sort in by.contract.sorts) else Purpose.FILTER
    return Purpose.WHOLE


def _chosen(contract: Contract, part: Part) -> str:
    """Which filter, sort or owner a part is, as its marks name it."""
    if part.filter:
        return part.filter
    known = (label for label, query in _labels(contract) if query == part.query)
    return next(known, "") if part.query else ""


def _labels(contract: Contract) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    yield from ((f"{each.name}={each.value}", each.query) for each in contract.filters)
    yield from ((f"{each.name} {each.order}", each.query) for each in contract.sorts)
