"""Recording a live run into a cassette.

vcrpy's own recorder is not driven here: it would record every failed try beside the good answer, and measured
with threads inside a cassette it loses recordings. Instead the final answers are handed to its serializer, in
the order in which they were asked for.
"""

import threading
from collections.abc import Collection
from pathlib import Path

from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.transport.base import Source
from catalog_contract.transport.cassette.source import CassetteSource, write_cassette
from catalog_contract.util.files import is_there


def recorded_before(path: Path) -> list[Exchange]:
    """What a cassette holds; nothing where there is no file. Raises CassetteError when it cannot be read."""
    return CassetteSource(path).recorded() if is_there(path) else []


class RecordingSource:
    """A source whose answers can be kept.

    `headers` and `origin` are those of `write_cassette`. `old` is what the cassette holds before anything is asked.
    Raises CassetteError when a file is there that cannot be read: it is not for a recorder to overwrite. Nothing is
    written before `commit()`. No answer at all, 429 and 5xx are never recorded, nor is a later reading of the same
    request after one of these: its number would be wrong.
    """

    def __init__(self, inner: Source, path: Path, headers: Collection[str] = (), origin: str = "") -> None:
        self._inner = inner
        self.label = inner.label
        self._path = path
        self._headers, self._origin = headers, origin
        self.old = recorded_before(path)
        self._lock = threading.Lock()
        self._taken: list[Exchange | None] = []

    def close(self) -> None:
        """Close the source recorded; what was not committed is dropped."""
        self._inner.close()

    def fetch(self, request: Request) -> Exchange:
        """Ask the source and remember its answer."""
        with self._lock:
            place = len(self._taken)
            self._taken.append(None)
        exchange = self._inner.fetch(request)
        self._taken[place] = exchange
        return exchange

    @property
    def exchanges(self) -> list[Exchange]:
        """What a commit would record now, in the order asked."""
        return self._sorted()[0]

    @property
    def unrecorded(self) -> list[str]:
        """What a commit would leave out, each with the reason in a line."""
        return self._sorted()[1]

    def commit(self) -> bool:
        """Put the recording in place, whole or not at all; False when the file held just these answers already.

        Raises ValueError when there is nothing to record: an empty cassette is not a recording.
        """
        if not self.exchanges:
            raise ValueError(f"nothing to record: {'; '.join(self.unrecorded[:1]) or 'nothing was asked'}")
        return write_cassette(self._path, self.exchanges, self._headers, self._origin)

    def discard(self) -> None:
        """Forget what was taken; the file stays as it was."""
        self._taken.clear()

    def _sorted(self) -> tuple[list[Exchange], list[str]]:
        kept: list[Exchange] = []
        left: list[str] = []
        missing: set[str] = set()
        for exchange in sorted((one for one in self._taken if one), key=lambda one: one.request.reading):
            first = exchange.request.as_reading(1).key
            why = _unfit(exchange) or ("an earlier reading is not recorded" if first in missing else "")
            if why:
                missing.add(first)
                left.append(f"{exchange.request.label}: {why}")
            else:
                kept.append(exchange)
        order = {id(exchange): place for place, exchange in enumerate(self._taken)}
        return sorted(kept, key=lambda one: order[id(one)]), left


def _unfit(exchange: Exchange) -> str:
    """Why an exchange is not for a recording; empty when it is."""
    if exchange.failure or exchange.status is None:
        return exchange.failure or "no answer"
    if exchange.status == 429 or exchange.status >= 500:
        return f"status {exchange.status}"
    return ""
