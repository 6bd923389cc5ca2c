"""One request and its answer, frozen: what was asked, what came back, and how to ask it again."""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from catalog_contract.model.json_body import NotJson, SharedBodies
from catalog_contract.model.stored import RecentBodies, Stored, is_small

JSON = "application/json"
"""The Content-Type of JSON; a type of its own ends in `+json`."""

NOT_ASKED = "not asked: "
"""How a failure begins that is not one of the service: the run did not ask."""

OVER_LIMIT = "over a limit of this run: "
"""How a failure begins that is not one of the service: the answer is more than the contract lets a run hold."""

SERVICE_IS_DOWN = f"{NOT_ASKED}the service is down"
"""How it begins where the run stopped asking because nothing came back; otherwise a limit of the run was reached."""

ELSEWHERE = f"{NOT_ASKED}judged by merge"
"""How it begins where another shard of the run asks."""
NOT_RECORDED = "the recording has no answer for this request"
"""How it begins where a recording is judged that does not hold the answer: nothing failed."""

NOT_AGAIN = "not tried again"
"""How a line among the retries ends that says why there was none."""


@dataclass(frozen=True)
class Request:
    """A request, without the host: the same request serves a live service and a recording.

    `query` holds the parameters in the order sent. `headers` are only those this request adds
    (`If-None-Match`, `Accept-Encoding`); `fixed` are those that every request of the contract carries. `reading`
    numbers the times that one run asks the same thing: 1 for the first and usually only time, 2 for a second look.
    `exact` is the target as a link of the service wrote it: what stands in it is the service's, so it is sent as it is.
    `method` is GET, or POST with a JSON text as `body`.
    """

    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    reading: int = 1
    fixed: tuple[tuple[str, str], ...] = ()
    exact: str = ""
    method: str = "GET"
    body: str | None = None

    @cached_property
    def target(self) -> str:
        """Path and query as sent, for example `/v1/models?gateway=groq&limit=100`."""
        return self.exact or _target(self.path, self.query)

    @cached_property
    def key(self) -> str:
        """What makes this request one of its kind in a run: method, target, body, added headers, reading."""
        added = "".join(f" {name.lower()}: {value}" for name, value in self.headers)
        return f"{self.label}{added} #{self.reading}"

    @cached_property
    def asked(self) -> str:
        """What is asked, whichever reading it is."""
        return self.key.rpartition(" #")[0]

    @cached_property
    def label(self) -> str:
        """What is asked, in one line: the target; of a POST the method and the body too."""
        posted = "" if self.method == "GET" else f"{self.method} "
        return posted + self.target + ("" if self.body is None else f" {self.body}")

    def as_reading(self, reading: int) -> "Request":
        """The same request as that reading of it."""
        return self if reading == self.reading else _as_reading(self, reading)


@lru_cache(maxsize=1024)
def _as_reading(request: Request, reading: int) -> Request:
    return replace(request, reading=reading)


@lru_cache(maxsize=4096)
def _target(path: str, query: tuple[tuple[str, str], ...]) -> str:
    return path + ("?" + urlencode(query, quote_via=quote) if query else "")


CREDENTIALS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-goog-api-key", "x-auth-token"}
)
"""Headers that let a client in, in lower case."""

HIDDEN = "REDACTED"
"""What stands in place of their values."""


class _Missing:
    """What stands where a field is left out."""

    def __repr__(self) -> str:
        return "(left out)"


MISSING: Any = _Missing()

_BODIES = SharedBodies()
RECENT = RecentBodies()


@dataclass(frozen=True)
class Exchange:
    """A request and what came of it.

    `status` and `body` are None when no answer came; `failure` then says why in one line. `started` and
    `finished` order the exchanges of a run (seconds; a recording uses the order of recording), `seconds` is
    how long the answer took, None when that is not known (a recording). `retries` says of each earlier try
    what went wrong, and last, where that is so, why there was no further one. `definite` means that there were several
    tries, and all of them ended in the same way. `decoded` spares a source in memory the way through JSON.
    `signed` are the words of curl that add the key from the environment, where the request carried one.
    Where a body is `stored` elsewhere, `body` is None: `content` reads it, `data` decodes it, and what was decoded last
    is kept (see `RecentBodies`).
    """

    request: Request
    url: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    failure: str | None = None
    started: float = 0.0
    finished: float = 0.0
    seconds: float | None = None
    retries: tuple[str, ...] = ()
    definite: bool = False
    signed: str = ""
    decoded: Any = MISSING
    stored: Stored | None = field(default=None, compare=False)

    def header(self, name: str) -> str | None:
        """The value of a header, whatever the case of its name; None when it is absent."""
        return self.headers.get(name.lower())

    @property
    def content(self) -> bytes | None:
        """The body, from wherever it is."""
        return self.body if self.stored is None else self.stored.read()

    @property
    def size(self) -> int:
        """How many bytes the body has."""
        return len(self.body or b"") if self.stored is None else self.stored.size

    @property
    def data(self) -> Any:
        """The body as JSON, to read only: equal bodies share it. Raises NotJson when it is not JSON."""
        if self.decoded is not MISSING:
            return self.decoded
        if self.stored is None:
            return self._data
        value = RECENT.decoded(self.stored)
        self.__dict__["is_json"] = True  # so that nobody has to read it again to know
        return value

    @cached_property
    def _data(self) -> Any:
        return _BODIES.decoded(self.body or b"")

    @cached_property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        try:
            _ = self.data
        except NotJson:
            return False
        return True

    def at(self, place: str, within: Callable[[Any], Any]) -> Any:
        """What stands at a place of the body, by the function that finds it; of a stored body what is small is kept."""
        if self.stored is None:
            return within(self.data)
        if place not in self._kept:
            value = within(self.data)
            if not is_small(value):
                return value
            self._kept[place] = value
        return self._kept[place]

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return {}

    @property
    def not_asked(self) -> str:
        """Why the run asked nothing: "down" where the service is, "limit" of its own; empty where it asked."""
        failure = self.failure or ""
        if not failure.startswith(NOT_ASKED):
            return ""
        return "down" if failure.startswith(SERVICE_IS_DOWN) else "limit"

    @property
    def kind(self) -> str:
        """The Content-Type without its parameters, in lower case; empty when there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def says_json(self) -> bool:
        """Whether the Content-Type says that the body is JSON."""
        return self.kind == JSON or "json" in re.split(r"[-+.]", self.kind.partition("/")[2])

    @property
    def curl(self) -> str:
        """A line for a shell that asks the same again; the key is taken from the environment, never shown."""
        return curl(self.url, (*self.request.fixed, *self.request.headers), self.request.body, self.signed)


def resent(retries: Iterable[str]) -> int:
    """How often a request was sent again."""
    return sum(not line.endswith(NOT_AGAIN) for line in retries)


def curl(url: str, headers: tuple[tuple[str, str], ...] = (), body: str | None = None, signed: str = "") -> str:
    """The curl line for a URL; `--compressed` unless the request chooses its own encoding.

    With a body the request is a POST. `signed` are the words that add the key, see `Exchange`. The values of headers
    that let a client in are not shown.
    """
    named = {name.lower(): value for name, value in headers}
    words = ["curl", "-sS"]
    if "accept-encoding" not in named:
        words.append("--compressed")
    if signed:
        words.append(signed)
    for name, value in headers:
        shown = HIDDEN if name.lower() in CREDENTIALS else value
        words += ["-H", shlex.quote(f"{name}: {shown}")]
    if body is not None:
        # --json sets the type too, and would say it twice where the contract has a type of its own.
        words += ["-d" if "content-type" in named else "--json", shlex.quote(body)]
    return " ".join([*words, shlex.quote(url)])
