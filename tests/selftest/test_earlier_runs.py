"""Two runs and many runs: what is lost, new and renamed, what may be lost, and when a run was."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from runs import small

from catalog_contract.catalog.compare import changes
from catalog_contract.catalog.service import Service
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Collection, Contract
from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.cases import cases_of
from catalog_contract.rules.judge import judge
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.run.baseline import keep, read
from catalog_contract.util.fields import DateError, when
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.pipeline import Answer

RULE = next(rule for rule in rulebook() if rule.name == "no_item_of_the_baseline_is_missing")
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "now", "lost", "new", "renamed"),
    [
        (("a/x", "b/y"), ("a/x", "b/y"), (), (), ()),
        (("a/x", "b/y"), ("a/x", "c/z"), ("b/y",), ("c/z",), ()),
        (("a/X",), ("a/x",), ("a/X",), ("a/x",), (("a/X", "a/x"),)),
        (("old/x",), ("new/X",), ("old/x",), ("new/X",), (("old/x", "new/X"),)),
        (("a/x", "b/x"), ("c/x",), ("a/x", "b/x"), ("c/x",), ()),
        (("a/x",), ("b/x", "c/x"), ("a/x",), ("b/x", "c/x"), ()),
        (("x",), ("y",), ("x",), ("y",), ()),
        (("a/X", "b/x"), ("a/x", "c/x"), ("a/X", "b/x"), ("a/x", "c/x"), (("a/X", "a/x"), ("b/x", "c/x"))),
    ],
)
def test_what_happened_between_two_runs(
    before: tuple[str, ...],
    now: tuple[str, ...],
    lost: tuple[str, ...],
    new: tuple[str, ...],
    renamed: tuple[tuple[str, str], ...],
) -> None:
    """Lost and new are all; renamed are pairs among them that leave no doubt."""
    found = changes(before, now)
    assert (found.lost, found.new, found.renamed) == (lost, new, renamed)


def test_changes_are_told_in_words() -> None:
    """With the first few names."""
    found = changes([f"a/{n}" for n in range(5)], [f"b/{n}" for n in range(5)])
    assert str(found) == (
        "5 lost, 5 new; 5 of them only renamed, it seems: a/0 is now b/0, a/1 is now b/1, a/2 is now b/2 and 2 more"
    )


@pytest.mark.parametrize(
    ("listed", "share", "expected"),
    [
        (0, 0.02, 0),
        (1, 0.02, 0),
        (2, 0.02, 1),
        (99, 0.02, 1),
        (100, 0.02, 2),
        (1352, 0.02, 27),
        (20, 0.0, 0),
        (1, 1.0, 1),
    ],
)
def test_a_small_collection_may_lose_one(listed: int, share: float, expected: int) -> None:
    """But not its only one, and none where the contract says 0."""
    assert Collection("any", lost_share=share).may_lose(listed) == expected


@pytest.mark.parametrize(
    ("most", "share", "expected"),
    [(1352, 0.02, 1284), (100, 0.02, 95), (60, 0.02, 57), (20, 0.02, 18), (6, 0.02, 4), (20, 0.0, 19), (100, 0.1, 80)],
)
def test_what_many_nights_may_lose_is_more_than_what_one_may(most: int, share: float, expected: int) -> None:
    """The share `below`, and twice the loss of a run in any case."""
    assert Collection("any", lost_share=share).lowest_after(most) == expected


def run_after_run(contract: Contract, path: Path, *lists: Sequence[str]) -> str:
    """The verdicts on runs that list these ids, H or B for each; the good ones write the baseline."""
    verdicts = ""
    for number, ids in enumerate(lists):
        snapshot = replace(contract, baseline=read(path, contract))
        answer = Answer(payload={"data": [{"id": id} for id in ids]})
        service = Service(snapshot, MemorySource(lambda _, answer=answer: answer))
        service.catalogs[0].bulk()
        found = [judge(RULE, case, service) for case in cases_of(RULE, snapshot)]
        started = f"2026-{number // 28 + 1:02}-{number % 28 + 1:02}T02:00:00+00:00"
        run = Run(contract.name, "", "live", started, 1.0, (Judgement("another", "", "", Verdict.HOLDS), *found))
        keep(path, snapshot, run, service.seen(), whole=True)
        verdicts += run.verdict.value[0]
    return verdicts


def models(first: int, last: int) -> list[str]:
    """That many ids."""
    return [f"a/{number}" for number in range(first, last)]


def test_a_list_that_erodes_is_found_out(tmp_path: Path) -> None:
    """13 of 1,350 models a run are no loss of their own; the sixth run of it is, and so is every later one."""
    contract, path = load_contract(str(small(tmp_path))), tmp_path / "base.json"
    lists = [models(13 * snapshot, 1350) for snapshot in range(9)]
    assert run_after_run(contract, path, *lists) == "HHHHHHBBB"
    assert read(path, contract)["together"].highest == (1350, "2026-01-01T02:00:00+00:00")
    path.unlink()
    assert run_after_run(contract, path, lists[-1], lists[-1]) == "HH"


def test_models_that_replace_each_other_raise_no_alarm(tmp_path: Path) -> None:
    """In the end not one of them is of the first run; nor does a list that grows and shrinks within the share."""
    contract, path = load_contract(str(small(tmp_path))), tmp_path / "base.json"
    lists = [models(snapshot, 97 + snapshot) for snapshot in range(120)]
    assert run_after_run(contract, path, *lists) == "H" * 120
    grown = [models(119, 216 + more) for more in (0, 3, 5, 3, 2, 1, 0)]
    assert run_after_run(contract, path, *grown) == "H" * 7
    assert read(path, contract)["together"].highest == (102, "2026-01-03T02:00:00+00:00")


def test_a_small_list_may_lose_one_now_and_then(tmp_path: Path) -> None:
    """Two of twenty in all; a third is a broken promise."""
    contract, path = load_contract(str(small(tmp_path))), tmp_path / "base.json"
    lists = [models(0, total) for total in (20, 19, 19, 18, 17)]
    assert run_after_run(contract, path, *lists) == "HHHHB"


@pytest.mark.parametrize(
    ("started", "now", "words"),
    [
        ("2026-11-22T02:00:00+00:00", NOW, ""),
        ("2026-11-22T23:59:59-14:00", NOW, ""),
        ("2026-11-22", NOW, ""),
        ("1970-01-01T00:00:00Z", NOW, ""),
        ("2099-01-01T00:00:00+00:00", None, ""),
        ("2099-01-01T00:00:00+00:00", NOW, "its date 2099-01-01T00:00:00+00:00 is yet to come"),
        ("9999-12-31T23:59:59-14:00", NOW, "is yet to come"),
        ("never", NOW, "its date 'never' is not a time"),
        ("", NOW, "its date '' is not a time"),
        ("2026-W47-1", NOW, "is not a time"),
        ("2026-11-22_02:00:00", NOW, "is not a time"),
        ("2026-11-31T02:00:00", NOW, "is not a time"),
        ("2026-11-22\n02:00", NOW, "is not a time"),
        (7, NOW, "its date '7' is not a time"),
        (None, NOW, "its date 'None' is not a time"),
    ],
)
def test_a_night_has_a_date(started: object, now: datetime | None, words: str) -> None:
    """A day at least, and none that is yet to come."""
    if not words:
        assert when(started, now).tzinfo
        return
    with pytest.raises(DateError) as refused:
        when(started, now)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
