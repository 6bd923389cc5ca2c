"""What cannot be meant is refused in one line before anything is asked."""

import subprocess
import sys
from pathlib import Path

import pytest

from catalog_contract.contract_file import load_contract
from catalog_contract.known import KnownError
from catalog_contract.rulebook import PROJECT
from catalog_contract.session import Settings, accepted_of

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


@pytest.mark.parametrize(("options", "says"), [("", "--report-dir is empty"), ("file", "cannot write reports into")])
def test_a_report_directory_must_be_one(options: str, says: str, tmp_path: Path) -> None:
    """Exit status 4 and one line, no traceback."""
    (tmp_path / "file").touch()
    directory = str(tmp_path / options) if options else ""
    command = [sys.executable, "-m", "pytest", "tests/contract", "-q", "--report-dir", directory]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
