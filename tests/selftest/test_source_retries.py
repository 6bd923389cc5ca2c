"""What is tried again, what of it is reported, and what a stale connection costs: nothing."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from transport import LIST, PAGE, QUICK, ask, source, trusted

from catalog_contract.model.exchange import Request, resent
from catalog_contract.transport.live import STALE
from fixtures.wire import FAULTS, Asked, Reply, wire
from fixtures.wire.faults import Line

PATIENT = replace(QUICK, read_seconds=5, answer_seconds=5)
"""Nothing here is about time: a machine that stands still for a moment is no slow service."""


@pytest.mark.parametrize("name", ["rate-limited-seconds", "rate-limited-date"])
def test_a_service_that_asks_to_wait_is_given_the_time(name: str) -> None:
    exchange = ask(name, transport=PATIENT)
    assert (exchange.status, exchange.body) == (200, PAGE)
    assert re.fullmatch(r"429, waited (0|0\.\d+|1) s", " and ".join(exchange.retries))


def test_every_retry_is_reported() -> None:
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
        assert len(source(base_url, PATIENT).fetch(LIST).retries) == 2


@pytest.mark.parametrize("name", ["unavailable-always", "rate-limited-always", "reset-in-body"])
def test_tries_that_were_in_vain_are_not_made_for_every_request(name: str) -> None:
    with wire(name, PAGE) as base_url:
        live = source(base_url, PATIENT)
        for _ in range(6):
            live.fetch(LIST)
    assert len(base_url.asked) == 3 + 3 + 4 * 1


def test_one_good_answer_makes_tries_worth_while_again() -> None:
    def failing(asked: Asked) -> Reply:
        return Reply(200 if asked.turn == 8 else 503, body=PAGE)

    with wire("none", failing) as base_url:
        live = source(base_url, PATIENT)
        statuses = [live.fetch(LIST).status for _ in range(5)]
    assert statuses == [503, 503, 503, 200, 503]
    assert len(base_url.asked) == 3 + 3 + 1 + 1 + 3


OFFSETS = [Request("/v1/models", (("offset", str(number)),)) for number in range(64)]


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


@pytest.mark.parametrize("over_tls", [False, True], ids=["plain", "TLS"])
def test_a_kept_connection_that_was_closed_is_told_as_what_it_is(
    over_tls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = trusted(tmp_path, monkeypatch) if over_tls else None
    with wire("closed-when-used-again", PAGE, tls) as base_url:
        live = source(base_url, PATIENT)
        exchanges = [live.fetch(LIST) for _ in range(3)]
    assert [(one.body, one.retries) for one in exchanges] == [(PAGE, ()), (PAGE, (STALE,)), (PAGE, (STALE,))]


def test_after_a_stale_connection_all_tries_are_left() -> None:
    """And the waits between them are as short as ever."""

    def busy(asked: Asked) -> Reply:
        return Reply(200 if asked.turn in (1, 8) else 503, body=PAGE)

    with wire("closed-when-used-again", busy) as base_url:
        live = source(base_url, PATIENT)
        first, second = (live.fetch(LIST) for _ in range(2))
    assert (first.status, second.status) == (200, 503)
    assert second.retries == (STALE, "503, waited 0.02 s", STALE, "503, waited 0.04 s", STALE)


@pytest.mark.parametrize(
    ("first", "then", "message"),
    [
        ("none", "reset-in-body", "the connection was reset"),
        ("none", "not-http", "the answer is not HTTP"),
        ("http-1-0", "reset-before-answer", "the connection was reset"),
    ],
)
def test_what_breaks_otherwise_than_a_kept_connection_is_a_fault(first: str, then: str, message: str) -> None:
    """Something came, or the connection was a new one: it uses up tries."""

    def turning(line: Line, asked: Asked, reply: Reply) -> bool:
        return FAULTS[first if asked.turn == 1 else then](line, asked, reply)

    with wire(turning, PAGE) as base_url:
        live = source(base_url, PATIENT)
        good, bad = (live.fetch(LIST) for _ in range(2))
    assert (good.failure, good.retries, bad.failure) == (None, (), message)
    assert bad.retries == (f"{message}, waited 0.01 s", f"{message}, waited 0.02 s")
