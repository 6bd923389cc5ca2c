"""Recordings of lists of every style: POST, headers that a contract reads, links that name the service."""

import json
import lzma
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.transport.cassette.source import CassetteError, CassetteSource, write_cassette

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
    reported = {"x-total-count": "7", "date": "today", "etag": "a"}
    write_cassette(path, [replace(answer(LIST), headers=reported)], ["X-Total-Count"])
    assert CassetteSource(path).fetch(LIST).headers == {"x-total-count": "7", "etag": "a"}


def test_where_answers_name_the_service_their_links_lead_there(path: Path) -> None:
    """A replayed list leads on as the recorded one did, whatever the base URL of the contract."""
    linked = answer(LIST, b'{"next": "http://10.0.0.1:8/v1/models?page=2"}')
    write_cassette(path, [linked], origin="http://10.0.0.1:8")
    assert CassetteSource(path, "https://api.example").fetch(LIST).url == "http://10.0.0.1:8" + LIST.target
    write_cassette(path, [answer(LIST)], origin="http://10.0.0.1:8")
    assert CassetteSource(path, "https://api.example").fetch(LIST).url == "https://api.example" + LIST.target


ODD: dict[str, tuple[dict[str, Any], str]] = {
    "a HEAD": ({"method": "HEAD"}, "request.method is 'HEAD', neither GET nor POST"),
    "a POST without a body": ({"method": "POST"}, "request.body is None, not a text"),
    "a GET with a body": ({"body": "{}"}, "request.body is '{}', though the method is GET"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_no_run_asks_is_no_recording(path: Path, name: str) -> None:
    changed, why = ODD[name]
    request = {"method": "GET", "uri": "/a", "body": None, "headers": {}} | changed
    response = {"status": {"code": 200, "message": ""}, "headers": {}, "body": {"string": "{}"}}
    cassette = {"version": 1, "interactions": [{"request": request, "response": response}]}
    path.write_bytes(lzma.compress(json.dumps(cassette).encode()))
    with pytest.raises(CassetteError, match=f"cannot be used, entry 1 of 1: {why}; restore it"):
        CassetteSource(path)


@pytest.mark.parametrize("origin", ["//x", 3, "ftp://a", "http://", "http://a:x"])
def test_an_origin_is_a_base_url(path: Path, origin: object) -> None:
    write_cassette(path, [answer(LIST, b"http://a.example")], origin="http://a.example")
    cassette = json.loads(lzma.decompress(path.read_bytes())) | {"origin": origin}
    path.write_bytes(lzma.compress(json.dumps(cassette).encode()))
    with pytest.raises(CassetteError, match="cannot be used: its origin is"):
        CassetteSource(path)
