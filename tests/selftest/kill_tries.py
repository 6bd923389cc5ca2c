"""Whole runs that are killed at a seeded moment, with all that such a run keeps up to date: see test_kills.py.

Each try is of one of `WAYS`. The files that it keeps are those of an earlier good run, beside files of the user. What
must hold after the kill and after the next run is given by `damage` and `leftovers`.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from runs import small

from catalog_contract.contracts.load import load_contract
from catalog_contract.report import history
from catalog_contract.report.write import REPORTS
from catalog_contract.run import baseline
from catalog_contract.transport.cassette.source import CassetteSource
from catalog_contract.util.claim import PREFIX
from catalog_contract.util.paths import PROJECT
from fixtures.gateway.core import Answer, Gateway, Query, reference_gateway
from fixtures.gateway.server import serve
from fixtures.wire.suite import environment

WAYS: dict[str, tuple[str, ...]] = {
    "alone": ("--baseline", "{kept}/baseline.json"),
    "workers": ("-n", "2", "--baseline", "{kept}/baseline.json"),
    "several at a time": ("--concurrency", "4", "--baseline", "{kept}/baseline.json"),
    "recording": ("--record", "{kept}/recording.json.xz"),
}
"""How a killed run is called; each also keeps a history, and results of Allure in a folder of the user's."""

EVERY = ("--history", "{kept}/history.jsonl", "--alluredir", "{allure}", "--rate", "1000")
FEW = ("tests/contract/test_pages.py", "tests/contract/test_totals.py", "tests/contract/test_identity.py")
SECONDS = 120
PAUSE = 0.02
"""How long the service takes for an answer: a run is to be killed while it asks, too."""

BODY = b"source_gateway"
"""What every answer holds, and nothing else."""

MINE = {
    "notes.txt": "mine",
    "verdict.txt": "mine",
    ".verdict.html.tmp": "mine",
    "0123abcd-0000-4000-8000-000000000001-result.json": '{"name": "mine", "uuid": "1"}',
    "0123abcd-0000-4000-8000-000000000002-attachment.txt": "mine",
}
"""Files of the user, in the folder of the reports, of Allure's results and beside what is kept."""


@dataclass
class Try:
    """The folders of a run, and what they held before the kill."""

    folder: Path
    way: str
    old: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0
    asks: int = 0

    @property
    def kept(self) -> Path:
        return self.folder / "kept"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    @property
    def allure(self) -> Path:
        return self.folder / "allure"

    @property
    def tmp(self) -> Path:
        return self.folder / "tmp"

    def folders(self) -> Iterator[Path]:
        """Where the user has files too."""
        yield from (self.kept, self.reports, self.allure)

    def prepare(self, base_url: str, log: Sequence[object]) -> None:
        """Make the folders with the files of the user, and a first good run."""
        for folder in (*self.folders(), self.tmp):
            folder.mkdir(parents=True)
        for folder in self.folders():
            for name, text in MINE.items():
                (folder / name).write_text(text, encoding="utf-8")
                os.utime(folder / name, (1, 1))
        small(self.folder)
        begun, seen = time.monotonic(), len(log)
        status, printed = self.run(base_url)
        assert status == 0, printed
        self.seconds, self.asks = time.monotonic() - begun, len(log) - seen
        self.remember()

    def remember(self) -> None:
        """Take what is there for the old state."""
        self.old = {path.name: path.read_bytes() for path in self.kept.iterdir()}

    def start(self, base_url: str) -> subprocess.Popen[str]:
        options = [option.format(kept=self.kept, allure=self.allure) for option in (*WAYS[self.way], *EVERY)]
        own = ["--contract", str(self.folder / "small.toml"), "--base-url", base_url]
        own += ["--report-dir", str(self.reports), "-p", "no:cacheprovider", "-q"]
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *FEW, *own, *options],
            cwd=PROJECT, env=environment({"TMPDIR": str(self.tmp)}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, base_url: str) -> tuple[int, str]:
        """A run to its end: exit status, and what it printed."""
        process = self.start(base_url)
        printed, _ = process.communicate(timeout=SECONDS)
        return process.returncode, printed

    def killed(self, base_url: str, log: Sequence[object], draw: random.Random) -> str:
        """A run that is killed, alone or with its workers, after that many requests or seconds; which it was."""
        begun, seen = time.monotonic(), len(log)
        requests, seconds = draw.randint(0, self.asks), self.seconds * draw.uniform(0.3, 1.05)
        by_requests, all_of_it = draw.random() < 0.6, draw.random() < 0.3
        process = self.start(base_url)
        while process.poll() is None and time.monotonic() - begun < SECONDS:
            if (len(log) - seen >= requests) if by_requests else (time.monotonic() - begun >= seconds):
                break
            time.sleep(0.002)
        time.sleep(draw.uniform(0, 0.05))
        if all_of_it and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.communicate(timeout=SECONDS)
        self._wait_for_orphans(process.pid)
        return f"after {requests} requests" if by_requests else f"after {seconds:.2f} s of {self.seconds:.2f} s"

    @staticmethod
    def _wait_for_orphans(group: int) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)
        os.killpg(group, signal.SIGKILL)
        raise AssertionError("workers live on after the run was killed")

    def damage(self, lines: int = 1) -> list[str]:
        """What is spoilt: a file of the user's, or one that a run keeps. Raises where one cannot be read.

        So many lines may have been added to the history.
        """
        wrong = [
            f"{folder.name}/{name}" for folder in self.folders() for name, text in MINE.items()
            if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
        ]  # fmt: skip
        path, old = self.kept / "history.jsonl", self.old["history.jsonl"]
        data = path.read_bytes()
        more = data.removeprefix(old).count(b"\n")
        if not data.startswith(old) or not data.endswith(b"\n") or more > lines or history.read(path).complaints:
            wrong.append("the history")
        if "baseline.json" in self.old and not baseline.read(
            self.kept / "baseline.json", load_contract(str(self.folder / "small.toml"))
        ):
            wrong.append("the baseline")
        if "recording.json.xz" in self.old and not CassetteSource(self.kept / "recording.json.xz").recorded():
            wrong.append("the recording")
        for name in REPORTS:
            text = (self.reports / name).read_text(encoding="utf-8")
            if name.endswith(".json") and json.loads(text)["state"] not in ("finished", "not finished"):
                wrong.append(name)
            if name.endswith(".xml"):
                ElementTree.fromstring(text)
        return wrong

    def leftovers(self) -> list[str]:
        """What a run that was killed has left after the next one: in folders for temporary files, or half written."""
        left = [path.name for path in self.tmp.glob(f"{PREFIX}*")]
        left += [str(path) for path in self.tmp.rglob("*") if path.is_file() and BODY in path.read_bytes()]
        for folder in self.folders():
            aside = [*folder.rglob("*.tmp"), *folder.rglob("*.new")]
            left += [path.name for path in aside if path.name not in MINE]
        for path in self.allure.glob("*.json"):
            json.loads(path.read_text(encoding="utf-8"))
        results = (path for path in self.allure.glob("*-result.json") if path.name not in MINE)
        tests = [json.loads(path.read_text(encoding="utf-8")) for path in results]
        names = [test["fullName"] + str(test.get("parameters")) for test in tests]
        left += [f"a second result of {name}" for name in set(names) if names.count(name) > 1]
        return left


def slow_gateway() -> Gateway:
    gateway = reference_gateway()

    def slowly(query: Query) -> Answer:
        time.sleep(PAUSE)
        return gateway(query)

    return slowly


def tries(folder: Path, seed: int, count: int) -> Iterator[str]:
    """Kill that many runs, each followed by one that ends; what is wrong after one, with the way and the moment."""
    draw = random.Random(seed)
    ready: dict[str, Try] = {}
    with serve(slow_gateway()) as (base_url, log):
        for nth in range(count):
            way = list(WAYS)[(seed + nth) % len(WAYS)]
            if way not in ready:
                ready[way] = Try(folder / str(list(WAYS).index(way)), way)
                ready[way].prepare(base_url, log)
            moment, wrong = ready[way].killed(base_url, log, draw), ready[way].damage()
            status, printed = ready[way].run(base_url)
            wrong += [f"the next run ends with {status}: {printed[-500:]}"] if status else []
            wrong += [*ready[way].damage(lines=2), *ready[way].leftovers()]
            if wrong:
                yield f"{way}, {moment}: {wrong}"
            ready[way].remember()
