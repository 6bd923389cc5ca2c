"""`catalog-contract`: the questions people ask outside a test run, answered by the same catalog and rulebook."""

import argparse
import os
import sys
from typing import NoReturn

from catalog_contract.cli import check, contracts, counts, explain, init, merge, pages, show, upstream, upstream_check
from catalog_contract.cli.wording import UsageError, complaint
from catalog_contract.contracts.load import ContractError
from catalog_contract.model.verdict import EXIT_CRASH, EXIT_USAGE
from catalog_contract.rules.rule import RuleError
from catalog_contract.run.settings import SettingsError
from catalog_contract.transport.base import SourceError
from catalog_contract.util.crash import crash_line
from catalog_contract.util.files import ReportError
from catalog_contract.util.urls import without_logins
from catalog_contract.util.version import own_version

REFUSED = (UsageError, SettingsError, ContractError, SourceError, ReportError, RuleError)
EXIT_INTERRUPTED = 130
EXIT_CLOSED_PIPE = 141
COMMANDS = (init, check, merge, counts, pages, explain, show, contracts, upstream_check, upstream)


class Parser(argparse.ArgumentParser):
    """One line for a mistake, and the exit status of this project for it."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end."""
        raise UsageError(f"{without_logins(message)} (see {self.prog} --help)")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status.

    0, 1 and 16 are verdicts as in a run of the rulebook, 3 is a crash of this project and 4 a mistake of the caller
    (each one line on the error output), 130 and 141 an end by Ctrl-C and by a reader that went away (no output).
    """
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except REFUSED as error:
        print(complaint(error), file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # What is still in the buffer would be written at exit, and complained of there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_CLOSED_PIPE
    except Exception as defect:  # Python would end with 1, which means that a promise is broken
        print(complaint(crash_line(defect)), file=sys.stderr)
        return EXIT_CRASH
    return status


def _run(arguments: list[str] | None) -> int:
    try:
        options = parser().parse_args(arguments)
    except SystemExit as ended:  # --help has printed; the caller flushes
        return int(ended.code or 0)
    status: int = options.run(options)
    return status


def parser() -> Parser:
    """The command line."""
    made = Parser(prog="catalog-contract", description=__doc__, allow_abbrev=False)
    made.add_argument("--version", action="version", version=f"catalog-contract {own_version()}")
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_to(commands)
    return made
