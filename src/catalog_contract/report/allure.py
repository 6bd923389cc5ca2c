"""What Allure gets, during a test and after the run. The only module that imports allure."""

# mypy: disable-error-code="no-untyped-call"
import json
import re
from collections.abc import Iterable, Mapping
from inspect import cleandoc
from pathlib import Path

import allure
from allure_commons.types import AttachmentType

from catalog_contract.model.exchange import Exchange
from catalog_contract.model.incident import Incident
from catalog_contract.model.run import Run, Strip
from catalog_contract.model.verdict import Evidence, Severity
from catalog_contract.report import ci, csv
from catalog_contract.report.allure_files import TOOL
from catalog_contract.report.allure_results import CASE, case_label
from catalog_contract.report.findings import causes_in_words
from catalog_contract.report.html import strip_svg
from catalog_contract.util.files import write
from catalog_contract.util.text import block, line, number, seconds

BODY = 2_000
"""How many characters of a body an attachment shows."""

CATEGORIES: tuple[dict[str, object], ...] = (
    {"name": "Broken promise", "matchedStatuses": ["failed"]},
    {"name": "Not judged", "matchedStatuses": ["broken"], "messageRegex": r"(?s).*\bNot ?[Jj]udged\b.*"},
    {"name": "Suite defect", "matchedStatuses": ["broken"], "messageRegex": r"(?s)(?!.*\bNot ?[Jj]udged\b).*"},
)
"""An AssertionError is a broken promise, NotJudged says itself what it is, anything else is a fault of the suite."""


def identify(case: str) -> None:
    """Make a test's history depend on its name and its case alone. Call this while the test is set up."""
    if case:
        allure.dynamic.parameter("the case", line(case))


def label(
    *,
    title: str,
    family: str,
    rule: str,
    promise: str,
    severity: Severity,
    case: str = "",
    reported: str = "",
    collection: str = "",
    incidents: Iterable[Incident] = (),
) -> None:
    """Say of the running test what it is. Call this while the test runs: its set-up overwrites the title.

    `title` is the contract's, `reported` the rule's whole docstring, `incidents` are those that the rule shows.
    """
    allure.dynamic.title(line(f"{promise or rule} [{case}]" if case else promise or rule))
    allure.dynamic.epic(line(title))
    allure.dynamic.feature(line(family))
    allure.dynamic.story(line(collection or rule))
    allure.dynamic.severity(severity.name.lower())
    allure.dynamic.label(*TOOL)
    allure.dynamic.label(CASE, case_label(rule, case))
    stories = [story for incident in incidents for story in _story(incident)]
    if stories:
        allure.dynamic.description(block("\n\n".join([cleandoc(reported or promise), *stories])))


def _story(incident: Incident) -> Iterable[str]:
    """Tag the running test with an incident, link the address in its story, if any, and give the story."""
    name = line(f"incident {incident.key}")
    allure.dynamic.tag(name)
    if address := re.search(r"https?://\S+", incident.story):
        allure.dynamic.link(line(address[0]), name=name)
    yield f"Seen before: {incident.label}. {incident.story}"


def attach(evidence: Evidence | None, exchanges: Iterable[Exchange] = (), strip: Strip | None = None) -> None:
    """Attach what shows a finding to the running test: curl lines, excerpts, id lists, the strip."""
    if evidence and evidence.curl:
        allure.attach(line(evidence.curl, 8_000), "ask again", AttachmentType.TEXT)
    for exchange in exchanges:
        allure.attach(excerpt(exchange), line(exchange.request.label, 120), AttachmentType.TEXT)
    if evidence and (listed := csv.of_evidence(evidence)):
        allure.attach(listed, "lost, unexpected, repeated", AttachmentType.CSV)
    if strip and strip.segments:
        allure.attach(strip_svg(strip), "the list, page by page", AttachmentType.SVG)


def excerpt(exchange: Exchange) -> str:
    """A request and the beginning of its answer, bounded and harmless."""
    asked = [f"GET {line(exchange.url)}", *(f"{line(name)}: {line(value)}" for name, value in exchange.request.headers)]
    if exchange.status is None:
        return "\n".join([*asked, "", f"no answer: {line(exchange.failure)}"])
    answered = [f"status {exchange.status}, {seconds(exchange.seconds)}"]
    answered += [f"{line(name)}: {line(value)}" for name, value in exchange.headers.items()]
    body = exchange.content or b""
    shown = block(body[:BODY].decode("utf-8", "replace"), BODY)
    more = [f"({number(len(body))} bytes in all)"] if len(body) > BODY else []
    return "\n".join(
        [*asked, "", *answered, *(f"tried before: {line(why)}" for why in exchange.retries), "", shown, *more]
    )


def write_extras(directory: Path, run: Run, environment: Mapping[str, str] | None = None) -> list[Path]:
    """Write what Allure reads beside the results: environment, categories, and in CI the executor.

    Raises ReportError when the directory cannot be written.
    """
    variables = ci.variables() if environment is None else environment
    files = {"environment.properties": _properties(run), "categories.json": _json(_categories(run))}
    if ci.in_actions(variables):
        files["executor.json"] = _json(_executor(run, variables))
    return [write(directory / name, content) for name, content in files.items()]


def _categories(run: Run) -> tuple[dict[str, object], ...]:
    """How Allure sorts what is red: broken promises under the cause of the run, where one is named."""
    broken, *others = CATEGORIES
    name = line(causes_in_words(run)) if run.diagnosis else broken["name"]
    return ({**broken, "name": name}, *others)


def _properties(run: Run) -> str:
    values = {
        "Contract": run.contract,
        "Source": run.source,
        "Origin": run.origin,
        "Started": run.started,
        "Verdict": run.verdict.value,
        "Cause": causes_in_words(run),
        "Requests": str(len(run.requests)),
        "Version": run.invocation.version,
        "Commit": run.invocation.commit,
        "Command": run.invocation.command,
    }
    return "".join(f"{name}={_property(value)}\n" for name, value in values.items() if value)


def _property(value: str) -> str:
    """A value as Java reads it: ISO 8859-1, everything else escaped."""
    text = line(value).replace("\\", "\\\\")
    return "".join(c if c.isascii() else "".join(f"\\u{unit:04x}" for unit in _units(c)) for c in text)


def _units(character: str) -> Iterable[int]:
    data = character.encode("utf-16-be")
    return (int.from_bytes(data[place : place + 2], "big") for place in range(0, len(data), 2))


def _executor(run: Run, variables: Mapping[str, str]) -> dict[str, object]:
    home = f"{variables.get('GITHUB_SERVER_URL', 'https://github.com')}/{variables.get('GITHUB_REPOSITORY', '')}"
    order = variables.get("GITHUB_RUN_NUMBER", "0")
    return {
        "name": "GitHub Actions",
        "type": "github",
        "url": home,
        "buildOrder": int(order) if order.isdecimal() else 0,
        "buildName": f"{variables.get('GITHUB_WORKFLOW', 'run')} #{order}",
        "buildUrl": f"{home}/actions/runs/{variables.get('GITHUB_RUN_ID', '')}",
        "reportName": line(run.title),
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
