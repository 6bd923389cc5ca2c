"""Pure functions over lists of ids and over repeated readings: what must agree, and what growth explains."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from catalog_contract.verdict import NotJudged

Id = str | None
READINGS = 3
"""How often a pair of readings is taken again when the catalogue moves under them."""


class Reading(Protocol):
    """Anything observed over a stretch of time: a page, a walk, a bulk read."""

    @property
    def started(self) -> float: ...
    @property
    def finished(self) -> float: ...


A = TypeVar("A", bound=Reading)
B = TypeVar("B", bound=Reading)


def repeated(ids: Sequence[Id]) -> tuple[str, ...]:
    """The ids that stand more than once, in the order of their first place."""
    return tuple(id for id, times in Counter(ids).items() if times > 1 and id is not None)


def lost(expected: Sequence[Id], actual: Sequence[Id]) -> tuple[str, ...]:
    """The ids of `expected` that `actual` lacks, in their order, each once."""
    there = set(actual)
    return tuple(dict.fromkeys(id for id in expected if id is not None and id not in there))


def first_difference(expected: Sequence[Id], actual: Sequence[Id]) -> int:
    """The first index at which two lists part; the length of the shorter where one begins the other."""
    pairs = enumerate(zip(expected, actual, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(expected), len(actual)))


def in_order(before: Sequence[Id], after: Sequence[Id]) -> bool:
    """Whether the ids that two lists share stand in the same order in both."""
    here, there = set(before), set(after)
    return [id for id in before if id in there] == [id for id in after if id in here]


def growth_explains(before: object, after: object) -> bool:
    """Whether a catalogue that gains or loses a few rows explains two readings of one thing.

    Lists of ids must keep the order of what they share, and share at least half where they hold more than
    two; a number may change. Anything else than growth (another order, other rows altogether) is not explained.
    """
    if not isinstance(before, tuple) or not isinstance(after, tuple):
        return True
    if not in_order(before, after):
        return False
    shorter = min(len(before), len(after))
    shared = len(set(before) & set(after))
    return shorter <= 2 or 2 * shared >= shorter


def settle(
    first: Callable[[float], A],
    second: Callable[[float], B],
    agree: Callable[[A, B], bool],
    state_of: Callable[[A | B], object],
) -> tuple[A, B]:
    """Judge two readings against each other while the catalogue may move: A, B, and A again.

    `first` and `second` take the time after which their answer must have been asked (0.0 for any). Where the
    two disagree, the earlier is read again: if it stood still around the later, the difference is real; if it
    moved as growth moves, the new pair is judged. Returns the pair to judge, agreeing or not. Raises NotJudged
    when the catalogue moved through every reading.
    """
    a, b = first(0.0), second(0.0)
    numbers: list[object] = []
    for _ in range(READINGS):
        if agree(a, b):
            return a, b
        stale = state_of(a if a.started <= b.started else b)
        if a.started <= b.started:
            a = first(b.finished)
            fresh = state_of(a)
        else:
            b = second(a.finished)
            fresh = state_of(b)
        numbers += [stale, fresh]
        if fresh == stale or not growth_explains(stale, fresh):
            return a, b
    if agree(a, b) or _flutters(numbers):
        return a, b
    raise NotJudged(f"the catalogue moved through {READINGS} readings")


def _flutters(states: Sequence[object]) -> bool:
    """Whether a number goes up and down: growth goes one way."""
    numbers = [state for state in states if isinstance(state, int)]
    steps = {later > earlier for earlier, later in zip(numbers, numbers[1:], strict=False) if later != earlier}
    return len(steps) > 1
