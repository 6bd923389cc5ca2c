"""The rulebook by a command: pytest, with the settings of this package and none of the folder it is called from."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from catalog_contract.util.paths import RULEBOOK_NAME

SETTINGS = Path(__file__).with_name("check.toml")
PLUGINS = ("catalog_contract", "base_url", "xdist", "socket", "allure_pytest")
"""What the suite needs, also where PYTEST_DISABLE_PLUGIN_AUTOLOAD is set."""


def check(contract: str, options: Sequence[str]) -> int:
    """Judge by a contract, given by name or path, with further options of pytest; the exit status of pytest.

    Neither the pytest settings nor a conftest.py of the current folder are read: they are made for its own tests.
    """
    own = ["-c", str(SETTINGS), "--rootdir", str(Path.cwd()), "--noconftest"]
    own += [f"-p{plugin}" for plugin in PLUGINS]
    return int(pytest.main([*own, "--pyargs", RULEBOOK_NAME, "--contract", contract, *options]))
