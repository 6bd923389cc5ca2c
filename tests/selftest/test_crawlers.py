"""The crawlers, and the gateway that crawls: what each keeps, and that only the right one is right."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from catalog_contract.util.paths import PROJECT
from fixtures.crawlers import CRAWLERS, Crawl, CrawlError, Hub
from fixtures.gateway import catalog
from fixtures.gateway.core import Gateway, reference_gateway
from fixtures.gateway.crawled import Crawled
from fixtures.gateway.pipeline import Query
from fixtures.upstream import serve
from fixtures.upstream.listing import Hub as Listing
from fixtures.upstream.modes import MODES

TOTAL = catalog.TOTALS[catalog.HUGGINGFACE]


@contextlib.contextmanager
def hub(mode: str, **options: Any) -> Iterator[Hub]:
    """A client of an upstream."""
    with serve(mode, **options) as url:
        client = Hub(url)
        try:
            yield client
        finally:
            client.close()


def crawl(name: str, client: Hub) -> Crawl:
    return CRAWLERS[name].crawl(client)


def test_there_are_the_six() -> None:
    assert [*CRAWLERS] == ["until-short", "until-empty", "by-total", "pages-20", "merge-of-top-lists", "follow-link"]


def test_the_right_one_waits_at_a_429_for_as_long_as_it_is_asked_to() -> None:
    with hub("rate-limited", quota=7, window=2) as client:
        begun = time.monotonic()
        assert len(crawl("follow-link", client).rows) == TOTAL
        assert time.monotonic() - begun >= 2 and client.requests == 14 + 1
        counted = requests.get(client.url.replace("/api/models", "/__stats"), timeout=20).json()
    assert counted["by_status"] == {"200": 14, "429": 1}


def test_the_right_one_keeps_nothing_of_a_crawl_that_fails() -> None:
    """Reported to wait longer than it will, it fails; the incident's keeps what it has."""
    with hub("rate-limited", quota=3, window=3000) as client, pytest.raises(CrawlError, match="answered 429"):
        crawl("follow-link", client)
    with hub("rate-limited", quota=3, window=3000) as client:
        kept = crawl("until-short", client)
    assert (len(kept.rows), kept.ended) == (300, "kept what it had: answered 429")


@pytest.mark.parametrize("mode", MODES)
def test_the_right_one_lists_every_model_in_an_order_that_stands_still(mode: str) -> None:
    """The first and the second crawl bring the same list, whatever climbed meanwhile."""
    with hub(mode) as client:
        first, second = (crawl("follow-link", client) for _ in range(2))
    assert [row["id"] for row in first.rows] == [row["id"] for row in second.rows]
    assert len(first.rows) == len({row["id"] for row in first.rows}) == TOTAL


@pytest.mark.parametrize(
    ("leads_to", "reported"),
    [("{url}?limit=100&sort=createdAt&cursor=eyJhZnRlciI6IDk5fQ==", "leads back"), ("http://localhost:1/x", "another")],
)
def test_the_right_one_follows_no_link_in_a_circle_or_to_another_service(
    leads_to: str, reported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = Listing.reply

    def astray(self: Listing, method: str, path: str, query: Any, origin: str) -> Any:
        answer = reply(self, method, path, query, origin)
        target = leads_to.format(url=f"{origin}{path}")
        return type(answer)(answer.payload, answer.status, {**answer.headers, "Link": f'<{target}>; rel="next"'})

    monkeypatch.setattr(Listing, "reply", astray)
    monkeypatch.setattr("fixtures.crawlers.right.WAIT_SECONDS", 0.01)
    with hub("ignores-offset") as client, pytest.raises(CrawlError, match=reported):
        crawl("follow-link", client)


def test_a_crawl_by_offset_never_ends_where_it_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until an empty page: the cap alone ends it, and that is stated."""
    monkeypatch.setattr("fixtures.crawlers.naive.MAX_PAGES", 40)
    with hub("ignores-offset") as client:
        kept = crawl("until-empty", client)
    assert (len(kept.rows), client.requests) == (100, 40)
    assert kept.ended == "does not end: stopped by a cap of 40 requests"


def ids(gateway: Gateway, limit: int = 50_000) -> tuple[int, list[str]]:
    """The status of a bulk read, and what it lists."""
    answer = gateway(Query("/v1/models", (("gateway", "huggingface"), ("limit", str(limit)))))
    return answer.status, catalog.ids(answer.payload["data"]) if answer.status == 200 else []


def refreshed(gateway: Gateway) -> Any:
    return gateway(Query("/__refresh", method="POST")).payload


def test_a_gateway_keeps_its_list_when_a_crawl_fails() -> None:
    """And answers 503 before it has one; the other gateways are served all the while."""
    with serve("rate-limited", quota=14, window=3000) as url:
        gateway = reference_gateway(crawled=Crawled(url, "follow-link"))
        before = ids(gateway)
        assert (before[0], len(before[1])) == (200, TOTAL)
        report = refreshed(gateway)
        assert (report["ended"], report["models"]) == ("failed: answered 429", TOTAL)
        assert ids(gateway) == before
        fresh = reference_gateway(crawled=Crawled(url, "follow-link"))
        assert ids(fresh)[0] == 503
        every = fresh(Query("/v1/models", (("gateway", "all"), ("limit", "1"))))
        assert every.status == 200 and every.payload["total"] > 2000


@pytest.mark.parametrize("era", ["2025", "2026"])
def test_a_right_crawl_lists_the_models_of_the_catalogue(era: str) -> None:
    """The same models, field by field, as where nothing is crawled; in the upstream's order."""
    with serve("ignores-offset") as url:
        gateway = reference_gateway(era, crawled=Crawled(url, "follow-link", era))
        query = Query("/v1/models", (("gateway", "huggingface"), ("limit", "1000")))
        listed = gateway(query).payload["data"]
    expected = {model["id"]: model for model in catalog.rows(era, catalog.HUGGINGFACE)}
    assert len(listed) >= 1000 and all(model == expected[model["id"]] for model in listed)


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (("--upstream", "http://127.0.0.1:1"), "--upstream and --crawler go together"),
        (("--crawler", "follow-link"), "--upstream and --crawler go together"),
        (("--upstream", "http://127.0.0.1:1", "--crawler", "follow-lnk"), "did you mean follow-link?"),
        (("--upstream", "127.0.0.1:1", "--crawler", "follow-link"), "--upstream must be a base URL"),
    ],
)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], reported: str) -> None:
    command = [sys.executable, "-m", "fixtures.gateway", "--port", "0", *arguments]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1)
    assert reported in done.stderr
