"""Reading: the requests of one collection, each made once, and what they bring: pages, walks, bulk reads."""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple, Protocol

from catalog_contract.catalog.fit import misfit_of
from catalog_contract.catalog.ids import HeldIds, Id, by_text
from catalog_contract.catalog.marks import marking_of
from catalog_contract.catalog.page import Page, unmarked, while_there
from catalog_contract.catalog.pagers import Asking, Pager, pager_of
from catalog_contract.catalog.walk import Walk
from catalog_contract.catalog.walking import Walked, most_items, walk_by_next, walk_by_position
from catalog_contract.model.contract import FLAT, FULL, Collection, Contract
from catalog_contract.model.exchange import NOT_RECORDED, Exchange, Request
from catalog_contract.model.verdict import NotJudged
from catalog_contract.model.wording import Words

NAMELESS = ""
"""The name to ask by where none is to be sent."""

MAX_READINGS = 12
"""How often one run asks the same thing at the most."""

Pairs = tuple[tuple[str, str], ...]


class Source(Protocol):
    """Where answers come from."""

    label: str

    def fetch(self, request: Request) -> Exchange: ...
    def close(self) -> None: ...


class Part(NamedTuple):
    """Which part of a collection is asked for, and how: by another name, filtered, with further parameters or headers.

    The plain one is the whole collection by its own name.
    """

    name: str | None = None
    filter: str | None = None
    query: Pairs = ()
    headers: Pairs = ()


PLAIN = Part()


class Reader:
    """Reads one collection of a contract. Nothing is asked before it is needed, and nothing twice.

    `after` (a point in time of an earlier answer) is how one says that a second look is needed.
    """

    def __init__(self, contract: Contract, collection: Collection, source: Source) -> None:
        self.contract = contract
        self.collection = collection
        self.source = source
        self.identity = contract.identity(collection)
        self._marking = marking_of(contract)
        self._pages: dict[str, Page] = {}
        self._parts: dict[str, Part] = {}
        self._pagers: dict[Part, Pager] = {}
        self._walks: dict[tuple[str, ...], Walk] = {}
        # First readings are kept by the words that ask for them: they never change in a run.
        self._first: dict[tuple[object, ...], Page] = {}
        self._first_walks: dict[tuple[object, ...], Walk] = {}
        self._of_walks: dict[int, set[str]] = {}
        self._schema_errors: dict[str, str] = {}
        self._uniques: dict[tuple[Id, ...], frozenset[str]] = {}
        self._before: dict[str, Id] = {}
        self._lists_items = False
        self._share = HeldIds()
        self._mismatch = while_there(self.mismatch)
        self.compared: str | None = None
        """What a comparison with another deployment has shown, in a line; None where none was made."""

    @property
    def name(self) -> str:
        """The canonical name of the collection."""
        return self.collection.name

    @property
    def words(self) -> Words:
        """What the contract calls an item and a collection."""
        return self.contract.words

    @property
    def noun(self) -> str:
        """What an item is called."""
        return self.words.item

    @property
    def nouns(self) -> str:
        """What several items are called."""
        return self.words.several_items

    def items(self, amount: int) -> str:
        """An amount of items in words: `1 item`, `1,350 items`."""
        return self.words.items(amount)

    def size_of(self, whole: Walk) -> int:
        """How many items a whole reading shows: each once, but for a flat merged list, which repeats them."""
        return whole.count if self.collection.merges == FLAT else len(whole.unique)

    @property
    def page_size(self) -> int:
        """The page size of the main walk, in items."""
        return self.contract.paging.page_size

    def pager(self, part: Part = PLAIN) -> Pager:
        """How a part is read in pages."""
        if part not in self._pagers:
            name = self.name if part.name is None else part.name or None
            asking = Asking(self.contract, name, part.filter, part.query, part.headers)
            self._pagers[part] = pager_of(asking)
        return self._pagers[part]

    def ask(self, request: Request, after: float = 0.0) -> Exchange:
        """The answer to a request, asked at or after a point in time. Raises NotJudged after too many readings."""
        for reading in range(1, MAX_READINGS + 1):
            exchange = self.source.fetch(request if reading == 1 else request.as_reading(reading))
            if exchange.failure is not None or exchange.started >= after:
                return exchange
        raise NotJudged(f"{request.label}: read {MAX_READINGS} times without coming to rest", exchange.curl)

    def page(
        self,
        row: int | None = None,
        limit: int | None = None,
        *,
        name: str | None = None,
        filter: str | None = None,
        headers: Pairs = (),
        after: float = 0.0,
    ) -> Page:
        """The page after that many items; without a position where `row` is None.

        `name` asks by another name (an alias), `filter` for one owner's items only. A page that cannot be asked for
        directly is reached from the first one on; NotJudged is raised where the list does not lead there.
        """
        return self.page_of_part(Part(name, filter, (), headers), row, limit, after)

    def page_of_part(self, part: Part, row: int | None, limit: int | None, after: float = 0.0) -> Page:
        """The page of a part, see `page`."""
        words = (row, limit, part)
        if not after and words in self._first:
            return self._first[words]
        limit = limit if self.contract.parameters.limit else None
        pager = self.pager(part)
        request = pager.bare(limit) if row is None else pager.at(row, limit)
        page = self._reached(part, row or 0, limit, after) if request is None else None
        if request is not None:
            page = self._read(part, request, row, limit, after)
        assert page is not None
        return page if after else self._first.setdefault(words, page)

    def first_two(self, part: Part, size: int) -> tuple[Page, ...]:
        """The first page of a part, and the page that it leads to, if any."""
        pager, limit = self.pager(part), self._limit(size)
        first = self._read(part, pager.first(limit), 0, limit)
        onward = None if first.fault else pager.next(first).request
        if onward is None:
            return (first,)
        second = self._read(part, onward, first.count, limit)
        self._lead(first, second)
        return first, second

    def _reached(self, part: Part, row: int, limit: int | None, after: float) -> Page:
        """The page at a row that only the pages before it lead to."""
        pager = self.pager(part)
        page = self._read(part, pager.first(limit), 0, limit, after)
        while (page.row or 0) < row:
            if page.fault:
                raise page.not_judged()
            onward = pager.next(page)
            if onward.request is None or not page.count:
                raise NotJudged(f"{self.name}: no page leads to row {row:,}", page.exchange.curl)
            before = page
            page = self._read(part, onward.request, (page.row or 0) + page.count, limit, after)
            self._lead(before, page)
        if page.row != row:
            raise NotJudged(f"{self.name}: no page of {limit} begins at row {row:,}", page.exchange.curl)
        return page

    def _read(self, part: Part, request: Request, row: int | None, limit: int | None, after: float = 0.0) -> Page:
        exchange = self.ask(request, after)
        key = exchange.request.key
        if key not in self._pages:
            place = "" if row is None else self.pager(part).place(row, limit)
            whole = part == PLAIN and limit in (None, self.contract.paging.bulk_limit)
            self._parts[key] = part
            self._pages[key] = Page(
                exchange,
                self.contract.envelope,
                self.identity,
                row,
                limit,
                place,
                self._mismatch,
                self.words.items,
                self.contract.transport.id_cap_characters,
                self.contract.item.volatile,
                self._marking if whole else unmarked,
                self._share if part == PLAIN else by_text,
            )
        return self._pages[key]

    def part_of(self, page: Page) -> Part:
        """The part that a page was asked for."""
        return self._parts.get(page.exchange.request.key, PLAIN)

    def item_before(self, page: Page) -> Id:
        """The last item of the page that led to a page; None where none is known."""
        return self._before.get(_asked(page))

    def led_to(self, page: Page) -> Page | None:
        """The first reading of the page that a page leads to; None where it leads nowhere or that was not read."""
        onward = self.pager(self.part_of(page)).next(page)
        return self._pages.get(onward.request.key) if onward.request is not None else None

    def listing(self, exchange: Exchange) -> Page:
        """An answer read as a list, whatever was asked; it is not a page of the list."""
        longest = self.contract.transport.id_cap_characters
        return Page(exchange, self.contract.envelope, self.identity, longest_id=longest)

    def reader(self, page: Page) -> Callable[[float], Page]:
        """A function that gives the same page as read at or after a point in time; 0.0 for the first reading."""
        request = page.exchange.request

        def read(after: float) -> Page:
            if not after and request.reading == 1:
                return page
            return self._read(self.part_of(page), request.as_reading(1), page.row, page.limit, after)

        return read

    def first_page(self, after: float = 0.0) -> Page:
        """The first page, in the page size of the contract."""
        return self.page(0, self.page_size, after=after)

    def step(self, size: int) -> int:
        """How many items a page of that size holds: the default, where no limit can be asked for."""
        default = self.contract.paging.default_limit
        return size if self.contract.parameters.limit or not isinstance(default, int) else default

    def walk(self, size: int | None = None, after: float = 0.0) -> Walk:
        """The collection page by page.

        Where any page can be asked for directly the walk follows a plan of its own: to the expected total and past it
        whatever the answers say, then on while pages are not empty. An answer never ends it early. Elsewhere the
        answers lead.
        """
        size = size or self.page_size
        if not self.contract.paging.by_position:
            return self.walk_along(size, after)
        if self.contract.followed:
            return self._by_position(PLAIN, size, after, expected=1, until_short=self.contract.paging.full_pages)
        expected = self.collection.expected_total or self.collection.minimum_total or 0
        return self._by_position(PLAIN, size, after, expected=expected)

    def walk_along(self, size: int, after: float = 0.0) -> Walk:
        """The collection as the answers lead on from page to page."""
        return self._along(PLAIN, size, after)

    def bulk(self, after: float = 0.0, *, name: str | None = None, filter: str | None = None) -> Walk:
        """The whole collection in as few requests as the API allows: one, where it sets no maximum.

        The plan covers what the tolerance allows, then goes on while pages are full.
        """
        return self.bulk_of(Part(name, filter), after)

    def bulk_of(self, part: Part, after: float = 0.0) -> Walk:
        """The whole of a part, see `bulk`."""
        size = self.contract.paging.bulk_limit
        if not self.contract.paging.by_position:
            return self._along(part, size, after)
        whole = not (part.filter or part.query or self.contract.followed)
        planned = (whole and (self.collection.highest_total or self.collection.minimum_total)) or 1
        return self._by_position(part, size, after, expected=planned, until_short=self.contract.paging.full_pages)

    def walk_of(self, part: Part, size: int, after: float = 0.0) -> Walk:
        """A part page by page, to an empty page or as the answers lead."""
        if not self.contract.paging.by_position:
            return self._along(part, size, after)
        return self._by_position(part, size, after, expected=0)

    def _by_position(self, part: Part, size: int, after: float, *, expected: int, until_short: bool = False) -> Walk:
        words = (part, size, until_short)
        if not after and words in self._first_walks:
            return self._first_walks[words]
        step = self.step(size)
        walked = walk_by_position(
            self.pager(part),
            lambda request, row, limit: self._read(part, request, row, self._limit(limit), after),
            step,
            most=self._most_items(step),
            expected=expected,
            until_short=until_short,
            trusting=self.contract.followed,
        )
        self._note(walked, part, size)
        return self._kept(walked, step, None if after else words)

    def _along(self, part: Part, size: int, after: float) -> Walk:
        words = (part, size, "along")
        if not after and words in self._first_walks:
            return self._first_walks[words]
        step = self.step(size)
        walked = walk_by_next(
            self.pager(part),
            lambda request, row, limit: self._read(part, request, row, limit, after),
            self._limit(step),
            most=-(-self._most_items(step) // step) + 1,  # an empty page may be what shows the end
        )
        self._note(walked, part, size)
        return self._kept(walked, step, None if after else words)

    def _note(self, walked: Walked[Page], part: Part, size: int) -> None:
        if part == PLAIN:
            self._of_walks.setdefault(size, set()).update(map(_asked, walked.pages))

    def is_of(self, page: Page, size: int) -> bool:
        """Whether a page belongs to a reading of the whole list in pages of that size: to one that was made, or to the
        one that its position is of, where none was."""
        return _asked(page) in self._of_walks[size] if size in self._of_walks else page.is_step(size)

    def _most_items(self, step: int) -> int:
        # One page may be all there is where any limit is served: twenty of those prove no more than twenty small ones.
        counted = step if self.contract.paging.maximum_limit else self.step(self.page_size)
        return most_items(self.contract, self.collection, counted)

    def _limit(self, size: int | None) -> int | None:
        return size if self.contract.parameters.limit else None

    def _kept(self, walked: Walked[Page], step: int, words: tuple[object, ...] | None) -> Walk:
        """The walk of these pages: one and the same where the pages are."""
        key = tuple(page.exchange.request.key for page in walked.pages)
        walk = Walk(walked.pages, step, walked.ending, walked.problem, walked.back_to, walked.refusal, self._uniques)
        for before, page in pairwise(walked.pages):
            self._lead(before, page)
        walk = self._walks.setdefault((*key, walked.ending), walk)
        return walk if words is None else self._first_walks.setdefault(words, walk)

    def recorded(self, pages: tuple[Page, ...]) -> tuple[Page, ...]:
        """The pages; of what another client recorded those that it asked for, if any."""
        asked = tuple(page for page in pages if page.fault != NOT_RECORDED) if self.contract.followed else ()
        return asked or pages

    def _lead(self, before: Page, page: Page) -> None:
        """Remember the item behind which a page begins."""
        if not (page.fault or before.fault) and before.raw_ids:
            self._before.setdefault(_asked(page), before.raw_ids[-1])

    def opening(self) -> Page:
        """The first page of the bulk read, the first request that is made of a collection."""
        return self.page(0, self.contract.paging.bulk_limit)

    def lists_nothing(self) -> bool:
        """Whether every list that was read of the collection is empty; one more is read where none was."""
        if not self._lists_items:
            self._lists_items = any(page.count for page in self._pages.values() if not page.fault)
        return not self._lists_items and not self.opening().fault and not self.opening().count

    def mismatch(self, word: str) -> str:
        """Why a word of the contract does not fit the service: what the first answers of bulk read and walk both lack.
        Empty where it fits, and where nothing was answered."""
        if word not in self._schema_errors:
            openings = [self.opening()]
            if self.collection.depth == FULL:
                openings.append(self.first_page())
            found = [self._schema_error(word, page) for page in openings]
            self._schema_errors[word] = found[0] if all(found) else ""
        return self._schema_errors[word]

    def _schema_error(self, word: str, page: Page) -> str:
        expected = self.contract.least_on_first_page(self.collection, page.limit)
        known = not page.fault and word in ("items", "id")
        if known and (any(page.raw_ids) if word == "id" else page.count or not expected):
            return ""
        return misfit_of(word, page.exchange, page.envelope, self.identity, expected)


def _asked(page: Page) -> str:
    """What a page was asked by, whichever reading it is."""
    return page.exchange.request.asked
