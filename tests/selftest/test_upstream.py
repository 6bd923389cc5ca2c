"""The stand-in of the upstream: it speaks the listing API, has the defect of its mode, and counts."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from catalog_contract.util.paths import PROJECT
from fixtures.gateway import catalog
from fixtures.upstream import MODES, serve

TOTAL = catalog.TOTALS[catalog.HUGGINGFACE]
TIMES_OUT = 20


def ask(url: str, **query: object) -> requests.Response:
    """One request to the list."""
    return requests.get(f"{url}/api/models", {key: str(value) for key, value in query.items()}, timeout=TIMES_OUT)


def ids(answer: requests.Response) -> list[str]:
    """The ids of a page."""
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()]


def walked(url: str, **query: object) -> Iterator[list[str]]:
    """The pages by `Link`, to the one that names no other."""
    target: str | None = requests.Request("GET", f"{url}/api/models", params=query).prepare().url
    while target:
        answer = requests.get(target, timeout=TIMES_OUT)
        yield ids(answer)
        target = answer.links.get("next", {}).get("url")


def test_it_lists_what_the_reference_gateway_lists() -> None:
    """1,352 models in the same order, as a bare list without any total, 1,000 at the most and by default."""
    expected = [row["id"] for row in catalog.rows("2025", catalog.HUGGINGFACE)]
    with serve("ignores-offset") as url:
        whole = ask(url)
        assert [id for page in walked(url, limit=100) for id in page] == expected and len(expected) == TOTAL
        assert ids(whole) == ids(ask(url, limit=5000)) == expected[:1000]
        assert "total" not in " ".join(whole.headers).lower() and whole.json()[0]["id"] == expected[0]


def test_a_link_is_absolute_and_keeps_all_parameters() -> None:
    with serve("ignores-offset") as url:
        following = ask(url, limit=7, sort="likes", search="e", full="true").links["next"]["url"]
        assert following.startswith(f"{url}/api/models?") and "cursor=" in following
        assert {"limit=7", "sort=likes", "search=e", "full=true"} <= {*following.partition("?")[2].split("&")}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("honours-offset", (100, 0, 100, 0)),
        ("short-middle-page", (1, 0, 100, 0)),
        ("ignores-offset", (100, 100, 100, 100)),
        ("skip", (100, 100, 100, 0)),
    ],
)
def test_what_offset_and_skip_do(mode: str, expected: tuple[int, ...]) -> None:
    """How many models come at offset 100 and far behind the end, then by `skip`."""
    with serve(mode) as url:
        pages = [ids(ask(url, limit=100, **{name: at})) for name in ("offset", "skip") for at in (100, 1_000_000)]
        first = ids(ask(url, limit=100))
        repeats = [page == first for page in pages]
    assert repeats == [name != MODES[mode].position for name in ("offset", "offset", "skip", "skip")]
    assert [len(page) for page in pages] == [100 if repeat else n for repeat, n in zip(repeats, expected, strict=True)]


@pytest.mark.parametrize("mode", [name for name, mode in MODES.items() if not (mode.limited or mode.fails)])
def test_the_link_reads_every_model_once(mode: str) -> None:
    """In the order that stands still."""
    with serve(mode) as url:
        seen = [id for page in walked(url, limit=100, sort="createdAt") for id in page]
    assert len(seen) == len({*seen}) == TOTAL


def test_a_drifting_list_moves_at_the_front_only() -> None:
    """Page one is another one at most requests, and a cursor repeats nothing although models climb over it."""
    with serve("drifting") as url:
        first, *again = [ids(ask(url, limit=100, offset=100)) for _ in range(9)]
        assert [len({*page} - {*before}) for before, page in zip([first, *again], again, strict=False)] == [
            1, 1, 1, 0, 1, 1, 2, 1,
        ]  # fmt: skip
        seen = [id for page in walked(url, limit=100) for id in page]
        assert len(seen) == len({*seen}) and TOTAL - 14 <= len(seen) <= TOTAL


def test_a_quota_is_answered_and_then_429_as_asked() -> None:
    with serve("rate-limited", quota=3, window=1) as url:
        answers = [ask(url, limit=1) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[0].headers["RateLimit"] == '"api";r=2;t=1'
        assert answers[3].headers["RateLimit"] == '"api";r=0;t=1'
        assert answers[3].headers["RateLimit-Policy"] == '"fixed window";"api";q=3;w=1'


def test_every_fourth_request_fails() -> None:
    """By turns with 503 and without any answer."""
    with serve("flaky") as url:
        seen: list[object] = []
        for _ in range(8):
            try:
                seen.append(requests.get(f"{url}/api/models?limit=1", timeout=TIMES_OUT).status_code)
            except requests.ConnectionError:
                seen.append("cut")
        assert seen == [200, 200, 200, 503, 200, 200, 200, "cut"]


def test_the_top_lists_hold_1204_together() -> None:
    with serve("ignores-offset") as url:
        by_downloads, by_likes = (ids(ask(url, limit=1000, sort=sort)) for sort in ("downloads", "likes"))
    assert len({*by_downloads} | {*by_likes}) == 1204


def test_filters_and_orders_have_an_effect() -> None:
    with serve("ignores-offset") as url:
        every = [
            row for page in (ask(url), requests.get(ask(url).links["next"]["url"], timeout=20)) for row in page.json()
        ]
        tagged = [row["id"] for row in every if row.get("pipeline_tag") == "text-generation"]
        assert ids(ask(url, pipeline_tag="text-generation")) == tagged and 0 < len(tagged) < 1000
        assert ids(ask(url, author="google")) == [row["id"] for row in every if row["id"].startswith("google/")]
        assert 0 < len(ids(ask(url, inference_provider="groq"))) < 1000
        assert ids(ask(url, sort="createdAt", direction=1, limit=1)) == [
            min(every, key=lambda row: row["createdAt"])["id"]
        ]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "offset=-1", "sort=price", "direction=2", "cursor=x"])
def test_a_bad_request_is_refused(query: str) -> None:
    with serve("honours-offset") as url:
        answer = requests.get(f"{url}/api/models?{query}", timeout=TIMES_OUT)
    assert answer.status_code == 400 and answer.json()["error"]


def test_it_counts_requests_by_kind_and_forgets_on_demand() -> None:
    with serve("honours-offset") as url:
        following = ask(url, limit=5).links["next"]["url"]
        for target in (following, f"{url}/api/models?offset=5", f"{url}/api/models?skip=5", f"{url}/elsewhere"):
            requests.get(target, timeout=TIMES_OUT)
        stats = requests.get(f"{url}/__stats", timeout=TIMES_OUT).json()
        assert stats["by_kind"] == {"plain": 1, "offset": 1, "skip": 1, "cursor": 1, "other": 1}
        assert (stats["requests"], stats["by_status"]) == (5, {"200": 4, "404": 1})
        assert requests.post(f"{url}/__reset", timeout=TIMES_OUT).json()["requests"] == 0


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "fixtures.upstream", *arguments]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_and_ends(number: signal.Signals) -> None:
    with subprocess.Popen(
        command("--mode", "skip", "--port", "0"), cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as done:
        try:
            assert done.stdout
            url = done.stdout.readline().split()[0]
            assert len(requests.get(url, {"skip": "1350"}, timeout=TIMES_OUT).json()) == 2
            os.kill(done.pid, number)
            assert done.wait(timeout=10) == 0
        finally:
            done.kill()


def test_mistakes_are_one_line_and_exit_4() -> None:
    with serve("skip") as url:
        port = url.rpartition(":")[2]
        for arguments, reported in (
            (("--mode", "strom"), "invalid choice"),
            (("--port", port), f"cannot listen on port {port}"),
            (("--port", "99999"), "no port 99999"),
            (("--quota", "0"), "--quota must be 1 or more"),
        ):
            done = subprocess.run(
                command(*arguments), cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
            )
            assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1), arguments
            assert reported in done.stderr


def test_the_list_names_every_mode() -> None:
    lines = subprocess.run(
        command("--list"), cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [*MODES]
    assert max(map(len, lines)) <= 80


def test_the_guide_names_every_mode() -> None:
    guide = (PROJECT / "docs" / "upstream.md").read_text(encoding="utf-8")
    named = [
        row.split("`")[1] for row in guide.partition("| mode | what it does |")[2].splitlines() if row[:3] == "| `"
    ]
    assert named == [*MODES]
