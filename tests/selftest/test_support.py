"""What the rulebook cannot judge yet is refused in one line; what it can is not."""

import pytest

from catalog_contract.contracts.load import load_contract
from catalog_contract.rules.support import unsupported
from catalog_contract.run.settings import Settings, SettingsError, contract_of


@pytest.mark.parametrize("name", ["gatewayz", "gatewayz-2026", "example-minimal"])
def test_the_contracts_of_the_first_release_are_judged(name: str) -> None:
    assert unsupported(load_contract(name)) == ""


@pytest.mark.parametrize(
    ("name", "key"),
    [("anthropic", 'paging.style = "cursor"'), ("wagtail", "envelope.total"), ("scim", "paging.starts_at")],
)
def test_a_contract_that_cannot_be_judged_is_refused_before_any_request(name: str, key: str) -> None:
    assert key in unsupported(load_contract(name))
    with pytest.raises(SettingsError, match=r"the rulebook cannot judge .* yet; no request was made$"):
        contract_of(Settings(contract=name))
