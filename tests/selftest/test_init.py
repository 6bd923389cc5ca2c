"""`catalog-contract init`: lists that page in every way are drafted over HTTP, and the draft reads each one whole."""

from typing import Any
from urllib.parse import urlencode

import pytest

from catalog_contract.catalog.page import Page
from catalog_contract.catalog.pagers import Asking, pager_of
from catalog_contract.catalog.service import Service
from catalog_contract.catalog.walking import walk_by_next
from catalog_contract.contracts.load import contract_names, load_contract
from catalog_contract.model.contract import Contract, Transport
from catalog_contract.model.exchange import Request
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.shared import CachingSource
from catalog_contract.util.paths import FIXTURES
from fixtures.apis import APIS
from fixtures.apis.api import Asked, Refusal, Response, items, number
from fixtures.apis.source import ApiSource
from fixtures.gateway.server import serve
from fixtures.gateway.styles import SHAPES, in_shape
from tests.selftest.drafts import MAX_REQUESTS, SIZE, drafted, empty_folder, refused, walked
from tests.selftest.small_servers import api_of, serving

__all__ = ["empty_folder"]


def words(contract: Contract) -> dict[str, Any]:
    """What the hand-written and the drafted contract of an API must agree on."""
    parameters = contract.parameters
    own = {
        "offset": parameters.offset if contract.paging.style == "offset" else None,
        "page": parameters.page if contract.paging.style == "page" else None,
        "cursor": parameters.cursor,
    }
    paging = {word: getattr(contract.paging, word) for word in ("style", "starts_at", "past_the_end")}
    return (
        {"items": str(contract.envelope.items), "id": str(contract.item.id), "limit": parameters.limit} | own | paging
    )


NOT_SHOWN = {"offset-without-limit-ignored", "ties-ordered-by-page"}
"""APIs without a maximum: that there is none cannot be seen."""


BY_HAND = {"end-taken-for-a-limit"}
"""APIs with a parameter that init does not look for: the row at which a page ends."""


@pytest.mark.parametrize("name", [name for name in APIS if name not in BY_HAND])
def test_a_healthy_small_api_is_drafted_as_its_contract_says(name: str) -> None:
    """As the contract written by hand says, and no counter of that one is missed or misplaced."""
    by_hand = load_contract(str(FIXTURES / "apis" / "contracts" / f"{name}.toml"))
    with serving(APIS[name]) as (url, seen):
        contract = drafted(url + by_hand.list_path)
        assert len(seen) <= MAX_REQUESTS
        assert words(contract) == words(by_hand)
        if name not in NOT_SHOWN:
            limits = ("default_limit", "maximum_limit", "above_maximum")
            assert [getattr(contract.paging, word) for word in limits] == [
                getattr(by_hand.paging, word) for word in limits
            ]
        missed = {word: place for word, place in by_hand.envelope.places.items()
                  if contract.envelope.places.get(word) != place}  # fmt: skip
        assert not missed
        for limit in (None, 17):
            walk = walked(contract, limit)
            assert walk.complete, (walk.ending, walk.problem)
            assert len(set(walk.ids)) == len(walk.ids) == len(everything(name))


def judged(contract: Contract, name: str, *, broken: bool) -> list[Judgement]:
    """Every case that a drafted contract gives the rulebook, judged on the API in memory."""
    service = Service(contract, CachingSource(ApiSource(APIS[name], broken=broken)))
    return [judge(rule, case, service) for rule, case in every_case(contract, live=True)]


NOT_CAUGHT = {
    "capped-at-a-thousand": "an expected total must be filled in",
    "limit-zero-is-everything": "what a limit of 0 does must be filled in",
    "next-link-drops-the-filter": "a filter must be filled in",
    "offset-without-limit-ignored": 'default_limit = "all" must be filled in',
}
"""Bugs that a draft is blind to until it is completed; each draft says what to fill in."""

OTHERWISE = {"ties-ordered-by-page", *BY_HAND}
"""Bugs that are caught by other rules than with the contract written by hand."""


@pytest.mark.parametrize("name", APIS)
def test_a_drafted_contract_judges_as_the_one_written_by_hand(name: str) -> None:
    """Drafted from the healthy API, it holds there in every case; where the API breaks, it catches the bug."""
    with serving(APIS[name]) as (url, _):
        contract = drafted(url + APIS[name].path)
    healthy = judged(contract, name, broken=False)
    assert [(j.rule, j.case, j.verdict) for j in healthy if j.verdict is not Verdict.HOLDS] == []
    broken = {j.rule for j in judged(contract, name, broken=True) if j.verdict is Verdict.BROKEN}
    if name in NOT_CAUGHT or not APIS[name].caught_by:
        assert not broken
    else:
        assert broken and (name in OTHERWISE or APIS[name].caught_by in broken)


def everything(name: str) -> list[Any]:
    """All items of a small API, by the walk of its hand-written contract in memory."""
    contract = load_contract(str(FIXTURES / "apis" / "contracts" / f"{name}.toml"))
    source = ApiSource(APIS[name], broken=False)

    def read(request: Request, row: int, limit: int | None) -> Page:
        return Page(source.fetch(request), contract.envelope, contract.item.id, row, limit)

    return list(walk_by_next(pager_of(Asking(contract)), read, contract.paging.page_size, 300).ids)


POSTED = {"elasticsearch", "graphql-connection", "sagemaker-models"}
"""Lists that are asked for by POST; init asks by GET."""

WHOLE = {"litellm-models", "openai-models", "openrouter"}
PRODUCTS = sorted(({*SHAPES} & {*contract_names()}) - POSTED)


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_style_of_the_reference_server_is_drafted_read_whole_and_holds(name: str) -> None:
    by_hand = load_contract(name)
    headers = [f"--header={key}: {value}" for key, value in by_hand.request.headers]
    query = "?" + urlencode(by_hand.request.query) if by_hand.request.query else ""
    with serve(in_shape(name, SIZE)) as (url, log):
        contract = drafted(url + by_hand.list_path + query, *headers)
        assert len(log) <= MAX_REQUESTS
        assert words(contract) | {"past_the_end": ""} == words(by_hand) | {"past_the_end": ""}
        assert contract.request.query == by_hand.request.query
        for limit in (None, 17) if contract.parameters.limit else (None,):
            walk = walked(contract, limit)
            assert (len(set(walk.ids)), walk.complete) == (SIZE, True), (walk.ending, walk.problem)
            assert len(walk.pages) > 1 or limit is None
        source = LiveSource(url, Transport(requests_per_second=0, maximum_requests=1000))
        service = Service(contract, CachingSource(source))
        verdicts = [
            (rule.name, case.id, judge(rule, case, service).verdict) for rule, case in every_case(contract, live=True)
        ]
        source.close()
        assert [one for one in verdicts if one[2] is not Verdict.HOLDS] == [] and len(verdicts) > 20


@pytest.mark.parametrize("name", ["gemini", "fhir", "microsoft-graph"])
def test_short_pages_are_declared_where_they_were_seen(name: str) -> None:
    with serve(in_shape(name, 1352)) as (url, _):
        assert not drafted(url + load_contract(name).list_path).paging.full_pages


def test_a_fixed_parameter_is_kept_and_one_that_pages_is_a_hint() -> None:
    def answer(asked: Asked) -> Response:
        if asked.query.get("tag") != "a":
            raise Refusal(400, "tag is required")
        top, begin = number(asked, "page[limit]", 20, 1, 90), number(asked, "page[offset]", 0)
        return Response({"data": items("thing", 77)[begin : begin + top]})

    with serving(api_of("/things", answer)) as (url, _):
        contract = drafted(f"{url}/things?tag=a&page[limit]=10&page[offset]=0")
        assert contract.request.query == (("tag", "a"),)
        assert (contract.parameters.limit, contract.parameters.offset) == ("page[limit]", "page[offset]")
        assert len(set(walked(contract, 10).ids)) == 77


def test_a_service_that_refuses_unknown_parameters_is_asked_one_by_one() -> None:
    def answer(asked: Asked) -> Response:
        if not set(asked.query) <= {"limit", "offset"}:
            raise Refusal(422, "unknown parameter")
        limit, offset = number(asked, "limit", 20, 1, 100, 422), number(asked, "offset", 0, status=422)
        listed = items("thing", 230)
        return Response({"items": listed[offset : offset + limit], "total": len(listed)})

    with serving(api_of("/things", answer)) as (url, seen):
        contract = drafted(f"{url}/things")
        assert len(seen) <= MAX_REQUESTS
        assert (contract.parameters.limit, contract.parameters.offset) == ("limit", "offset")
        assert (contract.paging.maximum_limit, contract.paging.above_maximum) == (100, "refused")


def test_a_limit_that_falls_back_to_the_default_is_not_clamped() -> None:
    def answer(asked: Asked) -> Response:
        limit, offset = number(asked, "limit", 20, 1), number(asked, "offset", 0)
        limit = limit if limit <= 100 else 20
        return Response({"things": items("thing", 230)[offset : offset + limit], "total": 230})

    with serving(api_of("/things", answer)) as (url, _):
        paging = drafted(f"{url}/things").paging
    assert (paging.default_limit, paging.maximum_limit, paging.above_maximum) == (20, None, None)


def test_a_parameter_that_leads_elsewhere_is_not_the_cursor() -> None:
    """`cursor` gives other items, too, but not those that follow."""

    def answer(asked: Asked) -> Response:
        limit = number(asked, "limit", 20, 1, 100)
        start = number(asked, "page_token", 40 if "cursor" in asked.query else 0)
        more = {"next": f"{start + limit:05}"} if start + limit < 90 else {}
        return Response({"things": items("thing", 90)[start : start + limit], **more})

    with serving(api_of("/things", answer)) as (url, _):
        assert drafted(f"{url}/things").parameters.cursor == "page_token"


def test_links_of_another_host_are_followed_at_the_base_url() -> None:
    def answer(asked: Asked) -> Response:
        page, listed = number(asked, "cursor", 0), items("thing", 55)
        more = {"next": f"https://api.example.org/things?cursor={page + 20}"} if page + 20 < 55 else {}
        return Response({"things": listed[page : page + 20], "links": more})

    with serving(api_of("/things", answer)) as (url, _):
        contract = drafted(f"{url}/things")
        assert contract.cursor.public_origin == "https://api.example.org"
        assert len(set(walked(contract, None).ids)) == 55


def test_a_list_that_goes_on_by_unknown_ways_is_not_drafted(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(asked: Asked) -> Response:
        begin = number(asked, "ab", 0)
        return Response({"total": 99, "things": items("thing", 99)[begin : begin + 20]})

    with serving(api_of("/things", answer)) as (url, _):
        refused(capsys, [f"{url}/things"], "lists 20 of 99 items, but")
