"""Page and Walk: what one listing answer, and a whole reading of the collection, hold."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any

from catalog_contract.catalog.laws import Id, WholeIds, first_difference, lost, repeated
from catalog_contract.model.exchange import MISSING, Exchange
from catalog_contract.model.json_body import NotJson
from catalog_contract.model.verdict import Evidence, NotJudged
from catalog_contract.model.words import Envelope
from catalog_contract.util.text import encodable

COUNTERS = ("total", "returned", "offset", "limit", "collection", "has_more", "next_offset")
"""What an answer may say about itself, in the words of the contract."""

SHOWN = 3
"""How many offending ids a message names before it only counts."""


def some(ids: Iterable[Id]) -> str:
    """The first few ids and how many more there are, for a message: `a, b, c and 97 more`."""
    listed = list(ids)
    names = ", ".join(_short(id) for id in listed[:SHOWN])
    return names + (f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else "")


def _short(value: object, width: int = 96) -> str:
    text = value if isinstance(value, str) else "(no usable id)" if value is None else repr(value)
    return text if len(text) <= width else text[: width - 1] + "…"


def readable(pages: Iterable["Page"]) -> Iterator["Page"]:
    """The pages that are lists; after the last of them NotJudged is raised if any was not.

    So a fault that can be seen is found before what could not be read is complained of.
    """
    unread: list[Page] = []
    for page in pages:
        if page.fault:
            unread.append(page)
        else:
            yield page
    if unread:
        raise unread[0].not_judged()


def said(items: Sequence[Any], field: str) -> list[Any]:
    """What a field says in each item; None where an item leaves it out, or is no object."""
    try:
        return list(map(itemgetter(field), items))  # the usual page, at the speed of C
    except (KeyError, TypeError):
        return [item.get(field) if isinstance(item, dict) else None for item in items]


def same(told: object, asked: object) -> bool:
    """Whether a counter is the value expected, of the same type: 1 is neither true nor "1"."""
    return type(told) is type(asked) and told == asked


def models(number: int) -> str:
    """`1 model`, `2 models`."""
    return f"{number:,} model" + ("" if number == 1 else "s")


UNAVAILABLE = frozenset({401, 403, 407, 408, 425, 429, 502, 503, 504})
"""Statuses that say nothing of the catalogue: not allowed in, asked too fast, or not up at the moment."""


@dataclass(frozen=True, eq=False)
class Page:
    """One listing answer. `offset` and `limit` are as asked; None where the request left them out."""

    exchange: Exchange
    envelope: Envelope
    id_field: str
    offset: int | None
    limit: int | None

    @property
    def started(self) -> float:
        return self.exchange.started

    @property
    def finished(self) -> float:
        return self.exchange.finished

    @property
    def at_once(self) -> bool:
        """A page is one answer."""
        return True

    @cached_property
    def fault(self) -> str:
        """Why this answer is not a list of items; empty when it is one."""
        exchange = self.exchange
        if exchange.failure is not None:
            return exchange.failure
        if exchange.status != 200:
            return f"answered {exchange.status}"
        try:
            data = exchange.data
        except NotJson as error:
            return f"answered 200 with a body that is not JSON ({error})"
        items = self._items(data)
        if not isinstance(items, list):
            where = f"a list under {self.envelope.items!r}" if self.envelope.items else "a list"
            return f"answered 200 without {where}"
        return ""

    @property
    def unavailable(self) -> bool:
        """Whether this answer says nothing of the catalogue: none came, or a status of `UNAVAILABLE`."""
        return self.exchange.failure is not None or self.exchange.status in UNAVAILABLE

    def not_judged(self) -> NotJudged:
        """What to raise where this answer was needed and is no list."""
        return NotJudged(f"{self.exchange.request.target}: {self.fault}", self.exchange.curl)

    def _items(self, data: Any) -> Any:
        if not self.envelope.items:
            return data
        return data.get(self.envelope.items) if isinstance(data, dict) else None

    @cached_property
    def items(self) -> list[Any]:
        """The items as answered. Raises NotJudged when the answer is no list."""
        if self.fault:
            raise self.not_judged()
        items: list[Any] = self._items(self.exchange.data)
        return items

    @cached_property
    def ids(self) -> tuple[Id, ...]:
        """The id of every row; None for a row that has no usable one. Raises NotJudged as `items`."""
        ids = said(self.items, self.id_field)
        with suppress(TypeError):
            if all(ids) and "".join(ids).isascii():  # the usual page, at the speed of C
                return tuple(ids)
        return tuple(encodable(id) if isinstance(id, str) and id else None for id in ids)

    @property
    def count(self) -> int:
        """How many rows the page holds."""
        return len(self.items)

    def counter(self, name: str) -> Any:
        """What the envelope says under the contract's word for it (`total`, `has_more`, ...).

        MISSING when the answer leaves it out. Raises NotJudged when the answer is no list.
        """
        _ = self.items
        key = getattr(self.envelope, name)
        data = self.exchange.data
        return data.get(key, MISSING) if isinstance(data, dict) else MISSING

    @property
    def told_counters(self) -> dict[str, object]:
        """All that the answer says about itself, by the contract's words. Raises NotJudged when it is no list."""
        return {name: self.counter(name) for name in COUNTERS if getattr(self.envelope, name)}

    def told(self, message: str, **id_lists: Iterable[Id]) -> Evidence:
        """The evidence that this page gives: what is wrong, the request, the line that asks again."""
        lists = {name: tuple(str(id) for id in ids) for name, ids in id_lists.items()}
        target = self.exchange.request.target
        return Evidence(f"{message}\nin {target}", self.exchange.curl, (target,), **lists)

    def slice_evidence(self, expected: Sequence[Id]) -> Evidence:
        """The evidence that this page is not its slice of the bulk read: the first index at which the two part."""
        at = first_difference(expected, self.ids)
        here, there = (some(ids[at : at + 1]) or "nothing" for ids in (self.ids, expected))
        message = (
            f"the window at offset {self.offset}, limit {self.limit or '(none)'}, holds {models(self.count)}, its "
            f"slice of the bulk read {len(expected)}; index {at} is {here}, expected {there}"
        )
        return self.told(message, lost=lost(expected, self.ids), unexpected=lost(self.ids, expected))


@dataclass(frozen=True, eq=False)
class Walk:
    """A reading of the whole collection, page after page. `ended` tells whether an empty page was met."""

    pages: tuple[Page, ...]
    step: int
    ended: bool = True

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
        return lists[0] if len(lists) == 1 else tuple(chain.from_iterable(lists))

    @cached_property
    def unique(self) -> frozenset[str]:
        """The different ids."""
        return frozenset(filter(None, self.ids))

    @cached_property
    def twice(self) -> tuple[str, ...]:
        """The ids that stand more than once, in the order of their first place."""
        return () if len(self.unique) == self.count else repeated(self.ids)

    @cached_property
    def items(self) -> list[Any]:
        """The items of all pages in order."""
        lists = [page.items for page in self.pages]
        return lists[0] if len(lists) == 1 else list(chain.from_iterable(lists))

    def grouped(self, field: str) -> dict[str, list[tuple[Id, Any]]]:
        """The ids and items by what a field of theirs says, in order; items without such a text are left out."""
        if field not in self._groups:
            groups: dict[str, list[tuple[Id, Any]]] = defaultdict(list)
            for value, told in zip(said(self.items, field), zip(self.ids, self.items, strict=True), strict=True):
                if value.__class__ is str and value:
                    groups[value].append(told)
            self._groups[field] = dict(groups)
        return self._groups[field]

    @cached_property
    def _groups(self) -> dict[str, dict[str, list[tuple[Id, Any]]]]:
        return {}

    @cached_property
    def by_id(self) -> dict[Id, Any]:
        """The item of each id, the last one where an id repeats."""
        return dict(zip(self.ids, self.items, strict=True))

    @property
    def count(self) -> int:
        """How many rows all pages hold together."""
        return len(self.ids)

    def told(self, message: str, **id_lists: Iterable[Id]) -> Evidence:
        """The evidence that this reading gives; the first page stands for the requests."""
        evidence = self.pages[0].told(message, **id_lists)
        if len(self.pages) == 1:
            return evidence
        where = f"walked in {len(self.pages)} pages of {self.step}, from {self.pages[0].exchange.request.target}"
        return Evidence(
            f"{message}\n{where}",
            evidence.curl,
            tuple(page.exchange.request.target for page in self.pages),
            evidence.lost,
            evidence.unexpected,
            evidence.repeated,
        )

    def page_of(self, index: int) -> Page:
        """The page that holds the row at an index of `ids`."""
        for page in self.pages:
            if index < page.count:
                return page
            index -= page.count
        raise IndexError(index)


def ids_of(reading: Page | Walk) -> tuple[Id, ...]:
    """The ids of a page or a walk: what moves when a catalogue grows."""
    return WholeIds(reading.ids) if isinstance(reading, Walk) else reading.ids


def plain(value: object) -> object:
    """A value as it may leave the process: numbers, texts and None as they are, anything else as its text."""
    return value if value is None or isinstance(value, bool | int | float | str) else repr(value)[:80]


def total_of(page: Page, whole: Page | Walk) -> object:
    """What a page says under `total`; the rows of the whole list where the contract promises no total."""
    return page.counter("total") if page.envelope.total else whole.count
