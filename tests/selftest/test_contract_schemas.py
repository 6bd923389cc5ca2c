"""The JSON Schemas: in step with the dataclasses, described, and true of what is promised."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from contracts import schema_of

from catalog_contract.contracts.load import SCHEMAS
from catalog_contract.model import contract as model
from catalog_contract.model import words
from catalog_contract.model.style import STYLES

NOT_IN_THE_FILE = {"path", "name", "baseline", "against", "followed", "sample"}
TABLES = {
    "request": words.RequestWords,
    "parameters": model.Parameters,
    "envelope": model.Envelope,
    "item": model.Item,
    "paging": model.Paging,
    "cursor": words.Cursor,
    "filters": words.Filter,
    "sorts": words.Sort,
    "bad_queries": model.BadQuery,
    "detail": model.Detail,
    "caching": model.Caching,
    "collections": model.Collection,
    "times": model.Times,
    "transport": model.Transport,
}


def test_schema_and_dataclasses_are_in_step() -> None:
    schema = schema_of("contract.json")
    in_the_file = {field.name for field in fields(model.Contract)} - NOT_IN_THE_FILE
    assert set(schema["properties"]) == in_the_file | {"incidents_from"}
    assert _required(schema) == _without_default(model.Contract) - NOT_IN_THE_FILE - _tables_that_may_be_left_out()
    for name, kind in {**TABLES, "paging.windows": model.Window}.items():
        part = _table(schema, name)
        assert set(part["properties"]) == {field.name for field in fields(kind)}, name
        assert _required(part) == _without_default(kind), name
        assert part["additionalProperties"] is False, name


def test_the_schema_has_every_style() -> None:
    assert schema_of("contract.json")["properties"]["paging"]["properties"]["style"]["enum"] == list(STYLES)


def _table(schema: dict[str, Any], name: str) -> dict[str, Any]:
    for step in name.split("."):
        schema = schema["properties"][step]
        schema = schema.get("items", schema)
    return schema


def _required(schema: dict[str, Any]) -> set[str]:
    return set(schema.get("required", ()))


def _without_default(kind: Any) -> set[str]:
    return {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}


def _tables_that_may_be_left_out() -> set[str]:
    """Tables without which the dataclass is made of defaults alone."""
    return {name for name, kind in TABLES.items() if not _without_default(kind)}


def test_every_default_in_the_reference_is_that_of_the_dataclass() -> None:
    for name, kind in TABLES.items():
        part = _table(schema_of("contract.json"), name)["properties"]
        for field in fields(kind):
            printed = re.search(r"Default: (?:`([^`]+)`|([^ ,(]+?))[.,]?(?: |$)", part[field.name]["description"])
            plain = field.default if isinstance(field.default, int | float | str) and field.default != "" else None
            if plain is not None:
                assert printed, f"{name}.{field.name}: the reference does not say its default"
                assert (printed[1] or printed[2]) == (
                    str(plain).lower() if isinstance(plain, bool) else f"{plain}".removesuffix(".0")
                ), name


def test_every_value_of_the_reference_is_described_and_no_form_is_left_without_an_example() -> None:
    def walk(part: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
        yield where, part
        for name, inner in part.get("properties", {}).items():
            yield from walk(inner, f"{where}.{name}")
        if isinstance(part.get("items"), dict):
            yield from walk(part["items"], f"{where}[]")

    for where, part in walk(schema_of("contract.json"), ""):
        assert part.get("description") or where.endswith("[]"), where
        if {"pattern", "format", "anyOf"} & set(part):
            assert part.get("examples"), where


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_every_schema_is_one(path: Path) -> None:
    schema = schema_of(path.name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def faults(schema: str, value: object) -> list[str]:
    """What is wrong with a value by a schema of the project."""
    validator = jsonschema.Draft202012Validator(schema_of(schema), format_checker=jsonschema.FormatChecker())
    return [error.message for error in validator.iter_errors(value)]


MODEL = {
    "id": "katanemo/Arch-Router-1.5B", "slug": "a", "canonical_slug": "a", "hugging_face_id": "a",
    "name": "Arch Router", "created": "2025-10-18T07:00:00", "description": "", "context_length": 0,
    "architecture": {"modality": "text", "input_modalities": ["text"], "output_modalities": []},
    "pricing": {"prompt": "0", "completion": None}, "supported_parameters": [], "default_parameters": {},
    "provider_slug": "katanemo", "source_gateway": "huggingface",
    "huggingface_metrics": {"downloads": 1, "likes": 0, "pipeline_tag": None},
}  # fmt: skip
MODEL_2026 = {
    "id": "katanemo/Arch-Router-1.5B", "name": "Arch Router", "object": "model", "owned_by": "katanemo",
    "source_gateway": "huggingface", "provider_slug": "katanemo", "is_active": True, "supported_parameters": [],
    "capabilities": {}, "is_free": False,
}  # fmt: skip
ENVELOPE = {"data": [None, {"id": None}], "total": 0, "returned": 0, "offset": 0, "limit": None, "gateway": "groq"}
ENVELOPE_2026 = {**ENVELOPE, "object": "list", "limit": 100, "has_more": False}
GOOD = {
    "gatewayz-model.json": MODEL,
    "gatewayz-2026-model.json": MODEL_2026,
    "gatewayz-envelope.json": ENVELOPE,
    "gatewayz-2026-envelope.json": ENVELOPE_2026,
}


@pytest.mark.parametrize("schema", GOOD)
@pytest.mark.parametrize("more", [{}, {"new_field": [1]}], ids=["as promised", "with a new field"])
def test_what_is_promised_fits_its_schema(schema: str, more: dict[str, object]) -> None:
    assert faults(schema, {**GOOD[schema], **more}) == []


@pytest.mark.parametrize("schema", GOOD)
def test_no_required_field_may_be_missing_and_none_but_limit_null(schema: str) -> None:
    required = _required(schema_of(schema))
    assert required == set(GOOD[schema])
    for name in required:
        assert faults(schema, {key: value for key, value in GOOD[schema].items() if key != name}), f"{name} missing"
        null = faults(schema, {**GOOD[schema], name: None})
        assert bool(null) != (name == "limit" and "2026" not in schema), f"{name} null: {null}"


@pytest.mark.parametrize("schema", GOOD)
def test_every_other_field_may_be_null(schema: str) -> None:
    parts = schema_of(schema)
    for name in set(parts["properties"]) - _required(parts):
        assert faults(schema, {**GOOD[schema], name: None}) == []


@pytest.mark.parametrize(
    ("schema", "field", "value"),
    [
        ("gatewayz-model.json", "id", ""),
        ("gatewayz-model.json", "id", 7),
        ("gatewayz-model.json", "name", " "),
        ("gatewayz-model.json", "context_length", "4096"),
        ("gatewayz-model.json", "pricing", {"prompt": 0.1}),
        ("gatewayz-model.json", "created", 1760770800),
        ("gatewayz-model.json", "created", "yesterday"),
        ("gatewayz-model.json", "architecture", {"modality": "text"}),
        ("gatewayz-model.json", "huggingface_metrics", {"downloads": "1", "likes": 0}),
        ("gatewayz-2026-model.json", "pricing", {"prompt": 0.1}),
        ("gatewayz-2026-model.json", "is_active", "yes"),
        ("gatewayz-envelope.json", "data", {}),
        ("gatewayz-envelope.json", "total", "1350"),
        ("gatewayz-envelope.json", "timestamp", 1760770800),
        ("gatewayz-2026-envelope.json", "has_more", 1),
        ("gatewayz-2026-envelope.json", "next_offset", "100"),
        ("gatewayz-2026-envelope.json", "object", "model"),
    ],
)
def test_a_wrong_type_does_not_fit(schema: str, field: str, value: object) -> None:
    assert faults(schema, {**GOOD[schema], field: value})


@pytest.mark.parametrize("text", ["2025-10-18", "2025-10-18T07:00:00", "2025-10-18T07:00:00.123456",
                                  "2025-10-18T07:00Z", "2025-10-18 07:00:00+00:00"])  # fmt: skip
def test_every_spelling_of_an_iso_date_fits(text: str) -> None:
    assert faults("gatewayz-model.json", {**MODEL, "created": text}) == []
    assert faults("gatewayz-envelope.json", {**ENVELOPE, "timestamp": text}) == []


def test_the_verdict_schema_tells_a_verdict_from_something_else() -> None:
    rule = dict.fromkeys(("id", "case", "collection", "message", "curl", "promise", "family"), "x")
    count = {"collection": "groq", "total": 19, "unique": 19, "duplicates": 0, "expected": 19, "verdict": "HOLDS"}
    cause = dict.fromkeys(("name", "message", "evidence", "next_step"), "x")
    incident = dict.fromkeys(("key", "date", "title", "story"), "x") | {"rules": ["x"]}
    good: dict[str, Any] = {
        "verdict": "HOLDS", "rules": [{**rule, "verdict": "NOT JUDGED", "severity": "minor"}], "collections": [count],
        "requests": [],
        "source": "cassette healthy", "contract": "gatewayz", "started": "2025-10-18T07:00:00Z", "seconds": 1.5,
        "diagnosis": [cause], "incidents": [incident], "more": 1,
    }  # fmt: skip
    assert faults("verdict.json", good) == []
    assert faults("verdict.json", {**good, "verdict": "PASSED"})
    assert faults("verdict.json", {**good, "rules": [{**good["rules"][0], "verdict": "SKIPPED"}]})
    assert faults("verdict.json", {**good, "started": "yesterday"})
    assert faults("verdict.json", {**good, "incidents": {"x": "y"}})
    for name in set(good) - {"more", "incidents"}:
        assert faults("verdict.json", {key: value for key, value in good.items() if key != name}), name
