"""Presence: when an item of a list that moves was seen, and when it was missed."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from catalog_contract.model.witness import Sighting


@dataclass
class Presence:
    """An item that was not there all the time: the number of fixed items before it, and when it was seen or missed.

    Every mark is (started, finished) of a response: at one moment between the two the item was there, or was not. What
    follows from the marks is found once, so all of them must be there before it is asked for.
    """

    gap: int
    present: list[tuple[float, float]] = field(default_factory=list)
    absent: list[tuple[float, float]] = field(default_factory=list)

    @cached_property
    def may_arrive(self) -> bool:
        """Whether one arrival explains all marks: it was never there before a moment at which it was missed."""
        return self._missed[1] <= self._shown[0]

    @cached_property
    def may_leave(self) -> bool:
        """Whether one departure explains all marks."""
        return self._shown[1] <= self._missed[0]

    @cached_property
    def legal(self) -> bool:
        """Whether one arrival or one departure explains all marks."""
        return self.may_arrive or self.may_leave

    @cached_property
    def _shown(self) -> tuple[float, float]:
        """When the first response that shows it had ended, and when the last one had begun."""
        return first_and_last(self.present)

    @cached_property
    def _missed(self) -> tuple[float, float]:
        """The same of the responses that lack it."""
        return first_and_last(self.absent)

    def surely_there(self, at: Sighting) -> bool:
        """Whether it was there during a whole response, whatever the explanation."""
        if not self.legal:
            return False
        before, after = self._shown[0] <= at.started, self._shown[1] >= at.finished
        return (before or not self.may_arrive) and (after or not self.may_leave) and (before or after)

    def surely_not_there(self, at: Sighting) -> bool:
        """Whether it was missing during a whole response, whatever the explanation."""
        if not self.legal:
            return False
        before, after = self._missed[0] <= at.started, self._missed[1] >= at.finished
        return (after or not self.may_arrive) and (before or not self.may_leave) and (before or after)


def first_and_last(spans: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """When the first of some moments had ended, and when the last of them had begun; never, where there is none."""
    ended = min((finished for _, finished in spans), default=float("inf"))
    return ended, max((started for started, _ in spans), default=float("-inf"))


def between(inner: Sequence[tuple[float, float]], outer: Sequence[tuple[float, float]]) -> bool:
    """Whether one of the inner moments lies surely after one of the outer and before another."""
    first, last = first_and_last(outer)
    ordered = sorted(inner)
    after = bisect_left(ordered, (first, float("-inf")))
    return any(finished < last for _, finished in ordered[after:])
