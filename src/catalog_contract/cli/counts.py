"""`counts`: how many items each collection lists, and whether that is right."""

import argparse
import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from catalog_contract.catalog.service import Service
from catalog_contract.cli.complaint import UsageError
from catalog_contract.cli.judged import Asked, add_options, promised, recorded, run_of, settings_of, shared_json
from catalog_contract.cli.wording import Commands, command, paint, say, say_json
from catalog_contract.model.contract import Contract
from catalog_contract.model.run import Count, Run
from catalog_contract.model.verdict import NotJudged, exit_status
from catalog_contract.report import csv, history, terminal
from catalog_contract.report.findings import grand_total, table
from catalog_contract.report.write import remember
from catalog_contract.rules.ideal import IdealSource
from catalog_contract.rules.planning import plan
from catalog_contract.run.finish import Clock
from catalog_contract.run.session import open_session
from catalog_contract.run.settings import contract_of

FAMILIES = ("collections", "identity", "totals")


COLUMNS = ("collection", "total", "unique", "duplicates", "expected", "lowest", "highest", "verdict", "note", "source")
"""The columns of the CSV."""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    made = command(commands, "counts", run)
    add_options(made)
    made.add_argument("--history", metavar="FILE", help="append the counts to this file, and show the trend")


def run(options: argparse.Namespace) -> int:
    """Print the collection table and what is wrong with it; the exit status is the verdict's."""
    settings, path = settings_of(options), Path(options.history) if options.history else None
    if options.history == "":
        raise UsageError("--history is empty: give it a value, or leave it out")
    if path:
        history.check(path)
    contract = contract_of(settings)
    asked = list(counting(contract, live=settings.live))
    session = open_session(settings, contract)
    try:
        judged = run_of(session, asked, Clock())
    finally:
        session.close()
    judged = remember(replace(judged, title=f"Counts, {judged.title}"), path)
    headline = recorded(session, settings)
    if path:
        history.append(path, judged)
    if options.json:
        rows = {"collections": [_row(row) for row in table(judged)], "grand_total": _row(grand_total(judged))}
        say_json(rows | {"recording": headline or None} | shared_json(judged))
    elif options.csv:
        source = {"source": headline or judged.source}
        sys.stdout.write(csv.table(COLUMNS, [_row(row) | source for row in table(judged)]))
    else:
        _print(judged, headline)
    return exit_status(judged.verdict)


def counting(
    contract: Contract, families: Iterable[str] = FAMILIES, *, live: bool, offsets: Sequence[int] = ()
) -> Iterator[Asked]:
    """The cases that judge the counts: those that the bulk reads of the collections, and the pages at some offsets, are
    enough for."""
    source = IdealSource(contract)
    for catalog in Service(contract, source).catalogs:
        catalog.bulk()
        for offset in offsets:
            with contextlib.suppress(NotJudged):
                catalog.page(offset, catalog.page_size)
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


def _print(run: Run, headline: str) -> None:
    style = paint()
    say(
        [style(headline, "unsure")] if headline else [],
        terminal.head(run, style),
        terminal.collections(run, style),
        terminal.trend(run, style),
        terminal.findings(run, style),
        terminal.not_judged(run, style),
        terminal.notes(run, style),
        terminal.last_lines(run, style),
    )
