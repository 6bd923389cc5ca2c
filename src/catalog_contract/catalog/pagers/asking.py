"""How the requests of one list are put together from the words of its contract."""

import json
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import Request
from catalog_contract.model.words import Parameters

Pairs = tuple[tuple[str, str], ...]
BODY, HEADER = "body", "header"


@lru_cache(maxsize=256)
def _where(parameter: str) -> tuple[str, str]:
    """The part of a request that a parameter stands in (empty for the query), and its name there."""
    source, colon, name = parameter.partition(":")
    return (source, name) if colon and source in (BODY, HEADER) else ("", parameter)


@dataclass(frozen=True)
class Asking:
    """What is asked of one list, whatever its pages: which collection, by which name, with which filter.

    `name` is the name to ask by, None where the request names no collection. `query` and `headers` are further
    parameters and headers, of a filter for example.
    """

    contract: Contract
    name: str | None = None
    filter: str | None = None
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def parameters(self) -> Parameters:
        """The names of the parameters."""
        return self.contract.parameters

    def request(self, limit: int | None, *position: tuple[str | None, Any]) -> Request:
        """The request for a page. `position` are parameters with values; what has no name or value is left out."""
        query, headers, body = _filled(*self._always, ((self.parameters.limit, limit), *position))
        path, fixed = self.contract.list_path, self.contract.request.headers
        if body is None:
            return _request(path, query, headers, fixed)
        return Request(path, query, headers, fixed=fixed, method="POST", body=json.dumps(body, ensure_ascii=False))

    @cached_property
    def _always(self) -> tuple[Pairs, Pairs, Any]:
        """What every request for a page carries: parameters, headers and body."""
        named = (self.parameters.collection, self.name), (self.parameters.filter, self.filter)
        words = self.contract.request
        return _filled(words.query, self.headers, words.body, (*named, *self.query))

    def of_item(self, path: str) -> Request | None:
        """The request for an item's own page, which names the collection as that of the list does; None where that one
        names it in its body."""
        source, name = _where(self.parameters.collection or "")
        if source == BODY:
            return None
        named = ((name, as_text(self.name)),) if name and self.name is not None else ()
        headers = named if source else ()
        return Request(path, () if source else named, headers, fixed=self.contract.request.headers)

    def replaced(self, request: Request, values: tuple[tuple[str, str], ...]) -> Request:
        """A request with other values of its parameters, and those added that it does not have."""
        changed = dict(values)
        query = [(key, changed.pop(key, value)) for key, value in request.query]
        body = json.loads(request.body or "{}")
        for key in [key for key in changed if _where(key)[0] == BODY]:
            _put(body, _where(key)[1].split("."), _number_or_text(changed.pop(key)))
        return replace(
            request,
            query=(*query, *changed.items()),
            body=None if request.body is None else json.dumps(body, ensure_ascii=False),
        )

    def value(self, request: Request, parameter: str | None) -> Any:
        """The value of a parameter in a request, as text where it does not stand in the body; None without one."""
        source, name = _where(parameter or "")
        if source == BODY:
            found = json.loads(request.body or "null")
            for key in name.split("."):
                found = found.get(key) if isinstance(found, dict) else None
            return found
        pairs = request.headers if source else request.query
        return next((value for key, value in reversed(pairs) if key.lower() == name.lower()), None)


def _filled(
    query: Pairs, headers: Pairs, body: Any, values: Iterable[tuple[str | None, Any]]
) -> tuple[Pairs, Pairs, Any]:
    """The parts of a request with further parameters in them; what has no name or value is left out."""
    asked, added, body = [*query], [*headers], deepcopy(body)
    for key, value in values:
        if key is None or value is None:
            continue
        source, name = _where(key)
        if source == BODY:
            _put(body if body is not None else {}, name.split("."), value)
        else:
            (added if source else asked).append((name, as_text(value)))
    return tuple(asked), tuple(added), body


@lru_cache(maxsize=1024)
def _request(path: str, query: Pairs, headers: Pairs, fixed: Pairs) -> Request:
    """A request as it was made before: its words are put together once for all that ask it again."""
    return Request(path, query, headers, fixed=fixed)


def _number_or_text(text: str) -> Any:
    """A value of a contract as JSON has it: a number where it is one."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _put(body: dict[str, Any], keys: list[str], value: Any) -> None:
    """Put a value into nested objects, which are made where they are missing."""
    for key in keys[:-1]:
        inner = body.get(key)
        body[key] = body = inner if isinstance(inner, dict) else {}
    body[keys[-1]] = value


def as_text(value: Any) -> str:
    """A value as a query or a header carries it."""
    if value.__class__ is int:
        return str(value)  # nearly all are positions and limits
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
