"""The plugin end to end: options, plan, exit statuses, and what a run leaves behind when it is stopped."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from runs import command, errors, run, small

from catalog_contract.contracts.load import load_contract
from catalog_contract.run.settings import Settings, SettingsError, contract_of, number, whole_number
from catalog_contract.util.paths import PROJECT
from fixtures.gateway.core import Answer, Gateway, Query, reference_gateway
from fixtures.gateway.server import serve


class Slow:
    """A gateway that takes its time, and knows how many answers were under way at once."""

    def __init__(self, collection: Gateway, seconds: float) -> None:
        self._gateway, self._seconds = collection, seconds
        self._lock = threading.Lock()
        self._now = self.most = 0

    def __call__(self, query: Query) -> Answer:
        """Answer as the gateway does, later."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(self._seconds)
        with self._lock:
            self._now -= 1
        return self._gateway(query)


def live(folder: Path, base_url: str, extra: str = "") -> tuple[str, ...]:
    """The options of a live run over the small contract, as fast as it goes."""
    return ("--contract", str(small(folder, extra)), "--base-url", base_url, "--rate", "1000")


def test_the_plan_is_printed_and_nothing_is_asked(tmp_path: Path) -> None:
    """Every request on a line, the total last, exit status 0; with workers too."""
    with serve(reference_gateway()) as (base_url, log):
        options = (*live(tmp_path, base_url), "--plan", "-n", "2", "--max-requests", "3")
        status, verdict, printed = run(tmp_path / "reports", *options)
        assert log == []
        lines = printed.splitlines()
        planned = [line.split()[1] for line in lines if line.startswith("GET ")]
        full, found, _ = run(tmp_path / "full", *live(tmp_path, base_url))
    assert (status, verdict) == (0, {}), printed
    assert f"{len(planned)} requests planned, none made" in printed and "; a run would be refused" in printed
    assert full == 0
    # Two requests depend on the size that is seen: the contract expects the size that is there.
    assert sorted(planned) == sorted(request["target"] for request in found["requests"])


def test_the_second_night_shows_the_trend(tmp_path: Path) -> None:
    """In the terminal and in the summary; the first has none."""
    history = ("--history", str(tmp_path / "runs" / "history.jsonl"), "-k", "groq")
    first, second = (run(tmp_path, *history)[2] for _ in range(2))
    assert "the last 2 runs" not in first
    assert re.search(r"^the last 2 runs .*\n(all gateways .*\n)?groq +19 +19$", second, re.MULTILINE), second
    assert "Totals of the last 2 runs, this one last: groq 19 → 19." in (tmp_path / "summary.md").read_text("utf-8")


def test_one_case_asks_for_its_own_page_only(tmp_path: Path) -> None:
    """`-k huggingface-offset=100` is one request, and the case of offset 1000 another one."""
    with serve(reference_gateway()) as (base_url, log):
        status, verdict, printed = run(tmp_path, "--base-url", base_url, "-k", "huggingface-offset=100")
    assert status == 0, printed
    assert [rule["case"] for rule in verdict["rules"]] == ["huggingface-offset=100"]
    assert [request["target"] for request in log] == ["/v1/models?gateway=huggingface&limit=100&offset=100"]


def test_requests_are_made_side_by_side_when_asked_for(tmp_path: Path) -> None:
    """With --concurrency 3 never more than three at once, each once, with GET, and the same verdict."""
    slow = Slow(reference_gateway(), 0.05)
    with serve(slow) as (base_url, log):
        status, verdict, printed = run(tmp_path, *live(tmp_path, base_url), "--concurrency", "3")
    assert status == 0, printed
    assert slow.most == 3
    assert len(log) == len(verdict["requests"]) == verdict["planned"]
    assert {request["method"] for request in log} == {"GET"}


def test_without_the_option_requests_come_one_after_the_other(tmp_path: Path) -> None:
    """Also from several workers: what they share is fetched before them."""
    slow = Slow(reference_gateway(), 0.02)
    with serve(slow) as (base_url, _):
        options = (*live(tmp_path, base_url), "-n", "2", "--deselect")
        alone = "tests/contract/test_windows.py::test_pages_read_concurrently_equal_pages_read_alone"
        status, _, printed = run(tmp_path, *options, alone, "-k", "(limit or offset) and not before_end")
    assert status == 0, printed
    assert slow.most == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rate": 0.0}, "--rate must be above 0, not 0"),
        ({"rate": -1.0}, "--rate must be above 0"),
        ({"rate": float("nan")}, "--rate must be above 0"),
        ({"rate": float("inf")}, "--rate must be above 0"),
        ({"most_requests": 0}, "--max-requests must be above 0"),
        ({"concurrency": -2}, "--concurrency must be above 0"),
        ({"concurrency": 2}, "--concurrency is for a live service"),
        ({"concurrency": 5, "base_url": "http://127.0.0.1:9"}, "the contract allows 4 requests at a time"),
        ({"concurrency": 2, "base_url": "http://127.0.0.1:9", "record": "new"}, "--record asks one request at a time"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(settings: dict[str, object], words: str) -> None:
    """In one line that names the option."""
    with pytest.raises(SettingsError, match=re.escape(words)):
        contract_of(Settings(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "many", "1.5", "0x10", "1e3", "9" * 40])
def test_a_number_of_requests_is_whole(text: str) -> None:
    """Anything else is refused with what was given."""
    with pytest.raises(SettingsError, match="--max-requests must be a whole number"):
        whole_number("--max-requests", text)
    assert whole_number("--max-requests", "12") == 12
    assert whole_number("--max-requests", None) is None


def test_a_rate_is_a_number() -> None:
    """A share of a request a second is one."""
    assert number("--rate", "0.5") == 0.5
    with pytest.raises(SettingsError, match="--rate must be a number above 0, not 'fast'"):
        number("--rate", "fast")


def test_a_bad_option_is_one_line(tmp_path: Path) -> None:
    """With exit status 4, before anything is asked or written."""
    status, verdict, printed = run(tmp_path, "--rate", "fast")
    assert (status, verdict) == (4, {})
    assert errors(printed) == ["ERROR: --rate must be a number above 0, not 'fast'"]


def test_the_concurrency_of_the_contract_is_read(tmp_path: Path) -> None:
    """A contract may allow less or more."""
    contract = load_contract(str(small(tmp_path, "[transport]\nmaximum_concurrency = 9\n")))
    assert contract.transport.maximum_concurrency == 9


@pytest.mark.parametrize(
    ("options", "expected"),
    [(("-k", "no_such_rule"), 5), (("--collect-only",), 0)],
    ids=["nothing chosen", "only collected"],
)
def test_a_run_that_judges_nothing_writes_no_report(options: tuple[str, ...], expected: int, tmp_path: Path) -> None:
    """pytest's own statuses stay, and zero rules are never a success."""
    status, verdict, printed = run(tmp_path, *options)
    assert (status, verdict) == (expected, {}), printed


def test_a_run_that_stops_at_the_first_finding_says_what_it_left(tmp_path: Path) -> None:
    """`-x`: exit status 1, and every case that was not reached is NOT JUDGED, never silently gone."""
    with serve(reference_gateway("2025", "total-off-by-one")) as (base_url, _):
        status, verdict, printed = run(tmp_path, *live(tmp_path, base_url), "-x", "--history", str(tmp_path / "h"))
    assert status == 1, printed
    assert [rule["verdict"] for rule in verdict["rules"]].count("BROKEN") == 1
    left = [rule for rule in verdict["rules"] if rule["message"] == "the run was stopped before this case"]
    assert len(left) > 5
    assert not (tmp_path / "h").exists()


def test_a_run_that_is_interrupted_leaves_whole_reports(tmp_path: Path) -> None:
    """Ctrl-C: exit status 2; what was judged is reported, the rest NOT JUDGED, and no good run is kept."""
    with serve(Slow(reference_gateway(), 0.2)) as (base_url, log):
        options = (*live(tmp_path, base_url), "--baseline", str(tmp_path / "base.json"))
        process = subprocess.Popen(
            command(tmp_path, *options),
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell that starts this in the background ignores the interrupt, and so would the run.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        until = time.monotonic() + 240
        while len(log) < 28 and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=240)
    assert process.returncode == 2, printed
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    reported = {rule["message"] for rule in verdict["rules"]}
    assert {rule["verdict"] for rule in verdict["rules"]} == {"HOLDS", "NOT JUDGED"}
    assert reported == {"", "the run was interrupted before this case"}
    assert verdict["state"] == "interrupted"
    assert "; the run was interrupted" in (tmp_path / "summary.md").read_text()
    assert "none is written" in printed or "is not written: not every promise could be judged" in printed
    assert not (tmp_path / "base.json").exists()


def test_other_tests_print_no_report_and_judge_with_the_rulebook(tmp_path: Path) -> None:
    """Alone they are pytest's business; beside the rulebook a failure among them is never hidden by its verdict."""
    other = tmp_path / "test_other.py"
    other.write_text("def test_fails():\n    assert False\n", encoding="utf-8")
    alone, nothing, printed = run(tmp_path / "alone", rules=("tests/selftest/test_strip.py",))
    assert (alone, nothing) == (0, {})
    assert "HOLDS" not in printed
    assert not (tmp_path / "alone").exists()
    options = ("-c", str(PROJECT / "pyproject.toml"), "-k", "huggingface-offset=100 or fails")
    both, verdict, printed = run(tmp_path / "both", *options, rules=("tests/contract", str(other)))
    assert both == 1, printed
    assert verdict["verdict"] == "HOLDS"


def test_a_recording_with_more_than_the_rules_ask_for_says_so(tmp_path: Path) -> None:
    """After a run of the whole rulebook; a part of it leaves some unplayed of course."""
    contract, cassette = str(small(tmp_path)), str(tmp_path / "more.json.xz")
    with serve(reference_gateway()) as (base_url, _):
        options = ("--contract", contract, "--base-url", base_url, "--rate", "1000")
        status, _, printed = run(tmp_path / "record", *options, "--record", cassette)
    assert status == 0, printed
    recorded = ("--contract", contract, "--cassette", cassette)
    _, whole, _ = run(tmp_path / "whole", *recorded)
    _, part, _ = run(tmp_path / "part", *recorded, "-k", "limit")
    shorter = Path(contract).read_text(encoding="utf-8").replace(", { before_end = 5, limit = 20 }", "")
    Path(contract).write_text(shorter, encoding="utf-8")
    status, fewer, printed = run(tmp_path / "fewer", *recorded)
    assert (whole["unplayed"], part["unplayed"]) == ([], [])
    assert fewer["unplayed"] == ["/v1/models?gateway=together&limit=20&offset=92"]
    assert status == 0, printed
    assert any("recording and rulebook have parted" in note for note in fewer["notes"])


def test_what_workers_share_is_removed_with_the_run(tmp_path: Path) -> None:
    """Also the folder of the rate limit and the answers."""
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with serve(reference_gateway()) as (base_url, _):
        options = ("--base-url", base_url, "-n", "1", "-k", "huggingface-offset=100")
        done = subprocess.run(
            command(tmp_path / "r", *options), cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout
    assert list(tmp_path.glob("catalog-contract-*")) == []


def test_what_a_test_beside_the_rules_leaves_behind_is_seen(tmp_path: Path) -> None:
    """pytest looks for it at the end of a run: that is left out only where nothing but rules was run."""
    own = tmp_path / "test_own.py"
    own.write_text(
        "class Left:\n"
        "    def __del__(self):\n"
        "        raise ValueError('left behind')\n\n\n"
        "def test_own():\n"
        "    one = Left()\n"
        "    one.itself = one\n"
    )
    _, verdict, printed = run(tmp_path / "reports", "-k", "own or groq", rules=("tests/contract", str(own)))
    assert verdict["verdict"] == "HOLDS", printed
    assert "ValueError: left behind" in printed
