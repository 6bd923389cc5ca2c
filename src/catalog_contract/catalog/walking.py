"""Walking: a list read page after page, whatever its style. It ends where the answers say so, and never silently."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from catalog_contract.catalog.pagers import Listed, Pager
from catalog_contract.model.contract import Collection, Contract
from catalog_contract.model.exchange import Request
from catalog_contract.model.place import Id


class Ending(StrEnum):
    """Why a walk ended."""

    LAST = "an answer says that it is the last"
    EMPTY = "a page is empty"
    REFUSED = "a page past the end is refused"
    REPEATED = "the last page is repeated past the end"
    LOOP = "it came back to a page already read"
    ASTRAY = "it cannot be followed"
    UNREAD = "a page could not be read"
    CUT = "it was cut short here"


COMPLETE = frozenset({Ending.LAST, Ending.EMPTY, Ending.REFUSED, Ending.REPEATED})
"""The endings of a walk that has shown the whole list."""


class Readable(Listed, Protocol):
    """A page as a walk sees it: `fault` says why it is no list."""

    @property
    def fault(self) -> str: ...
    @property
    def ids(self) -> tuple[Id, ...]: ...


P = TypeVar("P", bound=Readable)
Read = Callable[[Request, int, int | None], P]
"""What reads a page: by its request, the number of items before it, and the limit it is asked with."""


@dataclass(frozen=True)
class Walked(Generic[P]):
    """The pages of a walk, and why it ended. `problem` says in a line what was wrong; `back_to` which page it came
    back to, by its place among the pages."""

    pages: tuple[P, ...]
    ending: Ending
    problem: str = ""
    back_to: int | None = None

    @property
    def complete(self) -> bool:
        """Whether the whole list was shown."""
        return self.ending in COMPLETE

    @property
    def ids(self) -> tuple[Id, ...]:
        """The ids of all pages in order."""
        return tuple(id for page in self.pages for id in page.ids)


def most_pages(contract: Contract, collection: Collection, limit: int) -> int:
    """How many pages a walk may take at most: twice as many as are expected, or what a run may ask in all.

    Where short pages are documented, ten times as many.
    """
    expected = collection.highest_total or collection.minimum_total
    if expected is None:
        return contract.transport.maximum_requests
    return (2 * -(-expected // limit) + 20) * (1 if contract.paging.full_pages else 10)


def walk_by_next(pager: Pager, read: Read[P], limit: int | None, most: int) -> Walked[P]:
    """Read as the answers lead on: to the last page, or back to one already read, or nowhere."""
    pages: list[P] = []
    asked: dict[str, int] = {}
    seen = _Seen()
    request, row = pager.first(limit), 0
    while len(pages) < most:
        asked[request.key] = len(pages)
        page = read(request, row, limit)
        pages.append(page)
        if page.fault:
            return Walked(tuple(pages), *_unread(pager, page, row))
        before = seen.before(page)
        if before is not None:
            ending = Ending.REPEATED if pager.contract.paging.past_the_end == "last" else Ending.LOOP
            return Walked(tuple(pages), ending, back_to=before)
        onward = pager.next(page)
        if onward.request is None:
            ending = Ending.ASTRAY if onward.problem else Ending.LAST if page.count else Ending.EMPTY
            return Walked(tuple(pages), ending, onward.problem)
        if onward.request.key in asked:
            return Walked(tuple(pages), Ending.LOOP, onward.problem, asked[onward.request.key])
        request, row = onward.request, row + page.count
    return Walked(tuple(pages), Ending.CUT, f"after {most:,} pages")


def walk_by_position(pager: Pager, read: Read[P], limit: int, most: int, expected: int = 0) -> Walked[P]:
    """Read at every multiple of the limit: to the expected number of items in any case, and on to the end."""
    pages: list[P] = []
    seen = _Seen()
    for row in range(0, most * limit, limit):
        request = pager.at(row, limit)
        if request is None:
            return Walked(tuple(pages), Ending.CUT, f"row {row:,} cannot be asked for directly")
        page = read(request, row, limit)
        pages.append(page)
        before = None if page.fault else seen.before(page)
        if row < expected:
            continue
        if page.fault:
            return Walked(tuple(pages), *_unread(pager, page, row))
        if before is not None and pager.contract.paging.past_the_end == "last":
            return Walked(tuple(pages), Ending.REPEATED, back_to=before)
        if not page.count:
            return Walked(tuple(pages), Ending.EMPTY)
        if pager.says_last(page):
            return Walked(tuple(pages), Ending.LAST)
    return Walked(tuple(pages), Ending.CUT, f"after {most:,} pages")


def _unread(pager: Pager, page: Readable, row: int) -> tuple[Ending, str]:
    """How a walk ends at a page that is no list: past the end it may be refused."""
    status = page.exchange.status or 0
    if row and 400 <= status < 500 and pager.contract.paging.past_the_end == "refused":
        return Ending.REFUSED, ""
    return Ending.UNREAD, page.fault


class _Seen:
    """The pages of one walk so far, to know a page again.

    A page of one item may be that of another: a list can hold an item twice.
    """

    def __init__(self) -> None:
        self._first: dict[object, int] = {}
        self._count = 0

    def before(self, page: Readable) -> int | None:
        """Which earlier page this one repeats, item by item; None where it repeats none."""
        known_by = page.exchange.body if None in page.ids else page.ids
        place, self._count = self._count, self._count + 1
        if page.count < 2 or known_by is None:
            return None
        first = self._first.setdefault(known_by, place)
        return None if first == place else first
