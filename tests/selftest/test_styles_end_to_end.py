"""A list of every style from end to end over HTTP: judged, recorded, replayed, compared with the last run, counted."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog_contract.cli import main
from catalog_contract.contracts.load import contract_names, load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.util.paths import PROJECT
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.pipeline import Gateway
from fixtures.gateway.server import serve
from fixtures.gateway.styled.bases import BASES, CONTRACTS, SIZE, contract_of
from fixtures.gateway.styled.gallery import gateway_of, judgements, rules_with
from fixtures.gateway.styles import SHAPES, in_shape
from fixtures.wire.suite import environment

ALWAYS = ("posted-search",)
"""The list that `make test` tries too; `make prove` tries all."""

FAULTS = {
    "offsets-and-links": "links-read-an-older-list",
    "pages": "pages-rounded-down",
    "posted-connection": "next-skips-a-page",
    "links": "links-lose-the-filter",
    "one-answer": "two-items-have-one-id",
}
"""A fault of each style."""

LIVE_ONLY = {rule.name for rule in rulebook() if rule.live}
COMPARED = {"no_item_of_the_baseline_is_missing"}
"""What is judged by the last good run alone."""


def some_always(names: Any, always: tuple[str, ...]) -> list[Any]:
    return [pytest.param(name, marks=() if name in always else pytest.mark.thorough) for name in names]


@dataclass(frozen=True)
class Checked:
    """A run that has ended: its exit status, its verdict.json, what it printed."""

    status: int
    verdict: dict[str, Any]
    printed: str


class Suite:
    """Runs of one contract; everything that they write is in one folder."""

    def __init__(self, folder: Path, contract: Path) -> None:
        self.folder, self.contract = folder, contract
        self.cassette = folder / "recorded.json.xz"
        self.history, self.baseline = folder / "history.jsonl", folder / "baseline.json"

    def check(self, name: str, *options: str) -> Checked:
        """What a run has come to."""
        kept = ["--report-dir", str(self.folder / name), "--history", str(self.history)]
        command = [sys.executable, "-m", "catalog_contract.cli", "check", str(self.contract), *kept, *options]
        done = subprocess.run(
            command, cwd=PROJECT, env=environment(), capture_output=True, text=True, timeout=300, check=False
        )
        verdict = self.folder / name / "verdict.json"
        reported = json.loads(verdict.read_text()) if verdict.exists() else {}
        return Checked(done.returncode, reported, done.stdout + done.stderr)

    def kept(self) -> dict[str, list[str]]:
        """The ids of the baseline."""
        listed: dict[str, list[str]] = json.loads(self.baseline.read_text())["collections"]
        return listed

    def allure_ids(self, name: str) -> set[str]:
        """By what Allure knows each case again in the next run."""
        results = (self.folder / name / "allure-results").glob("*-result.json")
        return {json.loads(path.read_text())["historyId"] for path in results}


def cases(verdict: dict[str, Any]) -> set[tuple[str, str]]:
    return {(judged["id"], judged["case"]) for judged in verdict["rules"]}


def broken(verdict: dict[str, Any]) -> set[str]:
    return {judged["id"] for judged in verdict["rules"] if judged["verdict"] == "BROKEN"} - LIVE_ONLY


@pytest.mark.parametrize("base", some_always(BASES, ALWAYS))
def test_a_healthy_list(base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = Suite(tmp_path, CONTRACTS / f"{base}.toml")
    with serve(gateway_of(base, None), posts=True) as (url, log):
        live = ("--base-url", url, "--baseline", str(suite.baseline))
        first = suite.check("first", *live, "--record", str(suite.cassette))
        assert (first.status, first.verdict["verdict"]) == (0, "HOLDS"), first.printed
        assert len(log) == len(first.verdict["requests"])
        assert {name: len(ids) for name, ids in suite.kept().items()} == {"models": SIZE}
        assert contract_of(base).paging.by_position or first.verdict["planned"] <= len(log), "no lower bound"
        second = suite.check("second", *live)
        for command in ("counts", "pages"):
            assert main([command, "--contract", str(suite.contract), "--base-url", url]) == 0
            assert f"{SIZE}" in capsys.readouterr().out
    assert second.status == 0, second.printed
    gained = cases(second.verdict) - cases(first.verdict)
    assert {rule for rule, _ in gained} - LIVE_ONLY == COMPARED
    assert [snapshot["verdict"] for snapshot in second.verdict["past"]] == ["HOLDS"]
    replayed = suite.check("replayed", "--cassette", str(suite.cassette))
    assert (replayed.status, cases(replayed.verdict)) == (0, cases(first.verdict)), replayed.printed
    assert replayed.verdict["unplayed"] == []
    assert len(suite.allure_ids("first")) == len(cases(first.verdict))
    assert suite.allure_ids("first") == suite.allure_ids("replayed") < suite.allure_ids("second")
    for command in ("counts", "pages"):
        assert main([command, "--contract", str(suite.contract), "--cassette", str(suite.cassette)]) == 0
    (row,), (strip,) = first.verdict["collections"], first.verdict["strips"]
    assert (row["total"], sum(segment["count"] for segment in strip["segments"])) == (SIZE, SIZE)
    assert {segment["state"] for segment in strip["segments"]} <= {"full", "short", "empty"}
    assert main(["show", str(suite.cassette), "--contract", str(suite.contract)]) == 0


@pytest.mark.parametrize("base", some_always(FAULTS, ()))
def test_a_broken_promise(base: str, tmp_path: Path) -> None:
    """Exit status 1 by the rules that break in memory; the recording of it shows the same."""
    suite, fault = Suite(tmp_path, CONTRACTS / f"{base}.toml"), FAULTS[base]
    expected = {*rules_with(judgements(base, fault), Verdict.BROKEN)} - LIVE_ONLY
    with serve(gateway_of(base, fault), posts=True) as (url, _):
        live = suite.check("live", "--base-url", url, "--record", str(suite.cassette))
    assert (live.status, broken(live.verdict)) == (1, expected), live.printed
    replayed = suite.check("replayed", "--cassette", str(suite.cassette))
    assert (replayed.status, broken(replayed.verdict)) == (1, expected), replayed.printed


def in_its_shape(contract: Contract) -> tuple[Gateway, int]:
    """The reference gateway as a shipped contract describes it, and how many items its first list holds."""
    collection = contract.collections[0]
    size = collection.expected_total or collection.minimum_total or SIZE
    if contract.name in SHAPES:
        return in_shape(contract.name, size), size
    return reference_gateway("2026" if contract.name.endswith("2026") else "2025"), 0


@pytest.mark.thorough
@pytest.mark.parametrize("name", contract_names())
def test_a_list_is_walked_whole_by_its_shipped_contract(name: str, tmp_path: Path) -> None:
    """Over HTTP: every promise holds, and the walk has met every item."""
    contract = load_contract(name)
    gateway, size = in_its_shape(contract)
    suite = Suite(tmp_path, contract.path)
    with serve(gateway, posts=True) as (url, _):
        reported = suite.check("live", "--base-url", url, "--max-requests", "2000")
    assert (reported.status, reported.verdict["verdict"]) == (0, "HOLDS"), reported.printed
    for row in reported.verdict["collections"]:
        assert row["total"] == row["unique"] == (size or row["total"])
    for strip in reported.verdict["strips"]:
        listed = next(
            row["unique"] for row in reported.verdict["collections"] if row["collection"] == strip["collection"]
        )
        assert sum(segment["count"] for segment in strip["segments"]) == listed
        assert {segment["state"] for segment in strip["segments"]} <= {"full", "short", "empty"}
