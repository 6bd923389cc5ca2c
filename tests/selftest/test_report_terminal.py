"""The terminal report: readable at 80 columns, the cause on the first screen, the verdict in the last line."""

import re
from dataclasses import replace

import golden_parts
import golden_runs
import pytest
from hidden import hidden_characters

from catalog_contract.model.run import Invocation
from catalog_contract.model.verdict import Verdict
from catalog_contract.report import terminal
from catalog_contract.util.text import DASH, columns

SCREEN = 24


@pytest.mark.parametrize("unicode", [True, False], ids=["utf-8", "ascii"])
@pytest.mark.parametrize("name", golden_runs.ALL)
def test_every_line_fits_80_columns_but_for_the_url_of_a_curl_line(name, unicode):
    for line in terminal.render(golden_runs.ALL[name](), unicode=unicode).splitlines():
        assert columns(line) <= 80 or "https://" in line, line


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_nothing_in_the_text_acts_on_the_terminal(name):
    assert not hidden_characters(terminal.render(golden_runs.ALL[name]()), allowed="\n")


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_without_utf_8_every_character_is_ascii(name):
    assert terminal.render(golden_runs.ALL[name](), unicode=False).isascii()


@pytest.mark.parametrize("name", ["cut", "storm", "not_judged"])
def test_the_first_screen_names_every_cause(name):
    run = golden_runs.ALL[name]()
    first_screen = "\n".join(terminal.render(run).splitlines()[:SCREEN])
    for cause in run.diagnosis:
        assert cause.name in first_screen


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_the_last_line_is_the_verdict(name):
    run = golden_runs.ALL[name]()
    assert terminal.render(run).splitlines()[-1].startswith(f"{run.verdict}: ")


def test_colour_changes_nothing_but_colour():
    for make in golden_runs.ALL.values():
        coloured = terminal.render(make(), paint=terminal.coloured)
        assert re.sub(r"\x1b\[\d+m", "", coloured) == terminal.render(make())
    assert "\x1b[31m" in terminal.render(golden_runs.cut(), paint=terminal.coloured)
    assert "\x1b[31m" not in terminal.render(golden_runs.healthy(), paint=terminal.coloured)


def test_the_strip_of_the_cut():
    assert terminal.catalogue(golden_runs.cut())[1:] == [
        "  huggingface: 15 pages, 1,350 expected",
        "          0 ██ ▄▄ ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ··|··",
        "  ██ full  ▄▄ short  ·· empty  | expected end",
    ]


def test_the_strip_of_the_storm_is_bounded():
    lines = terminal.catalogue(golden_runs.storm(), unicode=False)
    assert len(lines) == 7
    assert lines[2].startswith("          0 ## == ==")
    assert lines[-2].strip() == "and 440 more pages, all repeated"


def test_each_row_of_the_table_and_the_grand_total_are_there():
    lines = terminal.collections(golden_runs.cut())
    assert lines[1] == "huggingface                101     101       0     1,350  BROKEN"
    assert lines[2].startswith("featherless ")
    assert lines[-1] == "all gateways together    3,831   3,831       0     5,080  BROKEN"
    assert len(lines) == 1 + len(golden_parts.TOTALS) + 2


def test_the_trend_has_the_last_runs_and_the_gateways_that_changed():
    assert terminal.trend(golden_runs.cut()) == [
        "the last 7 runs            10-07   10-08   10-09   10-10   10-11   10-12   11-01",
        f"all together               1,711   1,712   1,714       {DASH}     461     462   3,831",
        f"huggingface                1,352   1,352   1,353       {DASH}     101     101     101",
        "openrouter                   340     341     342     340     341     342     340",
    ]
    assert terminal.trend(golden_runs.healthy()) == []


def test_the_trend_of_many_gateways_is_bounded_and_begins_with_what_is_broken():
    run = golden_runs.many_gateways(40)
    totals = [(row.collection, row.total + (1 if row.verdict is Verdict.BROKEN else 1_000)) for row in run.counts]
    snapshot = replace(run.past[-1], totals=tuple(totals))
    lines = terminal.trend(replace(run, past=(snapshot,)))
    assert [line.split()[0] for line in lines] == ["the", "all", "gateway-39", "gateway-38", "gateway-37", "and"]
    assert lines[-1] == "and 37 more changed: see verdict.html"


def test_the_trend_counts_no_model_twice_and_guesses_none():
    run = golden_runs.cut()
    rows = (replace(run.counts[0], collection="all", merges=True), *run.counts[:2])
    snapshots = [(("all", 90), ("huggingface", 50), ("featherless", 40)), (("all", 50), ("huggingface", None))]
    run = replace(run, counts=rows, past=tuple(replace(run.past[0], totals=totals) for totals in snapshots))
    assert [line.split()[2:] for line in terminal.trend(run) if line.startswith("all together")] == [
        ["90", DASH, "2,887"]
    ]


def test_a_single_gateway_is_a_single_line():
    run = golden_runs.cut()
    lines = terminal.trend(replace(run, counts=run.counts[:1]))
    assert [line.split()[0] for line in lines] == ["the", "huggingface"]


def test_a_note_that_many_gateways_share_is_said_once():
    run = golden_runs.not_found()
    rows = tuple(replace(row, note="answered 404") for row in run.counts)
    lines = terminal.collections(replace(run, counts=rows))
    assert "\n".join(lines).count("answered 404") == 1
    assert " ".join(" ".join(lines[-2:]).split()).endswith("chutes and 8 more")


def test_a_finding_has_witness_curl_further_cases_and_age():
    text = "\n".join(terminal.findings(golden_runs.cut()))
    assert "the page at offset 100 holds 1 model, expected 100" in text
    assert "and 4 more cases: offset=200, offset=400, offset=500, offset=1000" in text
    assert "broken for 3 runs, since 2026-10-11\n    seen before: Cut to 101 (2025-10-18)\n" in text
    assert text.count("the bulk read holds 101 models") == 1
    assert "the same witness as the_bulk_read_holds_the_expected_number" in text


def test_a_command_is_one_line_whatever_the_width():
    run = replace(golden_runs.cut(), invocation=Invocation(again="catalog-contract check gatewayz"))
    lines = terminal.findings(run, width=60)
    assert f"    $ {golden_parts.curl(100)}" in lines
    assert '    $ catalog-contract check gatewayz -k "a_page_before_the_end_is_full[huggingface-offset=100]"' in lines


def test_what_was_not_judged_is_told_by_reason():
    lines = terminal.not_judged(golden_runs.mixed())
    assert lines[0] == "Not judged: 2 cases"
    assert any("answered 503 after 3 tries" in line for line in lines)


def test_three_hundred_findings_are_all_shown():
    text = terminal.render(golden_runs.many(300))
    assert len(re.findall(r"^    promise_number_\d+ ", text, re.MULTILINE)) == 300


def test_the_parts_that_have_nothing_to_say_are_silent():
    run = golden_runs.nothing()
    assert (
        terminal.findings(run) == terminal.collections(run) == terminal.catalogue(run) == terminal.diagnosis(run) == []
    )
    assert run.verdict is Verdict.NOT_JUDGED
    assert len(terminal.render(run).splitlines()) == 6
