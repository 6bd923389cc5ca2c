"""A list that is too long to be walked, made when it is asked for; and what is judged of a sample of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from catalog_contract.catalog.service import Service
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.verdict import Judgement
from catalog_contract.rules.judge import judge
from catalog_contract.rules.sampling import sampled
from catalog_contract.rules.selection import Asked, every_case
from catalog_contract.run.sampled import notes
from catalog_contract.transport.shared import CachingSource

__all__ = ["LongList", "judged", "load_contract", "long_list", "notes", "sampled"]

CONTRACT = """
title = "A long list"
base_url = "http://127.0.0.1:8900"
list_path = "/rows"
item_schema = "row.json"
item_name = "row"

[envelope]
items = "data"
total = "total"

[paging]
style = "offset"
page_size = {page}
other_page_size = {other}
bulk_limit = {most}
maximum_limit = {most}
above_maximum = "refused"
default_limit = 20
far_offset = 100_000_000
offsets = [0, 100, 5000]
first_ids_differ_at = [0, 100]
limits = [1, 7]
windows = [{{ offset = 95, limit = 10 }}, {{ before_end = 3, limit = 20 }}]

[[bad_queries]]
name = "limit=abc"
query = {{ limit = "abc" }}

[transport]
maximum_requests = 100_000

[[collections]]
name = "rows"
depth = "full"
expected_total = {total}
as_of = 2026-01-01
"""
SCHEMA = {"type": "object", "required": ["id", "price"], "properties": {"price": {"type": "number"}}}

Row = Callable[[int], dict[str, Any]]


def long_list(folder: Path, total: int, most: int = 1000) -> Path:
    """The file of a contract of a list of that many rows, of which an answer holds `most` at the most."""
    (folder / "row.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    path = folder / "rows.toml"
    path.write_text(
        CONTRACT.format(total=total, most=most, page=min(100, most), other=min(97, most - 3)), encoding="utf-8"
    )
    return path


def sound(number: int) -> dict[str, Any]:
    """A row as it should be."""
    return {"id": f"row-{number}", "price": 1}


class LongList:
    """A list of that many rows. `row` gives the row at a place."""

    label = "a long list in memory"

    def __init__(self, total: int, row: Row = sound, most: int = 1000) -> None:
        self._total, self._row, self._most = total, row, most
        self.asked: list[Request] = []

    def close(self) -> None:
        """Nothing to close."""

    def fetch(self, request: Request) -> Exchange:
        """The answer to a request."""
        self.asked.append(request)
        started = perf_counter()
        status, data = self.answer(dict(request.query))
        headers = {"content-type": "application/json"}
        url = f"http://long.invalid{request.target}"
        made = Exchange(request, url, status, headers, json.dumps(data).encode(), started=started, seconds=0.0)
        return replace(made, finished=perf_counter())

    def answer(self, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and body for the parameters of a query."""
        limit, offset = query.get("limit", "20"), query.get("offset", "0")
        if not limit.isdecimal() or not offset.isdecimal() or int(limit) > self._most:
            return 422, {"detail": "no such limit or offset"}
        end = min(int(offset) + int(limit), self._total)
        return 200, {"total": self._total, "data": [self._row(number) for number in range(int(offset), end)]}


def judged(
    contract: Contract, source: LongList, chosen: Callable[[Asked], bool] = lambda asked: True
) -> tuple[list[Judgement], tuple[PageSeen, ...]]:
    """What the rules say of the chosen cases, and what was seen."""
    service = Service(contract, CachingSource(source))
    found = [judge(rule, case, service) for rule, case in every_case(contract, live=True) if chosen((rule, case))]
    return found, service.seen()
