"""`upstream`: a stand-in for the listing API of the Hugging Face Hub, for the tests of whoever crawls it."""

import argparse

from catalog_contract.cli.wording import Commands, UsageError, command
from catalog_contract.upstream.stand_in import stand_in

MESSAGE = (
    "serve a stand-in for the listing API of the Hugging Face Hub on this machine: 1,352 models, pages by Link, and a "
    "defect of your choice; GET /__stats counts the requests"
)


def add_to(commands: Commands) -> None:
    """Declare the command."""
    stand_in("command").add_options(command(commands, "upstream", MESSAGE, run))


def run(options: argparse.Namespace) -> int:
    """Serve until a signal ends it."""
    served = stand_in("command")
    try:
        status: int = served.run(options)
    except served.Mistake as mistake:
        raise UsageError(str(mistake)) from None
    return status
