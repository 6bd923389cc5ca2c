"""Known breakages: accepted for a time, shown everywhere, and never for longer than they last."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from runs import errors, run, small

from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Evidence, Judgement, Verdict, overall
from catalog_contract.report import terminal
from catalog_contract.report.html import render as page
from catalog_contract.report.json import run_from_json, to_json
from catalog_contract.report.junit import render as junit
from catalog_contract.report.markdown import render as summary
from catalog_contract.run.accepted import RULE, Known, KnownError, current, marked, read, untried
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve

RULES = ("total_is_right", "limit_is_echoed")
GOOD = {
    "rule": '"total_is_right"',
    "case": '"huggingface"',
    "reason": '"total is one too many"',
    "issue": '"https://example.org/issues/7"',
    "until": "2026-11-30",
}
ENTRY = Known(
    "total_is_right", "huggingface", "total is one too many", "https://example.org/issues/7", date(2026, 11, 30)
)
TODAY = date(2026, 11, 23)
TOLD = "total is one too many (https://example.org/issues/7, until 2026-11-30)"


def written(folder: Path, *changes: dict[str, str | None]) -> Path:
    """A file of known breakages: an entry for each set of changes; None takes a key out."""
    entries = [{**GOOD, **change} for change in changes]
    text = "".join("[[known]]\n" + "".join(f"{k} = {v}\n" for k, v in e.items() if v is not None) for e in entries)
    path = folder / "known.toml"
    path.write_text(text, encoding="utf-8")
    return path


def broken(case: str = "huggingface", verdict: Verdict = Verdict.BROKEN) -> Judgement:
    """A judgement of the rule that the entry speaks of."""
    evidence = Evidence("total says 1353, the walk meets 1352") if verdict is Verdict.BROKEN else None
    return Judgement("total_is_right", case, case, verdict, "The total is right.", "totals", evidence=evidence)


def test_an_entry_is_read(tmp_path: Path) -> None:
    """All of it; an empty file has none."""
    assert read(written(tmp_path, {}), RULES) == (ENTRY,)
    assert read(written(tmp_path), RULES) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"until": None}, "entry 1: has no until"),
        ({"reason": None}, "entry 1: has no reason"),
        ({"reason": '" "'}, "reason must be a line of text"),
        ({"case": "7"}, "case must be a line of text"),
        ({"until": '"soon"'}, "until must be a day, written without quotes"),
        ({"until": "2026-11-30T10:00:00"}, "until must be a day"),
        ({"issue": '"see the tracker"'}, "issue must be the address of an issue"),
        ({"rule": '"total_is_rihgt"'}, "there is no rule 'total_is_rihgt'; did you mean 'total_is_right'?"),
        ({"untill": "2026-11-30"}, "unknown key 'untill'; did you mean 'until'?"),
    ],
)
def test_a_bad_entry_is_one_line(change: dict[str, str | None], words: str, tmp_path: Path) -> None:
    """With the file, the number of the entry and the nearest right word."""
    path = written(tmp_path, change)
    with pytest.raises(KnownError) as refused:
        read(path, RULES)
    assert words in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[[known]\n", "not TOML"),
        (b"\xff", "not TOML"),
        (b"known = 3", "headed [[known]]"),
        (b"known = [3]", "headed [[known]]"),
        (b"[[knwon]]", "headed [[known]]"),
    ],
)
def test_a_bad_file_is_one_line(content: bytes, words: str, tmp_path: Path) -> None:
    """Whatever is in it."""
    path = tmp_path / "known.toml"
    path.write_bytes(content)
    with pytest.raises(KnownError, match=r"known\.toml") as refused:
        read(path, RULES)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_and_an_entry_twice_are_refused(tmp_path: Path) -> None:
    """A file that was asked for must be there."""
    with pytest.raises(KnownError, match="cannot be read"):
        read(tmp_path / "none.toml", RULES)
    with pytest.raises(KnownError, match="stands there twice"):
        read(written(tmp_path, {}, {"reason": '"another"'}), RULES)


def test_a_broken_promise_that_is_listed_is_known() -> None:
    """Until the end of its last day; what holds or was not judged is not a breakage."""
    assert marked(broken(), [ENTRY], TODAY).known == TOLD
    assert marked(broken(), [ENTRY], date(2026, 11, 30)).known == TOLD
    assert marked(broken(), [ENTRY], date(2026, 12, 1)).known == ""
    assert marked(broken("groq"), [ENTRY], TODAY).known == ""
    assert marked(broken(verdict=Verdict.NOT_JUDGED), [ENTRY], TODAY).known == ""
    assert marked(replace(broken(), rule="limit_is_echoed"), [ENTRY], TODAY).known == ""


@pytest.mark.parametrize(
    ("pattern", "case", "expected"),
    [
        ("*", "huggingface-offset=100", True),
        ("huggingface-*", "huggingface-offset=100", True),
        ("*-offset=100", "huggingface-offset=100", True),
        ("huggingface", "huggingface-offset=100", False),
        ("huggingface-offset=1?0", "huggingface-offset=100", False),
        ("huggingface-offset=.*", "huggingface-offset=100", False),
    ],
)
def test_a_star_stands_for_anything(pattern: str, case: str, expected: bool) -> None:
    """And nothing else for anything but itself."""
    assert replace(ENTRY, case=pattern).fits(broken(case)) is expected


@pytest.mark.parametrize(
    ("found", "today", "expected"),
    [
        ([Verdict.BROKEN], TODAY, (Verdict.HOLDS, "")),
        ([Verdict.HOLDS], TODAY, (Verdict.BROKEN, "it no longer occurs")),
        ([Verdict.HOLDS, Verdict.BROKEN], TODAY, (Verdict.HOLDS, "")),
        ([Verdict.HOLDS, Verdict.NOT_JUDGED], TODAY, (Verdict.HOLDS, "")),
        ([Verdict.NOT_JUDGED], TODAY, (Verdict.HOLDS, "")),
        ([Verdict.BROKEN], date(2026, 12, 1), (Verdict.BROKEN, "its date has passed (2026-11-30)")),
        ([], date(2026, 12, 1), (Verdict.BROKEN, "its date has passed (2026-11-30)")),
    ],
)
def test_an_entry_is_judged_itself(found: list[Verdict], today: date, expected: tuple[Verdict, str]) -> None:
    """BROKEN when its date has passed, and when its finding is gone although it was looked for."""
    entry = replace(ENTRY, case="*")
    (judgement,) = current([entry], [broken(f"case-{n}", verdict) for n, verdict in enumerate(found)], today)
    assert (judgement.rule, judgement.case, judgement.verdict) == (RULE, "total_is_right[*]", expected[0])
    assert expected[1] in judgement.message


def test_an_entry_that_nothing_was_asked_of_is_let_be() -> None:
    """A run of other rules says nothing of it."""
    assert current([ENTRY], [replace(broken(), rule="limit_is_echoed")], TODAY) == []


def test_an_entry_that_could_not_be_tried_is_reported() -> None:
    """With the reason; not one that was tried, nor one that a selection left out."""
    why = {"total_is_right": "no baseline given"}
    message = "the known breakage total_is_right[huggingface] was not tried: no baseline given"
    assert list(untried([ENTRY], [], why)) == [message]
    assert list(untried([ENTRY], [broken("groq")], why)) == [message]
    assert list(untried([ENTRY], [broken()], why)) == []
    assert list(untried([ENTRY], [], {})) == []


def test_a_known_loss_without_a_baseline_is_said_aloud(tmp_path: Path) -> None:
    """End to end: the run says that the entry was not tried."""
    path = written(tmp_path, {"rule": '"no_item_of_the_baseline_is_missing"', "until": "2999-01-01"})
    options = ("--cassette", "healthy", "--known", str(path), "-k", "groq")
    _, found, _ = run(tmp_path / "reports", *options)
    name = "no_item_of_the_baseline_is_missing[huggingface]"
    why = "no baseline given: what the last good run listed is not known"
    assert found["notes"][0] == f"the known breakage {name} was not tried: {why}"


def test_a_known_breakage_is_left_out_of_the_verdict() -> None:
    """But something must have been seen."""
    known = replace(broken(), known=TOLD)
    holds = broken("groq", Verdict.HOLDS)
    assert overall([known, holds]) is Verdict.HOLDS
    assert overall([known]) is Verdict.HOLDS
    assert overall([known, broken("groq", Verdict.NOT_JUDGED)]) is Verdict.NOT_JUDGED
    assert overall([known, broken("groq")]) is Verdict.BROKEN
    assert overall([]) is Verdict.NOT_JUDGED


def test_every_report_shows_it() -> None:
    """Terminal, page, summary, JUnit and JSON; none of them among the broken promises."""
    run = Run("small", "Small", "live", "2026-11-23T02:00:00+00:00", 1.0, (replace(broken(), known=TOLD),))
    assert run.having(Verdict.BROKEN) == ()
    assert "Known breakages: 1 case" in terminal.render(run)
    assert TOLD in " ".join(terminal.render(run).split())
    assert "but for 1 known breakage" in terminal.render(run)
    assert TOLD in page(run)
    assert "Broken promises" not in page(run)
    assert "- Known, 1 broken case: total is one too many" in summary(run)
    assert b"<skipped" in junit(run)
    assert b"<failure" not in junit(run)
    reported = to_json(run)
    assert reported["cases"] == {"HOLDS": 0, "BROKEN": 0, "NOT JUDGED": 0, "known": 1}
    assert (reported["rules"][0]["verdict"], reported["rules"][0]["known"]) == ("BROKEN", TOLD)
    assert run_from_json(json.loads(json.dumps(reported))) == run


def test_a_run_with_known_breakages(tmp_path: Path) -> None:
    """End to end: green while they last, with workers too; red when one is healed; one line for a bad file."""
    rules = ("total_equals_the_items_walked", "every_full_read_holds_the_expected_number_of_items")
    path = written(tmp_path, *({"rule": f'"{rule}"', "case": '"together*"', "until": "2999-01-01"} for rule in rules))
    text = path.read_text()
    options = ("--contract", str(small(tmp_path)), "--rate", "1000", "--known", str(path), "-k", "total_equals")
    path.write_text(text.partition('[[known]]\nrule = "the_')[0], encoding="utf-8")
    with serve(reference_gateway("2025", "total-off-by-one")) as (base_url, _):
        alone, found, printed = run(tmp_path / "alone", *options, "--base-url", base_url, "-x")
        workers, same, _ = run(tmp_path / "workers", *options, "--base-url", base_url, "-n", "2")
    with serve(reference_gateway()) as (base_url, _):
        healed, gone, _ = run(tmp_path / "healed", *options, "--base-url", base_url)
    path.write_text("[[known]]", encoding="utf-8")
    bad, _, refused = run(tmp_path / "bad", *options, "--base-url", base_url)
    assert (alone, workers, healed, bad) == (0, 0, 1, 4), printed
    assert [rule["known"] != "" for rule in found["rules"]] == [rule["known"] != "" for rule in same["rules"]]
    assert found["cases"]["known"] == same["cases"]["known"] == 1
    assert found["verdict"] == "HOLDS"
    assert "1 known" in printed
    assert [rule["id"] for rule in gone["rules"] if rule["verdict"] == "BROKEN"] == [RULE]
    assert len(errors(refused)) == 1
