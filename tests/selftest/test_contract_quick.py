"""What jsonschema-rs lets pass is what jsonschema lets pass: the second is asked only where the first says no."""

import copy
import math
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from catalog_contract.contracts import contract_schema
from catalog_contract.contracts import schema as schemas
from catalog_contract.contracts.load import CONTRACTS, contract_names
from catalog_contract.contracts.validate import Fault, schema_errors

ODD = (100.0, 1e17, -0.0, math.inf, math.nan, 2**70, -1, 0, True, None, "", "2025-10-18\n", date(2025, 1, 1), [], {})
"""Values that one of the two might take and the other refuse."""

SCHEMAS: tuple[Any, ...] = (
    {},
    {"type": "object"},
    {"type": "nothing"},
    {"properties": {"id": {"pattern": r"^\p{L}+$"}}},
    {"properties": {"id": {"pattern": "("}}},
    {"patternProperties": {"(?P<name>x)": {}}},
    {"patternProperties": {r"\p{L}": {}}},
    {"properties": {"pattern": {"type": "string"}}},
    {"$ref": "#"},
    {"$ref": "#/$defs/none"},
    {"$defs": {"a": {"type": "string"}}, "properties": {"id": {"$ref": "#/$defs/a"}}},
    {"$ref": "https://example.com/schema.json"},
    {"$dynamicRef": "#none"},
    {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{}]},
    {"items": [{}]},
    {"minLength": -1},
    {"minLength": 1.0},
    [],
    True,
)


def leaves(data: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to each value of a contract that is no table and no list."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in parts:
        yield from leaves(part, (*way, key))
    if not isinstance(data, dict | list):
        yield way


def changed(data: dict[str, Any], way: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """The same contract with another value in one place."""
    other = copy.deepcopy(data)
    part: Any = other
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = value
    return other


def ways_and_contracts() -> Iterator[tuple[dict[str, Any], tuple[str | int, ...]]]:
    """One way for each key of any contract that ships: what holds of one of a list holds of its others."""
    seen = set()
    for name in contract_names():
        data = tomllib.loads((CONTRACTS / f"{name}.toml").read_text(encoding="utf-8"))
        for way in leaves(data):
            kind = tuple(key for key in way if isinstance(key, str))
            if kind not in seen:
                seen.add(kind)
                yield data, way


def both(data: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> tuple[list[Fault], list[Fault]]:
    """What is wrong with a contract as it is found, and with jsonschema alone."""
    found = schema_errors(data)
    with monkeypatch.context() as patched:
        patched.setattr(contract_schema, "_surely_fits", lambda _: False)
        return found, schema_errors(data)


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_contract_fits_by_both_or_by_neither(value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    for data, way in ways_and_contracts():
        quick, slow = both(changed(data, way, value), monkeypatch)
        assert quick == slow, way


def refusal(schema: Any) -> str:
    """How a schema is refused; empty where it is taken."""
    try:
        schemas.check("s.json", schema)
    except ValueError as error:
        return str(error)
    except RecursionError:
        return "without end"
    return ""


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_schema_is_refused_by_both_or_by_neither(schema: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = refusal(schema)
    monkeypatch.setattr(schemas, "_sound", lambda _: False)
    assert quick == refusal(schema)


def test_jsonschema_is_not_loaded_for_what_is_right() -> None:
    load = "import sys; from catalog_contract.contracts.load import load_contract; load_contract('gatewayz')"
    asked = [sys.executable, "-c", f"{load}; print('jsonschema' in sys.modules)"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout == "False\n"
