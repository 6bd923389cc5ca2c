"""Two readings that are judged against each other while a list may move."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from catalog_contract.catalog.ids import Id, came_back, first_difference, in_order, lost
from catalog_contract.model.verdict import Evidence, Kind, NotJudged
from catalog_contract.model.witness import TooMuchChurn

READINGS = 4
"""How often a pair of readings is taken again when the list moves under them."""

_OF_IDS = frozenset({str, int, bool, type(None)})
"""Of what a state consists that is a list of ids, or of parts of ids."""


class Reading(Protocol):
    """Anything observed over a stretch of time: a page, a walk, a bulk read. `at_once` where it is one answer."""

    @property
    def started(self) -> float: ...
    @property
    def finished(self) -> float: ...
    @property
    def at_once(self) -> bool: ...
    def evidence(self, message: str, kind: str = "") -> Evidence: ...


class WholeIds(tuple[Id, ...]):
    """The ids of a whole collection, as against those of a window: of these, growth moves but few."""


A = TypeVar("A", bound=Reading)
B = TypeVar("B", bound=Reading)


def settle(
    first: Callable[[float], A],
    second: Callable[[float], B],
    agree: Callable[[A, B], bool],
    state_of: Callable[[A | B], object],
    churn: int,
) -> tuple[A, B]:
    """Judge two readings against each other while the list may move: A, B, and A again.

    `first` and `second` take the time after which their answer must have been asked (0.0 for any). Where the two
    disagree, the earlier is read again: if its state is the same, the difference is real; if it changed as lists may,
    the pair is judged again. A later one of several requests must be stable too. Of two that overlap in time one is
    read again first. `state_of` gives the state, `churn` how many items may come or go. Returns the pair to judge.
    Raises AssertionError, with the evidence, when no list moves as a reading does, else NotJudged.
    """
    a, b, whole = first(0.0), second(0.0), [True, True]
    why, histories = f"the list moved through {READINGS} readings", (list[object](), list[object]())
    for _ in range(READINGS):
        if agree(a, b):
            return a, b
        apart = a.finished <= b.started or b.finished <= a.started
        side = _stale(a, b, apart)
        before = state_of(stale := b if side else a)
        fresh: A | B
        if side:
            fresh = b = second(a.finished)
        else:
            fresh = a = first(b.finished)
        now = state_of(fresh)
        if apart and now == before:
            torn, a, b = _around(a, b, side, first, second)
            if torn is None or state_of(torn) == state_of(a if side else b):
                return a, b
            continue
        histories[side].append(before)
        whole[side] &= stale.at_once and fresh.at_once
        why = _refuse_unsteady(fresh, [*histories[side], now], churn, at_once=whole[side]) or why
    if agree(a, b):
        return a, b
    raise NotJudged(why)


def _around(
    a: A, b: B, side: int, first: Callable[[float], A], second: Callable[[float], B]
) -> tuple[A | B | None, A, B]:
    """The reading that another one was stable around, where several requests may have torn it, and both readings to
    judge, that one read once more; None where it is one answer."""
    if (a if side else b).at_once:
        return None, a, b
    return (a, first(b.finished), b) if side else (b, a, second(a.finished))


def _refuse_unsteady(fresh: Reading, history: Sequence[object], churn: int, *, at_once: bool) -> str:
    """Raise AssertionError when no list moves as the states of one reading do; `at_once`: each time one answer. Gives
    in a line that it moved too much to be judged, unless a later reading shows more; empty where it did not."""
    before, now = history[-2:]
    listed = [ids for state in history if (ids := _listed(state)) is not None]
    if len(listed) < len(history):
        counted = isinstance(now, int) and not isinstance(now, bool)  # it may come back: one item came, another went
        if now in history[:-2] and now != before and not counted:
            raise AssertionError(fresh.evidence("asked again and again, the answer goes back and forth", Kind.UNSTEADY))
        return ""
    if not in_order(listed[-2], listed[-1]):
        message = f"asked twice, the answer is another one{_moved(listed[-2], listed[-1])}"
        raise AssertionError(fresh.evidence(f"{message}, in another order", Kind.UNSTEADY))
    whole = isinstance(listed[-1], WholeIds)
    if whole and (came_back(listed) if at_once else now in history[:-2] and now != before):
        message = f"asked again and again, the answer goes back and forth{_moved(listed[-2], listed[-1])}"
        raise AssertionError(fresh.evidence(f"{message}: no list that moves explains it", Kind.UNSTEADY))
    moved = len(set(listed[-2]) ^ set(listed[-1])) if whole else 0
    return str(TooMuchChurn(moved, churn)) if moved > churn else ""


def _listed(state: object) -> tuple[Id, ...] | None:
    """The ids of which a state consists, or begins with; None where it holds something else."""
    if isinstance(state, WholeIds):
        return state
    if isinstance(state, tuple) and state and isinstance(state[0], tuple):
        return _listed(state[0])
    return state if isinstance(state, tuple) and _OF_IDS.issuperset(map(type, state)) else None


def _moved(before: Sequence[Id], after: Sequence[Id]) -> str:
    """What changed between two readings, in words."""
    at = first_difference(before, after)
    was, now = ((str(ids[at])[:80] if at < len(ids) else "nothing") for ids in (before, after))
    gone, new = len(lost(before, after)), len(lost(after, before))
    return f" ({len(before):,} in all, then {len(after):,}; {gone} gone, {new} new; index {at} was {was}, is {now})"


def _stale(a: Reading, b: Reading, apart: bool) -> int:
    """Which reading to take again, 0 or 1: the earlier; of two that overlap, the one that took less time."""
    if apart:
        return 0 if a.started <= b.started else 1
    return 0 if a.finished - a.started < b.finished - b.started else 1
