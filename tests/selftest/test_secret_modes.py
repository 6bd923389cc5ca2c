"""The key is in nothing that a run leaves, in whatever way the suite is run: every way quiet and loud."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from key_forms import CODINGS
from test_secrets import BROKEN_SUITE, FEW, KEY, LOUD, echoing, key_in, leaks, named, plugin, readable, stalled

from catalog_contract.transport.secret import AGAINST_KEY_VARIABLE, KEY_VARIABLE
from catalog_contract.util.paths import PROJECT
from fixtures.wire import Asked, BaseUrl, Reply, wire
from fixtures.wire.service import answer
from fixtures.wire.suite import Ran, environment, run_suite, suite_command

Answer = Callable[[Asked], Reply]


def coded(asked: Asked) -> Reply:
    """A healthy service that puts the key into the names of its models in every coding."""
    reply, key = answer(asked), key_in(asked)
    text = " ".join(form(key) for form in CODINGS.values() if form(key).isprintable())
    return Reply(reply.status, reply.headers, reply.body.replace(b"Model ", f"Model {key} {text} ".encode()))


WAYS: dict[str, tuple[Answer, tuple[str, ...]]] = {
    "live": (echoing, ()),
    "coded": (coded, ()),
    "workers": (echoing, ("-n", "2")),
    "several at a time": (echoing, ("--concurrency", "4")),
    "workers, several at a time": (coded, ("-n", "2", "--concurrency", "2")),
    "recorded": (named, ("--record", "{folder}/a.json.xz")),
    "recorded, coded": (coded, ("--record", "{folder}/a.json.xz")),
    "history": (echoing, ("--history", "{folder}/history.jsonl")),
    "baseline": (coded, ("--baseline", "{folder}/baseline.json")),
    "JUnit and logs": (echoing, ("--junitxml", "{folder}/junit.xml", "--log-file", "{folder}/log")),
    "first failure": (echoing, ("-x", "-rA")),
    "a few cases": (echoing, ("-k", FEW)),
    "a sample": (coded, ("--sample", "24")),
    "a shard": (coded, ("--shard", "1/2")),
    "short of time": (echoing, ("--max-seconds", "1")),
    "against": (echoing, ("--against", "{other}")),
    "no probes": (echoing, ("--probes", "0")),
    "planned": (echoing, ("--plan",)),
    "refused": (echoing, ("--rate", "{url}/?key=" + KEY)),
}
"""How to run, and what the service answers."""
QUICK = ("short of time",)
ASK_NOTHING = ("planned", "refused")
SIGNALS = {"interrupted": signal.SIGINT, "ended": signal.SIGTERM, "killed": signal.SIGKILL}
WORKERS = {"alone": (), "workers": ("-n", "2")}
KINDS = ("a.json.xz", "a.json", "a.yaml")
"""The files of a recording."""
VOLUME = {"quiet": ("-q",), "loud": LOUD}
volume = pytest.mark.parametrize("volume", VOLUME)


def left(folder: Path, ran: Ran) -> list[str]:
    """Where the key stands in any coding."""
    pieces = [form(KEY).encode() for form in CODINGS.values()]
    contents = {str(path): readable(path) for path in folder.rglob("*") if path.is_file()}
    contents["the terminal"] = ran.printed.encode()
    found = [name for name, content in contents.items() if any(piece in content for piece in pieces)]
    return [*leaks(folder, ran), *found]


def variables(folder: Path) -> dict[str, str]:
    (folder / "tmp").mkdir(exist_ok=True)
    return {KEY_VARIABLE: KEY, AGAINST_KEY_VARIABLE: KEY, "TMPDIR": str(folder / "tmp")}


@volume
@pytest.mark.parametrize(
    "way", [pytest.param(w, marks=() if w == "short of time" else pytest.mark.thorough) for w in WAYS]
)
def test_a_way_to_run(tmp_path: Path, way: str, volume: str) -> None:
    answers, options = WAYS[way]
    with wire("none", answers) as base_url, wire("none", coded) as other:
        given = [option.format(folder=tmp_path, url=base_url, other=other) for option in options]
        ran = run_suite(tmp_path, ["--base-url", base_url, *VOLUME[volume], *given], variables(tmp_path))
        asked = {key_in(asked) for asked in base_url.asked}
    assert asked == (set() if way in ASK_NOTHING else {KEY}), ran.printed
    assert ran.status in ((4,) if way == "refused" else (0, 1, 16)), ran.printed
    assert left(tmp_path, ran) == []


@pytest.mark.thorough
@volume
@pytest.mark.parametrize("workers", WORKERS.values(), ids=WORKERS)
@pytest.mark.parametrize("name", SIGNALS)
def test_a_run_that_is_ended(tmp_path: Path, name: str, workers: tuple[str, ...], volume: str) -> None:
    with wire(stalled, echoing) as base_url:
        command = suite_command(tmp_path, ["--base-url", base_url, *VOLUME[volume], *workers])
        printed, status = _ended(command, base_url, SIGNALS[name], variables(tmp_path))
    assert status == (-signal.SIGKILL if name == "killed" else 2), printed
    assert left(tmp_path, Ran(status, printed)) == []


def _ended(command: list[str], base_url: BaseUrl, number: int, given: dict[str, str]) -> tuple[str, int]:
    """What a run printed that gets a signal while its fourth answer stalls, and its exit status."""
    process = subprocess.Popen(
        command, env=environment(given), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    until = time.monotonic() + 60
    while len(base_url.asked) < 4 and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(number)
    printed, _ = process.communicate(timeout=120)
    return printed, process.returncode


@pytest.mark.thorough
@volume
def test_a_defect_of_the_suite(tmp_path: Path, volume: str) -> None:
    given = {**variables(tmp_path), **plugin(tmp_path, "broken_suite", BROKEN_SUITE)}
    with wire("none", echoing) as base_url:
        options = ["--base-url", base_url, "-p", "broken_suite", "-k", "known or json", *VOLUME[volume]]
        ran = run_suite(tmp_path, options, given)
    assert "a defect beside" in ran.printed
    assert left(tmp_path, ran) == []


@pytest.mark.thorough
@volume
@pytest.mark.parametrize("name", KINDS)
def test_a_recording_and_its_replay(tmp_path: Path, name: str, volume: str) -> None:
    cassette = tmp_path / name
    with wire("none", coded) as base_url:
        first = run_suite(tmp_path, ["--base-url", base_url, "--record", str(cassette)], variables(tmp_path))
    assert cassette.exists() or first.status == 4, first.printed
    again = run_suite(tmp_path, ["--cassette", str(cassette), *VOLUME[volume]], variables(tmp_path))
    assert left(tmp_path, first) == left(tmp_path, again) == []
