"""The transport, over real loopback HTTP: what it asks, what it survives, what it never gives away."""

import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from catalog_contract.contract import Transport
from catalog_contract.exchange import REDACTED, Exchange, Request, resent
from catalog_contract.source import LiveSource, SourceError
from catalog_contract.source.live import STALE
from catalog_contract.source.pace import Pace
from catalog_contract.source.trouble import Kind, Trouble
from fixtures.wire import FAULTS, NAMES, Asked, Reply, wire
from fixtures.wire_faults import Line

QUICK = Transport(
    connect_seconds=1,
    read_seconds=0.25,
    answer_seconds=0.5,
    retry_after_cap_seconds=2.5,
    body_cap_megabytes=1,
    requests_per_second=0,
)
PAGE = json.dumps({"data": [{"id": f"provider/model-{number}"} for number in range(200)], "total": 200}).encode()
LIST = Request("/v1/models", (("gateway", "huggingface"), ("limit", "100")))
KEY = "canary-3f/9+7=d"


def ask(name: str, request: Request = LIST, transport: Transport = QUICK, key: str | None = None) -> Exchange:
    """One exchange with a server that has this fault."""
    with wire(name, PAGE) as base_url:
        return source(base_url, transport, key).fetch(request)


def source(base_url: str, transport: Transport = QUICK, key: str | None = None) -> LiveSource:
    return LiveSource(base_url, transport, key, backoff_seconds=0.01)


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


def trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate whose authority the environment names, as a company does."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


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
    others = {"slow-drip-headers", "rate-limited-seconds", "rate-limited-date"}
    assert {*HARMLESS, *BROKEN, *PASSED_ON, *others} == set(NAMES)


@pytest.mark.parametrize("name", ["rate-limited-seconds", "rate-limited-date"])
def test_a_service_that_asks_to_wait_is_given_the_time(name: str) -> None:
    exchange = ask(name)
    assert (exchange.status, exchange.body) == (200, PAGE)
    assert re.fullmatch(r"429, waited (0\.\d+|1) s", " and ".join(exchange.retries))


def test_every_retry_is_told() -> None:
    assert ask("unavailable-then-fine").retries == ("503, waited 0.02 s",)
    assert ask("one-reset").retries == ("the connection was reset, waited 0.01 s",)
    assert ask("rate-limited-absurd").retries == (
        "429, asked to wait 31536000 s, more than the 2.5 s allowed: not tried again",
    )


def test_what_was_not_sent_again_is_told_and_not_counted() -> None:
    assert resent(ask("unavailable-always").retries) == 2
    assert resent(ask("rate-limited-absurd").retries) == 0
    cut_short = ask("unavailable-always", transport=replace(QUICK, maximum_requests=1)).retries
    assert cut_short == ("503, waited 0.02 s, not asked: the cap of 1 requests is reached: not tried again",)
    assert resent(cut_short) == 0


@pytest.mark.parametrize("value", ["soon", "", "-1", "1.5", "Thu, 99 Foo 2026"])
def test_a_retry_after_that_says_nothing_is_passed_over(value: str) -> None:
    with wire("none", lambda asked: Reply(429, {"Retry-After": value})) as base_url:
        assert len(source(base_url).fetch(LIST).retries) == 2


def test_a_redirect_to_another_host_is_shown_and_not_followed() -> None:
    with wire("redirect-to-another-host", PAGE) as base_url:
        exchange = source(base_url, key=KEY).fetch(LIST)
    assert (exchange.header("location") or "").startswith("http://127.0.0.1:")
    assert base_url.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert base_url.elsewhere == []


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


def test_netrc_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with wire("none", PAGE) as base_url:
        source(base_url).fetch(LIST)
    assert "authorization" not in base_url.asked[0].headers


def test_a_proxy_from_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with wire("none", PAGE) as proxy:
        monkeypatch.setenv("http_proxy", proxy)
        exchange = source("http://catalog.invalid").fetch(LIST)
    assert exchange.status == 200
    assert proxy.asked[0].target == "http://catalog.invalid/v1/models?gateway=huggingface&limit=100"


def test_the_password_of_a_dead_proxy_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with wire("refused") as nobody:
        monkeypatch.setenv("http_proxy", nobody.replace("http://", "http://user:hush@"))
        exchange = source("http://catalog.invalid").fetch(LIST)
    assert exchange.failure == "the proxy cannot be reached"
    assert "hush" not in repr(exchange)


@pytest.mark.parametrize("name", ["echoes-key", "echoes-key-in-error"])
def test_a_key_that_the_server_sends_back_is_not_in_the_exchange(name: str) -> None:
    exchange = ask(name, key=KEY)
    told = repr(exchange)
    escaped = "".join(f"\\u{ord(character):04x}" for character in KEY)
    percent = "canary-3f%2F9%2B7%3Dd"
    assert not [form for form in (KEY, escaped, percent) if form in told or form.encode() in (exchange.body or b"")]
    assert REDACTED in told


@pytest.mark.parametrize(
    "echo",
    [
        KEY,
        json.dumps(KEY).replace("/", "\\/"),
        "canary-3f%2f9%2b7%3Dd",
        "".join(f"%{ord(character):02X}" for character in KEY),
        "canary-3f&#47;9&#x2B;7&#x3d;d",
        "\\u0063anary-3f\\u002F9\\u002b7=d",
        'é "' + KEY + '"',
    ],
)
def test_a_key_is_taken_out_in_any_spelling(echo: str) -> None:
    body = echo.encode()
    with wire("none", lambda asked: Reply(body=b"\xff<" + body + b">\xfe")) as base_url:
        answered = source(base_url, key=KEY).fetch(LIST).body or b""
    assert REDACTED.encode() in answered
    assert [part for part in (b"canary", b"7") if part in answered] == []
    assert (answered[:2], answered[-2:]) == (b"\xff<", b">\xfe")


def test_the_key_does_not_show_itself() -> None:
    live = source("http://127.0.0.1:1", key=KEY)
    assert "canary" not in repr(vars(live)) + repr(live) + live.label


@pytest.mark.parametrize("key", ["short", "with spaces inside", "line\nbreak-line", "schlüssel-lang"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    with pytest.raises(SourceError, match="CATALOG_API_KEY") as caught:
        source("http://127.0.0.1:1", key=key)
    assert key not in str(caught.value)


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


def test_a_service_that_is_down_costs_little() -> None:
    with wire("refused") as base_url:
        live = source(base_url)
        failures = [live.fetch(LIST).failure for _ in range(10)]
    assert failures[:2] == ["connection refused"] * 2
    assert set(failures[2:]) == {"not asked: the service is down (connection refused)"}


@pytest.mark.parametrize("name", ["unavailable-always", "rate-limited-always", "reset-in-body"])
def test_tries_that_were_in_vain_are_not_made_for_every_request(name: str) -> None:
    with wire(name, PAGE) as base_url:
        live = source(base_url)
        for _ in range(6):
            live.fetch(LIST)
    assert len(base_url.asked) == 3 + 3 + 4 * 1


def test_one_good_answer_makes_tries_worth_while_again() -> None:
    def failing(asked: Asked) -> Reply:
        return Reply(200 if asked.turn == 8 else 503, body=PAGE)

    with wire("none", failing) as base_url:
        live = source(base_url)
        statuses = [live.fetch(LIST).status for _ in range(5)]
    assert statuses == [503, 503, 503, 200, 503]
    assert len(base_url.asked) == 3 + 3 + 1 + 1 + 3


def test_a_host_that_takes_no_connections_costs_one_timeout() -> None:
    with socket.socket() as full, socket.socket() as one, socket.socket() as two:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (one, two):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        live = source(f"http://127.0.0.1:{full.getsockname()[1]}", replace(QUICK, connect_seconds=0.2))
        started = time.monotonic()
        failures = [live.fetch(LIST).failure for _ in range(3)]
    assert failures[0] == "no connection within 0.2 s"
    assert set(failures[1:]) == {"not asked: the service is down (no connection within 0.2 s)"}
    assert time.monotonic() - started < 3


def test_a_service_that_stalls_from_the_start_is_not_asked_for_ever() -> None:
    with wire("stalled-before-headers") as base_url:
        live = source(base_url, replace(QUICK, read_seconds=0.05))
        failures = [live.fetch(LIST).failure for _ in range(5)]
    assert failures[2] == "not asked: the service is down (nothing came for 0.05 s, 2 times in a row)"
    assert len(base_url.asked) == 3  # one second try, then none while nothing is answered


def test_a_service_that_stalls_later_gets_one_more_chance() -> None:
    def stalling(asked: Asked) -> Reply:
        if asked.turn > 1:
            time.sleep(0.3)
        return Reply(body=PAGE)

    with wire("none", stalling) as base_url:
        live = source(base_url, replace(QUICK, read_seconds=0.1))
        failures = [live.fetch(LIST).failure for _ in range(5)]
    assert failures[:2] == [None, "nothing came for 0.1 s"]
    assert failures[4] == "not asked: the service is down (nothing came for 0.1 s, 3 times in a row)"
    assert len(base_url.asked) == 5  # one, one with a second try, two; then none


def test_an_answer_in_between_keeps_the_breaker_closed() -> None:
    pace = Pace(QUICK)
    dead, slow = Trouble(Kind.DEAD, "connection refused"), Trouble(Kind.SLOW, "nothing came for 1 s")
    for trouble in (dead, None, dead, slow, slow, None, slow, slow, Trouble(Kind.BAD, "bad"), dead):
        assert pace.ask() is None
        pace.saw(trouble)
    assert pace.ask() is None


def test_a_connection_timeout_in_mid_run_is_no_reason_to_stop_at_once() -> None:
    pace = Pace(QUICK)
    for trouble in (None, Trouble(Kind.NO_ROUTE, "no connection within 5 s")):
        pace.saw(trouble)
    assert pace.ask() is None


def test_a_run_waits_for_a_busy_service_only_so_long(tmp_path: Path) -> None:
    with wire("rate-limited-seconds", PAGE) as base_url:
        live = LiveSource(base_url, QUICK, folder=tmp_path)
        assert Pace(QUICK, tmp_path).grant(119.5)
        exchange = live.fetch(LIST)
    assert exchange.status == 429
    assert exchange.retries == ("429, the run has waited for 120 s already: not tried again",)


def test_requests_leave_at_the_rate_allowed() -> None:
    with wire("none", PAGE) as base_url:
        live = source(base_url, replace(QUICK, requests_per_second=20))
        started = time.monotonic()
        for _ in range(6):
            live.fetch(LIST)
        took = time.monotonic() - started
    assert 0.25 <= took < 3


def test_no_more_requests_leave_than_the_cap() -> None:
    with wire("redirect-on-host", PAGE) as base_url:
        live = source(base_url, replace(QUICK, maximum_requests=3))
        failures = [live.fetch(LIST).failure for _ in range(3)]
    assert failures == [None, *["not asked: the cap of 3 requests is reached"] * 2]
    assert len(base_url.asked) == live.sent == 3


def test_rate_cap_and_breaker_hold_for_all_who_share_a_folder(tmp_path: Path) -> None:
    first, second = (Pace(replace(QUICK, maximum_requests=3), tmp_path / "run") for _ in range(2))
    assert [pace.ask() for pace in (first, second, first)] == [None] * 3
    assert second.ask() == "not asked: the cap of 3 requests is reached"
    for pace in (first, second):
        pace.saw(Trouble(Kind.DEAD, "connection refused"))
    assert first.ask() == second.ask() == "not asked: the service is down (connection refused)"


OFFSETS = [Request("/v1/models", (("offset", str(number)),)) for number in range(64)]
PATIENT = replace(QUICK, read_seconds=5, answer_seconds=5)


def test_threads_may_ask_at_the_same_time() -> None:
    def echo(asked: Asked) -> Reply:
        return Reply(body=asked.target.encode())

    with wire("keep-alive-closed", echo) as base_url, ThreadPoolExecutor(8) as pool:
        live = source(base_url, PATIENT)
        exchanges = list(pool.map(live.fetch, OFFSETS))
    assert [exchange.body for exchange in exchanges] == [request.target.encode() for request in OFFSETS]


def test_a_stale_connection_costs_no_try_however_many_threads_have_left_one() -> None:
    """Eight connections are kept, all stale; whoever asks then meets its own, and no other."""
    all_connected = threading.Barrier(8)

    def together_at_first(asked: Asked) -> Reply:
        if asked.turn <= 8:
            all_connected.wait(timeout=5)
        return Reply(body=asked.target.encode())

    with wire("closed-when-used-again", together_at_first) as base_url, ThreadPoolExecutor(8) as pool:
        live = source(base_url, replace(PATIENT, tries=1))
        exchanges = list(pool.map(live.fetch, OFFSETS))
        live.close()
    assert [exchange.body for exchange in exchanges] == [request.target.encode() for request in OFFSETS]
    assert [exchange.retries for exchange in exchanges] == [()] * 8 + [(STALE,)] * 56
    assert len(base_url.asked) == live.sent == 8 + 2 * 56


def test_a_kept_connection_that_was_closed_is_told_as_what_it_is() -> None:
    with wire("closed-when-used-again", PAGE) as base_url:
        live = source(base_url)
        exchanges = [live.fetch(LIST) for _ in range(3)]
    assert [(one.body, one.retries) for one in exchanges] == [(PAGE, ()), (PAGE, (STALE,)), (PAGE, (STALE,))]


def test_after_a_stale_connection_all_tries_are_left() -> None:
    """And the waits between them are as short as ever."""

    def busy(asked: Asked) -> Reply:
        return Reply(200 if asked.turn in (1, 8) else 503, body=PAGE)

    with wire("closed-when-used-again", busy) as base_url:
        live = source(base_url)
        first, second = (live.fetch(LIST) for _ in range(2))
    assert (first.status, second.status) == (200, 503)
    assert second.retries == (STALE, "503, waited 0.02 s", STALE, "503, waited 0.04 s", STALE)


@pytest.mark.parametrize(
    ("first", "then", "says"),
    [
        ("none", "reset-in-body", "the connection was reset"),
        ("none", "not-http", "the answer is not HTTP"),
        ("keep-alive-closed", "reset-before-answer", "the connection was reset"),
    ],
)
def test_what_breaks_otherwise_than_a_kept_connection_is_a_fault(first: str, then: str, says: str) -> None:
    """Something came, or the connection was a new one: it uses up tries."""

    def turning(line: Line, asked: Asked, reply: Reply) -> bool:
        return FAULTS[first if asked.turn == 1 else then](line, asked, reply)

    with wire(turning, PAGE) as base_url:
        live = source(base_url)
        good = live.fetch(LIST)
        time.sleep(0.05)  # until the end of the first connection has arrived
        bad = live.fetch(LIST)
    assert (good.failure, good.retries, bad.failure) == (None, (), says)
    assert bad.retries == (f"{says}, waited 0.01 s", f"{says}, waited 0.02 s")


BOUNDED = """
import resource, sys
from catalog_contract.contract import Transport
from catalog_contract.exchange import Request
from catalog_contract.source import LiveSource
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
