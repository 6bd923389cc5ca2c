"""JSON Schemas of envelopes and items, each with one validator."""

import json
from collections.abc import Sequence
from functools import cache
from operator import is_
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from catalog_contract.contracts.quick_schema import surely


class Schema:
    """A JSON Schema with its validator built once; each distinct body is validated once.

    Formats (date-time, uri) are checked.
    """

    def __init__(self, schema: dict[str, object]) -> None:
        self._validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        self._fits = surely(schema)
        required = schema.get("required")
        self._required = frozenset(required if isinstance(required, list) else ())
        self._known: dict[str, str] = {}
        self._fine: dict[int, int] = {}
        self._kept: list[Any] = []

    def fault(self, body: Any) -> str:
        """What is wrong with a body, as `where: what`; empty when it matches."""
        if self._fits(body):
            return ""
        encoded = json.dumps(body, sort_keys=True)
        if encoded not in self._known:
            error = best_match(self._validator.iter_errors(body))
            self._known[encoded] = f"{error.json_path}: {error.message[:160]}" if error else ""
        return self._known[encoded]

    def misfits(self, bodies: Sequence[Any]) -> list[int]:
        """The index of every body that does not match. Those that match are kept, and not looked at again."""
        at = self._fine.get(id(bodies[0]), 0) if bodies else 0
        known = self._kept[at : at + len(bodies)]
        if len(known) == len(bodies) and all(map(is_, known, bodies)):  # a part of an earlier list, as most pages are
            return []
        return [index for index, body in enumerate(bodies) if id(body) not in self._fine and not self._allows(body)]

    def _allows(self, body: Any) -> bool:
        lacking = isinstance(body, dict) and not self._required <= body.keys()
        if lacking or not (self._fits(body) or self._validator.is_valid(body)):
            return False
        self._fine[id(body)] = len(self._kept)
        self._kept.append(body)
        return True


@cache
def schema_for(encoded: str) -> Schema:
    """The one validator of a schema given as JSON text."""
    return Schema(json.loads(encoded))


_SCHEMAS: dict[int, tuple[dict[str, object], Schema]] = {}


def schema_of(schema: dict[str, object]) -> Schema:
    """The one validator of a schema, which nobody may change."""
    if id(schema) not in _SCHEMAS:
        # The schema is kept beside its validator, so that its id() cannot come to mean another one.
        _SCHEMAS[id(schema)] = schema, schema_for(json.dumps(schema, sort_keys=True))
    return _SCHEMAS[id(schema)][1]
