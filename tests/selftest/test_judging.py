"""Judging: what a run leaves behind."""

import gc
import weakref

import pytest

from catalog_contract.catalog.service import Service
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.judge import judge
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.gallery import asked, contract_of
from fixtures.gateway.memory import MemorySource


@pytest.mark.parametrize("fault", ["offset-ignored", "one-page-404"])
def test_a_judged_run_is_let_go_of_at_once(fault):
    """Neither a judgement nor what a rule raised holds on to the pages: none waits for the collector of circles."""
    service = Service(contract_of("2025"), MemorySource(reference_gateway("2025", fault)))
    held = weakref.ref(service)
    gc.disable()
    try:
        judgements = [judge(rule, case, service) for rule, case in asked("2025")]
        del service
        assert {Verdict.BROKEN} <= {judgement.verdict for judgement in judgements}
        assert held() is None
    finally:
        gc.enable()
