"""A run that is killed at any moment costs nobody a file, and the next run takes away what it left."""

from pathlib import Path

import pytest
from kill_tries import WAYS, tries

from catalog_contract.util.files import write

FEW = 2
MANY = 8
SEEDS = range(8)


def test_a_few_kills(tmp_path: Path) -> None:
    assert list(tries(tmp_path, 100, FEW)) == []


@pytest.mark.thorough
@pytest.mark.parametrize("seed", SEEDS)
def test_many_kills(tmp_path: Path, seed: int) -> None:
    assert 2 * len(WAYS) <= MANY, "each way twice"
    assert list(tries(tmp_path, seed, MANY)) == []


def test_what_was_written_aside_and_never_renamed_is_removed(tmp_path: Path) -> None:
    """That of a process which is gone, for the same file; no other."""
    gone, living = tmp_path / ".verdict.json.999999999.tmp", tmp_path / ".verdict.json.1.tmp"
    others = [tmp_path / name for name in (".verdict.html.999999999.tmp", ".verdict.json.x.tmp", "verdict.json.1.tmp")]
    for path in (gone, living, *others):
        path.write_text("half")
    write(tmp_path / "verdict.json", "{}")
    assert not gone.exists()
    assert all(path.exists() for path in (living, *others))
