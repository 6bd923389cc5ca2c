"""No false alarm: what is not a fault breaks nothing, leaves nothing unjudged, and gets no diagnosis."""

import pytest

from catalog_contract.model.verdict import Verdict
from fixtures.gateway.core import HARMLESS
from fixtures.gateway.gallery import CONTRACTS, SEEDS, seen

PAIRS = [(era, name) for era in CONTRACTS for name, variant in HARMLESS.items() if era in variant.eras]


@pytest.mark.parametrize(("era", "variant"), PAIRS, ids=[f"{variant}-{era}" for era, variant in PAIRS])
def test_what_is_no_fault_raises_no_alarm(era: str, variant: str) -> None:
    """With no cause named; a variant that draws from chance is tried at several seeds."""
    for seed in SEEDS if HARMLESS[variant].random else SEEDS[:1]:
        found = seen(era, variant, seed)
        assert (found.rules(Verdict.BROKEN), found.rules(Verdict.NOT_JUDGED)) == ((), ()), f"seed {seed}"
        assert found.causes() == ()


@pytest.mark.parametrize("era", CONTRACTS)
def test_the_healthy_gateway_keeps_every_promise(era: str) -> None:
    """And is diagnosed with nothing."""
    found = seen(era, None, 0)
    assert {judgement.verdict for judgement in found.judgements} == {Verdict.HOLDS}
    assert found.causes() == ()
