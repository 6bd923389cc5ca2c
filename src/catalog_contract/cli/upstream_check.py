"""`upstream-check`: what an upstream does with the parameters of a crawl, by a few polite requests."""

import argparse
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from catalog_contract.cli.complaint import UsageError
from catalog_contract.cli.init import SECRET, split_url
from catalog_contract.cli.wording import Commands, command, padded, paint, say, say_json, wrapped
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.verdict import exit_status
from catalog_contract.transport.live import LiveSource, is_loopback
from catalog_contract.transport.secret import Key
from catalog_contract.upstream.asking import Upstream, newcomers
from catalog_contract.upstream.check import Finding, Report, check
from catalog_contract.upstream.five import Effect, Five, Reply
from catalog_contract.util.text import DASH, counted, line, number

CONTRACT = "huggingface-hub"
POSITIONS = ("offset", "skip")
MAX_PAGES = 20


def add_to(commands: Commands) -> None:
    """Declare the command."""
    made = command(commands, "upstream-check", run)
    made.add_argument("url", metavar="URL", help="the upstream's list, with the parameters that the service sends")
    made.add_argument("--contract", metavar="NAME|PATH", default=CONTRACT, help=f"its words (default: {CONTRACT})")
    made.add_argument(
        "--max-pages", metavar="N", type=int, default=MAX_PAGES, help=f"of the walk, the largest ones ({MAX_PAGES})"
    )
    made.add_argument("--json", action="store_true", help="print JSON for a script")


def run(options: argparse.Namespace) -> int:
    """Ask and print; the exit status is the verdict's."""
    if options.max_pages < 1:
        raise UsageError("--max-pages must be 1 or more")
    url = split_url(options.url)
    query = parse_qsl(url.query, keep_blank_values=True)
    secret = next((name for name, _ in query if SECRET.search(name)), None)
    if secret:
        raise UsageError(f"the URL holds a key ({line(secret, 40)}=...); export it as CATALOG_API_KEY instead")
    contract = _contract(options.contract, url.path)
    limit = str(contract.parameters.limit)
    step = _step(dict(query).get(limit), contract)
    sent = tuple((name, value) for name, value in query if name not in (limit, "cursor", *POSITIONS))
    relied_on = frozenset(name for name, _ in query if name in POSITIONS)
    source = _source(f"{url.scheme}://{url.netloc}", contract)
    try:
        report = check(Upstream(contract, source, sent), step, options.max_pages, relied_on)
    finally:
        source.close()
    asked = f"{url.scheme}://{url.netloc}{contract.list_path}"
    if options.json:
        say_json(_plain(asked, report, source.sent))
    else:
        _print(asked, report, source.sent, contract)
    return exit_status(report.verdict)


def _contract(name: str, path: str) -> Contract:
    """The words of the list, at the path of the URL. Raises UsageError where its answers do not lead on.

    What the contract sends with every request is left out: the upstream is asked as the URL says.
    """
    contract = load_contract(name)
    contract = replace(contract, request=replace(contract.request, query=()))
    if contract.envelope.next is None or not contract.parameters.limit:
        raise UsageError(f"the contract {contract.name} names no next page, or no limit: choose another")
    return contract if path in ("", "/") else replace(contract, list_path=path)


def _step(text: str | None, contract: Contract) -> int:
    if text is None:
        return contract.paging.page_size
    most = contract.paging.maximum_limit or math.inf
    if not (text.isascii() and text.isdecimal()) or not 2 <= int(text[:9]) < most:
        raise UsageError(f"{contract.parameters.limit}={line(text, 20)}: give a whole number from 2, below {most:g}")
    return int(text)


def _source(base_url: str, contract: Contract) -> LiveSource:
    """The upstream, asked once for each thing, at the contract's rate; without one on this machine."""
    rate = math.inf if is_loopback(base_url) else contract.transport.requests_per_second
    transport = replace(contract.transport, tries=1, requests_per_second=rate)
    return LiveSource(base_url, transport, Key.from_environment(contract.request.key))


# -- what is printed -------------------------------------------------------------------------------------------


def _print(url: str, report: Report, sent: int, contract: Contract) -> None:
    style, items = paint(), contract.words.several_items
    head = style(f"{report.verdict}: the upstream {line(url, 200)}, {counted(sent, 'request')}", "strong")
    say(
        [head],
        _table(report.five, items),
        [*wrapped(report.conclusion.text, ""), *wrapped(report.conclusion.fix, "")],
        ["What the service relies on", *_rows(report)],
        wrapped(f"Stopped: {report.refused}; nothing more was asked.", "") if report.refused else [],
    )


def _table(five: Five, items: str) -> Iterator[str]:
    yield f"{'':4}{'asked for':<26}{items:>8}  {'first':<32}beside (1)"
    for reply in five.replies:
        page = reply.page
        asked = f"({reply.number}) {padded(line(reply.asked, 40), 26)}"
        if page.fault:
            yield from wrapped(f"{asked}{DASH:>8}  {line(page.fault, 200)}", "", " " * 40)
        else:
            first = line(page.ids[0] or "(no usable id)", 30) if page.count else DASH
            yield f"{asked}{number(page.count):>8}  {padded(first, 32)}{_beside(five, reply)}".rstrip()


def _beside(five: Five, reply: Reply) -> str:
    first, page = five.page(1), reply.page
    if reply.number == 1 or first.fault:
        return ""
    entered = newcomers(first.ids, page.ids)
    if entered is not None:
        return counted(entered, "newcomer") if entered else "the same"
    shared = len({*first.ids} & {*page.ids})
    return f"{number(shared)} shared" if shared else "none shared" if page.count else "empty"


def _rows(report: Report) -> Iterator[str]:
    for finding in (*report.parameters, report.walk):
        name = "walk by Link" if finding is report.walk else line(finding.name, 40)
        yield from wrapped(
            f"{padded(str(finding.verdict), 12)}{padded(name, 28)}{line(finding.note, 300)}", "  ", " " * 42
        )


def _plain(url: str, report: Report, sent: int) -> dict[str, Any]:
    """The report as JSON values; what could not be read is null, and `failure` says why."""
    conclusion = report.conclusion
    return {
        "verdict": str(report.verdict),
        "exit_status": exit_status(report.verdict),
        "url": url,
        "requests": sent,
        "five": [_reply(report.five, reply) for reply in report.five.replies],
        "hypothesis": conclusion.hypothesis or None,
        "offset": {Effect.SKIPS: "honoured", Effect.NONE: "ignored", Effect.UNKNOWN: None}[conclusion.offset],
        "conclusion": f"{conclusion.text} {conclusion.fix}".strip(),
        "parameters": [_finding(finding) for finding in report.parameters],
        "walk": _finding(report.walk),
        "refused": report.refused or None,
    }


def _reply(five: Five, reply: Reply) -> dict[str, Any]:
    page = reply.page
    return {
        "number": reply.number,
        "asked": reply.asked,
        "target": page.exchange.request.target,
        "status": page.exchange.status,
        "count": None if page.fault else page.count,
        "first_id": page.ids[0] if not page.fault and page.count else None,
        "beside_the_first": None if page.fault else _beside(five, reply),
        "failure": page.fault or None,
    }


def _finding(finding: Finding) -> dict[str, str]:
    return {"name": finding.name, "verdict": str(finding.verdict), "note": finding.note}
