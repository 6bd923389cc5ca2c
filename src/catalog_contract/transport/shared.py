"""Each request once in a run, whatever the number of threads and workers that want its answer."""

import hashlib
import json
import os
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from catalog_contract.model.exchange import MISSING, RECENT, Exchange, Request
from catalog_contract.transport.base import Source
from catalog_contract.transport.spool import Spool

SPOOLED = 4_096
"""How many bytes a body has at least that is put on disk."""


class CachingSource:
    """Asks `inner` for each `Request.key` once and remembers the answer, a failed one too.

    With a `folder` that belongs to this run alone, the answers are shared by all processes that use it. With a `spool`
    their bodies are kept there.
    """

    def __init__(self, inner: Source, folder: Path | None = None, spool: Spool | None = None) -> None:
        self._spool = spool
        self._inner = inner
        self.label = inner.label
        self._folder = folder
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._known: dict[str, Exchange] = {}
        self._order: dict[str, None] = {}
        self.fetched: Callable[[], None] | None = None
        """Called after each request that was really made, by the thread that made it."""

    def close(self) -> None:
        """Close the source asked, and let go of what was decoded last."""
        self._inner.close()
        RECENT.forget()
        if self._spool:
            self._spool.close()

    @property
    def exchanges(self) -> list[Exchange]:
        """What this process has seen, in the order of asking; answers that another process fetched too."""
        return [self._known[key] for key in list(self._order) if key in self._known]

    def fetch(self, request: Request) -> Exchange:
        """The answer to this request, fetched by whoever asks first."""
        with self._lock:
            lock = self._locks[request.key]
            self._order.setdefault(request.key)
        with lock:
            if request.key not in self._known:
                self._known[request.key] = self._spooled(self._of_all(request))
            return self._known[request.key]

    def _spooled(self, exchange: Exchange) -> Exchange:
        if self._spool is None or exchange.body is None or len(exchange.body) < SPOOLED:
            return exchange
        try:
            return replace(exchange, body=None, stored=self._spool.put(exchange.body))
        except OSError:  # the disk is full: memory is what is left
            return exchange

    def _of_all(self, request: Request) -> Exchange:
        if self._folder is None:
            return self._asked(request)
        self._folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(request.key.encode()).hexdigest()[:32]
        file = self._folder / f"{name}.exchange"
        with FileLock(self._folder / f"{name}.lock"):
            if file.exists():
                return _unpacked(request, file.read_bytes())
            exchange = self._asked(request)
            aside = file.with_suffix(f".{os.getpid()}")
            aside.write_bytes(_packed(exchange))
            aside.replace(file)
        return exchange

    def _asked(self, request: Request) -> Exchange:
        exchange = self._inner.fetch(request)
        if self.fetched:
            self.fetched()
        return exchange


def _packed(exchange: Exchange) -> bytes:
    """One line of JSON about the answer, then the body as it is: no pickle, so the folder runs no code."""
    facts: dict[str, Any] = {
        "url": exchange.url,
        "status": exchange.status,
        "headers": dict(exchange.headers),
        "failure": exchange.failure,
        "started": exchange.started,
        "finished": exchange.finished,
        "seconds": exchange.seconds,
        "retries": exchange.retries,
        "definite": exchange.definite,
        "signed": exchange.signed,
        "bodiless": exchange.body is None,
    }
    if exchange.decoded is not MISSING:
        facts["decoded"] = exchange.decoded
    return json.dumps(facts).encode() + b"\n" + (exchange.body or b"")


def _unpacked(request: Request, packed: bytes) -> Exchange:
    line, _, body = packed.partition(b"\n")
    facts = json.loads(line)
    bodiless = facts.pop("bodiless")
    return Exchange(request, **{**facts, "retries": tuple(facts["retries"])}, body=None if bodiless else body)
