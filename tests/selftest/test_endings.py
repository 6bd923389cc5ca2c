"""What ends a run too early, or spoils its end, is never taken for a verdict, and costs nobody a file."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from catalog_contract.report import allure_files
from catalog_contract.util import claim
from catalog_contract.util.claim import LOCK, PREFIX, Claim
from catalog_contract.util.files import ReportError
from catalog_contract.util.paths import PROJECT
from fixtures.wire import Asked, Reply, wire
from fixtures.wire.faults import Line
from fixtures.wire.service import answer
from fixtures.wire.suite import environment, run_suite, suite_command

UUID = "0123abcd-0000-4000-8000-00000000000{}"


def stalled(line: Line, asked: Asked, reply: Reply) -> bool:
    return line.stall() if asked.turn >= 6 else line.reply(reply)


def ended_by(folder: Path, number: int, *options: str) -> tuple[int, str]:
    """The exit status and the output of a run that gets a signal while a request is out."""
    (folder / "tmp").mkdir()
    with wire(stalled, answer) as base_url:
        process = subprocess.Popen(
            suite_command(folder, ["--base-url", base_url, *options]),
            cwd=PROJECT,
            env=environment({"TMPDIR": str(folder / "tmp")}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        until = time.monotonic() + 30
        while len(base_url.asked) < 6 and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.1)
        process.send_signal(number)
        printed, _ = process.communicate(timeout=60)
    return process.returncode, printed


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "workers"])
def test_sigterm_ends_a_run_in_order(tmp_path: Path, workers: tuple[str, ...]) -> None:
    status, printed = ended_by(tmp_path, signal.SIGTERM, *workers)
    assert status == 2, printed
    assert list((tmp_path / "tmp").glob(f"{PREFIX}*")) == []
    assert list((tmp_path / "reports").rglob("*.tmp")) == []
    if not workers:
        verdict = json.loads((tmp_path / "reports" / "verdict.json").read_text())
        assert verdict["verdict"] in ("NOT JUDGED", "BROKEN")


def test_what_a_killed_run_leaves_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, _ = ended_by(tmp_path, signal.SIGKILL, "-n", "1")
    left = list((tmp_path / "tmp").glob(f"{PREFIX}*"))
    assert (status, len(left)) == (-signal.SIGKILL, 1)
    results = tmp_path / "reports" / "allure-results"
    half = results / f"{UUID.format(1)}-result.json"
    half.write_text('{"name": "ha')
    (results / "notes.json").write_text("mine")
    until = time.monotonic() + 10
    while time.monotonic() < until and workers_of(left[0]):
        time.sleep(0.1)
    os.utime(left[0] / LOCK, (time.time() - 120,) * 2)
    with wire("none", answer) as base_url:
        ran = run_suite(tmp_path, ["--base-url", base_url, "-n", "1"], {"TMPDIR": str(tmp_path / "tmp")})
    assert ran.status == 0, ran.printed
    assert list((tmp_path / "tmp").glob(f"{PREFIX}*")) == []
    assert (half.exists(), (results / "notes.json").read_text()) == (False, "mine")


def workers_of(folder: Path) -> bool:
    """Whether somebody still holds the lock of a folder."""
    try:
        Claim(folder).release()
    except ReportError:
        return True
    return False


def test_two_runs_in_one_folder(tmp_path: Path) -> None:
    held = Claim(tmp_path / "reports")
    with wire("none", answer) as base_url:
        ran = run_suite(tmp_path, ["--base-url", base_url])
    assert (ran.status, base_url.asked) == (4, []), ran.printed
    assert f"another run is writing into {tmp_path / 'reports'}" in ran.line("ERROR: ")
    held.release()
    assert Claim(tmp_path / "reports").killed is None


def test_a_folder_of_a_living_run_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(claim.tempfile, "tempdir", str(tmp_path))
    living, held = claim.shared_folder()
    os.utime(living / LOCK, (0, 0))
    (tmp_path / f"{PREFIX}of-somebody-else").mkdir()
    other, second = claim.shared_folder()
    assert living.exists() and (tmp_path / f"{PREFIX}of-somebody-else").exists()
    held.release()
    second.release()
    os.utime(living / LOCK, (0, 0))
    _, last = claim.shared_folder()
    assert not living.exists() and other.exists()
    last.release()


BROKEN_END = """
import catalog_contract.report.html as html

def render(*_):
    raise RuntimeError("a defect at the end")

html.render = render
"""


@pytest.mark.parametrize("service", [answer, lambda asked: Reply(500)], ids=["holds", "broken"])
def test_a_defect_at_the_end_is_no_verdict(tmp_path: Path, service: object) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "broken_end.py").write_text(BROKEN_END)
    with wire("none", service) as base_url:  # type: ignore[arg-type]
        ran = run_suite(
            tmp_path, ["--base-url", base_url, "-p", "broken_end"], {"PYTHONPATH": f"{PROJECT}:{tmp_path / 'plugins'}"}
        )
    assert ran.status == 3, ran.printed
    assert "please report it" in ran.printed


def test_allure_that_cannot_write_costs_no_other_report(tmp_path: Path) -> None:
    results = tmp_path / "reports" / "allure-results"

    def fails(line: Line, asked: Asked, reply: Reply) -> bool:
        if results.is_dir():
            shutil.rmtree(results)
            results.write_text("no folder any more")
        return line.reply(reply)

    with wire(fails, answer) as base_url:
        ran = run_suite(tmp_path, ["--base-url", base_url])
    assert ran.status == 4, ran.printed
    assert "INTERNALERROR" not in ran.printed
    assert "the Allure results are not complete: Not a directory" in ran.printed
    assert json.loads((tmp_path / "reports" / "verdict.json").read_text())["verdict"] == "HOLDS"


def test_no_file_of_somebody_else_is_removed(tmp_path: Path) -> None:
    """Run after run into a folder of documents: what was there before is there afterwards."""
    docs = tmp_path / "docs"
    docs.mkdir()
    foreign = {
        "my-result.json": "{}",
        "a-container.json": "{}",
        "an-attachment.txt": "mine",
        f"{UUID.format(1)}-result.json": '{"name": "of another tool", "labels": []}',
        f"{UUID.format(2)}-container.json": '{"children": ["x"]}',
        f"{UUID.format(3)}-attachment.txt": "of another tool",
        "README.md": "mine",
    }
    for name, content in foreign.items():
        (docs / name).write_text(content)
    ours = []
    for _ in range(2):
        with wire("none", lambda asked: Reply(500) if "offset" in asked.target else answer(asked)) as base_url:
            ran = run_suite(tmp_path, ["--base-url", base_url, "--alluredir", str(docs), "-k", "page or walk"])
        assert ran.status in (1, 16), ran.printed
        assert {name: (docs / name).read_text() for name in foreign} == foreign
        ours.append({path.name for path in docs.glob("*-*-*-*-*")} - foreign.keys())
    assert ours[0] and ours[1] and not ours[0] & ours[1]
    assert any("attachment" in name for name in ours[0])
    allure_files.clear(docs)
    assert {path.name for path in docs.glob("*-*")} <= {*foreign, "environment.properties"}
