"""`show`: a cassette made readable."""

import argparse
import json
from pathlib import Path
from typing import Any

from catalog_contract.catalog.page import Page
from catalog_contract.cli.complaint import UsageError
from catalog_contract.cli.wording import WIDTH, Commands, command, say, wrapped
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import Exchange
from catalog_contract.model.json_body import NotJson
from catalog_contract.run.settings import DEFAULT_CONTRACT
from catalog_contract.transport.cassette import manifest
from catalog_contract.transport.cassette.source import CassetteSource
from catalog_contract.util.text import DASH, block, counted, first_few, line, number, size

FIRST_IDS = 2
ITEMS, FIELDS, TEXT, DEPTH = 3, 40, 60, 8
LONGEST_BODY = 6_000
INDENT = 4


def add_to(commands: Commands) -> None:
    """Declare the command."""
    made = command(commands, "show", run)
    made.add_argument("cassette", metavar="CASSETTE", help="a name in the cassettes folder, or a path")
    made.add_argument(
        "--contract", metavar="NAME|PATH", help="how to read the answers (default: that of the recording)"
    )
    made.add_argument("--body", metavar="N", type=int, help="print the beginning of the N-th answer")


def run(options: argparse.Namespace) -> int:
    """Print a cassette, or one answer of it."""
    path = manifest.found(options.cassette)
    known = manifest.entry(options.cassette)
    source = CassetteSource(path)
    contract = load_contract(options.contract or (known.contract if known else DEFAULT_CONTRACT))
    recorded = source.recorded()
    if options.body is None:
        say(_head(path, known, recorded), _listing(recorded, contract))
        return 0
    if not 1 <= options.body <= len(recorded):
        raise UsageError(f"there is no answer {options.body}: the cassette has 1 to {len(recorded)}")
    say(*_answer(recorded[options.body - 1], options.body))
    return 0


def _head(path: Path, known: manifest.Entry | None, recorded: list[Exchange]) -> list[str]:
    lines = [line(path.name, WIDTH)]
    if known is None:
        lines += wrapped("not in the MANIFEST: where it came from is not known")
    else:
        true = manifest.sha256_of(path) == known.sha256
        reported = "as the MANIFEST says" if true else "NOT the file that the MANIFEST speaks of"
        lines += wrapped(f"{line(known.description())}; contract {line(known.contract)}")
        lines += wrapped(f"sha256 {reported}")
    bodies = sum(len(exchange.body or b"") for exchange in recorded)
    return [*lines, *wrapped(f"{counted(len(recorded), 'answer')}, {size(bodies)}; {size(path.stat().st_size)} packed")]


def _listing(recorded: list[Exchange], contract: Contract) -> list[str]:
    lines = [f"{'no.':>{INDENT}} status {'size':>9} {'rows':>7}  first ids"]
    for place, exchange in enumerate(recorded, 1):
        page = Page(exchange, contract.envelope, contract.item.id)
        rows = DASH if page.fault else number(page.count)
        ids = [] if page.fault else [id or "(no usable id)" for id in page.ids]
        first = first_few(ids, FIRST_IDS, 80) or (DASH if page.fault else "no rows")
        start = f"{place:>{INDENT}} {exchange.status!s:>6} {size(len(exchange.body or b'')):>9} {rows:>7}  "
        lines += [start + line(first, WIDTH - len(start)), *wrapped(_asked(exchange), " " * (INDENT + 1))]
    return lines


def _asked(exchange: Exchange) -> str:
    request = exchange.request
    added = "".join(f" ({line(name, 60)}: {line(value, 120)})" for name, value in request.headers)
    return line(request.label) + added + (f" (reading {request.reading})" if request.reading > 1 else "")


def _answer(exchange: Exchange, place: int) -> list[list[str]]:
    head = wrapped(f"{place}: GET {_asked(exchange)}", "", "  ")
    headers = [text for name, value in exchange.headers.items() for text in wrapped(f"{line(name, 60)}: {line(value)}")]
    reported = f"status {exchange.status}, {size(len(exchange.body or b''))}"
    return [[*head, f"  {reported}", *headers], body_of(exchange)]


def body_of(exchange: Exchange) -> list[str]:
    """The beginning of a body in harmless lines: JSON set out, lists and texts cut with a note of what was left out."""
    try:
        text = json.dumps(_cut(exchange.data), indent=2, ensure_ascii=False)
    except NotJson as error:
        text = f"(not JSON: {error})\n{(exchange.body or b'')[:LONGEST_BODY].decode('utf-8', 'replace')}"
        return [part for each in block(text, LONGEST_BODY).splitlines() for part in wrapped(each, "") or [""]]
    return [line(each, WIDTH) for each in block(text, LONGEST_BODY).splitlines()]


def _cut(value: Any, depth: int = 0) -> Any:
    """The value with long lists, objects and texts cut and deep ones left out."""
    if isinstance(value, str):
        return value if len(value) <= TEXT else f"{value[:TEXT]}… ({number(len(value))} characters)"
    if isinstance(value, list):
        left = [f"… and {number(len(value) - ITEMS)} more"] if len(value) > ITEMS else []
        return ["…"] if depth > DEPTH and value else [_cut(each, depth + 1) for each in value[:ITEMS]] + left
    if isinstance(value, dict):
        left_out = {"…": f"and {number(len(value) - FIELDS)} more"} if len(value) > FIELDS else {}
        kept = list(value.items())[:FIELDS]
        return {"…": "…"} if depth > DEPTH else {key[:TEXT]: _cut(each, depth + 1) for key, each in kept} | left_out
    return value
