"""A witness names every request that it takes to see it, with a curl line for each."""

from catalog_contract.catalog.service import Service
from catalog_contract.model.verdict import Verdict
from catalog_contract.report import terminal
from catalog_contract.rules.cases import cases_of
from catalog_contract.rules.judge import judge
from catalog_contract.rules.rulebook import rulebook
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.gallery import contract_of
from fixtures.gateway.memory import MemorySource


def test_an_item_on_two_pages_of_the_walk_is_shown_by_both() -> None:
    contract = contract_of("2025")
    rule = next(rule for rule in rulebook() if rule.name == "ids_are_unique_over_the_walk")
    case = next(case for case in cases_of(rule, contract) if case.collection == "huggingface")
    found = judge(rule, case, Service(contract, MemorySource(reference_gateway("2025", "boundary-row-twice"))))
    assert found.verdict is Verdict.BROKEN and found.evidence
    one, other = found.curls
    assert one != other and len(found.evidence.requests) == 2
    for curl, target in zip(found.curls, found.evidence.requests, strict=True):
        assert target in curl and target in found.message
    assert [line.strip() for line in terminal._command(other)] == [f"$ {other}"]
