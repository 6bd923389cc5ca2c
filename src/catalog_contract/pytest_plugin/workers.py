"""The part of the plugin for `-n`: what goes to the workers of pytest-xdist, and what comes back from them.

Workers judge; requests that depend on no answer are made before by the process that hands out the tests.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog_contract.pytest_plugin.claims import begin, refused
from catalog_contract.pytest_plugin.state import STATE, is_worker
from catalog_contract.pytest_plugin.watching import watched
from catalog_contract.rules.selection import cases_named
from catalog_contract.run.observed import Observed
from catalog_contract.run.settings import REFUSED

FOLDER = "catalog_contract_folder"
OBSERVED = "catalog_contract_observed"
NOT_PROMISED = "catalog_contract_not_promised"


def pytest_configure(config: pytest.Config) -> None:
    """Take the folder that the workers share."""
    if is_worker(config):
        folder = config.workerinput.get(FOLDER)  # type: ignore[attr-defined]
        config.stash[STATE].folder = Path(folder) if folder else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which folder the workers share."""
    folder = node.config.stash[STATE].folder
    node.workerinput[FOLDER] = str(folder) if folder else ""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """With the cases that the first worker has found: plan, open the source, fetch what needs no answer."""
    config = node.config
    state = config.stash[STATE]
    if state.asked:
        return
    try:
        state.prepare(cases_named(ids, state.contract))
        if state.asked:
            begin(config)
    except REFUSED as error:
        raise refused(config, error) from None
    if state.asked:
        terminal = config.pluginmanager.getplugin("terminalreporter")
        terminal.write_line(f"\n{state.plan_line}")
        with watched(config):
            fetched = state.fetch_ahead(shared=True)
        if fetched:
            terminal.write_line(f"{fetched} of them made before the tests, for all workers")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker has seen."""
    output = getattr(node, "workeroutput", {})
    state = node.config.stash[STATE]
    state.not_promised.update(output.get(NOT_PROMISED, {}))
    if OBSERVED in output:
        state.observed.append(Observed.from_plain(json.loads(output[OBSERVED])))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what this worker has seen."""
    if not is_worker(session.config):
        return
    state = session.config.stash[STATE]
    output = session.config.workeroutput  # type: ignore[attr-defined]
    output[NOT_PROMISED] = state.not_promised
    if state.session:
        # As text: what carries it between processes takes no half of a surrogate pair, and a service may send one.
        output[OBSERVED] = json.dumps(state.session.observed().plain())
        state.session.close()
