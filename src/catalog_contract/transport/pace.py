"""How fast and how often a service may be asked, and when to stop asking: shared by all workers of a run."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from catalog_contract.model.contract import Transport
from catalog_contract.model.exchange import NOT_ASKED, SERVICE_IS_DOWN
from catalog_contract.transport.errors import Kind, Problem

DEAD_IN_A_ROW = 2
SLOW_IN_A_ROW = 3
SLOW_FROM_THE_START = 2
"""That many requests in a row without an answer, and the rest of the run is not asked; the last holds for a service
that has not answered at all in this run."""

SLOW_IN_ALL = 6
"""That many requests without an answer in time, whatever came between them, and the rest of the run is not asked."""

MAX_FAILED_RETRIES = 2
"""After that many requests in a row that all tries did not help, each gets one try, until one is answered."""

RECEIVED_ENOUGH = "the run has received {:,.0f} MB, {:,.6g} are allowed (transport.run_cap_megabytes)"

MAX_WAITING_SECONDS = 120.0
"""How long one run waits in all for a service that is busy or stalls, before it takes such answers as they are."""


@dataclass
class _State:
    """`next` is when the next request may leave (the clock all processes share), `sent` how many have left,
    `waited` the seconds spent on a service that is busy or stalls, `failed_retries` how many requests in a row failed
    all their tries, `began` when the first request asked to leave, `slow_in_all` how many were never answered in
    time, `received` how many bytes have come."""

    next: float = 0.0
    sent: int = 0
    dead: int = 0
    slow: int = 0
    failed_retries: int = 0
    waited: float = 0.0
    answered: bool = False
    down: str = ""
    began: float | None = None
    slow_in_all: int = 0
    received: int = 0


class Pace:
    """The rate limit, the cap on requests, and the breaker.

    With a `folder` the state lives there, under a file lock, and holds for all processes of the run; without
    one it holds for the threads of this process.
    """

    def __init__(self, transport: Transport, folder: Path | None = None) -> None:
        self._rate = transport.requests_per_second
        self._maximum = transport.maximum_requests
        self._seconds = transport.maximum_seconds
        self._megabytes = transport.run_cap_megabytes
        self._state = _State()
        self._thread_lock = threading.Lock()
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "pace.json" if folder else None
        self._file_lock = FileLock(folder / "pace.lock") if folder else contextlib.nullcontext()

    def ask(self) -> str | None:
        """Wait for the next slot and take it. A line that says why not, when nothing may be asked any more."""
        with self._shared() as state:
            if state.down:
                return f"{SERVICE_IS_DOWN} ({state.down})"
            if state.sent >= self._maximum:
                return f"{NOT_ASKED}the cap of {self._maximum} requests is reached"
            if state.received >= self._megabytes * 1_000_000:
                return f"{NOT_ASKED}{RECEIVED_ENOUGH.format(state.received / 1_000_000, self._megabytes)}"
            now = time.monotonic()
            state.began = now if state.began is None else state.began
            slot = max(now, state.next)
            if slot - state.began >= self._seconds:
                return f"{NOT_ASKED}the run's time is up ({self._seconds:g} s)"
            state.next = slot + (1 / self._rate if self._rate > 0 else 0)
            state.sent += 1
        time.sleep(slot - now)
        return None

    def grant(self, seconds: float) -> bool:
        """Whether the run may spend so long on waiting for a service that is busy or stalls; if so, it is counted."""
        with self._shared() as state:
            left = self._seconds - (time.monotonic() - (time.monotonic() if state.began is None else state.began))
            granted = state.waited + seconds <= MAX_WAITING_SECONDS and seconds <= left
            state.waited += seconds if granted else 0
        return granted

    def received(self, size: int) -> None:
        """Count the bytes of an answer, whatever becomes of it."""
        with self._shared() as state:
            state.received += size

    def saw_try(self, problem: Problem | None) -> None:
        """Count how a try ended that is followed by another one: what stalls costs its time in any case."""
        if problem is not None and problem.kind in (Kind.SLOW, Kind.LATE):
            with self._shared() as state:
                _stalled(state, problem)

    def saw(self, problem: Problem | None, busy: bool = False) -> None:
        """Count how a request ended, after its tries; None for any answer at all, `busy` for one that asks to
        come back."""
        with self._shared() as state:
            state.failed_retries = state.failed_retries + 1 if problem or busy else 0
            if problem is None or problem.kind in (Kind.CUT, Kind.GARBLED, Kind.BAD):
                state.dead = state.slow = 0
                state.answered = state.answered or problem is None
            elif problem.kind in (Kind.SLOW, Kind.LATE):
                state.slow += 1
                if state.slow >= (SLOW_IN_A_ROW if state.answered else SLOW_FROM_THE_START):
                    state.down = f"{problem.message}, {state.slow} times in a row"
                _stalled(state, problem)
            else:
                state.dead += 1
                # Waiting for a connection costs seconds each time; a service never seen alive gets one chance.
                if state.dead >= DEAD_IN_A_ROW or (problem.kind is Kind.NO_ROUTE and not state.answered):
                    state.down = problem.message

    @property
    def answered(self) -> bool:
        """Whether the service has given any answer in this run."""
        with self._shared() as state:
            return state.answered

    @property
    def may_retry(self) -> bool:
        """Whether it is worth trying again: not where that has just been useless several times."""
        with self._shared() as state:
            return state.failed_retries < MAX_FAILED_RETRIES

    @property
    def slow(self) -> int:
        """How many requests in a row have ended without an answer in time."""
        with self._shared() as state:
            return state.slow

    @property
    def sent(self) -> int:
        """How many requests have left in this run, retries and redirects included."""
        with self._shared() as state:
            return state.sent

    @contextlib.contextmanager
    def _shared(self) -> Iterator[_State]:
        with self._thread_lock, self._file_lock:
            if self._file and self._file.exists():
                self._state = _State(**json.loads(self._file.read_text()))
            yield self._state
            if self._file:
                aside = self._file.with_suffix(".new")
                aside.write_text(json.dumps(asdict(self._state)))
                aside.replace(self._file)


def _stalled(state: _State, problem: Problem) -> None:
    """Count a stall, and ask no more after too many in one run."""
    state.slow_in_all += 1
    if not state.down and state.slow_in_all >= SLOW_IN_ALL:
        state.down = f"{problem.message}, {state.slow_in_all} times in this run"
