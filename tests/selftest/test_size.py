"""What a run holds is bounded, whatever comes: bodies lie on disk, and hostile answers are not judged."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from transport import LIST, QUICK, source

from catalog_contract.catalog.fingerprint import fingerprints
from catalog_contract.catalog.service import Service
from catalog_contract.model.contract import Contract, Transport
from catalog_contract.model.exchange import MISSING, OVER_LIMIT, Exchange, Request
from catalog_contract.model.json_body import NotJson
from catalog_contract.model.verdict import MAX_MESSAGE, Evidence, Judgement, NotJudged, Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.transport.base import Source
from catalog_contract.transport.intake import decoded_size
from catalog_contract.transport.shared import SPOOLED, CachingSource
from catalog_contract.transport.spool import Spool
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.gallery import asked, contract_of, eras_and_faults
from fixtures.gateway.memory import MemorySource
from fixtures.wire import Asked, Reply, wire

# -- limits ----------------------------------------------------------------------------------------------------


def answers_to(body: bytes, limits: Transport, requests: int = 1) -> list[Exchange]:
    """What comes of some requests to a service that always answers with the same."""

    def same(_: Asked) -> Reply:
        return Reply(body=body)

    with wire("none", same) as base_url:
        live = source(base_url, limits)
        return [live.fetch(replace(LIST, reading=nth)) for nth in range(1, requests + 1)]


LISTS = b"[" + b"[]," * 10_000 + b"[]]"


def test_an_answer_that_would_take_too_much_memory_is_not_decoded() -> None:
    exchange = answers_to(LISTS, replace(QUICK, decoded_cap_megabytes=1))[0]
    assert exchange.body is None
    assert exchange.failure == (f"{OVER_LIMIT}0 MB, about 1 decoded, 1 are allowed (transport.decoded_cap_megabytes)")
    assert answers_to(LISTS, replace(QUICK, decoded_cap_megabytes=2))[0].failure is None


@pytest.mark.parametrize(
    "body", [LISTS, b"[" + b"{}," * 9_999 + b"1]", json.dumps([["a", 1.5, {"b": "c"}]] * 999).encode()]
)
def test_what_a_body_takes_decoded_is_not_underestimated(body: bytes) -> None:
    def taken(value: object) -> int:
        inside = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
        return sys.getsizeof(value) + sum(map(taken, inside))

    assert taken(json.loads(body)) <= decoded_size(body) <= 4 * taken(json.loads(body))


def test_a_run_that_has_received_enough_asks_no_more() -> None:
    failures = [exchange.failure for exchange in answers_to(b"x" * 600_000, replace(QUICK, run_cap_megabytes=1), 4)]
    assert failures[:2] == [None, None]
    enough = "not asked: the run has received 1 MB, 1 are allowed (transport.run_cap_megabytes)"
    assert failures[2:] == [enough, enough]


class Answering:
    """A source that answers everything with one body."""

    label = "memory"

    def __init__(self, body: bytes) -> None:
        self.body = body

    def fetch(self, request: Request) -> Exchange:
        return Exchange(request, "http://x", 200, {"content-type": "application/json"}, self.body)

    def close(self) -> None:
        pass


def judged(contract: Contract, source: Source, cases: str) -> list[Judgement]:
    service = Service(contract, source)
    return [replace(judge(r, c, service), seconds=0.0) for r, c in asked(cases)]


def test_an_id_that_is_too_long_is_a_limit_of_ours_and_no_fault_of_the_service() -> None:
    contract = contract_of("2025")
    long = json.dumps({"data": [{"id": "x" * 1_001}], "total": 1}).encode()
    judgements = judged(contract, Answering(long), "2025")
    listed = [one for one in judgements if one.rule in ("every_item_has_an_id", "the_collection_answers")]
    assert {one.verdict for one in listed} == {Verdict.NOT_JUDGED}
    why = f"{OVER_LIMIT}an id of 1,001 characters, 1,000 are allowed (transport.id_cap_characters)"
    assert all(why in one.why for one in listed)
    short = json.dumps({"data": [{"id": "x" * 1_000}], "total": 1}).encode()
    answers = [one for one in judged(contract, Answering(short), "2025") if one.rule == "the_collection_answers"]
    assert {one.verdict for one in answers} == {Verdict.HOLDS}


def test_a_finding_is_as_long_as_it_may_be_and_says_how_much_it_leaves_out() -> None:
    end = "… (20,005 characters in all)"
    for text in (Evidence("x" * (MAX_MESSAGE + 5)).message, NotJudged("x" * (MAX_MESSAGE + 5)).why):
        assert text == "x" * (MAX_MESSAGE - len(end)) + end
        assert Evidence(text).message == text, "bounded once more, it stays as it is"


# -- the spool -------------------------------------------------------------------------------------------------


def test_a_body_is_on_disk_once_and_comes_back_as_it_was() -> None:
    spool, bodies = Spool(), [os.urandom(9_000), b"", b"x" * 9_000, b'{"a": [1]}']
    stored = [spool.put(body) for body in bodies]
    assert [one.read() for one in stored] == bodies
    assert [one.size for one in stored] == [9_000, 0, 9_000, 10]
    assert spool.put(bytes(bytearray(bodies[0]))) is stored[0]
    assert stored[3].decoded() == {"a": [1]}
    with pytest.raises(NotJson):
        stored[2].decoded()


def test_large_bodies_are_not_held() -> None:
    large, small = b"[" + b"1," * SPOOLED + b"1]", b"[1]"
    for body, held in ((large, None), (small, small)):
        exchange = CachingSource(Answering(body), spool=Spool()).fetch(LIST)
        assert (exchange.body, exchange.content, exchange.size) == (held, body, len(body))
        assert exchange.data == json.loads(body)
        assert exchange.is_json


KILLED = """
import os, sys
from catalog_contract.transport.spool import Spool
spool = Spool()
spool.put(os.urandom(200_000))
os.kill(os.getpid(), 9)
"""


def test_a_killed_run_leaves_nothing_on_disk(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED], env={**os.environ, "TMPDIR": str(tmp_path)}, check=False)
    assert ended.returncode == -9
    assert list(tmp_path.iterdir()) == []


def test_items_share_a_fingerprint_only_where_they_are_alike() -> None:
    values = [None, True, 1, 1.0, "1", [], {}, [1], [[1]], {"a": 1}, {"a": 1.0}, {"a": True}, {"b": 1}, {"a": "é"}]
    prints = fingerprints(values, ())
    assert len(set(prints)) == len(values)
    assert fingerprints(json.loads(json.dumps(values)), ()) == prints
    seen = fingerprints([{"a": 1, "at": {"s": 1, "t": 2}}, {"a": 1, "at": {"s": 9, "t": 2}}], ("at.s",))
    assert seen[0] == seen[1]


# -- the start ---------------------------------------------------------------------------------------------------

HELP = """
import sys
from catalog_contract.cli import main
assert main(["--help"]) == 0
print(sorted({"requests", "pytest", "jsonschema", "vcr", "jinja2", "tomlkit", "importlib.metadata"} & set(sys.modules)))
"""


def test_a_list_of_the_commands_loads_none_of_them() -> None:
    ended = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


# -- verdicts ---------------------------------------------------------------------------------------------------


class Encoded(MemorySource):
    """The gateway in memory, its answers as bytes."""

    def fetch(self, request: Request) -> Exchange:
        exchange = super().fetch(request)
        if exchange.decoded is MISSING:
            return exchange
        return replace(exchange, body=json.dumps(exchange.decoded).encode(), decoded=MISSING)


def both(era: str, fault: str) -> tuple[list[Judgement], list[Judgement]]:
    """The judgements of a fault, with all answers held and with all of them on disk."""
    held = CachingSource(Encoded(reference_gateway(era, fault, 0)))
    spooled = CachingSource(Encoded(reference_gateway(era, fault, 0)), spool=Spool())
    return judged(contract_of(era), held, era), judged(contract_of(era), spooled, era)


FEW = ("bulk-read-has-other-bodies", "null-id")


@pytest.mark.parametrize(("era", "fault"), [pair for pair in eras_and_faults() if pair[1] in FEW])
def test_verdicts_are_the_same_where_bodies_lie_on_disk(era: str, fault: str) -> None:
    held, spooled = both(era, fault)
    assert held == spooled


@pytest.mark.thorough
@pytest.mark.parametrize(("era", "fault"), [pair for pair in eras_and_faults() if pair[1] not in FEW])
def test_every_verdict_is_the_same_where_bodies_lie_on_disk(era: str, fault: str) -> None:
    held, spooled = both(era, fault)
    assert held == spooled
