"""The spoiled wire itself: what leaves it is what its faults say."""

import contextlib
import gzip
import json
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from fixtures.gateway.core import reference_gateway
from fixtures.wire import FAULTS, NAMES, Asked, Reply, from_gateway, wire

PAGE = b'{"data": [1, 2, 3], "total": 3}'


def printed(name: str, times: int = 1, seconds: float = 0.1) -> bytes:
    """The bytes that a plain socket gets within some seconds; requests on one connection where it stays."""
    received = b""
    with wire(name, PAGE) as base_url, contextlib.suppress(TimeoutError, ConnectionResetError, BrokenPipeError):
        address = urlsplit(base_url)
        with socket.create_connection((address.hostname, address.port), timeout=seconds) as client:
            for _ in range(times):
                client.sendall(
                    b"GET /v1?x=1 HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer k\r\n\r\n"
                )
            until = time.monotonic() + seconds
            while len(received) < 2_000_000 and time.monotonic() < until and (data := client.recv(65_536)):
                received += data
    return received


def body_of(name: str) -> bytes:
    return printed(name).partition(b"\r\n\r\n")[2]


def test_every_fault_says_what_a_client_sees() -> None:
    assert all((FAULTS[name].__doc__ or "").strip().endswith(".") for name in FAULTS)
    assert len(NAMES) == len(set(NAMES)) > 35


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown fault 'stuck': there are none,"), wire("stuck"):
        pass


def test_a_healthy_wire_says_the_page_and_stays() -> None:
    assert printed("none", times=2).count(PAGE) == 2


@pytest.mark.parametrize("name", ["keep-alive-closed", "http-1-0"])
def test_a_connection_that_closes_answers_once(name: str) -> None:
    assert printed(name, times=2).count(PAGE) == 1


@pytest.mark.parametrize("name", ["reset-before-answer", "stalled-before-headers"])
def test_nothing_is_reported(name: str) -> None:
    assert printed(name) == b""


def test_only_headers_are_reported() -> None:
    assert printed("stalled-after-headers").endswith(b"\r\n\r\n")


def test_half_a_body_is_reported() -> None:
    assert body_of("reset-in-body") == PAGE[: len(PAGE) // 2]


@pytest.mark.parametrize("name", ["slow-drip-body", "slow-drip-headers"])
def test_a_drip_is_slow_but_not_still(name: str) -> None:
    assert 1 <= printed(name, seconds=0.4).count(b"x" if "headers" in name else b" ") <= 30


def test_lengths_lie_as_they_should() -> None:
    assert f"Content-Length: {len(PAGE) + 10}\r\n".encode() in printed("body-shorter-than-declared")
    assert f"Content-Length: {len(PAGE)}\r\n".encode() in printed("body-longer-than-declared")
    assert len(body_of("body-longer-than-declared")) > len(PAGE)


def test_gzip_is_good_cut_or_none() -> None:
    assert gzip.decompress(body_of("gzipped")) == PAGE
    with pytest.raises(EOFError):
        gzip.decompress(body_of("cut-gzip"))
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(body_of("bad-gzip"))
    assert len(body_of("gzip-bomb")) < 400_000


def test_an_endless_body_goes_on() -> None:
    assert len(printed("endless-body")) >= 2_000_000


def test_bodies_are_spoiled_inside() -> None:
    assert json.loads(body_of("byte-order-mark").decode("utf-8-sig")) == json.loads(PAGE)
    assert json.loads(body_of("duplicated-keys")) == json.loads(PAGE)
    assert body_of("duplicated-keys").count(b'"total"') == 2
    assert b"NaN" in body_of("not-a-number")
    with pytest.raises(UnicodeDecodeError):
        body_of("invalid-utf8").decode()


def test_turns_count_over_the_life_of_the_server() -> None:
    lines = printed("rate-limited-seconds", times=2).split(b"\r\n")
    assert [line for line in lines if line.startswith(b"HTTP/1.1")] == [
        b"HTTP/1.1 429 Too Many Requests",
        b"HTTP/1.1 200 OK",
    ]


def test_a_callable_answers_what_is_asked() -> None:
    with wire("none", lambda asked: Reply(404, {}, asked.target.encode())) as base_url:
        address = urlsplit(base_url)
        with socket.create_connection((address.hostname, address.port), timeout=1) as client:
            client.sendall(b"GET /a?b=c HTTP/1.1\r\n\r\n")
            assert client.recv(1000).endswith(b"/a?b=c")
    assert [asked.target for asked in base_url.asked] == ["/a?b=c"]


def test_the_reference_gateway_answers_behind_the_wire() -> None:
    pages = from_gateway(reference_gateway())
    for prefix in ("", "/moved"):
        reply = pages(Asked(prefix + "/v1/models?gateway=huggingface&limit=2&offset=100", {}, 1))
        assert json.loads(reply.body)["total"] == 1352
    assert pages(Asked("/v1/models?gateway=huggingface&limit=", {}, 2)).status == 422


@pytest.mark.parametrize("name", ["none", "stalled-after-headers", "slow-drip-body", "endless-body"])
def test_a_server_ends_with_its_block(name: str) -> None:
    before = threading.active_count()
    printed(name, seconds=0.05)
    until = time.monotonic() + 2
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.005)
    assert threading.active_count() <= before
