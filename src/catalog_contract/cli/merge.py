"""`merge`: one verdict on what several machines have read."""

import argparse

from catalog_contract.cli.complaint import UsageError
from catalog_contract.cli.wording import Commands, of_pytest, say

MORE = """\
REPORTS are the folders that `catalog-contract check CONTRACT --shard I/N` wrote
its reports into, one for each shard. What depends on the answers of several
shards, and what must be read again, is asked of the service now.

options, after the folders:
  --offline          ask nothing more: what no shard could know is not judged
  --report-dir DIR   where the reports are written (default: reports)
  --contract PATH    the contract, where it lies elsewhere than for the shards
  --history FILE, --baseline FILE, --known FILE, and all other options of pytest

example:
  catalog-contract merge shard-1 shard-2 shard-3 shard-4 --report-dir reports

exit status: as that of `catalog-contract check`
"""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    of_pytest(commands, "merge", run, ("REPORTS...", "the folder of a shard's reports"), MORE)


def run(options: argparse.Namespace) -> int:
    """Run pytest over the rulebook with the answers of the shards; the exit status is that of the run."""
    given = options.arguments
    if given[:1] in (["-h"], ["--help"]):
        say([options.help().rstrip()])
        return 0
    first = next((at for at, one in enumerate(given) if one.startswith("-")), len(given))
    folders, others = given[:first], given[first:]
    if not folders:
        raise UsageError("merge needs the folders of the shards first: catalog-contract merge REPORTS... [options]")
    from catalog_contract.pytest_plugin.command import judge

    called = ["catalog-contract", "merge", *given]
    return judge(called, [*(word for folder in folders for word in ("--merge", folder)), *others])
