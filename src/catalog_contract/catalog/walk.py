"""Walk: a reading of the whole list, page after page, and what it holds."""

from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from catalog_contract.catalog.ids import Id, repeated
from catalog_contract.catalog.page import Page, beside
from catalog_contract.catalog.rows import Reading, Rows, by_field, joined
from catalog_contract.catalog.settle import WholeIds
from catalog_contract.catalog.walking import COMPLETE, Ending
from catalog_contract.model.verdict import Evidence, NotJudged
from catalog_contract.util.text import counted


@dataclass(frozen=True, eq=False)
class Walk(Reading):
    """A reading of the whole list, page after page in steps of `step` items, and why it ended.

    `problem` says in a line what was wrong with how it ended, `back_to` which page it came back to, by its place among
    the pages. `refusal` is the answer past the end that was not a list; it is not one of the pages. Readings that share
    `uniques` share the set of their ids where they agree.
    """

    pages: tuple[Page, ...]
    step: int
    ending: Ending = Ending.EMPTY
    problem: str = ""
    back_to: int | None = None
    refusal: Page | None = None
    uniques: dict[tuple[Id, ...], frozenset[str]] = field(default_factory=dict, repr=False)

    @property
    def ended(self) -> bool:
        """Whether the end of the list was met."""
        return self.ending in COMPLETE

    @property
    def at_once(self) -> bool:
        """Whether it is one answer."""
        return len(self.pages) == 1

    @cached_property
    def started(self) -> float:
        """When the first of its pages was asked for: a page may be a later reading than the one after it."""
        return min(page.started for page in self.pages)

    @cached_property
    def finished(self) -> float:
        """When the last of its pages was there."""
        return max(page.finished for page in self.pages)

    @cached_property
    def ids(self) -> tuple[Id, ...]:
        """The ids of all pages in order. Raises NotJudged when a page could not be read."""
        lists = [page.ids for page in self.pages]
        return tuple(chain.from_iterable(lists)) if self.stored else self.rows.ids

    @property
    def cut(self) -> bool:
        """Whether the suite itself ended this reading, which had not listed an item twice: more may lie behind it."""
        return self.ending is Ending.CUT and not self.twice

    def to_its_end(self) -> "Walk":
        """This reading, where nothing but the service ended it. Raises NotJudged where it was cut or cannot go on."""
        if not self.ended and self.ending is not Ending.LOOP:
            read = counted(len(self.pages), "page")
            why = f"the end of the list was not seen: the reading of {read} ends where {self.ending}"
            raise NotJudged(f"{why}{f' ({self.problem})' if self.problem else ''}", self.pages[-1].exchange.curl)
        return self

    @cached_property
    def unique(self) -> frozenset[str]:
        """The different ids."""
        if self.ids not in self.uniques:
            self.uniques[self.ids] = frozenset(filter(None, self.ids)) if self.stored else self.rows.unique
        return self.uniques[self.ids]

    @cached_property
    def twice(self) -> tuple[str, ...]:
        """The ids that stand more than once, in the order of their first place."""
        return () if len(self.unique) == self.count else repeated(self.ids)

    @cached_property
    def period(self) -> int:
        """After how many items the reading lists the same ones again, and so on to its end; 0 where it does not."""
        size = len(self.unique)
        twice = 0 < size <= self.count // 2
        return size if twice and None not in self.ids[:size] and self.ids[size:] == self.ids[:-size] else 0

    @cached_property
    def items(self) -> Collection[Any]:
        """The items of all pages in order, to go through; where they are stored, page by page."""
        if self.stored:
            return _Items(self)
        return self.rows.items

    @cached_property
    def rows(self) -> Rows:
        """The items of all pages as they are shared, see `Rows`; of a reading whose bodies are held."""
        return joined(tuple(page.rows for page in self.pages))

    @cached_property
    def stored(self) -> bool:
        """Whether any body is stored elsewhere: small ones are held in any case."""
        return any(page.stored for page in self.pages)

    @cached_property
    def prints(self) -> "array[int]":
        """The fingerprint of every item of a stored reading, see `Page.prints`."""
        joined = array("q")
        for page in self.pages:
            joined.extend(page.prints)
        return joined

    @cached_property
    def last_index(self) -> dict[Id, int]:
        """Where each id stands last in `ids`."""
        return {id: at for at, id in enumerate(self.ids)}

    def item_at(self, index: int) -> Any:
        """The item at an index of `ids`."""
        for page in self.pages:
            if index < page.count:
                return page.items[index]
            index -= page.count
        raise IndexError(index)

    def items_at(self, indexes: Iterable[int]) -> dict[int, Any]:
        """The items at some indexes of `ids`; every page is read once."""
        found, start = dict[int, Any](), 0
        wanted = sorted(indexes, reverse=True)
        for page in self.pages:
            items: list[Any] | None = None
            while wanted and wanted[-1] < start + page.count:
                items = page.items if items is None else items
                found[wanted[-1]] = items[wanted[-1] - start]
                wanted.pop()
            start += page.count
        return found

    def grouped(self, field: str) -> dict[str, list[int]]:
        """The indexes of the items by what a field of theirs says, in order; items without such a text are left out."""
        if field not in self._groups:
            self._groups[field] = self.once(by_field, field)
        return self._groups[field]

    @cached_property
    def _groups(self) -> dict[str, dict[str, list[int]]]:
        return {}

    @cached_property
    def by_id(self) -> dict[Id, Any]:
        """The item of each id, the last one where an id repeats."""
        return dict(zip(self.ids, self.items, strict=True)) if self.stored else self.rows.by_id

    @property
    def count(self) -> int:
        """How many rows all pages hold together."""
        return len(self.ids)

    def evidence(self, message: str, kind: str = "", **id_lists: Iterable[Id]) -> Evidence:
        """The evidence that this reading gives: the pages with the first repeated id, or else the first page."""
        lists = {name: tuple(ids) for name, ids in id_lists.items()}
        if len(self.pages) == 1:
            return self.pages[0].evidence(message, kind, **lists)
        first, *others = self._pages_with(next(iter(lists.get("repeated", ())), None))
        evidence = beside(first.evidence(message, kind, **lists), *others)
        where = f"walked in {len(self.pages)} pages of {self.step}, from {self.pages[0].exchange.request.label}"
        return Evidence(
            f"{message}\n{where}",
            evidence.curl,
            tuple(page.exchange.request.label for page in self.pages),
            evidence.lost,
            evidence.unexpected,
            evidence.repeated,
            evidence.beside,
            kind,
        )

    def _pages_with(self, id_: Id) -> list[Page]:
        """The pages on which an id stands first and second; the first page where none repeats."""
        places = [index for index, found in enumerate(self.ids) if found == id_] if id_ else []
        return [self.page_of(index) for index in places[:2]] or [self.pages[0]]

    def page_of(self, index: int) -> Page:
        """The page that holds the row at an index of `ids`."""
        for page in self.pages:
            if index < page.count:
                return page
            index -= page.count
        raise IndexError(index)


class _Items(Collection[Any]):
    """The items of a stored reading: each page is read again when it is come to."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk

    def __len__(self) -> int:
        return self._walk.count

    def __iter__(self) -> Iterator[Any]:
        return chain.from_iterable(page.items for page in self._walk.pages)

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)


def ids_of(reading: Page | Walk) -> tuple[Id, ...]:
    """The ids of a page or a walk: what moves when a list grows. A walk that was cut is a window of the list."""
    return WholeIds(reading.ids) if isinstance(reading, Walk) and not reading.cut else reading.ids


def total_of(page: Page, whole: Page | Walk) -> object:
    """What a page says under `total`; the items of the whole list where the contract promises no exact total, and
    where the page leaves out an optional one."""
    return page.counter("total") if page.envelope.exact_total and not page.leaves_out("total") else whole.count
