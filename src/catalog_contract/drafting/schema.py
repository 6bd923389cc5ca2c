"""A JSON Schema of the items that were seen: permissive, for a draft."""

from collections.abc import Collection, Iterable
from typing import Any

from genson import SchemaBuilder


def item_schema(items: Iterable[Any], title: str, known: Iterable[str] | None = None) -> dict[str, Any]:
    """What all items have in common: required is only what every one had.

    A whole number may be any number elsewhere, and what was always null may be anything. Where only a part of the list
    was seen, `known` are the fields that every item has; any other may be missing or null in an item not seen.
    """
    builder = SchemaBuilder(schema_uri="https://json-schema.org/draft/2020-12/schema")
    for item in items:
        builder.add_object(item)
    inferred = builder.to_schema()
    relaxed = _relaxed(inferred) if known is None else _partial(_relaxed(inferred), {*known})
    return {"$schema": relaxed.pop("$schema"), "title": title, **relaxed}


def _partial(schema: dict[str, Any], known: Collection[str]) -> dict[str, Any]:
    """The schema without what a part of the list cannot show: that a field is always there, and never null."""
    open_ended = {key: value for key, value in schema.items() if key != "required"}
    required = [key for key in schema.get("required", ()) if key in known]
    if required:
        open_ended["required"] = required
    properties = schema.get("properties", {})
    if properties:
        open_ended["properties"] = {
            key: value if key in known else _or_null(_partial(value, ())) for key, value in properties.items()
        }
    if isinstance(schema.get("items"), dict):
        open_ended["items"] = _partial(schema["items"], ())
    return open_ended


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a field that may be null as well."""
    kinds = schema.get("type")
    if isinstance(kinds, str | list):
        return {**schema, "type": sorted({"null", *([kinds] if isinstance(kinds, str) else kinds)})}
    return {**schema, "anyOf": [{"type": "null"}, *schema["anyOf"]]} if "anyOf" in schema else schema


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
