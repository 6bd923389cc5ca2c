"""Trail: what each response of a list says of the page after it, and where the walks that follow it come to.

A walk is followed by the requests that the responses name, never by their wording: whatever leads on, a link, a token,
a number, names a request, and the request names a page that was read or was not.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from weakref import WeakKeyDictionary

from catalog_contract.diagnosis.known import list_of, moved, tells, together
from catalog_contract.diagnosis.view import POSTED, Ids, View, readable
from catalog_contract.diagnosis.world import World, seen_of, world_by_position
from catalog_contract.model.contract import Collection, Contract
from catalog_contract.model.observation import Leads, PageSeen, Purpose


@dataclass(frozen=True)
class Beyond:
    """Some row after this one, but not this one."""

    row: int


Lead = int | str | Beyond | None
"""Where a response leads: to the row that the next page begins with, or a word of `Leads`; None where nobody knows."""


@dataclass(frozen=True)
class Turn:
    """One page of a walk: the row of the list that it begins with, the page before it, and where it leads."""

    page: PageSeen
    start: int | None
    limit: int | None
    before: "Turn | None"
    lead: Lead

    @property
    def count(self) -> int:
        """How many items it holds."""
        return len(self.page.ids)

    @property
    def lost(self) -> tuple[str, ...]:
        """The parameters that were lost on the way to it."""
        return () if self.before is None else (*self.before.lost, *self.before.page.lost)

    @property
    def end(self) -> int | None:
        """The row after its last item."""
        return None if self.start is None else self.start + self.count

    @property
    def again(self) -> bool:
        """Whether the page before it holds the same items."""
        return self.before is not None and bool(self.count) and self.before.page.ids == self.page.ids

    def holds(self, row: int) -> bool:
        """Whether it holds the item at a row."""
        return self.start is not None and self.start <= row < self.start + self.count


@dataclass(frozen=True)
class Trail:
    """The turns of all walks of one part of a list, and the list itself as far as it is known.

    `complete` tells whether `rows` is the whole list.
    """

    contract: Contract
    rows: Ids
    complete: bool
    turns: tuple[Turn, ...]

    @property
    def size(self) -> int:
        """How many items the list holds, as far as it is known."""
        return len(self.rows)

    def healthy(self, turn: Turn) -> Lead:
        """Where a service without a fault leads from a page; None where more than one thing is right."""
        end, paging, limit = turn.end, self.contract.paging, turn.page.limit
        over = limit is not None and paging.maximum_limit is not None and limit > paging.maximum_limit
        bare = paging.by_position and (over or turn.page.row is None)
        if end is None or turn.lead is None or bare:
            return None
        if end < self.size:
            return end
        if turn.lead == Leads.NOWHERE and turn.count and not self.complete:
            return Beyond(end - 1)  # somewhere, if more follows
        if not self.complete or not turn.count or self.contract.ends_by_an_empty_page:
            return None
        to_nothing = turn.lead != Leads.LAST and not (isinstance(turn.lead, int) and turn.lead < end)
        return None if self.contract.cursor.empty_last_page and to_nothing else Leads.LAST

    @cached_property
    def contradictions(self) -> tuple[Turn, ...]:
        """The pages that lead elsewhere than a service without a fault would."""
        return tuple(turn for turn in self.turns if self.healthy(turn) not in (None, turn.lead))


LeadOf = Callable[[Turn], Lead]


@dataclass(frozen=True)
class Leading:
    """A service that leads wrongly: the name of its fault, what it does in a sentence, where it leads from a page."""

    name: str
    message: str
    leads: LeadOf
    next_step: str
    on_empty: Callable[[Turn], bool] | None = None
    """Whether a page that holds nothing says that more follows; None where it says nothing of those."""


STEP = "Follow what leads on from the page in the evidence by hand, and compare the first item that comes."


def first_readings(pages: Iterable[PageSeen]) -> dict[str, PageSeen]:
    """The first reading of each request, by its key."""
    known: dict[str, PageSeen] = {}
    for page in sorted(pages, key=lambda page: page.reading):
        known.setdefault(page.key, page)
    return known


def walks_of(known: Mapping[str, PageSeen], chosen: Callable[[PageSeen], bool]) -> list[list[PageSeen]]:
    """The walks that begin with a chosen page, from page to page as each leads on.

    A walk ends where nothing follows, what follows was not read, or it comes back to one of its own pages.
    """
    return [
        list(_walk(first, known)) for first in known.values() if chosen(first) and not first.row and readable(first)
    ]


def _walk(first: PageSeen, known: Mapping[str, PageSeen]) -> Iterator[PageSeen]:
    passed: set[str] = set()
    page: PageSeen | None = first
    while page is not None and readable(page) and page.key not in passed:
        yield page
        passed.add(page.key)
        page = known.get(page.next_key)


def trail_of(view: View) -> Trail | None:
    """The trail of a collection's plain walks; None where no list is known, where it moved while it was read, and where
    the pages of a number may be short: they do not tell the row of the next one."""
    pages = [page for page in view.pages if page.plain and page.limit != 0]
    known = first_readings(view.pages)
    walks = walks_of(known, _whole)
    paging = view.contract.paging
    if not walks or moved(pages) or (paging.by_position and not paging.full_pages):
        return None
    rows, complete = known_list(view, walks)
    if view.contract.paging.by_position:
        rows, complete = list_of(view, pages)
        walks += [[page] for page in known.values() if _whole(page) and page.row and readable(page)]
    if not rows:
        return None
    return Trail(view.contract, rows, complete, tuple(turns_of(view.contract, walks, known, rows)))


def world_of(view: View) -> World | None:
    """The world of a collection, whatever its style; None where no list is known, or where it moved while it was read.

    Where only the pages lead on, a page stands where its first item does: what leads there is another matter. It is
    found once for a view.
    """
    if view not in _WORLDS:
        _WORLDS[view] = world_by_position(view) if view.contract.paging.by_position else _world_by_next(view)
    return _WORLDS[view]


_WORLDS: WeakKeyDictionary[View, World | None] = WeakKeyDictionary()


def _world_by_next(view: View) -> World | None:
    trail = trail_of(view)
    if trail is None:
        return None
    seen = [seen_of(view.contract, turn.page, turn.start, turn.lost) for turn in trail.turns if turn.start is not None]
    answered = {page.key for page in view.pages if readable(page)}
    known = first_readings(view.pages)
    failed = (page for key, page in known.items() if _whole(page) and key not in answered)
    rows = ((page, _led_to(page, trail) if page.row else 0) for page in failed if tells(page))
    seen += [seen_of(view.contract, page, row) for page, row in rows if row is not None]
    return World(view.contract, trail.rows, trail.complete, tuple(seen))


def _led_to(page: PageSeen, trail: Trail) -> int | None:
    """The row that a page which failed stands at: where the one that leads there ended. None where that one leads to
    another address, or has lost a parameter: then it is no page of this list that failed."""
    for turn in trail.turns:
        if turn.page.next_key == page.key:
            lost = turn.lost or turn.page.lost
            return turn.end if _path(turn.page) == _path(page) and not lost else None
    return None


def _path(page: PageSeen) -> str:
    return page.target.removeprefix(POSTED).partition("?")[0].partition(" ")[0]


def readings_of(view: View) -> list[list[PageSeen]]:
    """The whole readings of a list, each as its pages: along what leads on, or by position in pages of one size; a last
    page that is repeated past the end is part of none."""
    known = first_readings(view.pages)
    if not view.contract.paging.by_position:
        return walks_of(known, _whole)
    world = world_by_position(view) if view.contract.paging.ends_with_last else None
    by_limit: dict[int | None, list[PageSeen]] = {}
    for page in sorted(filter(_whole, known.values()), key=lambda page: page.row or 0):
        again = world is not None and world.past(page.row or 0)
        if readable(page) and not again and (page.row is not None or page.limit is None):
            by_limit.setdefault(page.limit, []).append(page)
    return [pages for pages in by_limit.values() if not pages[0].row]


def _whole(page: PageSeen) -> bool:
    return page.purpose == Purpose.WHOLE and page.limit != 0


def known_list(view: View, walks: Sequence[Sequence[PageSeen]]) -> tuple[Ids, bool]:
    """The list as all walks together show it, each item at its place, and whether that is the whole of it."""
    readings = [tuple(chain.from_iterable(page.ids for page in walk)) for walk in walks]
    failed = {page.key for page in view.pages if not readable(page) and tells(page)}
    stops = [walk for walk in walks if comes_back(walk) or walk[-1].next_key in failed]
    ended = [walk for walk in walks if walk[-1].leads in (Leads.LAST, "")] or (stops if view.lowest is not None else [])
    ended = ended or _held_at_the_end(view.contract, walks)
    longest = sorted(readings, key=len)[-1]
    at_once = view.contract.paging.at_once
    whole = [ids for ids, walk in zip(readings, walks, strict=True) if not comes_back(walk)]
    itself = len(longest) > len(set(longest)) and (at_once or whole.count(longest) > 1)  # it holds an item twice
    rows = longest if itself else together(readings)
    return rows, bool(ended) and _may_be_all(view.collection, len(rows))


def comes_back(walk: Sequence[PageSeen]) -> bool:
    """Whether a walk comes to a page again that it has met, or to one of the same items as the last."""
    again = bool(walk[-1].ids) and any(page.ids == walk[-1].ids for page in walk[:-1])
    return again or walk[-1].next_key in {page.key for page in walk}


def _held_at_the_end(contract: Contract, walks: Sequence[Sequence[PageSeen]]) -> list[Sequence[PageSeen]]:
    """The walks that come back to a page already read, where that is the end of the list.

    It is where pages of two sizes come back after the same items, and where a short page follows full ones, unless the
    contract documents short pages.
    """
    back = [walk for walk in walks if comes_back(walk)]
    met = {tuple(dict.fromkeys(chain.from_iterable(page.ids for page in walk))) for walk in back}
    apart = len({walk[-1].ids for walk in back}) > 1
    return back if len(met) == 1 and (apart or _ends_short(contract, back[0])) else []


def _ends_short(contract: Contract, walk: Sequence[PageSeen]) -> bool:
    *before, last = dict.fromkeys(page.ids for page in walk)
    most = contract.paging.most(walk[0].limit) if contract.paging.full_pages else None
    return bool(most and before and all(len(ids) == most for ids in before) and len(last) < most)


def _may_be_all(collection: Collection | None, size: int) -> bool:
    low = collection.lowest_total if collection else None
    return low is None or size >= low


def turns_of(
    contract: Contract, walks: Iterable[Sequence[PageSeen]], known: Mapping[str, PageSeen], rows: Ids
) -> Iterator[Turn]:
    """Every page of the walks with its place in the list, and where it leads; each page once."""
    place = {id: at for at, id in reversed([*enumerate(rows)]) if id is not None}
    done: set[str] = set()
    for walk in walks:
        before: Turn | None = None
        starts: dict[str, int | None] = {}
        for page in walk:
            numbered = contract.paging.by_position and not page.ids and page.row is not None
            starts[page.key] = page.row if numbered else _start(page, before, place, rows)
            lead = _lead(page, known.get(page.next_key), starts, place)
            limit = contract.paging.most(page.limit)
            before = Turn(page, starts[page.key], limit, before, lead)
            if page.key not in done:
                done.add(page.key)
                yield before


def _start(page: PageSeen, before: Turn | None, place: Mapping[str, int], rows: Ids) -> int | None:
    """The row that a page begins with: that of its first item; of an empty page, where the one before ended."""
    expected = (page.row or 0) if before is None else before.end
    if not page.ids or (expected is not None and rows[expected : expected + 1] == page.ids[:1]):
        return expected
    return None if page.ids[0] is None else place.get(page.ids[0])


def _lead(page: PageSeen, after: PageSeen | None, starts: Mapping[str, int | None], place: Mapping[str, int]) -> Lead:
    if page.leads != Leads.NEXT:
        return page.leads or None
    if page.next_row is not None:
        return page.next_row
    if page.next_key in starts:
        return starts[page.next_key]
    if after is not None and after.ids:
        return None if after.ids[0] is None else place.get(after.ids[0])
    start = starts[page.key]
    return None if start is None or after is None or not tells(after) else start + len(page.ids)
