"""No list that moves is accused: in every style, 1 to 40 items come or go, at drawn places and moments of a run."""

from random import Random

import pytest

from catalog_contract.catalog.service import Service
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.judge import judge
from fixtures.gateway import catalog, gallery
from fixtures.gateway.churn import churn, drift
from fixtures.gateway.core import ERAS, gateway_of
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.pipeline import healthy
from fixtures.gateway.styled.bases import BASES, SIZE, base_steps
from fixtures.gateway.styled.change import with_rows as with_styled_rows
from fixtures.gateway.styled.gallery import asked, declared
from fixtures.gateway.styled.harmless.moving import ANCHORED, newcomers
from fixtures.gateway.styles import styled_gateway
from fixtures.gateway.variants import with_rows

ORACLES = {
    "every_full_read_holds_the_expected_number_of_items",
    "the_collection_holds_its_expected_number_of_items",
    "known_items_are_listed",
}
"""What really goes, these miss with right: the list holds fewer items than the contract says, or lost one it names."""

EVERY_SEED = ["pages", "links", "tokens", "after-id", "offsets-and-links"]
STYLED = [(base, seed) for base in BASES for seed in range(50 if base in EVERY_SEED else 5)]
OFFSETS = [(era, seed) for era in gallery.CONTRACTS for seed in range(50)]


def accused(judgements: list[Judgement]) -> list[str]:
    found = [j for j in judgements if j.verdict is Verdict.BROKEN and j.rule not in ORACLES]
    return [f"{j.rule}[{j.case}]: {j.evidence.message if j.evidence else ''}" for j in found]


def judged(base: str, seed: int) -> list[Judgement]:
    """A list of another style that moves. Where a page begins behind an item, none goes: behind it nothing is found."""
    random = Random(f"{base} {seed}")
    ways = ("come",) if base in ANCHORED else ("come", "go", "both")
    moving = with_styled_rows(base_steps(base), churn(random, SIZE, newcomers(50), turns=30, ways=ways))
    service = Service(declared(base, None), MemorySource(styled_gateway(moving)))
    return [judge(rule, case, service) for rule, case in asked(base, None)]


def judged_by_offset(era: str, seed: int) -> list[Judgement]:
    """The reference gateway of an era, one of whose gateways moves."""
    change = churn(Random(f"{era} {seed}"), 1_352, catalog.spare(era), turns=60)
    moving = with_rows(healthy(ERAS[era]), change)
    service = Service(gallery.contract_of(era), MemorySource(gateway_of(moving)))
    return [judge(rule, case, service) for rule, case in gallery.asked(era)]


def judged_all_the_time(base: str, seed: int) -> list[Judgement]:
    """A list of another style that moves until the run ends."""
    change = drift(
        Random(f"{base} {seed}"), SIZE, newcomers(50), ways=("come",) if base in ANCHORED else ("come", "go")
    )
    service = Service(declared(base, None), MemorySource(styled_gateway(with_styled_rows(base_steps(base), change))))
    return [judge(rule, case, service) for rule, case in asked(base, None)]


@pytest.mark.parametrize("base", BASES)
def test_a_list_that_moves_all_the_time_is_not_accused(base: str) -> None:
    assert accused(judged_all_the_time(base, 0)) == []


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(1, 20))
@pytest.mark.parametrize("base", BASES)
def test_no_list_that_moves_all_the_time_is_accused(base: str, seed: int) -> None:
    assert accused(judged_all_the_time(base, seed)) == []


@pytest.mark.parametrize(("base", "seed"), [(base, 0) for base in BASES])
def test_a_list_that_moves_is_not_accused(base: str, seed: int) -> None:
    assert accused(judged(base, seed)) == []


@pytest.mark.thorough
@pytest.mark.parametrize(("base", "seed"), STYLED)
def test_no_list_that_moves_is_accused(base: str, seed: int) -> None:
    assert accused(judged(base, seed)) == []


@pytest.mark.parametrize(("era", "seed"), OFFSETS[::25])
def test_a_gateway_that_moves_is_not_accused(era: str, seed: int) -> None:
    assert accused(judged_by_offset(era, seed)) == []


@pytest.mark.thorough
@pytest.mark.parametrize(("era", "seed"), OFFSETS)
def test_no_gateway_that_moves_is_accused(era: str, seed: int) -> None:
    assert accused(judged_by_offset(era, seed)) == []
