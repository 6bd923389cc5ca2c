"""Healthy lists of many items, by the installed commands: no limit of ours lies below what they need."""

import json
import subprocess
from pathlib import Path

import pytest
from installed import Installed, installed

from fixtures.gateway.pipeline import Answer, Gateway, Query
from fixtures.gateway.server import serve

__all__ = ["installed"]
pytestmark = pytest.mark.thorough

SIZES = ((1_370, 50), (25_000, 100), (100_000, 1_000))
"""How many items a list has, and how many are in a response at most."""

CONTRACT = """
title = "A long list"
base_url = "http://127.0.0.1:1"
list_path = "/items"

[envelope]
items = "data"
total = "total"
offset = "offset"
limit = "limit"

[paging]
style = "offset"
page_size = {most}
other_page_size = {other}
bulk_limit = {most}
default_limit = 20
maximum_limit = {most}
above_maximum = "refused"

[[collections]]
name = "items"
depth = "full"
expected_total = {size}
as_of = 2026-01-01
"""


def long_list(size: int, most: int) -> Gateway:
    """A healthy list of that many items."""
    rows = [{"id": f"item-{nth:06}", "name": f"Item {nth}"} for nth in range(size)]

    def number(query: Query, name: str, default: int) -> int | None:
        text = query.param(name)
        return default if text is None else int(text) if text.isascii() and text.isdigit() else None

    def answer(query: Query) -> Answer:
        limit, offset = number(query, "limit", 20), number(query, "offset", 0)
        if limit is None or offset is None or not 1 <= limit <= most:
            return Answer(422, {"Content-Type": "application/json"}, {"detail": "limit or offset is out of bounds"})
        body = {"data": rows[offset : offset + limit], "total": size, "offset": offset, "limit": limit}
        return Answer(200, {"Content-Type": "application/json"}, body)

    return answer


@pytest.mark.parametrize(("size", "most"), SIZES, ids=[f"{size}-by-{most}" for size, most in SIZES])
def test_a_healthy_long_list_holds_every_promise(size: int, most: int, installed: Installed, tmp_path: Path) -> None:
    """Walked whole in two page sizes; `counts` and `pages` read it whole too."""
    contract = tmp_path / "long.toml"
    contract.write_text(CONTRACT.format(size=size, most=most, other=most * 7 // 10), encoding="utf-8")
    with serve(long_list(size, most)) as (url, _):
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
