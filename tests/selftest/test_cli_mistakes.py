"""`catalog-contract` called wrongly, as a process, by a reader that goes away, and stopped."""

import signal
import subprocess
import sys
import time

import pytest

from catalog_contract.cli import EXIT_CLOSED_PIPE, EXIT_INTERRUPTED
from catalog_contract.model.verdict import EXIT_BROKEN, EXIT_USAGE
from catalog_contract.transport.cassette import manifest
from catalog_contract.util.paths import PROJECT
from fixtures.gateway.core import Answer
from fixtures.gateway.server import serve

COMMAND = [sys.executable, "-m", "catalog_contract.cli"]


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        ([], "required"),
        (["count"], "invalid choice"),
        (["counts", "--cassete", "healthy"], "unrecognized"),
        (["counts", "--cassette", "helthy"], "did you mean healthy?"),
        (["counts", "--cassette", "healthy", "--base-url", "http://127.0.0.1:9"], "give one of them"),
        (["counts", "--base-url", "ftp://127.0.0.1"], "http"),
        (["counts", "--contract", "gatewyz"], "did you mean 'gatewayz'?"),
        (["counts", "--contract", "example-minimal"], "names no cassette"),
        (["counts", "--rate", "fast"], "invalid float"),
        (["pages", "--collection", "hugginface"], "did you mean huggingface?"),
        (["explain", "known_models_are_listd"], "did you mean known_items_are_listed?"),
        (["explain", "\x1b[2J"], "there is no rule"),
        (["show"], "required"),
        (["show", "no-such-cassette"], "there is no cassette"),
        (["show", "README.md"], "there is no cassette"),
        (["show", "healthy", "--body", "one"], "invalid int"),
        (["contract", "no/such.toml"], "no such file"),
        (["contract", "pyproject.toml"], "pyproject.toml"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_line_and_status_4(run, monkeypatch, arguments, reported):
    monkeypatch.chdir(PROJECT)
    status, out, err = run(*arguments)
    assert (status, out) == (EXIT_USAGE, "") and reported in err and err.startswith("catalog-contract: ")


def test_a_damaged_cassette_is_one_line(run, tmp_path):
    damaged = tmp_path / "damaged.json.xz"
    damaged.write_bytes(manifest.path_of("healthy").read_bytes()[:5_000])
    for command in (["counts", "--cassette", damaged], ["pages", "--cassette", damaged], ["show", damaged]):
        status, _, err = run(*command)
        assert status == EXIT_USAGE and "is cut off: it ends after 5,000 bytes" in err


def test_help_is_no_mistake(run):
    for command in ([], ["counts"], ["pages"], ["explain"], ["show"], ["contract"]):
        assert run(*command, "--help")[0] == 0


def test_the_command_as_a_process_from_anywhere_to_an_output_without_utf_8():
    arguments, ascii_only = ["counts", "--cassette", "incident-not-found"], {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, cwd="/", env=ascii_only)
    assert (done.returncode, done.stderr) == (EXIT_BROKEN, b"")
    assert done.stdout.isascii() and b"\x1b" not in done.stdout


def test_a_mistake_as_a_process():
    done = subprocess.run([*COMMAND, "show", "nothing"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (EXIT_USAGE, "") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["show", "healthy"], ["explain"]], ids=" ".join)
def test_a_reader_that_goes_away_is_no_error(arguments):
    child = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(20) == EXIT_CLOSED_PIPE


def test_ctrl_c_ends_quietly():
    asked = []

    def slow(query):
        asked.append(query)
        return Answer(200, {"Content-Type": "application/json"}, {"data": []}, seconds=30)

    # A shell in the background ignores Ctrl-C, and so would its children.
    script = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from catalog_contract.cli import main; sys.exit(main())"
    )
    with serve(slow) as (base_url, _):
        command = [sys.executable, "-c", script, "counts", "--base-url", base_url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            deadline = time.monotonic() + 20
            while not asked and child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=10)
    assert (child.returncode, out, err) == (EXIT_INTERRUPTED, b"", b"")
