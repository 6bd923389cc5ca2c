"""The gallery of the other paging styles: every fault is caught, and what is harmless raises no alarm."""

from itertools import groupby

import pytest

from catalog_contract.catalog.service import Service
from catalog_contract.diagnosis import names
from catalog_contract.model.contract import Transport
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.shared import CachingSource
from fixtures.gateway.gallery import SEEDS
from fixtures.gateway.server import serve
from fixtures.gateway.styled.bases import BASES, base_steps, contract_of
from fixtures.gateway.styled.faults import FAMILIES, FAULTS
from fixtures.gateway.styled.gallery import (
    PINNED,
    bases_and_faults,
    gateway_of,
    judgements,
    observed,
    pinned,
    rules_with,
)
from fixtures.gateway.styled.harmless import HARMLESS
from fixtures.gateway.styled.variants import fault_registrar
from tools.pin import document

PAIRS = list(bases_and_faults())
HARMLESS_PAIRS = [(base, name) for base in BASES for name, variant in HARMLESS.items() if base in variant.eras]


def by_name(pairs: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Every variant with the bases that it goes with."""
    ordered = sorted(pairs, key=lambda pair: pair[1])
    return [(name, [base for base, _ in group]) for name, group in groupby(ordered, key=lambda pair: pair[1])]


@pytest.mark.parametrize(("fault", "bases"), by_name(PAIRS), ids=[name for name, _ in by_name(PAIRS)])
def test_a_fault_breaks_exactly_what_is_pinned(fault: str, bases: list[str]) -> None:
    """On every base and over all its seeds. `make pin` writes the pins; read every change."""
    now = {base: observed(base, fault) for base in bases}
    assert now == {base: pinned()[fault, base] for base in bases}


def test_every_fault_is_caught_by_what_must_catch_it() -> None:
    """On every base and at every seed, by each rule whose promise it breaks."""
    missed = {(fault, base): FAULTS[fault].caught_by - {*pinned()[fault, base].breaks} for base, fault in PAIRS}
    assert {where: rules for where, rules in missed.items() if rules} == {}


def test_no_fault_is_given_a_cause_that_it_has_not() -> None:
    """At no seed: the cause is named, alone or beside one that predicts the same, or the run names none."""
    wrong = {}
    for base, fault in PAIRS:
        expected, cause = pinned()[fault, base], FAULTS[fault].cause
        reported = {*expected.causes, *expected.causes_at_times}
        right = {cause, *names.ALTERNATIVES.get(cause or "", ())} if cause else set()
        if reported - right or (reported and cause not in reported):
            wrong[fault, base] = reported
    assert wrong == {}


def test_the_cause_of_every_fault_is_named() -> None:
    """On every base that it was planted in, at every seed."""
    caused = [(base, fault) for base, fault in PAIRS if FAULTS[fault].cause]
    silent = [(base, fault) for base, fault in caused if FAULTS[fault].cause not in pinned()[fault, base].causes]
    print(f"{len(caused) - len(silent)} of {len(caused)} named")  # the share, for who runs it with -s
    assert silent == []


def test_what_must_catch_a_fault_is_a_choice() -> None:
    """Of the few rules whose promise the fault breaks by its meaning, not a copy of the pinned set."""
    assert [name for name, fault in FAULTS.items() if not 1 <= len(fault.caught_by) <= 3] == []


@pytest.mark.parametrize(
    ("variant", "bases"), by_name(HARMLESS_PAIRS), ids=[name for name, _ in by_name(HARMLESS_PAIRS)]
)
def test_what_is_no_fault_raises_no_alarm(variant: str, bases: list[str]) -> None:
    """Nothing is accused and nothing left unjudged; what draws from chance is tried at several seeds."""
    alarms = {
        (base, seed, j.rule, j.case): j.why or (j.evidence and j.evidence.message)
        for base in bases
        for seed in (SEEDS if HARMLESS[variant].random else SEEDS[:1])
        for j in judgements(base, variant, seed)
        if j.verdict is not Verdict.HOLDS
    }
    assert alarms == {}


@pytest.mark.parametrize("base", BASES)
def test_the_healthy_list_keeps_every_promise(base: str) -> None:
    assert {judgement.verdict for judgement in judgements(base, None)} == {Verdict.HOLDS}


def test_the_pinned_faults_are_those_of_the_gallery() -> None:
    """No fault without its rules, no rules without their fault; the file is as `make pin` writes it."""
    assert set(pinned()) == {(fault, base) for base, fault in PAIRS}
    assert PINNED.read_text(encoding="utf-8") == document(pinned())


def test_no_name_occurs_in_two_families() -> None:
    assert sum(map(len, FAMILIES)) == len(FAULTS)
    assert not set(FAULTS) & set(HARMLESS)


def test_a_fault_that_draws_nothing_gets_no_chance() -> None:
    """So that one seed is enough to judge it."""
    for fault in FAULTS.values():
        if not fault.random:
            for base in fault.eras:
                fault.build(base_steps(base), None)  # no source of random numbers: using one would raise


def test_a_fault_goes_with_a_base_that_there_is() -> None:
    with pytest.raises(ValueError, match="no base is called \\['pags'\\]; there are pages, "):
        fault_registrar({}, "any")(caught_by=["r"], on=["pags"])


FAST = Transport(requests_per_second=100_000, maximum_requests=1000, connect_seconds=60)

OVER_HTTP = {
    "pages": "pages-rounded-down",
    "pages-from-zero": "first-on-every-page",
    "pages-and-headers": "links-name-another-port",
    "links": "links-lose-the-filter",
    "links-in-a-header": "next-points-back",
    "tokens": "a-garbled-cursor-begins-again",
    "after-id": "has-more-false-early",
    "posted-connection": "next-skips-a-page",
    "one-answer": "two-items-have-one-id",
    "offsets-and-links": "links-read-an-older-list",
}
"""A fault of each style."""


@pytest.mark.parametrize(("base", "fault"), OVER_HTTP.items(), ids=OVER_HTTP)
def test_over_http_a_fault_breaks_what_it_breaks_in_memory(base: str, fault: str) -> None:
    contract = contract_of(base)
    with serve(gateway_of(base, fault), posts=True) as (url, _):
        source = CachingSource(LiveSource(url, FAST))
        service = Service(contract, source)
        found = [judge(rule, case, service) for rule, case in every_case(contract, live=True)]
        source.close()
    assert rules_with(found, Verdict.BROKEN) == rules_with(judgements(base, fault), Verdict.BROKEN)


def test_the_key_goes_to_no_other_host() -> None:
    """A link to another host is not followed: it is asked nothing."""
    for base in FAULTS["links-name-another-host"].eras:
        asked: list[str] = []
        gateway = gateway_of(base, "links-name-another-host")
        with serve(gateway, posts=True) as (url, log):
            contract = contract_of(base)
            source = CachingSource(LiveSource(url, FAST))
            walked = Service(contract, source).catalog("models").walk_along(30)
            asked += [exchange.exchange.url for exchange in walked.pages]
            source.close()
            assert len(log) == len(walked.pages) == 1
        assert all(one.startswith(url) for one in asked)
