"""The gallery: every fault is caught by exactly the rules that should catch it, wherever it strikes."""

import pytest

from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.rulebook import rulebook
from fixtures.gateway.gallery import CONTRACTS, eras_and_faults, pinned, seeds_of, seen

PINNED = pinned()
PAIRS = list(eras_and_faults())


@pytest.mark.parametrize(("era", "fault"), PAIRS, ids=[f"{fault}-{era}" for era, fault in PAIRS])
def test_a_fault_is_caught_by_exactly_its_rules_and_named(era: str, fault: str) -> None:
    """At three seeds; at one where the fault leaves nothing to chance, for the others would be the same run."""
    for seed in seeds_of(era, fault):
        found = seen(era, fault, seed)
        assert found.rules(Verdict.BROKEN) == PINNED[fault, era].breaks, f"seed {seed}"
        assert found.causes() == PINNED[fault, era].causes, f"seed {seed}"


def test_no_fault_breaks_nothing() -> None:
    """A fault that no rule sees has no place in the gallery."""
    assert [key for key, expected in PINNED.items() if not expected.breaks] == []


def test_every_rule_is_broken_by_a_fault() -> None:
    """A rule that nothing breaks proves nothing."""
    broken = {rule for expected in PINNED.values() for rule in expected.breaks}
    assert {rule.name for rule in rulebook()} - broken == {"no_item_of_the_baseline_is_missing"}


def test_the_pinned_faults_are_those_of_the_gallery() -> None:
    """No fault without its rules, no rules without their fault."""
    assert set(PINNED) == {(fault, era) for era, fault in PAIRS}
    assert {era for _, era in PINNED} == set(CONTRACTS)
