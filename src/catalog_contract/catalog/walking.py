"""Walking: a list read page after page, whatever its style. It ends where the answers say so, and never silently."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from catalog_contract.catalog.pagers import Listed, Pager
from catalog_contract.catalog.pagers.base import says_more
from catalog_contract.model.contract import FLAT, Collection, Contract
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
    SAMPLED = "only a sample was to be read"


COMPLETE = frozenset({Ending.LAST, Ending.EMPTY, Ending.REFUSED, Ending.REPEATED})
"""The endings of a walk that has shown the whole list."""


MAX_EXACT_PAGES = 12
"""How many pages are read at the most to see one that is exactly full and the last."""


class Readable(Listed, Protocol):
    """A page as a walk sees it: `fault` says why it is not a list."""

    @property
    def fault(self) -> str: ...
    @property
    def refused(self) -> bool: ...
    @property
    def ids(self) -> tuple[Id, ...]: ...


P = TypeVar("P", bound=Readable)
Read = Callable[[Request, int, int | None], P]
"""What reads a page: by its request, the number of items before it, and the limit it is asked with."""


@dataclass(frozen=True)
class Walked(Generic[P]):
    """The pages of a walk, and why it ended. `problem` says in a line what was wrong; `back_to` which page it came
    back to, by its place among the pages; `refusal` is the answer past the end that was refused, none of the pages."""

    pages: tuple[P, ...]
    ending: Ending
    problem: str = ""
    back_to: int | None = None
    refusal: P | None = None

    @property
    def complete(self) -> bool:
        """Whether the whole list was shown."""
        return self.ending in COMPLETE

    @property
    def ids(self) -> tuple[Id, ...]:
        """The ids of all pages in order."""
        return tuple(id for page in self.pages for id in page.ids)


def most_items(contract: Contract, collection: Collection, limit: int) -> int:
    """How far a walk goes at most, in items: twice as many as are expected, and twenty pages in any case.

    Where no upper bound is expected, what a run may ask in all is what bounds it.
    """
    expected = collection.highest_total
    return contract.transport.maximum_requests * limit if expected is None else max(2 * expected, 20 * limit)


def exact_divisor(count: int, most: int) -> int | None:
    """The largest page size up to `most` that this many items fill exactly, in pages that are not too many."""
    found = (count // pages for pages in range(1, MAX_EXACT_PAGES + 1) if count % pages == 0)
    return next((size for size in found if 0 < size <= most), None)


def walk_by_next(pager: Pager, read: Read[P], limit: int | None, most: int) -> Walked[P]:
    """Read as the answers lead on: to the last page, or back to one already read, or nowhere."""
    pages: list[P] = []
    asked: dict[str, int] = {}
    seen = _Seen(pager)
    request, row = pager.first(limit), 0
    while len(pages) < most:
        asked[request.key] = len(pages)
        page = read(request, row, limit)
        pages.append(page)
        if page.fault:
            return Walked(tuple(pages), Ending.UNREAD, page.fault) if pager.leads else _ended(pages)
        before = seen.before(page)
        if before is not None:
            return _came_back(pager, pages, before)
        onward = pager.next(page)
        if onward.request is None:
            ending = Ending.ASTRAY if onward.problem else Ending.LAST if page.count else Ending.EMPTY
            return Walked(tuple(pages), ending, onward.problem)
        if onward.request.key in asked:
            return Walked(tuple(pages), Ending.LOOP, onward.problem, asked[onward.request.key])
        asked_row = pager.row_of(onward.request, limit)
        request, row = onward.request, row + page.count if asked_row is None else asked_row
    return Walked(tuple(pages), Ending.CUT, f"after {most:,} pages")


def walk_by_position(
    pager: Pager,
    read: Read[P],
    limit: int,
    *,
    most: int,
    expected: int = 0,
    until_short: bool = False,
    trusting: bool = False,
) -> Walked[P]:
    """Read at every multiple of the limit: to the expected number of items in any case, and on to the end.

    The end is an empty page; with `until_short` a page that is not full, too; with `trusting` also a page that says
    that it is the last, or whose total is reached. It goes no further than `most` items.
    """
    pages: list[P] = []
    seen = _Seen(pager)
    for row in range(0, most, limit):
        request = pager.at(row, limit)
        if request is None or _too_deep(pager, row + limit):
            return Walked(tuple(pages), Ending.CUT, f"no page from row {row:,} on can be asked for")
        page = read(request, row, limit)
        pages.append(page)
        before = None if page.fault else seen.before(page)
        if row < expected and not (until_short and row + limit >= expected and not page.fault and page.count < limit):
            continue
        if page.fault:
            return _ended(pages)
        if before is not None:
            return _came_back(pager, pages, before)
        if not page.count or (until_short and page.count < limit) or (trusting and _says_all(pager, page, row)):
            return Walked(tuple(pages), Ending.LAST if page.count else Ending.EMPTY)
    if pages and pages[-1].fault and not pages[-1].refused:
        return Walked(tuple(pages), Ending.UNREAD, pages[-1].fault)
    return Walked(tuple(pages), Ending.CUT, f"after {most:,} items")


def _says_all(pager: Pager, page: Readable, row: int) -> bool:
    """Whether a page says that nothing follows it, in its own words or by the total."""
    envelope = pager.contract.envelope
    total = envelope.total.read(page.exchange) if envelope.total and envelope.exact_total else None
    reached = isinstance(total, int) and total <= row + page.count
    return reached or (pager.leads and pager.says_last(page)) or says_more(envelope.places, page) is False


def _too_deep(pager: Pager, rows: int) -> bool:
    deepest = pager.contract.paging.deepest
    return deepest is not None and rows > deepest


def _came_back(pager: Pager, pages: list[P], before: int) -> Walked[P]:
    """The end of a walk at a page that was read before; where the last page is repeated, that is the end."""
    if pager.contract.paging.past_the_end == "last":
        return Walked(tuple(pages[: before + 1]), Ending.REPEATED, back_to=before)
    return Walked(tuple(pages), Ending.LOOP, back_to=before)


def _ended(pages: list[P]) -> Walked[P]:
    """The end of a walk at an answer that is not a list. What is refused at the end is not part of it."""
    kept = len(pages)
    while kept > 1 and pages[kept - 1].refused:
        kept -= 1
    if kept == len(pages):
        return Walked(tuple(pages), Ending.UNREAD, pages[-1].fault)
    return Walked(tuple(pages[:kept]), Ending.REFUSED, refusal=pages[kept])


class _Seen:
    """The pages of one walk so far, to know a page again.

    A page of one item may be that of another: a list can hold an item twice. Where the last page is documented to be
    repeated it is known by one item too, and when the list has moved since: a page that shows nothing new is the last
    one again, and so is one behind a page that was not full, if it shows an item that was met before.
    """

    def __init__(self, pager: Pager) -> None:
        paging = pager.contract.paging
        self._least = 1 if paging.past_the_end == "last" else 2
        self._moves = paging.ends_with_last and all(one.merges != FLAT for one in pager.contract.collections)
        self._most = paging.most
        self._first: dict[object, int] = {}
        self._met: set[Id] = set()
        self._short = False
        self._last = 0
        self._count = 0

    def before(self, page: Readable) -> int | None:
        """Which earlier page this one repeats, item by item or as the list has moved since; None where it repeats
        none."""
        known_by = page.exchange.body or page.exchange.stored if None in page.ids else page.ids
        place, self._count = self._count, self._count + 1
        moved = self._moves and self._is_the_last_again(page)
        if page.count < self._least or known_by is None:
            return None
        first = self._first.setdefault(known_by, self._last if moved else place)
        if first == place:
            self._last = place
            return None
        return first

    def _is_the_last_again(self, page: Readable) -> bool:
        ids = {*page.ids} - {None}
        met, behind_a_short_one = ids & self._met, self._short
        self._met |= ids
        self._short = page.count < (self._most(page.limit) or 0)
        return bool(met) and (behind_a_short_one or met == ids)
