"""Shards: the requests of a run, split among several machines.

The plan is split by collection. A collection with more than one machine's share is split further, where its pages can
be asked for by position: its walks are cut into stretches, and its bulk read where that alone is more than a share.
How depends on the contract and the number of shards alone, so every machine, and the merge, finds the same split.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from catalog_contract.catalog.pagers import Asking, Pager, pager_of
from catalog_contract.model.contract import Collection, Contract
from catalog_contract.model.exchange import Request
from catalog_contract.rules.planning import known_beforehand
from catalog_contract.rules.selection import every_case


@dataclass(frozen=True)
class Owner:
    """Which shard asks a request, counted from 1. `planned`: it is known before anything is asked that it will be."""

    shard: int
    planned: bool


@dataclass
class Split:
    """The requests of a run by the shard that asks them.

    `planned` are the requests known beforehand, in order. A request that needs an answer belongs to the home of its
    collection, the shard that asks its first page; a page of a walk behind those planned to the shard of the last one.
    """

    contract: Contract
    shards: int
    planned: tuple[Request, ...]
    _of_key: dict[str, int] = field(default_factory=dict)
    _homes: dict[str, int] = field(default_factory=dict)
    _last: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)

    def owner(self, request: Request) -> Owner:
        """Which shard asks a request, whichever reading it is."""
        key = request.as_reading(1).key
        if key in self._of_key:
            return Owner(self._of_key[key], request.reading == 1)
        collection = collection_of(self.contract, request)
        return Owner(self._behind(request, key, collection.name) or self._homes[collection.name], False)

    def part(self, shard: int) -> tuple[Request, ...]:
        """The requests of the plan that a shard asks."""
        return tuple(request for request in self.planned if self._of_key[request.key] == shard)

    def give(self, shard: int, requests: Iterable[Request]) -> None:
        """Let a shard ask these."""
        self._of_key |= {request.key: shard for request in requests}

    def give_home(self, name: str, shard: int) -> None:
        """Let a shard ask what is not planned of a collection."""
        self._homes[name] = shard

    def give_end(self, name: str, size: int, row: int, shard: int) -> None:
        """Let a shard read on behind a row, in pages of that size."""
        self._last[name, size] = max((row, shard), self._last.get((name, size), (0, 0)))

    def _behind(self, request: Request, key: str, name: str) -> int:
        """The shard that reads a walk to its end, where a request is a page behind those planned; 0 elsewhere."""
        for (of, size), (last, shard) in self._last.items():
            pager = _pager(self.contract, name)
            limit = size if self.contract.parameters.limit else None
            row = pager.row_of(request, limit) if of == name else None
            if row is not None and row > last and row % size == 0:
                asked = pager.at(row, limit)
                if asked is not None and asked.key == key:
                    return shard
        return 0


def split(contract: Contract, shards: int) -> Split:
    """The plan of a contract, split among that many shards: each gets about as many requests."""
    contract = replace(contract, baseline={})
    planned = known_beforehand(contract, every_case(contract, live=True))
    parts: dict[str, list[Request]] = defaultdict(list)
    for request in planned:
        parts[collection_of(contract, request).name].append(request)
    made, share = Split(contract, shards, planned), len(planned) / shards
    loads = [0] * shards
    ordered = sorted(contract.collections, key=lambda one: -len(parts[one.name]))
    for collection in ordered:
        requests = parts[collection.name]
        pages = _pages(contract, collection, requests, share) if shards > 1 and len(requests) > share else []
        home = loads.index(min(loads)) + 1
        made.give_home(collection.name, home)
        rest = {request.key for request, _, _ in pages}
        first = [request for request in requests if request.key not in rest]
        made.give(home, first)
        loads[home - 1] += len(first)
        _stretches(made, collection.name, pages, home, loads, share)
    return made


Walked = tuple[Request, int, int]
"""A page of a walk: its request, the page size of the walk, and its row."""


def _stretches(made: Split, name: str, pages: list[Walked], shard: int, loads: list[int], share: float) -> None:
    """Give the pages of a collection to shards in stretches, each up to its share."""
    for request, size, row in pages:
        if loads[shard - 1] + 1 > share and min(loads) < loads[shard - 1]:
            shard = loads.index(min(loads)) + 1
        made.give(shard, [request])
        made.give_end(name, size, row, shard)
        loads[shard - 1] += 1


def _pages(contract: Contract, collection: Collection, requests: list[Request], share: float) -> list[Walked]:
    """The pages of the walks behind the first, walk by walk; none where only the pages before lead to a page.

    A bulk read within a share is left out: who has it whole knows what to ask besides.
    """
    paging, pager = contract.paging, _pager(contract, collection.name)
    known = {request.key for request in requests}
    found: list[Walked] = []
    for size in dict.fromkeys((paging.bulk_limit, paging.page_size, paging.other_page_size)):
        limit, row, pages = size if contract.parameters.limit else None, size, list[Walked]()
        while (request := pager.at(row, limit)) is not None and request.key in known:
            pages.append((request, size, row))
            known.discard(request.key)
            row += size
        found += pages if size != paging.bulk_limit or len(pages) >= share else []
    return found


def collection_of(contract: Contract, request: Request) -> Collection:
    """The collection that a request is about: by its name or an alias, else the default, else the first."""
    asking = Asking(contract)
    named = asking.value(request, contract.parameters.collection) if contract.parameters.collection else None
    folded = str(named or contract.default_collection or "").lower()
    found = (c for c in contract.collections if folded in {c.name.lower(), *(alias.lower() for alias in c.aliases)})
    return next(found, contract.collections[0])


def _pager(contract: Contract, name: str) -> Pager:
    return pager_of(Asking(contract, name))
