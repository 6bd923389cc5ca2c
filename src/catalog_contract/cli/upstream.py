"""`upstream`: a stand-in for the listing API of the Hugging Face Hub, for the tests of whoever crawls it."""

import argparse

from catalog_contract.cli.complaint import UsageError
from catalog_contract.cli.wording import Commands, command
from catalog_contract.upstream.stand_in import stand_in


def add_to(commands: Commands) -> None:
    """Declare the command."""
    stand_in("command").add_options(command(commands, "upstream", run))


def run(options: argparse.Namespace) -> int:
    """Serve until a signal ends it."""
    served = stand_in("command")
    try:
        status: int = served.run(options)
    except served.Mistake as mistake:
        raise UsageError(str(mistake)) from None
    return status
