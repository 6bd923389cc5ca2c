"""A run as JUnit XML: a suite for each family, broken as failure, not judged as error, known as skipped."""

# mypy: disable-error-code="no-untyped-call"

from collections.abc import Iterable

from junitparser import Error, Failure, Skipped
from junitparser.xunit2 import JUnitXml, TestCase, TestSuite

from catalog_contract.model.incident import Incident, shown_by
from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.report.findings import families
from catalog_contract.util.text import block, first_few, line

KINDS = ("lost", "unexpected", "repeated")


def render(run: Run) -> bytes:
    """The whole file, in UTF-8."""
    suites = JUnitXml(line(run.title))
    for family in families(run):
        suite = TestSuite(line(family.name))
        suite.timestamp = line(run.started, 40)
        for name, value in (("contract", run.contract), ("source", run.source)):
            suite.add_property(name, line(value))
        judgements = (judgement for promise in family.promises for judgement in promise.judgements)
        suite.add_testcases([_case(judgement, shown_by(judgement.rule, run.incidents)) for judgement in judgements])
        suites.append(suite)
    suites.update_statistics()
    return b"<?xml version='1.0' encoding='utf-8'?>\n" + bytes(suites.tostring()) + b"\n"


def _case(judgement: Judgement, incidents: Iterable[Incident]) -> TestCase:
    rule, case = line(judgement.rule), line(judgement.case)
    found = TestCase(f"{rule}[{case}]" if case else rule, line(judgement.family), judgement.seconds)
    for name, value in _properties(judgement, incidents).items():
        found.add_property(name, line(value))
    if judgement.known:
        found.append(Skipped(line(f"known: {judgement.known}"), judgement.verdict.value))
    elif judgement.verdict is not Verdict.HOLDS:
        kind = Failure if judgement.verdict is Verdict.BROKEN else Error
        first = block(judgement.message).partition("\n")[0]
        result = kind(line(first) or "no reason given", judgement.verdict.value)
        result.text = _told(judgement)
        found.append(result)
    return found


def _properties(judgement: Judgement, incidents: Iterable[Incident]) -> dict[str, str]:
    return {
        "rule": judgement.rule,
        "case": judgement.case,
        "collection": judgement.collection,
        "severity": judgement.severity.name.lower(),
        "incidents": ", ".join(incident.key for incident in incidents),
    }


def _told(judgement: Judgement) -> str:
    lines = [line(judgement.promise), block(judgement.message)]
    for kind in KINDS if judgement.evidence else ():
        ids = getattr(judgement.evidence, kind)
        lines += [f"{kind}: {len(ids)} ({first_few(ids)})"] if ids else []
    return "\n".join(part for part in [*lines, line(judgement.curl, 4_000)] if part)
