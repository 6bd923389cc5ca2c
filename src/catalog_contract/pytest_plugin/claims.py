"""What a run holds until its end: the folder of its reports, handlers of signals, a hand on Allure's files."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from catalog_contract.pytest_plugin.options import option
from catalog_contract.pytest_plugin.state import STATE, allure_results
from catalog_contract.report import allure_files
from catalog_contract.report.allure_guard import AllureGuard
from catalog_contract.run import shards
from catalog_contract.util.claim import Claim


@dataclass
class Guard:
    """What is held during a run, and given back after it."""

    allure: AllureGuard = field(default_factory=AllureGuard)
    claims: list[Claim] = field(default_factory=list)
    handlers: dict[int, Any] = field(default_factory=dict)


GUARD = pytest.StashKey[Guard]()


def begin(config: pytest.Config) -> None:
    """Claim the folder of the reports, and remove from Allure's what earlier runs left. Raises ReportError."""
    guard = config.stash[GUARD]
    if not guard.claims:
        claim = Claim(Path(option(config, "--report-dir")))
        guard.claims.append(claim)
        allure_files.clear(allure_results(config), claim.killed)
        state = config.stash[STATE]
        shards.begin_answers(state.settings, state.contract)
