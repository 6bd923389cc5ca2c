"""A service that keeps every promise of a contract, with made-up items: what the plan is found with."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote
from zlib import crc32

from catalog_contract.catalog.pagers import Asking, pager_of
from catalog_contract.catalog.pagers.base import number
from catalog_contract.model.contract import Collection, Contract
from catalog_contract.model.exchange import MISSING, Exchange, Request
from catalog_contract.model.place import Place, put
from catalog_contract.model.style import VALUE

PLACE = "_row"
"""The parameter by which the ideal service's own links name a row."""


HELD = 20_000
"""Answers of a service with more items are made again when they are looked at, and not held."""

ITEM = 200
"""How many bytes a made-up item counts for, as if it were written."""


@dataclass(frozen=True, eq=False)
class _Made:
    """An answer that is made when it is looked at."""

    source: "IdealSource"
    request: Request
    size: int
    made: bool = True

    def read(self) -> bytes:
        return b""

    def decoded(self) -> Any:
        return self.source.body(self.request)


@dataclass(frozen=True)
class _Asked:
    """What a request asks of the ideal service: that many rows of a list from one on."""

    collection: Collection
    ids: list[str]
    row: int
    limit: int | None


class IdealSource:
    """Answers as the contract promises, with made-up items; remembers what it was asked, in order."""

    label = "the contract itself"

    def __init__(self, contract: Contract, more: int = 0) -> None:
        """`more` items in each collection than the contract expects, other names for all of them, and a collection
        that merges all is no larger than its own figure: parts may share items.
        """
        self.contract = contract
        self._asking = Asking(contract)
        self._pager = pager_of(self._asking)
        self._mark = "'" * bool(more)
        self._known: dict[str, Exchange] = {}
        self._shared: dict[str, dict[str, dict[str, object]]] = {}
        self._rows: dict[str, int] = {}
        self._queries: dict[str, str] = {}
        self._selections: dict[tuple[object, ...], list[str]] = {}
        self._more = more
        self._last: tuple[str, Any] = ("", None)  # it is looked at next
        self._long = sum(size_of(c) + more for c in contract.collections if not c.merges) > HELD

    @cached_property
    def _ids(self) -> dict[str, list[str]]:
        """The ids of each collection."""
        more, collections = self._more, self.contract.collections
        ids = {
            c.name: [f"<{c.name}>/<{n}{self._mark}>" for n in range(size_of(c) + more)]
            for c in collections
            if not c.merges
        }
        merges = [collection for collection in collections if collection.merges]
        everything = [id for listed in ids.values() for id in listed] if merges else []
        return ids | {c.name: everything[: size_of(c) + more if more else None] for c in merges}

    @property
    def requests(self) -> tuple[Request, ...]:
        """What was asked, in order, each once."""
        return tuple(exchange.request for exchange in self._known.values())

    def fetch(self, request: Request) -> Exchange:
        """The ideal answer; its time is its place among the answers, and it ends before the next begins."""
        if request.key not in self._known:
            at = float(len(self._known) + 1)
            url = self.contract.base_url.rstrip("/") + request.target
            headers = {"content-type": "application/json", "etag": f'"<validator{self._mark} of {request.target}>"'}
            status, data, more = self._answer(request)
            made: dict[str, Any] = {"stored": self._made(request, data)} if self._long else {"decoded": data}
            self._last = (request.key, data)
            self._known[request.key] = Exchange(
                request, url, status, headers | more, started=at, finished=at + 0.5, **made
            )
        return self._known[request.key]

    def _made(self, request: Request, data: Any) -> _Made:
        rows = self.contract.envelope.items.within(data)
        return _Made(self, request, ITEM * len(rows) if isinstance(rows, list) else 0)

    def close(self) -> None:
        """Nothing to close."""

    def body(self, request: Request) -> Any:
        """The body of an answer, made again."""
        key, data = self._last
        return data if key == request.key else self._answer(request)[1]

    def _answer(self, request: Request) -> tuple[int, Any, dict[str, str]]:
        parameters, paging = self.contract.parameters, self.contract.paging
        name = self._asking.value(request, parameters.collection)
        if request.path != self.contract.list_path:
            return (*self._detail(request.path, self._collection(name)), {})
        limit = self._pager.limit_of(request)
        too_large = bool(limit and paging.maximum_limit and limit > paging.maximum_limit)
        bad = any(set(bad.query) <= set(request.query) for bad in self.contract.bad_queries)
        unknown = name is not None and name == self.contract.unknown_collection
        if (too_large and paging.above_maximum != "clamped") or bad or unknown:
            return 422, {"detail": "refused"}, {}
        if limit == 0 and paging.limit_zero == "refused":
            return 422, {"detail": "refused"}, {}
        if self._strange(request) and self.contract.cursor.bad == "refused":
            return 422, {"detail": "refused"}, {}
        if limit == 0 and paging.limit_zero in ("all", "default"):
            limit = None
        asked = self._asked(request, limit)
        if paging.past_the_end == "refused" and asked.row and asked.row >= len(asked.ids):
            return 404, {"detail": "past the end"}, {}
        return 200, *self._list(request, asked)

    def _asked(self, request: Request, limit: int | None) -> _Asked:
        parameters, paging = self.contract.parameters, self.contract.paging
        collection = self._collection(self._asking.value(request, parameters.collection))
        owner = self._asking.value(request, parameters.filter)
        chosen = tuple(nth for nth, one in enumerate(self.contract.filters) if set(one.query) <= set(request.query))
        ids = self._selected(collection, owner, chosen)
        if limit is None and isinstance(paging.default_limit, int):
            limit = paging.default_limit
        if limit is None and parameters.limit is None and paging.by_position and not paging.answers_all:
            limit = paging.page_size
        if limit is not None and paging.maximum_limit:
            limit = min(limit, paging.maximum_limit)
        row = self._row(request, limit)
        if paging.past_the_end == "last" and limit and ids and row >= len(ids):
            row = (len(ids) - 1) // limit * limit
        return _Asked(collection, ids, row, limit)

    def _selected(self, collection: Collection, owner: Any, chosen: tuple[int, ...]) -> list[str]:
        """The ids of one owner's items (None: of all), that some of the filters select too."""
        ids = self._ids[collection.name]
        if owner is None and not chosen:
            return ids
        words = (collection.name, owner, chosen)
        if words not in self._selections:
            filters = [self.contract.filters[nth] for nth in chosen]
            ids = [id for id in ids if owner in (None, self._owner(id))]
            self._selections[words] = [
                id for id in ids if all(one.selects(self._item(collection, id)) for one in filters)
            ]
        return self._selections[words]

    def _row(self, request: Request, limit: int | None) -> int:
        """The row that a request begins at."""
        parameters, start = self.contract.parameters, self.contract.paging.starts_at
        given = {name: self._asking.value(request, getattr(parameters, name)) for name in ("offset", "page", "cursor")}
        if self._strange(request):
            return 0
        if given["cursor"] not in (None, ""):
            return self._rows.get(str(given["cursor"]), 0)
        if (row := number(self._asking.value(request, PLACE))) is not None:
            return row
        if (offset := number(given["offset"])) is not None:
            return max(0, offset - start)
        page = number(given["page"])
        return 0 if page is None else max(0, page - start) * (limit or 0)

    def _strange(self, request: Request) -> bool:
        """Whether a request has a cursor that was given for another query."""
        known = self._queries.get(str(self._asking.value(request, self.contract.parameters.cursor)))
        return known is not None and known != self._query(request)

    def _query(self, request: Request) -> str:
        """The words of a request that a cursor is bound to."""
        chosen = {pair for one in self.contract.chosen for pair in one.query}
        owner = self._asking.value(request, self.contract.parameters.filter)
        return repr((owner, sorted(chosen & set(request.query))))

    def _collection(self, name: Any) -> Collection:
        folded = str(name or self.contract.default_collection or "").lower()
        named = (c for c in self.contract.collections if folded in {c.name, *(alias.lower() for alias in c.aliases)})
        return next(named, self.contract.collections[0])

    def _list(self, request: Request, asked: _Asked) -> tuple[Any, dict[str, str]]:
        rows = asked.ids[asked.row : None if asked.limit is None else asked.row + asked.limit]
        items = self._items(asked.collection, rows)
        end = asked.row + len(rows)
        more = end < len(asked.ids)
        envelope, headers = self.contract.envelope, dict[str, str]()
        body: Any = put({} if envelope.items else items, envelope.items, items) if envelope.items else items
        size = asked.limit or max(1, len(asked.ids))
        reported = {
            "total": len(asked.ids),
            "returned": len(rows),
            "offset": asked.row + self.contract.paging.starts_at,
            "limit": asked.limit,
            "collection": asked.collection.name,
            "has_more": more,
            "last": not more,
            "first": asked.row == 0,
            "page": asked.row // size + self.contract.paging.starts_at,
            "pages": -(-len(asked.ids) // size),
            "next_offset": end + self.contract.paging.starts_at if more else None,
        }
        for word, value in reported.items():
            _tell(body, headers, getattr(envelope, word), value)
        if more and envelope.next is not None:
            self._lead(request, body, headers, end)
        return body, headers

    def _lead(self, request: Request, body: Any, headers: dict[str, str], row: int) -> None:
        """Say where the next page is: by a cursor, or by a link."""
        place = self.contract.envelope.next
        assert place is not None
        found = place.within(body) if place.in_body else MISSING
        token = self._token(request, row) if found is MISSING else found
        self._rows[str(token)] = row
        if self.contract.paging.leads_by != VALUE:
            link = self._asking.replaced(request, ((PLACE, str(row)),))
            token = self.contract.base_url.rstrip("/") + link.path + "?" + link.target.partition("?")[2]
        if found is MISSING:
            _tell(body, headers, place, token)

    def _items(self, collection: Collection, ids: list[str]) -> list[dict[str, object]]:
        places, item = self.contract.identity(collection).places, self.contract.item
        key = places[0].key
        if len(places) == 1 and key and not (item.collection or item.owner or self.contract.filters):
            return [{key: id} for id in ids]  # the usual list, at the speed of C
        if self._long:
            return [self._item(collection, id) for id in ids]
        made = self._shared.setdefault(collection.name, {})  # one and the same in every answer: nothing to compare
        for id in ids:
            if id not in made:
                made[id] = self._item(collection, id)
        return [made[id] for id in ids]

    def _token(self, request: Request, row: int) -> str:
        """A cursor of its own; where cursors are bound to their query, one that knows it."""
        if not self.contract.cursor.bound_to:
            return f"after-{row}{self._mark}"
        query = self._query(request)
        token = f"after-{row}-{crc32(query.encode())}{self._mark}"
        self._queries[token] = query
        return token

    def _item(self, collection: Collection, id: str) -> dict[str, object]:
        item: dict[str, object] = {}
        for place in self.contract.identity(collection).places:
            put(item, place, id)
        fields = {self.contract.item.collection: collection.name, self.contract.item.owner: self._owner(id)}
        item |= {key: value for key, value in fields.items() if key}
        for place in dict.fromkeys(chosen.place for chosen in self.contract.filters):
            values = [chosen.value for chosen in self.contract.filters if chosen.place == place]
            put(item, place, values[self._nth(id) % len(values)])
        return item

    def _nth(self, id: str) -> int:
        """The number in a made-up id."""
        return int(id.rstrip("'>").rpartition("<")[2])

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


def _tell(body: Any, headers: dict[str, str], place: Place | None, value: Any) -> None:
    """Put a value at its place in an answer; what has no place is not reported."""
    if place is None:
        return
    if place.in_body:
        if isinstance(body, dict):
            put(body, place, value)
    elif place.startswith("link:"):
        headers["link"] = f'<{value}>; rel="{place.removeprefix("link:")}"'
    elif value is not None:
        headers[place.removeprefix("header:").lower()] = str(value).lower() if isinstance(value, bool) else str(value)


def size_of(collection: Collection) -> int:
    """How many items the contract expects of a collection; 1 where it does not say."""
    return collection.expected_total or collection.minimum_total or 1
