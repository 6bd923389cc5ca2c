"""How a run is put in order before anything is shown."""

from dataclasses import replace

import golden_parts
import golden_runs
import pytest

from catalog_contract.model.run import NO_KNOWN_CAUSE, Cause, Segment, Step, Strip
from catalog_contract.model.verdict import Severity, Verdict
from catalog_contract.report import findings, html, markdown, strips, terminal


def test_findings_stand_by_gateway_and_the_worst_comes_first():
    groups = findings.groups(golden_runs.mixed())
    assert [group.collections for group in groups] == [("huggingface",), ("together",)]
    severities = [finding.severity for finding in groups[0].findings]
    assert severities == sorted(severities)
    assert severities[0] is Severity.BLOCKER


def test_a_promise_is_told_once_with_its_further_cases():
    first = findings.groups(golden_runs.cut())[0].findings[0]
    assert first.witness.case == "huggingface-offset=100"
    assert first.further == ("offset=200", "offset=400", "offset=500", "offset=1000")


def test_only_causes_that_cannot_be_told_apart_are_joined_by_or():
    run = golden_runs.cut()
    assert findings.causes_in_words(run) == "Probably: stops at a short page or upstream ignores offset"
    further = replace(run, diagnosis=(*run.diagnosis, Cause("one more", "m", "e", "s")))
    assert [len(defect) for defect in findings.defects(further)] == [2, 1]
    assert findings.causes_in_words(further).endswith("upstream ignores offset; and 1 more independent defect")


def test_that_no_cause_is_known_is_said_aloud():
    unknown = replace(golden_runs.cut(), diagnosis=(Cause(NO_KNOWN_CAUSE, "None is known.", "offset 0", "ask again"),))
    for text in (terminal.render(unknown), markdown.render(unknown), html.render(unknown)):
        assert "No known cause explains these answers" in text
    assert "Probably" not in terminal.render(unknown)


def test_the_commands_of_a_next_step_stand_on_lines_of_their_own():
    steps = (
        Step("curl -sS 'http://127.0.0.1/a?b=1'", "healthy: 10 items; one cause: none"),
        Step("curl -sS 'http://x/'"),
    )
    run = replace(golden_runs.cut(), diagnosis=(Cause("a cause", "m", "e", "Ask:", (), steps),))
    lines = terminal.render(run).splitlines()
    assert [f"    $ {step.command}" in lines for step in steps] == [True, True]
    assert "`curl -sS 'http://127.0.0.1/a?b=1'`" in markdown.render(run)
    assert html.render(run).count("<code>curl -sS") >= 2


def test_no_witness_is_told_twice():
    reported = [f for group in findings.groups(golden_runs.cut()) for f in group.findings]
    messages = [finding.witness.message for finding in reported if not finding.same_as]
    assert len(messages) == len(set(messages)) == 3
    repeats = {finding.witness.rule: finding.same_as for finding in reported if finding.same_as}
    assert repeats == {"each_gateway_holds_its_expected_number": "the_bulk_read_holds_the_expected_number"}


def test_collections_with_the_same_findings_are_told_together():
    (group,) = findings.groups(golden_runs.not_found())
    assert len(group.collections) == group.cases == len(golden_parts.TOTALS)
    assert group.title == "13 gateways (huggingface, featherless, openrouter and 10 more)"
    assert group.findings[0].further[:2] == ("featherless", "openrouter")
    assert findings.groups(golden_runs.cut())[0].title == "huggingface"


def test_the_line_that_only_names_the_request_is_left_to_the_curl_line():
    (group,) = findings.groups(golden_runs.not_found())
    assert group.findings[0].message == "huggingface answered 404, expected a list of models"


def test_no_finding_is_lost():
    for make in golden_runs.ALL.values():
        run = make()
        assert sum(group.cases for group in findings.groups(run)) == len(run.having(Verdict.BROKEN))
        assert sum(len(found) for _, found in findings.reasons(run)) == len(run.having(Verdict.NOT_JUDGED))
        listed = [j for family in findings.families(run) for promise in family.promises for j in promise.judgements]
        assert sorted(map(repr, listed)) == sorted(map(repr, run.judgements))


def test_one_reason_for_the_same_failure_of_several_requests():
    (reason,) = findings.reasons(golden_runs.not_judged())
    assert reason[0] == "could not connect to api.gatewayz.ai: connection refused"
    assert len(reason[1]) == len(golden_parts.judgements())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("healthy", "All 14 promises hold, in 38 cases"),
        ("cut", "4 of 14 promises broken, in 8 of 38 cases"),
        ("mixed", "4 of 14 promises broken, in 9 of 38 cases; 2 not judged"),
        ("not_judged", "Nothing is seen broken, but 38 of 38 cases could not be judged"),
        ("nothing", "No promise was judged: nothing was seen"),
    ],
)
def test_the_headline(name, expected):
    assert findings.headline(golden_runs.ALL[name]()) == expected


def test_the_table_begins_with_what_is_broken_then_by_total_with_unknown_totals_last():
    rows = findings.table(golden_runs.mixed())
    order = [Verdict.BROKEN, Verdict.NOT_JUDGED, Verdict.HOLDS]
    places = [order.index(row.verdict) for row in rows]
    assert places == sorted(places) and len(set(places)) > 1
    for verdict in order:
        totals = [row.total for row in rows if row.verdict is verdict]
        known = [total for total in totals if total is not None]
        assert totals == sorted(known, reverse=True) + [None] * (len(totals) - len(known))


def test_a_floor_is_said_to_be_one():
    row = golden_runs.healthy().counts[0]
    assert findings.expected(row) == "1,350"
    assert findings.expected(replace(row, expected=2_000, lowest=2_000, highest=None)) == "≥ 2,000"


def test_the_grand_total_leaves_out_a_gateway_that_merges_the_others():
    run = golden_runs.healthy()
    every = replace(run.counts[0], collection="all", total=5_000, unique=5_000, expected=None, merges=True)
    with_merge = replace(run, counts=(*run.counts, every))
    assert findings.grand_total(with_merge) == findings.grand_total(run)
    assert findings.grand_total(run).total == 1352 + sum(total for _, total in golden_parts.TOTALS[1:])


@pytest.mark.parametrize(
    ("pages", "expected", "lowest", "bad"),
    [
        ([("full", 100), ("short", 50), ("empty", 0), ("repeated", 100)], 150, None, [3]),
        ([("full", 100), ("short", 1), ("empty", 0)], 1350, None, [1, 2]),
        ([("full", 100), ("empty", 0), ("full", 100)], 250, 237, [1]),
        ([("full", 100)] * 13 + [("empty", 0)] * 2, 1350, 1282, []),
        ([("full", 100)] * 12 + [("short", 90), ("empty", 0)], 1350, 1282, []),
        ([("full", 100)] * 12 + [("short", 4), ("empty", 0)], 1350, 1282, [12]),
        ([("full", 100), ("empty", 0)], None, None, []),
    ],
    ids=["repeated", "cut", "hole", "1300-tolerated", "1290-tolerated", "1204", "no-oracle"],
)
def test_only_a_page_that_lacks_what_was_due_is_bad(pages, expected, lowest, bad):
    strip = replace(golden_parts.strip(pages, expected), lowest=lowest)
    assert [index for index, cell in enumerate(strips.cells(strip)) if cell.bad] == bad


def test_the_strips_of_a_run_know_the_tolerance_of_the_table():
    (strip,) = strips.drawn(golden_runs.healthy())
    assert strip.lowest == 1282


def test_a_strip_in_words():
    assert strips.words(golden_runs.healthy().strips[0]) == (
        "full 0 to 1,299; short at 1,300 (52 of 100); empty 1,400 to 1,499"
    )
    assert strips.words(Strip("groq", (), 19)) == "no page was read"


def test_a_long_strip_is_merged_without_losing_a_row():
    strip = golden_runs.storm().strips[0]
    merged = strips.merged(strip, 100)
    assert merged.segments == (Segment(0, 100, 100, "full"), Segment(100, 49_900, 49_900, "repeated"))
    assert strips.end(merged) == strips.end(strip) == 50_000
