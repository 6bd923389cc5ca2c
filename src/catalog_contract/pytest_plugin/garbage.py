"""When Python looks for circles during a run: seldom, and not in what stays to the end."""

import gc
from functools import partial

import pytest

SELDOM = (200_000, 20, 20)
"""When to look for circles. Answers are trees, freed when nothing holds them: to look costs more than to decode."""


def pytest_configure(config: pytest.Config) -> None:
    """Look seldom; what an earlier run of this process kept can be freed."""
    config.add_cleanup(partial(gc.set_threshold, *gc.get_threshold()))
    gc.set_threshold(*SELDOM)
    gc.unfreeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems() -> None:
    """Modules, contract and cases stay until the process ends; what the plan makes up after this does not."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where rules alone were run, pytest need not look for what tests left behind."""
    from catalog_contract.pytest_plugin.state import CASE  # loaded by now, and not yet when this module is

    if all(CASE in item.stash for item in session.items):
        gc.freeze()
