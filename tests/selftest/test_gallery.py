"""The gallery: every fault is caught by exactly the rules that should catch it, wherever it strikes."""

import pytest

from catalog_contract.rulebook import rulebook
from catalog_contract.verdict import Verdict
from fixtures.gateway.core import FAULTS
from fixtures.gateway.gallery import CONTRACTS, SEEDS, eras_and_faults, pinned, seeds_of, seen

PINNED = pinned()
PAIRS = list(eras_and_faults())


@pytest.mark.parametrize(("era", "fault"), PAIRS, ids=[f"{fault}-{era}" for era, fault in PAIRS])
def test_a_fault_is_caught_by_exactly_its_rules_and_named(era: str, fault: str) -> None:
    """At three seeds in the first era that has the fault, if it leaves anything to chance; at one in the other."""
    expected, first = PINNED[fault, era], era == FAULTS[fault].eras[0]
    seeds = seeds_of(era, fault) if first else SEEDS[:1]
    for seed in seeds:
        found = seen(era, fault, seed)
        broken = found.rules(Verdict.BROKEN)
        assert expected.allows(broken), f"seed {seed}: {sorted({*broken} ^ {*expected.breaks})}"
    if first:
        assert found.causes() == expected.causes


def test_no_fault_breaks_nothing() -> None:
    """A fault that no rule sees has no place in the gallery."""
    assert [key for key, expected in PINNED.items() if not expected.breaks] == []


def test_every_rule_is_broken_by_a_fault() -> None:
    """A rule that nothing breaks proves nothing."""
    broken = {rule for expected in PINNED.values() for rule in expected.breaks}
    assert {rule.name for rule in rulebook()} - broken == {"no_model_of_the_last_good_night_is_missing"}


def test_the_pinned_faults_are_those_of_the_gallery() -> None:
    """No fault without its rules, no rules without their fault."""
    assert set(PINNED) == {(fault, era) for era, fault in PAIRS}
    assert {era for _, era in PINNED} == set(CONTRACTS)
