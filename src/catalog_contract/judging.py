"""From a rule's outcome to a judgement, and from everything observed to a Run."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from catalog_contract.cases import Case, bind
from catalog_contract.catalog import Service
from catalog_contract.contract import Collection, Contract
from catalog_contract.rule import Rule
from catalog_contract.verdict import Count, Evidence, Judgement, NotJudged, PageSeen, Severity, Verdict

DEFECT = "defect of the suite"


def judgement_of(rule: Rule, case: Case, error: BaseException | None, seconds: float = 0.0) -> Judgement:
    """What the outcome of a rule says: no error HOLDS, AssertionError BROKEN, anything else NOT JUDGED."""
    judgement = Judgement(
        rule=rule.name,
        case=case.id,
        gateway=case.gateway,
        verdict=Verdict.HOLDS,
        promise=rule.promise,
        family=rule.family,
        severity=rule.severity,
        incident=rule.incident,
        seconds=seconds,
    )
    if error is None:
        return judgement
    if isinstance(error, AssertionError):
        return replace(judgement, verdict=Verdict.BROKEN, evidence=_evidence(error))
    if isinstance(error, NotJudged):
        evidence = Evidence(error.why, error.curl) if error.curl else None
        return replace(judgement, verdict=Verdict.NOT_JUDGED, why=error.why, evidence=evidence)
    return replace(judgement, verdict=Verdict.NOT_JUDGED, why=f"{DEFECT}: {type(error).__name__}: {error}")


def _evidence(error: AssertionError) -> Evidence:
    """The evidence that a rule handed to its assert; the text alone where it handed none."""
    told = error.args[0] if error.args else None
    return told if isinstance(told, Evidence) else Evidence(str(error) or "the promise does not hold")


def to_plain(judgement: Judgement) -> dict[str, Any]:
    """A judgement as dictionaries and lists, to travel between processes."""
    return asdict(judgement)


def from_plain(values: dict[str, Any]) -> Judgement:
    """What `to_plain` gave."""
    told = values["evidence"]
    lists: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in (told or {}).items()}
    return Judgement(
        **{
            **values,
            "verdict": Verdict(values["verdict"]),
            "severity": Severity(values["severity"]),
            "evidence": Evidence(**lists) if told else None,
        }
    )


def judge(rule: Rule, case: Case, service: Service) -> Judgement:
    """Call a rule on a case, as pytest would. A defect of the suite is raised, not judged."""
    started = time.perf_counter()
    error: BaseException | None = None
    try:
        rule.function(**bind(rule, case, service))
    except (AssertionError, NotJudged) as raised:
        error = raised
    return judgement_of(rule, case, error, time.perf_counter() - started)


def counts(contract: Contract, pages: Iterable[PageSeen], judgements: Sequence[Judgement]) -> tuple[Count, ...]:
    """The gateway table: every collection whose bulk read was asked for, in the order of the contract."""
    bulk: dict[str, list[PageSeen]] = {}
    for page in pages:
        if page.bulk and page.reading == 1:
            bulk.setdefault(page.gateway, []).append(page)
    rows = (_row(c, bulk[c.name], judgements) for c in contract.collections if c.name in bulk)
    return tuple(rows)


def _row(collection: Collection, pages: Sequence[PageSeen], judgements: Sequence[Judgement]) -> Count:
    """One row of the gateway table; its verdict is the worst of what was judged of the collection."""
    failure = next((page.failure for page in pages if page.failure), "")
    ids = [id for page in pages for id in page.ids]
    own = {judgement.verdict for judgement in judgements if judgement.gateway == collection.name}
    worst = next((v for v in (Verdict.BROKEN, Verdict.NOT_JUDGED) if v in own), Verdict.HOLDS)
    return Count(
        gateway=collection.name,
        total=None if failure else len(ids),
        unique=None if failure else len(set(ids) - {None}),
        expected=collection.expected_total or collection.minimum_total,
        lowest=collection.lowest_total,
        highest=collection.highest_total,
        verdict=worst,
        note=failure,
        merges=collection.merges,
    )
