"""Annotations in the log of GitHub Actions: one command a promise, which nothing of a service can end or begin."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import golden_runs
import pytest

from catalog_contract.model.verdict import Evidence, Verdict
from catalog_contract.report import ci
from catalog_contract.util.paths import PROJECT

COMMAND = re.compile(r"::(error|warning) ((?:[a-z]+=[^,:\r\n]*,?)+)::([^\r\n]*)")


def read(command: str) -> tuple[str, dict[str, str], str]:
    """A command as GitHub reads it."""
    found = COMMAND.fullmatch(command)
    assert found, command
    given = dict(part.split("=", 1) for part in found[2].split(","))
    return found[1], {key: unquote(value) for key, value in given.items()}, unquote(found[3])


def test_each_broken_promise_is_an_error_at_its_contract() -> None:
    run = golden_runs.cut()
    commands = [read(command) for command in ci.annotations(run, "contracts/my, api.toml")]
    assert {kind for kind, _, _ in commands} == {"error"}
    _, given, message = commands[0]
    assert given["file"] == "contracts/my, api.toml"
    assert given["title"].startswith("Every page that ends before") and given["title"].endswith("offset=100]")
    assert message.startswith("the page at offset 100 holds 1 model, expected 100")
    assert message.endswith("(Probably: stops at a short page or upstream ignores offset)")


def test_without_a_contract_of_ones_own_it_points_to_the_rule() -> None:
    run = golden_runs.cut()
    placed = replace(run, judgements=tuple(replace(j, file="tests/contract/test_x.py", line=7) for j in run.judgements))
    _, given, _ = read(ci.annotations(placed)[0])
    assert (given["file"], given["line"]) == ("tests/contract/test_x.py", "7")


def test_there_are_no_more_than_github_shows() -> None:
    commands = ci.annotations(golden_runs.many(300))
    assert len(commands) == ci.MAX
    assert read(commands[-1])[2] == "and 291 more broken promises: see the report"


def test_a_run_that_holds_has_none_and_one_not_judged_a_warning() -> None:
    assert ci.annotations(golden_runs.healthy()) == []
    (command,) = ci.annotations(golden_runs.not_judged())
    assert read(command)[0] == "warning"


@pytest.mark.parametrize(
    "text", ["a\n::error::b", "a\r::stop-commands::x", "50%0A", "##[error]x", "a::b,c=d", golden_runs.HOSTILE]
)
def test_no_text_ends_a_command_or_begins_another(text: str) -> None:
    run = golden_runs.cut()
    broken = next(j for j in run.judgements if j.verdict is Verdict.BROKEN)
    hostile = replace(broken, case=text, promise=text, evidence=Evidence(text))
    (command,) = ci.annotations(replace(run, judgements=(hostile,), diagnosis=()))
    kind, given, _ = read(command)
    assert kind == "error" and list(given) == ["title"] and "##[" not in command
    assert "%0A" not in command and "%0D" not in command


def test_a_run_in_actions_annotates_and_another_does_not(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GITHUB"))}
    words = [sys.executable, "-m", "pytest", "tests/contract", "-p", "no:cacheprovider", "--report-dir", str(tmp_path)]
    words += ["--cassette", "incident-cut-to-101", "-k", "a_page_before_the_end_is_full[huggingface-offset=100]"]
    printed = {}
    for name, more in (("actions", {"GITHUB_ACTIONS": "true"}), ("elsewhere", {})):
        done = subprocess.run(words, cwd=PROJECT, env=kept | more, capture_output=True, text=True, check=False)
        printed[name] = [line for line in done.stdout.splitlines() if line.startswith("::")]
    (command,) = printed["actions"]
    assert read(command)[1]["file"] == "tests/contract/test_pages.py"
    assert printed["elsewhere"] == []
