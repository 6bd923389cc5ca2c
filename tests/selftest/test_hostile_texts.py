"""One test for every sink: whatever a service sends, what shows it neither acts nor is acted on.

The texts that were made by rule (`hostile_kinds.py`) go through every sink in the thorough part.
"""

import csv
import io
import json
import re
import runpy
import unicodedata
import uuid
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import golden_runs
import jsonschema
import pytest
from hidden import hidden_characters
from hostile_kinds import MADE
from hostile_texts import TEXTS
from markdown_it import MarkdownIt
from test_report_page import Parsed

from catalog_contract.model.run import Run
from catalog_contract.report import allure, allure_files, allure_results, ci, html, junit, markdown, terminal
from catalog_contract.report import csv as csv_report
from catalog_contract.report.json import run_from_json
from catalog_contract.report.write import as_text
from catalog_contract.util.paths import PROJECT
from catalog_contract.util.text import inert
from fixtures.wire import Asked, Reply, wire
from fixtures.wire.service import answer
from fixtures.wire.suite import run_suite

COMMAND = re.compile(r"^(?:[^\S\n]|\x1b\[[0-9;]*m)*::|##\w*\[", re.MULTILINE)
"""What a CI service takes for a command: `::` where a line begins, after blanks; `##[` and `##vso[` anywhere."""

SCHEMA = json.loads((PROJECT / "fixtures" / "schemas" / "verdict.json").read_text("utf-8"))


def run_with(text: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run in which a text stands wherever a service can put one."""
    monkeypatch.setattr(golden_runs, "HOSTILE", text)
    run = golden_runs.hostile()
    evidence = run.judgements[0].evidence
    assert evidence
    ids = {"lost": (text,), "unexpected": (text,), "repeated": (text,)}
    own = replace(evidence, message=text, curl=f"curl -sS '{text}'", **ids)
    return replace(
        run,
        judgements=tuple(replace(j, evidence=own if j.evidence else None) for j in run.judgements),
        notes=(text, *run.notes),
        origin=text,
    )


def the_terminal(run: Run) -> None:
    for width in (20, 80):
        text = terminal.render(run, width=width)
        assert hidden_characters(text, allowed="\n") == set()
        assert COMMAND.findall(text) == []
        assert COMMAND.findall(terminal.render(run, terminal.coloured, width=width)) == []


def look(page: str) -> set[tuple[str, frozenset[str]]]:
    """Every tag of a page with the names of its attributes: what a text can only add to where it acts."""
    parsed = Parsed(page)
    assert not parsed.wrong and not parsed.open
    return {(tag, frozenset(attributes)) for tag, attributes in parsed.tags}


HARMLESS = look(html.render(golden_runs.hostile()))
"""The same for every text: whether `golden_runs.HOSTILE` acts is asked in test_report_page.py."""


def the_page(run: Run) -> None:
    text = html.render(run)
    assert hidden_characters(text, allowed="\n") == set()
    assert look(text) == HARMLESS
    for value in (value for name in ("src", "href", "xlink:href") for value in Parsed(text).values(name)):
        assert value.startswith("#") or value == "data:,"


def the_verdict_file(run: Run) -> None:
    text = as_text(run)
    assert hidden_characters(text, allowed="\n") == set()
    verdict = json.loads(text)
    jsonschema.validate(verdict, SCHEMA)
    assert as_text(run_from_json(verdict)) == text


def the_summary(run: Run) -> None:
    text = markdown.render(run)
    assert hidden_characters(text, allowed="\n") == set()
    assert len(text.splitlines()) < 60
    html = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(text)
    ours = re.sub(r'<pre><code class="language-sh">[^<]*</code></pre>', "", html)
    assert not re.search(r"<(script|img|a |pre|blockquote|h1)", ours)
    assert html.count("<table>") == 1
    seen = re.sub(r"<code>.*?</code>", "", ours, flags=re.DOTALL)
    linked = r"@\w|#\d|://|www\.|\bGH-\d|mailto:[a-z]|xmpp:[a-z]|\b[0-9a-f]{7,}\b|CVE-\d|GHSA-\w"
    assert re.findall(linked, seen, re.IGNORECASE) == []


def junit_xml(run: Run) -> None:
    data = junit.render(run)
    ET.fromstring(data)
    assert hidden_characters(data.decode(), allowed="\n") == set()


def the_lists_of_ids(run: Run) -> None:
    rows = list(csv.reader(io.StringIO(csv_report.of_run(run))))
    assert {len(row) for row in rows} == {5}
    for cell in (cell for row in rows for cell in row):
        assert not FORMULA.match(unicodedata.normalize("NFKC", cell)), cell
        assert hidden_characters(cell) == set()


FORMULA = re.compile(r"\s*[=+\-@\u2212\u207b]")


def the_annotations(run: Run) -> None:
    commands = ci.annotations(run)
    assert commands
    for command in commands:
        assert hidden_characters(command) == set()
        kind, _, rest = command.removeprefix("::").partition(" ")
        assert kind == "error" and COMMAND.findall(command) == ["::"]
        given, _, message = rest.partition("::")
        assert {pair.partition("=")[0] for pair in given.split(",")} <= {"file", "line", "title"}
        assert COMMAND.findall(message) == []


def the_properties_of_allure(run: Run) -> None:
    lines = allure._properties(run).splitlines()
    assert [line.partition("=")[0] for line in lines if "=" in line] == [
        "Contract", "Source", "Origin", "Started", "Verdict", "Cause", "Requests",
    ]  # fmt: skip
    assert all(line.isascii() and line.isprintable() for line in lines)


def the_results_of_allure(run: Run) -> None:
    """Every case with the message, the cause and the commands that the end of a run adds."""
    with TemporaryDirectory() as name:
        folder, broken = Path(name), [judgement for judgement in run.judgements if judgement.evidence]
        for nth, judgement in enumerate(broken):
            label = {"name": allure_results.CASE, "value": allure_results.case_label(judgement.rule, judgement.case)}
            labels = [dict(zip(("name", "value"), allure_files.TOOL, strict=True)), label]
            path = folder / f"{uuid.UUID(int=nth)}-result.json"
            path.write_text(json.dumps({"uuid": str(nth), "labels": labels}), encoding="utf-8")
        written = allure_results.complete(folder, run, folder / "none.html")
        assert len(written) == len(broken)
        for text in (path.read_text("utf-8") for path in written):
            details = json.loads(text)["statusDetails"]
            assert hidden_characters(text) == set()
            assert hidden_characters(details["message"]) == hidden_characters(details["trace"], allowed="\n") == set()


def the_issue(run: Run) -> None:
    """Its mark is that of our script, whatever the summary says."""
    summary = markdown.render(run)
    body = f"{TELL['shortened'](summary)}\n\n<!-- broken: one_rule two_rules -->\n"
    found = TELL["MARK"].search(body.replace("\n", "\r\n"))
    assert found and found[1].split() == ["one_rule", "two_rules"]
    assert TELL["MARK"].search(summary) is None


TELL = runpy.run_path(str(PROJECT / ".github" / "scripts" / "tell_issue.py"))

SINKS = (
    the_terminal, the_page, the_verdict_file, the_summary, junit_xml, the_lists_of_ids, the_annotations,
    the_properties_of_allure, the_results_of_allure, the_issue,
)  # fmt: skip


@pytest.mark.parametrize("name", [*TEXTS, *(pytest.param(name, marks=pytest.mark.thorough) for name in MADE)])
def test_a_text_in_every_sink(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = {**MADE, **TEXTS}[name]
    run = run_with(text, monkeypatch)
    for sink in SINKS:
        sink(run)
    shown = inert(text)
    assert COMMAND.findall(shown) == []
    assert inert(shown) == shown


@pytest.mark.parametrize("text", ["tests/a.py::test_b[c]", "a::b", "std::vector", "# [x]", "#[x]", "a: b", ":"])
def test_a_text_that_commands_nothing_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


SHORT = [text[:1_000] for text in TEXTS.values()]
"""As long as the id of an item may be: a longer one is not judged."""


def attacking(asked: Asked) -> Reply:
    """A service whose ids, names and refusals are attacks; ids stand twice, so that they are shown."""
    reply = answer(asked)
    if "limit=1000" not in asked.target and "offset=10" in asked.target:
        return Reply(
            418, {"Content-Type": "application/json"}, json.dumps({"detail": "\n".join(TEXTS.values())}).encode()
        )
    if b'"data"' not in reply.body:
        return reply
    body = json.loads(reply.body)
    body["data"][: 2 * len(TEXTS)] = [{"id": text, "name": text} for text in SHORT for _ in "ab"]
    return replace(reply, body=json.dumps(body).encode())


def test_a_whole_run_prints_no_command(tmp_path: Path) -> None:
    with wire("none", attacking) as base_url:
        ran = run_suite(tmp_path, ["--base-url", base_url, "-vv", "-rA", "--tb=long"])
    assert ran.status == 1, ran.printed
    assert "owned" in ran.printed
    assert [line for line in ran.printed.splitlines() if COMMAND.search(line)] == []
    assert hidden_characters(ran.printed, allowed="\n") == set()
