"""View: the pages that a run saw of one collection, arranged for the questions a diagnosis asks."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from catalog_contract.catalog.strip import reread_pages
from catalog_contract.model.contract import Collection, Contract
from catalog_contract.model.observation import Leads, PageSeen, Purpose
from catalog_contract.model.verdict import Judgement, Verdict

Ids = tuple[str | None, ...]
EVIDENCE_LENGTH = 290
HUGE = 1 << 31
"""From here on an offset is asked for to see how large numbers are taken."""
ID_LENGTH = 60


@dataclass(frozen=True, eq=False)
class View:
    """What was seen of one collection, and what was judged of it."""

    contract: Contract
    name: str
    pages: tuple[PageSeen, ...]
    judgements: tuple[Judgement, ...]
    listed: Ids | None = None
    """The list, where it is known from a cause that predicts all responses; None where it is as it was read."""

    @cached_property
    def collection(self) -> Collection | None:
        """What the contract knows of this collection; None for one it does not name."""
        return next((c for c in self.contract.collections if c.name == self.name), None)

    @cached_property
    def bad(self) -> tuple[Judgement, ...]:
        """What was judged of promises that are not kept, or of which nobody knows whether they are."""
        return tuple(judgement for judgement in self.judgements if judgement.verdict is not Verdict.HOLDS)

    @cached_property
    def broken(self) -> tuple[Judgement, ...]:
        """What was judged of its broken promises."""
        return tuple(judgement for judgement in self.bad if judgement.verdict is Verdict.BROKEN)

    @property
    def suspect(self) -> bool:
        """Whether a promise of it is not kept, or none was judged; where all are kept there is nothing to explain."""
        return bool(self.bad) or not self.judgements

    @property
    def by_offset_alone(self) -> bool:
        """Whether any row can be asked for, and no response leads on by a link or a cursor."""
        return self.contract.paging.random_access and self.contract.envelope.next is None

    @cached_property
    def lowest(self) -> int | None:
        """The smallest total within tolerance; None without an oracle."""
        return self.collection.lowest_total if self.collection else None

    @cached_property
    def step(self) -> int:
        """The page size of the walk."""
        return self.contract.paging.page_size

    @cached_property
    def asked(self) -> tuple[PageSeen, ...]:
        """Pages asked in the canonical way: this collection, no filter, a good offset and limit; by offset."""
        return tuple(sorted(filter(self._plain, self.pages), key=_place))

    def _plain(self, page: PageSeen) -> bool:
        most = self.contract.paging.maximum_limit
        good = (page.row is None or page.row >= 0) and (page.limit is None or 0 < page.limit <= (most or page.limit))
        # 304 answers a conditional request: it says nothing of rows.
        return page.status != 304 and good and page.purpose in (Purpose.WHOLE, Purpose.HEADERS)

    @cached_property
    def good(self) -> tuple[PageSeen, ...]:
        """The canonical pages that could be read."""
        return tuple(page for page in self.asked if readable(page))

    @cached_property
    def sized(self) -> tuple[PageSeen, ...]:
        """Of those, the first reading of each that named its limit; one a window, by offset."""
        named = (page for page in self.good if page.limit is not None)
        first = {(offset_of(page), page.limit): page for page in reversed(tuple(named))}
        return tuple(first[key] for key in sorted(first, key=lambda key: (key[0], key[1] or 0)))

    @cached_property
    def walk(self) -> tuple[PageSeen, ...]:
        """The pages of the main walk, first readings, by offset."""
        expected = self.collection.expected_total if self.collection else None
        walked_along = (offset_of(page) for page in self.asked if page.walk)
        by_position = self.contract.paging.by_position
        # What leads on may name any offset: that is not a page of the walk by position.
        offsets = (offset for offset in walked_along if not by_position or offset % self.step == 0)
        walked = set(reread_pages(offsets, self.step, expected or 0))
        return tuple(page for page in self.sized if page.limit == self.step and offset_of(page) in walked)

    @cached_property
    def walk_ids(self) -> Ids:
        """The ids of the walk, page after page."""
        return tuple(itertools.chain.from_iterable(page.ids for page in self.walk))

    @cached_property
    def bulk_pages(self) -> tuple[PageSeen, ...]:
        """The pages of the bulk read, first readings; none when a part of it could not be read."""
        full = self.contract.paging.full_pages
        parts = [page for page in self.asked if page.bulk and not (full and offset_of(page) % (page.limit or 1))]
        first = {offset_of(page): page for page in reversed(parts)}
        chosen = tuple(first[offset] for offset in sorted(first))
        return chosen if chosen and offset_of(chosen[0]) == 0 and all(map(readable, chosen)) else ()

    @cached_property
    def bulk(self) -> Ids | None:
        """The ids of the bulk read; None when it was not read."""
        lists = [page.ids for page in self.bulk_pages]
        return None if not lists else lists[0] if len(lists) == 1 else tuple(itertools.chain.from_iterable(lists))

    @cached_property
    def _of_bulk(self) -> frozenset[str | None]:
        return frozenset(self.bulk or ())

    def different(self, ids: Ids) -> frozenset[str | None]:
        """The different ids of a list, None among them where a row has no usable one; of the bulk read found once."""
        return self._of_bulk if ids == self.bulk else frozenset(ids)

    def in_bulk(self, page: PageSeen) -> bool:
        """Whether a page is its slice of the bulk read."""
        row = offset_of(page)
        return page.ids == (self.bulk or ())[row : row + len(page.ids)]

    @cached_property
    def walk_complete(self) -> bool:
        """Whether the walk began at the start, left nothing out and met the last page: one that says so where pages may
        be short, else one that was not full."""
        full = self.contract.paging.full_pages
        last = (len(page.ids) < self.step if full else page.leads == Leads.LAST for page in self.walk)
        offsets = [offset_of(page) for page in self.walk]
        unbroken = offsets == [i * self.step for i in range(len(offsets))]
        return bool(offsets) and unbroken and any(last)

    @cached_property
    def size(self) -> int | None:
        """How many different items the whole readings found, the larger of bulk and walk; else where the
        first page that was not full ended; None when nothing tells."""
        if self.listed is not None:
            return unique(self.different(self.listed))
        whole = [unique(self.different(self.bulk))] if self.bulk is not None else []
        if self.walk_complete:
            whole.append(unique(self.different(self.walk_ids)))
        if whole:
            return max(whole)
        filled = [offset_of(page) + len(page.ids) for page in self.sized if page.ids]
        ends = [offset_of(p) + len(p.ids) for p in self.sized if 0 < len(p.ids) < (p.limit or 0)]
        end = min(ends, default=None)
        return end if end is not None and max(filled) <= end else None

    @cached_property
    def end(self) -> int | None:
        """The first offset past the end, as the bulk read or else the walk tells it; None when neither does."""
        reach = [offset_of(page) + len(page.ids) for page in self.bulk_pages if page.ids]
        if self.bulk is not None:
            return max(reach, default=0)
        filled = [offset_of(page) + len(page.ids) for page in self.walk if page.ids]
        return max(filled, default=0) if self.walk_complete else None

    @cached_property
    def past(self) -> tuple[PageSeen, ...]:
        """The pages asked past the end; a huge offset is another matter."""
        return tuple(p for p in self.asked if self.end is not None and p.limit and self.end <= offset_of(p) < HUGE)

    @cached_property
    def rows_right(self) -> bool:
        """Whether walk and bulk read agree, every window is its slice of it, and the size is as expected."""
        bulk, low = self.bulk, self.lowest
        high = self.collection.highest_total if self.collection else None
        if not bulk or bulk != self.walk_ids or len(bulk) != unique(self.different(bulk)):
            return False
        slices = all(p.ids == bulk[offset_of(p) : offset_of(p) + (p.limit or 0)] for p in self.sized)
        return slices and (low is None or len(bulk) >= low) and (high is None or len(bulk) <= high)

    @cached_property
    def histories(self) -> tuple[tuple[PageSeen, ...], ...]:
        """The readings of every request that was asked more than once, in the order of reading.

        An answer to headers of its own is another request.
        """
        by_target: dict[tuple[str, int | None, int | None], list[PageSeen]] = {}
        for page in self.good:
            if page.purpose != Purpose.HEADERS:
                by_target.setdefault((page.target, page.row, page.limit), []).append(page)
        return tuple(tuple(sorted(group, key=lambda p: p.reading)) for group in by_target.values() if len(group) > 1)

    @cached_property
    def readings(self) -> tuple[tuple[PageSeen, PageSeen], ...]:
        """Every two consecutive readings of one request."""
        return tuple(pair for history in self.histories for pair in itertools.pairwise(history))


POSTED = "POST "
"""How the label of a POST begins."""


def readable(page: PageSeen) -> bool:
    """Whether an answer was a list of rows."""
    return page.status == 200 and not page.failure


def offset_of(page: PageSeen) -> int:
    """The offset a page was asked for; leaving it out means 0."""
    return page.row or 0


def _place(page: PageSeen) -> tuple[int, int, int, bool]:
    """By offset; of one window the first reading, and of that the one without headers of its own, comes first."""
    return offset_of(page), page.limit or 0, page.reading, not (page.walk or page.bulk)


def unique(ids: Iterable[str | None]) -> int:
    """How many different usable ids a list holds."""
    different = frozenset(ids)
    return len(different) - (None in different)


def rows(number: int) -> str:
    """`1 row`, `1,352 rows`."""
    return f"{number:,} row" + ("" if number == 1 else "s")


def short(value: object) -> str:
    """A value as an evidence line shows it: one line, bounded."""
    text = " ".join(str(value).split())
    return text if len(text) <= ID_LENGTH else text[: ID_LENGTH - 1] + "…"


def line(*parts: str) -> str:
    """Facts joined into one evidence line; what does not fit is left out whole, the first is cut off."""
    kept = parts[0][:EVIDENCE_LENGTH]
    for part in parts[1:]:
        if part and len(kept) + len(part) + 2 <= EVIDENCE_LENGTH:
            kept += "; " + part
    return kept


def counted(pages: Sequence[PageSeen], most: int = 6) -> str:
    """Rows by offset: `offset 0: 100 rows, 100: 1, 200: 0`."""
    shown = ", ".join(f"{offset_of(page):,}: {len(page.ids):,}" for page in pages[:most])
    return f"rows by offset {shown}" + (", …" if len(pages) > most else "")


def get(page: PageSeen) -> str:
    """The request of a page as a next step writes it."""
    if page.target.startswith(POSTED):
        return page.target
    return f"GET {page.target}" if page.target else f"GET offset={page.row}&limit={page.limit}"
