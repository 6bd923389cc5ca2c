"""How a run was called, and the line that calls it again for a single case."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from catalog_contract.model.contract import Contract
from catalog_contract.model.run import Invocation
from catalog_contract.run.settings import Settings
from catalog_contract.transport.base import SourceError
from catalog_contract.transport.redact import Redactor
from catalog_contract.transport.secret import KEY_VARIABLE, Key
from catalog_contract.util.shell import joined
from catalog_contract.util.urls import without_logins
from catalog_contract.util.version import own_version

PROGRAM = "catalog-contract"
GIT = ("git", "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*")
GIT_SECONDS = 5


def invocation(command: Iterable[str], settings: Settings, contract: Contract) -> Invocation:
    """What reports tell of a run that was called by these words. `settings` are those that the user gave."""
    hide = _hiding()
    words = [hide(without_logins(word)) for word in command]
    again = [*_program(), "check", *_judging(settings, contract)]
    shown = [hide(without_logins(word)) for word in again]
    return Invocation(joined(words), joined(shown), own_version(), commit())


def _hiding() -> Callable[[str], str]:
    """What takes the key out of a text; an unusable key, which a recording does not need, too."""
    try:
        return Key.from_environment().hide
    except SourceError:
        return Redactor(os.environ.get(KEY_VARIABLE, "").strip())


def commit() -> str:
    """The commit of the current folder, with `-dirty` where files differ; empty where git is not, or knows none."""
    try:
        done = subprocess.run(GIT, capture_output=True, text=True, timeout=GIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired, UnicodeError):
        return ""
    stated = done.stdout.strip()
    return stated if done.returncode == 0 and re.fullmatch(r"[0-9a-f]{7,64}(-dirty)?", stated) else ""


def _program() -> list[str]:
    """The command of the environment that runs now, as the current folder can call it."""
    script = Path(sys.executable).with_name(PROGRAM)
    on_path = shutil.which(PROGRAM)
    if on_path and Path(on_path).parent == script.parent:
        return [PROGRAM]
    if not script.exists() and not script.with_suffix(".exe").exists():
        return [sys.executable, "-m", "catalog_contract.cli"]
    return [str(script.relative_to(Path.cwd()) if script.is_relative_to(Path.cwd()) else script)]


def _judging(settings: Settings, contract: Contract) -> list[str]:
    """The options that decide what is judged, and how it is asked; reports and history are left to their defaults."""
    given = {
        "--base-url": settings.base_url,
        "--cassette": settings.cassette,
        "--har": settings.har,
        "--against": settings.against,
        "--baseline": settings.baseline,
        "--known": settings.known,
        "--rate": settings.rate,
        "--concurrency": settings.concurrency,
        "--max-seconds": settings.most_seconds,
    }
    named = [(name, f"{value:g}" if isinstance(value, float) else str(value)) for name, value in given.items() if value]
    return [settings.contract or contract.name, *(word for pair in named for word in pair)]
