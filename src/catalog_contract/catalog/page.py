"""Page: what one listing answer holds, read by the places of the contract."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from weakref import WeakMethod

from catalog_contract.catalog.fingerprint import fingerprints
from catalog_contract.catalog.fit import nearest_fit
from catalog_contract.catalog.ids import Id, by_text, first_difference, lost
from catalog_contract.catalog.rows import Reading, Rows, rows_of
from catalog_contract.model.exchange import MISSING, OVER_LIMIT, Exchange
from catalog_contract.model.json_body import NotJson
from catalog_contract.model.place import Identity
from catalog_contract.model.stored import is_small_object
from catalog_contract.model.verdict import Evidence, NotJudged
from catalog_contract.model.words import COUNTERS, Envelope
from catalog_contract.util.text import counted

LONGEST_TEXT = 1_000
"""How many characters of a counter that is a text are kept."""

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


def same(reported: object, asked: object) -> bool:
    """Whether a counter is the value expected, of the same type: 1 is neither true nor "1"."""
    return type(reported) is type(asked) and reported == asked


def items_in_words(amount: int) -> str:
    """`1 item`, `2 items`."""
    return counted(amount, "item")


UNAVAILABLE = frozenset({401, 403, 407, 408, 425, 429, 502, 503, 504})
"""Statuses that say nothing of the list: not allowed in, asked too fast, or not up at the moment."""


Marks = tuple[tuple[str, tuple[object, ...]], ...]
"""What each item says that filters, sorts and the filter by owner go by, by their names."""


def unmarked(items: Sequence[Any]) -> Marks:
    """No marks, of whatever items."""
    return ()


def fits(word: str) -> str:
    """What is reported of a word of the contract where nothing speaks against it."""
    return ""


def while_there(says: Callable[[str], str]) -> Callable[[str], str]:
    """A method of a reader for the pages that it holds: they do not hold it, so that all go when nobody needs them, and
    Python need not look for circles."""
    known = WeakMethod(says)

    def mismatch(word: str) -> str:
        there = known()
        return fits(word) if there is None else there(word)

    return mismatch


@dataclass(frozen=True, eq=False)
class Page(Reading):
    """One listing answer. `row` is how many items lie before it, None where the request left the position out;
    `limit` is as asked, None where it was left out.

    `place` is the position in the words of the API ("offset 100", "page 2"). `mismatch` says of a word of the contract
    why it does not fit the service; empty where it does. `amount` words a number of items. `longest_id` is how many
    characters of an id a run may hold, `volatile` names the fields of an item that may change from read to read, and
    `marking` finds the marks of the items. `share` gives ids, by the row of the first, as they are held already.

    Where the body is stored elsewhere the page holds ids, counters and a fingerprint of each item; `items` and `bare`
    read the body again.
    """

    exchange: Exchange
    envelope: Envelope
    identity: Identity
    row: int | None = None
    limit: int | None = None
    place: str = ""
    mismatch: Callable[[str], str] = fits
    amount: Callable[[int], str] = items_in_words
    longest_id: int | None = None
    volatile: tuple[str, ...] = ()
    marking: Callable[[Sequence[Any]], Marks] = unmarked
    share: Callable[[int | None, tuple[Id, ...]], tuple[Id, ...]] = by_text

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

    @property
    def where(self) -> str:
        """The position for a message."""
        return self.place or f"row {self.row or 0}"

    @property
    def window(self) -> str:
        """Position and limit for a message: `offset 100, limit 50`."""
        return self.where + (f", limit {self.limit}" if self.limit is not None else ", without limit")

    @cached_property
    def fault(self) -> str:
        """Why this answer is not a list of items, with the nearest fit; empty when it is one."""
        exchange = self.exchange
        if exchange.failure is not None:
            return exchange.failure
        if exchange.status != 200:
            return f"answered {exchange.status}"
        try:
            data = exchange.data
        except NotJson as error:
            return f"answered 200 with a body that is not JSON ({error})"
        if isinstance(self._found, list):
            return self._over_limit
        where = f"a list under {str(self.envelope.items)!r}" if self.envelope.items else "a list"
        fit = nearest_fit(data, self.identity)
        return f"answered 200 without {where}" + (f"; {fit}" if fit else "")

    @property
    def _over_limit(self) -> str:
        """That an id is longer than a run may hold: a limit of ours, no fault of the service."""
        if self.longest_id is None:
            return ""
        stored = self.stored
        longest = max(map(len, filter(None, self._listed_ids)), default=0) if stored else self._rows.longest_id
        if longest <= self.longest_id:
            return ""
        word = "transport.id_cap_characters"
        return f"{OVER_LIMIT}an id of {longest:,} characters, {self.longest_id:,} are allowed ({word})"

    @cached_property
    def _listed_ids(self) -> tuple[Id, ...]:
        """The ids of a list whose body is stored elsewhere."""
        ids = self.identity.of(self._found)
        for place in self.envelope.places.values():  # while the body is decoded
            place.read(self.exchange)
        _ = self._bare
        if self._made:
            return ids
        _ = self.prints, self.marks
        return self.share(self.row, ids)

    @property
    def stored(self) -> bool:
        """Whether the body is not held."""
        return self.exchange.stored is not None

    @property
    def _made(self) -> bool:
        """Whether the items are made up, each from its id."""
        return self.exchange.stored is not None and self.exchange.stored.made

    @cached_property
    def prints(self) -> "array[int]":
        """A fingerprint of each item without its volatile fields. Items with one fingerprint are alike; items with
        two are not, or are written in another way. Made-up items are alike where their ids are."""
        if self._made:
            return array("q", map(hash, self.raw_ids))
        return fingerprints(self._found, self.volatile)

    @cached_property
    def marks(self) -> Marks:
        """The marks of a list: found while its body is decoded, where that is not held."""
        return self.marks_by(self.marking)

    def marks_by(self, marking: Callable[[Sequence[Any]], Marks]) -> Marks:
        """The marks that a marking finds."""
        return marking(self._found) if self.stored else self._rows.once(marking, self._found)

    @property
    def _found(self) -> Any:
        """What stands where the items should; an empty list where they may be left out and are."""
        return self._listed() if self.stored else self._held

    @cached_property
    def _held(self) -> Any:
        return self._listed()

    @cached_property
    def _rows(self) -> Rows:
        return rows_of(self._held, self.identity)

    @property
    def rows(self) -> Rows:
        """The items as they are shared, see `Rows`; of a page whose body is held. Raises NotJudged as `items`."""
        self._needed()
        return self._rows

    def _listed(self) -> Any:
        found = self.envelope.items.read(self.exchange)
        left_out = found is MISSING or found is None
        return [] if left_out and "items" in self.envelope.optional and isinstance(self.exchange.data, dict) else found

    @property
    def unavailable(self) -> bool:
        """Whether this answer says nothing of the list: none came, a status of `UNAVAILABLE`, more than a run may hold,
        or the contract does not fit."""
        return (
            self.exchange.failure is not None
            or self.exchange.status in UNAVAILABLE
            or self.fault.startswith(OVER_LIMIT)
            or bool(self.fault and self.exchange.status == 200 and self.mismatch("items"))
        )

    @property
    def refused(self) -> bool:
        """Whether the service refused to answer this one request (4xx): it lies past what is served, perhaps."""
        status = self.exchange.status
        return status is not None and 400 <= status < 500 and status not in UNAVAILABLE

    def not_judged(self) -> NotJudged:
        """What to raise where this answer was needed and is not a list."""
        return NotJudged(f"{self.exchange.request.label}: {self.fault}", self.exchange.curl)

    @property
    def items(self) -> list[Any]:
        """The items as answered. Raises NotJudged when the answer is not a list."""
        self._needed()
        items: list[Any] = self._found
        return items

    def item_at(self, index: int) -> Any:
        """The item at an index of `ids`."""
        return self.items[index]

    @cached_property
    def raw_ids(self) -> tuple[Id, ...]:
        """The id of every item; None for one that has no usable id. Raises NotJudged as `items`."""
        self._needed()
        return self._listed_ids if self.stored else self._rows.ids

    def _needed(self) -> None:
        if self.fault:
            raise self.not_judged()

    @cached_property
    def ids(self) -> tuple[Id, ...]:
        """The id of every item, see `raw_ids`. Raises NotJudged also where no item of the service has an id as the
        contract says."""
        if self.raw_ids and not any(self.raw_ids) and (why := self.mismatch("id")):
            raise NotJudged(why, self.exchange.curl)
        return self.raw_ids

    def is_step(self, size: int) -> bool:
        """Whether this is one of the pages of a reading in steps of that size."""
        return self.limit == size and (self.row or 0) % size == 0

    @property
    def bare(self) -> Any:
        """The body with no items in it. Raises NotJudged as `items`."""
        self._needed()
        return self.envelope.items.emptied(self.exchange.data) if self._bare is MISSING else self._bare

    @cached_property
    def _bare(self) -> Any:
        """The body with no items in it where it is held or small; else MISSING."""
        bare = self.envelope.items.emptied(self.exchange.data)
        return bare if not self.stored or is_small_object(bare) else MISSING

    @cached_property
    def count(self) -> int:
        """How many items the page holds."""
        return len(self.raw_ids)

    def counter(self, name: str) -> Any:
        """What the envelope says under the contract's word for it (`total`, `has_more`, ...).

        MISSING when the answer leaves it out. Raises NotJudged when the answer is not a list, and where none of the
        service has it at the place that the contract names.
        """
        self._needed()
        if name not in self.envelope.places:
            return MISSING
        value = self.reads(name)
        if value is MISSING and (why := self.mismatch(name)):
            raise NotJudged(why, self.exchange.curl)
        return value

    def reads(self, word: str) -> Any:
        """What the answer says of itself under a word that has a place; MISSING where it says nothing."""
        return self.envelope.places[word].read(self.exchange) if self.stored else self._counters[word]

    @cached_property
    def _counters(self) -> dict[str, Any]:
        return {word: place.read(self.exchange) for word, place in self.envelope.counters}

    def leaves_out(self, name: str) -> bool:
        """Whether the answer says nothing under a word that it may leave out."""
        return name in self.envelope.optional and self.counter(name) in (MISSING, None)

    @property
    def own_counters(self) -> dict[str, object]:
        """All that the answer says about itself, by the contract's words. Raises NotJudged when it is not a list."""
        return {name: self.counter(name) for name in COUNTERS if getattr(self.envelope, name)}

    def evidence(self, message: str, kind: str = "", **id_lists: Iterable[Id]) -> Evidence:
        """The evidence that this page gives: what is wrong, the request, the line that asks again."""
        lists = {name: tuple(str(id) for id in ids) for name, ids in id_lists.items()}
        asked = self.exchange.request.label
        return Evidence(f"{message}\nin {asked}", self.exchange.curl, (asked,), **lists, kind=kind)

    def slice_evidence(self, expected: Sequence[Id]) -> Evidence:
        """The evidence that this page is not its slice of the bulk read: the first index at which the two part."""
        at = first_difference(expected, self.ids)
        here, there = (some(ids[at : at + 1]) or "nothing" for ids in (self.ids, expected))
        message = (
            f"the window at {self.window}, holds {self.amount(self.count)}, its slice of the bulk "
            f"read {len(expected)}; "
            f"index {at} is {here}, expected {there}"
        )
        return self.evidence(message, lost=lost(expected, self.ids), unexpected=lost(self.ids, expected))


def beside(evidence: Evidence, *pages: Page) -> Evidence:
    """The evidence with further pages that it takes to see it: their requests, and the lines that ask for them."""
    others = [page.exchange for page in pages if page.exchange.request.label not in evidence.requests]
    targets = [exchange.request.label for exchange in others]
    return replace(
        evidence,
        message=" and ".join([evidence.message, *targets]),
        requests=(*evidence.requests, *targets),
        beside=tuple(exchange.curl for exchange in others),
    )


def plain(value: object) -> object:
    """A value as it may leave the process: numbers, short texts and None as they are, anything else as its text."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT]
    return value if value is None or isinstance(value, bool | int | float) else repr(value)[:80]
