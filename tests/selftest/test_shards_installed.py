"""Four machines and a merge, as a user has them: the installed command, over HTTP."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from installed import Installed, installed
from sharding import several
from test_shards import FAULTS, SHARDS

from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve

__all__ = ["installed"]

pytestmark = pytest.mark.thorough

SEEN_BY_THE_MERGE_ALONE = "boundary-row-twice"
OF_THE_DAY = {"started", "seconds", "origin", "command"}
"""What two runs of one service differ in: times, where the answers come from, and how the run was called."""


def without_times(value: Any) -> Any:
    """A verdict without what two runs differ in. Which pages are read again depends on when they were read first."""
    if isinstance(value, dict):
        return {key: without_times(found) for key, found in value.items() if key not in OF_THE_DAY}
    if isinstance(value, list):
        again = [found for found in value if isinstance(found, dict) and found.get("reading", 1) > 1]
        return [without_times(found) for found in value if found not in again]
    return value


def verdict(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "verdict.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize(("fault", "seed"), FAULTS)
def test_four_shards_and_a_merge_give_the_verdict_of_one_run(
    installed: Installed, tmp_path: Path, fault: str | None, seed: int
) -> None:
    """The first shard has two workers. All together ask hardly more than one run."""
    contract = several(tmp_path)
    with serve(reference_gateway("2025", fault, seed)) as (base_url, log):
        check = ("catalog-contract", "check", contract, "--base-url", base_url, "-p", "no:cacheprovider")
        one = installed.run(tmp_path, *check, "--report-dir", "one")
        asked = len(log)

        def shard(number: int) -> int:
            workers = ("-n", "2") if number == 1 else ()
            options = ("--report-dir", f"shard-{number}", "--shard", f"{number}/{SHARDS}", *workers)
            return installed.run(tmp_path, *check, *options).returncode

        with ThreadPoolExecutor(2) as pool:
            statuses = list(pool.map(shard, range(1, SHARDS + 1)))
        folders = [f"shard-{number}" for number in range(1, SHARDS + 1)]
        merged = installed.run(tmp_path, "catalog-contract", "merge", *folders, "-p", "no:cacheprovider")
        assert len(log) - asked <= 1.1 * asked
    assert merged.returncode == one.returncode == (1 if fault else 0), merged.stdout + merged.stderr
    assert without_times(verdict(tmp_path / "reports")) == without_times(verdict(tmp_path / "one"))
    assert set(statuses) <= ({16} if fault in (None, SEEN_BY_THE_MERGE_ALONE) else {1, 16})
