"""`init` on lists whose parameters or tokens have names of their own, and on items that differ further on."""

from typing import Any

import pytest

from catalog_contract.model.verdict import Verdict
from fixtures.apis.api import Asked, Item, Refusal, Response, items, number
from tests.selftest.drafts import MAX_REQUESTS, drafted, empty_folder, refused, verdicts, walked
from tests.selftest.small_servers import api_of, serving

__all__ = ["empty_folder"]

LISTED = items("thing", 237)


def grouped(asked: Asked) -> Response:
    """Pages by `pagination[page]`, as a headless CMS has them; a larger page is cut to 100."""
    page, size = number(asked, "pagination[page]", 1, 1), min(100, number(asked, "pagination[pageSize]", 25, 1))
    pagination = {"page": page, "pageSize": size, "pageCount": -(-len(LISTED) // size), "total": len(LISTED)}
    return Response({"data": LISTED[(page - 1) * size : page * size], "meta": {"pagination": pagination}})


def continued(asked: Asked) -> Response:
    """Everything without a limit, and a token by the name of `continue` with one, as Kubernetes has it."""
    limit, start = number(asked, "limit", len(LISTED), 1), number(asked, "continue", 0)
    rest = start + limit < len(LISTED)
    metadata = {"continue": f"{start + limit}"} if rest else {}
    return Response({"items": LISTED[start : start + limit], "metadata": metadata})


def beside(asked: Asked) -> Response:
    """A token under `pagination.cursor` that the parameter `after` carries."""
    first, start = number(asked, "first", 20, 1, 100), number(asked, "after", 0)
    rest = start + first < len(LISTED)
    pagination = {"cursor": f"{start + first:06}"} if rest else {}
    return Response({"data": LISTED[start : start + first], "pagination": pagination})


def since(asked: Asked) -> Response:
    """A bare list after the id of the last item seen."""
    listed = items("thing", 237, numbered=True)
    count, after = number(asked, "count", 40, 1, 100), number(asked, "since_id", 0)
    return Response([item for item in listed if item["id"] > after][:count])


@pytest.mark.parametrize(
    ("answer", "limit", "position", "maximum"),
    [
        (grouped, "pagination[pageSize]", "pagination[page]", 100),
        (continued, "limit", "continue", None),
        (beside, "first", "after", 100),
        (since, "count", "since_id", 100),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_list_with_names_of_its_own_is_drafted_and_read_whole(
    answer: Any, limit: str, position: str, maximum: int | None
) -> None:
    with serving(api_of("/things", answer)) as (url, seen):
        contract = drafted(f"{url}/things")
        assert len(seen) <= MAX_REQUESTS
        parameters = contract.parameters
        assert (parameters.limit, parameters.page or parameters.cursor) == (limit, position)
        assert contract.paging.maximum_limit == maximum
        assert len(set(walked(contract, 17).ids)) == len(LISTED)
        assert verdicts(contract) == {Verdict.HOLDS}


def test_a_list_that_is_longer_than_its_first_page_is_not_taken_for_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """A larger limit shows that more items are there, but nothing leads to them."""

    def answer(asked: Asked) -> Response:
        return Response(LISTED[: min(100, number(asked, "limit", 20, 1))])

    with serving(api_of("/things", answer)) as (url, _):
        refused(capsys, [f"{url}/things"], "lists 20 of at least 100 items, but")


def test_a_limit_without_a_way_on_is_left_out_where_one_answer_holds_everything() -> None:
    with serving(api_of("/things", lambda asked: Response(LISTED[: number(asked, "limit", 999, 1)]))) as (url, _):
        contract = drafted(f"{url}/things")
        assert (contract.paging.style, contract.parameters.limit) == ("none", None)
        assert verdicts(contract) == {Verdict.HOLDS}


def test_fields_that_are_missing_or_null_further_on_are_no_broken_promise() -> None:
    def item(nth: int, found: Item) -> Item:
        late = {} if nth > 150 else {"note": "x"}
        paid = {"paid_at": None if nth == 180 else "2026-01-01"}
        return {**found, **late, **paid, "parts": [{"n": nth}] if nth % 2 else []}

    listed = [item(nth, found) for nth, found in enumerate(LISTED)]

    def answer(asked: Asked) -> Response:
        limit, offset = number(asked, "limit", 20, 1, 50), number(asked, "offset", 0)
        return Response({"items": listed[offset : offset + limit], "total": len(listed)})

    with serving(api_of("/things", answer)) as (url, _):
        contract = drafted(f"{url}/things")
        schema = contract.item_schema
        assert isinstance(schema, dict) and schema["required"] == ["id"]
        assert schema["properties"]["paid_at"]["type"] == ["null", "string"]
        assert verdicts(contract) == {Verdict.HOLDS}


def test_a_url_that_takes_no_get_is_named_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(asked: Asked) -> Response:
        raise Refusal(405, "POST only")

    with serving(api_of("/graphql", answer)) as (url, _):
        refused(capsys, [f"{url}/graphql"], "catalog-contract contract graphql-connection")


def by_offset(asked: Asked, limit: str, position: str, size: int = 20) -> list[Item]:
    """A slice of the list; a limit over 50 is refused."""
    start = number(asked, position, 0)
    return LISTED[start : start + (number(asked, limit, size, 1, 50) if limit else size)]


def rough(asked: Asked) -> Response:
    """A total that is an estimate."""
    return Response({"items": by_offset(asked, "limit", "offset"), "total": 260})


def odata(asked: Asked) -> Response:
    """Names with a dollar, and pages of three: too few for a value of its own for each candidate."""
    return Response({"@odata.context": "$metadata", "value": by_offset(asked, "$top", "$skip", 3)})


def rare(asked: Asked) -> Response:
    """The limit is the last of the names that are asked together, and a page has no room to tell them apart."""
    page, size = number(asked, "page", 1, 1), number(asked, "perPage", 4, 1, 50)
    return Response({"items": LISTED[(page - 1) * size : page * size]})


def fixed(asked: Asked) -> Response:
    """Pages by `p`, each of ten."""
    page = number(asked, "p", 1, 1)
    return Response({"items": LISTED[(page - 1) * 10 : page * 10], "total": len(LISTED)})


def without_limit(asked: Asked) -> Response:
    """An offset, and pages of ten whatever limit is asked for."""
    return Response({"items": by_offset(asked, "", "offset", 10), "total": len(LISTED)})


def one_page(asked: Asked) -> Response:
    """All there is on one page, with the limit that was in force."""
    size = number(asked, "limit", 25, 1, 50)
    start = number(asked, "offset", 0)
    return Response({"items": LISTED[start : min(25, start + size)], "limit": size, "total": 25})


def to_an_empty_one(asked: Asked) -> Response:
    """A full page leads on, the last one too."""
    limit, start = number(asked, "limit", 20, 1, 100), number(asked, "cursor", 0)
    listed = LISTED[:60]
    rows = listed[start : start + limit]
    token = f"{start + limit:06}" if len(rows) == limit else None
    return Response({"data": rows, "next_cursor": token, "has_more": bool(token)})


@pytest.mark.parametrize(
    ("answer", "limit", "position"),
    [
        (rough, "limit", "offset"),
        (odata, "$top", "$skip"),
        (rare, "perPage", "page"),
        (fixed, None, "p"),
        (without_limit, None, "offset"),
        (one_page, "limit", "offset"),
        (to_an_empty_one, "limit", "cursor"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_unedited_draft_accuses_no_healthy_list(answer: Any, limit: str | None, position: str) -> None:
    with serving(api_of("/things", answer)) as (url, seen):
        contract = drafted(f"{url}/things")
        assert len(seen) <= MAX_REQUESTS
        parameters = contract.parameters
        style = contract.paging.style
        assert (parameters.limit, getattr(parameters, style)) == (limit, position)
        assert verdicts(contract) == {Verdict.HOLDS}


def test_a_total_that_the_last_page_bears_out_is_drafted_as_exact() -> None:
    def answer(asked: Asked) -> Response:
        return Response({"items": by_offset(asked, "limit", "offset"), "total": len(LISTED)})

    with serving(api_of("/things", answer)) as (url, _):
        assert drafted(f"{url}/things").envelope.total_is == "exact"


def test_a_busy_service_does_not_use_up_the_requests_of_a_draft() -> None:
    """Retries are counted apart: every request is answered at the second try only."""
    tries = []

    def answer(asked: Asked) -> Response:
        tries.append(asked)
        return Response({}, 429, {"Retry-After": "0"}) if len(tries) % 2 else fixed(asked)

    with serving(api_of("/things", answer)) as (url, _):
        assert drafted(f"{url}/things").parameters.page == "p"
