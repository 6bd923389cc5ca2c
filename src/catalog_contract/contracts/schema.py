"""JSON Schemas of envelopes and items, each with one validator."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from operator import is_
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

KEPT = 10_000
"""How many bodies that match are remembered."""


class Schema:
    """A JSON Schema with its validators built once: jsonschema-rs says yes, jsonschema says no, and why.

    Formats (date-time, uri) are checked. Where the two differ a body matches: nothing is wrong beyond dispute.
    """

    def __init__(self, schema: dict[str, object]) -> None:
        self._validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        self._quick = _quick(schema)
        self._fine: dict[int, int] = {}
        self._kept: list[Any] = []

    def fault(self, body: Any) -> str:
        """What is wrong with a body, as `where: what`; empty when it matches."""
        if self._surely(body):
            return ""
        error = best_match(self._validator.iter_errors(body))
        return f"{error.json_path}: {error.message[:160]}" if error else ""

    def schema_errors(self, bodies: Sequence[Any], *, keep: bool = True) -> list[int]:
        """The index of every body that does not match. Those that match are remembered, and not looked at again;
        unless they are not to be kept."""
        if not keep:
            return [index for index, body in enumerate(bodies) if not self._allows(body)]
        at = self._fine.get(id(bodies[0]), 0) if bodies else 0
        known = self._kept[at : at + len(bodies)]
        if len(known) == len(bodies) and all(map(is_, known, bodies)):  # a part of an earlier list, as most pages are
            return []
        return [index for index, body in enumerate(bodies) if id(body) not in self._fine and not self._remembered(body)]

    def _remembered(self, body: Any) -> bool:
        if not self._allows(body):
            return False
        if len(self._kept) >= KEPT:
            self._kept.clear()
            self._fine.clear()
        self._fine[id(body)] = len(self._kept)  # the body is kept beside it, so that its id() stays its own
        self._kept.append(body)
        return True

    def _allows(self, body: Any) -> bool:
        return self._surely(body) or self._validator.is_valid(body)

    def _surely(self, body: Any) -> bool:
        try:
            return self._quick is not None and self._quick(body)
        except ValueError:  # half a surrogate pair
            return False


def _quick(schema: dict[str, object]) -> Callable[[Any], bool] | None:
    """What tells that a body matches; None for a schema that jsonschema-rs cannot take."""
    try:
        quick = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, retriever=_nothing)
    except ValueError:
        return None
    return quick.is_valid


def _nothing(uri: str) -> Any:
    """No schema is fetched."""
    raise ValueError(f"{uri} is not part of the schema")


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
