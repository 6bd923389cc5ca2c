"""Recordings of lists of every style: POST, headers that a contract reads, links that name the service."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.transport.cassette.source import CassetteSource, write_cassette

LIST = Request("/v1/models", (("gateway", "groq"), ("limit", "100")))


def answer(request: Request, body: bytes = b"{}") -> Exchange:
    return Exchange(request, "http://recorded.example" + request.target, 200, {}, body)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "healthy.json.xz"


POSTED = tuple(
    Request("/search", method="POST", body=body)
    for body in ('{"size": 2}', '{"size": 2, "after": ["b"]}', '{"size": "2"}', "{}")
)


def test_a_post_is_found_by_its_body_whatever_the_order_of_its_keys(path: Path) -> None:
    got = Request("/search")
    write_cassette(path, [answer(one, one.key.encode()) for one in (*POSTED, got)])
    source = CassetteSource(path)
    assert [source.fetch(one).body for one in (*POSTED, got)] == [one.key.encode() for one in (*POSTED, got)]
    again = Request("/search", method="POST", body='{"after":["b"],"size":2}')
    assert source.fetch(again).body == POSTED[1].key.encode()
    assert [one.request.label for one in source.recorded()] == [one.label for one in (*POSTED, got)]
    missing = source.fetch(Request("/search", method="POST", body='{"size": 3}'))
    assert missing.failure == 'the recording has no answer for this request; nearest: POST /search {"size": 2}'


def test_headers_that_a_contract_reads_are_kept(path: Path) -> None:
    told = {"x-total-count": "7", "date": "today", "etag": "a"}
    write_cassette(path, [replace(answer(LIST), headers=told)], ["X-Total-Count"])
    assert CassetteSource(path).fetch(LIST).headers == {"x-total-count": "7", "etag": "a"}


def test_where_answers_name_the_service_their_links_lead_there(path: Path) -> None:
    """A replayed list leads on as the recorded one did, whatever the base URL of the contract."""
    linked = answer(LIST, b'{"next": "http://10.0.0.1:8/v1/models?page=2"}')
    write_cassette(path, [linked], origin="http://10.0.0.1:8")
    assert CassetteSource(path, "https://api.example").fetch(LIST).url == "http://10.0.0.1:8" + LIST.target
    write_cassette(path, [answer(LIST)], origin="http://10.0.0.1:8")
    assert CassetteSource(path, "https://api.example").fetch(LIST).url == "https://api.example" + LIST.target
