"""A crash of ours ends with 3 and a line, never with 1, which means that a promise is broken."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from runs import command

from catalog_contract.util.paths import PROJECT

BREAKERS = {
    "the end of a run": "judging.conclude = fail",
    "the report": "judging.terminal.render = fail",
    "the beginning": "judging.contract_of = fail",
    "the plan": "judging.State.prepare = fail",
    "a hook of each test": "judging.judgement_of = fail",
}
HEAD = """
from catalog_contract.pytest_plugin import judging

def fail(*_, **__):
    raise KeyError("a-secret-or-a-body")

"""
DIES = """
import os
from pathlib import Path

def pytest_runtest_call(item):
    flag = Path({flag!r})
    if not flag.exists():
        flag.touch()
        os._exit(9)
"""


WARNS = """
import warnings

def pytest_runtest_call(item):
    warnings.warn("a library is getting old", DeprecationWarning)
"""


def run(folder: Path, breaker: str, *options: str) -> tuple[int, str]:
    """Exit status and output of a run of a few cases with a plugin that breaks the suite."""
    (folder / "breaker.py").write_text(breaker, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GITHUB"))}
    done = subprocess.run(
        command(folder / "reports", "-p", "breaker", "-k", "groq", *options),
        cwd=PROJECT,
        env=kept | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("breaker", list(BREAKERS))
def test_a_crash_in_the_plugin_ends_with_3(tmp_path: Path, breaker: str) -> None:
    status, printed = run(tmp_path, HEAD + BREAKERS[breaker])
    assert status == 3, printed


@pytest.mark.parametrize("breaker", ["the end of a run", "the report"])
def test_a_crash_at_the_end_is_one_line_without_what_it_held(tmp_path: Path, breaker: str) -> None:
    _, printed = run(tmp_path, HEAD + BREAKERS[breaker])
    assert "catalog-contract: internal error, no finding: KeyError at breaker.py:5; please report it" in printed
    assert "Traceback" not in printed and "a-secret-or-a-body" not in printed


def test_a_worker_that_dies_breaks_no_promise(tmp_path: Path) -> None:
    """pytest-xdist makes a failed test of it, and would end with 1."""
    status, printed = run(tmp_path, DIES.format(flag=str(tmp_path / "died")), "-n", "1")
    assert "crashed while running" in printed
    assert status == 3, printed


def test_python_itself_ends_with_3_where_a_command_crashes() -> None:
    """As a process: what `main` gives is what the shell sees."""
    code = (
        "import sys, catalog_contract.cli as cli, catalog_contract.cli.explain as explain; "
        "explain.rulebook = None; sys.exit(cli.main(['explain']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("catalog-contract: internal error, no finding: TypeError at explain.py:")
    assert done.stderr.count("\n") == 1


def test_a_warning_is_no_finding(tmp_path: Path) -> None:
    """Also where the project at hand makes errors of warnings."""
    status, printed = run(tmp_path, WARNS, "-W", "error")
    assert status == 0, printed
    assert "a library is getting old" in printed
