"""One test for every sink: whatever a service sends, what shows it neither acts nor is acted on."""

import csv
import io
import json
import re
import runpy
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import golden_runs
import pytest
from hidden import hidden_characters
from hostile_texts import TEXTS
from markdown_it import MarkdownIt

from catalog_contract.model.run import Run
from catalog_contract.report import allure, junit, markdown, terminal
from catalog_contract.report import csv as csv_report
from catalog_contract.util.paths import PROJECT
from catalog_contract.util.text import inert
from fixtures.wire import Asked, Reply, wire
from fixtures.wire.service import answer
from fixtures.wire.suite import run_suite

COMMAND = re.compile(r"^(?:[^\S\n]|\x1b\[[0-9;]*m)*::|##\[", re.MULTILINE)
"""What the runner of GitHub takes for a command: `::` where a line begins, after blanks; `##[` anywhere."""


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


@pytest.fixture(params=TEXTS)
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    return run_with(TEXTS[request.param], monkeypatch)


@pytest.mark.parametrize("width", [20, 80])
def test_the_terminal(run: Run, width: int) -> None:
    text = terminal.render(run, width=width)
    assert hidden_characters(text, allowed="\n") == set()
    assert COMMAND.findall(text) == []
    assert COMMAND.findall(terminal.render(run, terminal.coloured, width=width)) == []


def test_the_summary(run: Run) -> None:
    text = markdown.render(run)
    assert hidden_characters(text, allowed="\n") == set()
    assert len(text.splitlines()) < 60
    html = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(text)
    ours = re.sub(r'<pre><code class="language-sh">[^<]*</code></pre>', "", html)
    assert not re.search(r"<(script|img|a |pre|blockquote|h1)", ours)
    assert html.count("<table>") == 1
    seen = re.sub(r"<code>.*?</code>", "", ours, flags=re.DOTALL)
    linked = r"@\w|#\d|://|www\.|\bGH-\d|mailto:[a-z]|xmpp:[a-z]|\b[0-9a-f]{7,}\b|CVE-\d"
    assert re.findall(linked, seen, re.IGNORECASE) == []


def test_junit(run: Run) -> None:
    data = junit.render(run)
    ET.fromstring(data)
    assert hidden_characters(data.decode(), allowed="\n") == set()


def test_the_lists_of_ids(run: Run) -> None:
    rows = list(csv.reader(io.StringIO(csv_report.of_run(run))))
    assert {len(row) for row in rows} == {5}
    for cell in (cell for row in rows for cell in row):
        assert not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell), cell
        assert hidden_characters(cell) == set()


def test_the_properties_of_allure(run: Run) -> None:
    lines = allure._properties(run).splitlines()
    assert [line.partition("=")[0] for line in lines if "=" in line] == [
        "Contract", "Source", "Origin", "Started", "Verdict", "Cause", "Requests",
    ]  # fmt: skip
    assert all(line.isascii() and line.isprintable() for line in lines)


def test_the_mark_of_the_issue(run: Run) -> None:
    script = runpy.run_path(str(PROJECT / ".github" / "scripts" / "tell_issue.py"))
    summary = markdown.render(run)
    body = f"{script['shortened'](summary)}\n\n<!-- broken: one_rule two_rules -->\n"
    found = script["MARK"].search(body.replace("\n", "\r\n"))
    assert found and found[1].split() == ["one_rule", "two_rules"]
    assert script["MARK"].search(summary) is None


@pytest.mark.parametrize("name", TEXTS)
def test_a_printed_text_holds_no_command(name: str) -> None:
    shown = inert(TEXTS[name])
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
