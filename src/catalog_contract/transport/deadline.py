"""A deadline for a whole answer, and whether its connection was a kept one.

The timeouts of requests bound each wait for bytes, so a server that sends one byte a second is never late.
Here a timer shuts the socket at the deadline, which ends any wait for bytes at once: in the headers, in the
body, in a chunk. Not covered: resolving the host name (the system's own limit) and a TLS handshake that drips
(each of its waits is bounded by the connect timeout).
"""

import contextlib
import http.client
import socket
import threading
from types import TracebackType
from typing import Any, Self, cast

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

_of_thread = threading.local()


class Deadline:
    """Within `with`, the connection this thread uses is shut after that many seconds; `passed` tells so.

    `kept` is true while a request is out over a connection that has brought an answer before, and nothing came yet.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self.kept = False
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


MAX_INTERIM = 20
"""How many interim responses may come before the answer."""

SWITCHING = 101
"""The one 1xx status that nothing follows."""


class _Final(http.client.HTTPResponse):
    """The answer itself: http.client takes 103 Early Hints, and any other interim response but 100, for it."""

    def begin(self) -> None:
        super().begin()
        for _ in range(MAX_INTERIM):
            if not 100 <= self.status < 200 or self.status == SWITCHING:
                return
            # `begin` reads the next head only where none was read before.
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()
        raise http.client.HTTPException("too many interim responses")


def _watched(connection: type[HTTPConnection]) -> type[HTTPConnection]:
    class Watched(connection):  # type: ignore[misc, valid-type]
        """A connection that tells the deadline of its thread which socket waits, and whether it was kept."""

        response_class = _Final
        has_answered = False

        def connect(self) -> None:
            self.has_answered = _tell_kept(False)
            super().connect()

        def request(self, *args: Any, **options: Any) -> None:
            _tell_kept(self.has_answered)
            super().request(*args, **options)

        def getresponse(self) -> Any:
            deadline: Deadline | None = getattr(_of_thread, "deadline", None)
            if deadline is not None:
                deadline.watch(self.sock)
            response = super().getresponse()
            self.has_answered = True
            _tell_kept(False)
            return response

    return Watched


def _tell_kept(kept: bool) -> bool:
    deadline: Deadline | None = getattr(_of_thread, "deadline", None)
    if deadline is not None:
        deadline.kept = kept
    return kept


class DeadlineAdapter(HTTPAdapter):
    """The adapter of requests, with connections that a Deadline can shut."""

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool = cast(HTTPConnectionPool, super().get_connection_with_tls_context(*args, **options))
        if "ConnectionCls" not in vars(pool):
            pool.ConnectionCls = _watched(cast(type[HTTPConnection], pool.ConnectionCls))
        return pool
