"""Answers from a live service over HTTP: politely, never for ever, and never with the key in what comes back."""

import datetime
import functools
import ipaddress
import socket
import threading
import time
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.utils import get_environ_proxies

from catalog_contract.model.contract import Transport
from catalog_contract.model.exchange import JSON, NOT_AGAIN, Exchange, Request
from catalog_contract.transport.base import SourceError
from catalog_contract.transport.deadline import Deadline, DeadlineAdapter
from catalog_contract.transport.errors import Kind, Overdue, Problem, explain
from catalog_contract.transport.intake import whole_body
from catalog_contract.transport.pace import MAX_WAITING_SECONDS, Pace
from catalog_contract.transport.secret import Key, sealed
from catalog_contract.util.urls import shown_url

MAX_REDIRECTS = 5
RETRIED_STATUSES = frozenset({429, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
STALE = "a kept connection was closed when it was used again, sent once more over a new one"
LONGEST_WAIT = 9
"""How many digits a Retry-After may have: thirty years. A longer one, and a date that no calendar has, say nothing."""
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class _Try:
    """One try: what came (an exchange), and what went wrong, if anything.

    `stale` says that it went out over a kept connection, which was closed before anything came.
    """

    exchange: Exchange
    problem: Problem | None = None
    stale: bool = False


def is_loopback(base_url: str) -> bool:
    """Whether a URL names this machine: nobody else is disturbed by how fast it is asked."""
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:  # no URL: refused elsewhere, in a line that hides what it may hold
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class LiveSource:
    """A live service.

    `base_url` is scheme, host, port and an optional path in front of every request's own. `transport` holds
    times, sizes and politeness. `key` is sent in its header to the host of `base_url` and nowhere else.
    `folder` is where the workers of one run share rate, cap and breaker; None for a single process.
    `backoff_seconds` is the wait before a second try that no Retry-After asks for; it doubles. Raises SourceError
    for a URL or key that cannot be used. Threads may fetch at the same time.
    """

    def __init__(
        self,
        base_url: str,
        transport: Transport | None = None,
        key: Key | None = None,
        folder: Path | None = None,
        backoff_seconds: float = 0.25,
    ) -> None:
        self._base = _checked(base_url)
        self._limits = transport or Transport()
        self._key = key or Key(None)
        self.label = self._key.hide(f"live {self._base}")
        self._pace = Pace(self._limits, folder)
        self._backoff = backoff_seconds
        self._of_thread = threading.local()
        self._sessions: list[requests.Session] = []
        self._logs_free = self._key.hide_in_logs()

    @property
    def sent(self) -> int:
        """How many HTTP requests the run has sent so far, retries and redirects included."""
        return self._pace.sent

    def close(self) -> None:
        """Close all connections."""
        for session in self._sessions:
            session.close()
        self._logs_free()

    def fetch(self, request: Request) -> Exchange:
        """Ask, and ask again where the transport allows it. `failure` says why there is no answer."""
        retries: list[str] = []
        ends: list[Kind | int | None] = []
        last: _Try | None = None
        for left in reversed(range(max(1, self._limits.tries))):
            refused = self._pace.ask()
            if refused:
                if last is None:
                    return self._not_asked(request, refused)
                retries[-1] += f", {refused}: {NOT_AGAIN}"
                break
            last = self._follow(request, retries)
            ends.append(last.problem.kind if last.problem else last.exchange.status)
            wait, why = self._again(last, left, retries)
            if why:
                retries.append(why)
            if wait is None:
                break
            self._pace.saw_try(last.problem)
            time.sleep(wait)
        assert last is not None
        self._pace.saw(last.problem, busy=last.exchange.status in RETRIED_STATUSES)
        return replace(last.exchange, retries=tuple(retries), definite=len(ends) > 1 and len(set(ends)) == 1)

    def _again(self, last: _Try, left: int, retries: list[str]) -> tuple[float | None, str]:
        """How many seconds to wait before the next try (None: no further try), and the line that records it."""
        backoff = self._backoff * 2 ** (max(1, self._limits.tries) - 1 - left)
        if last.problem:
            if not left or not self._worth_it(last.problem, retries):
                return None, ""
            return backoff, f"{last.problem.message}, waited {_in_words(backoff)}"
        status = last.exchange.status
        if not left or status not in RETRIED_STATUSES or not self._pace.may_retry:
            return None, ""
        asked, cap = _retry_after(last.exchange.header("retry-after")), self._limits.retry_after_cap_seconds
        wait = 2 * backoff if asked is None else asked
        if wait > cap:
            return (
                None,
                f"{status}, asked to wait {_in_words(wait)}, more than the {_in_words(cap)} allowed: {NOT_AGAIN}",
            )
        if not self._pace.grant(wait):
            return None, f"{status}, the run has waited for {_in_words(MAX_WAITING_SECONDS)} already: {NOT_AGAIN}"
        return wait, f"{status}, waited {_in_words(wait)}"

    def _worth_it(self, problem: Problem, retries: list[str]) -> bool:
        match problem.kind:
            case Kind.DEAD | Kind.CUT | Kind.GARBLED:
                return self._pace.may_retry
            case Kind.NO_ROUTE:
                return self._pace.answered
            case Kind.SLOW:
                # One more wait only, and none while nothing else is answered either: this is the dear one.
                first = not any(problem.message in line for line in retries) and not self._pace.slow
                return first and self._pace.grant(self._limits.read_seconds)
        return False

    def _follow(self, request: Request, retries: list[str]) -> _Try:
        """Send, and follow redirects that stay on the host. One to another host is the answer itself."""
        url = self._base + request.target
        for _ in range(MAX_REDIRECTS):
            last = self._deliver(request, url, retries)
            nearer = _redirect_on_host(url, last.exchange)
            if nearer is None:
                return last
            refused = self._pace.ask()
            if refused:
                return _failed(last, Problem(Kind.BAD, refused))
            url = nearer
        last = self._deliver(request, url, retries)
        if _redirect_on_host(url, last.exchange) is None:
            return last
        return _failed(last, Problem(Kind.BAD, f"redirected more than {MAX_REDIRECTS} times"))

    def _deliver(self, request: Request, url: str, retries: list[str]) -> _Try:
        """Send; again, over a fresh connection, where a kept one was closed: no fault of the service, and no try."""
        last = self._send(request, url)
        if not last.stale:
            return last
        refused = self._pace.ask()
        if refused:
            return _failed(last, Problem(Kind.BAD, refused))
        retries.append(STALE)
        return self._send(request, url)

    @sealed
    def _send(self, request: Request, url: str) -> _Try:
        """Send once. The frames from here on hold the key, and answers that may repeat it."""
        limits = self._limits
        heard = Exchange(request, self._key.hide(url), started=time.time(), signed=self._key.curl_words)
        clock = time.monotonic()
        problem: Problem | None = None
        body: bytes | None = None
        deadline = Deadline(limits.answer_seconds)
        try:
            with deadline, self._respond(request, url) as response:
                heard = replace(
                    heard,
                    url=self._key.hide(response.url or url),
                    status=response.status_code,
                    headers=self._key.hide_in_headers(response.headers),
                )
                body = self._body(response, deadline)
        # Whatever the libraries raise is about this answer.
        except Exception as error:
            # No variable for the cause: with its traceback it would keep this frame, and the body, alive.
            problem = explain(
                self._overdue() if deadline.passed else error, limits.connect_seconds, limits.read_seconds
            )
            problem = replace(problem, message=self._key.hide(problem.message))
        heard = replace(heard, finished=time.time(), seconds=time.monotonic() - clock)
        if problem:
            return replace(_failed(_Try(heard), problem), stale=deadline.kept and problem.kind is Kind.CUT)
        return _Try(replace(heard, body=self._key.hide_in_body(body or b"")))

    def _respond(self, request: Request, url: str) -> requests.Response:
        return self._session().request(
            request.method,
            url,
            headers={**_content_type(request), **dict(request.fixed), **dict(request.headers)},
            data=None if request.body is None else request.body.encode(),
            auth=self._sign,
            timeout=(self._connect_seconds, self._limits.read_seconds),
            allow_redirects=False,
            stream=True,
        )

    def _session(self) -> requests.Session:
        """The session of this thread: its one connection is kept by no other, and one that broke is never asked."""
        if not hasattr(self._of_thread, "session"):
            self._of_thread.session = _new_session()
            self._sessions.append(self._of_thread.session)
        session: requests.Session = self._of_thread.session
        return session

    def _sign(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the key. Given always, also without a key: requests reads .netrc only where there is no `auth`."""
        if self._key and _origin(urlsplit(prepared.url or "")) == _origin(urlsplit(self._base)):
            name, value = self._key.header
            prepared.headers[name] = value
        return prepared

    def _body(self, response: requests.Response, deadline: Deadline) -> bytes:
        """Read to the end, decoding, within the limits of the contract."""
        body = whole_body(response, self._limits, self._pace.received)
        if deadline.passed:
            raise self._overdue()
        return body

    def _overdue(self) -> Overdue:
        return Overdue(f"the answer was not complete after {self._limits.answer_seconds:g} s")

    def _not_asked(self, request: Request, why: str) -> Exchange:
        now = time.time()
        url, signed = self._key.hide(self._base + request.target), self._key.curl_words
        return Exchange(request, url, failure=why, started=now, finished=now, signed=signed)

    @functools.cached_property
    def _connect_seconds(self) -> float:
        """The time for one address: a host may have several, and urllib3 gives each the whole time."""
        host, seconds = urlsplit(self._base), self._limits.connect_seconds
        if host.scheme in get_environ_proxies(self._base):
            return seconds
        try:
            addresses = {found[4] for found in socket.getaddrinfo(host.hostname, None, type=socket.SOCK_STREAM)}
        except OSError:
            return seconds
        return min(seconds, max(1.0, seconds / max(1, len(addresses))))


def _content_type(request: Request) -> dict[str, str]:
    return {} if request.body is None else {"Content-Type": JSON}


def _failed(last: _Try, problem: Problem) -> _Try:
    return _Try(replace(last.exchange, failure=problem.message, body=None), problem)


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests would read the body of a redirect, however large, even when it is not to follow."""


def _new_session() -> requests.Session:
    session = _Session()
    try:
        number = version("catalog-contract")
    except PackageNotFoundError:
        number = "unknown"
    session.headers.update({"User-Agent": f"catalog-contract/{number}", "Accept": "application/json"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # each request stands alone
    for scheme in DEFAULT_PORTS:
        session.mount(f"{scheme}://", DeadlineAdapter())
    return session


def _checked(base_url: str) -> str:
    try:
        parts = urlsplit(base_url.strip())
        usable = parts.scheme in DEFAULT_PORTS and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise SourceError(f"{shown_url(base_url)!r} is not a base URL: expected http://host or https://host")
    if "@" in parts.netloc:
        raise SourceError("the base URL holds a user or password: give a key in the environment instead")
    if parts.query or parts.fragment:
        raise SourceError(f"{shown_url(base_url)!r} is not a base URL: it has a query or fragment")
    return parts.geturl().rstrip("/")


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or DEFAULT_PORTS.get(url.scheme)


def _redirect_on_host(url: str, heard: Exchange) -> str | None:
    """Where a redirect leads, if it stays on the host; None for any other answer."""
    location = heard.header("location")
    if heard.failure or heard.status not in REDIRECTS or not location:
        return None
    try:
        target = urljoin(url, location)
        return target if _origin(urlsplit(target)) == _origin(urlsplit(url)) else None
    except ValueError:
        return None


def _in_words(seconds: float) -> str:
    return f"{round(seconds, 2):.15g} s"


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait by a Retry-After header, which gives seconds or a date; None when it says nothing."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value) if len(value.strip()) <= LONGEST_WAIT else None
    try:
        date = parsedate_to_datetime(value)
        if date.tzinfo is None:
            date = date.replace(tzinfo=datetime.UTC)
        return max(0.0, date.timestamp() - time.time())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
