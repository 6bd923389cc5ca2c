"""`catalog-contract upstream-check`: it tells the two explanations of the cut apart, and stops where it is refused."""

import json
from typing import Any

import pytest
import requests

from catalog_contract.cli import main
from catalog_contract.diagnosis import names
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.upstream.asking import moved, newcomers
from fixtures.upstream import serve
from fixtures.upstream.rows import drawn

TOLD = {
    "honours-offset": (0, "", "honoured"),
    "short-middle-page": (0, names.SHORT_PAGE, "honoured"),
    "ignores-offset": (0, names.UPSTREAM, "ignored"),
    "drifting": (0, names.UPSTREAM, "ignored"),
    "rate-limited": (16, "", "honoured"),
    "flaky": (0, "", "honoured"),
    "skip": (0, names.UPSTREAM, "ignored"),
}
"""Of each mode the exit status, the hypothesis that fits, and what becomes of `offset`."""


def asked(url: str, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """The report as JSON; its exit status is the command's."""
    status = main(["upstream-check", url, "--json", *options])
    reported: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert reported["exit_status"] == status
    return reported


def counted(url: str) -> dict[str, Any]:
    """What the stand-in counted."""
    stats: dict[str, Any] = requests.get(f"{url}/__stats", timeout=20).json()
    return stats


@pytest.mark.parametrize("mode", TOLD)
def test_the_right_hypothesis_is_named_in_each_mode(mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, hypothesis, offset = TOLD[mode]
    with serve(mode) as url:
        reported = asked(f"{url}/api/models", capsys)
        assert reported["requests"] == counted(url)["requests"] <= 10
    assert (reported["exit_status"], reported["hypothesis"] or "", reported["offset"]) == (status, hypothesis, offset)
    if mode != "rate-limited":
        assert "1,352 models; it ends, and repeats nothing" in reported["walk"]["note"]


def test_the_conclusion_is_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with serve("drifting") as url:
        assert main(["upstream-check", url]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "(2) and (5) list the models of (1) again, so `offset` is ignored: `upstream ignores offset`." in printed
    assert "A crawl until an empty page would never end." in printed
    with serve("skip") as url:
        assert main(["upstream-check", url]) == 0
    assert "`skip` is the parameter that skips here" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(("quota", "offset"), [(1, None), (2, "honoured"), (4, "honoured"), (5, "honoured")])
def test_it_stops_at_the_first_429(quota: int, offset: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    """What was seen until then is concluded, the rest is not judged."""
    with serve("rate-limited", quota=quota, window=60) as url:
        reported = asked(f"{url}/api/models?sort=likes", capsys)
        assert counted(url)["by_status"] == {"200": quota, "429": 1}
    assert (reported["verdict"], reported["offset"]) == ("NOT JUDGED", offset)
    assert reported["refused"] == "the upstream answered 429 (ask again in 60 s)"
    assert {finding["verdict"] for finding in (*reported["parameters"], reported["walk"])} == {"NOT JUDGED"}


def test_a_parameter_without_an_effect_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    """The stand-in, like the Hub, reads `sort` and `full`, no `page`: but 1 may be its default. `offset` has none."""
    with serve("ignores-offset") as url:
        reported = asked(f"{url}/api/models?sort=likes&full=true&page=1&limit=50&offset=0", capsys)
    assert {finding["name"]: finding["verdict"] for finding in reported["parameters"]} == {
        "limit": "HOLDS", "offset": "BROKEN", "sort=likes": "HOLDS", "full=true": "HOLDS", "page=1": "NOT JUDGED",
    }  # fmt: skip
    assert (reported["exit_status"], reported["walk"]["verdict"]) == (1, "HOLDS")


def test_a_walk_that_does_not_end_in_time_is_not_judged(capsys: pytest.CaptureFixture[str]) -> None:
    with serve("ignores-offset") as url:
        reported = asked(url, capsys, "--max-pages", "1")
    assert (reported["exit_status"], reported["walk"]["verdict"]) == (16, "NOT JUDGED")
    assert reported["walk"]["note"] == "1 page, 1,000 models: no end within 1 page"


def test_items_that_say_otherwise_show_that_a_filter_is_ignored(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`pipeline_tag` is asked for, and models with other tags are listed."""
    monkeypatch.setattr("fixtures.upstream.listing._fits", lambda *_: True)
    with serve("ignores-offset") as url:
        reported = asked(f"{url}/api/models?pipeline_tag=text-generation", capsys)
    (tag,) = (finding for finding in reported["parameters"] if finding["name"].startswith("pipeline_tag"))
    assert tag["verdict"] == "BROKEN" and tag["note"].endswith("of 100 have another `pipeline_tag`")


def test_a_repeat_of_a_list_that_moved_is_not_judged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model that is read twice, but stands on one of the two pages only when both are read again."""
    walked = 0

    def page(query: dict[str, str]) -> tuple[list[str], str]:
        nonlocal walked
        ids, onward = linked(query, int(query.get("cursor", 0)))
        if query["limit"] == "1000" and query.get("cursor") == "1000":
            walked += 1
            ids = [ALL[5], *ids[1:]] if walked == 1 else ids
        return ids, onward

    reported = scripted(page, monkeypatch, capsys)
    assert (reported["verdict"], reported["walk"]["verdict"]) == ("NOT JUDGED", "NOT JUDGED")
    assert reported["walk"]["note"].endswith("m5 is listed again, and the list moved meanwhile")


class Scripted:
    """An upstream of 2,500 models in memory: `page` gives the ids from a request's parameters, and the next target."""

    label = "in memory"
    sent = 0

    def __init__(self, page: Any) -> None:
        self._page = page

    def fetch(self, request: Request) -> Exchange:
        """Reply."""
        ids, onward = self._page(dict(pair.split("=") for pair in request.target.partition("?")[2].split("&")))
        headers = {"content-type": "application/json"}
        headers |= {"link": f'<http://127.0.0.1/api/models?{onward}>; rel="next"'} if onward else {}
        url, body = f"http://127.0.0.1{request.target}", json.dumps([{"id": id} for id in ids]).encode()
        return Exchange(request, url, 200, headers, body)

    def close(self) -> None:
        """Nothing to close."""


ALL = [f"m{n}" for n in range(2500)]


def linked(query: dict[str, str], at: int) -> tuple[list[str], str]:
    """The page at a row, and the parameters of the one after it."""
    limit = int(query["limit"])
    return ALL[at : at + limit], f"limit={limit}&cursor={at + limit}" if at + limit < len(ALL) else ""


def repeating(query: dict[str, str]) -> tuple[list[str], str]:
    """Each page by the link begins with the last model of the page before it."""
    at = int(query.get("cursor", 0))
    return linked(query, at - (1 if at else 0))


def circling(query: dict[str, str]) -> tuple[list[str], str]:
    """The link of the last page leads back to the first."""
    page, onward = linked(query, int(query.get("cursor", 0)))
    return page, onward or f"limit={query['limit']}&cursor=0"


def shuffled(query: dict[str, str]) -> tuple[list[str], str]:
    """By `offset` half of page one comes again, in reverse."""
    page, onward = linked(query, int(query.get("cursor", 0)))
    return (page[::-2], onward) if "offset" in query else (page, onward)


def at_random(query: dict[str, str]) -> tuple[list[str], str]:
    """Any request brings other models."""
    at = drawn(json.dumps(query)) % 20 * 100
    return ALL[at : at + int(query["limit"])], "" if query["limit"] == "1000" else "limit=100&cursor=1"


def limit_ignored(query: dict[str, str]) -> tuple[list[str], str]:
    """A page holds 100 models, whatever is asked for."""
    return linked({"limit": "100"}, int(query.get("cursor", 0)))


def only_inside(query: dict[str, str]) -> tuple[list[str], str]:
    """An offset behind the end is taken for none at all."""
    offset = int(query.get("cursor", query.get("offset", 0)))
    return linked(query, offset if offset < len(ALL) else 0)


def scripted(page: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The report on an upstream in memory."""
    monkeypatch.setattr("catalog_contract.cli.upstream_check._source", lambda *_: Scripted(page))
    return asked("http://127.0.0.1/api/models", capsys)


@pytest.mark.parametrize(
    ("page", "verdict", "offset", "note"),
    [
        (repeating, "BROKEN", "ignored", "is listed again"),
        (circling, "BROKEN", "ignored", "it came back to a page already read"),
        (shuffled, "NOT JUDGED", None, "are not pages of one list"),
        (at_random, "NOT JUDGED", None, "are not pages of one list"),
        (limit_ignored, "BROKEN", "ignored", "2 asked for, 100 came"),
        (only_inside, "NOT JUDGED", None, "`offset=100` skips, but `offset=1000000` has no effect"),
    ],
)  # fmt: skip
def test_odd_upstreams(
    page: Any,
    verdict: str,
    offset: str | None,
    note: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What repeats or never ends is broken; what fits neither explanation is stated, and neither is named."""
    reported = scripted(page, monkeypatch, capsys)
    assert (reported["verdict"], reported["offset"]) == (verdict, offset)
    assert note in f"{reported['walk']['note']} {reported['conclusion']} {reported['parameters']}"


@pytest.mark.parametrize(
    ("first", "other", "entered", "behind"),
    [
        ("abcd", "abcd", 0, False),
        ("abcd", "xabc", 1, False),
        ("abcd", "xyab", 2, False),
        ("abcd", "efgh", None, True),
        ("abcd", "defg", None, True),
        ("abcd", "badc", None, False),
        ("abcd", "axbc", None, False),
    ],
)
def test_newcomers_are_told_from_another_page(first: str, other: str, entered: int | None, behind: bool) -> None:
    assert (newcomers([*first], [*other]), moved([*first], [*other])) == (entered, behind)


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (("nonsense://x",), "that is not a URL of a list"),
        (("http://127.0.0.1:1/api/models?token=abc",), "the URL holds a key (token=...)"),
        (("http://127.0.0.1:1/api/models?limit=0",), "give a whole number from 2"),
        (("http://127.0.0.1:1/api/models", "--max-pages", "0"), "--max-pages must be 1 or more"),
        (("http://127.0.0.1:1/api/models", "--contract", "gatewayz"), "names no next page"),
    ],
)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], reported: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upstream-check", *arguments]) == 4
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1 and reported in printed.err and "abc" not in printed.err


def test_an_upstream_that_is_not_there_is_not_judged(capsys: pytest.CaptureFixture[str]) -> None:
    with serve("skip") as url:
        pass
    reported = asked(url, capsys)
    assert (reported["exit_status"], reported["offset"]) == (16, None)
    assert "(1) brought no list" in reported["conclusion"]
