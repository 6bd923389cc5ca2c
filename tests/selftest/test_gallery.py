"""The gallery: every fault is caught by the rules that must catch it, and by exactly those that are pinned."""

import pytest

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.causes import diagnose
from catalog_contract.model.run import NO_KNOWN_CAUSE
from catalog_contract.rules.rulebook import rulebook
from fixtures.apis import APIS
from fixtures.gateway.core import FAULTS
from fixtures.gateway.faults import FAMILIES
from fixtures.gateway.gallery import PINNED, Expected, eras_and_faults, observed, pinned, seen
from fixtures.gateway.pipeline import ERAS, healthy
from fixtures.gateway.styled.faults import FAULTS as STYLED
from fixtures.gateway.variants import fault_registrar
from tools.pin import changes, document

PAIRS = list(eras_and_faults())
BY_THE_BASELINE = {"no_item_of_the_baseline_is_missing", "no_item_of_the_other_deployment_is_missing"}
"""Judged only with the list of an earlier run or of another deployment: see test_baseline.py and test_against.py."""


@pytest.mark.parametrize(("era", "fault"), PAIRS, ids=[f"{fault}-{era}" for era, fault in PAIRS])
def test_a_fault_breaks_exactly_what_is_pinned(era: str, fault: str) -> None:
    """Over all its seeds. `make pin` writes the pins; read every change."""
    now = observed(era, fault)
    assert now == pinned()[fault, era]
    assert FAULTS[fault].per_request or not (now.at_times or now.causes_at_times), "depends on the seed"


def test_every_fault_is_caught_by_what_must_catch_it() -> None:
    """In every era and at every seed, by each rule whose promise it breaks."""
    missed = {(fault, era): FAULTS[fault].caught_by - {*pinned()[fault, era].breaks} for era, fault in PAIRS}
    assert {where: rules for where, rules in missed.items() if rules} == {}


def test_what_must_catch_a_fault_is_a_choice() -> None:
    """Of the few rules whose promise the fault breaks by its meaning, not a copy of the pinned set."""
    assert [name for name, fault in FAULTS.items() if not 1 <= len(fault.caught_by) <= 3] == []


def test_the_diagnosis_names_the_cause_of_every_fault() -> None:
    """And no cause where the fault has none."""
    causes = {(fault, era): (FAULTS[fault].cause, pinned()[fault, era].causes) for era, fault in PAIRS}
    assert [where for where, (cause, named) in causes.items() if not _fits(cause, named)] == []


CONSEQUENCES = {
    names.OFFSET_IGNORED: {names.GATEWAY_IGNORED, names.FILTER_IGNORED, names.UNCHECKED},  # the whole query is lost
}
"""What else is true of a service with that cause."""


def test_no_fault_is_given_a_cause_that_it_has_not() -> None:
    """Of one with a cause, beside it only those that predict the same and its consequences; else none is known."""
    wrong = {}
    for era, fault in PAIRS:
        cause, expected = FAULTS[fault].cause or "", pinned()[fault, era]
        right = {cause, *names.ALTERNATIVES.get(cause, ()), *CONSEQUENCES.get(cause, ())} if cause else set()
        named = {*expected.causes, *expected.causes_at_times}
        if named - right or (named and cause not in named):
            wrong[fault, era] = named
    assert wrong == {}


def test_a_broken_run_without_a_cause_says_so() -> None:
    """With a witness, and beside no cause."""
    for era, fault in (
        pair for pair in PAIRS if pinned()[pair[1], pair[0]] == Expected(pinned()[pair[1], pair[0]].breaks, ())
    ):
        run = seen(era, fault, 0)
        (cause,) = diagnose(run.contract, run.pages, run.judgements)
        assert cause.name == NO_KNOWN_CAUSE
        assert cause.evidence
        assert cause.steps, (era, fault)


def _fits(cause: str | None, named: tuple[str, ...]) -> bool:
    return cause in named if cause else named == ()


def test_every_rule_must_catch_a_fault() -> None:
    """A rule that no fault has to be caught by proves nothing; a name that is not a rule is a slip of the pen."""
    required = {rule for fault in (*FAULTS.values(), *STYLED.values()) for rule in fault.caught_by}
    elsewhere = {api.caught_by for api in APIS.values() if api.caught_by}
    assert required | elsewhere == {rule.name for rule in rulebook()} - BY_THE_BASELINE


def test_the_pinned_faults_are_those_of_the_gallery() -> None:
    """No fault without its rules, no rules without their fault; the file is as `make pin` writes it."""
    assert set(pinned()) == {(fault, era) for era, fault in PAIRS}
    assert PINNED.read_text(encoding="utf-8") == document(pinned())


def test_no_name_occurs_in_two_families() -> None:
    assert sum(map(len, FAMILIES)) == len(FAULTS)


def test_a_fault_without_a_rule_is_no_fault() -> None:
    with pytest.raises(ValueError, match="nothing-at-all: names no rule that must catch it"):

        @fault_registrar({}, "any")(caught_by=[])
        def nothing_at_all(steps):
            """Nothing is wrong."""
            return steps


@pytest.mark.parametrize("random", [True, False])
def test_what_a_fault_draws_it_declares(random: bool) -> None:
    def with_chance(steps, random):
        """Draws."""
        return steps

    def without_chance(steps):
        """Does not draw."""
        return steps

    with pytest.raises(ValueError, match="takes the parameters steps"):
        fault_registrar({}, "any")(caught_by=["r"], random=random)(without_chance if random else with_chance)


def test_a_fault_that_draws_nothing_gets_no_chance() -> None:
    """So that one seed is enough to judge it."""
    steps = healthy(ERAS["2025"])
    for fault in FAULTS.values():
        if not fault.random:
            fault.build(steps, None)  # no source of random numbers: using one would raise


def test_a_fault_that_strikes_some_requests_draws_which() -> None:
    assert [name for name, fault in FAULTS.items() if fault.per_request and not fault.random] == []


def test_a_changed_pin_is_printed_with_what_came_and_what_went() -> None:
    old = {("one", "2025"): Expected(("a", "b"), ("cause",)), ("two", "2026"): Expected(("a",), ())}
    new = {("one", "2025"): Expected(("b", "c"), (), ("d",)), ("two", "2026"): Expected(("a",), ())}
    assert changes(old, new) == ['one (2025): +c +d (at times) -"cause" -a']
    assert changes(new, new) == []
