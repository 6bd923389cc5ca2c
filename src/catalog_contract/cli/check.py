"""`check`: does a service keep its contract?"""

import argparse

from catalog_contract.cli.complaint import UsageError
from catalog_contract.cli.wording import Commands, of_pytest, say

MORE = """\
pytest runs the rulebook, and every option after CONTRACT goes to pytest:
  --base-url URL     the service to ask, in place of a recording
  --cassette PATH    the recording to judge (default: that of the contract)
  --har FILE         the HAR of a browser or proxy to judge; no request is sent
  --against URL      another deployment, whose list is compared with this one
  --plan             print every request of a run, and make none
  --report-dir DIR   where the reports are written (default: reports)
  -k EXPRESSION      only some cases; -n 4: four workers; -x: stop at the first
  `pytest --help` lists the others under "catalog contract"

examples:
  catalog-contract check contracts/invoices.toml --base-url http://127.0.0.1:8000
  catalog-contract check gatewayz --cassette recordings/today.json.xz -k totals

exit status: 0 every promise holds, 1 a promise is broken, 16 nothing broken but
  something not judged, 2 interrupted, 3 internal error, 4 usage error,
  5 no rule selected
"""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    of_pytest(commands, "check", run, ("CONTRACT", "the path of a contract, or a shipped one's name"), MORE)


def run(options: argparse.Namespace) -> int:
    """Run pytest over the rulebook; the exit status is that of the run."""
    contract, *others = options.arguments or [""]
    if contract in ("-h", "--help"):
        say([options.help().rstrip()])
        return 0
    if not contract or contract.startswith("-"):
        raise UsageError("check needs a contract first: catalog-contract check CONTRACT [options of pytest]")
    if any(given.partition("=")[0] == "--contract" for given in others):
        raise UsageError("check names the contract once, as its first argument: leave --contract out")
    # pytest is loaded here alone: the other commands start without it.
    from catalog_contract.pytest_plugin.command import check

    return check(contract, others)
