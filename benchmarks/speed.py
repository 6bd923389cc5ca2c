"""Speed as ratios to the least that could be done: `make bench`. Prints figures; nothing passes or fails by them.

Both sides of a ratio are measured in turns in one run, so that a slow machine slows both.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import requests

from catalog_contract.util.paths import PROJECT
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve

ROUNDS = 3
FAST = ("--rate", "100000")


def main() -> None:
    """Measure, and print one line for each ratio."""
    with tempfile.TemporaryDirectory() as name, serve(reference_gateway("2025")) as (url, _):
        folder = Path(name)
        targets = planned(url, folder)
        bare = folder / "bare"
        bare.mkdir()
        (bare / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
        print(f"{len(targets)} requests, median of {ROUNDS} rounds\n")
        start = partial(pytest, "-c", "/dev/null", "--rootdir", str(bare), str(bare))
        recorded = partial(suite, folder)
        live = partial(suite, folder, "--base-url", url, *FAST)
        show("start pytest", start, "collect all rules", partial(recorded, "--collect-only"))
        show("start pytest", start, "judge the recording", recorded)
        show("judge the recording", recorded, "the same with -n 2", partial(recorded, "-n", "2"))
        show("ask the planned URLs", partial(fetch, url, targets), "judge live", live)
        show("judge live", live, "the same, 4 at a time", partial(live, "--concurrency", "4"))


def show(least: str, floor: Callable[[], None], more: str, ours: Callable[[], None]) -> None:
    """Measure two things in turns, and print the median of each and how they compare."""
    pairs = [(timed(floor), timed(ours)) for _ in range(ROUNDS)]
    below, taken = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    ratio = f"{taken / below:5.2f} times"
    print(f"{more:<22}{taken:6.2f} s  is {ratio} {below:6.2f} s of: {least}", flush=True)


def timed(action: Callable[[], None]) -> float:
    """The seconds that an action takes."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def pytest(*arguments: str) -> None:
    """One run of pytest. Its exit status is not looked at: what is measured is time."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    subprocess.run(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def suite(folder: Path, *arguments: str) -> None:
    """One run of the rulebook."""
    pytest("tests/contract", "--report-dir", str(folder / "reports"), *arguments)


def planned(url: str, folder: Path) -> list[str]:
    """The paths and queries that a live run asks for."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/contract",
        "--plan",
        "--base-url",
        url,
        "--report-dir",
        str(folder),
    ]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False).stdout
    return [line.split()[1] for line in said.splitlines() if line.strip().startswith("GET ")]


def fetch(url: str, targets: list[str]) -> None:
    """The floor of a live run: the same requests, nothing done with the answers."""
    with requests.Session() as session:
        for target in targets:
            session.get(url + target, timeout=90)


if __name__ == "__main__":
    main()
