"""JSON Schemas of envelopes and items, each with one validator.

jsonschema is imported where jsonschema-rs says no: to load it takes longer than to read most contracts.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property, reduce
from operator import getitem, is_
from typing import Any

import jsonschema_rs

DRAFT = "https://json-schema.org/draft/2020-12/schema"
KEPT = 10_000
"""How many bodies that match are remembered, and how many that do not."""


class Schema:
    """A JSON Schema with its validators built once: jsonschema-rs says yes, jsonschema says no, and why.

    Formats (date-time, uri) are checked. Where the two differ a body matches: nothing is wrong beyond dispute. They do
    not differ over a key that is missing, nor over the type of what is no number, where they read the schema alike.
    """

    def __init__(self, schema: dict[str, object]) -> None:
        self._schema = schema
        self._quick = _quick(schema)
        self._one_draft = all(table.get("$schema", DRAFT) == DRAFT for table in _tables(schema))
        self._fine: dict[int, int] = {}
        self._kept: list[Any] = []
        self._wrong: dict[int, Any] = {}

    @cached_property
    def _validator(self) -> Any:
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self._schema, format_checker=Draft202012Validator.FORMAT_CHECKER)

    def fault(self, body: Any) -> str:
        """What is wrong with a body, as `where: what`; empty when it matches."""
        if self._surely(body):
            return ""
        from jsonschema.exceptions import best_match

        error = best_match(self._validator.iter_errors(body))
        return f"{error.json_path}: {error.message[:160]}" if error else ""

    def schema_errors(self, bodies: Sequence[Any], *, keep: bool = True) -> list[int]:
        """The index of every body that does not match. Each is remembered, and not looked at again; unless they are not
        to be kept."""
        if not keep:
            return [index for index, body in enumerate(bodies) if not self._allows(body)]
        at = self._fine.get(id(bodies[0]), 0) if bodies else 0
        known = self._kept[at : at + len(bodies)]
        if len(known) == len(bodies) and all(map(is_, known, bodies)):  # a part of an earlier list, as most pages are
            return []
        return [index for index, body in enumerate(bodies) if id(body) not in self._fine and not self._remembered(body)]

    def _remembered(self, body: Any) -> bool:
        if id(body) in self._wrong or not self._allows(body):
            self._remember_wrong(body)
            return False
        if len(self._kept) >= KEPT:
            self._kept.clear()
            self._fine.clear()
        self._fine[id(body)] = len(self._kept)  # the body is kept beside it, so that its id() stays its own
        self._kept.append(body)
        return True

    def _remember_wrong(self, body: Any) -> None:
        if len(self._wrong) >= KEPT:
            self._wrong.clear()
        self._wrong[id(body)] = body

    def _allows(self, body: Any) -> bool:
        return self._surely(body) or (not self._surely_not(body) and bool(self._validator.is_valid(body)))

    def _surely(self, body: Any) -> bool:
        try:
            return self._quick is not None and self._quick.is_valid(body)
        except ValueError:  # half a surrogate pair
            return False

    def _surely_not(self, body: Any) -> bool:
        try:
            error = next(self._quick.iter_errors(body), None) if self._quick is not None else None
        except ValueError:  # half a surrogate pair
            return False
        if error is None or not self._one_draft:
            return False
        *path, keyword = error.schema_path
        plainly = all(step == "properties" for step in path[::2])  # not where another keyword decides what applies
        return plainly and (keyword == "required" or (keyword == "type" and not _is_number(body, error.instance_path)))


def _is_number(body: Any, path: Sequence[str | int]) -> bool:
    """Whether a number stands in a body at a path: infinity too, which jsonschema-rs takes for null."""
    value = reduce(getitem, path, body)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _quick(schema: dict[str, object]) -> jsonschema_rs.Draft202012Validator | None:
    """What tells that a body matches; None for a schema that jsonschema-rs cannot take."""
    try:
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, retriever=_nothing)
    except ValueError:
        return None


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


REFERENCES = ("$ref", "$dynamicRef")


def check(named: str, schema: dict[str, object]) -> None:
    """Refuse what is no JSON Schema, or refers to what it does not hold. Raises ValueError, with one line.

    `named` is its file. Raises RecursionError for a schema that refers to itself without end.
    """
    if type(schema) is not dict:
        raise ValueError(f"{named!r} is not a JSON Schema for an object; it must begin with a brace")
    if not _sound(schema):
        _check_slowly(named, schema)


def _sound(schema: dict[str, object]) -> bool:
    """Whether jsonschema would take a schema too, as far as can be seen without it."""
    tables = list(_tables(schema))
    if schema.get("$schema", DRAFT) != DRAFT or any(key in table for table in tables for key in REFERENCES):
        return False
    try:
        for pattern in _patterns(tables):
            re.compile(pattern)
    except re.error:
        return False
    return _quick(schema) is not None


def _patterns(tables: list[dict[str, object]]) -> Iterator[str]:
    """Each pattern of a schema: JSON Schema has those of ECMAScript, jsonschema those of Python."""
    for table in tables:
        if isinstance(pattern := table.get("pattern"), str):
            yield pattern
        if isinstance(named := table.get("patternProperties"), dict):
            yield from named


def _check_slowly(named: str, schema: dict[str, object]) -> None:
    """Raise ValueError where jsonschema finds something wrong with a schema."""
    import jsonschema
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    kind = jsonschema.Draft202012Validator
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        where = "/".join(str(step) for step in error.path) or "its root"
        raise ValueError(
            f"{named!r} is not a JSON Schema (Draft 2020-12): at {where}, {error.message[:120]}; correct it"
        ) from None
    resource = DRAFT202012.create_resource(schema)
    # Looked up here and in this document only: a validator would fetch what it does not know from the network.
    resolver = Registry().with_resource("", resource).resolver()
    named_there = (table.get(key) for table in _tables(schema) for key in REFERENCES)
    for reference in (one for one in named_there if isinstance(one, str)):
        try:
            resolver.lookup(reference)
        except Unresolvable:
            raise ValueError(f"{named!r} refers to {reference!r}, which it does not hold; correct that file") from None
    kind(schema).is_valid({})


def _tables(part: object) -> Iterator[dict[str, object]]:
    """Every table of a schema, at any depth."""
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
