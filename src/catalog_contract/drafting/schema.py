"""A JSON Schema of the items that were seen: permissive, for a draft."""

from collections.abc import Iterable
from typing import Any

from genson import SchemaBuilder


def item_schema(items: Iterable[Any], title: str) -> dict[str, Any]:
    """What all items have in common: required is only what every one had.

    A whole number may be any number elsewhere, and what was always null may be anything.
    """
    builder = SchemaBuilder(schema_uri="https://json-schema.org/draft/2020-12/schema")
    for item in items:
        builder.add_object(item)
    inferred = builder.to_schema()
    return {"$schema": inferred.pop("$schema"), "title": title, **_relaxed(inferred)}


def _relaxed(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its guesses taken back, at every depth."""
    relaxed = dict(schema)
    kinds = relaxed.get("type")
    if kinds == "null":
        del relaxed["type"]
    elif kinds == "integer":
        relaxed["type"] = "number"
    elif isinstance(kinds, list):
        relaxed["type"] = sorted({"number" if kind == "integer" else kind for kind in kinds})
    if "properties" in relaxed:
        relaxed["properties"] = {key: _relaxed(value) for key, value in relaxed["properties"].items()}
    if isinstance(relaxed.get("items"), dict):
        relaxed["items"] = _relaxed(relaxed["items"])
    if "anyOf" in relaxed:
        relaxed["anyOf"] = [_relaxed(value) for value in relaxed["anyOf"]]
    return relaxed
