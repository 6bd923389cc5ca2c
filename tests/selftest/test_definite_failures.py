"""A request that always fails in one way, beside others that are answered, is broken; all else is not judged."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from runs import small

from catalog_contract.catalog.service import Service
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Transport
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.shared import CachingSource
from fixtures.loopback import running

QUICK = Transport(connect_seconds=1, read_seconds=1, answer_seconds=2, requests_per_second=0)
ITEMS = [{"id": f"item-{number:03}", "source_gateway": "together"} for number in range(97)]
Fails = Callable[[str, int, int], bool]
"""Whether a response breaks off: by its collection, its offset, and how often these were asked for before."""


@contextmanager
def serving(fails: Fails) -> Iterator[str]:
    """A list that breaks off some responses before their declared end."""
    asked: Counter[tuple[str, int]] = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            name, offset = query.get("gateway", ""), int(query.get("offset", 0))
            listed = ITEMS if name == "together" else []
            page = listed[offset : offset + int(query["limit"])] if "limit" in query else listed[offset:]
            body = json.dumps({"data": page, "total": len(listed), "returned": len(page)}).encode()
            missing = 10 if fails(name, offset, asked[name, offset]) else 0
            asked[name, offset] += 1
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - missing])

        def log_message(self, *args: object) -> None:
            """Nothing is printed."""

    with running(Handler) as url:
        yield url


def judged(folder: Path, fails: Fails) -> dict[str, Judgement]:
    """The judgements of what says that responses come, by rule and collection."""
    contract = load_contract(str(small(folder)))
    rules = {"every_page_is_answered", "the_collection_answers"}
    cases = [(rule, case) for rule, case in every_case(contract, live=True) if rule.name in rules]
    with serving(fails) as base_url:
        service = Service(contract, CachingSource(LiveSource(base_url, QUICK, backoff_seconds=0.01)))
        found = [judge(rule, case, service) for rule, case in cases]
    return {f"{judgement.rule} {judgement.collection}": judgement for judgement in found}


def test_a_service_that_answers_everything_holds(tmp_path: Path) -> None:
    assert {j.verdict for j in judged(tmp_path, lambda *_: False).values()} == {Verdict.HOLDS}


def test_one_page_that_always_breaks_off_is_broken(tmp_path: Path) -> None:
    found = judged(tmp_path, lambda name, offset, _: (name, offset) == ("together", 40))
    verdict = found["every_page_is_answered together"]
    assert verdict.verdict is Verdict.BROKEN
    assert verdict.evidence is not None and "offset 40" in verdict.evidence.message
    assert found["the_collection_answers together"].verdict is Verdict.HOLDS


def test_one_collection_that_always_breaks_off_is_broken(tmp_path: Path) -> None:
    found = judged(tmp_path, lambda name, *_: name == "groq")
    assert found["the_collection_answers groq"].verdict is Verdict.BROKEN
    assert found["the_collection_answers together"].verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    "fails",
    [lambda *_: True, lambda name, offset, turn: (name, offset) == ("together", 40) and turn < 3],
    ids=["everything breaks off", "one page breaks off for a while"],
)
def test_what_hits_everything_or_goes_away_is_not_judged(tmp_path: Path, fails: Fails) -> None:
    assert Verdict.BROKEN not in {j.verdict for j in judged(tmp_path, fails).values()}
    assert Verdict.NOT_JUDGED in {j.verdict for j in judged(tmp_path, fails).values()}
