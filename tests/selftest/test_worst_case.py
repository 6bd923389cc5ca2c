"""The longest that a run can take: however a service stalls, asking ends with the budget and one more answer."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from catalog_contract.contracts.load import load_contract
from catalog_contract.model.exchange import NOT_ASKED, Request
from catalog_contract.transport.live import LiveSource
from fixtures.wire import Asked, Reply, service, wire
from fixtures.wire.faults import FAULTS

BUDGET = 1.5
SLACK = 2.0
"""What a busy machine may take between two moments, in seconds."""

ALWAYS = ("slow-drip-body", "every-second-stalls", "always-just-in-time")


def just_in_time(asked: Asked) -> Reply:
    """An answer that takes nearly as long as it may: no breaker stops a service that answers everything."""
    time.sleep(0.4)
    return service.answer(asked)


def asked_to_come_back(asked: Asked) -> Reply:
    """Every answer asks for the longest wait that is allowed."""
    return Reply(503, {"Retry-After": "3"})


OWN: dict[str, Callable[[Asked], Reply]] = {
    "always-just-in-time": just_in_time,
    "always-come-back-later": asked_to_come_back,
}


def served(name: str) -> AbstractContextManager[Any]:
    return wire("none", OWN[name]) if name in OWN else wire(name, service.answer)


def requests() -> Iterator[Request]:
    """More than any service can answer in the time, if it stalls."""
    return (Request("/v1/models", (("offset", str(nth)), ("limit", "10"))) for nth in range(60))


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in ALWAYS else pytest.mark.thorough) for n in (*FAULTS, *OWN)]
)
def test_asking_ends_with_the_budget_and_one_more_answer(name: str) -> None:
    """`maximum_seconds`, and `connect_seconds` and `answer_seconds` for the last answer."""
    transport = replace(load_contract(str(service.CONTRACT)).transport, maximum_seconds=BUDGET)
    with served(name) as base_url:
        source = LiveSource(str(base_url), transport, backoff_seconds=0.05)
        began = time.monotonic()
        found = [source.fetch(request) for request in requests()]
        took = time.monotonic() - began
        source.close()
    assert took <= BUDGET + transport.connect_seconds + transport.answer_seconds + SLACK
    if name == "always-just-in-time":
        assert (found[-1].failure or "").startswith(f"{NOT_ASKED}the run's time is up")
