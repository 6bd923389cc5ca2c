"""How fast and how often a service is asked, and when it is not asked any more."""

import socket
import time
from dataclasses import replace
from pathlib import Path

from transport import LIST, PAGE, QUICK, source

from catalog_contract.transport.errors import Kind, Problem
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.pace import Pace
from fixtures.wire import Asked, Reply, wire


def test_a_service_that_is_down_costs_little() -> None:
    with wire("refused") as base_url:
        live = source(base_url)
        failures = [live.fetch(LIST).failure for _ in range(10)]
    assert failures[:2] == ["connection refused"] * 2
    assert set(failures[2:]) == {"not asked: the service is down (connection refused)"}


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
    dead, slow = Problem(Kind.DEAD, "connection refused"), Problem(Kind.SLOW, "nothing came for 1 s")
    for problem in (dead, None, dead, slow, slow, None, slow, slow, Problem(Kind.BAD, "bad"), dead):
        assert pace.ask() is None
        pace.saw(problem)
    assert pace.ask() is None


def test_a_connection_timeout_in_mid_run_is_no_reason_to_stop_at_once() -> None:
    pace = Pace(QUICK)
    for problem in (None, Problem(Kind.NO_ROUTE, "no connection within 5 s")):
        pace.saw(problem)
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
        pace.saw(Problem(Kind.DEAD, "connection refused"))
    assert first.ask() == second.ask() == "not asked: the service is down (connection refused)"


def test_a_service_that_stalls_every_second_time_is_not_asked_for_ever() -> None:
    with wire("every-second-stalls", PAGE) as base_url:
        live = source(base_url, replace(QUICK, tries=1))
        failures = [live.fetch(replace(LIST, reading=reading)).failure for reading in range(1, 15)]
    assert failures[:11] == ["nothing came for 0.25 s", None] * 5 + ["nothing came for 0.25 s"]
    assert set(failures[11:]) == {"not asked: the service is down (nothing came for 0.25 s, 6 times in this run)"}
    assert len(base_url.asked) == 11


def test_a_run_asks_for_no_longer_than_it_may(tmp_path: Path) -> None:
    limits = replace(QUICK, maximum_seconds=0.5, requests_per_second=10)
    first, second = Pace(limits, tmp_path), Pace(limits, tmp_path)
    started = time.monotonic()
    answers = [pace.ask() for pace in (first, second) * 5]
    assert time.monotonic() - started < 2
    assert answers[:3] == [None] * 3
    assert answers[-1] == "not asked: the run's time is up (0.5 s)"
    assert not first.grant(0.6)


def test_a_slot_beyond_the_time_of_the_run_is_not_waited_for() -> None:
    pace = Pace(replace(QUICK, maximum_seconds=5, requests_per_second=0.01))
    started = time.monotonic()
    assert [pace.ask(), pace.ask()] == [None, "not asked: the run's time is up (5 s)"]
    assert time.monotonic() - started < 1
