"""The entry point of the plugin: declares the options, and brings in the rest once the rulebook is asked for.

pytest loads this module in every project of an environment that has the package: it imports nothing of weight and
leaves a run alone that asks for no rule.
"""

import argparse
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from catalog_contract.util.paths import INSTALLED, RULEBOOK, RULEBOOK_NAME

GARBAGE = "catalog_contract.pytest_plugin.garbage"
JUDGING = "catalog_contract.pytest_plugin.judging"

# Numbers are read later: what argparse says of a bad one is not one line.
OPTIONS: dict[str, dict[str, Any]] = {
    "--contract": {"metavar": "NAME|PATH", "help": "the contract to judge by (default: gatewayz)"},
    "--cassette": {"metavar": "NAME|PATH", "help": "judge a recording (default: that of the contract)"},
    "--har": {"metavar": "FILE", "help": "judge what a browser or proxy recorded (HAR); no request is sent"},
    "--record": {"metavar": "NAME", "help": "write what the service at --base-url answers into a cassette"},
    "--report-dir": {"metavar": "DIR", "default": "reports", "help": "where reports are written (default: reports)"},
    "--plan": {"action": "store_true", "help": "print the requests a run would make, and make none"},
    "--history": {"metavar": "FILE", "help": "append the run to this file, and show the trend over the runs in it"},
    "--baseline": {
        "metavar": "FILE",
        "help": "the ids of the last good run: judge by them, and keep them up to date",
    },
    "--against": {
        "metavar": "URL",
        "help": "another deployment of the service: what it lists must be listed here too, but for what may go",
    },
    "--known": {
        "metavar": "FILE",
        "help": "known breakages, which do not make the run BROKEN while their date lasts",
    },
    "--rate": {"metavar": "N", "help": "at most N requests a second (default: that of the contract)"},
    "--concurrency": {"metavar": "N", "help": "up to N requests at a time, before the tests (default: 1)"},
    "--max-seconds": {
        "metavar": "N",
        "help": "ask for N seconds at most; the rest is not judged (default: the contract's)",
    },
    "--probes": {
        "metavar": "N",
        "help": "ask a live service up to N more requests where they decide between causes (default: 3; 0 for none)",
    },
    "--max-requests": {"metavar": "N", "help": "refuse to start when more than N requests are planned"},
    "--sample": {"metavar": "N", "help": "make at most N requests of a list, in place of reading it whole"},
    "--sample-seed": {"metavar": "N", "help": "another number, other pages of the sample (default: 1)"},
    "--shard": {"metavar": "I/N", "help": "ask only shard I of N, and keep its answers for catalog-contract merge"},
    "--merge": {
        "metavar": "DIR",
        "action": "append",
        "help": "judge the answers of the shard that wrote its reports there; once for each shard",
    },
    "--offline": {"action": "store_true", "help": "with --merge: ask nothing that no shard has asked"},
}
"""The options of the suite. `--base-url` is that of pytest-base-url."""

ASKING = ("--contract", "--cassette", "--har", "--record", "--plan", "--shard", "--merge")
"""The options that ask for rules by themselves, wherever the rules are."""

_TAKEN = pytest.StashKey[list[str]]()


def option(config: pytest.Config, name: str) -> Any:
    """The value of an option of the suite; its default where it was not given."""
    return getattr(config.option, _dest(name), OPTIONS[name].get("default"))


def _dest(name: str) -> str:
    """Where the value goes: a name that no other plugin uses."""
    return "catalog_contract_" + name.removeprefix("--").replace("-", "_")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, None, None]:
    """Declare the options after those of the project: an option that it has already stays its own."""
    if not INSTALLED and "--pyargs" in args:
        args[:] = [_in_the_clone(arg) for arg in args]
    yield
    early_config.stash[_TAKEN] = declare(parser)
    given, unknown = parser.parse_known_and_unknown_args(args)
    strange = next((word for word in unknown if word.startswith("-")), "")
    here = early_config.invocation_params.dir
    if strange and any(_holds_rules(arg.partition("::")[0], here, given.pyargs) for arg in given.file_or_dir):
        from catalog_contract.report.unfinished import refused_command

        refused_command(report_dir(args), args, "a usage error, an unknown option")


def declare(parser: pytest.Parser) -> list[str]:
    """Add the options of the suite; returns those that could not be, because another plugin has them."""
    group, taken = parser.getgroup("catalog contract"), []
    for name, attributes in OPTIONS.items():
        try:
            group.addoption(name, dest=_dest(name), **attributes)
        except (ValueError, argparse.ArgumentError):
            taken.append(name)
    return taken


def _in_the_clone(arg: str) -> str:
    """An argument of `--pyargs` that names the rulebook, as the path where a clone has it."""
    name, colons, case = arg.partition("::")
    if name != RULEBOOK_NAME and not name.startswith(f"{RULEBOOK_NAME}."):
        return arg
    module = name.removeprefix(RULEBOOK_NAME).removeprefix(".")
    return f"{RULEBOOK / f'{module}.py' if module else RULEBOOK}{colons}{case}"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Bring in the rest of the plugin where rules are asked for; no other run is touched."""
    asked = any(option(config, name) not in (None, False) for name in ASKING)
    if not asked and not asks_the_rulebook(config):
        return
    if taken := config.stash.get(_TAKEN, []):
        message = f"{taken[0]} is an option of another plugin or conftest.py here"
        raise pytest.UsageError(f"{message}; run `catalog-contract check`, which reads no conftest.py")
    for part in (GARBAGE, JUDGING):
        config.pluginmanager.import_plugin(part)


def asks_the_rulebook(config: pytest.Config) -> bool:
    """Whether the paths to collect from hold tests of the rulebook."""
    here, by_name = config.invocation_params.dir, config.option.pyargs
    return any(_holds_rules(arg.partition("::")[0], here, by_name) for arg in config.args)


def _holds_rules(arg: str, here: Path, by_name: bool) -> bool:
    if by_name and (f"{RULEBOOK_NAME}.".startswith(f"{arg}.") or arg.startswith(f"{RULEBOOK_NAME}.")):
        return True
    path = (here / arg).resolve()
    # pytest does not look into the environment of a project that it collects from.
    return path == RULEBOOK or RULEBOOK in path.parents or (not INSTALLED and path in RULEBOOK.parents)


def report_dir(args: Sequence[str]) -> Path:
    """The folder of the reports by a command line that cannot be parsed."""
    found: str = OPTIONS["--report-dir"]["default"]
    for word, after in zip(args, [*args[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if name == "--report-dir":
            found = (value if equals else after) or found
    return Path(found)


def path(name: str | None) -> Path | None:
    """The file or folder that an option names; None where it is not given."""
    return Path(name) if name else None
