"""The small APIs with public bugs: healthy each is judged to hold in every case, broken the right promise is broken."""

import pytest

from catalog_contract.catalog.service import Service
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.exchange import Request
from catalog_contract.model.place import Place
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from catalog_contract.transport.shared import CachingSource
from catalog_contract.util.paths import FIXTURES
from fixtures.apis import APIS
from fixtures.apis.source import ApiSource

CONTRACTS = FIXTURES / "apis" / "contracts"


def test_every_api_has_a_contract_and_every_contract_an_api() -> None:
    assert {path.stem for path in CONTRACTS.glob("*.toml")} == set(APIS)


@pytest.mark.parametrize("name", APIS)
@pytest.mark.parametrize("broken", [False, True], ids=["healthy", "broken"])
def test_an_api_lists_items_where_its_contract_says(name: str, broken: bool) -> None:
    contract = load_contract(str(CONTRACTS / f"{name}.toml"))
    # The two damaged items of this one stand on the first page of the default size.
    limit = ((contract.parameters.limit, "5"),) if name == "poisoned-items" and contract.parameters.limit else ()
    exchange = ApiSource(APIS[name], broken=broken).fetch(Request(contract.list_path, limit))
    items = Place(contract.envelope.items).read(exchange)
    assert isinstance(items, list) and items


def judged(name: str, *, broken: bool) -> list[Judgement]:
    """Every case of the contract of a small API."""
    contract = load_contract(str(CONTRACTS / f"{name}.toml"))
    service = Service(contract, CachingSource(ApiSource(APIS[name], broken=broken)))
    return [judge(rule, case, service) for rule, case in every_case(contract, live=True)]


@pytest.mark.parametrize("name", APIS)
def test_a_healthy_api_holds_every_promise(name: str) -> None:
    """Nothing is accused, and nothing left unjudged."""
    judgements = judged(name, broken=False)
    assert [(j.rule, j.case, j.verdict) for j in judgements if j.verdict is not Verdict.HOLDS] == []
    assert len(judgements) > 20


@pytest.mark.parametrize("name", [name for name, api in APIS.items() if api.caught_by])
def test_a_public_bug_is_caught_by_the_promise_that_it_breaks(name: str) -> None:
    assert APIS[name].caught_by in {j.rule for j in judged(name, broken=True) if j.verdict is Verdict.BROKEN}
