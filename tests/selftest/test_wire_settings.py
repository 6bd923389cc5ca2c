"""Every fault of the wire has the same verdict when several ask: four requests at a time, or two workers."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest

from catalog_contract.transport.secret import KEY_VARIABLE
from fixtures.wire import NAMES, service, wire
from fixtures.wire.suite import run_suite
from tools.wire_run import KEY

AT_A_TIME = 4
WITH_WORKERS = ("one-reset", "reset-in-body", "every-second-stalls", "echoes-key")
"""Whole runs with two workers; the first in `make test`."""


@cache
def verdicts() -> dict[str, tuple[str, int]]:
    """Verdict and exit status of each fault when one request is made at a time, as docs/reliability.md has them."""
    from tools.reliability import TABLE, settled  # it counts the tries of this module

    written = settled(TABLE.read_text("utf-8"))
    return {fault.strip("`"): (verdict.strip("*"), int(status)) for fault, _, verdict, status in written}


@pytest.mark.thorough
def test_every_fault_has_the_same_verdict_when_four_are_asked_at_a_time():
    from tools.reliability import measure

    def verdict(name: str) -> tuple[str, int]:
        row = measure(name, AT_A_TIME)
        return row.verdict, row.status

    with ThreadPoolExecutor(3) as pool:
        found = dict(zip(NAMES, pool.map(verdict, NAMES), strict=True))
    # A busy machine can break the promise of a time: what differs is asked once more, alone.
    found |= {name: verdict(name) for name in NAMES if found[name] != verdicts()[name]}
    assert found == {name: verdicts()[name] for name in NAMES}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.thorough if at else ()) for at, name in enumerate(WITH_WORKERS)]
)
def test_a_fault_has_the_same_verdict_with_two_workers(tmp_path, name):
    with wire(name, service.answer) as base_url:
        options = ["--base-url", str(base_url), "--probes", "0", "-n", "2"]
        ran = run_suite(tmp_path, options, {KEY_VARIABLE: KEY})
    verdict, status = verdicts()[name]
    assert ran.status == status, ran.printed[-3_000:]
    assert ran.line(f"{verdict}: "), ran.printed[-3_000:]
