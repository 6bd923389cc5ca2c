"""`pages`: what the declared offsets of a collection answer, and the bulk read beside them."""

import argparse
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.page import Page
from catalog_contract.catalog.reading import PLAIN
from catalog_contract.cli.complaint import UsageError
from catalog_contract.cli.counts import counting
from catalog_contract.cli.judged import Asked, add_options, promised, run_of, settings_of, shared_json
from catalog_contract.cli.wording import WIDTH, Commands, command, nearest, paint, say, say_json, wrapped
from catalog_contract.model.contract import FULL, Collection, Contract
from catalog_contract.model.run import Count, Run
from catalog_contract.model.verdict import NotJudged, exit_status
from catalog_contract.report import terminal
from catalog_contract.rules.cases import SERVICE
from catalog_contract.run.finish import Clock
from catalog_contract.run.session import open_session
from catalog_contract.run.settings import contract_of
from catalog_contract.util.text import DASH, counted, line, number

FAMILIES = ("pages", "identity", "totals")
FIRST_IDS = 3
PLACE, COUNT = 17, 8
"""How wide the columns are that say where a page is, and how many it holds."""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    made = command(commands, "pages", run)
    add_options(made)
    made.add_argument("--collection", metavar="NAME", help="this one only, in full depth (default: all in full depth)")


def run(options: argparse.Namespace) -> int:
    """Print the pages and what is wrong with them; the exit status is the verdict's."""
    settings = settings_of(options)
    contract = chosen(contract_of(settings), options.collection)
    session, clock = open_session(settings, contract), Clock()
    try:
        seen = [(catalog, pages_of(catalog)) for catalog in session.service.full]
        judged = run_of(session, paging(contract, live=settings.live), clock)
    finally:
        session.close()
    judged = replace(judged, title=f"Pages, {judged.title}")
    if options.json:
        say_json(shared_json(judged) | {"collections": [_plain(judged, *one) for one in seen]})
    else:
        _print(judged, seen)
    return exit_status(judged.verdict)


def chosen(contract: Contract, name: str | None) -> Contract:
    """The contract with none but the collections to page through, each in full depth.

    Raises UsageError when there is none of that name, or none at all.
    """
    served = [collection for collection in contract.collections if not collection.retired]
    wanted = [c for c in served if _is(c, name)] if name else [c for c in served if c.depth == FULL]
    if not wanted and not name:
        raise UsageError(f"the contract {contract.name} pages through no collection: choose one with --collection")
    if not wanted:
        retired = next((c.retired for c in contract.collections if _is(c, name)), None)
        known = nearest(name or "", [collection.name for collection in served])
        why = f"is retired since {retired}" if retired else f"is no collection of the contract {contract.name}{known}"
        raise UsageError(f"{name} {why}")
    return replace(contract, collections=tuple(replace(collection, depth=FULL) for collection in wanted))


def paging(contract: Contract, *, live: bool) -> Iterator[Asked]:
    """The cases that judge the pages, after those that tell whether the collection answers at all."""
    answers = counting(contract, ("collections",), live=live)
    # A rule about several collections would hold of nothing here: the others are left out.
    yield from ((rule, case) for rule, case in answers if SERVICE not in rule.arguments)
    yield from promised(contract, FAMILIES, live=live)


def _is(collection: Collection, name: str | None) -> bool:
    return (name or "").casefold() in {word.casefold() for word in (collection.name, *collection.aliases)}


def pages_of(catalog: Catalog) -> list[Page]:
    """The pages at the declared offsets that can be reached; the first two where the contract declares none."""
    if not catalog.contract.paging.offsets and not catalog.contract.paging.by_position:
        return list(catalog.first_two(PLAIN, catalog.page_size))
    pages = []
    for offset in catalog.contract.paging.offsets or (0, catalog.page_size):
        with contextlib.suppress(NotJudged):  # the rules say why no page leads there
            pages.append(catalog.page(offset, catalog.page_size))
    return pages


def duplicates(page: Page) -> int:
    """How many items of a page repeat the id of an earlier one."""
    named = [id for id in page.ids if id is not None]
    return len(named) - len(set(named))


def _plain(run: Run, catalog: Catalog, pages: Sequence[Page]) -> dict[str, Any]:
    """One collection as JSON values; what could not be read is null, and `failure` says why."""
    told = [
        {
            "offset": page.row,
            "place": page.where,
            "limit": page.limit,
            "status": page.exchange.status,
            "count": None if page.fault else page.count,
            "first_ids": [] if page.fault else page.ids[:FIRST_IDS],
            "duplicates": None if page.fault else duplicates(page),
            "failure": page.fault,
        }
        for page in pages
    ]
    row = _bulk_row(run, catalog)
    bulk = row and {**asdict(row), "duplicates": row.duplicates}
    return {"collection": catalog.name, "pages": told, "bulk": bulk}


def _bulk_row(run: Run, catalog: Catalog) -> Count | None:
    return next((row for row in run.counts if row.collection == catalog.name), None)


def _print(run: Run, seen: Sequence[tuple[Catalog, list[Page]]]) -> None:
    style = paint()
    tables = [_table(run, catalog, pages, style) for catalog, pages in seen]
    say(
        terminal.head(run, style),
        *tables,
        terminal.findings(run, style),
        terminal.not_judged(run, style),
        terminal.notes(run, style),
        terminal.last_lines(run, style),
    )


def _table(run: Run, catalog: Catalog, pages: Sequence[Page], style: terminal.Paint) -> list[str]:
    items = line(run.words.several_items, COUNT)
    title = f"{'page':>{PLACE}} {items:>{COUNT}} {'dupl.':>6}  first ids"
    lines = [style(f"{line(catalog.name, 40)}, pages of {number(catalog.page_size)}", "strong"), style(title, "quiet")]
    for page in pages:
        lines += _row(page)
    row = _bulk_row(run, catalog)
    if row is None:
        return lines
    numbers = (
        f"{run.words.items(row.total or 0)}, {number(row.unique)} unique, {counted(row.duplicates or 0, 'duplicate')}"
    )
    limit = f" (limit {number(catalog.contract.paging.bulk_limit)})"
    return [*lines, *wrapped(f"{'bulk read':>{PLACE}}: " + (line(row.note) if row.note else numbers + limit), "")]


def _row(page: Page) -> list[str]:
    start, indent = f"{line(page.where, PLACE):>{PLACE}}", PLACE + COUNT + 10
    if page.fault:
        told = f"{start} {DASH:>{COUNT}} {DASH:>6}  {line(page.fault)}"
        return wrapped(told, "", " " * indent)
    first, *others = [line(id or "(no usable id)", WIDTH - indent) for id in page.ids[:FIRST_IDS]] or [DASH]
    return [
        f"{start} {number(page.count):>{COUNT}} {number(duplicates(page)):>6}  {first}",
        *(" " * indent + id for id in others),
    ]
