"""History: what a run has read of one list, and what the law says of it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from catalog_contract.catalog import settle
from catalog_contract.catalog.ids import Id
from catalog_contract.catalog.law import Law
from catalog_contract.catalog.page import Page, some
from catalog_contract.catalog.reading import PLAIN, Part, Reader, Source
from catalog_contract.catalog.settle import READINGS, A, B
from catalog_contract.catalog.walk import Walk, ids_of
from catalog_contract.catalog.walking import exact_divisor
from catalog_contract.model.contract import FLAT, FULL, Collection, Contract
from catalog_contract.model.paging import Window
from catalog_contract.model.verdict import Evidence, NotJudged
from catalog_contract.model.witness import CameAndWent, Contradiction, Kind, Sighting, TooMuchChurn

_Filled = tuple[list[list[Sighting]], list[Sighting], int]
"""What a law is filled with: the whole readings, what else was read, and how many items may come or go."""

MOVES = (Kind.SHIFTED, Kind.SHORT)
"""What an item that came and went before a page would explain."""


@dataclass(frozen=True)
class Wrong:
    """A page that no state of the list explains, what the last whole reading holds in its place, and where the law is
    contradicted; None where two readings were judged against each other."""

    page: Page
    expected: tuple[Id, ...]
    found: Contradiction | None = None

    @property
    def evidence(self) -> Evidence:
        """The evidence that the page is not its slice, or of no state of the list."""
        if self.found is None or self.page.ids != self.expected:
            return self.page.slice_evidence(self.expected)
        index, item = self.found.index, some([str(self.found.actual or self.found.expected)])
        return self.page.evidence(f"the window at {self.page.window}: {self.found.kind} (index {index}: {item})")


class History(Reader):
    """What a run has read of one list, and whether a list that may move explains it.

    A page that is its slice of the bulk read needs no more. One that is not is judged by the law, which needs a whole
    reading after it. Where the law cannot be asked (a list that may repeat its items, or that has no usable ids) two
    readings are judged against each other instead: see `settle.settle`.
    """

    def __init__(self, contract: Contract, collection: Collection, source: Source) -> None:
        super().__init__(contract, collection, source)
        self._bulks: dict[tuple[str | None, str | None], Walk] = {}
        self._wholes: list[Walk] = []
        self._seen_as: dict[Page | Walk, list[Sighting]] = {}
        self._laws: deque[tuple[_Filled, Law]] = deque(maxlen=READINGS)

    def settle(
        self,
        first: Callable[[float], A],
        second: Callable[[float], B],
        agree: Callable[[A, B], bool],
        state_of: Callable[[A | B], object],
    ) -> tuple[A, B]:
        """Two readings to judge against each other, see `settle.settle`."""
        return settle.settle(first, second, agree, state_of, self.contract.paging.churn)

    def wrong(self, page: Page) -> Wrong | None:
        """What is wrong with a page of the list: None where it is the slice that it names of a state of the list.

        Raises NotJudged where the list moved too much, or through every reading.
        """
        if page.ids == self.slice_for(page, self.bulk()):
            return None
        if not self.lawful(page):
            page, bulk = self._settled(page)
            expected = self.slice_for(page, bulk)
            return Wrong(page, expected) if page.ids != expected else None
        return self.contradicted(page)

    def contradicted(self, page: Page) -> Wrong | None:
        """What is wrong with a page by the law alone, also where the bulk read agrees with it. Raises as `wrong`."""
        opening = self.bulk()
        if page.started < opening.finished and not self._stands_in(opening, page):
            page = self.reader(page)(opening.finished)
        why, unsure, after = self._restless(page), False, page.finished
        for attempt in range(READINGS):
            law, last = self._law(after, attempt, page)
            try:
                sighting = self._sighting(page)
                found = law.check(sighting)
                # A part of the first whole reading is judged with it, where another reading agrees.
                if found is None and law.settled and law.judges(sighting):
                    return None
                # What came and went may have moved a page: then it is read once more.
                if found and (unsure or found.kind not in MOVES or not law.doubtful):
                    return Wrong(page, self.slice_for(page, last), found)
                unsure = found is not None
            except (TooMuchChurn, CameAndWent) as moved:
                why = NotJudged(str(moved), page.exchange.curl)
            if law.settled:
                page = self._once_more(page, last.finished)
            after = max(page.finished, last.finished)
        raise why

    def _stands_in(self, opening: Walk, page: Page) -> bool:
        """Whether a page is judged as the part of the first whole reading that it is: where that is one answer, and
        where it can be asked for only once."""
        once = not self.contract.cursor.reusable and page is not opening.pages[0]
        return page in opening.pages and (opening.at_once or once)

    def _once_more(self, page: Page, after: float) -> Page:
        """A page read again, and with it every planned window: one more bulk read then judges them all."""
        for window in self.windows():
            self.reader(self.page(window.offset, window.limit))(after)
        return self.reader(page)(after)

    def sizes(self, pages: Sequence[Page]) -> list[tuple[Page, int, int]]:
        """How many items the list had at least and at most while each of these pages was read. The law must be asked
        of them: see `lawful`.

        What was read before the end of the first whole reading is read again. Raises as `wrong`.
        """
        opening = self.bulk()
        late = [page if page.started >= opening.finished else self.reader(page)(opening.finished) for page in pages]
        after = max(page.finished for page in late)
        for attempt in range(READINGS):
            law, last = self._law(after, attempt, *late)
            if law.settled:
                return [(page, *self._size(law, page)) for page in late]
            after = last.finished
        raise self._restless(pages[0])

    def returned(self, pages: Sequence[Page]) -> str | None:
        """An item that goes and comes back, where the totals of these pages moved in more steps than there are items
        that came or went since the first whole reading; None where they did not.

        The list is read again to find it. Raises NotJudged where none is found, and as `wrong`.
        """
        totals = [page.counter("total") for page in pages if page.started >= self.bulk().finished]
        steps = sum(abs(after - before) for before, after in pairwise(totals))
        after = max(page.finished for page in pages)
        if not self.lawful(*pages):
            return None
        for attempt in range(READINGS):
            law, last = self._law(after, attempt, *pages)
            if law.returned is not None:
                return str(law.returned)
            if law.settled and steps <= law.seen_to_move:
                return None
            after = last.finished
        if law.settled and steps <= law.unsteady:
            return None
        raise NotJudged(f"{self.name}: items came and went again while it was read", pages[-1].exchange.curl)

    def _size(self, law: Law, page: Page) -> tuple[int, int]:
        try:
            return law.sizes(self._sighting(page))
        except TooMuchChurn as moved:
            raise NotJudged(str(moved), page.exchange.curl) from None

    def _restless(self, page: Page) -> NotJudged:
        return NotJudged(f"{self.name} moved through {READINGS} bulk reads", page.exchange.curl)

    def ended_before(self, page: Page) -> bool:
        """Whether a page is refused because the list has become shorter: it ends before the page by now."""
        if not page.refused or not page.row:
            return False
        whole = self.bulk_again(page.finished)
        return not any(one.fault for one in whole.pages) and page.row >= self.reported_end(whole)

    def reported_end(self, whole: Walk) -> int:
        """Where the list ends by a whole reading, in items: behind what it lists, and behind what its total counts."""
        reported = whole.pages[0].counter("total") if self.contract.envelope.exact_total else 0
        return max(whole.count, reported if isinstance(reported, int) else 0)

    def fails_alone(self, page: Page, *others: "History") -> bool:
        """Whether a page fails in one definite way each time, while another is answered before, between and after.

        `others` are the other lists of the service, whose first page may be that other one. What comes and goes, or
        hits everything, is not a matter of one page.
        """
        known = [*((other, other.opening()) for other in others), *((self, one) for one in self.timeline())]
        answered = [(owner, one) for owner, one in known if not one.fault and one.finished <= page.started]
        if not (page.exchange.definite and answered):
            return False
        owner, one = answered[-1]
        between = owner.reader(one)(page.finished)
        request = page.exchange.request  # a failed reading is not asked again by itself
        again = self._read(self.part_of(page), request.as_reading(request.reading + 1), page.row, page.limit)
        alike = again.exchange.definite and again.fault == page.fault and again.started >= between.finished
        return alike and not between.fault and not owner.reader(one)(again.finished).fault

    def _settled(self, page: Page) -> tuple[Page, Walk]:
        """A page and the bulk read to judge it by where the law cannot be asked."""
        return self.settle(
            self.reader(page),
            self.bulk_again,
            lambda page, bulk: page.ids == self.slice_for(page, bulk),
            ids_of,
        )

    def lawful(self, *pages: Page) -> bool:
        """Whether the law can be asked of these pages: the list shows its end, and every item once, by an id."""
        return self._lawful(self.bulk(), pages)

    def _lawful(self, whole: Walk, pages: Sequence[Page]) -> bool:
        return not self._lawless(whole, pages)

    def _lawless(self, whole: Walk, pages: Sequence[Page]) -> str:
        """Why the law cannot be asked of pages by a whole reading, as what the list does; empty where it can."""
        if not whole.ended:
            return f"does not show its end: the reading ends where {whole.ending}"
        if self.collection.merges == FLAT or (whole.at_once and whole.twice):
            return "repeats items"
        if None in whole.ids:
            return "lists items without a usable id"
        past = self.contract.paging.ends_with_last and any((page.row or 0) >= whole.count for page in pages)
        return "repeats its last page where one of these pages begins" if past else ""

    def bulk(self, after: float = 0.0, *, name: str | None = None, filter: str | None = None) -> Walk:
        """The bulk read, see `Reader.bulk`; those of the whole list by its own name are kept for the law."""
        if not after and (name, filter) in self._bulks:
            return self._bulks[name, filter]
        whole = super().bulk(after, name=name, filter=filter)
        if name is None and filter is None:
            self._keep(whole)
        return whole if after else self._bulks.setdefault((name, filter), whole)

    @property
    def _sized(self) -> bool:
        return bool(self.contract.parameters.limit)

    def _keep(self, whole: Walk) -> Walk:
        if whole not in self._wholes and whole.ended and not any(page.fault for page in whole.pages):
            self._wholes.append(whole)
            self._wholes.sort(key=lambda one: one.started)
        return whole

    def _closing(self, after: float, attempt: int) -> Walk:
        """A whole reading after a point in time. Where pages lead on, further ones are read in sizes of their own: the
        cursors of another size were never used before."""
        size = self.contract.paging.bulk_limit - attempt
        if not attempt or size < 1 or self.contract.paging.by_position or not self._sized:
            return self.bulk_again(after)
        return self._keep(self.walk_along(size, after))

    def _law(self, after: float, attempt: int, *pages: Page) -> tuple[Law, Walk]:
        """The law of everything that was read, with a whole reading after a point in time, and that reading. Raises
        NotJudged where the law cannot be asked of it."""
        last = self._closing(after, attempt)
        if why := self._lawless(last, pages):
            raise NotJudged(f"{self.name} {why}", pages[0].exchange.curl)
        reads = [whole for whole in self._wholes if whole.started <= last.started]
        chunks = [self._as_seen(whole) for whole in reads]
        parts = {page for whole in reads for page in whole.pages}
        others = [self._as_seen(page)[0] for page in self.timeline() if page not in parts]
        # Of a short list half must stay: what all of it may leave proves nothing.
        churn = min(self.contract.paging.churn, max(whole.count for whole in reads) // 2)
        return self._filled((chunks, others, churn)), last

    def _filled(self, sightings: _Filled) -> Law:
        """The law filled with these, one of the last few where it was: what was read judges many pages, in turn."""
        for known, law in self._laws:
            if known == sightings:
                return law
        self._laws.append((sightings, Law(*sightings)))
        return self._laws[-1][1]

    def _as_seen(self, reading: Page | Walk) -> list[Sighting]:
        """A page, or each of a whole reading, as the law sees it; found once, where no other page matters to it."""
        if reading not in self._seen_as or not self.contract.paging.by_position:
            found = self._chunks(reading) if isinstance(reading, Walk) else [self._sighting(reading)]
            self._seen_as[reading] = [*found]
        return self._seen_as[reading]

    def _chunks(self, whole: Walk) -> Iterator[Sighting]:
        """A whole reading as the law sees it: its last response ends the list, those before it may be of any size."""
        rows = accumulate((page.count for page in whole.pages), initial=0)
        for counted, page in zip(rows, whole.pages, strict=False):
            row = page.row if self.contract.paging.by_position and page.row is not None else counted
            last = page is whole.pages[-1]
            yield Sighting(page.ids, row, None, page.started, page.finished, full=last, after=self._anchor(page))

    def _anchor(self, page: Page) -> Id:
        """The item behind which a page begins where no page can be asked for by its position; None where not known."""
        return None if self.contract.paging.by_position else self.item_before(page)

    def _sighting(self, page: Page) -> Sighting:
        """A page as the law sees it."""
        paging = self.contract.paging
        limit = paging.most(page.limit)
        if limit is not None and paging.maximum_limit is not None:
            limit = min(limit, paging.maximum_limit)  # more than that is never answered
        full = paging.full_pages and (limit is not None or paging.answers_all)
        row = page.row or 0
        return Sighting(page.ids, row, limit, page.started, page.finished, full=full, after=self._anchor(page))

    def first_of(self, page: Page, ids: tuple[Id, ...], most: int | None) -> tuple[Id, ...]:
        """The ids that a page from the first item on must hold, of at most that many; where short pages are documented,
        as many as it has."""
        first = ids if most is None else ids[:most]
        some = page.count or self.contract.cursor.empty_pages
        return first[: page.count] if some and not self.contract.paging.full_pages else first

    def resolve(self, window: Window) -> Window:
        """A window with its offset: one that counts from the end asks the bulk read where the end is."""
        if window.before_end is None:
            return window
        return Window(window.limit, max(0, self.bulk().count - window.before_end))

    def exact_size(self, read: Walk | None = None) -> int | None:
        """A page size that the list fills exactly, in few pages: its last page is full, and nothing follows.

        The list is as `read`, else the bulk read. None where any window can be asked for, which has such a page in its
        plan already; where there is none.
        """
        paging, whole = self.contract.paging, read or self.bulk()
        sizeable = self.contract.parameters.limit and paging.full_pages and not paging.random_access
        if not sizeable or not whole.ended or any(page.fault for page in whole.pages):
            return None
        return exact_divisor(whole.count, paging.maximum_limit or paging.bulk_limit)

    def windows(self) -> list[Window]:
        """The windows of the plan that can be asked for, with their offsets; those counted from the end only where the
        end was seen."""
        paging, ended = self.contract.paging, not any(page.fault for page in self.bulk().pages)
        declared = self.contract.windows if self.collection.depth == FULL else self.collection.windows
        known = (window for window in declared if ended or window.before_end is None)
        return [self.resolve(window) for window in known if paging.can_ask(window)]

    def slice_for(self, page: Page, whole: Walk) -> tuple[Id, ...]:
        """The ids that a page must hold of a whole reading; where short pages are documented, as many as it has."""
        row, most = page.row or 0, self.contract.paging.most(page.limit)
        if most and row >= whole.count and self.contract.paging.ends_with_last:
            row = max(0, whole.count - 1) // most * most
        unknown = most is None and not self.contract.paging.answers_all
        if unknown or (not self.contract.paging.full_pages and page.count <= (most or page.count)):
            most = page.count
        known = whole.ids[row:] if most is None else whole.ids[row : row + most]
        # Behind the end of a reading that was cut anything may stand.
        return known + page.ids[len(known) :] if whole.cut and len(known) < (most or page.count) else known

    def timeline(self) -> tuple[Page, ...]:
        """Every list that this run has read of the collection, in the order of reading, repeated readings too."""
        plain = (page for page in self._pages.values() if self._plainly(page) and not page.fault)
        return tuple(sorted(plain, key=lambda page: page.started))

    def reread_pages(self, page: Page, times: int = 4) -> tuple[Page, ...]:
        """The same page read that many more times, one reading right after the other."""
        readings, read = [page], self.reader(page)
        for _ in range(times):
            readings.append(read(readings[-1].finished))
        return tuple(readings)

    def bulk_again(self, after: float) -> Walk:
        """The bulk read, asked after a point in time; 0.0 for any.

        Before a second one every planned walk, window, filter and sort is read, so that one more bulk read judges them
        all.
        """
        if after:
            read: list[Page | Walk] = [self.page(window.offset, window.limit) for window in self.windows()]
            chosen = self.contract.chosen if self.collection.depth == FULL else ()
            read += [self.bulk_of(Part(query=each.query)) for each in chosen]
            walks = self._walks_of_the_plan() if self.collection.depth == FULL else []
            read += [*walks, *self._too_early(walks)]
            after = max([after, *(reading.finished for reading in read)])
        return self.bulk(after)

    def _walks_of_the_plan(self) -> list[Walk]:
        """The walks in both page sizes; in one where no limit can be asked for."""
        return [self.walk(), *([self.walk(self.contract.paging.other_page_size)] if self._sized else [])]

    def _too_early(self, walks: Sequence[Walk]) -> list[Page]:
        """The planned windows, and of each walk the first page that is not its slice of the first whole reading and the
        last page, read again where they are not and were read before it had ended: one more bulk read then judges them
        all. Shards that read side by side read so."""
        opening = self.bulk()
        if not self.contract.paging.by_position or any(page.fault for page in opening.pages):
            return []

        def early(pages: Iterable[Page]) -> list[Page]:
            known = (page for page in pages if page.started < opening.finished and not page.fault)
            wrong = (page for page in known if page.ids != self.slice_for(page, opening))
            return [page for page in wrong if not self._stands_in(opening, page)]

        found = early(self.page(window.offset, window.limit) for window in self.windows())
        for walk in walks:
            wrong = early(walk.pages)
            last = max(0, opening.count - 1) // walk.step * walk.step
            found += wrong[:1] + [page for page in wrong[1:] if page.row == last]
        return [self.reader(page)(opening.finished) for page in found]

    def _plainly(self, page: Page) -> bool:
        """Whether a page was asked for by the canonical name, without filter and without headers of its own."""
        return self.part_of(page) == PLAIN
