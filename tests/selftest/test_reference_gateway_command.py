"""`python -m fixtures.gateway`: it serves, logs without secrets, ends, and refuses mistakes in one line."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from catalog_contract.transport.secret import REDACTED
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.faults import FAULTS
from fixtures.gateway.harmless import HARMLESS
from fixtures.gateway.server import serve

ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "fixtures.gateway", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().split()[0]
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_logs_and_ends(tmp_path: Path, number: signal.Signals) -> None:
    log = tmp_path / "requests.jsonl"
    with started("--fault", "first-page-only", "--era", "2026", "--log", str(log)) as (process, url):
        assert requests.get(f"{url}/v1/models?gateway=huggingface", timeout=20).json()["total"] == 100
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")
    assert [json.loads(line)["target"] for line in log.read_text().splitlines()] == ["/v1/models?gateway=huggingface"]


def test_no_secret_is_in_the_log(tmp_path: Path) -> None:
    """That one was sent is reported, its value is not."""
    log = tmp_path / "requests.jsonl"
    secret = ("Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key")
    sent = {name: f"canary of {name}" for name in secret} | {"X-Other": "canary", "If-None-Match": '"a"'}
    with started("--log", str(log)) as (_, url):
        assert requests.get(f"{url}/health", headers=sent, timeout=20).status_code == 200
    assert "canary" not in log.read_text()
    logged = json.loads(log.read_text())["headers"]
    assert {name: logged.get(name.lower()) for name in secret} == dict.fromkeys(secret, REDACTED)
    assert logged["if-none-match"] == '"a"'


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "fixtures.gateway", *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)


def test_mistakes_are_one_line_and_exit_4(tmp_path: Path) -> None:
    with serve(reference_gateway()) as (url, _):
        port = url.rsplit(":", 1)[1]
        for arguments, message in (
            (["--fault", "strom"], "did you mean storm"),
            (["--port", port], f"cannot listen on port {port}"),
            (["--port", "99999"], "port 99999"),
            (["--port", "abc"], "invalid int value"),
            (["--log", str(tmp_path / "no" / "file"), "--port", "0"], "cannot write"),
        ):
            done = command(*arguments)
            assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1), arguments
            assert message in done.stderr


def test_the_list_names_everything_in_80_columns() -> None:
    lines = command("--list").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert {line.split()[0] for line in lines if re.match(r"    \S", line)} == {*FAULTS, *HARMLESS}
