"""Time and memory beside the least that could be done: `make bench`. Writes docs/performance.md; judges nothing.

Both sides of a ratio are measured in turns in one run, so that a slow machine slows both.
"""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen

from benchmarks.lists import contract
from benchmarks.measured import Figures, in_turns, measured
from benchmarks.server import serving
from catalog_contract.contracts.load import load_contract
from catalog_contract.rules.selection import every_case
from catalog_contract.util.paths import PROJECT
from catalog_contract.util.text import counted

ROUNDS = 3
WITHOUT = ("-p", "no:hypothesispytest")
FAST = ("--rate", "100000")
PAGE = PROJECT / "docs" / "performance.md"
MACHINE = f"On {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
HEAD = """\
# Performance

Made by `make bench`, which measures whole processes: both sides of a line in turns, {rounds} times for what is short
and once for the long lists and the hostile answers; the medians are shown. `python -m benchmarks.performance PART...`
measures some parts again and keeps the others. Memory is at least that of the process that measures. What else the
machine did meanwhile slows both sides: CPU seconds and ratios tell more than seconds.

"The same requests" are asked by one `requests` session and decoded by `json`, one after the other. pytest runs without
the plugin of Hypothesis, which the self-test alone needs, on both sides.
"""
TABLE = """\
| what | seconds | CPU s | memory | beside | seconds | CPU s | ratio | CPU ratio | wanted |
|---|---|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Line:
    """One line of the table: ours beside a floor (None: there is none to compare with), and what is wanted."""

    what: str
    ours: Figures
    beside: str = ""
    floor: Figures | None = None
    wanted: str = ""

    def __str__(self) -> str:
        ours, floor = self.ours, self.floor
        reported = [self.what, f"{ours.wall:.2f}", f"{ours.cpu:.2f}", f"{ours.memory:,.0f} MB", self.beside]
        if floor:
            ratios = (ours.wall / floor.wall, ours.cpu / floor.cpu)
            reported += [f"{floor.wall:.2f}", f"{floor.cpu:.2f}", *(f"{ratio:.1f}" for ratio in ratios)]
        else:
            reported += [""] * 4
        return f"| {' | '.join([*reported, self.wanted])} |"


def main() -> None:
    """Measure the parts that the arguments name, or all, and write them into the page."""
    sections = kept()
    with tempfile.TemporaryDirectory() as name:
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(name) / "compiled")
        for part in sys.argv[1:] or PARTS:
            measure, about = PARTS[part]
            reported = "".join(f"{line}\n" for line in measure(Path(name)))
            print(reported, flush=True)
            table = reported if part == "matrix" else TABLE + reported
            sections[part] = f"\n{about}\n\n{MACHINE}, {load()}:\n\n{table}"
            body = "".join(f"\n## {title(part)}\n{sections[part]}" for part in PARTS if part in sections)
            PAGE.write_text(HEAD.format(rounds=ROUNDS) + body, encoding="utf-8")


def load() -> str:
    """How busy the machine was: seconds are worth little where more waited than it has cores."""
    return f"{counted(round(os.getloadavg()[2]), 'process', 'processes')} at work or waiting"


def title(part: str) -> str:
    """The heading of a part."""
    return part.capitalize()


def kept() -> dict[str, str]:
    """The sections that the page holds already."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    by_title = {title(part): part for part in PARTS}
    found = (section.partition("\n") for section in text.split("\n## ")[1:])
    return {by_title[name]: body for name, _, body in found if name in by_title}


def command(*arguments: str) -> Figures:
    """One run of this interpreter."""
    return measured([sys.executable, *arguments])


def suite(folder: Path, *arguments: str) -> Figures:
    """One run of the rulebook."""
    return command(
        "-m", "pytest", *WITHOUT, "-q", "tests/contract", "--report-dir", str(folder / "reports"), *arguments
    )


def beside(
    what: str,
    ours: Callable[[], Figures],
    floor_name: str,
    floor: Callable[[], Figures],
    wanted: str,
    rounds: int = ROUNDS,
) -> Line:
    """Both sides, in turns, after one run of each that is not counted where there are several."""
    if rounds > 1:
        ours(), floor()
    here, there = in_turns(rounds, ours, floor)
    return Line(what, here, floor_name, there, wanted)


def start(folder: Path) -> Iterator[Line]:
    """The start of the command line."""
    listed = partial(command, "-m", "catalog_contract.cli", "--help")
    yield beside("`catalog-contract --help`", listed, "`python -c pass`", partial(command, "-c", "pass"), "under 0.2 s")


def trivial(folder: Path, amount: int) -> list[str]:
    """The arguments of pytest for that many tests that do nothing, with Allure."""
    bare = folder / f"bare-{amount}"
    bare.mkdir(exist_ok=True)
    test = f"import pytest\n\n@pytest.mark.parametrize('n', range({amount}))\ndef test_nothing(n):\n    pass\n"
    (bare / "test_nothing.py").write_text(test)
    return [
        "-m",
        "pytest",
        *WITHOUT,
        "-q",
        "-c",
        os.devnull,
        "--rootdir",
        str(bare),
        str(bare),
        "--alluredir",
        str(bare / "allure"),
    ]


def offline(folder: Path) -> Iterator[Line]:
    """The recording of the default contract."""
    cases = len(list(every_case(load_contract("gatewayz"), live=False)))
    floor = partial(command, *trivial(folder, cases), "--clean-alluredir")
    ours = partial(suite, folder)
    yield beside("the rulebook, offline", ours, f"{cases} trivial tests with Allure", floor, "at most 2 times")
    yield beside("the same with `-n 2`", partial(suite, folder, "-n", "2"), "without", ours, "")


def live(folder: Path) -> Iterator[Line]:
    """The default contract, live on loopback, and the storm."""
    pytest_start = partial(command, *trivial(folder, 1))
    with gateway() as url:
        ours = partial(suite, folder, "--base-url", url, *FAST)
        floor = bare_loop(folder, url, ours)

        def both() -> Figures:
            one, other = floor(), pytest_start()
            return Figures(one.wall + other.wall, one.cpu + other.cpu, max(one.memory, other.memory))

        yield beside("the rulebook, live", ours, "the same requests, and a pytest start", both, "at most 3 times")
        four = partial(suite, folder, "--base-url", url, *FAST, "--concurrency", "4")
        yield beside("the same, 4 requests at a time", four, "one at a time", ours, "")
    with gateway("--fault", "storm") as url:
        storm = partial(suite, folder, "--base-url", url, *FAST)
        floor = bare_loop(folder, url, storm)
        yield beside("the storm of 50,000 items", storm, "the same requests", floor, "at most 3 times", 1)


def long_lists(folder: Path) -> Iterator[Line]:
    """Lists of a hundred thousand and of a million items."""
    for items, wanted in ((100_000, "at most 2 times, under 150 MB"), (1_000_000, "at most 2 times, under 400 MB")):
        path = contract(folder, items)
        with serving("listing", items) as url:
            ours = partial(suite, folder, "--contract", str(path), "--base-url", url)
            floor = bare_loop(folder, url, ours)
            yield beside(f"{items:,} items", ours, "the same requests", floor, wanted, 1)


def hostile(folder: Path) -> Iterator[Line]:
    """Answers that are made to cost their reader much."""
    path = contract(folder, 30)
    for kind in ("empty-lists", "long-ids", "new-bodies"):
        with serving(kind, 30) as url:
            figures = suite(folder, "--contract", str(path), "--base-url", url)
        yield Line(f"hostile: {kind.replace('-', ' ')}", figures, wanted="under 60 s and 500 MB")


def matrix(_: Path) -> Iterator[str]:
    """What `benchmarks.matrix` prints."""
    asked = [sys.executable, "-m", "benchmarks.matrix"]
    with Popen(asked, cwd=PROJECT, stdout=PIPE, text=True) as process:
        yield f"```\n{process.communicate()[0].strip()}\n```"


PARTS: dict[str, tuple[Callable[[Path], Iterator[Line | str]], str]] = {
    "start": (start, "The command line."),
    "offline": (
        offline,
        "The recording of the default contract. Most of the time is Python loading pytest, its plugins and this\n"
        "package, and what pytest and Allure do for each case, of which a file is written; the plan asks every rule\n"
        "of an ideal service; the rest is decoding and judging.",
    ),
    "live": (live, "The default contract on loopback, without a pause between requests."),
    "long": (
        long_lists,
        "Items of 250 bytes, limit 1,000, a second page size of 997; the server is a process of its own on the same\n"
        "machine. Its time is in the seconds of both sides, in the CPU seconds of neither.",
    ),
    "hostile": (
        hostile,
        "96 MB of `[],[],...` in each answer; ids of 1 MB each; 25 MB in each answer, never the same.",
    ),
    "matrix": (matrix, "Every fault of the gallery at every seed in memory: rules and diagnosis, on one core."),
}


def bare_loop(folder: Path, url: str, run: Callable[[], Figures]) -> Callable[[], Figures]:
    """The floor of a live run: the requests that it made, asked and decoded, and nothing else."""
    run()
    verdict = json.loads((folder / "reports" / "verdict.json").read_text())
    targets = [request["target"] for request in verdict["requests"]]
    urls = "\n".join(url + target for target in targets)
    return partial(measured, [sys.executable, "-m", "benchmarks.bare"], urls)


@contextmanager
def gateway(*arguments: str) -> Iterator[str]:
    """The reference gateway in a process of its own: its base URL."""
    asked = [sys.executable, "-u", "-m", "fixtures.gateway", "--port", "0", *arguments]
    with Popen(asked, cwd=PROJECT, stdout=PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield next(word for line in process.stdout for word in line.split() if word.startswith("http://"))
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
