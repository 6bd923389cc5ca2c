"""The reports of an earlier run never pass for those of a run that was refused, interrupted or killed."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import golden_runs
import jsonschema
import pytest
from runs import command, run, small

from catalog_contract.contracts.load import load_contract
from catalog_contract.report.history import check as check_history
from catalog_contract.report.unfinished import Unfinished
from catalog_contract.report.write import REPORTS, write_reports
from catalog_contract.run.baseline import BaselineError
from catalog_contract.run.baseline import read as read_baseline
from catalog_contract.util.claim import Claim
from catalog_contract.util.files import ReportError
from catalog_contract.util.paths import PROJECT
from fixtures.gateway.core import Answer, Query, reference_gateway
from fixtures.gateway.server import serve

SCHEMA = json.loads((PROJECT / "fixtures" / "schemas" / "verdict.json").read_text("utf-8"))
ONE_FILE = ("tests/contract/test_pages.py",)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder with the reports of a run in which all promises hold."""
    write_reports(golden_runs.healthy(), tmp_path / "reports")
    return tmp_path / "reports"


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.name in REPORTS}


def reason(folder: Path) -> str:
    """Why the reports of a folder hold no verdict. Fails where one of them does."""
    found = texts(folder)
    verdict: dict[str, Any] = json.loads(found["verdict.json"])
    jsonschema.validate(verdict, SCHEMA)
    assert (verdict["verdict"], verdict["state"], verdict["rules"]) == ("NOT JUDGED", "not finished", [])
    why: str = verdict["notes"][0]
    assert why.split(":")[0] in found["verdict.html"] and why.split(":")[0] in found["summary.md"]
    assert "NOT FINISHED" in found["summary.md"] and "NOT FINISHED" in found["verdict.html"]
    assert ElementTree.fromstring(found["junit.xml"]).attrib["errors"] == "1"
    return why


REFUSED = {
    "a number": ("--rate", "fast"),
    "an unknown option": ("--nope",),
    "an empty option": ("--cassette", ""),
    "a large plan": ("--base-url", "http://127.0.0.1:9", "--max-requests", "2"),
    "workers": ("-n", "2", "--cassette", "helthy"),
    "workers and a large plan": ("-n", "2", "--base-url", "http://127.0.0.1:9", "--max-requests", "2"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refused_run_leaves_no_older_verdict(what: str, reports: Path) -> None:
    status, _, printed = run(reports, *REFUSED[what], rules=ONE_FILE)
    assert status == 4, printed
    assert reason(reports).startswith("The run was refused: ")


def test_the_reason_is_the_line_that_was_printed(reports: Path, tmp_path: Path) -> None:
    """Of a contract that cannot be used, and of an option that `check` does not know."""
    _, _, printed = run(reports, "--contract", str(small(tmp_path, "nonsense = 1\n")), rules=ONE_FILE)
    assert reason(reports).removeprefix("The run was refused: ") in printed
    assert "no option --nope" in _cli("check", "gatewayz", "--report-dir", str(reports), "--nope")
    assert reason(reports).startswith("The run was refused: there is no option --nope")


def test_a_run_that_selects_no_rule_leaves_no_older_verdict(reports: Path) -> None:
    assert run(reports, "-k", "no_such_rule", rules=ONE_FILE)[0] == 5
    assert reason(reports) == "The run judged nothing: no rule was selected"


def ended(reports: Path, number: int, *options: str, after: int) -> int:
    """The exit status of a live run that gets a signal after that many requests."""
    gateway = reference_gateway()

    def slowly(query: Query) -> Answer:
        time.sleep(0.3)
        return gateway(query)

    with serve(slowly) as (base_url, log):
        live = ("--contract", str(small(reports.parent)), "--base-url", base_url, "--rate", "1000", *options)
        process = subprocess.Popen(
            command(reports, *live, rules=ONE_FILE),
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # A shell that starts this in the background ignores the interrupt, and so would the run.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        until = time.monotonic() + 240
        while len(log) < after and time.monotonic() < until:
            time.sleep(0.02)
        assert len(log) >= after
        process.send_signal(number)
        return process.wait(timeout=240)


WORKERS = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])


@WORKERS
def test_a_killed_run_leaves_no_older_verdict(workers: tuple[str, ...], reports: Path) -> None:
    """Nor does the next run fail over what it left."""
    assert ended(reports, signal.SIGKILL, *workers, after=3) == -signal.SIGKILL
    assert reason(reports) == "The run has not finished: it is still running, or it was killed"
    status, verdict, printed = run(reports, "-k", "huggingface-offset=100", rules=ONE_FILE)
    assert (status, verdict["state"]) == (0, "finished"), printed


@WORKERS
def test_an_interrupt_before_anything_is_judged_makes_whole_reports(workers: tuple[str, ...], reports: Path) -> None:
    """While requests are fetched ahead: every case is not judged, for the one reason that the run was interrupted."""
    assert ended(reports, signal.SIGINT, "--concurrency", "2", *workers, after=2) == 2
    found = texts(reports)
    verdict = json.loads(found["verdict.json"])
    jsonschema.validate(verdict, SCHEMA)
    assert (verdict["verdict"], verdict["state"]) == ("NOT JUDGED", "interrupted")
    assert {rule["message"] for rule in verdict["rules"]} == {"the run was interrupted before this case"}
    assert all("interrupted" in text for text in found.values())


@pytest.mark.parametrize("option", ["--plan", "--collect-only", "--help"])
def test_a_run_that_judges_nothing_touches_no_report(option: str, reports: Path) -> None:
    before = texts(reports)
    run(reports, option, rules=ONE_FILE)
    assert texts(reports) == before


@pytest.mark.parametrize("options", [("--rate", "fast"), ("--nope",), ("-n", "2")], ids=lambda options: options[0])
def test_reports_of_a_living_run_are_left_alone(options: tuple[str, ...], reports: Path) -> None:
    """The second run is refused, whatever else is wrong with it."""
    before, held = texts(reports), Claim(reports)
    assert run(reports, *options, rules=ONE_FILE)[0] == 4
    held.release()
    assert texts(reports) == before


def test_a_file_of_another_tool_is_no_report_of_ours(tmp_path: Path) -> None:
    """Not even under the name of one; and where there are no reports, a refused run writes none."""
    foreign = {
        "verdict.json": '{"verdict": "guilty"}',
        "verdict.html": "<html>HOLDS",
        "junit.xml": "<testsuites/>",
        "summary.md": "# HOLDS",
        "ids.csv": "id\n1\n",
    }
    for name, text in foreign.items():
        (tmp_path / name).write_text(text)
    assert run(tmp_path, "--cassette", "")[0:1] == (4,)
    assert {name: (tmp_path / name).read_text() for name in foreign} == foreign


def test_those_who_read_reports_say_that_the_run_did_not_finish(reports: Path, tmp_path: Path) -> None:
    """`explain`, `merge`, and the options that read what earlier runs left: in one line."""
    assert ": HOLDS, " in _cli("explain", str(reports))
    Unfinished(reports, "gatewayz", "2026-01-01T00:00:00+00:00").because("The run was refused: --rate is not a number")
    for given in (reports, reports / "verdict.json"):
        assert f"{given} holds no verdict: the run that began at 2026-01-01" in _cli("explain", str(given))
    assert "did not finish" in _cli("merge", str(reports), "--report-dir", str(tmp_path / "merged"))
    with pytest.raises(BaselineError, match=r"^--baseline: .* did not finish .*; name the file that --baseline wrote"):
        read_baseline(reports / "verdict.json", load_contract("gatewayz"))
    with pytest.raises(ReportError, match=r"^--history: .* did not finish .*; name the file that --history wrote"):
        check_history(reports / "verdict.json")


def _cli(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "catalog_contract.cli", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return " ".join((done.stdout + done.stderr).split())
