"""`counts`: how many items each collection lists, and whether that is right."""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace

from catalog_contract.catalog.service import Service
from catalog_contract.cli.judged import Asked, add_options, promised, run_of, settings_of, shared_json
from catalog_contract.cli.wording import Commands, command, paint, say, say_json
from catalog_contract.model.contract import Contract
from catalog_contract.model.run import Count, Run
from catalog_contract.model.verdict import exit_status
from catalog_contract.report import terminal
from catalog_contract.report.findings import grand_total, table
from catalog_contract.rules.ideal import IdealSource
from catalog_contract.rules.planning import plan
from catalog_contract.run.finish import Clock
from catalog_contract.run.session import open_session
from catalog_contract.run.settings import contract_of

FAMILIES = ("collections", "identity", "totals")


def add_to(commands: Commands) -> None:
    """Declare the command."""
    add_options(command(commands, "counts", run))


def run(options: argparse.Namespace) -> int:
    """Print the collection table and what is wrong with it; the exit status is the verdict's."""
    settings = settings_of(options)
    contract = contract_of(settings)
    asked = list(counting(contract, live=settings.live))
    session = open_session(settings, contract)
    try:
        judged = run_of(session, asked, Clock())
    finally:
        session.close()
    judged = replace(judged, title=f"Counts, {judged.title}")
    if options.json:
        rows = {"collections": [_row(row) for row in table(judged)], "grand_total": _row(grand_total(judged))}
        say_json(shared_json(judged) | rows)
    else:
        _print(judged)
    return exit_status(judged.verdict)


def counting(contract: Contract, families: Iterable[str] = FAMILIES, *, live: bool) -> Iterator[Asked]:
    """The cases that judge the counts: those that the bulk reads of the collections are enough for."""
    source = IdealSource(contract)
    for catalog in Service(contract, source).catalogs:
        catalog.bulk()
    enough = {request.key for request in source.requests}
    for rule, case in promised(contract, families, live=live):
        try:
            asked = {request.key for request in plan(contract, [(rule, case)])}
        except Exception:  # a defect of the suite is not hidden: it shows when the case is judged
            asked = set()
        if asked <= enough:
            yield rule, case


def _row(row: Count) -> dict[str, object]:
    return {**asdict(row), "duplicates": row.duplicates}


def _print(run: Run) -> None:
    style = paint()
    say(
        terminal.head(run, style),
        terminal.collections(run, style),
        terminal.findings(run, style),
        terminal.not_judged(run, style),
        terminal.notes(run, style),
        terminal.last_lines(run, style),
    )
