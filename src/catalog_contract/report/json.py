"""A run as JSON: `verdict.json`, for machines and for building the other reports again later."""

from dataclasses import asdict, fields, replace
from typing import Any, TypeVar

from catalog_contract.model.incident import Incident
from catalog_contract.model.observation import RequestSeen
from catalog_contract.model.run import Cause, Count, Invocation, Past, Run, Segment, State, Step, Strip
from catalog_contract.model.verdict import Evidence, Judgement, Severity, Verdict, exit_status
from catalog_contract.model.wording import Words
from catalog_contract.report.findings import again, tally
from catalog_contract.util.fields import amount

VERSION = 1

IDS = ("lost", "unexpected", "repeated")
T = TypeVar("T")


def to_json(run: Run) -> dict[str, Any]:
    """A run as plain JSON values; `run_from_json` makes the same run of it again."""
    return {
        "version": VERSION,
        "verdict": run.verdict.value,
        "exit_status": exit_status(run.verdict),
        "state": run.state.value,
        "contract": run.contract,
        "title": run.title,
        "source": run.source,
        "origin": run.origin,
        "started": run.started,
        "seconds": round(run.seconds, 3),
        "planned": run.planned,
        "cases": {verdict.value: amount for verdict, amount in tally(run).items()} | {"known": len(run.known)},
        "diagnosis": list(map(_cause, run.diagnosis)),
        "notes": list(run.notes),
        "collections": [{**asdict(row), "duplicates": row.duplicates} for row in run.counts],
        "rules": [_judgement(judgement) | {"again": again(run, judgement)} for judgement in run.judgements],
        "not_promised": [{"rule": rule, "reason": reason} for rule, reason in run.not_promised],
        "strips": [asdict(strip) for strip in run.strips],
        "requests": [asdict(request) for request in run.requests],
        "incidents": [{**asdict(incident), "rules": list(incident.rules)} for incident in run.incidents],
        "past": [{**asdict(past), "totals": dict(past.totals)} for past in run.past],
        "unplayed": list(run.unplayed),
        "words": asdict(run.words),
        "invocation": asdict(run.invocation),
    }


def _cause(cause: Cause) -> dict[str, Any]:
    steps = [asdict(step) for step in cause.steps]
    return {**asdict(cause), "alternatives": list(cause.alternatives), "steps": steps}


def _judgement(judgement: Judgement) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": judgement.rule,
        "case": judgement.case,
        "collection": judgement.collection,
        "verdict": judgement.verdict.value,
        "message": judgement.message,
        "curl": judgement.curl,
        "promise": judgement.promise,
        "family": judgement.family,
        "severity": judgement.severity.name.lower(),
        "seconds": round(judgement.seconds, 3),
        "first_broken": judgement.first_broken,
        "broken_runs": judgement.broken_runs,
        "known": judgement.known,
        "file": judgement.file,
        "line": judgement.line,
    }
    if judgement.evidence:
        found["requests"] = list(judgement.evidence.requests)
        found["beside"] = list(judgement.evidence.beside)
        found["kind"] = str(judgement.kind)
        found |= {kind: list(getattr(judgement.evidence, kind)) for kind in IDS}
    return found


def run_from_json(data: dict[str, Any]) -> Run:
    """The run that `to_json` wrote down. Raises KeyError or ValueError where a needed key or word is missing."""
    return Run(
        contract=data["contract"],
        title=data["title"],
        source=data["source"],
        started=data["started"],
        seconds=data["seconds"],
        judgements=tuple(map(_judgement_from, data["rules"])),
        counts=tuple(_count_from(row) for row in data["collections"]),
        requests=tuple(_made(RequestSeen, row) for row in data["requests"]),
        planned=data["planned"],
        origin=data["origin"],
        diagnosis=tuple(map(_cause_from, data["diagnosis"])),
        strips=tuple(map(_strip_from, data["strips"])),
        not_promised=tuple((row["rule"], row["reason"]) for row in data["not_promised"]),
        notes=tuple(data["notes"]),
        incidents=tuple(_made(Incident, row) for row in data["incidents"]),
        past=tuple(map(past_from, data["past"])),
        unplayed=tuple(data.get("unplayed", ())),
        words=_made(Words, data.get("words", {})),
        invocation=_made(Invocation, data.get("invocation", {})),
        state=State(data.get("state", State.FINISHED)),
    )


def past_from(row: dict[str, Any]) -> Past:
    """An earlier run from the keys that the history and `verdict.json` share."""
    return Past(
        started=str(row["started"]),
        source=str(row["source"]),
        verdict=Verdict(row["verdict"]),
        totals=tuple((str(name), None if total is None else amount(total)) for name, total in row["totals"].items()),
        broken=amount(row["broken"]),
        not_judged=amount(row["not_judged"]),
    )


def _judgement_from(row: dict[str, Any]) -> Judgement:
    evidence = None
    if "requests" in row:
        ids: dict[str, Any] = {kind: tuple(row[kind]) for kind in IDS}
        reported = Evidence(row["message"], row["curl"], tuple(row["requests"]))
        evidence = replace(reported, beside=tuple(row.get("beside", ())), kind=row.get("kind", ""), **ids)
    return Judgement(
        rule=row["id"],
        case=row["case"],
        collection=row["collection"],
        verdict=Verdict(row["verdict"]),
        promise=row["promise"],
        family=row["family"],
        severity=Severity[row["severity"].upper()],
        evidence=evidence,
        why="" if evidence else row["message"],
        seconds=row["seconds"],
        first_broken=row["first_broken"],
        broken_runs=row["broken_runs"],
        known=row.get("known", ""),
        file=row.get("file", ""),
        line=row.get("line", 0),
    )


def _count_from(row: dict[str, Any]) -> Count:
    return _made(Count, {**row, "verdict": Verdict(row["verdict"])})


def _cause_from(row: dict[str, Any]) -> Cause:
    return _made(Cause, {**row, "steps": [_made(Step, step) for step in row.get("steps", ())]})


def _strip_from(row: dict[str, Any]) -> Strip:
    segments = tuple(_made(Segment, segment) for segment in row["segments"])
    return Strip(row["collection"], segments, row["expected"], row["lowest"])


def _made(kind: type[T], row: dict[str, Any]) -> T:
    """An instance of a dataclass from those keys of a row that it has; lists become tuples."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: tuple(v) if isinstance(v, list) else v for name, v in row.items() if name in known})
