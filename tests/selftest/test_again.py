"""The line of a red case that judges it again: run as it is printed, it judges that case and no other."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from runs import SMALL, run

from catalog_contract.contracts.load import load_contract
from catalog_contract.pytest_plugin.command import in_one_line
from catalog_contract.run.invocation import commit, invocation
from catalog_contract.run.settings import Settings
from catalog_contract.util.paths import PROJECT
from catalog_contract.util.shell import joined, quoted
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve

CUT = ("gatewayz", "--cassette", "incident-cut-to-101")


def again(line: str, folder: Path) -> tuple[int, list[tuple[str, str, str]]]:
    """Give a line to a shell, with reports in a folder of its own; the exit status and what was judged."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GITHUB"))}
    kept["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    done = subprocess.run(
        f"{line} --report-dir {shlex.quote(str(folder))} -p no:cacheprovider",
        shell=True, cwd=PROJECT, env=kept, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (folder / "verdict.json").exists(), done.stdout + done.stderr
    rules = json.loads((folder / "verdict.json").read_text())["rules"]
    return done.returncode, [(rule["id"], rule["case"], rule["verdict"]) for rule in rules]


def test_the_line_of_a_red_case_judges_that_case_alone(tmp_path: Path) -> None:
    """The case at offset 100 begins as the one at 1000 does."""
    _, reported, printed = run(
        tmp_path, *CUT[1:], rules=("tests/contract/test_pages.py", "tests/contract/test_totals.py")
    )
    broken = [rule for rule in reported["rules"] if rule["verdict"] == "BROKEN"]
    chosen = [next(r for r in broken if r["case"].endswith(end)) for end in ("offset=100", "-bulk")]
    for number, rule in enumerate(chosen):
        line = rule["again"]
        assert f"$ {line}\n" in printed or rule is not broken[0]
        folder = tmp_path / str(number)
        assert again(line, folder) == (1, [(rule["id"], rule["case"], "BROKEN")])


@pytest.mark.thorough
def test_every_red_case_of_the_cut_can_be_judged_again(tmp_path: Path) -> None:
    _, reported, _ = run(tmp_path, *CUT[1:])
    broken = [rule for rule in reported["rules"] if rule["verdict"] == "BROKEN"]
    assert broken
    for number, rule in enumerate(broken):
        assert again(rule["again"], tmp_path / str(number)) == (1, [(rule["id"], rule["case"], "BROKEN")])


def test_a_live_case_is_asked_at_the_same_place(tmp_path: Path) -> None:
    contract = tmp_path / "my contract.toml"
    contract.write_text(SMALL, encoding="utf-8")
    with serve(reference_gateway("2025", "total-off-by-one")) as (base_url, _):
        options = ("--contract", str(contract), "--base-url", base_url, "--rate", "500")
        _, reported, _ = run(tmp_path, *options, rules=("tests/contract/test_totals.py",))
        rule = next(rule for rule in reported["rules"] if rule["verdict"] == "BROKEN")
        assert "--rate 500" in rule["again"]
        assert again(rule["again"], tmp_path / "again") == (1, [(rule["id"], rule["case"], "BROKEN")])


def test_no_line_shows_a_password_or_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_API_KEY", "sk-0123456789abcdef")
    words = ["pytest", "--base-url", "http://me:hunter2@127.0.0.1:1/?token=abc", "-k", "sk-0123456789abcdef"]
    settings = Settings("gatewayz", base_url=words[2])
    found = invocation(words, settings, load_contract("gatewayz"))
    for secret in ("hunter2", "token=abc", "sk-0123456789abcdef"):
        assert secret not in found.command + found.again
    assert found.again.endswith('check gatewayz --base-url "http://***@127.0.0.1:1/?token=***"')


@pytest.mark.parametrize(
    "word", ["plain-word=1", "a b", "a[b]", "it's", 'say "x"', "$HOME", "`id`", "50%", "a\nb", "ä", ""]
)
def test_a_word_comes_back_from_a_shell_as_it_was(word: str) -> None:
    done = subprocess.run(f"printf %s {quoted(word)}", shell=True, capture_output=True, text=True, check=True)
    assert done.stdout == word
    assert shlex.split(joined(["x", word, "y"])) == ["x", word, "y"]


def test_the_commit_is_that_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit() == ""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    (tmp_path / "file").write_text("one")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)
    clean = commit()
    assert len(clean) == 10 and clean.isalnum()
    (tmp_path / "file").write_text("two")
    assert commit() == f"{clean}-dirty"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit() == ""


# Options that are none


@pytest.mark.parametrize(
    ("options", "reported"),
    [
        (["--casette", "healthy"], "there is no option --casette; did you mean --cassette?"),
        (["--max-request=3"], "there is no option --max-request; did you mean --max-requests?"),
        (["--foo"], "there is no option --foo; catalog-contract check --help lists the options"),
        (["--rate"], "argument --rate: expected one argument (catalog-contract check --help)"),
        (["--url=http://a:secret@b/"], "there is no option --url; did you mean --base-url?"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_an_option_that_is_none_is_one_line(options: list[str], reported: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "catalog_contract.cli", "check", "gatewayz", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.strip(), done.stdout) == (4, f"ERROR: {reported}", "")


def test_what_is_no_complaint_of_the_parser_stays_as_it_is() -> None:
    assert in_one_line("--record needs one process") == "--record needs one process"
