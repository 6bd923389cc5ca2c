"""Healthy lists of many items, by the installed commands: no limit of ours lies below what they need."""

import json
import subprocess
from pathlib import Path

import pytest
from installed import Installed, installed
from sampling import LongList, long_list

from fixtures.gateway.pipeline import Answer, Gateway, Query
from fixtures.gateway.server import serve

__all__ = ["installed"]
pytestmark = pytest.mark.thorough

SIZES = ((1_370, 50), (25_000, 100), (100_000, 1_000))
"""How many items a list has, and how many are in a response at most."""


def gateway(rows: LongList) -> Gateway:
    """The list over HTTP."""

    def answer(query: Query) -> Answer:
        status, body = rows.answer(dict(query.params))
        return Answer(status, {"Content-Type": "application/json"}, body)

    return answer


@pytest.mark.parametrize(("size", "most"), SIZES, ids=[f"{size}-by-{most}" for size, most in SIZES])
def test_a_healthy_long_list_holds_every_promise(size: int, most: int, installed: Installed, tmp_path: Path) -> None:
    """Walked whole in two page sizes; `counts` and `pages` read it whole too."""
    contract = long_list(tmp_path, size, most)
    with serve(gateway(LongList(size, most=most))) as (url, _):
        live = ["--base-url", url]
        check = ["check", contract, *live, "--report-dir", tmp_path / "reports"]
        for command in (check, *([name, "--contract", contract, *live] for name in ("counts", "pages"))):
            ended = subprocess.run(
                [installed.project / ".venv" / "bin" / "catalog-contract", *map(str, command)],
                cwd=tmp_path,
                env=Installed.environment(),
                capture_output=True,
                text=True,
                timeout=1800,
                check=False,
            )
            assert ended.returncode == 0, ended.stdout + ended.stderr
    verdict = json.loads((tmp_path / "reports" / "verdict.json").read_text())
    assert verdict["verdict"] == "HOLDS"
    assert {judged["verdict"] for judged in verdict["rules"]} == {"HOLDS"}
    assert [row["unique"] for row in verdict["collections"]] == [size]
