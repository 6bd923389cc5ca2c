"""`make report`: Allure's HTML from the results, with its history; one line where it cannot be made."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from catalog_contract.util.paths import PROJECT

TOOL = PROJECT / "tools" / "allure_report.py"
ALLURE = PROJECT / "tools" / "node_modules" / "allure-commandline"


def run(folder: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({} if path is None else {"PATH": path})
    command = [sys.executable, TOOL, "--report-dir", folder, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def results(folder: Path) -> None:
    """One result, as small as Allure takes it."""
    (folder / "allure-results").mkdir(parents=True, exist_ok=True)
    reported = {
        "uuid": "1",
        "historyId": "h",
        "name": "A promise",
        "status": "failed",
        "start": 1,
        "stop": 2,
        "labels": [],
    }
    (folder / "allure-results" / "1-result.json").write_text(json.dumps(reported))


def test_without_results_it_says_what_writes_them(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "`make contract` writes them" in done.stderr


def test_without_node_and_java_it_says_what_is_missing(tmp_path: Path) -> None:
    results(tmp_path)
    done = run(tmp_path, path=str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "node and npm and java missing" in done.stderr


def test_a_report_takes_its_history_over_and_leaves_it_to_the_next(tmp_path: Path) -> None:
    if not ALLURE.exists() or not all(map(shutil.which, ("node", "java"))):
        pytest.skip("allure-commandline, node or java is not there")
    kept = tmp_path / "nightly" / "history"
    kept.mkdir(parents=True)
    last_run = {"data": {"failed": 7, "broken": 0, "skipped": 0, "passed": 3, "unknown": 0, "total": 10}}
    (kept / "history-trend.json").write_text(json.dumps([last_run]))
    results(tmp_path / "r")
    done = run(tmp_path / "r", "--history", str(kept))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "r" / "allure-report" / "index.html").exists()
    trend = json.loads((kept / "history-trend.json").read_text())
    assert [snapshot["data"]["failed"] for snapshot in trend] == [1, 7]
