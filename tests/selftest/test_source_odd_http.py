"""Odd answers, legal or not: every one becomes an answer or one line that says why there is none."""

from dataclasses import replace

import pytest
from transport import LIST, PAGE, QUICK, source

from catalog_contract.model.exchange import Exchange
from fixtures.wire import Asked, Reply, wire
from fixtures.wire.faults import Line

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
ANSWERED = {
    "103 first": b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" + OK,
    "100, 103 and 102 first": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nA: b\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + OK,
    "lines end in LF": OK.replace(b"\r\n", b"\n"),
    "a folded header": OK.replace(b"\r\n\r\n", b"\r\nX: a\r\n b\r\n\r\n"),
    "the length twice": OK.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\n"),
    "an extended chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nT: x\r\n\r\n",
    "an unknown coding": OK.replace(b"\r\n\r\n", b"\r\nContent-Encoding: foo\r\n\r\n"),
    "an unknown charset": OK.replace(b"/json", b"/json; charset=foo"),
    "a broken link": OK.replace(b"\r\n\r\n", b"\r\nLink: <<<;;;=,\r\n\r\n"),
    "a reason with an escape": OK.replace(b"OK", b"\x1b[31m", 1),
    "no reason": OK.replace(b" OK", b"", 1),
}
BODILESS = {
    "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "304": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "999": b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n",
    "a location that is not a URL": b"HTTP/1.1 302 X\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n",
    "an impossible port": b"HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:99999999/\r\nContent-Length: 0\r\n\r\n",
}
NONE = {
    "hints and no end": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2_000,
    "a length without end": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\n{}",
    "fifty codings": b"HTTP/1.1 200 OK\r\nContent-Encoding: " + b"gzip, " * 50 + b"gzip\r\nContent-Length: 2\r\n\r\n{}",
    "150 headers": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 150 + b"\r\n",
    "a long header": b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
    "HTTP/2 in words": b"HTTP/2 200\r\nContent-Length: 2\r\n\r\n{}",
    "a location with other bytes": b"HTTP/1.1 302 X\r\nLocation: /\xff\xfe\r\nContent-Length: 0\r\n\r\n",
}
WAITS = (
    b"9" * 400, b"1" * 5_000, b"9" * 20, b"-5", b"1.5", b"nan", b"inf", b"1e400",
    "\N{ARABIC-INDIC DIGIT THREE}".encode(), b" ", b"Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    b"Mon, 01 Jan 0001 00:00:00 +2359", b"Mon, 99 Foo 2020", b"Mon, 01 Jan 2020 00:00:00 +999999999999",
    b"Mon, 01 Jan 99999 00:00:00 GMT", b"\xff\xfe", b", , ,",
)  # fmt: skip
"""What a Retry-After may hold and nobody can wait for."""


def heard(sent: bytes) -> Exchange:
    def spoil(line: Line, asked: Asked, reply: Reply) -> bool:
        line.send(sent)
        return True

    with wire(spoil, PAGE) as base_url:
        return source(base_url, replace(QUICK, tries=2)).fetch(LIST)


@pytest.mark.parametrize("name", ANSWERED)
def test_it_is_an_answer(name: str) -> None:
    exchange = heard(ANSWERED[name])
    assert (exchange.status, exchange.body, exchange.failure, exchange.retries) == (200, b"{}", None, ())


@pytest.mark.parametrize("name", BODILESS)
def test_it_is_an_answer_without_a_body(name: str) -> None:
    exchange = heard(BODILESS[name])
    assert (exchange.body, exchange.failure) == (b"", None)


@pytest.mark.parametrize("name", NONE)
def test_it_is_no_answer_and_one_line_says_why(name: str) -> None:
    exchange = heard(NONE[name])
    assert exchange.body is None
    assert exchange.failure and exchange.failure.isprintable() and len(exchange.failure) < 200


@pytest.mark.parametrize("wait", WAITS)
def test_a_wait_that_is_none_is_not_waited_for(wait: bytes) -> None:
    exchange = heard(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\nRetry-After: " + wait + b"\r\n\r\n")
    assert exchange.status == 503
    assert exchange.retries in (("503, waited 0.02 s",), ("503, waited 0 s",))
