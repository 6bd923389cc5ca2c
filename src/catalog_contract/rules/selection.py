"""Choosing cases: with `-k`, by the ids that pytest gives them, and all of them in the order of the rulebook."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from catalog_contract.model.contract import Contract
from catalog_contract.model.verdict import Judgement
from catalog_contract.rules.cases import BASELINE, OTHER, Case, cases_of
from catalog_contract.rules.rule import Rule
from catalog_contract.rules.rulebook import rulebook

Asked = tuple[Rule, Case]

_VALUE = re.compile(r"[\w.:/+=-]*=[\w.:/+=-]*")
_ONE_CASE = re.compile(r"\b(?:test_)?(\w+)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]")


def keyword(expression: str) -> str:
    """A `-k` expression as pytest can read it, which refuses `=`, and the ids of the cases have it.

    `huggingface-offset=100` means ids that end so: neither offset 1000, nor a window that begins there.
    `a_rule[huggingface-offset=100]` means that one case of that rule.
    """
    parts, end = [], 0
    for found in _ONE_CASE.finditer(expression):
        parts += [_values(expression[end : found.start()]), _exactly(found[1], found[2])]
        end = found.end()
    return "".join([*parts, _values(expression[end:])])


def _values(expression: str) -> str:
    return _VALUE.sub(lambda found: found[0].replace("=", ":") + "]", expression)


def _exactly(rule: str, case_id: str) -> str:
    """One case as a word for pytest: an id may hold what its expressions cannot, and the end of another one."""
    return "case:" + hashlib.sha256(f"{rule}[{case_id}]".encode("utf-8", "backslashreplace")).hexdigest()


def keywords(rule: str, case_id: str) -> set[str]:
    """What `keyword` finds a case by."""
    return {case_id.replace("=", ":") + "]", _exactly(rule, case_id)}


def can_be_named(rule: str, case_id: str) -> bool:
    """Whether `keyword` takes `rule[case_id]` for that one case."""
    found = _ONE_CASE.fullmatch(f"{rule}[{case_id}]")
    return found is not None and found[2] == case_id


def every_case(contract: Contract, *, live: bool) -> list[Asked]:
    """Every case that the contract gives the rulebook, in its order; those of a live service only when `live`."""
    rules = (rule for rule in rulebook() if live or not rule.live)
    return [(rule, case) for rule in rules for case in cases_of(rule, contract)]


def cases_named(node_ids: Iterable[str], contract: Contract) -> list[Asked]:
    """The cases that pytest's node ids name, in their order; ids of other tests are passed over."""
    known = {(rule.family, rule.name, case.id): (rule, case) for rule, case in every_case(contract, live=True)}
    parted = (re.fullmatch(r"(?:.*/)?test_(\w+)\.py::test_(\w+)(?:\[(.*)\])?", id, re.DOTALL) for id in node_ids)
    keys = ((found[1], found[2], found[3] or contract.name) for found in parted if found)
    return [known[key] for key in keys if key in known]


def is_whole(asked: Iterable[Asked], contract: Contract, *, live: bool) -> bool:
    """Whether these are all cases that a run could ask: nothing was left out by `-k`, `-m`, a path or `--lf`."""
    chosen = {(rule.name, case.id) for rule, case in asked}
    return all((rule.name, case.id) in chosen for rule, case in every_case(contract, live=live))


def in_order(judgements: Sequence[Judgement], contract: Contract) -> list[Judgement]:
    """The judgements in the order of the rulebook, whichever worker brought them; what it does not know comes last."""
    places = {(rule.name, case.id): place for place, (rule, case) in enumerate(every_case(contract, live=True))}
    return sorted(judgements, key=lambda j: (places.get((j.rule, j.case), len(places)), j.family, j.rule, j.case))


def unknown_rule(contract: Contract) -> str:
    """The first rule that an incident names and the rulebook lacks, in a sentence; empty when there is none."""
    names = [rule.name for rule in rulebook()] if contract.incidents else []
    for incident in contract.incidents:
        for name in incident.rules:
            if name not in names:
                close = get_close_matches(name, names, n=1)
                hint = f"did you mean {close[0]!r}?" if close else "`catalog-contract explain` lists all"
                return f"contract {incident.contract}: incident {incident.key!r}: there is no rule {name!r}; {hint}"
    return ""


def _read_twice(contract: Contract) -> bool:
    """Whether the whole list is read twice, in pages and in bulk; what another client read once is not."""
    return not contract.followed or contract.paging.bulk_limit != contract.paging.page_size


def why_not(rule: Rule, contract: Contract, *, live: bool) -> str:
    """Why a rule is not asked in a run; empty when it is."""
    if rule.live and not live:
        return "only a live service can be asked for it"
    if rule.compares and not _read_twice(contract):
        return "the recording holds one reading of the list: there is nothing to compare it with"
    if OTHER in rule.arguments and not contract.against:
        return "no other deployment given: what is listed elsewhere is not known"
    if BASELINE in rule.arguments and not contract.baseline:
        return "no baseline given: what the last good run listed is not known"
    if BASELINE in rule.arguments and not any(c.name in contract.baseline for c in contract.collections):
        return "the baseline covers no collection of this contract"
    return rule.not_promised_by(contract)
