"""HAR files on disk: read whole or refused in a line; nothing in one is trusted, and its secrets do not leave it."""

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from catalog_contract.model.exchange import CREDENTIALS
from catalog_contract.transport.base import SourceError
from catalog_contract.transport.redact import MIN_SECRET, Redactor
from catalog_contract.util.files import read_regular
from catalog_contract.util.text import line

MAX_HAR = 256 * 2**20
"""The largest file that is read, in bytes."""

MAX_BODY = 100 * 10**6
"""The largest body that is unpacked, in bytes."""

MIN_COOKIE = 16
"""A shorter cookie is not a secret: a language, a theme. It would be taken out of innocent words."""

SECRET_PARAMETERS = frozenset(
    {"key", "api_key", "apikey", "api-key", "access_token", "auth", "auth_token", "token", "jwt", "signature", "sig"}
    | {"password", "client_secret", "secret", "session", "session_id", "sessionid", "sid"}
)
"""Parameters that let a client in, in lower case. They say nothing of the list: what is asked is shown without them."""

SECRET_HEADER = re.compile(
    r"(^|-)(token|secret|api-?key|auth|authorization|password|session|session-?id|csrf|xsrf|jwt)(-|$)"
)
"""What names of request headers say that hold a secret."""

COOKIES = frozenset({"cookie", "set-cookie"})


class HarError(SourceError):
    """A HAR file cannot be used; the message is one line with the file and what to do."""


@dataclass(frozen=True)
class Entry:
    """One request of a recording, and what came of it.

    `origin` has no login; `headers` are those that were sent, names in lower case, without secrets; `query` are the
    decoded parameters without secret ones. `secrets` are what was left out. `status` and `body` are None where nothing
    came, or the file does not hold it: `failure` says why. `started` and `finished` are seconds; where a file has no
    times, places in it.
    """

    method: str
    origin: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    sent: str | None
    status: int | None
    answered: dict[str, str]
    body: bytes | None
    failure: str
    started: float
    finished: float
    day: str
    secrets: frozenset[str]


@lru_cache(maxsize=2)
def read_har(path: Path, own: frozenset[str] = frozenset()) -> tuple[tuple[Entry, ...], int]:
    """The entries of a file in the order of their requests, and how many could not be read.

    `own` are the names of parameters and headers of the contract, in lower case: none of them is a secret.

    Raises HarError when the file is missing, too large, or no HAR.
    """
    try:
        data = json.loads(read_regular(path, MAX_HAR).decode("utf-8-sig"))
    except OSError as error:
        raise HarError(f"HAR {line(path)}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise HarError(f"HAR {line(path)}: is not whole JSON; save it again from the browser or proxy") from None
    log = data.get("log") if isinstance(data, dict) else None
    rows = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(rows, list):
        raise HarError(f"HAR {line(path)}: has no list of log.entries; give a file in the form HAR 1.2")
    found = [entry for place, row in enumerate(rows) if (entry := _entry(row, place, own)) is not None]
    timed = all(entry.day for entry in found)
    order = sorted(found, key=lambda entry: entry.started) if timed else found
    return tuple(order), len(rows) - len(found)


def _entry(row: Any, place: int, own: frozenset[str]) -> Entry | None:
    """An entry as the file has it; None where it is not one."""
    try:
        asked, answer = row["request"], row["response"]
        url = urlsplit(asked["url"])
        if url.scheme not in ("http", "https") or not url.hostname:
            return None
        pairs = parse_qsl(url.query, keep_blank_values=True)
        started, finished, day = _times(row, place)
        status, body, failure = _answered(answer)
        return Entry(
            method=str(asked["method"]).upper(),
            origin=f"{url.scheme}://{url.netloc.rpartition('@')[2]}",
            path=url.path or "/",
            query=tuple((name, value) for name, value in pairs if not _lets_in(name, own)),
            headers={name: value for name, value in _headers(asked) if not _is_secret(name, own)},
            sent=_posted(asked),
            status=status,
            answered={name: value for name, value in _headers(answer) if name not in COOKIES},
            body=body,
            failure=failure,
            started=started,
            finished=finished,
            day=day,
            secrets=frozenset(_secrets(asked, answer, url.password or "", own)),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _is_secret(name: str, own: frozenset[str]) -> bool:
    return name not in own and (name in CREDENTIALS or SECRET_HEADER.search(name) is not None)


def _lets_in(name: str, own: frozenset[str]) -> bool:
    return name.lower() in SECRET_PARAMETERS and name.lower() not in own


def _headers(side: dict[str, Any]) -> Iterator[tuple[str, str]]:
    rows = side.get("headers") or []
    yield from ((str(row["name"]).lower(), str(row["value"])) for row in rows)


def _posted(asked: dict[str, Any]) -> str | None:
    data = asked.get("postData")
    text = data.get("text") if isinstance(data, dict) else None
    return text if isinstance(text, str) else None


def _secrets(asked: dict[str, Any], answer: dict[str, Any], password: str, own: frozenset[str]) -> Iterator[str]:
    """What let the client in: values of headers, cookies and parameters whose names say so."""
    found = [(password, MIN_SECRET)]
    for name, value in (*_headers(asked), *_headers(answer)):
        if name in COOKIES:
            cookies = (part.partition("=")[2].strip() for part in value.split(";"))
            found += [(cookie, MIN_COOKIE) for cookie in cookies]
    for name, value in _headers(asked):
        if name not in COOKIES and _is_secret(name, own):
            found += [(value, MIN_SECRET), (value.partition(" ")[2], MIN_SECRET)]
    for row in (*(asked.get("cookies") or []), *(answer.get("cookies") or [])):
        found.append((str(row.get("value", "")), MIN_COOKIE))
    pairs = parse_qsl(urlsplit(asked["url"]).query)
    found += [(value, MIN_SECRET) for name, value in pairs if _lets_in(name, own)]
    yield from (value.strip() for value, least in found if len(value.strip()) >= least)


def _times(row: dict[str, Any], place: int) -> tuple[float, float, str]:
    """When a request began and ended, in seconds, and the day; its place in the file where that is not stated."""
    try:
        began = datetime.fromisoformat(row["startedDateTime"])
        began = began if began.tzinfo else began.replace(tzinfo=UTC)
        took = max(0.0, float(row.get("time") or 0.0)) / 1000
        return began.timestamp(), began.timestamp() + min(took, 86_400.0), f"{began.astimezone(UTC):%Y-%m-%d}"
    except (KeyError, TypeError, ValueError, OverflowError):
        return float(place), place + 0.5, ""


def _answered(answer: dict[str, Any]) -> tuple[int | None, bytes | None, str]:
    """Status and body of an answer, and why there is none."""
    status = answer.get("status")
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 999:
        reported = answer.get("_error") or answer.get("statusText")
        return None, None, f"nothing came back ({line(reported, 80)})" if reported else "nothing came back"
    if status == 304:
        return None, None, "the client kept an earlier answer (304), which the recording does not hold"
    if 300 <= status < 400:
        return None, None, f"the client was sent elsewhere ({status})"
    content, headers = answer.get("content"), dict(_headers(answer))
    text = content.get("text") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(text, str) or not text:
        # Browsers forget bodies and say that there was none.
        empty = status != 200 or headers.get("content-length") == "0"
        return (status, b"", "") if empty else (None, None, "the recording holds no body")
    body, why = _body(text, content, headers)
    return (None, None, why) if why else (status, body, "")


def _body(text: str, content: dict[str, Any], headers: dict[str, str]) -> tuple[bytes, str]:
    """The bytes of a body, and why they cannot be had."""
    try:
        coded = content.get("encoding") == "base64"
        body = base64.b64decode(text, validate=True) if coded else text.encode()
    except ValueError:  # no base64, or half of a surrogate pair
        return b"", "the recording damaged its body"
    coding = headers.get("content-encoding", "").strip().lower()
    if coded and coding not in ("", "identity") and not _is_json(body):
        return _unpacked(body, coding)
    size = content.get("size")
    if isinstance(size, int) and size > len(body) and not _is_json(body):
        return b"", f"the recording holds {len(body):,} of the {size:,} bytes of its body"
    return body, ""


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _unpacked(body: bytes, coding: str) -> tuple[bytes, str]:
    if coding not in ("gzip", "x-gzip", "deflate"):
        return b"", f"the recording holds its body compressed ({line(coding, 20)})"
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        try:
            stream = zlib.decompressobj(window)
            content = stream.decompress(body, MAX_BODY)
        except zlib.error:
            continue
        if stream.eof:
            return content, ""
    return b"", f"the recording holds its body compressed, and damaged or too large ({line(coding, 20)})"


def hiding(secrets: Iterable[str]) -> Callable[[str], str]:
    """What takes these secrets out of a text."""
    redactors = [Redactor(secret) for secret in sorted(set(secrets), key=len, reverse=True)]

    def hide(text: str) -> str:
        for redact in redactors:
            text = redact(text)
        return text

    return hide
