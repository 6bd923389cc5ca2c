"""The whole thing: a real server, a real pytest process, its exit status and what it wrote."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from catalog_contract.model.run import NO_KNOWN_CAUSE
from catalog_contract.util.paths import PROJECT
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.gallery import asked, contract_of, pinned
from fixtures.gateway.server import serve
from tools.cassettes import RECORDINGS, Recording

FAULTS = (
    "upstream-ignores-offset",
    "holds-1280",
    "holds-1300-without-a-known-id",
    "boundary-row-lost",
    "total-off-by-one",
    "negative-offset-accepted",
    "capped-at-1000",
    "price-is-a-number",
    "alias-differs",
    "detail-404-for-ids-with-dots",
)
LIVE_ONLY = frozenset({"pages_read_concurrently_equal_pages_read_alone"})


def run(folder: Path, *options: str, rules: str = "tests/contract") -> tuple[int, dict[str, Any], str]:
    """Run the rulebook in a process of its own: its exit status, its verdict.json, what it printed."""
    command = [sys.executable, "-m", "pytest", rules, "-q", "-p", "no:cacheprovider", "--report-dir", str(folder)]
    done = subprocess.run([*command, *options], cwd=PROJECT, capture_output=True, text=True, timeout=100, check=False)
    verdict = folder / "verdict.json"
    return done.returncode, json.loads(verdict.read_text()) if verdict.exists() else {}, done.stdout + done.stderr


def broken(verdict: dict[str, Any]) -> set[str]:
    """The ids of the broken rules."""
    return {rule["id"] for rule in verdict["rules"] if rule["verdict"] == "BROKEN"}


ALWAYS = FAULTS[:4]
"""The faults that `make test` tries too; `make prove` tries all."""


def causes(verdict: dict[str, Any]) -> list[str]:
    """The names of the causes of a run; none where it says that it knows none."""
    return [cause["name"] for cause in verdict["diagnosis"] if cause["name"] != NO_KNOWN_CAUSE]


@pytest.mark.parametrize(
    "fault", [pytest.param(f, marks=() if f in ALWAYS else pytest.mark.thorough, id=f) for f in FAULTS]
)
def test_a_fault_is_found_live(fault: str, tmp_path: Path) -> None:
    """By the rules that the gallery pins, those of huggingface; and the run ends with 1."""
    asked_of_it = {rule.name for rule, case in asked("2025") if case.collection == "huggingface"}
    with serve(reference_gateway("2025", fault)) as (base_url, _):
        status, verdict, printed = run(tmp_path, "--base-url", base_url, "--rate", "1000", "-k", "huggingface")
    assert status == 1, printed
    assert broken(verdict) == set(pinned()[fault, "2025"].breaks) & asked_of_it
    assert causes(verdict) == list(pinned()[fault, "2025"].causes)


@pytest.mark.parametrize("recording", [one for one in RECORDINGS if one.variant], ids=lambda one: one.name)
def test_an_incident_is_found_in_its_recording(recording: Recording, tmp_path: Path) -> None:
    """By exactly the rules that break for the fault it was recorded from."""
    status, verdict, printed = run(tmp_path, "--cassette", recording.name)
    expected = pinned()[recording.variant, recording.era]
    assert status == 1, printed
    assert broken(verdict) == set(expected.breaks) - LIVE_ONLY
    assert causes(verdict) == list(expected.causes)


def test_a_healthy_service_holds_within_its_budget_of_requests(tmp_path: Path) -> None:
    """One full live run asks at most 84 times, huggingface at most 64 of them; the plan stated so before."""
    with serve(reference_gateway()) as (base_url, log):
        status, verdict, printed = run(tmp_path, "--base-url", base_url, "--rate", "1000", "-v")
    of_huggingface = [entry for entry in log if "gateway=hug" in entry["target"].lower()]
    assert status == 0, printed
    assert len(log) <= 84
    assert len(of_huggingface) <= 64
    assert len(log) == len(verdict["requests"]) == verdict["planned"]
    assert f"{len(log)} requests planned" in printed


def test_1300_models_are_within_tolerance_and_the_report_says_what_that_hides(tmp_path: Path) -> None:
    """Green, with a plain statement of what the tolerance cannot see."""
    with serve(reference_gateway("2025", "holds-1300")) as (base_url, _):
        status, verdict, printed = run(tmp_path, "--base-url", base_url, "--rate", "1000", "-k", "huggingface")
    assert status == 0, printed
    assert any("the tolerance of 5 % cannot see fewer than 69 missing" in note for note in verdict["notes"])
    assert "cannot see fewer than 69 missing" in " ".join(printed.split())


def test_the_contract_is_that_of_the_gallery() -> None:
    """What these tests compare with is judged by the default contract."""
    assert contract_of("2025").name == "gatewayz"
