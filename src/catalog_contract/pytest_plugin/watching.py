"""The part of the plugin that shows how far a live run is, in place of a dot for each case."""

import contextlib
import io
import os
import sys
from collections.abc import Generator, Iterator

import pytest

from catalog_contract.pytest_plugin.options import option
from catalog_contract.pytest_plugin.state import STATE, is_worker, spreads
from catalog_contract.report.progress import Progress
from catalog_contract.run import shards


def shows(config: pytest.Config) -> bool:
    """Whether this process shows how far it is: a live run that prints neither a line for each case nor nothing."""
    live = bool(config.stash[STATE].settings.base_url) and not option(config, "--plan")
    return live and not is_worker(config) and -2 < config.get_verbosity() <= 0


@contextlib.contextmanager
def watched(config: pytest.Config) -> Iterator[None]:
    """Show how many of the planned requests are answered, while this is entered."""
    state = config.stash[STATE]
    if not shows(config) or not state.planned:
        yield
        return
    try:
        out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")  # pytest takes stdout away during a test
    except (OSError, ValueError, io.UnsupportedOperation):
        yield
        return
    source, open_end = state.opened().source, bool(state.settings.shard) or not state.contract.paging.by_position
    planned = len(shards.own_part(state.contract, state.settings.shard)) if state.settings.shard else state.planned
    with out, Progress(out, planned, state.rate, at_least=open_end) as progress:
        source.fetched = progress.fetched
        try:
            yield
        finally:
            source.fetched = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """From the first request to the last; with workers of pytest-xdist, `watched` is entered while all fetch ahead."""
    config = session.config
    if spreads(config) or not shows(config):
        return (yield)
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None:
        reporter.showfspath = False
    with watched(config):
        return (yield)
