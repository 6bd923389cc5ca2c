"""From run to run: the ids of the last good run, what is lost since, and when they are written."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from runs import errors, run, small

from catalog_contract.catalog.service import Service
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract, Snapshot
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.cases import cases_of
from catalog_contract.rules.judge import judge
from catalog_contract.rules.rule import Rule
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.rules.selection import why_not
from catalog_contract.run import baseline
from catalog_contract.run.baseline import BaselineError, keep, read
from catalog_contract.util.files import ReportError
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.server import serve

NAME = "no_item_of_the_baseline_is_missing"
DAY = "2026-11-22T02:00:00+00:00"
BEFORE = "2026-10-18T02:00:00+00:00"
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
LIVE = "live http://127.0.0.1:1"
NINETY_NINE = tuple(f"a/{number}" for number in range(99))


def the_rule() -> Rule:
    """The rule that judges by the baseline."""
    return next(rule for rule in rulebook() if rule.name == NAME)


def listed(contract: Contract) -> tuple[str, ...]:
    """What the healthy reference gateway lists of the first collection."""
    service = Service(contract, MemorySource(reference_gateway()))
    return tuple(id for id in service.catalogs[0].bulk().ids if id)


def judged(contract: Contract, ids: tuple[str, ...], most: int = 0) -> Judgement:
    """What the rule says of the healthy gateway when the run before listed these, and an earlier one that many."""
    contract = replace(contract, baseline={contract.collections[0].name: Snapshot(DAY, ids, most, BEFORE)})
    (case,) = cases_of(the_rule(), contract)
    return judge(the_rule(), case, Service(contract, MemorySource(reference_gateway())))


@pytest.mark.parametrize(("gone", "expected"), [(0, Verdict.HOLDS), (1, Verdict.HOLDS), (2, Verdict.BROKEN)])
def test_a_loss_beyond_the_allowed_share_is_broken(gone: int, expected: Verdict, tmp_path: Path) -> None:
    """2 % of 97 and some is one; the message names what is gone."""
    contract = load_contract(str(small(tmp_path)))
    withdrawn = tuple(f"gone/model-{number}" for number in range(gone))
    judgement = judged(contract, (*listed(contract), *withdrawn))
    assert judgement.verdict is expected, judgement.message
    if expected is Verdict.BROKEN:
        assert judgement.evidence is not None
        assert judgement.evidence.lost == withdrawn
        assert f"2 of 99 items that together listed on {DAY} are gone, 1 may be: gone/model-0" in judgement.message
        assert "\nwithdrawn on purpose? remove the baseline file" in judgement.message


def test_a_single_model_is_gone(tmp_path: Path) -> None:
    """Of a contract that allows no loss: one is, and not are."""
    contract = load_contract(str(small(tmp_path)))
    strict = replace(contract, collections=(replace(contract.collections[0], lost_share=0.0),))
    judgement = judged(strict, (*listed(contract), "gone/a"))
    assert f"1 of 98 items that together listed on {DAY} is gone, 0 may be: gone/a" in judgement.message


@pytest.mark.parametrize(("most", "expected"), [(97, Verdict.HOLDS), (103, Verdict.HOLDS), (104, Verdict.BROKEN)])
def test_small_losses_do_not_add_up(most: int, expected: Verdict, tmp_path: Path) -> None:
    """Nothing is lost since the run before, but 5 % of the most that there ever were."""
    contract = load_contract(str(small(tmp_path)))
    judgement = judged(contract, listed(contract), most)
    assert judgement.verdict is expected, judgement.message
    if expected is Verdict.BROKEN:
        message = f"over several runs, 104 items that together listed on {BEFORE} have become 97, expected 98 or more"
        assert judgement.message.startswith(message), judgement.message


def test_a_renamed_model_is_gone_under_its_old_name(tmp_path: Path) -> None:
    """Clients ask by id: it counts as lost, and the message says what it looks like."""
    contract = load_contract(str(small(tmp_path)))
    owned = [id for id in listed(contract) if id.upper() != id][:3]
    before = tuple(id.upper() if id in owned else id for id in listed(contract))
    judgement = judged(contract, before)
    assert judgement.verdict is Verdict.BROKEN
    assert "(3 of them only renamed, it seems)" in judgement.message


def test_without_a_baseline_there_is_no_case_and_the_report_says_why(tmp_path: Path) -> None:
    """It is not promised, rather than silently held."""
    contract = load_contract(str(small(tmp_path)))
    assert cases_of(the_rule(), contract) == []
    assert why_not(the_rule(), contract, live=True).startswith("no baseline given")


def good_run(contract: Contract, verdict: Verdict = Verdict.HOLDS, known: str = "") -> tuple[Run, tuple[PageSeen, ...]]:
    """A run of one judgement, and the bulk read that it saw."""
    judgement = Judgement("a_rule", "a-case", "together", verdict, known=known)
    run = Run(contract.name, contract.title, LIVE, DAY, 1.0, (judgement,))
    pages = [
        PageSeen("together", f"/v1/models?offset={n}", n, 2, 200, ids, bulk=True)
        for n, ids in ((0, ("a/1", None)), (2, ("a/2",)))
    ]
    again = PageSeen("together", "/v1/models?offset=0", 0, 2, 200, ("a/9",), bulk=True, reading=2)
    return run, (*pages, again)


def test_a_good_run_is_written_and_read_again(tmp_path: Path) -> None:
    """The ids of the first bulk read, in order."""
    contract, path = load_contract(str(small(tmp_path))), tmp_path / "deep" / "base.json"
    run, pages = good_run(contract)
    assert read(path, contract) == {}
    assert keep(path, contract, run, pages, whole=True) == f"baseline {path} written: 2 ids in 1 collection"
    assert read(path, contract, LIVE) == {"together": Snapshot(DAY, ("a/1", "a/2"), 2, DAY)}
    assert [file.name for file in path.parent.iterdir()] == ["base.json"]


@pytest.mark.parametrize(
    ("verdict", "known", "whole", "words"),
    [
        (Verdict.BROKEN, "", True, "a promise is broken"),
        (Verdict.BROKEN, "accepted", True, "a promise is broken"),
        (Verdict.NOT_JUDGED, "", True, "not every promise could be judged"),
        (Verdict.HOLDS, "", False, "only a part of the rulebook was asked"),
    ],
)
def test_any_other_run_leaves_the_baseline_as_it_was(
    verdict: Verdict, known: str, whole: bool, words: str, tmp_path: Path
) -> None:
    """And says why; a breakage that is known does not make a good run either."""
    contract, path = load_contract(str(small(tmp_path))), tmp_path / "base.json"
    run, pages = good_run(contract, verdict, known)
    assert keep(path, contract, run, pages, whole=whole) == f"baseline {path} is not written: {words}"
    path.write_text("as it was", encoding="utf-8")
    assert keep(path, contract, run, pages, whole=whole) == f"baseline {path} stays as it was: {words}"
    assert path.read_text(encoding="utf-8") == "as it was"


GOOD: dict[str, Any] = {"contract": "small", "started": DAY, "collections": {"together": ["a/1"]}}
"""As it was written before the source and the highest totals were kept."""


def test_an_old_baseline_is_read(tmp_path: Path) -> None:
    """It goes for any source; the highest total is its own. A mark of the byte order does no harm."""
    contract, path = load_contract(str(small(tmp_path))), tmp_path / "base.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    (snapshot,) = read(path, contract, LIVE, NOW).values()
    assert (snapshot, snapshot.highest) == (Snapshot(DAY, ("a/1",)), (1, DAY))


def test_the_baseline_of_another_deployment_is_compared_and_left_as_it_was(tmp_path: Path) -> None:
    """That of production, while a preview is judged: the difference is stated, and a good run does not replace it."""
    contract, path = load_contract(str(small(tmp_path))), tmp_path / "base.json"
    there = {**GOOD, "source": "live http://there\x1b[2J"}
    path.write_text(json.dumps(there), encoding="utf-8")
    snapshots = read(path, contract, LIVE, NOW)
    assert snapshots["together"].ids == ("a/1",)
    assert "\x1b" not in snapshots["together"].source
    run, pages = good_run(replace(contract, baseline=snapshots))
    beside = replace(contract, baseline=snapshots)
    assert next(baseline.gaps(beside, pages)).startswith(
        "the baseline is of another source: it is that of live http://"
    )
    assert "stays as it was: it is that of live http://there" in keep(path, beside, run, pages, whole=True)
    assert json.loads(path.read_text()) == there
    assert read(path, contract, "")["together"].source == ""


def test_an_id_counts_once(tmp_path: Path) -> None:
    """Or repeated ones would raise the loss that is allowed."""
    contract, path = load_contract(str(small(tmp_path))), tmp_path / "base.json"
    path.write_text(json.dumps({**GOOD, "collections": {"together": ["a/1", "a/2"] * 50}}), encoding="utf-8")
    assert read(path, contract)["together"].ids == ("a/1", "a/2")
    pages = [PageSeen("together", "/v1/models", 0, 4, 200, ("a/1", "a/2", "a/1", "a/2"), bulk=True)]
    keep(path, contract, good_run(contract)[0], pages, whole=True)
    assert json.loads(path.read_text())["collections"] == {"together": ["a/1", "a/2"]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not whole JSON"),
        (json.dumps(GOOD)[:-9], "is not whole JSON"),
        ("\udcff", "is not whole JSON"),
        ("[" * 100_000, "is not whole JSON"),
        ("[]", "holds no lists of ids"),
        (json.dumps({**GOOD, "collections": {}}), "holds no lists of ids"),
        (json.dumps({**GOOD, "collections": {"together": [1]}}), "holds no lists of ids"),
        (json.dumps({**GOOD, "collections": {"together": None}}), "holds no lists of ids"),
        (json.dumps({**GOOD, "collections": ["together"]}), "holds no lists of ids"),
        (json.dumps({**GOOD, "collections": {"together": "a/1"}}), "holds no lists of ids"),
        (json.dumps({**GOOD, "collections": {"together": {"a/1": 1}}}), "holds no lists of ids"),
        (json.dumps({"contract": "small"}), "holds no lists of ids"),
        (json.dumps({**GOOD, "started": 7}), "its date '7' is not a time; remove it, and the next good run"),
        (json.dumps({**GOOD, "started": "2099-01-01"}), "its date 2099-01-01 is yet to come; remove it, and"),
        (json.dumps({**GOOD, "most": {"together": [9, "yesterday"]}}), "its date 'yesterday' is not a time"),
        (json.dumps({**GOOD, "most": {"together": ["9", DAY]}}), "holds highest totals that are none"),
        (json.dumps({**GOOD, "most": {"together": [10**400, DAY]}}), "holds highest totals that are none"),
        (json.dumps({**GOOD, "most": {"together": 9}}), "holds highest totals that are none"),
        (json.dumps({**GOOD, "most": [9]}), "holds highest totals that are none"),
        (json.dumps({**GOOD, "contract": "other"}), "is that of the contract other, not of small"),
        (json.dumps({**GOOD, "contract": "a\nb"}), "is that of the contract a.*b, not of small"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_one_line(content: str, words: str, tmp_path: Path) -> None:
    """With the file, what is wrong, and what to do; it is left as it is."""
    contract, path = load_contract(str(small(tmp_path))), tmp_path / "base.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(BaselineError, match=words) as refused:
        read(path, contract, LIVE, NOW)
    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)
    assert path.read_bytes() == content.encode("utf-8", "surrogateescape")


def test_a_folder_is_no_baseline(tmp_path: Path) -> None:
    """It cannot be read."""
    with pytest.raises(BaselineError, match="cannot be read"):
        read(tmp_path, load_contract(str(small(tmp_path))))


def test_the_notes_count_what_changed(tmp_path: Path) -> None:
    """A line for each collection that changed; one for all when none did; nothing of what was not read."""
    contract = load_contract(str(small(tmp_path)))
    _, pages = good_run(contract)
    snapshot = replace(contract, baseline={"together": Snapshot(DAY, ("a/1", "a/0")), "groq": Snapshot(DAY, ("g/1",))})
    assert list(baseline.notes(snapshot, pages)) == [f"together: since the last good run ({DAY}) 1 lost, 1 new"]
    same = replace(contract, baseline={"together": Snapshot(DAY, ("a/1", "a/2"))})
    assert list(baseline.notes(same, pages)) == [f"since the last good run ({DAY}) no item is lost and none is new"]
    unread = tuple(replace(page, failure="timed out", ids=()) for page in pages)
    assert list(baseline.notes(same, unread)) == []
    assert list(baseline.notes(contract, pages)) == []


def test_what_the_baseline_does_not_cover_is_named(tmp_path: Path) -> None:
    """And nothing is stated of it beside that."""
    contract = load_contract(str(small(tmp_path)))
    _, pages = good_run(contract)
    pages = (*pages, PageSeen("groq", "/v1/models?gateway=groq", 0, 2, 200, ("g/1",), bulk=True))
    part = replace(contract, baseline={"together": Snapshot(DAY, ("a/1", "a/2"))})
    message = "the baseline does not cover 1 of 2 collections (groq): no loss since an earlier run can be seen there"
    assert list(baseline.gaps(part, pages)) == [message]
    same = f"since the last good run ({DAY}) no item is lost and none is new in 1 collection"
    assert list(baseline.notes(part, pages)) == [same]
    none = replace(contract, baseline={"nobody": Snapshot(DAY, ("a/1",))})
    assert "does not cover 2 of 2 collections (together, groq)" in "".join(baseline.gaps(none, pages))
    assert list(baseline.notes(none, pages)) == []
    assert why_not(the_rule(), none, live=True) == "the baseline covers no collection of this contract"
    assert list(baseline.gaps(contract, pages)) == []


@pytest.mark.parametrize(("most", "stated"), [(2, False), (101, False), (102, True), (105, True), (106, False)])
def test_a_slow_loss_is_said_before_it_breaks_the_promise(most: int, stated: bool, tmp_path: Path) -> None:
    """From where it is more than one run may lose; what is broken is reported as such."""
    contract = load_contract(str(small(tmp_path)))
    pages = [PageSeen("together", "/v1/models", 0, 200, 200, NINETY_NINE, bulk=True)]
    snapshot = replace(contract, baseline={"together": Snapshot(DAY, NINETY_NINE, most, BEFORE)})
    low = contract.collections[0].lowest_after(most)
    message = f"together has shrunk: {most} items on 2026-10-18, 99 now; fewer than {low} is a broken promise"
    assert list(baseline.gaps(snapshot, pages)) == ([message] if stated else [])


def test_a_run_writes_the_baseline_and_the_next_is_judged_by_it(tmp_path: Path) -> None:
    """End to end: created by a good run, stated aloud; then a model is missed."""
    path = tmp_path / "base.json"
    with serve(reference_gateway()) as (base_url, _):
        live = ("--contract", str(small(tmp_path)), "--base-url", base_url, "--rate", "1000", "--baseline", str(path))
        first, before, printed = run(tmp_path / "first", *live)
        data = json.loads(path.read_text())
        data["collections"]["together"] += ["gone/a", "gone/b"]
        del data["collections"]["groq"]
        path.write_text(json.dumps(data), encoding="utf-8")
        second, after, _ = run(tmp_path / "second", *live, "-n", "2")
    assert (first, second) == (0, 1)
    assert f"baseline {path} written" in printed
    assert NAME in {row["rule"] for row in before["not_promised"]}
    assert any("does not exist yet" in note for note in before["notes"])
    broken = [rule for rule in after["rules"] if rule["verdict"] == "BROKEN"]
    assert [(rule["id"], rule["case"], rule["lost"]) for rule in broken] == [(NAME, "together", ["gone/a", "gone/b"])]
    assert any("2 lost, 0 new" in note for note in after["notes"])
    assert after["notes"][0].startswith("the baseline does not cover 1 of 2 collections (groq)")
    assert json.loads(path.read_text()) == data
    with serve(reference_gateway()) as (elsewhere, _):
        status, other, printed = run(tmp_path / "elsewhere", *live, "--base-url", elsewhere)
    assert status == 1
    reported = f"the baseline is of another source: it is that of live {base_url}; compared all the same"
    assert any(note.startswith(reported) for note in other["notes"])
    assert any("2 lost, 0 new" in note for note in other["notes"])
    assert json.loads(path.read_text()) == data
    path.write_text("{", encoding="utf-8")
    status, _, printed = run(tmp_path / "third", *live)
    assert status == 4
    assert len(errors(printed)) == 1


def test_a_baseline_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    """As a report error, in one line."""
    contract = load_contract(str(small(tmp_path)))
    run, pages = good_run(contract)
    (tmp_path / "a-file").touch()
    with pytest.raises(ReportError, match=r"^cannot write .*base\.json: [^\n]*$"):
        keep(tmp_path / "a-file" / "base.json", contract, run, pages, whole=True)
