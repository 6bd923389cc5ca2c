"""Lists of ids: pure functions over them, and how a run holds each id once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from sys import intern

Id = str | None


def repeated(ids: Sequence[Id]) -> tuple[str, ...]:
    """The ids that stand more than once, in the order of their first place."""
    if len(set(ids)) == len(ids):
        return ()
    return tuple(id for id, times in Counter(ids).items() if times > 1 and id is not None)


def lost(expected: Iterable[Id], actual: Iterable[Id]) -> tuple[str, ...]:
    """The ids of `expected` that `actual` lacks, in their order, each once."""
    if expected == actual:
        return ()
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


def came_back(states: Sequence[Sequence[Id]]) -> bool:
    """Whether the last of some whole readings, each one answer, lists an item again that one between them lacked."""
    seen, gone = set(states[0]), set[Id]()
    for state in states[1:-1]:
        gone |= seen - set(state)
        seen |= set(state)
    return not gone.isdisjoint(states[-1])


def by_text(row: int | None, ids: tuple[Id, ...]) -> tuple[Id, ...]:
    """The same ids, equal ones as one object in the whole process."""
    return tuple([id and intern(id) for id in ids])


class HeldIds:
    """The ids of a list as its pages hold them: each once, by the first page that showed its row."""

    def __init__(self) -> None:
        self._rows: list[Id] = []

    def __call__(self, row: int | None, ids: tuple[Id, ...]) -> tuple[Id, ...]:
        """The ids of a page from a row on, as they are held already."""
        there = tuple(self._rows[row : row + len(ids)]) if row is not None else ()
        if there == ids:
            return there
        if row == len(self._rows):
            self._rows += ids
            return ids
        return by_text(row, ids)
