"""Lists whose pages may be short, in other ways than the gallery has, and lists that are left out if they are empty."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from random import Random
from typing import Any

import pytest

from catalog_contract.catalog.service import Service
from catalog_contract.diagnosis import names
from catalog_contract.model.contract import Contract
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from fixtures.gateway.gallery import Seen
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.pipeline import Answer, Query
from fixtures.gateway.styled.bases import SIZE, base_steps, contract_of, shelved
from fixtures.gateway.styled.change import Rows, with_answer, with_cut, with_onward
from fixtures.gateway.styled.faults import FAULTS
from fixtures.gateway.styled.variants import expecting
from fixtures.gateway.styles import styled_gateway
from fixtures.gateway.styles.steps import Asked, Steps

SHORT: dict[str, Callable[[int, Asked], int]] = {
    "half of them": lambda full, asked: max(1, full // 2),
    "one less": lambda full, asked: max(1, full - 1),
    "twenty at the most": lambda full, asked: min(full, 20),
    "up to a multiple of forty": lambda full, asked: min(full, 40 - asked.row % 40),
    "any number": lambda full, asked: Random(f"{asked.row} {asked.limit}").randrange(1, full + 1),
}
"""How many items a page holds, of those that a full one would."""


def cut_short(steps: Steps, kind: str) -> Steps:
    """Pages that are short in one of these ways."""

    def cut(listed: Rows, asked: Asked, right: Rows) -> Rows:
        return right[: SHORT[kind](len(right), asked)] if right else right

    return with_cut(steps, cut)


def declared(base: str, size: int = SIZE, **cursor: bool) -> Contract:
    """The contract of a base with short pages."""
    contract = expecting(contract_of(base), size)
    cursors = replace(contract.cursor, **cursor)
    return replace(contract, paging=replace(contract.paging, full_pages=False), cursor=cursors)


def judged(contract: Contract, steps: Steps) -> Seen:
    """A run of a list in memory."""
    service = Service(contract, MemorySource(styled_gateway(steps)))
    found = tuple(judge(rule, case, service) for rule, case in every_case(contract, live=True))
    return Seen(contract, found, service.seen())


@pytest.mark.parametrize("kind", SHORT)
@pytest.mark.parametrize("base", ["tokens", "links"])
def test_pages_that_are_short_in_any_way_accuse_nobody(base: str, kind: str) -> None:
    assert judged(declared(base), cut_short(base_steps(base), kind)).rules(Verdict.BROKEN) == ()


@pytest.mark.parametrize(
    ("base", "kind", "fault", "cause"),
    [
        ("links", "twenty at the most", "a-page-holds-one-more-than-its-limit", names.LIMIT_OFF),
        ("links", "half of them", "links-lose-the-limit", names.NEXT_LOSES),
        ("tokens", "twenty at the most", "next-of-the-last-page-is-the-first", names.NEXT_LOOPS),
        ("tokens", "one less", "the-list-stands-elsewhere", names.UNFIT),
    ],
)
def test_the_smallest_pages_that_explain_all_are_named(base: str, kind: str, fault: str, cause: str) -> None:
    """A service of larger pages might give the same, each page as short as it happens to be."""
    steps = FAULTS[fault].build(cut_short(base_steps(base), kind), Random(0))
    assert judged(declared(base), steps).causes() == (cause,)


@pytest.mark.parametrize(("base", "size", "where", "every"), [("tokens", 30, "middle", 3), ("links", 60, "front", 7)])
def test_an_item_that_moves_on_to_the_next_page_of_one_item_is_no_page_that_repeats(
    base: str, size: int, where: str, every: int
) -> None:
    known, asked = shelved(size + 12), count()

    def collect(amount: int, turn: int) -> Rows:
        come = min(12, next(asked) // every)
        if where == "front":
            return known[12 - come : size]
        return [*known[: size // 2], *known[size : size + come], *known[size // 2 : size]]

    contract = declared(base, size)
    known_least = tuple(replace(each, expected_total=None, minimum_total=size - 20) for each in contract.collections)
    steps = cut_short(replace(base_steps(base), collect=collect), "half of them")
    assert judged(replace(contract, collections=known_least), steps).rules(Verdict.BROKEN) == ()


def beside(name: str, value: list[Any], *, instead: bool = False) -> Callable[[Query, Answer], Answer]:
    """An answer with another list in its body, or with that alone."""
    return lambda query, answer: replace(answer, payload={**({} if instead else answer.payload), name: value})


@pytest.mark.parametrize("hidden", [0, 120, 250])
def test_another_list_beside_one_that_is_left_out_is_not_taken_for_it(hidden: int) -> None:
    """The first items are hidden, so that the first pages are empty, as is documented."""
    base = "tokens-and-short-pages"
    plain = base_steps(base)
    plain = replace(plain, shape=replace(plain.shape, short_pages=False))
    shown = with_cut(plain, lambda listed, asked, right: [row for row in right if row["rank"] >= hidden])
    steps = with_onward(shown, lambda page, row: max(row, page.asked.row + (page.asked.limit or 1)))
    contract = declared(base, SIZE - hidden, empty_pages=True, empty_last_page=True)
    facets = [{"name": f"facet {nth}", "count": nth} for nth in range(300)]
    assert judged(contract, with_answer(steps, beside("facets", facets))).rules(Verdict.BROKEN) == ()


def test_errors_in_place_of_a_list_are_not_the_list() -> None:
    base = "tokens-and-short-pages"
    errors = [{"code": 7, "message": f"backend {nth} timed out"} for nth in range(5)]
    steps = with_answer(base_steps(base), beside("errors", errors, instead=True))
    assert judged(contract_of(base), steps).causes() == (names.EMPTY,)
