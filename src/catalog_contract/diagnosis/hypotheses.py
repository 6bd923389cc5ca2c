"""Hypotheses: small faulty services. Each says what it would answer to a request, given the list that it holds.

A hypothesis is named only if it would give every response that contradicts a service without a fault, and every other
response too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from catalog_contract.diagnosis.world import REFUSES, Predict, Prediction, Seen, World


class Level(IntEnum):
    """How much a hypothesis takes from the responses that it explains: one that takes less is named before it.

    RULE: nothing. NUMBER: a number, so that one response alone proves nothing. SHARED: which of several requests was
    asked first. PLACES: which pages are wrong.
    """

    RULE = 0
    NUMBER = 1
    SHARED = 2
    PLACES = 3


@dataclass(frozen=True)
class Hypothesis:
    """A faulty service: the stable name of its fault, what it does in a sentence, its answers, and a next step."""

    name: str
    message: str
    predict: Predict
    next_step: str
    level: Level = Level.RULE
    past: bool = False
    """Whether it speaks of pages past the end; all others leave the end as the contract has it."""
    over: bool = False
    """Whether it speaks of limits above the maximum; all others leave these as the contract has them."""

    def answer(self, world: World, seen: Seen) -> Prediction:
        """What it would answer to the request of a response."""
        if world.over(seen) and not self.over:
            return world.healthy(seen)
        if self.past or not world.past(seen.row):
            return self.predict(seen)
        # Where the last page is repeated, a request behind the end is taken for one of that page first.
        row = world.begins(seen.row, seen.limit)
        predicted = self.predict(seen if row == seen.row else replace(seen, row=row))
        return REFUSES if world.contract.paging.ends_refused and predicted in ((), frozenset()) else predicted


def with_parameters(answer: Callable[..., Prediction], *parameters: object) -> Predict:
    """The answers of a service with these parameters."""
    return lambda seen: answer(seen, *parameters)


Family = Callable[[World], Iterator[Hypothesis]]


def registrar(families: list[Family]) -> Callable[[Family], Family]:
    """A decorator that adds a family of hypotheses to a list; the simpler ones come first."""

    def family(function: Family) -> Family:
        families.append(function)
        return function

    return family
