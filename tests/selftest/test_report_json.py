"""verdict.json: the keys promised, the schema, nothing lost."""

import json
from pathlib import Path

import golden_parts
import golden_runs
import jsonschema
import pytest

from catalog_contract.report.json import run_from_json, to_json
from catalog_contract.report.write import remember, write_reports
from catalog_contract.util.files import ReportError

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "fixtures" / "schemas" / "verdict.json").read_text("utf-8"))
FILES = {"verdict.json", "verdict.html", "junit.xml", "summary.md"}


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_every_key_that_is_written_is_documented(name):
    written = to_json(golden_runs.ALL[name]())
    assert written["version"] == SCHEMA["properties"]["version"]["const"] and SCHEMA["$id"].endswith(":1")
    assert set(written) - set(SCHEMA["properties"]) == set()
    rules = {key for rule in written["rules"] for key in rule}
    assert rules - set(SCHEMA["$defs"]["rule"]["properties"]) == set()
    assert set(written["invocation"]) == set(SCHEMA["properties"]["invocation"]["properties"])


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_every_run_matches_the_schema(name):
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    run = golden_runs.ALL[name]()
    jsonschema.Draft202012Validator(SCHEMA, format_checker=checker).validate(to_json(run))


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_a_run_comes_back_from_its_file_as_it_was(name, tmp_path):
    run = golden_runs.ALL[name]()
    write_reports(run, tmp_path)
    assert run_from_json(json.loads((tmp_path / "verdict.json").read_text("utf-8"))) == run


def test_the_keys_of_the_issue_are_there():
    found = to_json(golden_runs.cut())
    promised = ["verdict", "rules", "collections", "requests", "source", "contract", "started", "seconds", "diagnosis"]
    assert set(promised) <= set(found)
    rule = next(rule for rule in found["rules"] if rule["verdict"] == "BROKEN")
    assert rule["id"] == "a_page_before_the_end_is_full"
    assert rule["case"] == "huggingface-offset=100"
    assert rule["message"] == "the page at offset 100 holds 1 model, expected 100"
    assert rule["curl"] == golden_parts.curl(100)
    assert rule["severity"] == "blocker"
    assert found["diagnosis"][0]["name"] == "stops at a short page"
    assert found["collections"][0]["duplicates"] == 0


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_every_file_is_written_and_no_scrap_is_left(name, tmp_path):
    directory = tmp_path / "deep" / "reports"
    run = golden_runs.ALL[name]()
    written = write_reports(run, directory)
    assert {path.name for path in written} == {path.name for path in directory.iterdir()}
    has_ids = any(j.evidence and (j.evidence.lost or j.evidence.repeated) for j in run.judgements)
    assert {path.name for path in written} == FILES | ({"ids.csv"} if has_ids else set())


def test_a_list_of_ids_does_not_outlive_its_run(tmp_path):
    write_reports(golden_runs.cut(), tmp_path)
    assert (tmp_path / "ids.csv").exists()
    write_reports(golden_runs.healthy(), tmp_path)
    assert not (tmp_path / "ids.csv").exists()


def test_a_directory_that_cannot_be_written_is_one_line(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(ReportError) as raised:
        write_reports(golden_runs.healthy(), blocked)
    assert str(raised.value).startswith("cannot write ")
    assert str(blocked) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert blocked.read_text() == "in the way"


def test_a_file_is_whole_even_where_the_old_one_was_longer(tmp_path):
    write_reports(golden_runs.many(), tmp_path)
    write_reports(golden_runs.nothing(), tmp_path)
    assert run_from_json(json.loads((tmp_path / "verdict.json").read_text("utf-8"))) == golden_runs.nothing()


def test_the_history_is_written_after_the_reports(tmp_path):
    history = tmp_path / "history.jsonl"
    for _ in range(2):
        run = remember(golden_runs.storm(), history)
        assert write_reports(run, tmp_path / "reports", history)[-1] == history
    rules = json.loads((tmp_path / "reports" / "verdict.json").read_text("utf-8"))["rules"]
    assert {rule["broken_runs"] for rule in rules if rule["verdict"] == "BROKEN"} == {2}
    assert {rule["broken_runs"] for rule in rules if rule["verdict"] != "BROKEN"} == {0}
