"""`catalog-contract init`: lists that page in every way are drafted over HTTP, and the draft reads each one whole."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from catalog_contract.catalog.page import Page
from catalog_contract.catalog.pagers import Asking, pager_of
from catalog_contract.catalog.service import Service
from catalog_contract.catalog.walking import Walked, walk_by_next
from catalog_contract.cli import main
from catalog_contract.cli.init import is_loopback, service_of
from catalog_contract.contracts.load import contract_names, load_contract
from catalog_contract.contracts.schema import Schema
from catalog_contract.model.contract import Contract, Transport
from catalog_contract.model.exchange import Request
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.shared import OnceSource
from catalog_contract.util.paths import FIXTURES
from fixtures.apis import APIS
from fixtures.apis.api import Asked, Refusal, Response, items, number
from fixtures.apis.source import ApiSource
from fixtures.gateway.server import serve
from fixtures.gateway.styles import SHAPES, in_shape
from tests.selftest.small_servers import api_of, serving

MOST_REQUESTS = 15
SIZE = 253


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CATALOG_API_KEY", raising=False)
    return tmp_path


def drafted(*arguments: str) -> Contract:
    """The contract that the command writes, read from its file."""
    assert main(["init", *arguments]) == 0
    (path,) = Path("contracts").glob("*.toml")
    return load_contract(str(path))


def walked(contract: Contract, limit: int | None) -> Walked[Page]:
    """The list as the drafted contract reads it."""
    source = LiveSource(contract.base_url, Transport(requests_per_second=0, maximum_requests=1000))

    def read(request: Request, row: int, limit: int | None) -> Page:
        listing = Page(source.fetch(request), contract.envelope, contract.item.id, row, limit)
        if contract.item_schema and not listing.fault:
            assert Schema(contract.item_schema).misfits(listing.items) == []
        return listing

    try:
        return walk_by_next(pager_of(Asking(contract)), read, limit, 300)
    finally:
        source.close()


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


@pytest.mark.parametrize("name", APIS)
def test_a_healthy_small_api_is_drafted_as_its_contract_says(name: str) -> None:
    """As the contract written by hand says, and no counter of that one is missed or misplaced."""
    by_hand = load_contract(str(FIXTURES / "apis" / "contracts" / f"{name}.toml"))
    with serving(APIS[name]) as (url, seen):
        contract = drafted(url + by_hand.list_path)
        assert len(seen) <= MOST_REQUESTS
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
    service = Service(contract, OnceSource(ApiSource(APIS[name], broken=broken)))
    return [judge(rule, case, service) for rule, case in every_case(contract, live=True)]


NOT_CAUGHT = {
    "capped-at-a-thousand": "an expected total must be filled in",
    "next-link-drops-the-filter": "a filter must be filled in",
    "offset-without-limit-ignored": 'default_limit = "all" must be filled in',
}
"""Bugs that a draft is blind to until it is completed; each draft says what to fill in."""

OTHERWISE = {"ties-ordered-by-page"}
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
        assert len(log) <= MOST_REQUESTS
        assert words(contract) | {"past_the_end": ""} == words(by_hand) | {"past_the_end": ""}
        assert contract.request.query == by_hand.request.query
        for limit in (None, 17) if contract.parameters.limit else (None,):
            walk = walked(contract, limit)
            assert (len(set(walk.ids)), walk.complete) == (SIZE, True), (walk.ending, walk.problem)
            assert len(walk.pages) > 1 or limit is None
        source = LiveSource(url, Transport(requests_per_second=0, maximum_requests=1000))
        service = Service(contract, OnceSource(source))
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
        assert len(seen) <= MOST_REQUESTS
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


# -- what is no list -------------------------------------------------------------------------------------------


def refused(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    """The command ends with status 4 and one line, and writes nothing."""
    before = sorted(Path().rglob("*"))
    capsys.readouterr()
    assert main(["init", *arguments]) == 4
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and message in err
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (Response({"id": 1, "name": "one"}), "without a list"),
        (Response([]), "an empty list"),
        (Response(["a", "b"]), "plain values"),
        (Response([{"x": 1}, {"x": 1}]), "no field of the 2 items"),
        (Response({"error": "no"}, 401), "answers 401; give the key"),
        (Response({"error": "no"}, 404), "answers 404; give the URL of a list"),
        (Response({"error": "no"}, 500), "answers 500"),
    ],
    ids=["item", "empty", "plain", "no-id", "401", "404", "500"],
)
def test_what_is_no_list_is_one_line(response: Response, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(api_of("/things", lambda asked: response)) as (url, seen):
        refused(capsys, [f"{url}/things"], message)
        assert len(seen) == 1


def test_html_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with html_server() as url:
        refused(capsys, [f"{url}/things"], "text/html, which is not JSON")


@contextmanager
def html_server() -> Iterator[str]:
    from fixtures.gateway.pipeline import Answer, Query

    def page(query: Query) -> Answer:
        return Answer(200, {"Content-Type": "text/html; charset=utf-8"}, raw=b"<html><body>Hello</body></html>")

    with serve(page) as (url, _):
        yield url


def test_a_service_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, ["http://127.0.0.1:1/things"], "connection refused")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["http://user:pw@127.0.0.1/x"], "holds a login"),
        (["http://127.0.0.1/x?api_key=abcdefgh1234"], "holds a key (api_key=...)"),
        (["ftp://127.0.0.1/x"], "no URL of a list"),
        (["http://127.0.0.1/x", "--header", "nonsense"], "--header is no header"),
        (["http://127.0.0.1/x", "--key", "NO_SUCH_VARIABLE_HERE"], "no such environment variable"),
        (["http://127.0.0.1/x", "--header", "x-api-key: {key}"], "has a place for the key"),
        (["http://127.0.0.1/x", "--header=Cookie: abcdefgh1", "--header=x-api-key: abcdefgh2"], "more than one key"),
        (["http://127.0.0.1/x", "--output", "list.json"], "ends in .toml"),
    ],
)
def test_a_wrong_option_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, arguments, message)


@pytest.mark.parametrize("there", ["notes.toml", "notes-item.json"])
def test_nothing_is_overwritten(there: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("contracts").mkdir()
    (Path("contracts") / there).write_text("mine")
    with serving(APIS["poisoned-items"]) as (url, seen):
        refused(capsys, [f"{url}/api/notes"], "is not overwritten")
        assert seen == []
    assert (Path("contracts") / there).read_text() == "mine"


# -- keys ------------------------------------------------------------------------------------------------------

KEY = "sk-secret-0123456789"


@pytest.mark.parametrize(
    ("arguments", "header", "value", "template"),
    [
        (["--key", KEY], "authorization", f"Bearer {KEY}", "Authorization: Bearer {key}"),
        (["--key", "MY_KEY"], "authorization", f"Bearer {KEY}", "Authorization: Bearer {key}"),
        (["--header", f"x-api-key: {KEY}"], "x-api-key", KEY, "x-api-key: {key}"),
        (["--header", f"Authorization: token {KEY}"], "authorization", f"token {KEY}", "Authorization: token {key}"),
        (["--header", "x-api-key: {key}", "--key", "MY_KEY"], "x-api-key", KEY, "x-api-key: {key}"),
    ],
)
def test_a_key_is_sent_and_stands_nowhere(
    arguments: list[str], header: str, value: str, template: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """The service repeats the key in every item and in a counter: it is in no file and on no screen."""
    monkeypatch.setenv("MY_KEY", KEY)

    def answer(asked: Asked) -> Response:
        if asked.headers.get(header) != value or {"authorization", "x-api-key"} <= set(asked.headers):
            raise Refusal(401, f"not with {asked.headers}")
        limit, offset = number(asked, "limit", 20, 1, 100), number(asked, "offset", 0)
        listed = items("thing", 60, owner=lambda nth: KEY)
        return Response({"data": listed[offset : offset + limit], KEY: KEY, "total": 60})

    with serving(api_of("/things", answer)) as (url, _):
        contract = drafted(f"{url}/things", *arguments)
    assert contract.request.key == template
    printed = "".join(capsys.readouterr())
    files = "".join(path.read_text() for path in Path().rglob("*") if path.is_file())
    assert KEY not in printed + files


# -- the file --------------------------------------------------------------------------------------------------


def test_each_value_has_a_comment_and_what_could_not_be_told_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(APIS["offset-without-limit-ignored"]) as (url, _):
        contract = drafted(f"{url}/objects/bookings")
    text = contract.path.read_text()
    values = [line for line in text.splitlines() if " = " in line and not line.startswith(("#", "query", "date"))]
    assert values and all(" # " in line for line in values), text
    assert "# default_limit: could not tell" in text and "# expected_total = " in text
    out = capsys.readouterr().out
    for key in ("envelope.total", "paging.default_limit", "paging.above_maximum", "collections.expected_total"):
        assert key in out.partition("Could not tell")[2]
    assert "next: catalog-contract check contracts/bookings.toml" in out


def test_texts_of_the_service_cannot_leave_their_comment() -> None:
    """Ids with quotes, line breaks and control characters: the file is still TOML that says the same."""

    def answer(asked: Asked) -> Response:
        return Response([{"id": f'{nth}"\n[paging]\x1b\x7f é'} for nth in range(9)])

    with serving(api_of("/things", answer)) as (url, _):
        contract = drafted(f"{url}/things")
    assert tomllib.loads(contract.path.read_text())["paging"] == {"style": "none"}


def test_output_names_the_file(tmp_path: Path) -> None:
    with serving(APIS["poisoned-items"]) as (url, _):
        assert main(["init", url + APIS["poisoned-items"].path, "--output", "mine/notes.toml"]) == 0
    assert load_contract("mine/notes.toml").item_schema
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["notes-item.json", "notes.toml"]


def test_a_redirect_to_the_same_host_is_the_path_from_then_on() -> None:
    from fixtures.gateway.pipeline import Answer, Query

    inner = in_shape("wagtail", SIZE)

    def with_slash(query: Query) -> Answer:
        if query.path == "/api/v2/pages":
            return Answer(301, {"Location": "/api/v2/pages/"}, raw=b"")
        return inner(query)

    with serve(with_slash) as (url, log):
        contract = drafted(f"{url}/api/v2/pages")
        assert contract.list_path == "/api/v2/pages/"
        assert sum(one["target"].startswith("/api/v2/pages?") or one["target"] == "/api/v2/pages" for one in log) == 1
        assert replace(contract.paging, churn=0).style == "offset"


# -- OpenAPI ---------------------------------------------------------------------------------------------------


def document(**item: object) -> dict[str, Any]:
    """A document of the list `/things`; `item` are further properties of the items."""
    thing = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, **item}}
    found = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    page = {"type": "object", "properties": {"found": found, "total": {"type": "integer"}}}
    names = {"max_results": {"type": "integer", "default": 20, "maximum": 5000}, "startAt": {"type": "integer"}}
    operation = {
        "parameters": [{"name": name, "in": "query", "schema": schema} for name, schema in names.items()],
        "responses": {"200": {"content": {"application/json": {"schema": page}}}},
    }
    return {"openapi": "3.1.0", "paths": {"/things": {"get": operation}}, "components": {"schemas": {"Thing": thing}}}


def things(asked: Asked) -> Response:
    limit, start = number(asked, "max_results", 20, 1), number(asked, "startAt", 0)
    return Response({"found": items("thing", 90)[start : start + limit], "total": 90})


def test_a_document_names_the_parameters_and_the_schema_and_requests_check_them() -> None:
    Path("api.json").write_text(json.dumps(document(name={"type": "string", "maxLength": 99})))
    with serving(api_of("/things", things)) as (url, seen):
        contract = drafted(f"{url}/things", "--openapi", "api.json")
        assert len(seen) <= MOST_REQUESTS
    assert set(seen[1].query) == {"max_results", "startAt"}
    assert (contract.parameters.limit, contract.parameters.offset) == ("max_results", "startAt")
    assert contract.paging.maximum_limit == 5000  # documented: no answer can show it of 90 items
    assert contract.item_schema and "maxLength" in json.dumps(contract.item_schema)


def test_a_documented_schema_that_items_break_is_not_taken(capsys: pytest.CaptureFixture[str]) -> None:
    Path("api.json").write_text(json.dumps(document(name={"type": "integer"})))
    with serving(api_of("/things", things)) as (url, _):
        contract = drafted(f"{url}/things", "--openapi", "api.json")
    assert contract.item_schema and contract.item_schema["properties"]["name"] == {"type": "string"}  # type: ignore[index]
    assert "items seen do not fit the documented schema" in " ".join(capsys.readouterr().out.split())


def test_a_service_that_is_down_is_drafted_from_its_document_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("api.json").write_text(json.dumps(document() | {"servers": [{"url": "http://127.0.0.1:1/api"}]}))
    contract = drafted("--openapi", "api.json")
    assert (contract.base_url, contract.list_path) == ("http://127.0.0.1:1", "/api/things")
    assert (contract.paging.style, contract.parameters.offset, str(contract.envelope.items)) == (
        "offset",
        "startAt",
        "found",
    )
    assert "NOT SEEN" in contract.path.read_text()
    assert "the service did not answer" in capsys.readouterr().out


def test_a_document_is_read_from_a_url() -> None:
    def both(asked: Asked) -> Response:
        return Response(document()) if "doc" in asked.query else things(asked)

    with serving(api_of("/things", both)) as (url, seen):
        contract = drafted(f"{url}/things", "--openapi", f"{url}/things?doc=1")
        assert contract.parameters.offset == "startAt" and len(seen) <= MOST_REQUESTS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "what to ask?"),
        (["--openapi", "none.json"], "cannot be read: No such file"),
        (["--openapi", "api.json"], "names no server with a host"),
        (["http://127.0.0.1:1/other", "--openapi", "api.json"], "has no list at /other; it documents /things"),
    ],
)
def test_a_wrong_document_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("api.json").write_text(json.dumps(document()))
    refused(capsys, arguments, message)


def test_only_this_machine_is_asked_without_a_rate() -> None:
    local, remote = service_of("http://127.0.0.1:9"), service_of("http://192.0.2.1:9")
    assert is_loopback("http://localhost:8000") and is_loopback("http://[::1]:8000")
    assert not is_loopback("http://10.0.0.1") and not is_loopback("http://localhost.example.org")
    for source in (local, remote):
        source.close()
