"""`init` on habits of well-known products: each draft reads the whole list, and accuses nobody."""

from pathlib import Path
from typing import Any

import pytest

from catalog_contract.model.verdict import Verdict
from fixtures.apis.api import Asked, Item, Refusal, Response, items, number
from tests.selftest.drafts import MAX_REQUESTS, drafted, empty_folder, printed, verdicts
from tests.selftest.small_servers import api_of, serving

__all__ = ["empty_folder"]

LISTED = items("thing", 137)
PATH = "/things"


def newer(asked: Asked) -> Response:
    """Every page links to newer items, the first one too, as a timeline does."""
    start, size = number(asked, "max_id", 0), number(asked, "limit", 40, 1, 80)
    links = {"next": f"{PATH}?limit={size}&max_id={start + size}"} if start + size < len(LISTED) else {}
    back = {"previous": f"{PATH}?limit={size}&since_id={start}"}
    return Response({"data": LISTED[start : start + size], **links, **back})


def elsewhere(asked: Asked) -> Response:
    """Beside the link to the next page stands its path below the root of the API, which nothing answers."""
    token = asked.query.get("offset", "t0")
    if not token[1:].isdigit():
        raise Refusal(400, "no such offset")
    start, size = int(token[1:]), number(asked, "limit", 50, 1, 100)
    query = f"limit={size}&offset=t{start + size}"
    onward = {
        "offset": f"t{start + size}",
        "path": f"/below?{query}",
        "uri": f"http://{asked.headers['host']}{PATH}?{query}",
    }
    return Response({"data": LISTED[start : start + size], "next_page": onward if start + size < 137 else None})


def searched(listed: list[Item], asked: Asked, most: int) -> Response:
    """Hits with their total, beside the number of shards, called a total too."""
    start, size = number(asked, "from", 0), number(asked, "size", 10, 0, most)
    hits = {"total": {"value": len(listed), "relation": "eq"}, "hits": listed[start : start + size]}
    return Response({"_shards": {"total": 5, "failed": 0}, "hits": hits})


def after(asked: Asked) -> Response:
    """Pages after an id; what is refused names its status, and not the maximum."""
    limit = asked.query.get("limit", "10")
    size = int(limit) if limit.isdigit() else 0
    ids = [item["id"] for item in LISTED]
    if not 1 <= size <= 100 or asked.query.get("starting_after", ids[0]) not in ids:
        return Response({"error": {"code": 400, "message": "a parameter is not valid"}}, 400)
    start = ids.index(asked.query["starting_after"]) + 1 if "starting_after" in asked.query else 0
    return Response({"data": LISTED[start : start + size], "has_more": start + size < len(LISTED)})


def renamed(asked: Asked) -> Response:
    """Names that repeat further on, beside an id that is called one of any object; the limit is echoed alone."""
    listed = [{"objectID": item["id"], "name": f"name {at % 60}"} for at, item in enumerate(LISTED)]
    page, size = number(asked, "page", 0), number(asked, "hitsPerPage", 20, 1, 1000)
    return Response({"hits": listed[page * size : (page + 1) * size], "nbHits": 137, "page": page, "hitsPerPage": size})


def capitals(asked: Asked) -> Response:
    """Words that begin with a capital, the parameters too."""
    token = asked.query.get("NextToken", "t0")
    if not token[1:].isdigit():
        raise Refusal(400, "no such token")
    start, size = int(token[1:]), number(asked, "MaxResults", 20, 1, 100)
    listed = [{"ModelArn": f"arn:model/{item['id']}"} for item in LISTED[start : start + size]]
    return Response({"Models": listed, **({"NextToken": f"t{start + size}"} if start + size < len(LISTED) else {})})


def rows(asked: Asked) -> Response:
    """Pages of ten, whose limit is found where the page reaches beyond the first one."""
    start, size = number(asked, "start", 0), min(50, number(asked, "rows", 10, 1))
    return Response({"result": {"count": 137, "results": LISTED[start : start + size]}})


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (newer, {"style": "link", "previous": None, "limit": "limit"}),
        (elsewhere, {"style": "link", "next": "next_page.uri", "maximum_limit": 100}),
        (lambda asked: searched(LISTED[:1], asked, 10_000), {"total": "hits.total.value"}),
        (lambda asked: searched(items("hit", 1_370), asked, 10_000), {"limit": "size", "maximum_limit": 1_001}),
        (after, {"cursor": "starting_after", "maximum_limit": 100, "above_maximum": "refused"}),
        (renamed, {"limit": "hitsPerPage", "page": "page", "id": "objectID"}),
        (capitals, {"limit": "MaxResults", "cursor": "NextToken", "maximum_limit": 100}),
        (rows, {"limit": "rows", "offset": "start", "maximum_limit": 50}),
    ],
    ids=["newer", "elsewhere", "one hit", "long", "after", "renamed", "capitals", "rows"],
)
def test_a_habit_of_a_product_is_drafted(answer: Any, words: dict[str, object]) -> None:
    with serving(api_of(PATH, answer)) as (url, seen):
        contract = drafted(f"{url}{PATH}")
        assert len(seen) <= MAX_REQUESTS
        assert verdicts(contract) == {Verdict.HOLDS}
    tables = (contract.item, contract.envelope, contract.parameters, contract.paging)
    for word, value in words.items():
        stated = (getattr(table, word) for table in tables if hasattr(table, word))
        assert value in [None if one is None else str(one) if isinstance(value, str) else one for one in stated], word


def test_a_draft_without_the_link_back_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(api_of(PATH, newer)) as (url, _):
        drafted(f"{url}{PATH}")
    assert "envelope.previous: previous is there on the first page too" in printed(capsys)


def test_a_token_of_pagination_in_the_url_is_no_key() -> None:
    def answer(asked: Asked) -> Response:
        start, size = number(asked, "pagination_token", 0), number(asked, "max_results", 100, 1, 1000)
        more = {"next_token": f"{start + size:06}"} if start + size < len(LISTED) else {}
        return Response({"data": LISTED[start : start + size], "meta": {"result_count": size, **more}})

    with serving(api_of(PATH, answer)) as (url, _):
        contract = drafted(f"{url}{PATH}?max_results=10&pagination_token=x")
    assert (contract.parameters.cursor, contract.parameters.limit) == ("pagination_token", "max_results")


def test_the_example_of_a_filter_names_the_place_inside_an_item() -> None:
    listed = [{"id": item["id"], "attributes": {"status": ("draft", "sent")[at % 2]}} for at, item in enumerate(LISTED)]

    def answer(asked: Asked) -> Response:
        start = number(asked, "offset", 0)
        return Response({"data": listed[start : start + number(asked, "limit", 20, 1, 50)]})

    with serving(api_of(PATH, answer)) as (url, _):
        drafted(f"{url}{PATH}")
    text = Path("contracts/things.toml").read_text(encoding="utf-8")
    assert '# query = {status = "draft"}\n# place = "attributes.status"' in text


def test_counters_in_headers_are_drafted() -> None:
    def answer(asked: Asked) -> Response:
        page, size = number(asked, "page", 1, 1), min(100, number(asked, "per_page", 20, 1))
        counters = {"X-Total": 137, "X-Total-Pages": -(-137 // size), "X-Page": page, "X-Per-Page": size}
        headers = {name: str(value) for name, value in counters.items()}
        return Response(LISTED[(page - 1) * size : page * size], headers=headers)

    with serving(api_of(PATH, answer)) as (url, _):
        contract = drafted(f"{url}{PATH}")
        assert verdicts(contract) == {Verdict.HOLDS}
    places = (contract.envelope.total, contract.envelope.pages, contract.envelope.page, contract.envelope.limit)
    assert places == ("header:X-Total", "header:X-Total-Pages", "header:X-Page", "header:X-Per-Page")
