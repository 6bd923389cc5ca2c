"""A command as a whole process: seconds, CPU seconds and peak memory, as the operating system counts them."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from catalog_contract.util.paths import PROJECT


@dataclass(frozen=True)
class Figures:
    """What a command took: `wall` and `cpu` in seconds, `memory` in MB (10**6 bytes) at its peak, its exit status."""

    wall: float
    cpu: float
    memory: float
    status: int = 0


def measured(command: Sequence[str], given: str = "") -> Figures:
    """Run a command to its end, with a text on its standard input. Its output is not looked at.

    Python keeps compiled modules as it does by default, whatever the environment says.
    """
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(given.encode())
        process.stdin.close()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    return Figures(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1_000_000, process.returncode)


def in_turns(rounds: int, *actions: Callable[[], Figures]) -> list[Figures]:
    """The median figures of each of several actions, which are run in turns: a slow moment slows all of them."""
    runs = [[action() for action in actions] for _ in range(rounds)]
    return [_median([run[nth] for run in runs]) for nth in range(len(actions))]


def _median(figures: Sequence[Figures]) -> Figures:
    return Figures(
        median(one.wall for one in figures),
        median(one.cpu for one in figures),
        median(one.memory for one in figures),
        max(one.status for one in figures),
    )
