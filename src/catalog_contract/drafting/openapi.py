"""An OpenAPI document as a source of hints: which lists there are, by which parameters they page, what an item is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import yaml
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from catalog_contract.drafting.hints import Hints, of_names
from catalog_contract.drafting.items import BESIDE, LIST_NAMES
from catalog_contract.drafting.probe import DraftError, kind_of
from catalog_contract.util.text import first_few, line

DEEPEST = 3
NO_SCHEMA = ("example", "xml", "discriminator", "externalDocs", "nullable")
"""Words of OpenAPI that JSON Schema does not know."""

Node = dict[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """A documented list. `path` includes that of the server; `items` is the place of the list, `item` the
    self-contained schema of one item, `fields` and `counters` the places of values in an item and beside the list, with
    their types.

    `default` and `maximum` are those of the limit. `required` are parameters that must be given and do not page.
    """

    path: str
    hints: Hints
    items: str
    item: Node
    fields: Mapping[str, str] = field(default_factory=dict)
    counters: Mapping[str, str] = field(default_factory=dict)
    default: int | None = None
    maximum: int | None = None
    required: tuple[str, ...] = ()


class Document:
    """A parsed document. `where` is its file or URL. Raises DraftError for what is not an OpenAPI document."""

    def __init__(self, text: str, where: str) -> None:
        self.where = line(where, 120)
        try:
            data = yaml.safe_load(text)  # JSON too
        except (yaml.YAMLError, RecursionError):
            raise DraftError(f"{self.where} is neither JSON nor YAML; name an OpenAPI document") from None
        if not isinstance(data, dict) or not str(data.get("openapi", "")).startswith("3") or "paths" not in data:
            raise DraftError(f"{self.where} is not an OpenAPI document of version 3; name one, or leave --openapi out")
        self.data: Node = data
        self._resolver = Registry().with_resource("", DRAFT202012.create_resource(data)).resolver()

    @property
    def server(self) -> str:
        """The first server's URL, "/" where none is named, seen from where the document was read."""
        servers = self.data.get("servers") or [{}]
        url = str(servers[0].get("url", "")) if isinstance(servers[0], dict) else ""
        for name, variable in (servers[0].get("variables") or {}).items() if url else ():
            url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
        return urljoin(self.where, url or "/") if self.where.startswith(("http://", "https://")) else url

    def resolved(self, node: Any) -> Node:
        """A node with its reference followed and the parts of `allOf` joined. Raises DraftError."""
        seen = 0
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            seen += 1
            try:
                node = self._resolver.lookup(node["$ref"]).contents if seen < 20 else {}
            except Unresolvable:
                raise DraftError(
                    f"{self.where} refers to {line(node['$ref'], 80)}, which it does not hold; give a bundled document"
                ) from None
        if not isinstance(node, dict):
            return {}
        joined: Node = dict(node)
        for part in node.get("allOf") or ():
            of_part = self.resolved(part)
            properties = {**of_part.get("properties", {}), **joined.get("properties", {})}
            joined = {**of_part, **joined, "properties": properties}
        return joined

    def endpoints(self) -> list[Endpoint]:
        """Every documented list: a GET without parameters in its path, whose answer holds a list of objects."""
        prefix = urlsplit(self.server).path.rstrip("/")
        found = (self._endpoint(prefix, path, node) for path, node in self.data["paths"].items() if "{" not in path)
        return [endpoint for endpoint in found if endpoint]

    def endpoint(self, path: str | None) -> Endpoint:
        """The list at a path, or the only one. Raises DraftError."""
        listed = self.endpoints()
        if path is not None:
            fitting = [one for one in listed if one.path == path or path.endswith(one.path) or one.path + "/" == path]
            if fitting:
                return max(fitting, key=lambda one: len(one.path))
        elif len(listed) == 1:
            return listed[0]
        known = f"it documents {first_few(one.path for one in listed)}" if listed else "it documents no list"
        what = f"no list at {line(path, 80)}" if path is not None else "more than one list" if listed else "no list"
        raise DraftError(f"{self.where} has {what}; {known}" + ("; give the URL of one" if listed else ""))

    def _endpoint(self, prefix: str, path: str, item: Any) -> Endpoint | None:
        shared = self.resolved(item)
        operation = shared.get("get")
        if not isinstance(operation, dict):
            return None
        answer = self._answer(operation)
        place = self._list(answer)
        if place is None:
            return None
        parameters = [self.resolved(one) for one in (*shared.get("parameters", ()), *operation.get("parameters", ()))]
        query = {str(one.get("name")): one for one in parameters if one.get("in") == "query"}
        hints = of_names(list(query))
        limit = self.resolved(query[hints.limits[0]].get("schema")) if hints.limits else {}
        paging = {*hints.limits, *hints.positions, *hints.cursors}
        required = tuple(name for name, one in query.items() if one.get("required") and name not in paging)
        where, items = place
        return Endpoint(
            prefix + path, hints, where, self._whole(items), dict(self._scalars(self.resolved(items), "")),
            dict(self._scalars(answer, where)),
            _whole_number(limit.get("default")), _whole_number(limit.get("maximum")), required,
        )  # fmt: skip

    def _answer(self, operation: Node) -> Node:
        """The schema of the JSON answer to a good query."""
        responses = {str(status): node for status, node in (operation.get("responses") or {}).items()}
        response = self.resolved(responses.get("200") or responses.get("2XX") or responses.get("default"))
        content = response.get("content") or {}
        kind = next((kind for kind in content if "json" in kind), None)
        return self.resolved((content[kind] or {}).get("schema")) if kind else {}

    def _list(self, answer: Node) -> tuple[str, Any] | None:
        """Where a list of objects stands in an answer, and the schema of its items; the likeliest of several."""
        found = sorted(self._lists(answer), key=lambda one: _likelihood(one[0]), reverse=True)
        return found[0] if found else None

    def _lists(self, node: Node, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
        if node.get("type") == "array" or "items" in node:
            items = self.resolved(node.get("items"))
            if items.get("type") == "object" or "properties" in items:
                yield path, node["items"]
        elif depth < DEEPEST:
            for key, value in (node.get("properties") or {}).items():
                yield from self._lists(self.resolved(value), f"{path}.{key}" if path else key, depth + 1)

    def _scalars(self, node: Node, items: str, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
        """The places of what is not a list or object in an answer, with their types."""
        for key, value in (node.get("properties") or {}).items():
            inner, schema = f"{path}.{key}" if path else key, self.resolved(value)
            if inner == items or depth > DEEPEST:
                continue
            if "properties" in schema:
                yield from self._scalars(schema, items, inner, depth + 1)
            else:
                yield inner, _kind(schema)

    def _whole(self, node: Any) -> Node:
        """A schema with all that it refers to inside it, in the words of JSON Schema."""
        needed: dict[str, Any] = {}
        waiting = [node]
        while waiting:
            for reference in _references(waiting.pop()):
                if reference.startswith("#/components/schemas/") and reference not in needed:
                    needed[reference] = self._resolver.lookup(reference).contents
                    waiting.append(needed[reference])
        schemas = {reference.rpartition("/")[2]: _plain(schema) for reference, schema in needed.items()}
        plain: Node = _plain(node)
        return {**plain, "components": {"schemas": schemas}} if schemas else plain


def _likelihood(path: str) -> tuple[bool, bool, int]:
    name = path.rpartition(".")[2].lower()
    return name not in BESIDE, not path or name in LIST_NAMES, -path.count(".")


def _kind(schema: Node) -> str:
    """The type of a value; of several that is not null."""
    kinds = schema.get("type") or next((one.get("type") for one in schema.get("anyOf", ()) if "type" in one), "")
    return next((kind for kind in kinds if kind != "null"), "") if isinstance(kinds, list) else str(kinds)


def _whole_number(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _plain(node: Any) -> Any:
    """A schema of OpenAPI 3.0 or 3.1 as JSON Schema: `nullable` is a type, bounds are numbers."""
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _plain(value) for key, value in node.items() if key not in NO_SCHEMA and key != "properties"}
    if isinstance(node.get("properties"), dict):  # whose keys are names, and may be any word
        plain["properties"] = {name: _plain(value) for name, value in node["properties"].items()}
    for word, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(plain.get(word), bool) and plain.pop(word) and bound in plain:
            plain[word] = plain.pop(bound)
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


def check_given(endpoint: Endpoint, given: set[str]) -> None:
    """Raise DraftError where a parameter is required that the URL does not give."""
    missing = next((name for name in endpoint.required if name not in given), None)
    if missing and not kind_of(missing):
        raise DraftError(f"{endpoint.path} requires the parameter {line(missing, 60)!r}; add it to the URL")
