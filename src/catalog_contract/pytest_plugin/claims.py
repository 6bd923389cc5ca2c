"""What a run holds until its end: the folder of its reports, handlers of signals, a hand on Allure's files."""

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from catalog_contract.pytest_plugin.options import asks_the_rulebook, option
from catalog_contract.pytest_plugin.state import STATE, allure_results, is_worker
from catalog_contract.report import allure_files
from catalog_contract.report.allure_guard import AllureGuard
from catalog_contract.report.unfinished import Unfinished
from catalog_contract.run import shards
from catalog_contract.run.finish import Clock
from catalog_contract.run.settings import DEFAULT_CONTRACT
from catalog_contract.util.claim import Claim
from catalog_contract.util.files import ReportError, is_folder

JUDGES_NOTHING = (
    "help", "version", "collectonly", "setuponly", "setupplan", "markers", "cacheshow", "showfixtures",
    "show_fixtures_per_test",
)  # fmt: skip
"""The options of pytest, by where their values go, with which no test is run."""
ENDS = {
    pytest.ExitCode.INTERRUPTED: "The run was interrupted before anything was judged",
    pytest.ExitCode.INTERNAL_ERROR: "The run ended with an internal error",
    pytest.ExitCode.USAGE_ERROR: "The run was refused: a usage error",
    pytest.ExitCode.NO_TESTS_COLLECTED: "The run judged nothing: no rule was selected",
}


@dataclass
class Guard:
    """What is held during a run, and given back after it."""

    allure: AllureGuard = field(default_factory=AllureGuard)
    claims: list[Claim] = field(default_factory=list)
    handlers: dict[int, Any] = field(default_factory=dict)
    unfinished: Unfinished | None = None


GUARD = pytest.StashKey[Guard]()


def guard_of(config: pytest.Config) -> Guard:
    """What this process holds."""
    return config.stash.setdefault(GUARD, Guard())


def replace_old_reports(config: pytest.Config) -> None:
    """Let no report of an earlier run pass for one of this run, however this one ends. Raises ReportError.

    To be called before anything can be refused. A folder in which another run writes is left alone, and refused.
    """
    directory, judges = Path(option(config, "--report-dir")), not option(config, "--plan")
    judges = judges and not any(config.getoption(name, None) for name in JUDGES_NOTHING)
    if is_worker(config) or not judges or not asks_the_rulebook(config) or not is_folder(directory):
        return
    guard = guard_of(config)
    _claim(config, guard)
    contract = option(config, "--contract") or DEFAULT_CONTRACT
    guard.unfinished = Unfinished(directory, contract, Clock().started)


def begin(config: pytest.Config) -> None:
    """Claim the folder of the reports, and remove from Allure's what earlier runs left. Raises ReportError."""
    guard = guard_of(config)
    if not guard.claims:
        _claim(config, guard)
    state = config.stash[STATE]
    shards.begin_answers(state.settings, state.contract)


def _claim(config: pytest.Config, guard: Guard) -> None:
    claim = Claim(Path(option(config, "--report-dir")))
    guard.claims.append(claim)
    allure_files.clear(allure_results(config), claim.killed)


def refused(config: pytest.Config, error: Exception) -> pytest.UsageError:
    """What ends a run that is refused; the reports in its folder give the reason too."""
    unfinished = guard_of(config).unfinished
    if unfinished:
        with contextlib.suppress(ReportError):
            unfinished.because(f"The run was refused: {error}")
    return pytest.UsageError(str(error))


def ended(config: pytest.Config, status: int) -> None:
    """Write into the reports how a run ended that made none of its own."""
    unfinished, state = guard_of(config).unfinished, config.stash.get(STATE, None)
    if unfinished and (state is None or state.run is None):
        with contextlib.suppress(ReportError, ValueError):
            unfinished.because(ENDS.get(pytest.ExitCode(status), "The run ended before anything was judged"))


def release(config: pytest.Config) -> None:
    """Let others use the folder of the reports."""
    claims = guard_of(config).claims
    while claims:
        claims.pop().release()
