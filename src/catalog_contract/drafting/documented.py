"""What a document says of a list, as values of a draft: beside what was seen, or by itself where nothing answers."""

from collections.abc import Sequence
from typing import Any

import jsonschema
import referencing.exceptions

from catalog_contract.catalog.fit import NAMES as ID_NAMES
from catalog_contract.contracts.schema import Schema
from catalog_contract.drafting.counters import NAMES, plain_key
from catalog_contract.drafting.draft import Draft, head
from catalog_contract.drafting.explore import Target
from catalog_contract.drafting.onward import NEXT
from catalog_contract.drafting.openapi import Endpoint, Node
from catalog_contract.drafting.probe import DraftError, Unknown, kind_of

NEVER = "documented; NOT SEEN, for the service did not answer"
TYPES = {"has_more": "boolean", "last": "boolean", "first": "boolean"}


def supplement(draft: Draft, endpoint: Endpoint) -> None:
    """Add what is documented and was not seen; where the two differ, say so."""
    paging = draft.tables["paging"]
    for key, documented in (("default_limit", endpoint.default), ("maximum_limit", endpoint.maximum)):
        if documented is None or paging["style"].value == "none":
            continue
        seen = paging.get(key)
        if seen is None:
            draft.put("paging", key, documented, "documented; not seen")
        elif seen.value != documented:
            draft.unknown.append(Unknown(f"paging.{key}", f"{seen.value} was seen, {documented} is documented"))


def fitting_schema(endpoint: Endpoint, items: Sequence[Any]) -> tuple[Node | None, str]:
    """The documented schema of an item, if it is one and every item seen fits it; else None and why."""
    try:
        schema = Schema(endpoint.item)
        schema_errors = schema.schema_errors(items)
        why = schema.fault(items[schema_errors[0]]) if schema_errors else ""
    except (jsonschema.SchemaError, referencing.exceptions.Unresolvable, RecursionError, TypeError, ValueError):
        return None, "the documented schema is not one that can be used"
    if schema_errors:
        return None, f"{len(schema_errors)} of {len(items)} items seen do not fit the documented schema: {why}"
    return endpoint.item, ""


def documented_draft(endpoint: Endpoint, base_url: str, target: Target, key: str) -> Draft:
    """The draft of a list that does not answer. Raises DraftError where the document does not name an id."""
    draft = head(target, base_url, key)
    draft.put("envelope", "items", endpoint.items, NEVER)
    for word, names in NAMES.items():
        kind = TYPES.get(word, "integer")
        place = next((path for path, of in endpoint.counters.items() if of == kind and plain_key(path) in names), None)
        if place and place not in {value.value for value in draft.tables["envelope"].values()}:
            draft.put("envelope", word, place, NEVER)
    draft.put("item", "id", _id(endpoint), NEVER)
    _paging(draft, endpoint)
    draft.unknown.append(Unknown("everything", "the service did not answer; run init again when it does"))
    return draft


def _id(endpoint: Endpoint) -> str:
    named = [path for path, kind in endpoint.fields.items() if kind in ("string", "integer") and path in ID_NAMES]
    if not named:
        raise DraftError(f"{endpoint.path}: no answer, and the document names no id of an item; start the service")
    return min(named, key=ID_NAMES.index)


def _paging(draft: Draft, endpoint: Endpoint) -> None:
    hints, envelope = endpoint.hints, draft.tables["envelope"]
    onward = next((path for path, kind in endpoint.counters.items()
                   if kind == "string" and NEXT.match(path.rpartition(".")[2])), None)  # fmt: skip
    if hints.positions:
        style = kind_of(hints.positions[0])
        draft.put("parameters", style, hints.positions[0], NEVER)
    elif hints.cursors and onward:
        style = "cursor"
        draft.put("parameters", "cursor", hints.cursors[0], NEVER)
        draft.put("envelope", "next", onward, NEVER)
    else:
        style = "link" if onward else "none"
        if onward:
            draft.put("envelope", "next", onward, NEVER)
    if hints.limits:
        draft.put("parameters", "limit", hints.limits[0], NEVER)
    for word, of in (("offset", "offset"), ("next_offset", "offset"), ("page", "page")):
        if style != of:
            envelope.pop(word, None)
    draft.put("paging", "style", style, NEVER)
    if style != "none":
        for key, value in (("default_limit", endpoint.default), ("maximum_limit", endpoint.maximum)):
            if value is not None:
                draft.put("paging", key, value, NEVER)
