"""The documents: their commands run, the output they show is real.

A block ```console holds commands that are run here (`# ends with N` names another exit status than 0). In
```console live the commands need each other and are run as one; ```console service needs a service that is not there.
"""

import contextlib
import io
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from test_docs_text import PAGES

from catalog_contract.cli import main
from catalog_contract.util.paths import PROJECT

BLOCK = re.compile(r"^```console *(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENDS_WITH = re.compile(r"\s+# ends with (\d+)$")
COVERED = {
    "make test": "this run is a part of it",
    "make contract": "make test begins with it",
    "catalog-contract counts": "test_cli.py",
    "catalog-contract pages": "test_cli.py",
}
"""Commands that are not run here, with what runs them."""

A_PROCESS = "catalog-contract explain"
"""The command of our own that is run as the installed program; the others are run in this process."""


@dataclass(frozen=True)
class Command:
    """One command of a document, the exit status it should end with, and the output that is shown."""

    line: str
    status: int
    shown: tuple[str, ...]


def commands(kind: str) -> Iterator[Command]:
    """All commands of one kind of block."""
    for page in PAGES:
        for found, text in BLOCK.findall(page.read_text("utf-8")):
            if found == kind:
                yield from commands_in(text)


def commands_in(text: str) -> Iterator[Command]:
    """The commands of a block with what is shown of their output."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, *shown = part.splitlines()
        ends = ENDS_WITH.search(line)
        yield Command(ENDS_WITH.sub("", line), int(ends[1]) if ends else 0, tuple(shown))


def environment(folder: Path, options: str = "") -> dict[str, str]:
    """An environment in which the commands of this Python come first, and nothing of the outer run is inherited."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "GITHUB", "MAKE", "MFLAGS"))
    }
    return kept | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTEST_ADDOPTS": f"--report-dir={folder} {options}",
    }


def ran_here(line: str) -> tuple[int, str]:
    """Exit status and output of our own command, without a process of its own."""
    printed = io.StringIO()
    with contextlib.chdir(PROJECT), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = main(shlex.split(line)[1:])
    return status, printed.getvalue()


@cache
def ran(line: str, folder: Path, options: str = "") -> tuple[int, str]:
    """Exit status and output of a command, run once."""
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=PROJECT,
        env=environment(folder, options),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def unique(kind: str) -> list[Command]:
    return list({command.line: command for command in commands(kind)}.values())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("docs")


def test_there_are_commands_in_the_documents() -> None:
    assert len(unique("")) > 8
    assert [command.line for command in commands("")][:2] == ["make contract", "make test"]
    assert A_PROCESS in [command.line for command in commands("")]


@pytest.mark.parametrize("command", unique(""), ids=lambda command: command.line)
def test_a_command_of_the_documents_runs_and_shows_what_is_shown(command: Command, folder: Path) -> None:
    if command.line in COVERED:
        return
    ours = command.line.startswith("catalog-contract ") and command.line != A_PROCESS
    status, output = ran_here(command.line) if ours else ran(command.line, folder)
    assert status == command.status, output
    assert_shown(command.shown, output)


def assert_shown(shown: tuple[str, ...], output: str) -> None:
    """Every line shown is a line of the output, in that order; `…` stands for what was left out."""
    lines = iter(output.splitlines())
    missing = next((line for line in shown if line not in ("…", "") and line not in lines), None)
    assert missing is None, f"not in the output, or not in that order: {missing!r}\n{output}"


def test_the_live_use_of_the_documents_works_in_two_terminals(folder: Path) -> None:
    serve, judge = commands("live")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    line = serve.line.replace(".venv/bin/python", sys.executable).replace("8900", port)
    server = subprocess.Popen(shlex.split(line), cwd=PROJECT, stdout=subprocess.DEVNULL)
    try:
        answers(f"http://127.0.0.1:{port}/v1/models?limit=1")
        status, output = ran(judge.line.replace("8900", port), folder, "-k 'test_pages or test_windows'")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)
    assert status == judge.status, output
    assert "BROKEN" in output and "off by one at page boundaries" in output


def answers(url: str) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")
