"""The transport, over real loopback HTTP: what it asks, what it survives, what it passes on."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from transport import KEY, LIST, PAGE, QUICK, ask, source, trusted

from catalog_contract.model.exchange import Request
from catalog_contract.transport.base import SourceError
from fixtures.wire import NAMES, Reply, wire


def test_a_good_answer_is_told_whole() -> None:
    with wire("none", PAGE) as base_url:
        exchange = source(base_url + "/").fetch(LIST)
    assert (exchange.status, exchange.body, exchange.failure, exchange.retries) == (200, PAGE, None, ())
    assert exchange.url == f"{base_url}/v1/models?gateway=huggingface&limit=100"
    assert exchange.header("Content-Type") == "application/json"
    assert 0 < (exchange.seconds or 0) < 1
    assert exchange.started <= exchange.finished <= time.time()


def test_requests_say_who_asks_and_what_they_want() -> None:
    with wire("none", PAGE) as base_url:
        source(base_url).fetch(replace(LIST, headers=(("If-None-Match", '"a"'), ("Accept-Encoding", "identity"))))
    sent = base_url.asked[0].headers
    assert sent["user-agent"].startswith("catalog-contract/")
    assert sent["accept"] == "application/json"
    assert (sent["if-none-match"], sent["accept-encoding"]) == ('"a"', "identity")
    assert "authorization" not in sent


def test_the_target_is_sent_as_it_is_shown() -> None:
    request = Request("/v1/models/a.b/c:d/e", (("limit", ""), ("provider", "a b/ü&c")))
    with wire("none", PAGE) as base_url:
        source(base_url + "/prefix").fetch(request)
    assert base_url.asked[0].target == "/prefix/v1/models/a.b/c:d/e?limit=&provider=a%20b%2F%C3%BC%26c"


def test_a_cookie_is_not_carried_from_one_request_to_the_next() -> None:
    with wire("none", lambda asked: Reply(headers={"Set-Cookie": "session=1; Path=/"})) as base_url:
        live = source(base_url)
        for _ in range(2):
            live.fetch(LIST)
    assert ["cookie" in asked.headers for asked in base_url.asked] == [False, False]


HARMLESS = (
    "none",
    "one-reset",
    "slow-first-answer",
    "body-longer-than-declared",
    "redirect-on-host",
    "unavailable-then-fine",
    "keep-alive-closed",
    "closed-when-used-again",
    "http-1-0",
    "gzipped",
    "chunked",
    "header-case",
)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_wire_changes_nothing(name: str) -> None:
    with wire(name, PAGE) as base_url:
        live = source(base_url)
        exchanges = [live.fetch(LIST) for _ in range(3)]
    assert [(one.status, one.failure, one.body) for one in exchanges] == [(200, None, PAGE)] * 3


BROKEN = {
    "reset-before-answer": (None, "the connection was reset", 3),
    "reset-in-body": (200, "the connection was reset", 3),
    "slow-drip-body": (200, "the answer was not complete after 0.5 s", 1),
    "stalled-before-headers": (None, "nothing came for 0.25 s", 2),
    "stalled-after-headers": (200, "nothing came for 0.25 s", 2),
    "body-shorter-than-declared": (200, "the body stopped before its end", 3),
    "bad-gzip": (200, "the body cannot be decompressed as its Content-Encoding says", 1),
    "gzip-bomb": (200, "the body is larger than 1 MB, cut off", 1),
    "endless-body": (200, "the body is larger than 1 MB, cut off", 1),
    "huge-body": (200, "the body is larger than 1 MB, cut off", 1),
    "endless-redirect": (307, "redirected more than 5 times", 6),
    "not-http": (None, "the answer is not HTTP", 3),
    "refused": (None, "connection refused", 0),
    "bad-certificate": (None, "the TLS certificate is not trusted: unable to get local issuer certificate", 0),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_wire_is_a_failure_in_one_line(name: str) -> None:
    status, failure, asked = BROKEN[name]
    with wire(name, PAGE) as base_url:
        exchange = source(base_url).fetch(LIST)
    assert (exchange.status, exchange.failure, len(base_url.asked)) == (status, failure, asked)
    assert exchange.body is None


def test_headers_that_drip_for_ever_end_at_the_deadline() -> None:
    exchange = ask("slow-drip-headers")
    assert exchange.failure == "the answer was not complete after 0.5 s"
    assert exchange.seconds == pytest.approx(0.5, abs=0.3)


def test_a_deadline_also_cuts_an_answer_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with wire("slow-drip-body", PAGE, tls=trusted(tmp_path, monkeypatch)) as base_url:
        exchange = source(base_url).fetch(LIST)
    assert exchange.failure == "the answer was not complete after 0.5 s"


def test_an_authority_named_in_the_environment_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with wire("none", PAGE, tls=trusted(tmp_path, monkeypatch)) as base_url:
        assert source(base_url).fetch(LIST).status == 200


PASSED_ON = {
    "error-always": (500, 1),
    "unavailable-always": (503, 3),
    "rate-limited-always": (429, 3),
    "rate-limited-absurd": (429, 1),
    "redirect-to-another-host": (302, 1),
    "invalid-utf8": (200, 1),
    "not-a-number": (200, 1),
    "byte-order-mark": (200, 1),
    "duplicated-keys": (200, 1),
    "depth-bomb": (200, 1),
    "cut-gzip": (200, 1),
    "wrong-content-type": (200, 1),
    "echoes-key": (200, 1),
    "echoes-key-in-error": (403, 1),
}


@pytest.mark.parametrize("name", PASSED_ON)
def test_an_answer_is_passed_on_for_the_rules_to_judge(name: str) -> None:
    status, asked = PASSED_ON[name]
    with wire(name, PAGE) as base_url:
        exchange = source(base_url).fetch(LIST)
    assert (exchange.status, exchange.failure, len(base_url.asked)) == (status, None, asked)


def test_every_fault_of_the_wire_has_a_test_here() -> None:
    others = {"slow-drip-headers", "rate-limited-seconds", "rate-limited-date", "rate-limited-overflow"}
    others |= {"early-hints", "endless-hints", "every-second-stalls"}  # in the tests of odd HTTP and of the pace
    assert {*HARMLESS, *BROKEN, *PASSED_ON, *others} == set(NAMES)


@pytest.mark.parametrize("location", ["http://[", "https://127.0.0.1/", "//elsewhere.invalid/x", "ftp://127.0.0.1/"])
def test_a_redirect_that_leads_off_the_host_is_not_followed(location: str) -> None:
    with wire("none", lambda asked: Reply(302, {"Location": location})) as base_url:
        exchange = source(base_url, key=KEY).fetch(LIST)
    assert (exchange.status, exchange.failure, len(base_url.asked)) == (302, None, 1)


def test_the_body_of_a_redirect_is_capped_too() -> None:
    moved = Reply(302, {"Location": "/moved"}, b" " * 2_000_000)
    with wire("chunked", lambda asked: moved) as base_url:
        exchange = source(base_url).fetch(LIST)
    assert (exchange.failure, len(base_url.asked)) == ("the body is larger than 1 MB, cut off", 1)


def test_a_proxy_from_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with wire("none", PAGE) as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        exchange = source("http://catalog.invalid").fetch(LIST)
    assert exchange.status == 200
    assert proxy.asked[0].target == "http://catalog.invalid/v1/models?gateway=huggingface&limit=100"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gatewayz.ai",
        "ftp://host",
        "http://",
        "http://host:port",
        "http://host:0",
        "http://a:b@host",
        "http://h?x=1",
    ],
)
def test_a_base_url_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        source(url)
    assert "\n" not in str(caught.value)


BOUNDED = """
import resource, sys
from catalog_contract.model.contract import Transport
from catalog_contract.model.exchange import Request
from catalog_contract.transport.live import LiveSource
limits = Transport(body_cap_megabytes=20, requests_per_second=0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for url in sys.argv[1:]:
    print(LiveSource(url, limits).fetch(Request("/")).failure)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1000)
"""


def test_memory_stays_within_the_cap_whatever_is_sent() -> None:
    with wire("gzip-bomb") as bomb, wire("endless-body") as endless, wire("huge-body") as huge:
        done = subprocess.run(
            [sys.executable, "-c", BOUNDED, bomb, endless, huge], capture_output=True, text=True, timeout=20, check=True
        )
    *failures, megabytes = done.stdout.splitlines()
    assert failures == ["the body is larger than 20 MB, cut off"] * 3
    assert int(megabytes) < 40, "more than the cap and one growth of the buffer"


def test_no_thread_is_left_behind() -> None:
    before = threading.active_count()
    with wire("stalled-before-headers") as base_url:
        source(base_url, replace(QUICK, read_seconds=0.05)).fetch(LIST)
    for _ in range(50):
        if threading.active_count() <= before:
            break
        time.sleep(0.01)
    assert threading.active_count() <= before
