"""The plan: the requests a run will make, found by asking the rules of a service that keeps every promise."""

import contextlib
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from catalog_contract.catalog.service import Service
from catalog_contract.model.contract import Collection, Contract
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.verdict import NotJudged
from catalog_contract.rules.cases import Case, bind
from catalog_contract.rules.rule import Rule


class IdealSource:
    """Answers as the contract promises, with made-up items; remembers what it was asked, in order."""

    label = "the contract itself"

    def __init__(self, contract: Contract, more: int = 0) -> None:
        """`more` items in each collection than the contract expects, other names for all of them, and a collection
        that merges all is no larger than its own figure: parts may share items.
        """
        self.contract = contract
        self._mark = "'" * bool(more)
        self._known: dict[str, Exchange] = {}
        self._ids = {
            c.name: [f"<{c.name}>/<{n}{self._mark}>" for n in range(size_of(c) + more)]
            for c in contract.collections
            if not c.merges
        }
        everything = [id for ids in self._ids.values() for id in ids]
        merges = [collection for collection in contract.collections if collection.merges]
        self._ids |= {c.name: everything[: size_of(c) + more if more else None] for c in merges}

    @property
    def requests(self) -> tuple[Request, ...]:
        """What was asked, in order, each once."""
        return tuple(exchange.request for exchange in self._known.values())

    def fetch(self, request: Request) -> Exchange:
        """The ideal answer; its time is its place among the answers, and it ends before the next begins."""
        if request.key not in self._known:
            status, data = self._answer(request)
            at = float(len(self._known) + 1)
            url = self.contract.base_url.rstrip("/") + request.target
            headers = {"content-type": "application/json", "etag": f'"<validator{self._mark} of {request.target}>"'}
            self._known[request.key] = Exchange(
                request, url, status, headers, started=at, finished=at + 0.5, decoded=data
            )
        return self._known[request.key]

    def close(self) -> None:
        """Nothing to close."""

    def _answer(self, request: Request) -> tuple[int, Any]:
        query, parameters = dict(request.query), self.contract.parameters
        if request.path != self.contract.list_path:
            return self._detail(request.path, self._collection(query.get(parameters.collection or "")))
        refused = (set(bad.query) <= set(request.query) for bad in self.contract.bad_queries)
        limit = query.get(parameters.limit or "")
        over = self.contract.paging.maximum_limit
        too_large = bool(limit and over and limit.isdigit() and int(limit) > over)
        if any(refused) or too_large or query.get(parameters.collection or "") == self.contract.unknown_collection:
            return 422, {"detail": "refused"}
        return 200, self._list(query)

    def _collection(self, name: str | None) -> Collection:
        folded = (name or self.contract.default_collection or "").lower()
        named = (c for c in self.contract.collections if folded in {c.name, *(alias.lower() for alias in c.aliases)})
        return next(named, self.contract.collections[0])

    def _list(self, query: dict[str, str]) -> Any:
        contract, parameters, envelope = self.contract, self.contract.parameters, self.contract.envelope
        collection = self._collection(query.get(parameters.collection or ""))
        owner = query.get(parameters.filter or "")
        ids = [id for id in self._ids[collection.name] if owner in (None, self._owner(id))]
        default = contract.paging.default_limit
        offset = int(query.get(parameters.offset or "", 0))
        limit = (
            int(query[parameters.limit]) if parameters.limit in query else default if isinstance(default, int) else None
        )
        if contract.paging.above_maximum == "clamped" and limit and contract.paging.maximum_limit:
            limit = min(limit, contract.paging.maximum_limit)
        rows = ids[offset:][:limit]
        items = [self._item(collection, id) for id in rows]
        more = offset + len(rows) < len(ids)
        told = {
            "total": len(ids),
            "returned": len(rows),
            "offset": offset,
            "limit": limit,
            "collection": collection.name,
            "has_more": more,
            "next_offset": offset + len(rows) if more else None,
        }
        named = {key: value for word, value in told.items() if (key := getattr(envelope, word))}
        return {**named, envelope.items: items} if envelope.items else items

    def _item(self, collection: Collection, id: str) -> dict[str, object]:
        item = self.contract.item
        fields = {item.id: id, item.collection: collection.name, item.owner: self._owner(id)}
        return {key: value for key, value in fields.items() if key}

    def _owner(self, id: str) -> str:
        """One of two owners, turn about: a filter is tried with two."""
        even = id.rstrip("'>")[-1] in "02468"
        return f"<{'owner' if even else 'Owner'}{self._mark}>"

    def _detail(self, path: str, collection: Collection) -> tuple[int, Any]:
        detail = self.contract.detail
        # In the path of a template all but the id is as it will be sent.
        pattern = "(.+)".join(map(re.escape, re.split(r"\{\+?id\}", detail.path))) if detail else "$^"
        found = re.fullmatch(pattern, path)
        id_ = unquote(found[1]) if found else ""
        if detail is None or id_ not in self._ids[collection.name]:
            return 404, {"detail": "not found"}
        item = self._item(collection, id_)
        return 200, {detail.item: item} if detail.item else item


def size_of(collection: Collection) -> int:
    """How many items the contract expects of a collection; 1 where it does not say."""
    return collection.expected_total or collection.minimum_total or 1


def plan(contract: Contract, asked: Iterable[tuple[Rule, Case]]) -> tuple[Request, ...]:
    """The requests that these cases make of a service that keeps every promise, in order, each once.

    Offsets that count from the end and ids of detail pages stand as the contract expects them; a service that
    breaks a promise or grows during the run is asked more.
    """
    return _asked_of(IdealSource(contract), contract, asked)


def known_beforehand(contract: Contract, asked: Iterable[tuple[Rule, Case]]) -> tuple[Request, ...]:
    """The requests of the plan that hang on no answer, in order: neither on a size, nor on an id, nor on a time.

    They are those that two services are both asked which keep every promise and yet differ in all of that.
    """
    asked = list(asked)
    # So many more that no window counted from one end lies where another lies, counted from the other end.
    more = 1 + max((window.before_end or 0 for window in contract.paging.windows), default=0)
    other = {request.key for request in _asked_of(IdealSource(contract, more), contract, asked)}
    return tuple(r for r in plan(contract, asked) if r.key in other and r.reading == 1)


def _asked_of(source: IdealSource, contract: Contract, asked: Iterable[tuple[Rule, Case]]) -> tuple[Request, ...]:
    # The items are made up: to say of thousands in what they are not as their schema would take seconds.
    service = Service(replace(contract, item_schema={}), source)
    for rule, case in asked:
        with contextlib.suppress(AssertionError, NotJudged):
            rule.function(**bind(rule, case, service))
    return source.requests
