"""How far a run is: a line that is rewritten on a terminal, lines in a log, and nothing where nobody waits."""

import io
import os
import pty
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from runs import command, run, small

from catalog_contract.report import progress
from catalog_contract.report.progress import CLEAR, Progress, about, how_long
from catalog_contract.util.paths import PROJECT
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve

FAR = re.compile(r"(\d+) of (?:at least )?(\d+) requests(?:, about \d+ s left)?")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_time_left_follows_the_rate_and_what_was_seen() -> None:
    shown = Progress(io.StringIO(), 78, 2)
    assert shown.line_at(0) == "0 of 78 requests, about 39 s left"
    for _ in range(31):
        shown.fetched()
    assert shown.line_at(10) == "31 of 78 requests, about 24 s left"
    assert shown.line_at(33) == "31 of 78 requests, about 51 s left"
    for _ in range(47):
        shown.fetched()
    assert shown.line_at(50) == "78 of 78 requests"
    shown.fetched()
    assert shown.line_at(50) == "79 requests, 78 were planned"
    assert Progress(io.StringIO(), 3, at_least=True).line_at(0) == "0 of at least 3 requests"


def test_durations_are_estimates() -> None:
    assert [about(0.2), about(99), about(150)] == ["about 1 s", "about 99 s", "about 2 min"]
    assert how_long(78, 5) == "about 16 s at 5 a second"
    assert how_long(78, float("inf")) == "as fast as the service answers"


def test_a_log_gets_whole_lines_and_a_terminal_one_that_is_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "IN_A_LOG", 0.01)
    monkeypatch.setattr(progress, "ON_A_TERMINAL", 0.01)
    log, terminal = io.StringIO(), Terminal()
    for out in (log, terminal):
        with Progress(out, 5) as shown:
            shown.fetched()
            until = time.monotonic() + 5
            while "1 of 5" not in out.getvalue() and time.monotonic() < until:
                time.sleep(0.01)
    assert set(log.getvalue().splitlines()) <= {
        "0 of 5 requests",
        *(f"1 of 5 requests, about {n} s left" for n in range(9)),
    }
    assert "\n" not in terminal.getvalue() and terminal.getvalue().endswith(CLEAR)
    assert [thread for thread in threading.enumerate() if thread.name == "progress"] == []


def test_an_output_that_is_gone_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "IN_A_LOG", 0.01)
    out = io.StringIO()
    out.close()
    out.isatty = lambda: False  # type: ignore[method-assign]
    with Progress(out, 2):
        time.sleep(0.05)


def on_a_terminal(words: list[str], columns: int = 100) -> str:
    """What a command prints on a terminal of its own."""
    here, there = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GITHUB"))}
    kept |= {"COLUMNS": str(columns), "TERM": "xterm"}
    process = subprocess.Popen(words, cwd=PROJECT, env=kept, stdout=there, stderr=there, stdin=subprocess.DEVNULL)
    os.close(there)
    printed = b""
    while True:
        try:
            part = os.read(here, 65_536)
        except OSError:
            break
        if not part:
            break
        printed += part
    os.close(here)
    process.wait(60)
    return printed.decode("utf-8", "replace")


@pytest.mark.parametrize(
    "more", [(), pytest.param(("--concurrency", "4"), marks=pytest.mark.thorough), ("-n", "2")], ids=repr
)
def test_a_live_run_rewrites_one_line_on_a_terminal(more: tuple[str, ...], tmp_path: Path) -> None:
    """Of a run that asks test by test, and while requests are fetched ahead of the tests; no dot is in between."""
    with serve(reference_gateway()) as (base_url, log):
        live = ("--contract", str(small(tmp_path)), "--base-url", base_url, "--rate", "12", *more)
        printed = on_a_terminal(command(tmp_path, *live, rules=("tests/contract/test_pages.py",)))
    assert "requests planned, about" in printed and "at 12 a second" in printed
    seen = [tuple(map(int, found.groups())) for found in FAR.finditer(printed)]
    assert len(seen) >= 2 and seen == sorted(seen), printed
    assert 0 < seen[-1][0] <= len(log) and {of for _, of in seen} == {seen[0][1]}
    between = printed[printed.index(CLEAR) : printed.rindex(CLEAR)]
    assert "\n" not in between and not re.search(r"^\.+$", between.replace(CLEAR, "\n"), re.MULTILINE)


def test_a_quick_run_in_a_log_says_no_more_than_its_plan(tmp_path: Path) -> None:
    with serve(reference_gateway()) as (base_url, _):
        live = ("--contract", str(small(tmp_path)), "--base-url", base_url)
        status, _, printed = run(tmp_path, *live, rules=("tests/contract/test_pages.py",))
    assert status == 0, printed
    assert "requests planned, as fast as the service answers" in printed
    assert FAR.search(printed) is None


def test_counts_say_how_far_they_are_on_the_error_output(tmp_path: Path) -> None:
    with serve(reference_gateway()) as (base_url, _):
        words = [sys.executable, "-m", "catalog_contract.cli", "counts", "--contract", str(small(tmp_path))]
        printed = on_a_terminal([*words, "--base-url", base_url, "--rate", "1.2"])
    assert FAR.search(printed), printed


def test_the_report_is_as_wide_as_the_terminal(tmp_path: Path) -> None:
    words = command(tmp_path, "-k", "huggingface and test_pages", "--cassette", "incident-cut-to-101")
    wide, narrow = (on_a_terminal(words, columns) for columns in (140, 60))
    longest = [max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in report(printed)) for printed in (wide, narrow)]
    assert 100 < longest[0] <= 140 and longest[1] <= 60


def report(printed: str) -> list[str]:
    """The lines of our report but for commands."""
    text = printed.replace("\r", "")
    lines = text[text.index("BROKEN: ") : text.rindex("BROKEN: ")].splitlines()
    return [line for line in lines if "$ " not in line and not line.startswith(("gateway", "huggingface "))]
