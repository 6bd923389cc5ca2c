"""What cannot be meant or written is refused in one line before anything is asked."""

import os
from pathlib import Path

import pytest
from runs import refused

from catalog_contract.contracts.load import load_contract
from catalog_contract.pytest_plugin.conclude import Places, check
from catalog_contract.run.accepted import KnownError
from catalog_contract.run.settings import Settings, accepted_of
from catalog_contract.util.files import ReportError

ENTRY = """
[[known]]
rule = "a_page_before_the_end_is_full"
case = "{case}"
reason = "being mended"
issue = "https://example.org/1"
until = 2999-01-01
"""


def accepted(folder: Path, case: str) -> int:
    """How many entries a file with one entry of that case gives."""
    file = folder / "known.toml"
    file.write_text(ENTRY.format(case=case))
    return len(accepted_of(Settings(known=file), load_contract("gatewayz")))


def test_a_known_breakage_must_fit_a_case(tmp_path: Path) -> None:
    """One that fits none would never be missed."""
    assert accepted(tmp_path, "huggingface-offset=100") == 1
    assert accepted(tmp_path, "huggingface-*") == 1
    with pytest.raises(KnownError, match=r"no case of a_page_before_the_end_is_full is 'no-such-gateway'"):
        accepted(tmp_path, "no-such-gateway")


@pytest.mark.parametrize(("options", "message"), [("", "--report-dir is empty"), ("file", "cannot write reports into")])
def test_a_report_directory_must_be_one(options: str, message: str, tmp_path: Path) -> None:
    """Exit status 4 and one line, no traceback."""
    (tmp_path / "file").touch()
    assert message in refused("--report-dir", str(tmp_path / options) if options else "")


def places(folder: Path, history: Path | None = None) -> Places:
    return Places(folder / "reports", folder / "reports" / "allure", history)


def test_files_that_can_be_written_are_not_touched(tmp_path: Path) -> None:
    """Missing folders are made; a file that is there keeps what it holds, and none is left behind."""
    good, new = tmp_path / "good.jsonl", tmp_path / "deep" / "new.jsonl"
    good.write_text("")
    check(places(tmp_path, good), tmp_path / "base.json")
    check(places(tmp_path, new), tmp_path / "deep" / "base.json", tmp_path / "junit" / "j.xml")
    files = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert (files, new.parent.is_dir()) == ([Path("good.jsonl")], True)


UNWRITABLE = Path("/proc/self")
"""A folder in which not even root may make a file."""


@pytest.mark.skipif(not UNWRITABLE.exists(), reason="this system has no folder that nobody may write to")
def test_a_folder_that_nobody_may_write_to_is_found_out(tmp_path: Path) -> None:
    """By trying: what the mode says is not the whole truth."""
    for wrong in (
        lambda: check(Places(UNWRITABLE, tmp_path)),
        lambda: check(Places(tmp_path, UNWRITABLE)),
        lambda: check(places(tmp_path, UNWRITABLE / "history.jsonl")),
        lambda: check(places(tmp_path), UNWRITABLE / "baseline.json"),
        lambda: check(places(tmp_path), UNWRITABLE / "new" / "baseline.json"),
        lambda: check(places(tmp_path), None, UNWRITABLE / "junit.xml"),
    ):
        with pytest.raises(ReportError, match=r"^[^\n]+ /proc/self[^\n]*: [^\n]+$"):
            wrong()


def test_a_file_that_may_not_be_written_to_is_found_out(tmp_path: Path) -> None:
    """A file of the kernel that can be read, by root too."""
    version = Path("/proc/version")
    if not version.exists():
        pytest.skip("this system has no such file")
    with pytest.raises(ReportError, match=r"^--junitxml /proc/version cannot be written: [^;]+; name"):
        check(places(tmp_path), None, version)


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    """A folder, a pipe."""
    os.mkfifo(tmp_path / "pipe")
    for wrong in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(ReportError, match=r"^history .* is not a file: name one$"):
            check(places(tmp_path, wrong))
        with pytest.raises(ReportError, match=r"^--baseline .* cannot be written: it is not a file; name a file in"):
            check(places(tmp_path), wrong)


def test_history_and_baseline_are_two_files(tmp_path: Path) -> None:
    """One would be written over the other."""
    (tmp_path / "deep").mkdir()
    with pytest.raises(ReportError, match=r"^--history and --baseline both name .*/x: give each a file of its own$"):
        check(places(tmp_path, tmp_path / "x"), tmp_path / "deep" / ".." / "x")
