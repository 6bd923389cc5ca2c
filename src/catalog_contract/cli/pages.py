"""`pages`: what the declared offsets of a collection answer, and the bulk read beside them."""

import argparse
import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.page import Page
from catalog_contract.cli.complaint import UsageError
from catalog_contract.cli.counts import counting
from catalog_contract.cli.judged import Asked, add_options, promised, recorded, run_of, settings_of, shared_json
from catalog_contract.cli.wording import WIDTH, Commands, command, nearest, paint, say, say_json, wrapped
from catalog_contract.model.contract import FULL, Collection, Contract
from catalog_contract.model.run import Count, Run
from catalog_contract.model.verdict import NotJudged, exit_status
from catalog_contract.report import csv, terminal
from catalog_contract.rules.cases import ANY, SERVICE
from catalog_contract.run.finish import Clock
from catalog_contract.run.session import open_session
from catalog_contract.run.settings import contract_of
from catalog_contract.util.text import DASH, counted, line, number

FAMILIES = ("pages", "identity", "totals")
COLUMNS = ("collection", "place", "offset", "limit", "status", "count", "duplicates", "first_ids", "failure", "source")
"""The columns of the CSV."""
FIRST_IDS = 3
PLACE, COUNT = 17, 8
"""How wide the columns are that say where a page is, and how many it holds."""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    made = command(commands, "pages", run)
    add_options(made)
    made.add_argument("--collection", metavar="NAME", help="this one only, in full depth (default: all in full depth)")
    made.add_argument("--offset", metavar="N", type=int, action="append", help="this page only (may be repeated)")


def run(options: argparse.Namespace) -> int:
    """Print the pages and what is wrong with them; the exit status is the verdict's."""
    settings = settings_of(options)
    contract = chosen(contract_of(settings), options.collection)
    session, clock = open_session(settings, contract), Clock()
    try:
        seen = [(catalog, pages_of(catalog, options.offset or ())) for catalog in session.service.full]
        judged = run_of(session, paging(contract, options.offset or (), live=settings.live), clock)
    finally:
        session.close()
    judged = replace(judged, title=f"Pages, {judged.title}")
    headline = recorded(session, settings)
    reported = [_plain(judged, *one) for one in seen]
    if options.json:
        say_json({"collections": reported} | {"recording": headline or None} | shared_json(judged))
    elif options.csv:
        about = [{"collection": one["collection"], "source": headline or judged.source} for one in reported]
        rows = [page | one for one, of in zip(about, reported, strict=True) for page in of["pages"]]
        sys.stdout.write(csv.table(COLUMNS, rows))
    else:
        _print(judged, seen, headline)
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
        why = (
            f"is retired since {retired}" if retired else f"is not a collection of the contract {contract.name}{known}"
        )
        raise UsageError(f"{name} {why}")
    return replace(contract, collections=tuple(replace(collection, depth=FULL) for collection in wanted))


def paging(contract: Contract, offsets: Sequence[int] = (), *, live: bool) -> Iterator[Asked]:
    """The cases that judge the pages, after those that tell whether the collection answers at all.

    Where single pages were asked for, those alone that they and the bulk read are enough for.
    """
    families = ("collections", *FAMILIES) if offsets else ("collections",)
    answers = counting(contract, families, live=live, offsets=offsets)
    # A rule about several collections would hold of nothing here: the others are left out.
    yield from ((rule, case) for rule, case in answers if SERVICE not in rule.arguments or ANY in rule.arguments)
    if not offsets:
        yield from promised(contract, FAMILIES, live=live)


def _is(collection: Collection, name: str | None) -> bool:
    return (name or "").casefold() in {word.casefold() for word in (collection.name, *collection.aliases)}


def pages_of(catalog: Catalog, offsets: Sequence[int] = ()) -> list[Page]:
    """The pages at some offsets, or at those that the contract declares and can be reached; all pages of the walk where
    it declares none. Raises UsageError for an offset that cannot be asked for."""
    if offsets:
        return [_page_at(catalog, offset) for offset in offsets]
    if not catalog.contract.paging.offsets:
        walk = catalog.walk()
        return [*walk.pages, *([walk.refusal] if walk.refusal else [])]
    pages = []
    for offset in catalog.contract.paging.offsets:
        with contextlib.suppress(NotJudged):  # the rules say why no page leads there
            pages.append(catalog.page(offset, catalog.page_size))
    return pages


def _page_at(catalog: Catalog, offset: int) -> Page:
    if offset < 0:
        raise UsageError(f"--offset {offset}: a page begins after 0 or more items")
    try:
        return catalog.page(offset, catalog.page_size)
    except NotJudged as error:
        raise UsageError(f"--offset {offset} cannot be asked for: {error.why}") from None


def duplicates(page: Page) -> int:
    """How many items of a page repeat the id of an earlier one."""
    named = [id for id in page.ids if id is not None]
    return len(named) - len(set(named))


def _plain(run: Run, catalog: Catalog, pages: Sequence[Page]) -> dict[str, Any]:
    """One collection as JSON values; what could not be read is null, and `failure` says why."""
    reported = [
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
    return {"collection": catalog.name, "pages": reported, "bulk": bulk}


def _bulk_row(run: Run, catalog: Catalog) -> Count | None:
    return next((row for row in run.counts if row.collection == catalog.name), None)


def _print(run: Run, seen: Sequence[tuple[Catalog, list[Page]]], headline: str) -> None:
    style = paint()
    tables = [_table(run, catalog, pages, style) for catalog, pages in seen]
    say(
        [style(headline, "unsure")] if headline else [],
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
        reported = f"{start} {DASH:>{COUNT}} {DASH:>6}  {line(page.fault)}"
        return wrapped(reported, "", " " * indent)
    first, *others = [line(id or "(no usable id)", WIDTH - indent) for id in page.ids[:FIRST_IDS]] or [DASH]
    return [
        f"{start} {number(page.count):>{COUNT}} {number(duplicates(page)):>6}  {first}",
        *(" " * indent + id for id in others),
    ]
