"""Allure: what the written results say, and that a test keeps its history from run to run."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import golden_parts
import golden_runs
import pytest
from hidden import hidden_characters

from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.run import Invocation
from catalog_contract.model.verdict import Evidence, Verdict
from catalog_contract.report import allure as reporter
from catalog_contract.report import csv as ids_csv
from catalog_contract.report.allure_results import CASE, case_label, complete
from catalog_contract.report.findings import causes_in_words
from catalog_contract.util.files import ReportError
from catalog_contract.util.text import line

CONFTEST = """
import pytest
import golden_parts
import golden_runs
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.report import allure as reporter
from catalog_contract.model.incident import Incident
from catalog_contract.model.verdict import Severity

INCIDENTS = {
    "held": [Incident("one", "2025", "One", "Reported at https://incidents.example/1 in full", ("a_page_is_full",))],
    "broken": [
        Incident("cut", "2025-10-18", "Cut to 101", "Offset 100 gave one model.", ("a_page_is_full",)),
        Incident("storm", "2025-10-17", "Storm", "Every page was the same.", ("a_page_is_full",)),
    ],
}


def pytest_runtest_setup(item):
    reporter.identify(item.callspec.id)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    reporter.label(
        title="Gatewayz model catalogue", family="pages", rule="a_page_is_full", promise="Every page is full.",
        severity=Severity.BLOCKER, case=item.callspec.id, reported=item.function.__doc__,
        collection="huggingface", incidents=INCIDENTS.get(item.callspec.id, ()),
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call" and report.failed:
        run = golden_runs.hostile() if item.callspec.id == "hostile" else golden_runs.storm()
        evidence = next(j.evidence for j in run.judgements if j.evidence and j.evidence.repeated)
        asked = Request(golden_parts.target(100), headers=(("accept-encoding", "identity"),))
        url, headers = golden_parts.BASE + asked.target, {"content-type": "text/html"}
        exchange = Exchange(asked, url, 200, headers, b"<html>" * 900)
        reporter.attach(evidence, [exchange], run.strips[0])
    return report
"""
TESTS = """
import pytest
from catalog_contract.model.verdict import NotJudged


NAMES = ("held", "broken", "unseen", "defect", "hostile")


@pytest.mark.parametrize("what", NAMES)
def test_a_page_is_full(what):
    '''Every page is full.

    Why: a client stops at a short page.
    '''
    assert what not in ("broken", "hostile"), "the page holds 1 model"
    if what == "unseen":
        raise NotJudged("connection refused")
    if what == "defect":
        raise KeyError("offset")
"""


def results(folder: Path, *options: str) -> dict[str, dict]:
    """The results of a real pytest process with these hooks, by case."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_pages.py").write_text(TESTS)
    found = folder / f"results{len(list(folder.iterdir()))}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--alluredir={found}", *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run(
        [*command, "--rootdir", folder, folder], cwd=folder, env=environment, capture_output=True, timeout=60
    )
    rows = [json.loads(path.read_text("utf-8")) for path in found.glob("*-result.json")]
    return {row["parameters"][-1]["value"].strip("'"): {**row, "folder": found} for row in rows}


@pytest.fixture(scope="module")
def serial(tmp_path_factory) -> dict[str, dict]:
    return results(tmp_path_factory.mktemp("serial"))


def labels(row: dict) -> dict[str, str]:
    return {label["name"]: label["value"] for label in row["labels"]}


def tags(row: dict) -> set[str]:
    return {label["value"] for label in row["labels"] if label["name"] == "tag"}


def attachments(row: dict) -> dict[str, str]:
    return {a["name"]: (row["folder"] / a["source"]).read_text("utf-8") for a in row.get("attachments", ())}


def test_a_result_says_what_it_is(serial):
    row = serial["broken"]
    assert row["name"] == "Every page is full. [broken]"
    printed = labels(row)
    assert (printed["epic"], printed["feature"], printed["story"]) == (
        "Gatewayz model catalogue",
        "pages",
        "huggingface",
    )
    assert printed["severity"] == "blocker"
    assert tags(row) == {"incident cut", "incident storm"}
    assert "Why: a client stops at a short page." in row["description"]
    assert "Seen before: Cut to 101 (2025-10-18). Offset 100 gave one model." in row["description"]
    assert "Seen before: Storm (2025-10-17). Every page was the same." in row["description"]
    assert serial["held"]["links"][0] == {
        "type": "link", "url": "https://incidents.example/1", "name": "incident one",
    }  # fmt: skip


def test_broken_is_failed_and_the_rest_is_broken(serial):
    statuses = {case: row["status"] for case, row in serial.items()}
    assert statuses == {
        "held": "passed", "broken": "failed", "hostile": "failed", "unseen": "broken", "defect": "broken",
    }  # fmt: skip


def test_each_result_falls_into_one_category(serial):
    def category(row):
        message = row.get("statusDetails", {}).get("message", "")
        return [
            one["name"]
            for one in reporter.CATEGORIES
            if row["status"] in one["matchedStatuses"] and re.fullmatch(one.get("messageRegex", "(?s).*"), message)
        ]

    assert {case: category(row) for case, row in serial.items()} == {
        "held": [],
        "broken": ["Broken promise"],
        "hostile": ["Broken promise"],
        "unseen": ["Not judged"],
        "defect": ["Suite defect"],
    }


def test_the_history_is_the_same_serially_with_workers_and_the_next_run(serial, tmp_path_factory):
    def histories(rows):
        return {case: row["historyId"] for case, row in rows.items()}

    first = histories(serial)
    assert len(set(first.values())) == 5
    next_run = results(tmp_path_factory.mktemp("workers"), "-n", "2")
    assert histories(next_run) == first


def test_the_attachments_of_a_finding(serial):
    found = attachments(serial["broken"])
    assert found["ask again"] == golden_parts.curl(100)
    rows = list(csv.reader(io.StringIO(found["lost, unexpected, repeated"])))
    assert rows[0] == ["kind", "id"]
    assert rows[1:] == [["repeated", id_] for id_ in golden_parts.ids(0, 100)]
    assert ElementTree.fromstring(found["the list, page by page"]).tag.endswith("svg")
    excerpt = found[golden_parts.target(100)]
    assert excerpt.startswith(f"GET {golden_parts.BASE}")
    assert "status 200" in excerpt
    assert "(5,400 bytes in all)" in excerpt
    assert len(excerpt) < 3_000
    assert "attachments" not in serial["held"]


def test_hostile_attachments_are_harmless_and_bounded(serial):
    for text in attachments(serial["hostile"]).values():
        assert not hidden_characters(text, allowed="\n")
        assert len(text) < 20_000


def test_an_exchange_without_an_answer_has_an_excerpt_too():
    asked = Exchange(Request("/v1/models"), "http://127.0.0.1/v1/models", failure="connection refused\x1b[0m")
    text = reporter.excerpt(asked)
    assert text == "GET http://127.0.0.1/v1/models\n\nno answer: connection refused\\x1b[0m"


def test_a_formula_is_no_formula_in_a_spreadsheet():
    text = ids_csv.of_evidence(Evidence("x", lost=("=1+1", "@cf/meta", "a,b", 'c"d', "e\nf")))
    assert [row[1] for row in csv.reader(io.StringIO(text))][1:] == ["'=1+1", "'@cf/meta", "a,b", 'c"d', "e\\nf"]
    assert ids_csv.of_evidence(Evidence("x")) == ""


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_the_extras_outside_of_ci(name, tmp_path):
    written = reporter.write_extras(tmp_path / "allure", golden_runs.ALL[name](), {})
    assert {path.name for path in written} == {"environment.properties", "categories.json"}
    text = (tmp_path / "allure" / "environment.properties").read_bytes().decode("ascii")
    assert re.fullmatch(r"(\w+=[\x20-\x7e]+\n)+", text)
    categories = json.loads((tmp_path / "allure" / "categories.json").read_text())
    cause = line(causes_in_words(golden_runs.ALL[name]()))
    assert [one["name"] for one in categories] == [cause or "Broken promise", "Not judged", "Suite defect"]
    assert [one["matchedStatuses"] for one in categories] == [["failed"], ["broken"], ["broken"]]


def test_the_environment_says_where_the_answers_came_from(tmp_path):
    reporter.write_extras(tmp_path, golden_runs.cut(), {})
    lines = (tmp_path / "environment.properties").read_text().splitlines()
    assert "Source=https://api.gatewayz.ai" in lines
    assert "Verdict=BROKEN" in lines
    assert "Contract=gatewayz" in lines


def result(folder, judgement, **more):
    """A result as Allure writes it for a case."""
    name = f"{uuid.uuid4()}-result.json"
    labels = [
        {"name": "tool", "value": "catalog-contract"},
        {"name": CASE, "value": case_label(judgement.rule, judgement.case)},
    ]
    (folder / name).write_text(
        json.dumps({"uuid": name[:36], "labels": labels, "attachments": [{"name": "x"}], **more})
    )
    return folder / name


def test_the_results_learn_the_cause_the_promise_and_the_page_at_the_end(tmp_path):
    run = replace(golden_runs.cut(), invocation=Invocation(again="catalog-contract check gatewayz"))
    red = next(judgement for judgement in run.judgements if judgement.verdict is Verdict.BROKEN)
    green = next(judgement for judgement in run.judgements[1:] if judgement.verdict is Verdict.HOLDS)
    paths = [result(tmp_path, one, statusDetails={"message": "AssertionError: x"}) for one in (red, green)]
    strange = tmp_path / f"{uuid.uuid4()}-result.json"
    strange.write_text('{"labels": []}')
    page = tmp_path / "verdict.html"
    page.write_text("<h1>Broken</h1>")
    complete(tmp_path, run, page)
    reported, held = (json.loads(path.read_text()) for path in paths)
    assert reported["statusDetails"]["message"] == red.promise
    trace = reported["statusDetails"]["trace"].splitlines()
    assert trace[0] == red.message.splitlines()[0] and causes_in_words(run) in trace
    assert f"$ {red.curl}" in trace and any(line.startswith("$ catalog-contract check gatewayz -k") for line in trace)
    assert {"name": "cause", "value": causes_in_words(run), "excluded": True} in reported["parameters"]
    assert held["statusDetails"]["message"] == "AssertionError: x" and "parameters" not in held
    assert held["attachments"] == [{"name": "x"}]
    assert (tmp_path / reported["attachments"][0]["source"]).read_text() == "<h1>Broken</h1>"
    assert strange.read_text() == '{"labels": []}'


def test_a_run_of_which_all_holds_has_the_page_once(tmp_path):
    run = golden_runs.healthy()
    paths = [result(tmp_path, one) for one in run.judgements]
    page = tmp_path / "verdict.html"
    page.write_text("<h1>Holds</h1>")
    written = complete(tmp_path, run, page)
    assert written == paths[:1] and len(paths) > 1
    source = json.loads(paths[0].read_text())["attachments"][0]["source"]
    assert (tmp_path / source).read_text() == "<h1>Holds</h1>"


def test_what_was_not_judged_keeps_its_category_and_a_defect_its_words(tmp_path):
    run = golden_runs.not_judged()
    unseen = next(judgement for judgement in run.judgements if judgement.verdict is Verdict.NOT_JUDGED)
    defect = replace(unseen, rule="another", why="defect of the suite: KeyError: 1", evidence=None)
    run = replace(run, judgements=(unseen, defect))
    paths = [result(tmp_path, one, statusDetails={"message": "m"}) for one in run.judgements]
    complete(tmp_path, run, tmp_path / "none.html")
    messages = [json.loads(path.read_text())["statusDetails"]["message"] for path in paths]
    assert re.fullmatch(reporter.CATEGORIES[1]["messageRegex"], messages[0])
    assert messages[1] == "m"


def test_the_executor_in_ci(tmp_path):
    environment = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "team/suite",
        "GITHUB_RUN_ID": "77",
        "GITHUB_RUN_NUMBER": "12",
        "GITHUB_WORKFLOW": "nightly",
    }
    reporter.write_extras(tmp_path, golden_runs.cut(), environment)
    executor = json.loads((tmp_path / "executor.json").read_text())
    assert executor["buildUrl"] == "https://github.com/team/suite/actions/runs/77"
    assert (executor["buildName"], executor["buildOrder"], executor["type"]) == ("nightly #12", 12, "github")


def test_extras_that_cannot_be_written_are_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"^cannot write "):
        reporter.write_extras(tmp_path / "file", golden_runs.cut(), {})
