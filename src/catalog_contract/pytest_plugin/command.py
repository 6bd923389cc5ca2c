"""The rulebook by a command: pytest, with the settings of this package and none of the folder it is called from."""

import re
from collections.abc import Generator, Sequence
from difflib import get_close_matches
from pathlib import Path

import pytest

from catalog_contract.pytest_plugin.options import OPTIONS, report_dir
from catalog_contract.report.unfinished import refused_command
from catalog_contract.util.paths import RULEBOOK_NAME
from catalog_contract.util.text import line
from catalog_contract.util.urls import without_logins

SETTINGS = Path(__file__).with_name("check.toml")
PLUGINS = ("catalog_contract", "base_url", "xdist", "socket", "allure_pytest")
"""What the suite needs, also where PYTEST_DISABLE_PLUGIN_AUTOLOAD is set."""
USUAL = (
    "--base-url",
    "--maxfail",
    "--exitfirst",
    "--last-failed",
    "--numprocesses",
    "--verbose",
    "--quiet",
    "--junitxml",
)
"""Options of pytest and its plugins that somebody may have meant, beside our own."""


class Command:
    """The plugin of such a run. `words` are those it was called by."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_parse(self, args: list[str]) -> Generator[None, object, object]:
        """What cannot be understood is one line, in place of the usage of pytest."""
        try:
            return (yield)
        except pytest.UsageError as error:
            why = in_one_line(str(error))
            refused_command(report_dir(args), args, why)
            raise pytest.UsageError(why) from None


def in_one_line(reported: str) -> str:
    """What pytest says of a command line, without its usage and the files it read; with the nearest option."""
    found = re.search(r"^.*?: error: (.*)$", reported, re.MULTILINE)
    if found is None:
        return reported
    unknown = re.match(r"unrecognized arguments: (\S+)", found[1])
    message = line(without_logins(found[1]))
    if unknown is None:
        return f"{message} (catalog-contract check --help)"
    name = unknown[1].partition("=")[0]
    close = get_close_matches(name, [*OPTIONS, *USUAL], n=1)
    hint = f"did you mean {close[0]}?" if close else "catalog-contract check --help lists the options"
    return (
        f"there is no option {line(without_logins(name), 80)}; {hint}" if name.startswith("-") else f"{message}; {hint}"
    )


def check(contract: str, options: Sequence[str]) -> int:
    """Judge by a contract, given by name or path, with further options of pytest; the exit status of pytest."""
    return judge(["catalog-contract", "check", contract, *options], ["--contract", contract, *options])


def judge(called: Sequence[str], options: Sequence[str]) -> int:
    """Run the rulebook with options of pytest, for a command that was called so; the exit status of pytest.

    Neither the pytest settings nor a conftest.py of the current folder are read: they are made for its own tests.
    """
    own = ["-c", str(SETTINGS), "--rootdir", str(Path.cwd()), "--noconftest"]
    own += [f"-p{plugin}" for plugin in PLUGINS]
    return int(pytest.main([*own, "--pyargs", RULEBOOK_NAME, *options], plugins=[Command(called)]))


def words_of(config: pytest.Config) -> tuple[str, ...]:
    """The command line of a run, as it was typed."""
    params = config.invocation_params
    ours = (plugin for plugin in params.plugins or () if isinstance(plugin, Command))
    return next((plugin.words for plugin in ours), ("pytest", *map(str, params.args)))
