"""What is wrong with the words of a contract for requests and answers: places, parameters, styles, cursors."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any

from catalog_contract.contracts.validate import Fault, Key, hint
from catalog_contract.model.contract import FULL, Times, Transport
from catalog_contract.model.place import Identity, Place, PlaceError
from catalog_contract.model.style import STYLES
from catalog_contract.model.words import RequestWords

NO_PLACES = ("optional", "total_is")
BODY = "body:"

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
"""A name of a header (RFC 9110)."""

OF_THE_CONNECTION = frozenset({"connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"})
"""Headers that the transport sets."""


def misused(data: Mapping[str, Any]) -> list[Fault]:
    """What no schema can say of these words. The data must fit the schema, with the defaults written out."""
    checks = (
        _places,
        _identities,
        _optional,
        _request,
        _hidden,
        _needs,
        _named_parameters,
        _templates,
        _origin,
        _deepest,
        _times,
        _incidents,
    )
    return [fault for check in checks for fault in check(data)]


def _places(data: Mapping[str, Any]) -> Iterator[Fault]:
    texts: list[tuple[Key, str]] = [
        (("envelope", word), text) for word, text in data.get("envelope", {}).items() if word not in NO_PLACES
    ]
    for table in ("filters", "sorts"):
        texts += [((table, nth, "place"), values["place"]) for nth, values in enumerate(data.get(table, ()))]
    for key, text in texts:
        try:
            Place(text)
        except PlaceError as error:
            yield Fault(key, str(error))


def _identities(data: Mapping[str, Any]) -> Iterator[Fault]:
    named: list[tuple[Key, Any]] = [(("item", "id"), data.get("item", {}).get("id", "id"))]
    for nth, collection in enumerate(data["collections"]):
        if "id" in collection:
            named.append((("collections", nth, "id"), collection["id"]))
    for key, words in named:
        try:
            composed = Identity(words).composed
        except PlaceError as error:
            yield Fault(key, str(error))
            continue
        looked_up = key[0] == "item" or data["collections"][key[1]].get("depth") == FULL
        if composed and looked_up and "detail" in data:
            yield Fault(key, "is composed, and no detail page can be asked for by it; leave out [detail]")


def _optional(data: Mapping[str, Any]) -> Iterator[Fault]:
    envelope = data.get("envelope", {})
    declared = {"items", *(word for word in envelope if word not in NO_PLACES)}
    for nth, word in enumerate(envelope.get("optional", ())):
        if word not in declared:
            message = f"{word!r} is not a word that [envelope] declares; {hint(word, declared, 'those declared')}"
            yield Fault(("envelope", "optional", nth), message)


def _request(data: Mapping[str, Any]) -> Iterator[Fault]:
    request = data.get("request", {})
    name, colon, value = request.get("key", RequestWords.key).partition(":")
    if not (colon and name.strip() and "{key}" in value):
        yield Fault(("request", "key"), "is not a header with the key in it; write it like 'x-api-key: {key}'")
    for header, text in request.get("headers", {}).items():
        if not text.isascii() or not text.isprintable() or text != text.strip():
            yield Fault(("request", "headers", header), "holds what no header can carry; plain ASCII is sent")
        if not _TOKEN.fullmatch(header) or header.lower() in OF_THE_CONNECTION:
            yield Fault(("request", "headers", header), "is not a header that a contract can set; name another")
    for key in _no_json(("request", "body"), request.get("body")):
        yield Fault(key, "is nothing that JSON can hold; put it in quotes")
    for word, parameter in data["parameters"].items():
        if parameter and parameter.startswith(BODY) and "body" not in request:
            message = f"is {parameter!r}, but requests have no body; add one to [request], {{}} where it is empty"
            yield Fault(("parameters", word), message)


def _hidden(data: Mapping[str, Any]) -> Iterator[Fault]:
    if data.get("cursor", {}).get("secret"):
        yield Fault(("cursor", "secret"), "cannot be kept: cursors stand in reports and recordings; leave it out")


def _no_json(key: Key, value: Any) -> Iterator[Key]:
    """Where something stands that TOML knows and JSON does not: a date, a time, infinity, a key that is not text."""
    match value:
        case dict():
            for name, part in value.items():
                yield from _no_json((*key, name), part)
        case list():
            for nth, part in enumerate(value):
                yield from _no_json((*key, nth), part)
        case float() if not math.isfinite(value):
            yield key
        case date() | time():
            yield key


def _needs(data: Mapping[str, Any]) -> Iterator[Fault]:
    """The words without which a style cannot page, and those that it has no use for."""
    name = data["paging"]["style"]
    for need in STYLES[name].needs:
        table, _, word = need.partition(".")
        if data.get(table, {}).get(word) is None:
            yield Fault((table, word), f"is missing; paging.style {name!r} goes on by it")
    for word in ("limit", "offset", "page", "cursor"):
        if not STYLES[name].leads_by and data["parameters"].get(word) is not None:
            message = (
                f"has no use: paging.style {name!r} has the whole list in one answer; leave it out, or name the style"
            )
            yield Fault(("parameters", word), message)


def _named_parameters(data: Mapping[str, Any]) -> Iterator[Fault]:
    for word, parameter in data["parameters"].items():
        source, colon, rest = (parameter or "name").partition(":")
        if not colon or source not in ("body", "header"):
            continue
        if not all(rest.split(".")) or (source == "header" and not _TOKEN.fullmatch(rest)):
            yield Fault(
                ("parameters", word), f"is {parameter!r}; write it like 'body:variables.after' or 'header:X-Page'"
            )


def _templates(data: Mapping[str, Any]) -> Iterator[Fault]:
    path = data.get("detail", {}).get("path", "{id}")
    rest = path.replace("{id}", "").replace("{+id}", "")
    if "{" in rest or "}" in rest:
        yield Fault(("detail", "path"), f"is {path!r}: only {{id}} or {{+id}}, which keeps slashes, can stand in it")


def _origin(data: Mapping[str, Any]) -> Iterator[Fault]:
    origin = data.get("cursor", {}).get("public_origin", "")
    if "@" in origin:
        yield Fault(("cursor", "public_origin"), "holds a login; name scheme and host alone")


def _deepest(data: Mapping[str, Any]) -> Iterator[Fault]:
    """What is not served at all cannot be read, not even once."""
    paging = data["paging"]
    deepest = paging.get("deepest")
    for word in ("page_size", "other_page_size"):
        if deepest is not None and paging[word] > deepest:
            message = f"is {deepest}, less than {word} ({paging[word]}): no page could be read; give it more"
            yield Fault(("paging", "deepest"), message)


def _times(data: Mapping[str, Any]) -> Iterator[Fault]:
    """The transport must wait as long as a bulk read may take, or it calls slow what the contract allows."""
    bulk = data.get("times", {}).get("bulk_seconds", Times().bulk_seconds)
    for name in ("read_seconds", "answer_seconds"):
        waits = data.get("transport", {}).get(name, getattr(Transport(), name))
        if waits < bulk:
            message = f"is {waits:g}, less than times.bulk_seconds ({bulk:g}): a bulk read in time would be cut off"
            yield Fault(("transport", name), f"{message}; give it more")


def _incidents(data: Mapping[str, Any]) -> Iterator[Fault]:
    """A key names one incident."""
    keys = [incident["key"] for incident in data.get("incidents", ())]
    for nth, key in enumerate(keys):
        if key in keys[:nth]:
            yield Fault(("incidents", nth, "key"), f"{key!r} is the key of an earlier incident; give it another")
