"""Bodies on disk: what a run has read takes no memory, and can be read again."""

import hashlib
import tempfile
import threading
import weakref
from dataclasses import dataclass
from typing import IO, Any, ClassVar

import zstandard

from catalog_contract.model.json_body import plain_json

LEVEL = 1
"""The fastest: JSON shrinks to a tenth at any level."""


class Spool:
    """A file that holds bodies, compressed; equal ones once.

    The file has no name: the system removes it when it is closed, and when the process ends in whatever way.
    """

    def __init__(self) -> None:
        self._open: IO[bytes] | None = None
        self._lock = threading.Lock()
        self._known: dict[bytes, Spooled] = {}
        self._packer = zstandard.ZstdCompressor(level=LEVEL)
        self._end = 0
        self._last: tuple[Spooled | None, bytes] = (None, b"")  # it is decoded next

    @property
    def _file(self) -> IO[bytes]:
        """The file, made when it is first needed; closed when the spool is forgotten, if not before."""
        if self._open is None:
            self._open = tempfile.TemporaryFile(prefix="catalog-contract-")  # noqa: SIM115
            weakref.finalize(self, self._open.close)
        return self._open

    def put(self, body: bytes) -> "Spooled":
        """Keep a body. Raises OSError where the disk is full."""
        digest = hashlib.blake2b(body, digest_size=16).digest()
        with self._lock:
            if digest not in self._known:
                packed = self._packer.compress(body)
                self._file.seek(self._end)
                self._file.write(packed)
                self._known[digest] = Spooled(self, self._end, len(packed), len(body))
                self._end += len(packed)
            self._last = self._known[digest], body
            return self._known[digest]

    def read(self, spooled: "Spooled") -> bytes:
        """The body that was put."""
        with self._lock:
            last, body = self._last
            if last is spooled:
                return body
            self._file.seek(spooled.at)
            packed = self._file.read(spooled.packed)
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=spooled.size)

    def close(self) -> None:
        """Remove the file."""
        if self._open is not None:
            self._open.close()


@dataclass(frozen=True, eq=False)
class Spooled:
    """A body in a spool: where it begins, and its sizes in bytes."""

    spool: Spool
    at: int
    packed: int
    size: int
    made: ClassVar[bool] = False

    def read(self) -> bytes:
        """The body as it came."""
        return self.spool.read(self)

    def decoded(self) -> Any:
        """The body as JSON. Raises NotJson when it is not JSON."""
        return plain_json(self.read())
