"""Catalog: the vocabulary of the rulebook. It turns pages, walks and bulk reads into requests, each made once."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from catalog_contract.catalog.items import differs, filter_probe_values
from catalog_contract.catalog.laws import READINGS, Id, settle
from catalog_contract.catalog.page import Page, Walk, ids_of, plain
from catalog_contract.model.contract import FULL, Collection, Contract, Window
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.verdict import NotJudged

PLAIN = (("Accept-Encoding", "identity"),)
"""The header that asks for an answer without compression."""

NAMELESS = ""
"""The name to ask by where none is to be sent."""

UNKNOWN_OWNER = "no-such-owner"
"""What the filter is asked for that nothing can fit."""

MOST_READINGS = 8
"""How often one run asks the same thing at the most."""

REREADS = ("page", "bulk")
"""What every run reads twice."""

MOST_BULK_PAGES = 20
"""How many pages a bulk read takes at the most where the API sets a maximum to `limit`."""


class Source(Protocol):
    """Where answers come from."""

    label: str

    def fetch(self, request: Request) -> Exchange: ...
    def close(self) -> None: ...


class Catalog:
    """One collection of a contract, as the rules ask for it.

    Nothing is asked before a rule needs it, and nothing twice: `after` (a point in time of an earlier answer)
    is how a rule that needs a second look says so.
    """

    def __init__(self, contract: Contract, collection: Collection, source: Source) -> None:
        self.contract = contract
        self.collection = collection
        self.source = source
        self._pages: dict[str, Page] = {}
        self._plain: set[str] = set()
        self._walks: dict[tuple[str, ...], Walk] = {}
        # First readings are kept by the words that ask for them: they never change in a run.
        self._first: dict[tuple[object, ...], Page] = {}
        self._first_bulk: dict[tuple[str | None, str | None], Walk] = {}
        self._every_page: tuple[Page, ...] = ()
        self._filter_values: tuple[str, str] | None = None
        self._planned_pages: tuple[Page, ...] = ()

    @property
    def name(self) -> str:
        """The canonical name of the collection."""
        return self.collection.name

    @property
    def page_size(self) -> int:
        """The page size of the main walk, in rows."""
        return self.contract.paging.page_size

    @property
    def small(self) -> int:
        """The limit that is asked for without an offset, in rows: who tries an API takes five, if it has as many."""
        return min(5, self.page_size, self.contract.paging.maximum_limit or 5)

    def ask(
        self,
        query: Iterable[tuple[str, str]],
        *,
        path: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        after: float = 0.0,
    ) -> Exchange:
        """The answer to a query, asked at or after a point in time. Raises NotJudged after too many readings."""
        request = Request(path or self.contract.list_path, tuple(query), headers)
        for reading in range(1, MOST_READINGS + 1):
            exchange = self.source.fetch(request if reading == 1 else replace(request, reading=reading))
            if exchange.failure is not None or exchange.started >= after:
                return exchange
        raise NotJudged(f"{request.target}: read {MOST_READINGS} times without coming to rest", exchange.curl)

    def query(
        self,
        offset: object = None,
        limit: object = None,
        *,
        name: str | None = None,
        filter: str | None = None,
    ) -> tuple[tuple[str, str], ...]:
        """The query parameters of a page; None leaves a parameter out, and NAMELESS the name of the collection."""
        parameters = self.contract.parameters
        values = (
            (parameters.collection, self.name if name is None else name or None),
            (parameters.filter, filter),
            (parameters.limit, limit),
            (parameters.offset, offset),
        )
        return tuple((key, str(value)) for key, value in values if key is not None and value is not None)

    def page(
        self,
        offset: int | None = None,
        limit: int | None = None,
        *,
        name: str | None = None,
        filter: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        after: float = 0.0,
    ) -> Page:
        """One listing answer. `name` asks by another name (an alias), `filter` for one owner's items only."""
        words = (offset, limit, name, filter, headers)
        if not after and words in self._first:
            return self._first[words]
        exchange = self.ask(self.query(offset, limit, name=name, filter=filter), headers=headers, after=after)
        if name is None and filter is None and not headers:
            self._plain.add(exchange.request.target)
        page = self._page(exchange, offset, limit)
        return page if after else self._first.setdefault(words, page)

    def listing(self, exchange: Exchange) -> Page:
        """An answer read as a list, whatever was asked; it is no page of the catalogue."""
        return Page(exchange, self.contract.envelope, self.contract.item.id, None, None)

    def _page(self, exchange: Exchange, offset: int | None, limit: int | None) -> Page:
        key = exchange.request.key
        if key not in self._pages:
            self._pages[key] = Page(exchange, self.contract.envelope, self.contract.item.id, offset, limit)
        return self._pages[key]

    def first_page(self, after: float = 0.0) -> Page:
        """The page at offset 0 in the page size of the contract."""
        return self.page(0, self.page_size, after=after)

    def walk(self, step: int | None = None, after: float = 0.0) -> Walk:
        """The collection page by page, by the plan of the contract.

        The plan goes to the expected total and past it whatever the answers say, then on while pages are not
        empty, and ends at twice the expected total. An answer never ends it early.
        """
        limit = step or self.page_size
        expected = self.collection.expected_total or self.collection.minimum_total or 0
        most = max(2 * expected, 20 * limit)
        pages: list[Page] = []
        offset = 0
        while offset < most:
            pages.append(self.page(offset, limit, after=after))
            if offset >= expected and (pages[-1].fault or not pages[-1].count):
                return self._walk(pages, limit, ended=True)
            offset += limit
        return self._walk(pages, limit, ended=False)

    def _walk(self, pages: list[Page], step: int, ended: bool) -> Walk:
        key = tuple(page.exchange.request.key for page in pages)
        return self._walks.setdefault(key, Walk(tuple(pages), step, ended))

    def bulk(self, after: float = 0.0, *, name: str | None = None, filter: str | None = None) -> Walk:
        """The whole collection in as few requests as the API allows: one, where it sets no maximum.

        The plan covers what the tolerance allows, then goes on while pages are full.
        """
        if not after and (name, filter) in self._first_bulk:
            return self._first_bulk[name, filter]
        step = self.contract.paging.bulk_limit
        planned = self.collection.highest_total or self.collection.minimum_total or 1
        most = MOST_BULK_PAGES * step if self.contract.paging.maximum_limit else max(2 * planned, 20 * self.page_size)
        pages: list[Page] = []
        for offset in range(0, most, step):
            if offset >= planned and (pages[-1].fault or pages[-1].count < step):
                break
            pages.append(self.page(offset, step, name=name, filter=filter, after=after))
        bulk = self._walk(pages, step, ended=bool(pages[-1].fault) or pages[-1].count < step)
        return bulk if after else self._first_bulk.setdefault((name, filter), bulk)

    def full_reads(self) -> tuple[Walk, ...]:
        """The readings of the whole collection in the plan: the bulk read and, in full depth, the walk."""
        return (self.bulk(), self.walk()) if self.collection.depth == FULL else (self.bulk(),)

    def stable_bulk(self, holds: Callable[[Walk], bool]) -> Walk:
        """The bulk read to judge by itself: the first where it `holds` or is one answer, else one that stood still.

        Rows that move between the requests of one reading break no promise. Raises NotJudged when they keep moving.
        """
        bulk = self.bulk()
        for _ in range(READINGS):
            if len(bulk.pages) == 1 or holds(bulk):
                return bulk
            before, bulk = bulk, self.bulk(bulk.finished)
            if before.ids == bulk.ids:
                return bulk
        raise NotJudged(f"{self.name} moved through {READINGS} bulk reads", bulk.pages[0].exchange.curl)

    def bulk_to_its_end(self) -> Walk:
        """The bulk read, where it shows the end of the collection. Raises NotJudged where its last page is full."""
        bulk = self.bulk()
        if not bulk.ended:
            why = f"the bulk read of {self.name} is full at {bulk.count:,} rows and has not shown the end"
            raise NotJudged(f"{why}; a larger bulk_limit in the contract would", bulk.pages[-1].exchange.curl)
        return bulk

    def whole_of(self, page: Page) -> Callable[[float], Walk]:
        """The reader of the whole list that a page is a part of: by the same alias, of the same owner's items."""
        asked, parameters = dict(page.exchange.request.query), self.contract.parameters
        owner = asked.get(parameters.filter or "")
        name = asked.get(parameters.collection or "", self.name)
        if not owner and name == self.name:
            return self.bulk_again
        return lambda after: self.bulk(after, name=name, filter=owner)

    def resolve(self, window: Window) -> Window:
        """A window with its offset: one that counts from the end asks the bulk read where the end is."""
        if window.before_end is None:
            return window
        return Window(window.limit, max(0, self.bulk().count - window.before_end))

    def slice(self, whole: Walk, offset: int, limit: int | None) -> tuple[Id, ...]:
        """The ids that a page of that offset and limit must hold of a reading of the whole."""
        most = self.contract.paging.most(limit)
        return whole.ids[offset:] if most is None else whole.ids[offset : offset + most]

    def every_page(self) -> tuple[Page, ...]:
        """Every list answer of the plan that shows the collection by its own name, unfiltered.

        What is read a second time too: a cached answer shows itself only then.
        """
        if not self._every_page:
            bulk = self.bulk().pages
            ended = not any(page.fault for page in bulk)
            every = self.contract.paging.every_window
            windows = (self.resolve(window) for window in every if ended or window.before_end is None)
            pages = (self.page(window.offset, window.limit) for window in windows)
            walks = (*self.walk().pages, *self.walk(self.contract.paging.other_page_size).pages)
            again = (self.reader(self.reread(way))(self.reread(way).finished) for way in REREADS)
            self._every_page = tuple(dict.fromkeys((*walks, *bulk, *pages, *self._unusual_pages(), *again)))
        return self._every_page

    def reread(self, way: str) -> Page:
        """The first reading of what is read twice in every run: the second page (`page`), or the bulk read (`bulk`)."""
        return self.page(self.page_size, self.page_size) if way == "page" else self.bulk().pages[0]

    def _unusual_pages(self) -> tuple[Page, ...]:
        """The pages asked for in another way than by limit and offset alone."""
        far, huge = (
            self.page(o, self.page_size) for o in (self.contract.paging.far_offset, self.contract.paging.huge_offset)
        )
        without = (self.page(None, None), self.page(None, self.small))
        # A huge offset may be refused, and where it is answered with rows it is judged for that alone.
        past = () if huge.fault or huge.count else (huge,)
        return (*without, far, self.page(0, self.page_size, headers=PLAIN), *past)

    def planned_pages(self) -> tuple[Page, ...]:
        """Every list answer of the plan, what is promised of each single one is judged by.

        In full depth those by alias and filter too; where the collection is only counted the bulk read and its windows.
        """
        if not self._planned_pages and self.collection.depth == FULL:
            by_alias = (page for alias in self.collection.aliases for page in self.bulk(name=alias).pages)
            one_page = (self.page_by_alias(alias) for alias in self.collection.aliases[:1])
            self._planned_pages = (*self.every_page(), *by_alias, *one_page, *self.filtered_pages())
        elif not self._planned_pages:
            windows = (self.resolve(window) for window in self.collection.windows)
            pages = (self.page(window.offset, window.limit) for window in windows)
            self._planned_pages = (*self.bulk().pages, *pages)
        return self._planned_pages

    def page_by_alias(self, alias: str, after: float = 0.0) -> Page:
        """The third page, asked for by another name."""
        return self.page(2 * self.page_size, self.page_size, name=alias, after=after)

    def filter_values(self) -> tuple[str, str]:
        """The owners that the filter is tried with: whole, and in a window. Raises NotJudged when no item names one."""
        if not self._filter_values:
            self._filter_values = filter_probe_values(self.bulk(), self.contract.item.owner or "")
        return self._filter_values

    def filtered_pages(self) -> tuple[Page, ...]:
        """The bulk read of one owner's items, then most of another's, but not all; none where there is no filter."""
        field = self.contract.item.owner
        nobody = not (self.contract.parameters.filter and field) or self.bulk().pages[0].fault
        if nobody or not self.bulk().grouped(field or ""):
            return ()
        whole, windowed = self.filter_values()
        count = len(self.bulk().grouped(field or "")[windowed])
        most = min(max(1, count * 3 // 4), self.contract.paging.maximum_limit or count)
        return (*self.bulk(filter=whole).pages, self.page(count // 10, most, filter=windowed))

    def reads_all(self, page: Page) -> bool:
        """Whether a page asks for all there is in one answer, or for as much as the API allows."""
        paging = self.contract.paging
        most = paging.most(page.limit)
        return most is None or paging.bulk_limit <= most <= (paging.maximum_limit or most)

    def says_the_same(self, one: Page, other: Page) -> bool:
        """Whether two readings of a page agree in counters and items, but for what may change from read to read.

        Raises NotJudged when one is no list.
        """
        volatile, pairs = self.contract.item.volatile, zip(one.items, other.items, strict=False)
        bodies = one.ids == other.ids and not any(differs(here, there, volatile) for here, there in pairs)
        return bodies and one.told_counters == other.told_counters

    def timeline(self) -> tuple[Page, ...]:
        """Every list that this run has read of the collection, in the order of reading, repeated readings too."""
        plain = (page for page in self._pages.values() if self._plainly(page) and not page.fault)
        return tuple(sorted(plain, key=lambda page: page.started))

    def reader(self, page: Page) -> Callable[[float], Page]:
        """A function that gives the same page as read at or after a point in time; 0.0 for the first reading."""
        request = page.exchange.request

        def read(after: float) -> Page:
            if not after and request.reading == 1:
                return page
            return self._page(self.ask(request.query, headers=request.headers, after=after), page.offset, page.limit)

        return read

    def reread_pages(self, page: Page, times: int = 4) -> tuple[Page, ...]:
        """The same page read so many more times, one reading right after the other."""
        readings, read = [page], self.reader(page)
        for _ in range(times):
            readings.append(read(readings[-1].finished))
        return tuple(readings)

    def compared_with_bulk(self, offset: int, limit: int | None) -> tuple[Page, Walk]:
        """A page and the bulk read to judge it by, settled: see `laws.settle`."""
        return settle(
            lambda after: self.page(offset, limit, after=after),
            self.bulk_again,
            lambda page, bulk: page.ids == self.slice(bulk, offset, limit),
            ids_of,
        )

    def bulk_again(self, after: float) -> Walk:
        """The bulk read, asked after a point in time; 0.0 for any.

        Before a second one every planned window is read, so that one more bulk read judges them all.
        """
        if after:
            full = self.collection.depth == FULL
            declared = self.contract.paging.every_window if full else self.collection.windows
            windows = (self.resolve(window) for window in declared)
            after = max([after, *(self.page(window.offset, window.limit).finished for window in windows)])
        return self.bulk(after)

    def detail(self, id: str) -> Exchange:
        """The answer of an item's own page. The contract must declare one."""
        assert self.contract.detail is not None
        path = self.contract.detail.path_of(id)
        name = self.contract.parameters.collection
        return self.ask(((name, self.name),) if name else (), path=path)

    def seen(self) -> tuple[PageSeen, ...]:
        """What was observed, for the diagnosis and the strip: every listing answer of this run."""
        return tuple(self._seen(page) for page in self._pages.values())

    def _plainly(self, page: Page) -> bool:
        """Whether a page was asked for by the canonical name, without filter and without headers of its own."""
        return page.exchange.request.target in self._plain and not page.exchange.request.headers

    def _seen(self, page: Page) -> PageSeen:
        exchange, plainly = page.exchange, self._plainly(page)
        return PageSeen(
            collection=self.name,
            target=exchange.request.target,
            offset=page.offset,
            limit=page.limit,
            status=exchange.status,
            ids=() if page.fault else page.ids,
            total=None if page.fault or not page.envelope.total else plain(page.counter("total")),
            walk=plainly and _is_step(page, self.page_size),
            bulk=plainly and _is_step(page, self.contract.paging.bulk_limit),
            reading=exchange.request.reading,
            failure=page.fault,
        )


def _is_step(page: Page, step: int) -> bool:
    """Whether a page is one of a reading in steps of that size."""
    return page.limit == step and (page.offset or 0) % step == 0
