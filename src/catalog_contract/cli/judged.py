"""Rules judged outside pytest: the same cases, the same catalog, the same Run."""

import argparse
import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from catalog_contract.cli.complaint import UsageError
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Judgement
from catalog_contract.report.json import to_json
from catalog_contract.report.progress import Progress
from catalog_contract.rules.cases import Case, cases_of
from catalog_contract.rules.judge import judge, judgement_of
from catalog_contract.rules.planning import plan
from catalog_contract.rules.rule import Rule
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.rules.selection import why_not
from catalog_contract.run.finish import Clock, finished
from catalog_contract.run.session import Session
from catalog_contract.run.settings import DEFAULT_CONTRACT, Settings
from catalog_contract.transport.cassette import manifest
from catalog_contract.util.paths import INSTALLED
from catalog_contract.util.urls import shown_url

KEPT = (
    "verdict", "exit_status", "contract", "title", "source", "origin", "started", "seconds", "diagnosis", "notes",
    "rules",
)  # fmt: skip
"""What a command's JSON has in common with verdict.json, under the same names."""

Asked = tuple[Rule, Case]


def add_options(command: argparse.ArgumentParser) -> None:
    """The options that say whom to ask and what to judge by; they mean what they mean to pytest."""
    command.add_argument("--base-url", metavar="URL", help="ask the live service there")
    command.add_argument("--live", action="store_true", help="ask the live service at the base_url of the contract")
    command.add_argument("--cassette", metavar="NAME|PATH", help="ask a recording (default: that of the contract)")
    command.add_argument("--contract", metavar="NAME|PATH", help="the contract to judge by (in a clone: gatewayz)")
    command.add_argument("--rate", metavar="N", type=float, help="at most N requests a second")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON for a script")
    form.add_argument("--csv", action="store_true", help="print CSV for a spreadsheet")


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings that the options of `add_options` spell.

    The service is asked only where it is named or `--live` is given. Raises UsageError where nothing is left to ask.
    """
    settings = Settings(options.contract, options.base_url, options.cassette, rate=options.rate)
    named = settings.base_url or settings.cassette
    if named and options.live:
        raise UsageError("--live asks the base_url of the contract: leave --base-url and --cassette out")
    if named:
        return settings
    if not settings.contract and INSTALLED:
        raise UsageError("whom to ask? give --contract NAME|PATH, with --live to ask its service, or --base-url URL")
    contract = load_contract(settings.contract or DEFAULT_CONTRACT)
    if options.live:
        return replace(settings, base_url=contract.base_url)
    if not contract.cassette:
        asks = f"give --live to ask {shown_url(contract.base_url)}, --base-url URL or --cassette NAME"
        raise UsageError(f"the contract {contract.name} names no cassette: {asks}")
    return settings


def recorded(session: Session, settings: Settings) -> str:
    """The headline of answers that are a recording; empty where a service was asked."""
    if session.cassette is None:
        return ""
    known = manifest.entry(settings.cassette or session.contract.cassette)
    return f"RECORDING of {known.date if known else 'an unknown day'}, not the service"


def promised(contract: Contract, families: Iterable[str], *, live: bool) -> Iterator[Asked]:
    """Every case that the contract gives the rules of some families."""
    for rule in rulebook():
        if rule.family in families and not why_not(rule, contract, live=live):
            yield from ((rule, case) for case in cases_of(rule, contract))


def run_of(session: Session, asked: Iterable[Asked], clock: Clock) -> Run:
    """The run in which just these cases are judged; the clock says when it began."""
    chosen = list(asked)
    with _watched(session, chosen):
        judgements = [_judgement(rule, case, session) for rule, case in chosen]
    return finished(session, judgements, session.observed(), clock)


@contextlib.contextmanager
def _watched(session: Session, asked: Sequence[Asked]) -> Iterator[None]:
    """Show on the error output how many requests of a live service are answered."""
    if session.cassette:
        yield
        return
    with Progress(sys.stderr, len(plan(session.contract, asked))) as progress:
        session.source.fetched = progress.fetched
        yield


def _judgement(rule: Rule, case: Case, session: Session) -> Judgement:
    try:
        return judge(rule, case, session.service)
    except Exception as defect:  # a defect of the suite: not judged, as in a run of pytest
        return judgement_of(rule, case, defect)


def shared_json(run: Run) -> dict[str, Any]:
    """What every judging command says as JSON."""
    reported = to_json(run)
    return {key: reported[key] for key in KEPT}
