"""A run as JUnit XML: a suite for each family, broken as failure, not judged as error, known as skipped."""

# mypy: disable-error-code="no-untyped-call"

from xml.etree import ElementTree

from junitparser import Attr, Error, Failure, IntAttr, Skipped
from junitparser.xunit2 import JUnitXml, TestCase, TestSuite

from catalog_contract.model.incident import shown_by
from catalog_contract.model.run import Run, State
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.report.findings import again, causes_in_words, families
from catalog_contract.util.text import COMMAND, block, first_few, line

MARK = b"<!-- catalog-contract -->"
"""The second line: it tells a file of this suite from other files of that name."""
KINDS = ("lost", "unexpected", "repeated")


class Case(TestCase):
    """A case with the place of its rule, as most CI servers read it."""

    file = Attr()
    line = IntAttr()


def render(run: Run) -> bytes:
    """The whole file, in UTF-8."""
    suites = JUnitXml(line(run.title))
    for family in families(run):
        suite = TestSuite(line(family.name))
        suite.timestamp = line(run.started, 40)
        for name, value in (("contract", run.contract), ("source", run.source)):
            suite.add_property(name, line(value))
        judgements = (judgement for promise in family.promises for judgement in promise.judgements)
        suite.add_testcases([_case(run, judgement) for judgement in judgements])
        suites.append(suite)
    if run.state is State.NOT_FINISHED:
        suites.append(_not_finished(run))
    suites.update_statistics()
    root = ElementTree.fromstring(suites.tostring())
    ElementTree.indent(root, " ")
    declaration, _, elements = bytes(ElementTree.tostring(root, "utf-8", xml_declaration=True)).partition(b"\n")
    return b"\n".join((declaration, MARK, elements, b""))


def _not_finished(run: Run) -> TestSuite:
    """An error in place of the cases: a CI server takes a file without any for success."""
    suite, found = TestSuite("run"), Case("the run finished", "run", run.seconds)
    found.append(Error(line(run.notes[0]), run.state.value))
    suite.add_testcase(found)
    return suite


def _case(run: Run, judgement: Judgement) -> TestCase:
    rule, case = line(judgement.rule), line(judgement.case)
    found = Case(f"{rule}[{case}]" if case else rule, line(judgement.family), judgement.seconds)
    if judgement.file:
        found.file, found.line = line(judgement.file), judgement.line
    for name, value in _properties(run, judgement).items():
        found.add_property(name, line(value))
    if judgement.known:
        found.append(Skipped(line(f"known: {judgement.known}"), judgement.verdict.value))
    elif judgement.verdict is not Verdict.HOLDS:
        kind = Failure if judgement.verdict is Verdict.BROKEN else Error
        first = block(judgement.message).partition("\n")[0]
        result = kind(line(first) or "no reason given", judgement.verdict.value)
        result.text = _reported(judgement, again(run, judgement))
        found.append(result)
    return found


def _properties(run: Run, judgement: Judgement) -> dict[str, str]:
    red = judgement.verdict is Verdict.BROKEN and not judgement.known
    cause = causes_in_words(run).removeprefix("Probably: ") if red else ""
    return {
        "rule": judgement.rule,
        "case": judgement.case,
        "collection": judgement.collection,
        "severity": judgement.severity.name.lower(),
        "incidents": ", ".join(incident.key for incident in shown_by(judgement.rule, run.incidents)),
    } | ({"cause": cause} if cause else {})


def _reported(judgement: Judgement, again: str) -> str:
    lines = [line(judgement.promise), block(judgement.message)]
    for kind in KINDS if judgement.evidence else ():
        ids = getattr(judgement.evidence, kind)
        lines += [f"{kind}: {len(ids)} ({first_few(ids)})"] if ids else []
    commands = (line(command, COMMAND) for command in (*judgement.curls, again))
    return "\n".join(part for part in [*lines, *commands] if part)
