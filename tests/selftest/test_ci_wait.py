"""The action in another repository: it waits for a server, and runs on an old bash."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from runs import small
from test_ci import SCRIPTS, needs_environment, run_script

from catalog_contract.util.paths import PROJECT


def test_the_action_waits_for_a_server_and_judges_by_a_contract_of_another_repository(tmp_path: Path) -> None:
    """In a folder that holds a contract and nothing else, at a server that is not up yet."""
    needs_environment()
    small(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", LATE.format(port=port)]
    server = subprocess.Popen(command, cwd=PROJECT)
    given = {"BASE_URL": f"http://127.0.0.1:{port}", "CONTRACT": "small.toml", "REPORT_DIR": "r", "WAIT_SECONDS": "60"}
    try:
        args = "-k 'together and the_collection_answers'"
        done = run_script("run_action.sh", tmp_path, GITHUB_OUTPUT=str(tmp_path / "output"), ARGS=args, **given)
    finally:
        server.terminate()
        server.wait(10)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verdict=HOLDS" in (tmp_path / "output").read_text()
    assert json.loads((tmp_path / "r/verdict.json").read_text())["contract"] == "small"


LATE = """
import os, sys, time
time.sleep(4)
os.execv(sys.executable, [sys.executable, "-m", "fixtures.gateway", "--port", "{port}"])
"""


@pytest.mark.parametrize("seconds", ["soon", "-1", "1e9", "99999"])
def test_the_action_refuses_a_wait_that_is_no_number(seconds: str, tmp_path: Path) -> None:
    given = {"BASE_URL": "http://127.0.0.1:1", "CONTRACT": "gatewayz", "REPORT_DIR": "r", "ARGS": ""}
    done = run_script("run_action.sh", tmp_path, WAIT_SECONDS=seconds, **given)
    assert done.returncode == 4 and "nothing was run" in done.stderr


def test_the_script_of_the_action_needs_no_new_bash() -> None:
    """macOS has bash 3.2: no mapfile, and an empty array is unset there."""
    script = (SCRIPTS / "run_action.sh").read_text()
    assert not re.search(r"mapfile|readarray|declare -A|\[@\]|xargs -r", script)
