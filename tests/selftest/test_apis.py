"""The small APIs with public bugs: each has a contract that loads, and serves a list where the contract says."""

import pytest

from catalog_contract.contracts.load import load_contract
from catalog_contract.model.exchange import Request
from catalog_contract.model.place import Place
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
