"""Which fix survives which upstream: the cells of the table are runs, and the incident is reproduced end to end."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from catalog_contract.cli import main
from catalog_contract.contracts.load import load_contract
from catalog_contract.diagnosis import names
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.cases import cases_of
from catalog_contract.rules.judge import judge
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.rules.selection import why_not
from catalog_contract.run.session import open_session
from catalog_contract.run.settings import Settings
from catalog_contract.util.paths import PROJECT
from fixtures.crawlers import CRAWLERS
from fixtures.upstream import MODES, serve
from tools import the_fix

WRITTEN = the_fix.TABLE.read_text(encoding="utf-8")


def written(crawler: str, mode: str) -> str:
    """The row of a cell in docs/the-fix.md."""
    (row,) = [row for row in the_fix.rows_of(WRITTEN, crawler) if row.startswith(f"| `{mode}` |")]
    return row


def test_every_cell_is_in_the_table() -> None:
    for crawler, mode in the_fix.CELLS:
        assert written(crawler, mode).count("|") == 7
    assert len(the_fix.CELLS) == len(CRAWLERS) * len(MODES) == 42


def test_the_quarter_has_each_crawler_and_each_upstream() -> None:
    assert 4 * len(the_fix.A_QUARTER) >= len(the_fix.CELLS)
    assert {crawler for crawler, _ in the_fix.A_QUARTER} == {*CRAWLERS}
    assert {mode for _, mode in the_fix.A_QUARTER} == {*MODES}


def test_the_table_shows_what_the_report_of_the_incident_could_not() -> None:
    for mode in ("ignores-offset", "drifting", "skip"):
        assert "| 500 | does not end: stopped by a cap of 500 requests |" in written("until-empty", mode)
        assert "2,000, 1" in written("pages-20", mode)
    for mode in MODES:
        assert "the upstream states no total" in written("by-total", mode)
        assert "| HOLDS | 1,352 |" in written("follow-link", mode)
    for crawler in set(CRAWLERS) - {"follow-link"}:
        assert any("**BROKEN**" in written(crawler, mode) for mode in MODES)
    for mode in ("short-middle-page", "drifting"):
        assert "| **BROKEN** | 101 | 2 |" in written("until-short", mode)


@pytest.mark.thorough
@pytest.mark.parametrize(("crawler", "mode"), the_fix.A_QUARTER)
def test_a_quarter_of_the_table_is_run(crawler: str, mode: str) -> None:
    assert the_fix.measure(crawler, mode).row == written(crawler, mode)


@contextlib.contextmanager
def process(module: str, *arguments: str) -> Iterator[str]:
    """A double as a process of its own: the URL that it prints."""
    command = [sys.executable, "-m", module, "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout
            yield running.stdout.readline().split()[0]
        finally:
            running.terminate()


@pytest.mark.parametrize(
    ("mode", "hypothesis", "tail_moves"),
    [("short-middle-page", names.SHORT_PAGE, False), ("drifting", names.UPSTREAM, True)],
)
def test_both_explanations_of_the_cut_to_101_end_to_end(
    mode: str, hypothesis: str, tail_moves: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Upstream, gateway and rulebook in their own processes: 101 models either way, and both causes are named; the
    next step is a command, and that command tells which of them it is. So does the tail, after some refreshes."""
    with process("fixtures.upstream", "--mode", mode) as hub:
        base = hub.partition("/api/")[0]
        with process("fixtures.gateway", "--upstream", base, "--crawler", "until-short") as gateway:
            run = the_fix.judged(gateway)
            assert [(row.total, row.unique) for row in run.counts] == [(101, 101)]
            assert {cause.name for cause in run.diagnosis} == {names.SHORT_PAGE, names.UPSTREAM}
            assert all("catalog-contract upstream-check" in f"{one.next_step} {one.steps}" for one in run.diagnosis)
            assert main(["upstream-check", hub]) == 0
            assert f"`{hypothesis}`." in " ".join(capsys.readouterr().out.split())
            tails = set()
            for _ in range(4):
                listed = requests.get(f"{gateway}/v1/models?gateway=huggingface", timeout=60).json()["data"]
                tails.add(tuple(model["id"] for model in listed[100:]))
                requests.post(f"{gateway}/__refresh", timeout=60).raise_for_status()
    assert (len(tails) > 1) == tail_moves


@pytest.mark.thorough
@pytest.mark.parametrize("mode", MODES)
def test_the_stand_in_keeps_the_contract_of_the_hub(mode: str) -> None:
    """But for the page that is short: the contract promises full ones."""
    contract = load_contract("huggingface-hub")
    with serve(mode) as url:
        session = open_session(Settings("huggingface-hub", url), contract)
        rules = [rule for rule in rulebook() if not why_not(rule, contract, live=True)]
        judged = [judge(rule, case, session.service) for rule in rules for case in cases_of(rule, contract)]
        session.close()
    broken = {one.rule for one in judged if one.verdict is Verdict.BROKEN}
    assert bool(broken) == (mode == "short-middle-page"), broken
    assert len(judged) > 20 and not [one for one in judged if one.verdict is Verdict.NOT_JUDGED]
    assert not broken or "every_page_of_the_walk_but_the_last_is_full" in broken
