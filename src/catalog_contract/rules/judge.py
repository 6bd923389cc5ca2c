"""From a rule's outcome to a judgement, and from everything observed to a Run."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.service import Service
from catalog_contract.model.verdict import Evidence, Judgement, NotJudged, Severity, Verdict
from catalog_contract.rules.cases import Case, bind
from catalog_contract.rules.rule import Rule

DEFECT = "defect of the suite"


def judgement_of(rule: Rule, case: Case, error: BaseException | None, seconds: float = 0.0) -> Judgement:
    """What the outcome of a rule says: no error HOLDS, AssertionError BROKEN, anything else NOT JUDGED."""
    judgement = Judgement(
        rule=rule.name,
        case=case.id,
        collection=case.collection,
        verdict=Verdict.HOLDS,
        promise=rule.promise,
        family=rule.family,
        severity=rule.severity,
        seconds=seconds,
        file=rule.file,
        line=rule.line,
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
    reported = error.args[0] if error.args else None
    return reported if isinstance(reported, Evidence) else Evidence(str(error) or "the promise does not hold")


def to_text(judgement: Judgement) -> str:
    """A judgement as one line of ASCII, to travel between processes: what carries it takes no classes of ours."""
    return json.dumps(asdict(judgement))


def from_text(text: str) -> Judgement:
    """What `to_text` gave."""
    values = json.loads(text)
    reported = values["evidence"]
    lists: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in (reported or {}).items()}
    return Judgement(
        **{
            **values,
            "verdict": Verdict(values["verdict"]),
            "severity": Severity(values["severity"]),
            "evidence": Evidence(**lists) if reported else None,
        }
    )


def judge(rule: Rule, case: Case, service: Service) -> Judgement:
    """Call a rule on a case, as pytest would. A defect of the suite is raised, not judged."""
    started = time.perf_counter()
    error: BaseException | None = None
    try:
        bound = bind(rule, case, service)
        rule.function(**bound)
        require_items(rule, bound)
    except (AssertionError, NotJudged) as raised:
        raised.__context__ = None  # it holds frames too, and with them all that was read
        error = raised.with_traceback(None)
    return judgement_of(rule, case, error, time.perf_counter() - started)


def require_items(rule: Rule, arguments: Mapping[str, object]) -> None:
    """A promise about items does not hold of a list without any: nothing was compared. Raises NotJudged.

    Where the contract says that the collection may be empty it does.
    """
    if not rule.of_items:
        return
    for catalog in arguments.values():
        if isinstance(catalog, Catalog) and not catalog.collection.may_be_empty and catalog.lists_nothing():
            raise NotJudged(f"{catalog.name} lists nothing, so nothing was compared", catalog.opening().exchange.curl)


def unreached(asked: Iterable[tuple[Rule, Case]], judgements: Iterable[Judgement], why: str) -> list[Judgement]:
    """NOT JUDGED for every case that was asked for and has no judgement: the run ended before it."""
    judged = {(judgement.rule, judgement.case) for judgement in judgements}
    left = ((rule, case) for rule, case in asked if (rule.name, case.id) not in judged)
    return [judgement_of(rule, case, NotJudged(why)) for rule, case in left]
