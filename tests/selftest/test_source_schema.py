"""jsonschema-rs says yes where jsonschema does, and what it cannot take is decided without it."""

import json
import random

import pytest
from jsonschema import Draft202012Validator

from catalog_contract.contracts.schema import Schema
from catalog_contract.transport.cassette import manifest
from catalog_contract.transport.cassette.source import CassetteSource
from catalog_contract.util.paths import FIXTURES

SCHEMAS = FIXTURES / "schemas"
VALUES = [None, True, False, 0, 1, -1, 1.0, 1.5, "", " ", "a", "2025-10-18", "x" * 99, [], ["a"], [1], {}, {"a": 1}]
PARTS = [
    {"type": "integer"},
    {"type": ["number", "null"]},
    {"type": "boolean"},
    {"minimum": 1},
    {"minLength": 1, "pattern": r"\S"},
    {"enum": ["a", 1, None]},
    {"const": "a"},
    {"const": 1},
    {"format": "date"},
    {"items": {"type": "string"}},
    {"additionalProperties": {"type": "string"}},
    {"additionalProperties": False, "properties": {"a": True}},
    {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
    {"not": {"type": "string"}},
    {"type": "object", "minProperties": 1},
]


def allowed(schema: object, value: object) -> bool:
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).is_valid(value)


@pytest.mark.parametrize("schema", [*PARTS, {"pattern": "^(?!a)"}], ids=str)
def test_a_body_matches_where_the_validator_says_so(schema):
    ours = Schema(schema)
    assert [value for value in VALUES if (ours.fault(value) == "") is not allowed(schema, value)] == []
    assert [index for index, value in enumerate(VALUES) if not allowed(schema, value)] == ours.schema_errors(
        VALUES, keep=False
    )


def test_what_only_jsonschema_can_take_is_decided_by_it():
    assert Schema({"pattern": "(?P<a>b)(?P=a)"}).fault("b").startswith("$: 'b' does not match")
    assert Schema({"pattern": "(?P<a>b)(?P=a)"}).fault("bb") == ""
    assert Schema({"type": "string"}).fault("\ud800") == ""
    assert Schema({"type": "integer"}).fault("\ud800") != ""


DIGIT = {"a": "٣"}
"""In Python a digit, in ECMAScript none."""


def test_a_body_matches_where_the_validators_differ():
    assert Schema({"properties": {"a": {"pattern": r"^\d$"}}}).schema_errors([DIGIT, {"a": "b"}]) == [1]
    decides = {"if": {"properties": {"a": {"pattern": r"^\D$"}}}, "then": {"required": ["b"]}}
    assert Schema(decides).schema_errors([DIGIT, {"a": "b"}, {"a": "b", "b": 1}]) == [1]


def test_infinity_is_a_number():
    size = {"properties": {"size": {"type": ["number", "null"]}}}
    assert Schema({"type": "number"}).schema_errors([float("inf"), None, "1"]) == [1, 2]
    assert Schema(size).schema_errors([json.loads('{"size": 1e400}'), {"size": None}, {"size": "1"}]) == [2]


def test_a_schema_of_two_drafts_is_read_by_both():
    older = {"$schema": "http://json-schema.org/draft-03/schema#", "required": ["b"]}  # of an object in another one
    assert Schema({"required": ["b"]}).schema_errors([{}]) == [0]
    assert Schema({"properties": {"a": older}}).schema_errors([{"a": {}}]) == []


def test_one_validator_is_enough_where_a_key_is_missing_or_of_another_type():
    schema = Schema({"required": ["a"], "properties": {"a": {"required": ["b"]}, "c": {"type": "integer"}}})
    vars(schema)["_validator"] = None  # whoever asks it fails
    wrong = [{}, {"a": {}}, {"a": {"b": 1}, "c": "1"}, {"a": {"b": 1}, "c": True}]
    assert schema.schema_errors(wrong, keep=False) == [0, 1, 2, 3]
    with pytest.raises(AttributeError):
        schema.schema_errors([{"a": {"b": 1}, "c": 1.5}], keep=False)


def test_no_more_bodies_are_remembered_than_a_few(monkeypatch):
    monkeypatch.setattr("catalog_contract.contracts.schema.KEPT", 3)
    schema, good = Schema({"type": "object"}), [{"a": n} for n in range(10)]
    assert schema.schema_errors([*good, 1, *good]) == [10]
    assert len(schema._kept) <= 3
    assert schema.schema_errors([*good, 1, *good], keep=False) == [10]


def rows(cassette: str) -> list[dict[str, object]]:
    listed = (e.data["data"] for e in CassetteSource(manifest.path_of(cassette)).recorded() if e.status == 200)
    return [row for one in listed if isinstance(one, list) for row in one][::97]


@pytest.mark.parametrize(("name", "cassette"), [("gatewayz", "healthy"), ("gatewayz-2026", "healthy-2026")])
def test_a_spoiled_model_is_found_and_a_good_one_is_not(name, cassette):
    schema = json.loads((SCHEMAS / f"{name}-model.json").read_text())
    chance, refused = random.Random(3), 0
    for row in rows(cassette):
        assert not Schema(schema).fault(row)
        spoiled = dict(row)
        key = chance.choice(list(row))
        spoiled[key] = chance.choice(VALUES)
        if chance.random() < 0.3:
            del spoiled[key]
        assert bool(Schema(schema).fault(spoiled)) is not allowed(schema, spoiled)
        assert (Schema(schema).schema_errors([row, spoiled]) == []) is allowed(schema, spoiled)
        refused += not allowed(schema, spoiled)
    assert refused > 20


def test_a_body_met_before_stands_for_itself_alone():
    """Not for one that equals it: 1 and true are equal in Python and two things in JSON."""
    schema = Schema({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}})
    good = [{"a": n} for n in range(4)]
    assert schema.schema_errors(good) == schema.schema_errors(good[1:3]) == schema.schema_errors([]) == []
    assert schema.schema_errors([good[0], {"a": True}, good[2]]) == [1]
    assert schema.schema_errors([good[3], good[0], {}, None, good[1]]) == [2, 3]
    assert schema.schema_errors([*good, {"a": 4}]) == []
