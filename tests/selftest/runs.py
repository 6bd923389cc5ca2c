"""Runs of the rulebook in processes of their own, over a contract small enough to take a second."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from catalog_contract.util.paths import PROJECT

REFERENCE = """
base_url = "http://127.0.0.1:8900"
list_path = "/v1/models"
unknown_collection = "no-such-gateway"

[parameters]
collection = "gateway"

[envelope]
items = "data"
total = "total"
returned = "returned"

[item]
id = "id"
collection = "source_gateway"
"""
"""What a contract of the reference gateway says of its requests and envelope, whatever else."""

SMALL = f"""
title = "A small part of the reference gateway"
{REFERENCE}
[paging]
style = "offset"
page_size = 20
other_page_size = 33
bulk_limit = 50000
default_limit = "all"
above_maximum = "served"
offsets = [0, 20, 40]
windows = [{{ offset = 7, limit = 9 }}, {{ before_end = 5, limit = 20 }}]

[[collections]]
name = "together"
depth = "full"
expected_total = 97
as_of = 2025-10-15

[[collections]]
name = "groq"
may_be_empty = true
"""


def small(folder: Path, extra: str = "") -> Path:
    """A file with the small contract, and what more it is to say."""
    path = folder / "small.toml"
    path.write_text(SMALL + extra, encoding="utf-8")
    return path


def command(folder: Path, *options: str, rules: tuple[str, ...] = ("tests/contract",)) -> list[str]:
    """The command of a run that writes its reports into the folder."""
    start = [sys.executable, "-m", "pytest", *rules, "-q", "-p", "no:cacheprovider", "--report-dir", str(folder)]
    return [*start, *options]


def run(folder: Path, *options: str, rules: tuple[str, ...] = ("tests/contract",)) -> tuple[int, dict[str, Any], str]:
    """The exit status of a run, its verdict.json (empty when none was written), and what it printed."""
    done = subprocess.run(
        command(folder, *options, rules=rules),
        cwd=PROJECT,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    verdict = folder / "verdict.json"
    return done.returncode, json.loads(verdict.read_text()) if verdict.exists() else {}, done.stdout + done.stderr


def refused(*options: str, **variables: str) -> str:
    """The one line with which a run is refused, with exit status 4 and without a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/contract", "-q", "-p", "no:cacheprovider", *options],
        cwd=PROJECT,
        env={**_environment(), **variables},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    (line,) = errors(done.stdout + done.stderr)
    assert done.returncode == 4, line
    return line.removeprefix("ERROR: ")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GITHUB"))}


def errors(printed: str) -> list[str]:
    """The lines with which a run was refused. Fails when there is a traceback among them."""
    assert "Traceback" not in printed, printed
    assert "INTERNALERROR" not in printed, printed
    return [line for line in printed.splitlines() if line.startswith("ERROR: ")]
