"""The history: whole lines, corrupt ones stated, trend, and since when a promise is broken."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import golden_runs
import pytest

from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Verdict
from catalog_contract.report import history, markdown, terminal
from catalog_contract.report.html import render as page
from catalog_contract.report.write import remember
from catalog_contract.util.files import ReportError

RULE, CASE = "a_page_before_the_end_is_full", "huggingface-offset=100"


def snapshot(run: Run, day: int) -> Run:
    return replace(run, started=f"2026-10-{day:02}T02:00:00+00:00", source="live", past=())


def long_ago(run: Run) -> Run:
    """Whatever the clock of the machine says."""
    return replace(run, started="2025-10-18T02:00:00+00:00")


def written(path, *runs: Run) -> history.History:
    for day, run in enumerate(runs, 1):
        history.append(path, snapshot(run, day))
    return history.read(path)


def age(run: Run, rule: str = RULE, case: str = CASE) -> tuple[str, int]:
    found = next(j for j in run.judgements if (j.rule, j.case) == (rule, case))
    return found.first_broken[:10], found.broken_runs


def fresh(run: Run) -> Run:
    return replace(run, judgements=tuple(replace(j, first_broken="", broken_runs=0) for j in run.judgements), past=())


def test_a_run_is_one_line_and_is_read_back(tmp_path):
    path = tmp_path / "deep" / "history.jsonl"
    found = written(path, golden_runs.healthy(), golden_runs.cut())
    assert len(path.read_text().splitlines()) == 2
    assert [entry.past.verdict for entry in found.entries] == [Verdict.HOLDS, Verdict.BROKEN]
    assert dict(found.entries[1].past.totals)["huggingface"] == 101
    assert found.entries[1].past.broken == 8
    assert found.complaints == ()


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_every_run_can_be_remembered(name, tmp_path):
    run = golden_runs.ALL[name]()
    found = written(tmp_path / "h", run)
    assert found.complaints == ()
    assert found.entries[0].past.verdict is run.verdict


def test_a_missing_history_is_empty(tmp_path):
    assert history.read(tmp_path / "none") == history.History()


def test_a_history_that_cannot_be_read_or_written_is_one_line(tmp_path):
    with pytest.raises(ReportError, match=r"^history .* is not a file: name one$"):
        history.read(tmp_path)
    with pytest.raises(ReportError, match=r"^cannot write .*: .*$"):
        history.append(tmp_path, golden_runs.healthy())


@pytest.mark.parametrize(
    ("corrupt", "why"),
    [
        (b'{"contract": "gate', "not whole JSON: Unterminated string starting at at character 14"),
        (b"null", "it holds a value of a wrong kind"),
        (b"[]", "it holds a value of a wrong kind"),
        (b"{}", "it has no cases"),
        (b'"\xff"', "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b"NaN", "it holds a value of a wrong kind"),
    ],
    ids=["cut", "null", "list", "keys", "bytes", "deep", "nan"],
)
def test_a_corrupt_line_is_refused_before_a_run_and_said_after_one(corrupt, why, tmp_path):
    path = tmp_path / "history.jsonl"
    history.append(path, long_ago(golden_runs.healthy()))
    path.write_bytes(path.read_bytes() + corrupt + b"\n")
    history.append(path, long_ago(golden_runs.cut()))
    found = history.read(path)
    assert [entry.past.verdict for entry in found.entries] == [Verdict.HOLDS, Verdict.BROKEN]
    assert found.complaints == (f"{path}: line 2 is not a run ({why})",)
    assert f"history {found.complaints[0]}, passed over" in history.remembered(golden_runs.healthy(), found).notes
    before = path.read_bytes()
    with pytest.raises(ReportError) as caught:
        history.check(path)
    assert str(caught.value) == f"history {found.complaints[0]}; restore the file, or take the line out"
    assert path.read_bytes() == before


@pytest.mark.parametrize("field", ["totals", "verdict", "cases", "broken", "started"])
def test_a_line_of_wrong_types_is_passed_over(field, tmp_path):
    path = tmp_path / "history.jsonl"
    history.append(path, golden_runs.healthy())
    row = json.loads(path.read_text())
    for wrong in ([1], "MAYBE", {"x": "y"}, None):
        path.write_text(json.dumps({**row, field: wrong}) + "\n")
        assert len(history.read(path).complaints) == 1


@pytest.mark.parametrize("field", ["totals", "broken", "not_judged"])
@pytest.mark.parametrize("amount", ["1" + "0" * 400, "1000000000000", "-1", "1.5", "1e400", "NaN", "true", '"7"'])
def test_a_number_that_cannot_be_one_of_models_is_damage(field, amount, tmp_path):
    path = tmp_path / "history.jsonl"
    history.append(path, golden_runs.healthy())
    row = json.loads(path.read_text())
    wrong = {"huggingface": "HERE"} if field == "totals" else "HERE"
    path.write_text(json.dumps({**row, field: wrong}).replace('"HERE"', amount) + "\n")
    assert history.read(path).complaints == (f"{path}: line 1 is not a run (it holds a value of a wrong kind)",)
    with pytest.raises(
        ReportError, match=r"line 1 is not a run \(it holds a value of a wrong kind\); restore the file"
    ):
        history.check(path)


@pytest.mark.parametrize(
    ("started", "why"),
    [
        ("never", "its date 'never' is not a time"),
        ("", "its date '' is not a time"),
        ("9999-01-01T02:00:00+00:00", "its date 9999-01-01T02:00:00+00:00 is yet to come"),
    ],
)
def test_a_line_of_no_day_is_refused_before_a_run_and_said_after_one(started, why, tmp_path):
    path = tmp_path / "history.jsonl"
    history.append(path, replace(golden_runs.cut(), started=started))
    run = remember(fresh(golden_runs.cut()), path)
    assert (run.past, run.notes[-1]) == ((), f"history {path}: line 1 is not a run ({why}), passed over")
    with pytest.raises(ReportError, match="line 1 is not a run") as caught:
        history.check(path)
    assert str(caught.value) == f"history {path}: line 1 is not a run ({why}); restore the file, or take the line out"


def test_a_clock_may_be_a_little_ahead(tmp_path):
    path = tmp_path / "history.jsonl"
    soon = datetime.now(UTC) + timedelta(hours=20)
    history.append(path, replace(golden_runs.cut(), started=soon.isoformat()))
    history.check(path)


def test_a_line_that_was_cut_off_does_not_swallow_the_next(tmp_path):
    path = tmp_path / "history.jsonl"
    written(path, golden_runs.healthy(), golden_runs.healthy())
    path.write_bytes(path.read_bytes()[:-40])
    history.append(path, golden_runs.cut())
    found = history.read(path)
    assert [entry.past.verdict for entry in found.entries] == [Verdict.HOLDS, Verdict.BROKEN]
    assert len(found.complaints) == 1


def test_first_broken_and_broken_for_n_runs(tmp_path):
    good, bad = golden_runs.healthy(), golden_runs.cut()
    found = written(tmp_path / "h", bad, good, bad, bad)
    assert age(history.remembered(snapshot(fresh(bad), 5), found)) == ("2026-10-03", 3)


def test_a_new_breakage_begins_today(tmp_path):
    found = written(tmp_path / "h", golden_runs.healthy())
    assert age(history.remembered(snapshot(fresh(golden_runs.cut()), 2), found)) == ("2026-10-02", 1)


def test_a_night_that_could_not_judge_neither_ends_nor_prolongs_a_breakage(tmp_path):
    bad = golden_runs.cut()
    found = written(tmp_path / "h", golden_runs.healthy(), bad, golden_runs.not_judged(), golden_runs.nothing())
    assert age(history.remembered(snapshot(fresh(bad), 5), found)) == ("2026-10-02", 2)


def test_a_promise_that_holds_has_no_age(tmp_path):
    found = written(tmp_path / "h", golden_runs.cut())
    healed = history.remembered(golden_runs.healthy(), found)
    assert {(j.first_broken, j.broken_runs) for j in healed.judgements} == {("", 0)}


def test_only_runs_of_the_same_contract_count(tmp_path):
    other = replace(golden_runs.cut(), contract="another")
    found = written(tmp_path / "h", other, golden_runs.healthy())
    run = history.remembered(snapshot(fresh(golden_runs.cut()), 3), found)
    assert age(run) == ("2026-10-03", 1)
    assert [past.verdict for past in run.past] == [Verdict.HOLDS]


def test_only_runs_of_the_same_source_count_and_the_others_are_reported(tmp_path):
    path = tmp_path / "h"
    for source in ("live http://staging", "live http://staging", "cassette old"):
        history.append(path, replace(snapshot(golden_runs.cut(), 1), source=source))
    history.append(path, snapshot(golden_runs.healthy(), 2))
    run = remember(snapshot(fresh(golden_runs.cut()), 3), path)
    assert age(run) == ("2026-10-03", 1)
    assert [past.source for past in run.past] == ["live"]
    left = "3 runs of other sources are left out (live http://staging, cassette old)"
    assert run.notes[-1] == f"the history is that of live alone: {left}"
    assert remember(snapshot(golden_runs.cut(), 3), tmp_path / "none").notes == golden_runs.cut().notes


def test_every_report_says_since_when_the_oldest_case_is_broken(tmp_path):
    bad = golden_runs.cut()
    first, *others = (j for j in bad.judgements if j.verdict is Verdict.BROKEN and j.rule == RULE)
    healed = [replace(j, verdict=Verdict.HOLDS) if j == first else j for j in bad.judgements]
    found = written(tmp_path / "h", bad, golden_runs.healthy(), replace(bad, judgements=tuple(healed)), bad)
    run = history.remembered(snapshot(fresh(bad), 5), found)
    assert age(run, case=first.case) == ("2026-10-04", 2)
    assert age(run, case=others[0].case) == ("2026-10-03", 3)
    words = f"roken for 3 runs, since 2026-10-03 ({others[0].case.removeprefix('huggingface-')})"
    assert words in " ".join(terminal.render(run).split())
    assert words in markdown.render(run)
    assert f"Broken for 3 runs, since 3 October 2026, 02:00 UTC ({others[0].case})." in page(run)


def test_the_witness_alone_needs_no_name(tmp_path):
    found = written(tmp_path / "h", golden_runs.cut())
    run = history.remembered(snapshot(fresh(golden_runs.cut()), 2), found)
    assert "broken for 2 runs, since 2026-10-01\n" in terminal.render(run)
    assert "Broken for 2 runs, since 2026-10-01." in markdown.render(run)
    assert "roken for" not in markdown.render(fresh(golden_runs.cut()))


def test_the_trend_is_bounded_and_the_newest_stays(tmp_path):
    path = tmp_path / "h"
    for _ in range(3):
        written(path, *[golden_runs.nothing()] * 20)
    run = history.remembered(snapshot(golden_runs.healthy(), 21), history.read(path))
    assert len(run.past) == history.SHOWN
    assert run.past[-1].started.startswith("2026-10-20")


def test_several_processes_append_side_by_side(tmp_path):
    path = tmp_path / "history.jsonl"
    code = (
        "import sys; from pathlib import Path; sys.path[:0] = sys.argv[2:]; import golden_runs\n"
        "from catalog_contract.report import history\n"
        "for _ in range(20): history.append(Path(sys.argv[1]), golden_runs.many(50))"
    )
    command = [sys.executable, "-c", code, str(path), *sys.path]
    workers = [subprocess.Popen(command) for _ in range(2)]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    found = history.read(path)
    assert (len(found.entries), found.complaints) == (40, ())
