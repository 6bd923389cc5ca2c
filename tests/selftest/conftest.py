"""For the self-test alone: which tests are thorough, and less looking for garbage.

`make test`, and with it CI, leaves the thorough ones out, so that it takes minutes; `make prove` runs them.
"""

import gc
from collections.abc import Callable

import pytest
from hidden import hidden_characters

from catalog_contract.cli import main
from catalog_contract.model.verdict import EXIT_CRASH, EXIT_USAGE
from catalog_contract.pytest_plugin.garbage import SELDOM
from catalog_contract.util.text import columns

THOROUGH = frozenset(
    {
        "test_baseline",
        "test_ci",
        "test_cli",
        "test_cli_mistakes",
        "test_cli_reading",
        "test_cli_sources",
        "test_crashes",
        "test_endings",
        "test_docs",
        "test_installed",
        "test_known",
        "test_plugin",
        "test_recording",
        "test_refused_runs",
        "test_reliability",
        "test_report_allure",
        "test_report_html_tool",
        "test_report_page",
        "test_secrets",
        "test_unfinished",
        "test_workers",
    }
)
"""The modules that start many processes of pytest, browsers or slow servers."""

# Thousands of runs in memory make garbage that is not worth looking for at every turn.
gc.set_threshold(*SELDOM)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the thorough modules, and make every warning an error: here, not where a service is judged."""
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("error"))
        if item.path.stem in THOROUGH:
            item.add_marker(pytest.mark.thorough)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command in this process: its exit status and what it printed, which never acts and fits 80 columns."""

    def command(*arguments: object) -> tuple[int, str, str]:
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert not hidden_characters(out + err, allowed="\n")
        wide = [line for line in out.splitlines() if columns(line) > 80 and "://" not in line]
        assert {"--json", "--csv", "--toml"} & set(arguments) or not wide
        assert err.count("\n") == (status in (EXIT_USAGE, EXIT_CRASH))
        return status, out, err

    return command
