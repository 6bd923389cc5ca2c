"""A merged collection that lists an item once for each collection that has it is accused of no repetition."""

from dataclasses import replace

from catalog_contract.catalog.service import Service
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import FLAT, Contract
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.memory import MemorySource

FAULT = "all-repeats-models"


def broken(contract: Contract) -> set[str]:
    """The rules that the merged collection breaks where it lists items of several collections as often."""
    service = Service(contract, MemorySource(reference_gateway("2025", FAULT)))
    judgements = [judge(rule, case, service) for rule, case in every_case(contract, live=True)]
    return {j.rule for j in judgements if j.verdict is Verdict.BROKEN}


def test_a_flat_merged_list_may_repeat_and_a_unique_one_may_not() -> None:
    contract = load_contract("gatewayz")
    flat = tuple(replace(c, merges=FLAT) if c.merges else c for c in contract.collections)
    assert "the_collection_lists_every_item_once" in broken(contract)
    assert broken(replace(contract, collections=flat)) == set()
