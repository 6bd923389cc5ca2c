"""Answers from a recording, without any HTTP: vcrpy finds them, nothing is patched while they are asked for."""

import difflib
import functools
import heapq
import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from catalog_contract.model.exchange import NOT_RECORDED, Exchange, Request
from catalog_contract.transport.cassette.storage import (
    SUFFIX,
    CassetteError,
    RowsOnce,
    XzPersister,
    cassette_name,
    put_in_place,
)

if TYPE_CHECKING:
    from vcr.cassette import Cassette
    from vcr.request import Request as VcrRequest

__all__ = ["SUFFIX", "CassetteError", "CassetteSource", "cassette_name", "put_in_place", "write_cassette"]

KEPT_HEADERS = (
    "cache-control",
    "content-language",
    "content-type",
    "etag",
    "expires",
    "last-modified",
    "link",
    "location",
    "retry-after",
    "vary",
    "www-authenticate",
)
"""The response headers a recording keeps. The others change from answer to answer (dates, request ids), speak of
a connection that is gone or of a coding that is undone (transfer, length), or are nobody's business (cookies)."""


COMPARED = 50
"""With how many recorded requests one that is missing is compared, to name the nearest."""

Wanted = tuple[str, str, str, frozenset[tuple[str, str]], str]
"""What a recorded answer is found by: method, path, query, the headers that the request adds, and the body."""


class CassetteSource:
    """A recording, loaded once.

    `base_url` only completes the URLs that reports show: a recording serves any. Where its answers name the service
    that was recorded, as absolute links do, that is the base URL instead. Raises CassetteError when the
    file is missing or not wholly readable.
    """

    def __init__(self, path: Path, base_url: str = "") -> None:
        self.label = f"cassette {cassette_name(path)}"
        self._cassette, origin = _load(path)
        self._base = (origin or base_url).rstrip("/")
        self._responses = self._cassette.responses
        self._places: dict[Wanted, list[int]] = {}
        for place, asked in enumerate(self._cassette.requests):
            self._places.setdefault(_wanted(asked), []).append(place)
        self._asked: set[int] = set()

    def close(self) -> None:
        """Nothing to let go of."""

    def fetch(self, request: Request) -> Exchange:
        """The recorded answer; for a second reading the second one recorded for the same request."""
        places = self._places.get(_wanted(_as_vcr(request)), ())
        if len(places) < request.reading:
            return Exchange(request, self._base + request.target, failure=self._not_recorded(request))
        place = places[request.reading - 1]
        self._asked.add(place)
        return self._exchange(request, self._responses[place], place)

    def recorded(self) -> list[Exchange]:
        """Everything recorded, in the order of recording; nothing counts as asked by this."""
        readings: dict[str, int] = {}
        found = []
        for place, (asked, response) in enumerate(zip(self._cassette.requests, self._responses, strict=True)):
            first = _from_vcr(asked, 1)
            readings[first.key] = readings.get(first.key, 0) + 1
            found.append(self._exchange(_from_vcr(asked, readings[first.key]), response, place))
        return found

    def unplayed(self) -> list[str]:
        """What was recorded but not asked for, in the order of recording: recording and rulebook have parted."""
        return [_reported(one.request) for place, one in enumerate(self.recorded()) if place not in self._asked]

    def _exchange(self, request: Request, response: Any, place: int) -> Exchange:
        return Exchange(
            request,
            self._base + request.target,
            status=response["status"]["code"],
            headers={name.lower(): ", ".join(values) for name, values in response["headers"].items()},
            body=response["body"]["string"],
            started=float(place),
            finished=place + 0.5,
        )

    def _not_recorded(self, request: Request) -> str:
        query = set(request.query)
        likely = heapq.nlargest(
            COMPARED, self._recorded, key=lambda one: (one.path == request.path, len(query & set(one.query)))
        )
        near = difflib.get_close_matches(_reported(request), map(_reported, likely), n=1, cutoff=0.0)
        return f"{NOT_RECORDED}; nearest: {near[0]}"

    @functools.cached_property
    def _recorded(self) -> list[Request]:
        return [one.request for one in self.recorded()]


def write_cassette(path: Path, exchanges: Iterable[Exchange], headers: Collection[str] = (), origin: str = "") -> bool:
    """Write answers as a cassette, in the order given; False when the file holds just these already.

    The numbers of second readings follow from the order. The host, volatile headers and the codings of the
    transfer are left out, so that the same answers make the same file; `headers` are kept in any case. `origin`, the
    base URL that was asked, is kept where the answers name it: their links lead there. Raises ValueError for an
    exchange without an answer.
    """
    from vcr.serialize import serialize  # a live run that records nothing starts without vcrpy

    rows = RowsOnce()
    kept = {*KEPT_HEADERS, *(name.lower() for name in headers)}
    requests, responses = [], []
    for exchange in exchanges:
        if exchange.status is None or exchange.body is None or exchange.failure:
            raise ValueError(f"{exchange.request.key} has no answer to record")
        requests.append(_as_vcr(exchange.request))
        responses.append(_response(exchange, rows.body(exchange.body), kept))
        if origin and (origin.encode() in exchange.body or any(origin in text for text in exchange.headers.values())):
            rows.origin = origin
    content: str = serialize({"requests": requests, "responses": responses}, rows)
    return put_in_place(path, content.encode())


def _response(exchange: Exchange, body: dict[str, str], kept: Iterable[str]) -> dict[str, Any]:
    headers = {name: [value] for name in kept if (value := exchange.header(name)) is not None}
    return {"status": {"code": exchange.status, "message": ""}, "headers": headers, "body": body}


def _load(path: Path) -> tuple["Cassette", str]:
    """A cassette, and the base URL that its answers name; empty where they name none."""
    from vcr import VCR
    from vcr.record_mode import RecordMode

    recorder, rows = VCR(record_mode=RecordMode.NONE, serializer=SUFFIX), RowsOnce()
    recorder.register_serializer(SUFFIX, rows)
    recorder.register_persister(XzPersister)
    with recorder.use_cassette(path) as cassette:
        return cassette, rows.origin


def _wanted(request: "VcrRequest") -> Wanted:
    """Path, query and body as sent: vcrpy's own matcher takes `limit=` for no limit, and looks through all for each."""
    headers = (
        (name.lower(), value if isinstance(value, str) else ", ".join(value)) for name, value in request.headers.items()
    )
    return request.method, *_target(request), frozenset(headers), _canonical(request.body)


def _canonical(body: bytes | None) -> str:
    """A body as it is compared: the order of the keys and blanks between them ask for nothing else."""
    text = (body or b"").decode("utf-8", "surrogateescape")
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except (ValueError, RecursionError):
        return text


def _target(request: "VcrRequest") -> tuple[str, str]:
    return request.parsed_uri.path, request.parsed_uri.query


def _as_vcr(request: Request) -> "VcrRequest":
    from vcr.request import Request as VcrRequest

    headers = {name.lower(): value for name, value in request.headers}
    return VcrRequest(request.method, request.target, request.body, headers)


def _from_vcr(asked: "VcrRequest", reading: int) -> Request:
    path, query = _target(asked)
    return Request(
        path,
        tuple(parse_qsl(query, keep_blank_values=True)),
        tuple(asked.headers.items()),
        reading,
        method=asked.method,
        body=None if asked.method == "GET" else asked.body.decode(),
    )


def _reported(request: Request) -> str:
    """A request in a line for people."""
    added = "".join(f" ({name}: {value})" for name, value in request.headers)
    return request.label + added + (f" (reading {request.reading})" if request.reading > 1 else "")
