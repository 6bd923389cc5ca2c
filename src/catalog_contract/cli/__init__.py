"""`catalog-contract`: contract tests for any paginated list API."""

import argparse
import os
import sys
from importlib import import_module
from typing import Any, NoReturn

from catalog_contract.cli.commands import COMMANDS
from catalog_contract.cli.complaint import UsageError, complaint
from catalog_contract.model.verdict import EXIT_CRASH, EXIT_USAGE
from catalog_contract.util.crash import crash_line
from catalog_contract.util.refusal import Refusal
from catalog_contract.util.urls import without_logins

MORE = """\
a first verdict for an API of your own:
  catalog-contract init http://127.0.0.1:8000/invoices
  catalog-contract check contracts/invoices.toml

exit status: 0 every promise holds, 1 a promise is broken, 16 nothing broken but
  something not judged, 2 interrupted, 3 internal error, 4 usage error,
  5 no rule selected; `catalog-contract explain 16` says what to do
"""

EXIT_INTERRUPTED = 130
EXIT_CLOSED_PIPE = 141


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
    except Refusal as error:
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
        given = sys.argv[1:] if arguments is None else arguments
        options = parser(given[0] if given else "").parse_args(given)
    except SystemExit as ended:  # --help has printed; the caller flushes
        return int(ended.code or 0)
    status: int = options.run(options)
    return status


class _Version(argparse.Action):
    """Print the version: which one it is is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from catalog_contract.util.version import own_version

        print(f"catalog-contract {own_version()}")
        parser.exit()


def parser(name: str) -> Parser:
    """The command line for a command; only its module is loaded, of the others the help shows what they are for."""
    about = "Contract tests for any paginated list API."
    form = argparse.RawDescriptionHelpFormatter
    made = Parser(prog="catalog-contract", description=about, epilog=MORE, formatter_class=form, allow_abbrev=False)
    made.add_argument("--version", action=_Version, nargs=0, help="show program's version number and exit")
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    for command, (module, message) in COMMANDS.items():
        if command == name:
            import_module(f"{__name__}.{module}").add_to(commands)
        else:
            commands.add_parser(command, help=message)
    return made
