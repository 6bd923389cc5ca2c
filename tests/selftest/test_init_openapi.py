"""`catalog-contract init --openapi`: what is documented, beside what was seen or by itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from fixtures.apis.api import Asked, Response, items, number
from tests.selftest.drafts import MAX_REQUESTS, drafted, empty_folder, refused
from tests.selftest.small_servers import api_of, serving

__all__ = ["empty_folder"]

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
        assert len(seen) <= MAX_REQUESTS
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
        assert contract.parameters.offset == "startAt" and len(seen) <= MAX_REQUESTS


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
