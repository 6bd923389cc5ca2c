"""Command lines spoilt by rule: `python option_tries.py CONTRACT SEED COUNT` prints a line for each that fails.

Every try runs in a fork of a process that has loaded everything, in a folder of its own. What must hold: an exit
status that is documented, no traceback, and for a refusal one line that can be read. What pytest says of its own
options is its own. Seeded: the same seed makes the same tries.
"""

import os
import random
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog_contract.pytest_plugin.command import check
from catalog_contract.pytest_plugin.options import OPTIONS

PYTEST_SAYS = tuple(f"ERROR: argument {option}" for option in ("--maxfail", "-n", "-k", "-m", "--junitxml"))
DOCUMENTED = {0, 1, 2, 4, 5, 16}
SECONDS = 180
"""After which a try has no end, also on a machine with much else to do."""

AT_A_TIME = 2
ADDRESS = "http://127.0.0.1:9"
VALUES = (
    "", " ", "-1", "0", "1", "1.5", "1e400", "nan", "inf", "-inf", "9" * 5_000, "0x10", "\u0663", "1e-300", "x" * 3_000,
    "a\nb", "::error::x", "\x1b[31mred", "\u202eid", "h\u00e9llo", "http://", "http://user:secret-of-mine@h/",
    "http://127.0.0.1:99999", "https://h?key=secret-of-mine", "ftp://h", "gatewayz", "no-such-contract", "--plan", "-k",
    "1/0", "2/1", "1/1", "one/two", "{folder}/pipe", "{folder}/file", "{folder}", "{folder}/missing/deep", "/dev/null",
    "/dev/zero", "%00", "$(touch x)", "'; exit 1;'", "{{}}", "~", "~nobody/x",
)  # fmt: skip
BESIDE = ("-k", "-m", "-n", "-x", "-q", "--base-url", "--junitxml", "--maxfail", "--collect-only", "--no-such-option")


def command_line(draw: random.Random, folder: Path) -> list[str]:
    """Up to four options of ours and of pytest, most with a value that they cannot have."""
    words = []
    for _ in range(draw.randint(1, 4)):
        option = draw.choice((*OPTIONS, *OPTIONS, *BESIDE))
        value = draw.choice(VALUES).replace("{folder}", str(folder))
        bare = OPTIONS.get(option, {}).get("action") == "store_true" or option in ("-x", "-q", "--collect-only")
        words += [option] if bare and draw.random() < 0.8 else [f"{option}={value}"] if draw.random() < 0.3 else [
            option, value,
        ]  # fmt: skip
    return words


@dataclass
class Try:
    """A command line that runs in a fork, in a folder of its own."""

    contract: str
    words: list[str]
    folder: Path
    child: int = 0
    until: float = 0.0

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def start(self) -> None:
        self.until = time.monotonic() + SECONDS
        self.child = os.fork()
        if not self.child:
            self._run()

    def _run(self) -> None:
        os.chdir(self.folder)
        with self.out.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        status = 3
        try:
            status = check(self.contract, ["--base-url", ADDRESS, "-q", "-p", "no:cacheprovider", *self.words])
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 3
        finally:
            sys.stdout.flush()
            os._exit(status)

    def wrong(self) -> str | None:
        """What is wrong with how it ended; empty where nothing is, None while it runs."""
        ended, status = os.waitpid(self.child, os.WNOHANG)
        if ended:
            return _judged(os.waitstatus_to_exitcode(status), self.out.read_text(encoding="utf-8", errors="replace"))
        if time.monotonic() < self.until:
            return None
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        return f"no end after {SECONDS} s"


def _judged(code: int, printed: str) -> str:
    if code not in DOCUMENTED:
        return f"exit status {code}: {printed[-300:]!r}"
    if "Traceback" in printed or "INTERNALERROR" in printed or "internal error" in printed:
        return f"a traceback: {printed[-300:]!r}"
    if "secret-of-mine" in printed:
        return f"a password is shown: {printed[-300:]!r}"
    errors = re.findall(r"^ERROR: .*|^catalog-contract: .*", printed, re.MULTILINE)
    errors = [line for line in errors if not line.startswith(PYTEST_SAYS)]
    long = [line for line in errors if len(line) >= 300 or not line.isprintable()]
    return f"not one line that can be read: {long[0][:200]!r}" if code == 4 and long else ""


def tries(contract: str, seed: int, count: int, below: Path) -> Iterator[Try]:
    """That many command lines, each in a folder of its own."""
    draw = random.Random(seed)
    for nth in range(count):
        folder = below / str(nth)
        folder.mkdir()
        os.mkfifo(folder / "pipe")
        (folder / "file").write_text("{", encoding="utf-8")
        yield Try(contract, command_line(draw, folder), folder)


def main(contract: str, seed: str, count: str) -> None:
    """Try that many command lines, a few at a time."""
    with tempfile.TemporaryDirectory() as name:
        waiting = tries(contract, int(seed), int(count), Path(name))
        running: list[Try] = []
        while len(running) < AT_A_TIME and (one := next(waiting, None)):
            one.start()
            running.append(one)
        while running:
            time.sleep(0.02)
            for one in list(running):
                why = one.wrong()
                if why is None:
                    continue
                running.remove(one)
                if why:
                    print(f"{[word[:60] for word in one.words]}: {why}", flush=True)
                if following := next(waiting, None):
                    following.start()
                    running.append(following)


if __name__ == "__main__":
    main(*sys.argv[1:])
