"""Every fault of the wire through the real transport and rulebook: bounded, and BROKEN only where it is."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog_contract.util.paths import PROJECT
from fixtures.wire import NAMES
from tools import hostile
from tools.reliability import TABLE, settled

SPOILT_ANSWERS = {
    "cut-gzip",
    "depth-bomb",
    "error-always",
    "invalid-utf8",
    "not-a-number",
    "redirect-to-another-host",
    "unavailable-always",
    "wrong-content-type",
}
"""The answer came whole and breaks a promise by what it is."""

HARMLESS = {
    "body-longer-than-declared",
    "byte-order-mark",
    "chunked",
    "closed-when-used-again",
    "duplicated-keys",
    "early-hints",
    "echoes-key",
    "gzipped",
    "header-case",
    "http-1-0",
    "keep-alive-closed",
    "none",
    "one-reset",
    "rate-limited-date",
    "rate-limited-overflow",
    "rate-limited-seconds",
    "redirect-on-host",
    "slow-first-answer",
    "unavailable-then-fine",
}
MAX_SECONDS = 20
MAX_MEGABYTES = 100
"""Python with its libraries, one body of 5 MB, and the growth of a buffer."""


@dataclass
class Row:
    verdict: str
    status: int
    seconds: float
    megabytes: float


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> str:
    """The table as this machine makes it now."""
    out: Path = tmp_path_factory.mktemp("reliability") / "reliability.md"
    command = [sys.executable, "-m", "tools.reliability", "--out", str(out)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return out.read_text("utf-8")


@pytest.fixture(scope="module")
def rows(table) -> dict[str, Row]:
    found = {}
    for line in table.splitlines():
        if line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            numbers = [float(re.match(r"[\d.]+", cell)[0]) for cell in cells[-2:]]
            found[cells[0].strip("`")] = Row(cells[2].strip("*"), int(cells[3]), *numbers)
    return found


def test_every_fault_is_in_the_table(rows):
    assert sorted(rows) == sorted(NAMES)


def test_the_shipped_table_is_fresh(table):
    assert settled(TABLE.read_text("utf-8")) == settled(table), "run `python -m tools.reliability`"


def test_broken_is_said_only_of_what_is(rows):
    assert {name for name, row in rows.items() if row.verdict == "BROKEN"} == SPOILT_ANSWERS


def test_what_does_no_harm_holds(rows):
    assert {name for name, row in rows.items() if row.verdict == "HOLDS"} == HARMLESS


def test_the_exit_status_goes_by_the_verdict(rows):
    assert {(row.verdict, row.status) for row in rows.values()} == {("HOLDS", 0), ("BROKEN", 1), ("NOT JUDGED", 16)}


def test_nothing_hangs_and_memory_is_bounded(rows):
    assert {name: row.seconds for name, row in rows.items() if row.seconds > MAX_SECONDS} == {}
    assert {name: row.megabytes for name, row in rows.items() if row.megabytes > MAX_MEGABYTES} == {}


def test_a_changed_verdict_would_be_seen(table):
    changed = table.replace("NOT JUDGED | 16", "**BROKEN** | 1", 1)
    assert settled(changed) != settled(table)
    assert settled(table.replace(" s |", " hours |")) == settled(table)


def test_the_numbers_of_hostile_inputs_are_those_of_the_drivers() -> None:
    assert hostile.table() in TABLE.read_text(encoding="utf-8")
