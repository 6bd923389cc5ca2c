"""Fit: whether the contract speaks of this service. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.model.verdict import Severity
from catalog_contract.rules.rule import rule


@rule(Severity.BLOCKER)
def test_the_contract_fits_the_service(any_catalog: Catalog) -> None:
    """Items, ids and counters stand in the responses where the contract says.

    Why: where they do not, nothing can be compared, and a suite that compares nothing is green. What depends on it is
    not judged.

    Cannot see: a place at which something else stands that looks like what the contract means.
    """
    opening = any_catalog.opening()
    if opening.fault and not any_catalog.mismatch("items"):
        raise opening.not_judged()
    for word in ("items", "id", *any_catalog.contract.envelope.places):
        message = any_catalog.mismatch(word)
        assert not message, opening.evidence(message)
