"""The plan: what a run asks of a healthy service, and what of it depends on no answer."""

from pathlib import Path

import pytest
from runs import small

from catalog_contract.catalog.service import Service
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.planning import known_beforehand, plan
from catalog_contract.rules.selection import every_case
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.memory import MemorySource


def asked_of_the_reference(contract_name: str, era: str) -> list[str]:
    """The keys of what a whole run asks of the healthy reference gateway, in order."""
    contract = load_contract(contract_name)
    source = MemorySource(reference_gateway(era))
    service = Service(contract, source)
    for rule, case in every_case(contract, live=True):
        assert judge(rule, case, service).verdict is Verdict.HOLDS
    return [request.key for request in source.asked]


@pytest.mark.parametrize(("name", "era"), [("gatewayz", "2025"), ("gatewayz-2026", "2026")])
def test_the_plan_has_as_many_requests_as_a_run(name: str, era: str) -> None:
    """Where the service keeps its promises; but for the last page of a merged list, whose parts may share models."""
    contract = load_contract(name)
    planned, made = len(plan(contract, every_case(contract, live=True))), len(asked_of_the_reference(name, era))
    assert planned - made in ((0, 1) if contract.paging.maximum_limit else (0,))


@pytest.mark.parametrize(("name", "era"), [("gatewayz", "2025"), ("gatewayz-2026", "2026")])
def test_what_is_known_beforehand_is_asked_in_any_case(name: str, era: str) -> None:
    """Every one of these requests is made by the run too, whose sizes and ids are not those of the plan."""
    contract = load_contract(name)
    asked = every_case(contract, live=True)
    known, made = [request.key for request in known_beforehand(contract, asked)], asked_of_the_reference(name, era)
    assert set(known) <= set(made)
    assert len(known) > len(made) / 2
    assert len(set(known)) == len(known)


def test_nothing_that_is_read_again_or_counted_from_the_end_is_known_beforehand(tmp_path: Path) -> None:
    """A second reading must come after the first, and nobody knows where the end is."""
    contract = load_contract(str(small(tmp_path)))
    asked = every_case(contract, live=True)
    known = known_beforehand(contract, asked)
    dynamic = [request for request in plan(contract, asked) if request not in known]
    assert {request.reading for request in known} == {1}
    offsets = {dict(request.query).get("offset") for request in dynamic if request.reading == 1}
    assert offsets == {"77", "92", "96", "97"}


def test_a_choice_of_cases_plans_for_these_alone(tmp_path: Path) -> None:
    """One page is one request."""
    contract = load_contract(str(small(tmp_path)))
    asked = [(rule, case) for rule, case in every_case(contract, live=True) if case.id == "together-offset=20"]
    assert [request.target for request in plan(contract, asked)] == ["/v1/models?gateway=together&limit=20&offset=20"]
    assert known_beforehand(contract, asked) == plan(contract, asked)
