"""Answers from what another client recorded: found by what is asked for, whatever the order of the parameters."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog_contract.model.exchange import NOT_RECORDED, Exchange, Request
from catalog_contract.transport.har.storage import Entry, hiding

BUSY = frozenset({429, 502, 503, 504})
"""Statuses after which a client asks again: where a later answer is recorded it counts."""

Key = tuple[object, ...]
Spellings = Callable[[Request], Iterable[Request]]
"""Other requests that ask for the same by the contract: without a parameter that says what is the default."""


@dataclass
class HarSource:
    """The recorded answers of one service.

    `base` is its address, `prefix` the path in front of every path of the contract, `named` the headers that belong to
    a request (lower case). Each Exchange is that of the request asked, also where it is found by another spelling.
    """

    label: str
    base: str
    prefix: str
    entries: Sequence[Entry]
    named: frozenset[str] = frozenset()
    spellings: Spellings = lambda request: ()
    _places: dict[Key, list[Entry]] = field(default_factory=dict)
    _asked: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._hide = hiding(secret for entry in self.entries for secret in entry.secrets)
        for entry in self.entries:
            self._places.setdefault(self._key(entry), []).append(entry)
        self._places = {key: _answers(found) for key, found in self._places.items()}

    def close(self) -> None:
        """Nothing to let go of."""

    def fetch(self, request: Request) -> Exchange:
        """The recorded answer; for a second reading the second one."""
        for spelling in (request, *self.spellings(request)):
            found = self._places.get(self._wanted(spelling), [])
            if len(found) >= request.reading:
                return self._exchange(request, found[request.reading - 1])
        return Exchange(request, self.base + self.prefix + request.target, failure=NOT_RECORDED)

    def unplayed(self) -> list[str]:
        """The recorded answers that nobody asked for, in the order of recording."""
        return [self._hide(_reported(entry)) for entry in self.entries if id(entry) not in self._asked]

    def _exchange(self, request: Request, entry: Entry) -> Exchange:
        self._asked.add(id(entry))
        body = None if entry.body is None else self._hide(entry.body.decode("latin-1")).encode("latin-1")
        return Exchange(
            request,
            self._hide(self.base + self.prefix + request.target),
            status=entry.status,
            headers={name: self._hide(value) for name, value in entry.answered.items()},
            body=body,
            failure=entry.failure or None,
            started=entry.started,
            finished=entry.finished,
        )

    def _key(self, entry: Entry) -> Key:
        headers = frozenset((name, value) for name, value in entry.headers.items() if name in self.named)
        path = entry.path.removeprefix(self.prefix)
        return entry.method, path, tuple(sorted(entry.query)), headers, _meant(entry.sent)

    def _wanted(self, request: Request) -> Key:
        headers = frozenset((name.lower(), value) for name, value in request.headers)
        return request.method, request.path, tuple(sorted(request.query)), headers, _meant(request.body)


def _answers(entries: Sequence[Entry]) -> list[Entry]:
    """The answers to one request; what a client asked again for counts only where nothing better came."""
    good = [entry for entry in entries if not entry.failure and entry.status not in BUSY]
    return good or list(entries)


def _meant(body: str | None) -> str:
    """A posted body as JSON without regard to the order of its keys."""
    try:
        return "" if body is None else json.dumps(json.loads(body), sort_keys=True)
    except (ValueError, RecursionError):
        return body or ""


def _reported(entry: Entry) -> str:
    query = "&".join(f"{name}={value}" for name, value in entry.query)
    return entry.path + (f"?{query}" if query else "")


def dropped(request: Request, defaults: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], ...]]:
    """The queries of a request without one or more of the parameters that only say a default."""
    stated: list[Any] = [pair for pair in request.query if pair in defaults]
    for chosen in range(1, 1 << len(stated)):
        gone = [pair for place, pair in enumerate(stated) if chosen >> place & 1]
        yield tuple(pair for pair in request.query if pair not in gone)
