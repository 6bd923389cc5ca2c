"""How far a run is: one line that is rewritten on a terminal, a line every ten seconds in a log."""

import contextlib
import math
import shutil
import threading
import time
from typing import TextIO

from catalog_contract.util.text import number

ON_A_TERMINAL = 0.5
IN_A_LOG = 10.0
"""Seconds between two lines."""
CLEAR = "\r\x1b[K"


def about(seconds: float) -> str:
    """A duration that is an estimate: `about 50 s`, `about 3 min`."""
    return f"about {math.ceil(seconds)} s" if seconds < 100 else f"about {round(seconds / 60)} min"


def how_long(requests: int, rate: float) -> str:
    """How long that many requests take at a rate in requests a second: `about 16 s at 5 a second`."""
    if math.isinf(rate):
        return "as fast as the service answers"
    return f"{about(requests / rate)} at {rate:g} a second"


class Progress:
    """Shows how many requests are answered, while it is entered. `fetched` counts one more; any thread may call it.

    `planned` is how many are expected, `at_least` says that there may be more. `rate` is in requests a second. The
    line is rewritten where `out` is a terminal. What cannot be written is left out.
    """

    def __init__(self, out: TextIO, planned: int, rate: float = math.inf, *, at_least: bool = False) -> None:
        self._out, self._planned, self._rate, self._at_least = out, planned, rate, at_least
        self._done, self._started = 0, time.monotonic()
        self._terminal = out.isatty()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._show, name="progress", daemon=True)

    def fetched(self) -> None:
        """One more request is answered."""
        self._done += 1

    def __enter__(self) -> "Progress":
        self._started = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._terminal:
            self._write(CLEAR)

    def line_at(self, seconds: float) -> str:
        """The line, that many seconds after the start: `31 of 78 requests, about 50 s left`."""
        if self._done > self._planned:
            return f"{number(self._done)} requests, {number(self._planned)} were planned"
        least = "at least " if self._at_least else ""
        each = max(seconds / self._done if self._done else 0.0, 1 / self._rate)
        left = each * (self._planned - self._done)
        ends = f", {about(left)} left" if left > 0 and math.isfinite(left) else ""
        return f"{number(self._done)} of {least}{number(self._planned)} requests{ends}"

    def _show(self) -> None:
        while not self._ended.wait(ON_A_TERMINAL if self._terminal else IN_A_LOG):
            line = self.line_at(time.monotonic() - self._started)
            room = shutil.get_terminal_size().columns - 1
            self._write(f"{CLEAR}{line[:room]}" if self._terminal else f"{line}\n")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._out.write(text)
            self._out.flush()
