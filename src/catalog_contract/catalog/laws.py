"""Pure functions over lists of ids, and two readings that are judged against each other while a list may move."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Protocol, TypeVar

from catalog_contract.model.verdict import Evidence, Kind, NotJudged
from catalog_contract.model.witness import TooMuchChurn

Id = str | None
READINGS = 4
"""How often a pair of readings is taken again when the list moves under them."""


class Reading(Protocol):
    """Anything observed over a stretch of time: a page, a walk, a bulk read. `at_once` where it is one answer."""

    @property
    def started(self) -> float: ...
    @property
    def finished(self) -> float: ...
    @property
    def at_once(self) -> bool: ...
    def told(self, message: str, kind: str = "") -> Evidence: ...


class WholeIds(tuple[Id, ...]):
    """The ids of a whole collection, as against those of a window: of these, growth moves but few."""


A = TypeVar("A", bound=Reading)
B = TypeVar("B", bound=Reading)


def repeated(ids: Sequence[Id]) -> tuple[str, ...]:
    """The ids that stand more than once, in the order of their first place."""
    if len(set(ids)) == len(ids):
        return ()
    return tuple(id for id, times in Counter(ids).items() if times > 1 and id is not None)


def lost(expected: Iterable[Id], actual: Iterable[Id]) -> tuple[str, ...]:
    """The ids of `expected` that `actual` lacks, in their order, each once."""
    there = actual if isinstance(actual, frozenset) else set(actual)
    if there.issuperset(expected):
        return ()
    return tuple(dict.fromkeys(id for id in expected if id is not None and id not in there))


def first_difference(expected: Sequence[Id], actual: Sequence[Id]) -> int:
    """The first index at which two lists part; the length of the shorter where one begins the other."""
    if expected == actual:
        return len(expected)
    pairs = enumerate(zip(expected, actual, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(expected), len(actual)))


def in_order(before: Sequence[Id], after: Sequence[Id]) -> bool:
    """Whether the ids that two lists share come up in the same order in both.

    Those that repeat are passed over: a list that grew while it was read in pages holds them at two places.
    """
    if before == after:
        return True
    twice = {*repeated(before), *repeated(after)}
    here, there = set(before) - twice, set(after) - twice
    shared_before, shared_after = (id for id in before if id in there), (id for id in after if id in here)
    return list(dict.fromkeys(shared_before)) == list(dict.fromkeys(shared_after))


def oscillates(states: Sequence[object]) -> bool:
    """Whether something goes back and forth: two or more times a state returns that had been left."""
    steps = [now for before, now in pairwise([object(), *states]) if now != before]
    return sum(step in steps[:place] for place, step in enumerate(steps)) > 1


def settle(
    first: Callable[[float], A],
    second: Callable[[float], B],
    agree: Callable[[A, B], bool],
    state_of: Callable[[A | B], object],
    churn: int,
) -> tuple[A, B]:
    """Judge two readings against each other while the list may move: A, B, and A again.

    `first` and `second` take the time after which their answer must have been asked (0.0 for any). Where the
    two disagree, the earlier is read again: if it stood still around the later, the difference is real; if it
    moved as lists may, the pair is judged again. A later one that took several requests, and so may have been torn
    by a change between them, must stand still too. Of readings that overlap in time neither lies around the
    other, so one is read again first. `state_of` is what must stand still, `churn` how many items may come or go.
    Returns the pair to judge, agreeing or not. Raises AssertionError, with the evidence, when no list moves as a
    reading does, and NotJudged when the list moved through every reading, or moved too much to be judged.
    """
    a, b = first(0.0), second(0.0)
    why = f"the list moved through {READINGS} readings"
    histories: tuple[list[object], list[object]] = ([], [])
    for _ in range(READINGS):
        if agree(a, b):
            return a, b
        apart = a.finished <= b.started or b.finished <= a.started
        side = _stale(a, b, apart)
        before = state_of(b if side else a)
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
        why = _refuse_unsteady(fresh, [*histories[side], now], churn) or why
    if agree(a, b):
        return a, b
    raise NotJudged(why)


def _around(
    a: A, b: B, side: int, first: Callable[[float], A], second: Callable[[float], B]
) -> tuple[A | B | None, A, B]:
    """The reading that another one stood still around, where several requests may have torn it, and both readings to
    judge, that one read once more; None where it is one answer."""
    if (a if side else b).at_once:
        return None, a, b
    return (a, first(b.finished), b) if side else (b, a, second(a.finished))


def _refuse_unsteady(fresh: Reading, history: Sequence[object], churn: int) -> str:
    """Raise AssertionError when no list moves as the states of one reading do. Gives in a line that it moved too much
    to be judged, unless a later reading shows more; empty where it did not."""
    before, now = history[-2:]
    listed = [ids for state in history if (ids := _listed(state)) is not None]
    if len(listed) < len(history):
        counted = isinstance(now, int) and not isinstance(now, bool)  # it may come back: one item came, another went
        if now in history[:-2] and now != before and not counted:
            raise AssertionError(fresh.told("asked again and again, the answer goes back and forth", Kind.UNSTEADY))
        return ""
    if not in_order(listed[-2], listed[-1]):
        message = f"asked twice, the answer is another one{_moved(listed[-2], listed[-1])}"
        raise AssertionError(fresh.told(f"{message}, in another order", Kind.UNSTEADY))
    whole = isinstance(listed[-1], WholeIds)
    if whole and (came_back(listed) if fresh.at_once else now in history[:-2] and now != before):
        message = f"asked again and again, the answer goes back and forth{_moved(listed[-2], listed[-1])}"
        raise AssertionError(fresh.told(f"{message}: no list that moves explains it", Kind.UNSTEADY))
    moved = len(set(listed[-2]) ^ set(listed[-1])) if whole else 0
    return str(TooMuchChurn(moved, churn)) if moved > churn else ""


def _listed(state: object) -> tuple[Id, ...] | None:
    """The ids of which a state consists, or begins with; None where it holds something else."""
    if isinstance(state, WholeIds):
        return state
    if isinstance(state, tuple) and state and isinstance(state[0], tuple):
        return _listed(state[0])
    return state if isinstance(state, tuple) and all(isinstance(id, str | int | None) for id in state) else None


def came_back(states: Sequence[Sequence[Id]]) -> bool:
    """Whether the last of some whole readings, each one answer, lists an item again that one between them lacked."""
    seen, gone = set(states[0]), set[Id]()
    for state in states[1:-1]:
        gone |= seen - set(state)
        seen |= set(state)
    return not gone.isdisjoint(states[-1])


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
