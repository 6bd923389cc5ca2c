"""When Python looks for circles during a run: seldom, and not in what stays to the end."""

import gc
from functools import partial

import pytest

SELDOM = (200_000, 20, 20)
"""When to look for circles. Answers are trees, freed when nothing holds them: to look costs more than to decode."""


def pytest_configure(config: pytest.Config) -> None:
    """Begin anew: what an earlier run of this process kept can be freed."""
    config.add_cleanup(partial(gc.set_threshold, *gc.get_threshold()))
    gc.set_threshold(*SELDOM)
    gc.unfreeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Modules, contract and cases stay until the process ends."""
    gc.freeze()
