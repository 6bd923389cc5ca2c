"""Whatever the options of a run say, it is refused in one line, or it runs and ends as documented."""

import subprocess
import sys
from pathlib import Path

import pytest
from runs import small

from catalog_contract.util.paths import PROJECT
from fixtures.wire.suite import environment

FEW = 8
SEEDS, COUNT = 4, 75


def failures(folder: Path, seed: int, count: int) -> list[str]:
    """The command lines, of that many, that ended otherwise."""
    driver = str(Path(__file__).with_name("option_tries.py"))
    done = subprocess.run(
        [sys.executable, driver, str(small(folder)), str(seed), str(count)],
        cwd=PROJECT, env=environment(), capture_output=True, text=True, timeout=3_000, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_few_command_lines(tmp_path: Path) -> None:
    assert failures(tmp_path, 10, FEW) == []


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(SEEDS))
def test_many_command_lines(tmp_path: Path, seed: int) -> None:
    assert failures(tmp_path, seed, COUNT) == []
