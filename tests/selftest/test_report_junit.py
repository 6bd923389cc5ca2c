"""JUnit: broken is a failure, not judged an error, and a CI server can read all of it."""

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import golden_parts
import golden_runs
import pytest
from hidden import hidden_characters

from catalog_contract.model.verdict import Verdict
from catalog_contract.report import junit


def cases(run):
    return list(ElementTree.fromstring(junit.render(run)).iter("testcase"))


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_every_judgement_is_a_case_with_its_verdict(name):
    run = golden_runs.ALL[name]()
    found = Counter(next((kind for kind in ("failure", "error") if c.find(kind) is not None), "ok") for c in cases(run))
    verdicts = Counter(judgement.verdict for judgement in run.judgements)
    assert found == Counter({
        "failure": verdicts[Verdict.BROKEN], "error": verdicts[Verdict.NOT_JUDGED], "ok": verdicts[Verdict.HOLDS],
    })  # fmt: skip


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_the_sums_are_right(name):
    run = golden_runs.ALL[name]()
    root = ElementTree.fromstring(junit.render(run))
    sums = {key: sum(int(suite.get(key)) for suite in root) for key in ("tests", "failures", "errors")}
    assert {key: int(root.get(key)) for key in sums} == sums
    assert sums["tests"] == len(run.judgements)
    assert sums["failures"] == len(run.having(Verdict.BROKEN))


def test_a_suite_for_each_family():
    root = ElementTree.fromstring(junit.render(golden_runs.cut()))
    families = dict.fromkeys(judgement.family for judgement in golden_runs.cut().judgements)
    assert [suite.get("name") for suite in root] == list(families)
    assert {suite.get("timestamp") for suite in root} == {golden_runs.cut().started}


def test_a_failure_says_everything_needed():
    (case,) = [c for c in cases(golden_runs.cut()) if c.get("name").endswith("[huggingface-offset=100]")]
    properties = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert properties == {
        "rule": "a_page_before_the_end_is_full",
        "case": "huggingface-offset=100",
        "collection": "huggingface",
        "severity": "blocker",
        "incidents": "cut-to-101",
        "cause": " or ".join(cause.name for cause in golden_runs.CUT_CAUSES),
    }
    failure = case.find("failure")
    assert failure.get("message") == "the page at offset 100 holds 1 model, expected 100"
    assert failure.get("type") == "BROKEN"
    assert golden_parts.curl(100) in failure.text
    assert "Every page that ends before the end" in failure.text


def test_every_case_says_where_its_rule_is_and_stands_on_a_line_of_its_own():
    run = golden_runs.cut()
    placed = replace(run, judgements=tuple(replace(j, file="tests/contract/test_x.py", line=7) for j in run.judgements))
    assert {(case.get("file"), case.get("line")) for case in cases(placed)} == {("tests/contract/test_x.py", "7")}
    lines = junit.render(placed).decode().splitlines()
    assert sum("<testcase" in line for line in lines) == len(run.judgements)
    assert [line for line in lines if line.count("<testcase") + line.count("<property ") > 1] == []
    assert [case.find("failure").text for case in cases(placed) if case.find("failure") is not None] == [
        case.find("failure").text for case in cases(run) if case.find("failure") is not None
    ]


def test_hostile_text_is_well_formed_harmless_and_bounded():
    data = junit.render(golden_runs.hostile())
    assert len(data) < 60_000
    for element in ElementTree.fromstring(data).iter():
        for text in [element.text or "", *element.attrib.values()]:
            assert not hidden_characters(text, allowed="\n")
