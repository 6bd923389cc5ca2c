"""`-n N`: every request once in the run, and the same verdict, whatever the number of workers."""

import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from runs import errors, run, small

from catalog_contract.transport.cassette.storage import put_in_place
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import Logged, serve

WORKERS = ((), ("-n", "1"), ("-n", "2"), ("-n", "4"))
DEAD = "http://127.0.0.1:9"
"""Nobody listens there: the port of the discard service, which no system starts any more."""


def asked(log: list[Logged]) -> Counter[tuple[str, str]]:
    """How often the server was asked for each target, by the headers a rule may add."""
    return Counter((one["target"], f"{one['headers'].get('if-none-match')}") for one in log)


def comparable(verdict: dict[str, Any]) -> dict[str, Any]:
    """A verdict.json without its times, the port and the command line."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(v) for key, v in value.items() if key not in ("seconds", "started", "invocation")}
        if isinstance(value, list):
            return [plain(v) for v in value]
        return re.sub(r"127\.0\.0\.1:\d+", "HOST", value) if isinstance(value, str) else value

    found: dict[str, Any] = plain(verdict)
    return found


@pytest.mark.parametrize(("variant", "expected"), [(None, 0), ("total-off-by-one", 1)], ids=["healthy", "broken"])
def test_every_request_is_made_once_and_the_verdict_is_the_same(
    variant: str | None, expected: int, tmp_path: Path
) -> None:
    """Counted at the server, for no workers, 1, 2 and 4; files compared but for times and the port."""
    found = {}
    for workers in WORKERS if variant is None else WORKERS[1:3]:
        folder = tmp_path / "".join(workers)
        with serve(reference_gateway("2025", variant)) as (base_url, log):
            options = ("--contract", str(small(tmp_path)), "--base-url", base_url, "--rate", "1000")
            status, verdict, printed = run(folder, *options, *workers)
        assert status == expected, printed
        assert len(log) == len(verdict["requests"])
        readings = Counter(request["target"] for request in verdict["requests"])
        assert Counter(one["target"] for one in log) == readings
        assert f"{verdict['planned']} requests planned" in printed or "-n" not in workers
        found[workers] = (comparable(verdict), asked(log))
    first, *others = found.values()
    assert all(other == first for other in others)


def test_a_recording_is_judged_alike_by_workers(tmp_path: Path) -> None:
    """The incident is found by the same rules in the same order, with the same words."""
    chosen = ("--cassette", "incident-cut-to-101", "-k", "totals or identity")
    runs = [run(tmp_path / f"{n}", *chosen, *n) for n in ((), ("-n", "2"))]
    assert [status for status, _, _ in runs] == [1, 1]
    assert comparable(runs[0][1]) == comparable(runs[1][1])


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_service_that_cannot_be_reached_is_not_judged(workers: tuple[str, ...], tmp_path: Path) -> None:
    """Exit status 16 within 15 s, every case NOT JUDGED for one and the same reason."""
    contract = ("--contract", str(small(tmp_path))) if workers else ()
    started = time.monotonic()
    status, verdict, printed = run(tmp_path, "--base-url", DEAD, *contract, *workers)
    assert time.monotonic() - started < 15
    assert status == 16, printed
    assert {rule["verdict"] for rule in verdict["rules"]} == {"NOT JUDGED"}
    assert verdict["collections"]
    assert len(re.findall("not asked: the service is down", printed.partition("Not judged")[2])) == 1, printed


def refusals(folder: Path) -> dict[str, tuple[tuple[str, ...], str]]:
    """What a run is refused for before it asks for anything: options, and the words of the line."""
    cut, no_toml = folder / "cut.json.xz", folder / "bad.toml"
    put_in_place(cut, b'{"interactions": []}')
    cut.write_bytes(cut.read_bytes()[:-20])
    no_toml.write_text("title = ", encoding="utf-8")
    return {
        "cassette cut off": (("--cassette", str(cut)), "cut off"),
        "cassette missing": (("--cassette", "helthy"), "healthy"),
        "contract is not TOML": (("--contract", str(no_toml)), "not TOML"),
        "record": (("--base-url", DEAD, "--record", str(folder / "new.json.xz")), "--record needs one process"),
    }


@pytest.mark.parametrize("why", ["cassette cut off", "cassette missing", "contract is not TOML", "record"])
def test_workers_are_not_started_on_what_cannot_be_used(why: str, tmp_path: Path) -> None:
    """One line, exit status 4."""
    options, words = refusals(tmp_path)[why]
    status, verdict, printed = run(tmp_path / "reports", *options, "-n", "2")
    assert status == 4, printed
    assert verdict == {}
    assert len(errors(printed)) == 1
    assert words in errors(printed)[0]


@pytest.mark.parametrize(("whose", "workers"), [("--max-requests", ("-n", "2")), ("the contract", ())])
def test_a_plan_larger_than_allowed_is_refused_before_the_first_request(
    whose: str, workers: tuple[str, ...], tmp_path: Path
) -> None:
    """By the option and by the contract; one line, exit status 4, nothing sent, with workers too."""
    allowed_by = ("--max-requests", "5") if whose == "--max-requests" else ()
    contract = small(tmp_path, "" if allowed_by else "[transport]\nmaximum_requests = 5\n")
    with serve(reference_gateway()) as (base_url, log):
        status, verdict, printed = run(
            tmp_path / "reports", "--contract", str(contract), "--base-url", base_url, *allowed_by, *workers
        )
    assert (status, verdict, log) == (4, {}, []), printed
    assert len(errors(printed)) == 1
    assert re.search(rf"\d+ requests are planned, {whose}.* allows 5", errors(printed)[0])
