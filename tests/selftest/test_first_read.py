"""The first full read of a list: it meets cold caches, so it is timed; one that goes round is not made again."""

from dataclasses import replace
from pathlib import Path

import pytest
from runs import run, small

from catalog_contract.catalog.items import filter_probe_values
from catalog_contract.catalog.service import Service
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.transport.shared import CachingSource
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.gallery import asked, contract_of
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.pipeline import Answer, Gateway, Query
from fixtures.gateway.server import serve

BULK = "the_bulk_read_answers_within_its_time"
WARMS = """
[times]
bulk_seconds = 2.0

[[bad_queries]]
name = "limit=abc"
query = { limit = "abc" }
"""


def cold(gateway: Gateway, seconds: float) -> Gateway:
    """A gateway whose first response of each collection takes so long; all others are quick."""
    warm: set[str | None] = set()

    def answer(query: Query) -> Answer:
        name, found = query.param("gateway"), gateway(query)
        first, _ = name not in warm, warm.add(name)
        return replace(found, seconds=seconds) if first else found

    return answer


@pytest.mark.parametrize(("seconds", "status"), [(2.5, 1), (0.0, 0)])
def test_the_timed_read_meets_cold_caches(seconds: float, status: int, tmp_path: Path) -> None:
    """Although rules that ask for less stand before it in the rulebook."""
    contract = small(tmp_path, WARMS)
    with serve(cold(reference_gateway("2025"), seconds)) as (url, log):
        ended, verdict, printed = run(
            tmp_path, "--contract", str(contract), "--base-url", url, "-k", f"{BULK} or bad_query"
        )
        opening: dict[str, str] = {}
        for request in log:
            opening.setdefault(request["target"].partition("gateway=")[2].partition("&")[0], request["target"])
    assert all("limit=50000" in target for target in opening.values()), opening
    late = {(one["id"], one["case"]) for one in verdict["rules"] if one["verdict"] == "BROKEN"}
    assert (ended, late) == (status, {(BULK, name) for name in ("together", "groq")} if status else set()), printed


class Counted:
    """A source that notes each request that it is asked, with the number of items of the response."""

    label = "memory"

    def __init__(self, source: MemorySource) -> None:
        self.source = source
        self.log: list[tuple[Request, int]] = []

    def fetch(self, request: Request) -> Exchange:
        exchange = self.source.fetch(request)
        body = exchange.data if exchange.status == 200 else None
        self.log.append((request, len(body["data"]) if isinstance(body, dict) and "data" in body else 0))
        return exchange

    def close(self) -> None:
        self.source.close()


def judged(fault: str | None) -> tuple[list[Judgement], list[tuple[Request, int]]]:
    counted = Counted(MemorySource(reference_gateway("2025", fault, 0)))
    service = Service(contract_of("2025"), CachingSource(counted))
    return [judge(rule, case, service) for rule, case in asked("2025")], counted.log


def test_a_storm_is_read_in_full_once() -> None:
    """50,000 items come once, not again by each alias, without a limit, and to compare two readings."""
    judgements, log = judged("storm")
    assert [rows for _, rows in log if rows > 10_000] == [50_000]
    why = "huggingface lists the same 100 models over and over, 50,000 models in all: it is not read in full again"
    unjudged = {judgement.rule for judgement in judgements if judgement.why == why}
    assert unjudged == {"an_alias_lists_the_same_items", "reading_a_page_twice_gives_the_same_page"}
    pages = [judgement for judgement in judgements if judgement.rule == "a_page_by_alias_equals_the_page_by_name"]
    assert [judgement.verdict for judgement in pages] == [Verdict.HOLDS]


def test_a_list_that_does_not_go_round_is_read_again() -> None:
    """By each alias, without a limit, and to compare two readings: five full reads."""
    _, log = judged(None)
    assert [rows for request, rows in log if rows == 1352] == [1352] * 5


def test_the_filter_is_tried_with_an_owner_whose_name_begins_anothers() -> None:
    """Only so a filter that looks for a part of the name shows itself."""
    service = Service(contract_of("2025"), MemorySource(reference_gateway("2025", None, 0)))
    bulk = service.catalog("huggingface").bulk()
    tried, _ = filter_probe_values(bulk, "provider_slug")
    assert [name for name in bulk.grouped("provider_slug") if name != tried and name.startswith(tried)]
