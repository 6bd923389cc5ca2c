"""World: what a run saw of one collection, against the list that the service seems to hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from catalog_contract.diagnosis.known import HOLE, list_of, moved, tells
from catalog_contract.diagnosis.view import Ids, View, readable
from catalog_contract.model.contract import Contract
from catalog_contract.model.observation import PageSeen


@dataclass(frozen=True)
class Failure:
    """The prediction that a request is answered with an error; if `refusal`, with a status of 4xx."""

    refusal: bool = False


@dataclass(frozen=True)
class Opening:
    """The prediction that a page begins with these ids; what follows is not known."""

    ids: Ids


@dataclass(frozen=True)
class Fresh:
    """The prediction of that many items, none of which is in the part of the list that is known."""

    amount: int
    known: frozenset[str | None]


@dataclass(frozen=True)
class CutShort:
    """The prediction of a page that may be short: some of these ids, from the first on.

    `known` tells whether these are all that a full page holds, `empty` whether it may hold none of them.
    """

    ids: Ids
    known: bool
    empty: bool

    def allows(self, ids: Ids) -> bool:
        """Whether a page may hold these ids, and stop behind them."""
        longer = self.known and len(ids) > len(self.ids)
        return bool(ids or self.empty) and not longer and ids[: len(self.ids)] == self.ids[: len(ids)]


FAILS, REFUSES = Failure(), Failure(refusal=True)
Prediction = Ids | Failure | Opening | CutShort | Fresh | frozenset[str | None] | None
"""What a service would answer: ids, an error, a beginning, some ids of a page, other ids than those known, ids in any
order; None where it cannot be stated."""


@dataclass(frozen=True)
class Seen:
    """One response: the row and limit that were asked for (the default applied; None: no bound), and what came."""

    row: int
    limit: int | None
    ids: Ids
    failed: bool
    page: PageSeen
    lost: tuple[str, ...] = ()
    """The parameters that the response which led here has lost."""

    def fits(self, predicted: Prediction) -> bool | None:
        """Whether a prediction came true; None where it says nothing."""
        if predicted is None:
            return None
        if isinstance(predicted, Failure):
            return self.failed and (not predicted.refusal or 400 <= (self.page.status or 0) < 500)
        if self.failed:
            return False
        if isinstance(predicted, Opening):
            return self.ids[: len(predicted.ids)] == predicted.ids
        if isinstance(predicted, CutShort):
            return predicted.allows(self.ids)
        if isinstance(predicted, Fresh):
            return len(self.ids) == predicted.amount and not predicted.known & set(self.ids)
        if isinstance(predicted, frozenset):
            return frozenset(self.ids) == predicted and len(self.ids) == len(predicted)
        return self.ids == predicted or _but_for_holes(self.ids, predicted)


Predict = Callable[[Seen], Prediction]
"""What a service would answer to the request of a response."""


def _but_for_holes(ids: Ids, predicted: Ids) -> bool:
    """Whether the ids are those predicted, where these are known."""
    return len(ids) == len(predicted) and all(
        one == other or (other or "").startswith(HOLE) for one, other in zip(ids, predicted, strict=True)
    )


@dataclass(frozen=True)
class World:
    """The responses to plain requests of one list, and the list itself as far as it is known.

    `complete` tells whether `rows` is the whole list; otherwise what lies behind is unknown.
    """

    contract: Contract
    rows: Ids
    complete: bool
    seen: tuple[Seen, ...]

    @cached_property
    def size(self) -> int:
        """How many items the list holds, as far as it is known."""
        return len(self.rows)

    @cached_property
    def holed(self) -> bool:
        """Whether rows of the list are not known."""
        return any(id is not None and id.startswith(HOLE) for id in self.rows)

    @cached_property
    def end(self) -> int:
        """The row that the list ends at: of one not known whole, by its total, else the row behind what is known."""
        return self.size if self.complete else self.counted or self.size + 1

    def take(self, row: int, limit: int | None) -> Prediction:
        """The items from a row on, at most that many, or the first of them where pages may be short.

        None where they are not known.
        """
        full = self._take(max(0, row), limit)
        if self.contract.paging.full_pages or not full:
            return full
        empty = self.contract.cursor.empty_pages
        if isinstance(full, Fresh):
            return None
        return CutShort(full, True, empty) if isinstance(full, tuple) else CutShort(full.ids, False, empty)

    def _take(self, row: int, limit: int | None) -> Ids | Opening | Fresh | None:
        end = None if limit is None else row + max(0, limit)
        if self.complete or (end is not None and end <= self.size):
            return self.rows[row:end]
        if row < self.size:
            return Opening(self.rows[row:])
        if self.counted is None or len(self.known) < self.size:
            return None
        amount = max(0, min(self.counted, self.counted if end is None else end) - row)
        return Fresh(amount, self.known) if amount else ()

    def past(self, row: int) -> bool:
        """Whether a row lies behind the end of the list, as far as it is known or all totals say."""
        return 0 < row >= self.end and (self.complete or self.counted is not None)

    def begins(self, row: int, limit: int | None) -> int:
        """The row that a page begins at: past the end that of the last page, where that is declared."""
        clipped = limit and self.past(row) and self.contract.paging.ends_with_last
        return last_page(self.end, limit) if clipped else row

    def serves(self, row: int, limit: int | None) -> Prediction:
        """What is answered at a row where that limit applies; past the end what is declared."""
        if self.past(row) and self.contract.paging.ends_refused:
            return REFUSES
        return self.take(self.begins(row, limit), limit)

    def applied(self, seen: Seen) -> int | None:
        """The limit that is applied to a request: the maximum, where it asks for more and the contract says so."""
        clamped = self.over(seen) and self.contract.paging.above_maximum == "clamped"
        return self.contract.paging.maximum_limit if clamped else seen.limit

    @cached_property
    def totals(self) -> frozenset[int]:
        """The totals that responses state; one without a number, where a total may be left out, says nothing."""
        return frozenset(seen.page.total for seen in self.seen if not seen.failed and type(seen.page.total) is int)

    @cached_property
    def counted(self) -> int | None:
        """How many items there are by the one total that responses state; None where there is no such."""
        stated = max(self.totals, default=0)
        return stated if len(self.totals) == 1 and stated >= self.size else None

    @cached_property
    def known(self) -> frozenset[str | None]:
        """The different items of the list."""
        return frozenset(self.rows)

    def healthy(self, seen: Seen) -> Prediction:
        """What a service without a fault answers."""
        paging = self.contract.paging
        if self.over(seen):
            return self._over(seen)
        otherwise = self.past(seen.row) and (paging.ends_refused or paging.ends_with_last)
        if not otherwise and self._too_deep(seen):
            return None
        return self.serves(seen.row, seen.limit)

    def _too_deep(self, seen: Seen) -> bool:
        """Whether a request reaches behind what the contract says is served."""
        deepest = self.contract.paging.deepest
        return deepest is not None and seen.row + (seen.limit or 0) > deepest

    def over(self, seen: Seen) -> bool:
        """Whether a response is one to a limit above the maximum."""
        maximum = self.contract.paging.maximum_limit
        return seen.page.limit is not None and maximum is not None and seen.page.limit > maximum

    def _over(self, seen: Seen) -> Prediction:
        declared = self.contract.paging.above_maximum
        if declared == "clamped":
            return self.take(seen.row, self.contract.paging.maximum_limit)
        return FAILS if declared == "refused" else None

    @cached_property
    def may_have_grown(self) -> bool:
        """Whether the totals leave it open that the list grew between two pages."""
        return len(self.totals) > 1

    @property
    def read_at_once(self) -> bool:
        """Whether one response holds the whole list, and had room for more."""
        room = (seen for seen in self.seen if seen.limit is None or seen.limit > self.size)
        return self.complete and any(seen.ids == self.rows for seen in room)

    @cached_property
    def contradictions(self) -> tuple[Seen, ...]:
        """The responses that a service without a fault would not give."""
        return tuple(seen for seen in self.seen if self._contradicts(seen))

    @cached_property
    def consistent(self) -> tuple[Seen, ...]:
        """All other responses."""
        contradicting = set(map(id, self.contradictions))
        return tuple(seen for seen in self.seen if id(seen) not in contradicting)

    def _contradicts(self, seen: Seen) -> bool:
        fits = seen.fits(self.healthy(seen))
        if fits is None and seen.failed and seen.row:
            # The list itself leads there, or there is nothing to refuse: a page behind the end is empty.
            wanted = not self.contract.paging.by_position or self.contract.paging.ends_empty
            return wanted and not self._too_deep(seen) and not self.over(seen)
        if fits is None and not seen.failed and not self.complete and seen.row >= self.size:
            return bool(set(seen.ids) & set(self.rows))  # what is known already cannot stand behind
        return fits is False

    @cached_property
    def starts(self) -> tuple[tuple[Seen, int], ...]:
        """The contradicting pages that begin with an item of the list, each with the row of that item."""
        place = dict(zip(reversed(self.rows), reversed(range(self.size)), strict=True))
        begun = ((seen, place.get(seen.ids[0])) for seen in self.contradictions if seen.ids and seen.ids[0] is not None)
        return tuple((seen, start) for seen, start in begun if start is not None)

    def explained(self, predict: Predict) -> tuple[Seen, ...]:
        """The contradictions that a service of another kind would give."""
        return tuple(seen for seen in self.contradictions if seen.fits(predict(seen)))

    def explains_all(self, predict: Predict) -> bool:
        """Whether a service of another kind would give every contradiction; most fail at the first one."""
        return all(seen.fits(predict(seen)) for seen in self.contradictions)

    def allows(self, predict: Predict) -> bool:
        """Whether a service of another kind would give every response that does not contradict the list.

        One that it says nothing of speaks neither for it nor against it.
        """
        return all(seen.fits(predict(seen)) is not False for seen in self.consistent)


def last_page(size: int, limit: int | None) -> int:
    """The row that the last page of a list begins at."""
    return (size - 1) // (limit or 1) * (limit or 1)


def world_by_position(view: View) -> World | None:
    """The world of a list whose pages are asked for by their position; None where no list is known, or it moved."""
    pages = [page for page in view.pages if page.plain and page.limit != 0]
    rows, complete = list_of(view, pages)
    if not rows or moved(pages):
        return None
    first: dict[tuple[int | None, int | None, str], PageSeen] = {}
    # What fails and is answered when it is asked again does not fail of itself.
    for page in sorted(pages, key=lambda page: (not readable(page), page.reading)):
        first.setdefault((page.row, page.limit, page.target), page)
    lost = _lost(pages)
    seen = tuple(
        seen_of(view.contract, page, page.row or 0, lost.get(page.key, ())) for page in first.values() if tells(page)
    )
    return World(view.contract, rows, complete, seen)


def _lost(pages: Sequence[PageSeen]) -> dict[str, tuple[str, ...]]:
    """For each request that a response leads to, the parameters that were lost on the way there."""
    lost: dict[str, tuple[str, ...]] = {}
    for page in sorted(pages, key=lambda page: page.row or 0):
        gone = (*lost.get(page.key, ()), *page.lost)
        if gone and page.next_key != page.key:
            lost[page.next_key] = gone
    return lost


def seen_of(contract: Contract, page: PageSeen, row: int, lost: tuple[str, ...] = ()) -> Seen:
    """A response as one to the request for the page at a row."""
    return Seen(row, contract.paging.most(page.limit), page.ids, not readable(page), page, lost)
