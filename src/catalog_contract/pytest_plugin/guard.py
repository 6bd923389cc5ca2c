"""The part of the plugin for what must not go wrong: two runs in a folder, a signal, a full disk."""

import contextlib
import signal

import pytest

from catalog_contract.pytest_plugin.claims import GUARD, ended, guard_of, release
from catalog_contract.pytest_plugin.state import is_worker

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def pytest_configure(config: pytest.Config) -> None:
    """End in order at SIGTERM too: reports are written, and what workers share is removed."""
    guard = guard_of(config)
    guard.allure.start()
    if is_worker(config):
        return
    for one in SIGNALS:
        with contextlib.suppress(ValueError):  # not in the main thread
            if signal.getsignal(one) is signal.SIG_DFL:
                guard.handlers[one] = signal.signal(one, _interrupt)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where no report was made: write into the old ones how the run ended."""
    if not is_worker(session.config):
        ended(session.config, int(session.exitstatus))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Give back what was held."""
    guard = config.stash.get(GUARD, None)
    if guard is None:
        return
    guard.allure.stop()
    for one, handler in guard.handlers.items():
        signal.signal(one, handler)
    release(config)
