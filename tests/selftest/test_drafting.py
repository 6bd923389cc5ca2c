"""What drafting recognises, by recorded answers and documents: pure, without a service."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog_contract.contracts.load import load_contract
from catalog_contract.drafting import hints
from catalog_contract.drafting.counters import Known, Seen, counters
from catalog_contract.drafting.draft import names_of, singular
from catalog_contract.drafting.effects import Effect, Named, effect_of, proof_values, proved, suspects, values_for
from catalog_contract.drafting.explore import Explorer, Target
from catalog_contract.drafting.items import first_shape, identity_of, item_lists
from catalog_contract.drafting.limits import numbers_named, past_end
from catalog_contract.drafting.onward import cursor_names, last_id, onward
from catalog_contract.drafting.openapi import Document
from catalog_contract.drafting.probe import DraftError, Probe, Shape
from catalog_contract.drafting.prove import prove
from catalog_contract.drafting.schema import item_schema
from catalog_contract.drafting.write import write_new
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.place import Identity, Place
from catalog_contract.util.paths import FIXTURES
from fixtures.apis import APIS
from fixtures.apis.source import ApiSource


def probe(body: Any, status: int = 200, headers: dict[str, str] | None = None, **asked: str) -> Probe:
    request = Request("/things", tuple(asked.items()))
    given = {"content-type": "application/json"} | (headers or {})
    return Probe(Exchange(request, "http://h/things", status, given, json.dumps(body).encode()), asked)


def rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"id": f"t{nth}", "name": "same"} for nth in range(start, start + count)]


SHAPE = Shape(Place("data"), Identity("id"))


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (rows(3), ""),
        ({"data": rows(3)}, "data"),
        ({"links": rows(9), "results": rows(3)}, "results"),
        ({"included": rows(9), "data": rows(3)}, "data"),
        ({"links": rows(9), "things": rows(3)}, "things"),
        ({"a": {"b": {"c": rows(3)}}}, "a.b.c"),
        ({"@odata.context": "x", "value": rows(3)}, "value"),
        ({"tags": ["a", "b", "c", "d"], "things": rows(2)}, "things"),
        ({"odd.key": rows(2)}, "odd.key"),
    ],
)
def test_the_items_are_found(body: Any, place: str) -> None:
    assert item_lists(body)[0][0] == place


@pytest.mark.parametrize(
    ("items", "identity"),
    [
        ([{"name": "a", "id": 1}, {"name": "b", "id": 2}], "id"),
        ([{"name": "a", "id": 1}, {"name": "b", "id": 1}], "name"),
        ([{"name": "a", "id": 1}, {"name": "b", "id": "2"}], "name"),
        ([{"name": "a", "id": None}, {"name": "b", "id": 2}], "name"),
        ([{"id": True, "slug": "a"}, {"id": False, "slug": "b"}], "slug"),
        ([{"resource": {"id": "a"}}, {"resource": {"id": "b"}}], "resource.id"),
        ([{"invoice_id": 5, "code": "a"}, {"invoice_id": 6, "code": "b"}], "invoice_id"),
        ([{"name": "a", "key": 1}, {"name": "a", "key": 2}, {"name": "b", "key": 1}], "key + name"),
        ([{"x": 1}, {"x": 1}], None),
    ],
)
def test_the_id_is_present_unique_and_of_one_kind(items: list[Any], identity: str | None) -> None:
    found = identity_of(items)
    assert (None if found is None else str(found)) == identity


@pytest.mark.parametrize(
    ("beside", "headers", "place", "kind"),
    [
        ({"next": "http://h/things?page=2"}, {}, "next", "link"),
        ({"links": {"next": {"href": "/things?cursor=a"}}}, {}, "links.next.href", "link"),
        ({"link": [{"relation": "next", "url": "http://h/x?a=b"}]}, {}, "link[relation=next].url", "link"),
        ({}, {"link": '<http://h/things?a=b>; rel="next"'}, "link:next", "link"),
        ({}, {"next-page": "http://h/things?token=b"}, "header:Next-Page", "link"),
        ({"@odata.nextLink": "http://h/things?$skiptoken=b"}, {}, "@odata.nextLink", "link"),
        ({"nextPageToken": "abc"}, {}, "nextPageToken", "token"),
        ({"pageInfo": {"endCursor": "abc"}}, {}, "pageInfo.endCursor", "token"),
        ({"cursor": {"next": "abc"}}, {}, "cursor.next", "token"),
        ({"meta": {"next_page": 2}}, {}, "meta.next_page", "number"),
        ({"next": None, "previous": "http://h/things?page=1", "self": "http://h/things"}, {}, None, None),
    ],
)
def test_what_leads_on_is_found(beside: Any, headers: dict[str, str], place: str | None, kind: str | None) -> None:
    lead = onward(probe({"data": rows(2), **beside}, headers=headers), SHAPE)
    assert (lead.place if lead else None, lead.kind if lead else None) == (place, kind)


def test_a_cursor_parameter_is_called_like_the_place_of_its_value() -> None:
    for key, name in (("nextPageToken", "pageToken"), ("next_cursor", "cursor"), ("NextToken", "token")):
        lead = onward(probe({"data": rows(2), key: "abc"}), SHAPE)
        assert lead and cursor_names(lead)[0] == name


def test_the_last_id_is_taken_from_where_it_is_echoed_or_from_the_items() -> None:
    assert last_id(probe({"data": rows(3), "last_id": "t2"}), SHAPE)[0] == "last_id"
    assert last_id(probe({"data": rows(3), "last_id": "other"}), SHAPE)[0] == "data[-1].id"
    assert last_id(probe(rows(3)), Shape(Place(""), Identity("id")))[0].read(probe(rows(3)).exchange) == "t2"


# -- parameters ------------------------------------------------------------------------------------------------


def answer_of(asked: dict[str, str], limit: str, position: str, starts_at: int = 0) -> Probe:
    """What a list of 40 answers that knows two parameters."""
    size = int(asked.get(limit, "20"))
    number = int(asked.get(position, starts_at)) - starts_at
    start = number * size if "page" in position else number
    return probe({"data": rows(40)[start : start + size]}, **asked)


FIRST = tuple(f"t{nth}" for nth in range(20))


@pytest.mark.parametrize(
    ("limit", "position", "starts_at"),
    [
        ("limit", "offset", 0),
        ("size", "page", 0),
        ("per_page", "page", 1),
        ("page_size", "skip", 0),
        ("limit", "skip", 1),
    ],
)
def test_candidates_asked_together_tell_which_one_has_an_effect(limit: str, position: str, starts_at: int) -> None:
    asked = values_for(("limit", "per_page", "page_size", "size"), ("offset", "page", "skip"), 20)
    effect = effect_of(answer_of(asked, limit, position, starts_at), SHAPE, FIRST)
    guesses = suspects(asked, effect, Named())
    assert Named(limit, position) in guesses[:2]
    alone = proof_values(Named(limit, position), 20)
    shown = proved(
        Named(limit, position), alone, effect_of(answer_of(alone, limit, position, starts_at), SHAPE, FIRST), 20
    )
    assert (shown.limit, shown.position, shown.starts_at) == (limit, position, starts_at)


def test_a_guess_without_an_effect_is_not_proved() -> None:
    asked = proof_values(Named("limit", "offset"), 20)
    assert proved(Named("limit", "offset"), asked, Effect(count=20, start=0), 20) == Named()
    assert proved(Named("limit", "offset"), asked, Effect(refused=True), 20) == Named()


def test_paging_parameters_of_a_url_are_hints_and_the_others_fixed() -> None:
    query = (
        ("tag", "a"),
        ("limit", "10"),
        ("offset", "0"),
        ("page", "home"),
        ("page[after]", "x"),
        ("after", "2026-01"),
    )
    fixed, left_out, found = hints.split(query)
    assert fixed == (("tag", "a"), ("page", "home"), ("after", "2026-01"))
    assert left_out == ("limit", "offset", "page[after]") and found.cursors == ("page[after]",)
    assert (found.limits, found.positions) == (("limit",), ("offset",))


# -- limits and counters ---------------------------------------------------------------------------------------


def test_a_refusal_names_the_maximum() -> None:
    refusal = probe({"code": 400, "message": "limit must be 1 to 250, not 1001, see v2.10"}, 400).exchange
    assert numbers_named(refusal, 1001, 20) == [250]
    both = probe({"code": 400, "message": "at most 400, for lists at most 250"}, 400).exchange
    assert numbers_named(both, 1001, 20) == [250, 400]
    assert numbers_named(both, 1001, 300) == [400]


def test_past_the_end_is_empty_refused_or_the_last_page() -> None:
    last = probe({"data": rows(2, 38)})
    assert past_end(probe({"data": []}), None, SHAPE) == "empty"
    assert past_end(probe({"error": "no"}, 404), None, SHAPE) == "refused"
    assert past_end(last, last, SHAPE) == "last"
    assert past_end(last, probe({"data": rows(2)}), SHAPE) is None
    assert past_end(probe({"error": "down"}, 503), None, SHAPE) is None


def seen(body: dict[str, Any], count: int, row: int, limit: int | None, **words: int) -> Seen:
    return Seen(probe({"data": rows(count, row), **body}), count, row, limit, **words)


def test_count_is_the_total_or_what_was_returned_by_its_values() -> None:
    total = [seen({"count": 40}, 20, 0, None), seen({"count": 40}, 3, 0, 3)]
    returned = [seen({"count": 20}, 20, 0, None), seen({"count": 3}, 3, 0, 3)]
    assert {word: value.value for word, value in counters(total, SHAPE, Known(20)).items()} == {"total": "count"}
    assert {word: value.value for word, value in counters(returned, SHAPE, Known(20)).items()} == {"returned": "count"}


@pytest.mark.parametrize(
    ("word", "wrong"),
    [("total", 2), ("limit", 20), ("offset", 0), ("hasMore", False), ("pages", 3), ("next_offset", 4)],
)
def test_a_counter_that_one_answer_contradicts_is_left_out(word: str, wrong: object) -> None:
    right = [
        {"total": 40, "limit": 20, "offset": 0, "hasMore": True, "pages": 2, "next_offset": 20},
        {"total": 40, "limit": 3, "offset": 5, "hasMore": True, "pages": 14, "next_offset": 8},
    ]
    name = {"hasMore": "has_more"}.get(word, word)
    for second, there in ((right[1], True), (right[1] | {word: wrong}, False)):
        answers = [seen(right[0], 20, 0, None), seen(second, 3, 5, 3, offset=5)]
        assert (name in counters(answers, SHAPE, Known(20, 40))) is there


def test_a_total_below_what_was_listed_is_none() -> None:
    answers = [seen({"total": 2}, 20, 0, None), seen({"total": 2}, 3, 5, 3)]
    assert counters(answers, SHAPE, Known(20)) == {}


def test_no_more_is_asked_than_is_allowed() -> None:
    source = ApiSource(APIS["small-maximum"], broken=False)
    asked: list[Request] = []

    class Counted:
        label = "counted"

        def fetch(self, request: Request) -> Exchange:
            asked.append(request)
            return source.fetch(request)

        def close(self) -> None: ...

    Explorer(Counted(), Target("/v2/songs"), most=5).explore()
    assert len(asked) == 5


def test_a_file_that_came_meanwhile_is_not_overwritten_and_nothing_is_left_behind(tmp_path: Path) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.json"
    second.write_text("mine")
    with pytest.raises(DraftError, match="is not overwritten"):
        write_new({first: "new", second: "new"})
    assert second.read_text() == "mine" and not first.exists()


def test_a_draft_that_leads_back_to_its_first_page_is_refused() -> None:
    contract = load_contract(str(FIXTURES / "apis" / "contracts" / "token-ignored.toml"))
    assert prove(contract, ApiSource(APIS["token-ignored"], broken=False)).full
    with pytest.raises(DraftError, match="the second page repeats items of the first"):
        prove(contract, ApiSource(APIS["token-ignored"], broken=True))


def test_a_total_in_a_header_is_found() -> None:
    one = Seen(probe(rows(3), headers={"x-total-count": "40"}), 3, 0, 3)
    assert counters([one], Shape(Place(""), Identity("id")), Known())["total"].value == "header:X-Total-Count"


# -- words and schemas -----------------------------------------------------------------------------------------


def test_the_item_schema_is_permissive() -> None:
    schema = item_schema([{"id": 1, "a": None, "b": "x"}, {"id": 2, "a": None, "c": [1, 2.5]}], "Things")
    assert schema["required"] == ["a", "id"]
    assert schema["properties"]["id"] == {"type": "number"} and schema["properties"]["a"] == {}
    assert "additionalProperties" not in schema


def test_the_schema_of_a_part_of_the_list_requires_the_id_alone_at_any_depth() -> None:
    rows = [{"id": 1, "a": {"b": [{"c": "x"}]}, "d": 1.5}, {"id": 2, "a": {"b": []}, "d": "x"}]
    schema = item_schema(rows, "Things", ["id"])
    assert schema["required"] == ["id"] and str(schema).count("required") == 1
    assert schema["properties"]["id"] == {"type": "number"}
    assert schema["properties"]["a"]["type"] == ["null", "object"]
    assert schema["properties"]["d"] == {"type": ["null", "number", "string"]}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/api/v2/invoices/", ("invoices", "invoices")),
        ("/v1/models.json", ("models", "models")),
        ("/v1", ("h-1", "items")),
    ],
)
def test_the_name_is_the_last_word_of_the_path(path: str, names: tuple[str, str]) -> None:
    assert names_of("http://h.1:80", path) == names


def test_singulars() -> None:
    names = ("invoices", "categories", "boxes", "status", "data", "addresses", "dishes")
    assert [singular(name) for name in names] == ["invoice", "category", "box", "item", "item", "address", "dish"]


# -- OpenAPI ---------------------------------------------------------------------------------------------------

DOCUMENT = """
openapi: 3.0.3
servers: [{url: "https://api.example.org/v2"}]
paths:
  /things:
    get:
      parameters:
        - {$ref: '#/components/parameters/Limit'}
        - {name: skip, in: query, schema: {type: integer}}
        - {name: tenant, in: query, required: true, schema: {type: string}}
      responses:
        '200': {content: {application/json: {schema: {$ref: '#/components/schemas/Page'}}}}
  /things/{id}:
    get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}}
  /health:
    get: {responses: {'200': {content: {application/json: {schema: {type: object}}}}}}
components:
  parameters:
    Limit: {name: take, in: query, schema: {type: integer, default: 25, maximum: 200}}
  schemas:
    Page:
      allOf:
        - {properties: {total: {type: integer}}}
        - properties: {things: {type: array, items: {$ref: '#/components/schemas/Thing'}}}
    Thing:
      type: object
      required: [id]
      properties:
        id: {type: string}
        parent: {$ref: '#/components/schemas/Thing'}
        note: {type: string, nullable: true, example: x}
        example: {type: number, minimum: 0, exclusiveMinimum: true}
"""


def test_a_documented_list_has_its_path_parameters_bounds_and_schema() -> None:
    endpoint = Document(DOCUMENT, "api.yaml").endpoint(None)
    assert (endpoint.path, endpoint.items, endpoint.required) == ("/v2/things", "things", ("tenant",))
    assert (endpoint.hints.limits, endpoint.hints.positions) == (("take",), ("skip",))
    assert (endpoint.default, endpoint.maximum) == (25, 200)
    assert endpoint.counters == {"total": "integer"}
    thing = endpoint.item["components"]["schemas"]["Thing"]["properties"]
    assert thing["note"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert thing["example"] == {"type": "number", "exclusiveMinimum": 0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "neither JSON nor YAML"),
        ("swagger: '2.0'\npaths: {}", "not an OpenAPI document of version 3"),
        (DOCUMENT.replace("#/components/schemas/Page", "other.yaml#/Page"), "which it does not hold"),
        (DOCUMENT.replace("/things:", "/things/{a}:"), "no list"),
    ],
)
def test_a_document_that_cannot_be_used_is_one_line(text: str, message: str) -> None:
    with pytest.raises(DraftError, match=message):
        Document(text, "api.yaml").endpoint(None)


def test_a_path_that_is_not_documented_names_those_that_are() -> None:
    with pytest.raises(DraftError, match="no list at /nothing; it documents /v2/things"):
        Document(DOCUMENT, "api.yaml").endpoint("/nothing")


def test_a_first_answer_has_a_shape() -> None:
    assert first_shape(probe({"data": rows(3)})) == SHAPE
