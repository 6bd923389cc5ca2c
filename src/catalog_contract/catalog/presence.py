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
        first = min((finished for _, finished in self.present), default=float("inf"))
        return all(started <= first for started, _ in self.absent)

    @cached_property
    def may_leave(self) -> bool:
        """Whether one departure explains all marks."""
        first = min((finished for _, finished in self.absent), default=float("inf"))
        return all(started <= first for started, _ in self.present)

    @cached_property
    def legal(self) -> bool:
        """Whether one arrival or one departure explains all marks."""
        return self.may_arrive or self.may_leave

    def surely_there(self, at: Sighting) -> bool:
        """Whether it was there during a whole response, whatever the explanation."""
        if not self.legal:
            return False
        after = any(started >= at.finished for started, _ in self.present)
        before = any(finished <= at.started for _, finished in self.present)
        return (before or not self.may_arrive) and (after or not self.may_leave) and (before or after)

    def surely_not_there(self, at: Sighting) -> bool:
        """Whether it was missing during a whole response, whatever the explanation."""
        if not self.legal:
            return False
        after = any(started >= at.finished for started, _ in self.absent)
        before = any(finished <= at.started for _, finished in self.absent)
        return (after or not self.may_arrive) and (before or not self.may_leave) and (before or after)


def between(inner: Sequence[tuple[float, float]], outer: Sequence[tuple[float, float]]) -> bool:
    """Whether one of the inner moments lies surely after one of the outer and before another."""
    first = min((finished for _, finished in outer), default=float("inf"))
    last = max((started for started, _ in outer), default=float("-inf"))
    ordered = sorted(inner)
    after = bisect_left(ordered, (first, float("-inf")))
    return any(finished < last for _, finished in ordered[after:])
