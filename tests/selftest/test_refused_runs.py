"""Whole runs that are refused: one line, exit status 4, nothing asked; and a plan is refused as its run would be."""

import subprocess
import sys
from pathlib import Path

import pytest
from runs import refused

from catalog_contract.util.paths import PROJECT
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve


def test_an_empty_base_url_is_no_wish_for_a_recording() -> None:
    """A variable that was not set must not make a run green."""
    assert refused("--base-url", "").startswith("--base-url is empty")


LATE = {
    "--history": "history {path} cannot be read: Not a directory; name another",
    "--baseline": "baseline {path}: cannot be read (Not a directory)",
    "--junitxml": "--junitxml {path} cannot be written: Not a directory; name a file in a folder that you may write to",
    "--alluredir": "cannot write reports into {path}: Not a directory; name another folder",
    "--record": "--record {path} cannot be written: Not a directory; name a file in a folder that you may write to",
}


@pytest.mark.parametrize("option", LATE)
def test_what_could_not_be_written_at_the_end_is_refused_at_the_start(option: str, tmp_path: Path) -> None:
    """Nothing is asked; each of these was reported only after the whole run, or as a traceback."""
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "x.json.xz"
    with serve(reference_gateway()) as (base_url, log):
        line = refused("--base-url", base_url, "--report-dir", str(tmp_path / "reports"), option, str(path))
    assert (line, log) == (LATE[option].format(path=path), [])


def test_a_step_summary_that_cannot_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    """GitHub names it in the environment."""
    line = refused("--report-dir", str(tmp_path / "reports"), GITHUB_STEP_SUMMARY=str(tmp_path))
    assert line.startswith(f"GITHUB_STEP_SUMMARY {tmp_path} cannot be written: it is not a file")


def test_a_corrupt_history_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    """With its path as given, the line and what to do; nothing is asked."""
    path = tmp_path / "history.jsonl"
    path.write_text('\n{"contract": \n')
    with serve(reference_gateway()) as (base_url, log):
        line = refused("--base-url", base_url, "--report-dir", str(tmp_path / "reports"), "--history", str(path))
    assert line.startswith(f"history {path}: line 2 is not a run (not whole JSON: ")
    assert line.endswith("; restore the file, or take the line out")
    assert (path.read_text(), log) == ('\n{"contract": \n', [])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--base-url", "http://h?x=1"), "'http://h?x=***' is not a base URL: it has a query or fragment"),
        (("--base-url", "http://h#x"), "'http://h#***' is not a base URL: it has a query or fragment"),
        (("--base-url", "http://a:b@h"), "the base URL holds a user or password: give a key in the environment"),
        (("--base-url", "ftp://h"), "'ftp://h' is not a base URL: expected http://host or https://host"),
        (("--cassette", "helthy"), "there is no cassette"),
    ],
)
def test_a_plan_is_refused_as_its_run_would_be(options: tuple[str, str], message: str, tmp_path: Path) -> None:
    """In the same line."""
    reports = ("--report-dir", str(tmp_path))
    line = refused("--plan", *options, *reports)
    assert line.startswith(message)
    assert line == refused(*options, *reports)


def test_a_plan_with_an_unusable_key_is_refused(tmp_path: Path) -> None:
    """And the key is not shown."""
    options = ("--plan", "--base-url", "http://127.0.0.1:1", "--report-dir", str(tmp_path))
    assert refused(*options, CATALOG_API_KEY="kanari").startswith("CATALOG_API_KEY is not a usable key")


def test_a_cache_that_cannot_be_written_is_no_broken_promise(tmp_path: Path) -> None:
    """It is a warning of pytest's own."""
    (tmp_path / "file").touch()
    command = ["-m", "pytest", "tests/contract/test_pages.py", "-q", "-k", "huggingface-offset=100"]
    options = ["-o", f"cache_dir={tmp_path / 'file' / 'cache'}", "--report-dir", str(tmp_path / "reports")]
    done = subprocess.run(
        [sys.executable, *command, *options], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "could not create cache path" in done.stdout
