"""`explain`: what a rule promises and why, what a cause is and how to confirm it, or what an exit status means."""

import argparse
import re
import tomllib
from itertools import groupby
from pathlib import Path
from typing import Any

from catalog_contract.cli.complaint import UsageError
from catalog_contract.cli.statuses import STATUSES
from catalog_contract.cli.wording import Commands, command, nearest, say, wrapped
from catalog_contract.contracts.load import load_contract
from catalog_contract.diagnosis.pages import CausePage, cause_pages, page_of
from catalog_contract.model.contract import Contract
from catalog_contract.model.incident import shown_by
from catalog_contract.model.run import State
from catalog_contract.rules.cases import cases_of
from catalog_contract.rules.rule import Rule
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.rules.selection import why_not
from catalog_contract.run.settings import DEFAULT_CONTRACT
from catalog_contract.run.verdict_file import not_finished, verdict_in
from catalog_contract.util.paths import FIXTURES, INSTALLED
from catalog_contract.util.text import counted, first_few, line, sentence

BREAKS = FIXTURES / "gateway" / "breaks.toml"
HOW_OFTEN = {"always": "breaks", "at times": "at_times"}
"""How often a fault breaks a rule, and the key of the gallery that lists it."""

MEANINGS = {
    "catalog": "of every collection in full depth",
    "counted_catalog": "of every collection that is only counted",
    "single_catalog": "of every collection but the merged one",
    "any_catalog": "of every collection",
    "merged_catalog": "of the collection that merges all others",
    "service": "of the service as a whole",
    "offset_before_the_end": "at each declared offset whose page must be full",
    "offset_past_the_end": "at the end and far past it",
    "page_limit": "for each declared limit",
    "window": "for each declared window",
    "own_window": "for each window declared of it",
    "bad_query": "for each declared bad query",
    "alias": "for each declared alias",
    "first_alias": "for the first declared alias",
    "counted_by": "by bulk read, by walk and by the total reported",
    "oracle": "where the contract expects a total",
    "baseline": "where the list of the last good run is given",
    "other_catalog": "where another deployment is given to compare with",
    "known_ids": "where the contract names known models",
    "reread": "for a page and for the bulk read",
    "huge_offset": "for numbers beyond 31, 32, 63 and 64 bits",
    "declared_filter": "for each declared filter",
    "partition": "for the filters that make the whole together",
    "declared_sort": "for each declared sort",
}
"""The words among a rule's arguments, as parts of a sentence that begins with "asked"."""

Caught = dict[str, list[str]]


def add_to(commands: Commands) -> None:
    """Declare the command."""
    made = command(commands, "explain", run)
    reported = (
        "a rule, a family of rules, a cause that a report names, an exit status or a folder of reports"
        " (left out: all rules and causes)"
    )
    made.add_argument("name", metavar="RULE|CAUSE|STATUS|REPORTS", nargs="?", help=reported)
    whose = None if INSTALLED else DEFAULT_CONTRACT
    made.add_argument("--contract", metavar="NAME|PATH", default=whose, help="whose cases and incidents to show")


def run(options: argparse.Namespace) -> int:
    """Print one rule, one cause, one exit status, or the list of all."""
    name: str | None = options.name
    if name is not None and re.fullmatch(r"-?[0-9]{1,18}", name.strip()):
        say(*_status(int(name)))
        return 0
    if name is not None and (found := verdict_in(Path(name))):
        say([_run(Path(name), found)])
        return 0
    rules = rulebook()
    if name is None:
        causes = ["causes", *(f"  {page.slug}" for page in cause_pages().values())]
        say(*_listing(rules), causes, ["exit statuses", *wrapped(", ".join(map(str, STATUSES)), "  ")])
        return 0
    if of_family := tuple(rule for rule in rules if rule.family == name.strip().lower()):
        say(*_listing(of_family))
        return 0
    cause = page_of(name)
    if cause is not None:
        say(*_cause(cause))
        return 0
    contract = load_contract(options.contract) if options.contract else None
    say(*_explained(named(name, rules), contract))
    return 0


def _run(path: Path, verdict: dict[str, Any]) -> str:
    """In one line, what the verdict.json of a run holds."""
    cases = counted(len(verdict["rules"]), "case")
    found = f"{path}: {line(verdict['verdict'])}, {cases}, run of {line(verdict.get('started'), 40)}"
    return not_finished(path) or f"{found}, {line(verdict.get('state', State.FINISHED))}"


def _status(number: int) -> list[list[str]]:
    """An exit status in words. Raises UsageError for one that no command of this project ends with."""
    if number not in STATUSES:
        raise UsageError(f"no command ends with {number}; the exit statuses are {', '.join(map(str, STATUSES))}")
    status = STATUSES[number]
    parts = (("What it means", status.meaning), ("What to do", status.next_step))
    return [[f"exit status {number}: {status.title}"], *([label, *wrapped(text)] for label, text in parts)]


def _cause(page: CausePage) -> list[list[str]]:
    parts = (
        ("What a client sees", page.seen),
        ("Why", page.why),
        ("How to confirm it", page.confirm),
        ("What to mend", page.mend),
    )
    return [[page.name, f"  a cause; on a command line: {page.slug}"], *([label, *wrapped(t)] for label, t in parts)]


def named(name: str, rules: tuple[Rule, ...]) -> Rule:
    """The rule of that name, also written as a test with its case. Raises UsageError with the nearest name."""
    plain = name.rpartition("::")[2].partition("[")[0].strip().replace("-", "_").removeprefix("test_")
    found = next((rule for rule in rules if rule.name == plain), None)
    if found is None:
        slugs = [page.slug.replace("-", "_") for page in cause_pages().values()]
        hint = nearest(plain, [*(rule.name for rule in rules), *slugs])
        raise UsageError(f"there is no rule or cause {line(name, 80)}{hint or '; catalog-contract explain lists them'}")
    return found


def _listing(rules: tuple[Rule, ...]) -> list[list[str]]:
    blocks = []
    for family, members in groupby(rules, key=lambda rule: rule.family):
        lines = [family]
        for rule in members:
            lines += [f"  {rule.name}", *wrapped(rule.promise, "      ")]
        blocks.append(lines)
    return blocks


def _explained(rule: Rule, contract: Contract | None) -> list[list[str]]:
    asked = f"asked {' '.join(MEANINGS.get(word, word) for word in rule.arguments)}"
    needs = f"; only where the contract declares {' and '.join(rule.needs)}" if rule.needs else ""
    live = "; only of a live service" if rule.live else ""
    parts = (
        ("Promise", rule.promise),
        ("Why", sentence(rule.why) or "Not given."),
        ("Seen before", _incidents(rule, contract) if contract else ""),
        ("When it applies", sentence(asked + needs + live) + (f" {_cases(rule, contract)}" if contract else "")),
        ("What it cannot see", sentence(rule.cannot_see) or "Nothing in particular is known."),
    )
    blocks = [[label, *wrapped(text)] for label, text in parts if text]
    title = [rule.name, f"  family {rule.family}, severity {rule.severity.name.lower()}"]
    return [title, *blocks, _faults(rule)]


def _incidents(rule: Rule, contract: Contract) -> str:
    return " ".join(sentence(line(f"{one.label}: {one.story}", 400)) for one in shown_by(rule.name, contract.incidents))


def _cases(rule: Rule, contract: Contract) -> str:
    where = f"In the contract {line(contract.name)}"
    why = why_not(rule, contract, live=True)
    cases = [] if why else [case.id for case in cases_of(rule, contract)]
    if not cases:
        return f"{where}: not judged ({why or 'it gives no case'})."
    return f"{where}: {counted(len(cases), 'case')}, {first_few(cases, 4)}."


def _faults(rule: Rule) -> list[str]:
    title = "Faults of the reference gateway that it catches"
    caught = caught_by(rule.name)
    if caught is None:
        return [title, "  not known here: the gallery of faults is not part of this installation"]
    reported = [text for often, faults in caught.items() if faults for text in _named(often, faults)]
    return [title, *(reported or ["  none"])]


def _named(often: str, faults: list[str]) -> list[str]:
    return wrapped(f"{often} ({len(faults)}): {', '.join(faults)}", "  ", "    ")


def caught_by(rule: str, breaks: Path = BREAKS) -> Caught | None:
    """The faults that break a rule, by how often; None where the gallery is not there or cannot be read."""
    try:
        gallery = tomllib.loads(breaks.read_text(encoding="utf-8"))
        return {
            often: [line(label) for fault, table in gallery.items() if (label := _label(rule, fault, table, key))]
            for often, key in HOW_OFTEN.items()
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return None


def _label(rule: str, fault: str, table: dict[str, Any], key: str) -> str:
    """The name of a fault that breaks the rule, with the eras when it does so in some of its eras only."""
    if rule in table.get(key, ()):
        return fault
    eras = [era for era, own in table.items() if isinstance(own, dict) and rule in own.get(key, ())]
    return f"{fault} ({', '.join(eras)} only)" if eras else ""
