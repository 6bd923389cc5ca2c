"""What can go wrong on the way to an answer, in plain words."""

import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import urllib3.exceptions as u3
from requests import exceptions as rq


class Kind(Enum):
    """What a problem means for the next try."""

    DEAD = "the service cannot be reached"
    NO_ROUTE = "no connection within the time allowed"
    UNTRUSTED = "the service cannot be trusted to be the one meant"
    SLOW = "nothing came for too long"
    LATE = "the answer took longer than its deadline"
    CUT = "the connection broke"
    GARBLED = "what came is not an answer"
    BAD = "an answer that cannot be read; asking again would not help"


@dataclass(frozen=True)
class Problem:
    """Why there is no answer: its kind, and one line for people."""

    kind: Kind
    message: str


class TooLarge(Exception):
    """The body passed the cap, or would when decoded; the message is the line for people."""


class Overdue(Exception):
    """The whole answer took longer than its deadline; the message is the line for people."""


def explain(error: BaseException, connect_seconds: float, read_seconds: float) -> Problem:
    """Find the cause of an exception of requests or urllib3 and put it in one line.

    The text of the exception itself is not used where it could name a proxy with its password.
    """
    causes = list(_causes(error))
    for telling in (_ours, _no_connection, _broken_answer):
        for cause in causes:
            problem = telling(cause, connect_seconds, read_seconds)
            if problem:
                return problem
    if any(isinstance(cause, http.client.HTTPException | u3.ProtocolError) for cause in causes):
        return Problem(Kind.GARBLED, "the answer is not HTTP")
    if any(isinstance(cause, u3.NewConnectionError) for cause in causes):
        return Problem(Kind.DEAD, _system_reason(causes))
    return Problem(Kind.BAD, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")


def _ours(cause: BaseException, connect_seconds: float, read_seconds: float) -> Problem | None:
    match cause:
        case TooLarge():
            return Problem(Kind.BAD, str(cause))
        case Overdue():
            return Problem(Kind.LATE, str(cause))
    return None


def _no_connection(cause: BaseException, connect_seconds: float, read_seconds: float) -> Problem | None:
    match cause:
        case rq.ProxyError() | u3.ProxyError():
            return Problem(Kind.DEAD, "the proxy cannot be reached")
        case u3.NameResolutionError():
            return Problem(Kind.DEAD, "the host name cannot be resolved")
        case ConnectionRefusedError():
            return Problem(Kind.DEAD, "connection refused")
        case u3.NewConnectionError():
            return None  # a subclass of the next, and no timeout
        case u3.ConnectTimeoutError() | rq.ConnectTimeout():
            return Problem(Kind.NO_ROUTE, f"no connection within {connect_seconds:g} s")
        case ssl.SSLCertVerificationError():
            return Problem(Kind.UNTRUSTED, f"the TLS certificate is not trusted: {cause.verify_message}")
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return Problem(Kind.CUT, "the TLS connection was closed early")
        case ssl.SSLError():
            return Problem(Kind.UNTRUSTED, f"no TLS connection: {(cause.reason or 'failed').lower().replace('_', ' ')}")
    return None


def _broken_answer(cause: BaseException, connect_seconds: float, read_seconds: float) -> Problem | None:
    match cause:
        case u3.NewConnectionError():
            return None
        case u3.ReadTimeoutError() | rq.ReadTimeout() | TimeoutError():
            return Problem(Kind.SLOW, f"nothing came for {read_seconds:g} s")
        case u3.DecodeError() | rq.ContentDecodingError():
            return Problem(Kind.BAD, "the body cannot be decompressed as its Content-Encoding says")
        case u3.IncompleteRead() | http.client.IncompleteRead():
            return Problem(Kind.CUT, "the body stopped before its end")
        case http.client.RemoteDisconnected():
            return Problem(Kind.CUT, "the connection was closed without an answer")
        case ConnectionError():
            return Problem(Kind.CUT, "the connection was reset")
    return None


def _system_reason(causes: list[BaseException]) -> str:
    words = (cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror)
    return "no connection: " + next(words, "the system gives no reason")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that it wraps: libraries keep the cause in `args`, `reason` or `__cause__`.

    Innermost last; `__context__` too, because http.client raises again without `from`.
    """
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
