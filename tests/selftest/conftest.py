"""For the self-test alone: which tests are thorough, and less looking for garbage.

`make test` leaves the thorough ones out, so that it stays under a minute; `make prove`, and with it CI, runs all.
"""

import gc

import pytest

THOROUGH = frozenset(
    {
        "test_baseline",
        "test_ci",
        "test_cli",
        "test_docs",
        "test_known",
        "test_plugin",
        "test_recording",
        "test_refused_runs",
        "test_reliability",
        "test_report_allure",
        "test_report_html_tool",
        "test_report_page",
        "test_secrets",
        "test_workers",
    }
)
"""The modules that start many processes of pytest, browsers or slow servers."""

# Thousands of runs in memory make garbage that is not worth looking for at every turn.
gc.set_threshold(200_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the thorough modules."""
    for item in items:
        if item.path.stem in THOROUGH:
            item.add_marker(pytest.mark.thorough)
