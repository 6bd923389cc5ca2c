"""`init` looks for the end of a list while requests are left: what the end shows is promised, the rest is named."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog_contract.diagnosis.coverage import coverage_notes
from catalog_contract.model.contract import Contract
from catalog_contract.model.verdict import Verdict
from fixtures.apis.api import Asked, Item, Refusal, Response, items, number
from tests.selftest.drafts import MAX_REQUESTS, drafted, empty_folder, printed, verdicts
from tests.selftest.small_servers import api_of, serving

__all__ = ["empty_folder"]

LISTED = items("order", 233)
Rows = list[Item]


def by_token(
    listed: Rows = LISTED,
    *,
    total: int | None = None,
    keeps: bool = False,
    bound: bool = False,
    numbered: bool = False,
    on: bool = False,
) -> Callable[[Asked], Response]:
    """A list by tokens, at most 50 a page, that says how many items there are.

    The token `keeps` the size of its page, is `bound` to it, or is that of a page by its number; a full last page leads
    `on`.
    """

    def answer(asked: Asked) -> Response:
        size = min(50, number(asked, "page_size", 25, 1))
        if asked.query.get("page_token", "0,0").count(",") != 1:
            raise Refusal(400, "page_token is malformed")
        start, kept = (int(part) for part in asked.query.get("page_token", "0,0").split(","))
        if bound and kept not in (0, size):
            raise Refusal(400, "page_token is of another page_size")
        size = kept if keeps and kept else size
        start = start * size if numbered else start
        end = start + size
        more = end <= len(listed) if on and end == len(listed) else end < len(listed)
        token = f"{end // size if numbered else end},{size}" if more else None
        meta = {"page_size": size, "total_count": total or len(listed), "next_page_token": token}
        return Response({"data": listed[start:end], "meta": {"pagination": meta}})

    return answer


@pytest.mark.parametrize(
    ("answer", "empty_last_page"),
    [
        (by_token(), False),
        (by_token(LISTED[:200]), False),
        (by_token(LISTED[:230]), False),
        (by_token(LISTED[:62], on=True), True),
        (by_token(on=True), True),
        (by_token(keeps=True), True),
        (by_token(bound=True), True),
        (by_token(numbered=True), True),
    ],
    ids=[
        "233",
        "200",
        "230",
        "62-leads-on",
        "233-leads-on",
        "size-in-the-token",
        "bound-to-the-size",
        "page-in-the-token",
    ],
)
def test_a_list_by_tokens_is_walked_to_its_end(
    answer: Callable[[Asked], Response], empty_last_page: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """The total is seen to be exact; a full last page is asked for where the size of a page may change on the way."""
    with serving(api_of("/orders", answer)) as (url, seen):
        contract = drafted(f"{url}/orders")
        assert len(seen) <= MAX_REQUESTS
        assert contract.envelope.total == "meta.pagination.total_count" and contract.envelope.exact_total
        assert contract.cursor.empty_last_page is empty_last_page
        assert "total_is" not in contract.path.read_text() + capsys.readouterr().out
        assert verdicts(contract) == {Verdict.HOLDS}


def by_link(asked: Asked) -> Response:
    """Links with an opaque cursor and no size, `has_more`, and a total."""
    size, start = number(asked, "limit", 20, 1, 100), number(asked, "cursor", 0)
    rest = start + size < len(LISTED)
    links = {"next": f"/orders?cursor={start + size}&limit={size}"} if rest else {}
    return Response({"data": LISTED[start : start + size], "links": links, "has_more": rest, "total": len(LISTED)})


def test_a_list_by_links_is_walked_to_its_end() -> None:
    with serving(api_of("/orders", by_link)) as (url, seen):
        contract = drafted(f"{url}/orders")
        assert len(seen) <= MAX_REQUESTS
        assert contract.envelope.exact_total and not contract.cursor.empty_last_page
        assert not estimated(contract)
        assert "not seen at the end" not in contract.path.read_text()
        assert verdicts(contract) == {Verdict.HOLDS}


def test_a_full_last_page_of_a_list_without_a_limit_shows_the_end() -> None:
    """Pages of ten by their numbers, and 230 items: the last page has no room that would show the end."""

    def answer(asked: Asked) -> Response:
        page = number(asked, "p", 1, 1)
        return Response({"data": LISTED[(page - 1) * 10 : min(230, page * 10)], "total": 230})

    with serving(api_of("/orders", answer)) as (url, seen):
        contract = drafted(f"{url}/orders")
        assert len(seen) <= MAX_REQUESTS
        assert contract.envelope.exact_total


def estimated(contract: Contract) -> list[str]:
    """The totals that each report of a run names as estimates under `What this run cannot see`."""
    notes = coverage_notes(contract, [], [])
    return re.findall(r"the contract calls (\S+) an estimate \(total_is\): a total that is wrong", " ".join(notes))


def test_an_end_out_of_reach_is_not_walked_to_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(api_of("/orders", by_token(items("order", 5_000)))) as (url, seen):
        contract = drafted(f"{url}/orders")
        assert len(seen) < MAX_REQUESTS - 4
    out = printed(capsys)
    found = re.search(
        r"total_is: whether meta\.pagination\.total_count is exact: ([0-9,]+) of the items lie beyond 15", out
    )
    assert found and 4_400 < int(found[1].replace(",", "")) < 4_700
    assert "remove total_is if it is" in out and contract.envelope.total_is == "estimate"
    assert "whether a full last page leads to an empty one was not seen" in out
    assert estimated(contract) == ["meta.pagination.total_count"]


@pytest.mark.parametrize("total", [234, 400])
def test_a_total_that_the_end_contradicts_is_named(total: int, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(api_of("/orders", by_token(total=total))) as (url, _):
        contract = drafted(f"{url}/orders")
    assert f"total_count gave {total}, but 233 items came in all: an estimate, or wrong" in printed(capsys)
    assert f"# seen: 233 items came in all where it gave {total}" in contract.path.read_text()


def test_a_total_that_is_too_small_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(api_of("/orders", by_token(total=232))) as (url, _):
        contract = drafted(f"{url}/orders")
    assert contract.envelope.total is None
    assert "meta.pagination.total_count gave 232, but more items were listed" in printed(capsys)


@pytest.mark.parametrize(("total", "came"), [(234, "0 items"), (232, "2 items")])
def test_a_total_that_an_offset_contradicts_is_named(total: int, came: str, capsys: pytest.CaptureFixture[str]) -> None:
    def answer(asked: Asked) -> Response:
        limit, offset = number(asked, "limit", 20, 1, 50), number(asked, "offset", 0)
        return Response({"data": LISTED[offset : offset + limit], "total": total})

    with serving(api_of("/orders", answer)) as (url, _):
        drafted(f"{url}/orders")
    out = printed(capsys)
    assert f"total gave {total}, but" in out and (came in out or "more items were listed" in out)


def test_a_walk_that_meets_items_again_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    twice = [*LISTED[:120], LISTED[60], *LISTED[121:]]
    with serving(api_of("/orders", by_token(twice))) as (url, seen):
        drafted(f"{url}/orders")
        assert len(seen) <= MAX_REQUESTS
    assert "after 100 items the next answer repeats items" in printed(capsys)
    assert "NOT SEEN to be exact" in Path("contracts/orders.toml").read_text()
