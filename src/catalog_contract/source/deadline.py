"""A deadline for a whole answer.

The timeouts of requests bound each wait for bytes, so a server that sends one byte a second is never late.
Here a timer shuts the socket at the deadline, which ends any wait for bytes at once: in the headers, in the
body, in a chunk. Not covered: resolving the host name (the system's own limit) and a TLS handshake that drips
(each of its waits is bounded by the connect timeout).
"""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any, Self, cast

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

_of_thread = threading.local()


class Deadline:
    """Within `with`, the connection this thread uses is shut after that many seconds; `passed` tells so."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        _of_thread.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        _of_thread.deadline = None

    def watch(self, connected: socket.socket | None) -> None:
        """Shut this socket at the deadline; at once if it has passed."""
        with self._lock:
            self._socket = connected
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        self.passed = True
        with self._lock:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    # The plain shutdown, also for TLS: SSLSocket.shutdown would pull the TLS state away from
                    # under the thread that reads.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _watched(connection: type[HTTPConnection]) -> type[HTTPConnection]:
    class Watched(connection):  # type: ignore[misc, valid-type]
        """A connection that shows its socket to the deadline of its thread before it waits for an answer."""

        def getresponse(self) -> Any:
            deadline: Deadline | None = getattr(_of_thread, "deadline", None)
            if deadline is not None:
                deadline.watch(self.sock)
            return super().getresponse()

    return Watched


class DeadlineAdapter(HTTPAdapter):
    """The adapter of requests, with connections that a Deadline can shut."""

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool = cast(HTTPConnectionPool, super().get_connection_with_tls_context(*args, **options))
        if "ConnectionCls" not in vars(pool):
            pool.ConnectionCls = _watched(cast(type[HTTPConnection], pool.ConnectionCls))
        return pool
