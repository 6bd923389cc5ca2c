"""Catalog: the vocabulary of the rulebook. One collection of a contract, as the rules ask for it."""

from collections.abc import Callable, Sequence

from catalog_contract.catalog.history import History
from catalog_contract.catalog.ids import Id
from catalog_contract.catalog.items import differs, filter_probe_values
from catalog_contract.catalog.observing import observed
from catalog_contract.catalog.page import Page
from catalog_contract.catalog.reading import PLAIN, Part
from catalog_contract.catalog.settle import READINGS
from catalog_contract.catalog.walk import Walk
from catalog_contract.model.contract import FULL
from catalog_contract.model.exchange import Exchange
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.place import Place
from catalog_contract.model.verdict import NotJudged
from catalog_contract.model.words import Filter

UNCOMPRESSED = (("Accept-Encoding", "identity"),)
"""The header that asks for an answer without compression."""

UNKNOWN_OWNER = "no-such-owner"
"""What the filter is asked for that nothing can fit."""

REREADS = ("page", "bulk")
"""What every run reads twice."""

SIDE_BY_SIDE = 3
"""How many pages are asked for at the same moment."""


class Catalog(History):
    """One collection of a contract, as the rules ask for it: which pages the plan has, and what must agree."""

    _every_page: tuple[Page, ...] = ()
    _planned_pages: tuple[Page, ...] = ()
    _filter_values: tuple[str, str] | None = None

    @property
    def small(self) -> int:
        """The limit that is asked for without an offset, in items: who tries an API takes five, if it has as many."""
        return min(5, self.page_size, self.contract.paging.maximum_limit or 5)

    def badly(self, query: tuple[tuple[str, str], ...]) -> Exchange:
        """The answer to a good first page with other values in place of its own."""
        pager = self.pager()
        return self.ask(pager.asking.replaced(pager.first(self.page_size), query))

    def full_reads(self) -> tuple[Walk, ...]:
        """The readings of the whole collection in the plan: the bulk read and, in full depth, the walk."""
        return (self.bulk(), self.walk()) if self.collection.depth == FULL else (self.bulk(),)

    def stable_bulk(self, holds: Callable[[Walk], bool], part: Part = PLAIN) -> Walk:
        """The bulk read to judge by itself: the first where it `holds` or is one answer, else one that was stable.

        Rows that move between the requests of one reading break no promise. Raises NotJudged when they keep moving.
        """
        bulk = self.bulk_of(part)
        for _ in range(READINGS):
            if len(bulk.pages) == 1 or holds(bulk):
                return bulk
            before, bulk = bulk, self.bulk_of(part, bulk.finished)
            if before.ids == bulk.ids:
                return bulk
        raise NotJudged(f"{self.name} moved through {READINGS} bulk reads", bulk.pages[0].exchange.curl)

    @property
    def goes_round(self) -> bool:
        """Whether the bulk read is one response that lists the same items over and over.

        It may be of any size and shows nothing new, so it is asked for once: not by alias, without a limit, or again.
        """
        bulk = self.bulk()
        return bulk.at_once and not bulk.pages[0].fault and bool(bulk.period)

    def refuse_to_go_round(self) -> None:
        """Raise NotJudged where a second full read is not made, see `goes_round`."""
        if self.goes_round:
            bulk = self.bulk()
            turns = f"lists the same {self.items(bulk.period)} over and over, {self.items(bulk.count)} in all"
            raise NotJudged(f"{self.name} {turns}: it is not read in full again", bulk.pages[0].exchange.curl)

    def whole_of(self, page: Page) -> Callable[[float], Walk]:
        """The reader of the whole list that a page is a part of: by the same alias, of the same owner's items."""
        part = self.part_of(page)
        if not part.filter and not part.query and part.name in (None, self.name):
            return self._longest
        whole = Part(part.name, part.filter, part.query)
        return lambda after: self.bulk_of(whole, after)

    def end_of(self, page: Page, whole: Walk) -> int:
        """How many items of a whole reading lie before the end of a page.

        Where pages are asked for by their position that says it. Elsewhere a page begins behind an item, wherever that
        stands by now: the end is behind its last item, and that of an empty page behind the item before it.
        """
        end = (page.row or 0) + page.count
        last = page.ids[-1] if page.count else self.item_before(page)
        if self.contract.paging.by_position or last is None:
            return end
        places = (at for at, id in enumerate(whole.ids, 1) if id == last)
        behind = min(places, key=lambda at: abs(at - end), default=end)
        return behind if page.count else max(behind, end)  # a token may stand for a row: the item before it may move

    def _longest(self, after: float) -> Walk:
        """The reading of the whole list that shows most. Where only the pages lead on, one page size may end before
        another does."""
        bulk = self.bulk()
        if self.contract.paging.by_position or self.collection.depth != FULL:
            return self.bulk_again(after)
        walks = [walk for size in self.leading_sizes() if (walk := self.walk_along(size)).ended]
        longest = max([bulk, *walks], key=lambda walk: sum(0 if page.fault else page.count for page in walk.pages))
        return self.bulk_again(after) if longest is bulk else self.walk_along(longest.step, after)

    def every_page(self) -> tuple[Page, ...]:
        """Every list answer of the plan that shows the collection by its own name, unfiltered.

        What is read a second time too: a cached answer shows itself only then. What is refused past the end is left
        out: whether it may be is a promise of its own.
        """
        if not self._every_page:
            windows = self._windows()
            ways = [way for way in REREADS if way != "bulk" or not self.goes_round]
            again = (self.reader(self.reread(way))(self.reread(way).finished) for way in ways)
            read = (*self._walked_pages(), *self.bulk().pages, *windows, *self._unusual_pages(), *again)
            kept = (page for page in read if not self.is_refused_rightly(page))
            self._every_page = self.recorded(tuple(dict.fromkeys(kept)))
        return self._every_page

    def _windows(self) -> tuple[Page, ...]:
        """The single pages of the plan."""
        return tuple(self.page(window.offset, window.limit) for window in self.windows())

    def _walked_pages(self) -> tuple[Page, ...]:
        """The pages of the walk in both page sizes, and of the walk along what the answers say."""
        walks = self._walks_of_the_plan()
        if self.contract.both_ways:
            walks.append(self.walk_along(self.page_size))
        refusals = (walk.refusal for walk in (*walks, self.bulk()) if walk.refusal)
        return (*(page for walk in walks for page in walk.pages), *refusals, *self._exactly_full_pages())

    def _exactly_full_pages(self) -> tuple[Page, ...]:
        """The pages up to the last one in a size that the list fills exactly; where pages have numbers, the last.

        Where the list has moved since its size was known, it is walked again in a size that it fills now.
        """
        size = self.exact_size()
        if size is None:
            return ()
        if self.contract.paging.by_position:
            return (self.page(self.bulk().count - size, size),)
        walk = self.walk_along(size)
        for _ in range(READINGS):
            if (now := self.exact_size(walk)) is None or walk.count % size == 0:
                break
            walk, size = self.walk_along(now, walk.finished), now
        return walk.pages

    def leading_sizes(self) -> tuple[int, ...]:
        """The page sizes in which the list is read along what the answers say."""
        paging = self.contract.paging
        if not self.contract.parameters.limit:
            return (self.page_size,)
        bulk = () if paging.by_position else (paging.bulk_limit,)
        exact = () if paging.by_position or not (size := self.exact_size()) else (size,)
        return tuple(dict.fromkeys((self.page_size, paging.other_page_size, *bulk, *exact)))

    def leading_pages(self) -> tuple[Page, ...]:
        """The pages of the plan that say what follows them: those of the walks, one that is full and the last, and
        every single window: a service that says so by how many items came is wrong only where a full page ends the
        list."""
        walked = (page for size in self.leading_sizes() for page in self.walk_along(size).pages)
        windows = (page for page in self._windows() if not self.is_refused_rightly(page))
        return tuple(dict.fromkeys((*walked, *self._exactly_full_pages(), *windows)))

    def may_lead_to_nothing(self, page: Page) -> bool:
        """Whether a page may say that more follows although nothing does: a full last page, where that is declared."""
        paging = self.contract.paging
        full = page.count == paging.most(page.limit) if paging.full_pages else bool(page.count)
        return self.contract.cursor.empty_last_page and bool(page.count) and full

    def selections(self) -> list[tuple[Filter, Part]]:
        """Every declared filter, and that by an owner where there is one, with the part of the list that it selects."""
        chosen = [(each, Part(query=each.query)) for each in self.contract.filters]
        owner, parameter = self.contract.item.owner, self.contract.parameters.filter
        if owner and parameter:
            name = self.filter_values()[1]
            chosen.append((Filter(name, ((parameter, name),), Place.of_key(owner), name), Part(filter=name)))
        return chosen

    def filtered_along(self, chosen: Filter, part: Part) -> tuple[Page, ...]:
        """The first page of what a filter selects, and the page that it leads to."""
        return self.first_two(part, self.selected_size(chosen))

    def filtered_twice(self, chosen: Filter, part: Part) -> tuple[Page, ...]:
        """The first two pages of what a filter selects: by position where that can be asked for."""
        if not self.contract.paging.by_position:
            return self.filtered_along(chosen, part)
        size = self.step(self.selected_size(chosen))
        return tuple(self.page_of_part(part, row, size) for row in (0, size))

    def tie_size(self) -> int:
        """A page size for sorted lists, other than that of the bulk read."""
        paging = self.contract.paging
        return self.page_size if self.page_size != paging.bulk_limit else paging.other_page_size

    def selected_size(self, chosen: Filter) -> int:
        """A page size that what a filter selects does not fit into."""
        selected = self.bulk().once(_selected, chosen)
        return max(1, min(self.page_size, selected // 2))

    def page_number(self, page: Page) -> int | None:
        """The number by which a page was asked for; None where it was by no number."""
        row = self.pager().row_of(page.exchange.request, page.limit)
        size = self.contract.paging.most(page.limit)
        if row is None or not size or self.contract.paging.random_access:
            return None
        if self.contract.paging.ends_with_last and row >= self.bulk().count:
            return None  # the last page comes, under its own number
        return row // size + self.contract.paging.starts_at

    def is_refused_past_the_end(self, page: Page) -> bool:
        """Whether a page is refused because nothing lies where it begins, or because it lies deeper than is served.

        Where the whole list cannot be read, nothing is known to lie behind the page that fails.
        """
        deepest, row = self.contract.paging.deepest, page.row or 0
        if not page.refused or not row:
            return False
        if deepest is not None and row + (page.limit or 0) > deepest:
            return True
        failed = next((page for page in self.bulk().pages if page.fault), None)
        if failed:
            return self.contract.paging.ends_refused and row > (failed.row or 0)
        return row >= self.reported_end(self.bulk())

    def is_refused_rightly(self, page: Page) -> bool:
        """Whether a page is refused because it lies past the end of the list, or past that of one that has become
        shorter."""
        return self.is_refused_past_the_end(page) or self.ended_before(page)

    def reread(self, way: str) -> Page:
        """The first reading of what is read twice in every run: the second page (`page`), or the bulk read (`bulk`)."""
        if way == "bulk":
            return self.bulk().pages[0]
        if not self.contract.cursor.reusable:
            return self.first_page()
        if not self.contract.paging.by_position:
            return self.walk().pages[:2][-1]
        second = self.page(self.page_size, self.page_size)
        return self.first_page() if second.refused else second

    def _unusual_pages(self) -> tuple[Page, ...]:
        """The pages asked for in another way than by limit and offset alone."""
        uncompressed = self.page(0, self.page_size, headers=UNCOMPRESSED)
        whole = () if self.contract.paging.answers_all and self.goes_round else (self.page(None, None),)
        without = (*whole, self.page(None, self.small), uncompressed)
        if not self.contract.paging.by_position:
            return without
        far, huge = self.far_page(), self.huge_page(self.contract.paging.huge_offset)
        # A huge offset may be refused, and where it is answered with rows it is judged for that alone.
        past = () if huge.fault or huge.count else (huge,)
        return (*without, far, *past)

    def far_page(self) -> Page:
        """A page far past the end."""
        return self.page(self._on_a_page(self.contract.paging.far_offset), self.page_size)

    def huge_page(self, huge: int) -> Page:
        """The page at an offset that is too large for any list; where pages are numbered, of that number."""
        return self.page(huge if self.contract.paging.random_access else huge * self.page_size, self.page_size)

    def _on_a_page(self, row: int) -> int:
        """The first row at or after a row that can be asked for directly."""
        size = self.step(self.page_size)
        return row if self.contract.paging.random_access else -(-row // size) * size

    def at_the_end(self) -> int:
        """The first row past the end that can be asked for directly. Raises NotJudged where the end was not seen."""
        return self._on_a_page(self.bulk().to_its_end().count)

    def planned_pages(self) -> tuple[Page, ...]:
        """Every list answer of the plan, what is promised of each single one is judged by.

        In full depth those by alias and filter too; where the collection is only counted the bulk read and its windows.
        """
        if not self._planned_pages and self.collection.depth == FULL:
            aliases = () if self.goes_round else self.collection.aliases
            by_alias = (page for alias in aliases for page in self.bulk(name=alias).pages)
            one_page = (self.page_by_alias(alias) for alias in self.collection.aliases[:1])
            every = (*self.every_page(), *by_alias, *one_page, *self.filtered_pages())
            self._planned_pages = self.recorded(every)
        elif not self._planned_pages:
            pages = [self.page(window.offset, window.limit) for window in self.windows()]
            kept = (page for page in pages if not self.is_refused_past_the_end(page))
            self._planned_pages = (*self.bulk().pages, *kept)
        return self._planned_pages

    def page_by_alias(self, alias: str, after: float = 0.0) -> Page:
        """The third page, asked for by another name."""
        return self.page(2 * self.page_size, self.page_size, name=alias, after=after)

    def own_names(self, page: Page) -> tuple[str, ...]:
        """The names by which an item of a page may call this collection its own.

        The canonical one, and the alias that the response itself goes by: that alone is then the defect.
        """
        reported = page.counter("collection") if page.envelope.collection else None
        return tuple(name for name in self.collection.names if name in (self.name, reported))

    def filter_values(self) -> tuple[str, str]:
        """The owners that the filter is tried with: whole, and in a window. Raises NotJudged when no item names one."""
        if not self._filter_values:
            self._filter_values = self.bulk().once(filter_probe_values, self.contract.item.owner or "")
        return self._filter_values

    def filtered_pages(self) -> tuple[Page, ...]:
        """The bulk read of one owner's items, then most of another's, but not all; none where there is no filter."""
        field = self.contract.item.owner
        nobody = not (self.contract.parameters.filter and field) or any(page.fault for page in self.bulk().pages)
        if nobody or not self.bulk().grouped(field or ""):
            return ()
        whole, windowed = self.filter_values()
        count = len(self.bulk().grouped(field or "")[windowed])
        return (*self.bulk(filter=whole).pages, self._window_of(windowed, count))

    def _window_of(self, owner: str, count: int) -> Page:
        """A page within that many items of an owner: most of them where any row can be asked for, else the second half,
        as its page or as the first one leads to it."""
        paging = self.contract.paging
        most = paging.maximum_limit or count
        if paging.random_access:
            return self.page(count // 10, min(max(1, count * 3 // 4), most), filter=owner)
        size = self.step(min(max(1, count // 2), most))
        if paging.by_position:
            return self.page(size if size < count else 0, size, filter=owner)
        return self.first_two(Part(filter=owner), size)[-1]

    def begins_at(self, page: Page, ids: Sequence[Id]) -> int:
        """The index in a whole reading at which a page must begin: as its position says, or behind the item that it
        was asked to follow, wherever that stands by now."""
        before = None if self.contract.paging.by_position else self.item_before(page)
        if before is None:
            return page.row or 0
        anchors = [ids.index(before) + 1] if before in ids else [ids.index(id) for id in page.ids[:1] if id in ids]
        return next(iter(anchors), page.row or 0)

    def reads_all(self, page: Page) -> bool:
        """Whether a page asks for all there is in one answer, or for as much as the API allows."""
        paging = self.contract.paging
        most = paging.most(page.limit)
        if most is None:
            return paging.answers_all
        return paging.bulk_limit <= most <= (paging.maximum_limit or most)

    def says_the_same(self, one: Page, other: Page) -> bool:
        """Whether two readings of a page agree in counters and items, but for what may change from read to read.

        Raises NotJudged when one is not a list.
        """
        volatile, pairs = self.contract.item.volatile, zip(one.items, other.items, strict=False)
        bodies = one.ids == other.ids and not any(differs(here, there, volatile) for here, there in pairs)
        return bodies and one.own_counters == other.own_counters

    def side_by_side(self) -> list[Page]:
        """Pages to ask for at the same moment; not the first two, which other rules read again."""
        if self.contract.paging.by_position:
            size = self.step(self.page_size)
            pages = [self.page(nth * size, size) for nth in range(2, 2 + SIDE_BY_SIDE)]
            return [page for page in pages if not page.refused] or [self.first_page()]
        return list(self.walk().pages[-SIDE_BY_SIDE:]) if self.contract.cursor.reusable else [self.first_page()]

    def detail(self, id: str) -> Exchange:
        """The answer of an item's own page. The contract must declare one.

        Raises NotJudged where only the body of a request can name the collection: such a page is asked for without one.
        """
        assert self.contract.detail is not None
        request = self.pager().asking.of_item(self.contract.detail.path_of(id))
        if request is None:
            raise NotJudged(f"{self.contract.parameters.collection} names the collection, a detail page has no body")
        return self.ask(request)

    def seen(self) -> tuple[PageSeen, ...]:
        """What was observed, for the diagnosis and the strip: every listing answer of this run."""
        return tuple(self._seen(page) for page in self._pages.values())

    def _seen(self, page: Page) -> PageSeen:
        """A page as observed."""
        return observed(self, page)


def _selected(whole: Walk, chosen: Filter) -> int:
    """How many items of a whole reading a filter selects."""
    return sum(map(chosen.selects, whole.items))
