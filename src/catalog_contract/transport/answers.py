"""The answers of a shard, on disk: each with what was asked and when; read again, one at a time, by the merge.

The file holds a line of JSON for its origin, then one for each answer. Bodies are packed (zlib, base64). The key and
cookies are in none of them.
"""

import base64
import json
import stat
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_type_hints

from filelock import FileLock

from catalog_contract.model.exchange import MISSING, NOT_ASKED, Exchange, Request, resent
from catalog_contract.transport.base import Source, SourceError

NAME = "answers.jsonl"
KIND = "catalog-contract answers 1"
MAX_HEAD = 100_000
"""How long the first line may be, in bytes."""

COOKIES = frozenset({"set-cookie", "set-cookie2"})


class AnswersError(SourceError):
    """The answers of a shard cannot be used; the message is one line that names the file."""


@dataclass(frozen=True)
class Origin:
    """Where the answers of a file come from.

    `contract` is what the run was given, `promises` a digest of what it says, `started` when the run began (seconds
    since 1970), `version` that of this package.
    """

    contract: str
    promises: str
    base_url: str
    shard: int
    shards: int
    started: float
    version: str
    kind: str = KIND


def begin(path: Path, origin: Origin) -> None:
    """Begin a new file. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(origin)) + "\n", encoding="utf-8")


def remove(folder: Path) -> None:
    """Remove the answers that an earlier run left in a folder of reports."""
    for left in (folder / NAME, folder / f".{NAME}.lock"):
        if left.is_file():
            left.unlink(missing_ok=True)


class PartSource:
    """A source of which one shard asks its part, and keeps each answer in a file that `begin` has begun.

    `elsewhere` gives why a request is not for this shard, empty where it is. Several processes may write at a time.
    """

    def __init__(self, inner: Source, path: Path, elsewhere: Callable[[Request], str], base_url: str = "") -> None:
        self._inner = inner
        self.label = inner.label
        self._path = path
        self._elsewhere = elsewhere
        self._base = base_url.rstrip("/")
        self._lock = FileLock(path.with_name(f".{path.name}.lock"))

    def close(self) -> None:
        """Close the source asked."""
        self._inner.close()

    def fetch(self, request: Request) -> Exchange:
        """The answer, which is kept; a failure where another shard asks."""
        if why := self._elsewhere(request):
            return Exchange(request, self._base + request.target, failure=why)
        exchange = self._inner.fetch(request)
        with self._lock, self._path.open("ab") as file:
            file.write(_line(exchange))
        return exchange


def _line(exchange: Exchange) -> bytes:
    facts = {
        "key": exchange.request.key,
        "url": exchange.url,
        "status": exchange.status,
        "headers": {name: value for name, value in exchange.headers.items() if name.lower() not in COOKIES},
        "failure": exchange.failure,
        "started": exchange.started,
        "finished": exchange.finished,
        "seconds": exchange.seconds,
        "retries": exchange.retries,
        "definite": exchange.definite,
        "body": None if exchange.body is None else base64.b64encode(zlib.compress(exchange.body)).decode(),
    }
    return json.dumps(facts).encode() + b"\n"


class Answers:
    """The answers of a shard. Only the first line is read at once, and no body before it is asked for.

    `most` bounds an unpacked body, in bytes. Raises AnswersError where the first line is not that of a shard.
    """

    def __init__(self, path: Path, most: int = 10**9) -> None:
        self._path, self._most = path, most
        self.origin = _origin(path)

    def find(self, request: Request) -> Exchange | None:
        """The answer to a request; None where there is none, or none that can be read."""
        at = self._index[0].get(request.key)
        return None if at is None else _exchange(request, self._row(at), self._most)

    @property
    def asked(self) -> int:
        """How many answers there are."""
        return len(self._index[0])

    @property
    def sent(self) -> int:
        """How many requests the shard has sent, those sent again included."""
        return self._index[1]

    @cached_property
    def _index(self) -> tuple[dict[str, int], int]:
        """Where each answer begins, and how many requests were sent. A line that cannot be read is not an answer."""
        places: dict[str, int] = {}
        sent = 0
        with self._path.open("rb") as file:
            at = len(file.readline())
            for text in file:
                row = _facts(text)
                if row is not None:
                    places.setdefault(row["key"], at)
                    sent += (not str(row["failure"]).startswith(NOT_ASKED)) + resent(row["retries"])
                at += len(text)
        return places, sent

    def _row(self, at: int) -> dict[str, Any]:
        with self._path.open("rb") as file:
            file.seek(at)
            return _facts(file.readline()) or {}


def _origin(path: Path) -> Origin:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise AnswersError(f"{path} is not a regular file: name the folder of a shard's reports")
        with path.open("rb") as file:
            head = json.loads(file.readline(MAX_HEAD))
        found = Origin(**head)
        types = get_type_hints(Origin)
        sound = found.kind == KIND and all(isinstance(getattr(found, name), kind) for name, kind in types.items())
    except FileNotFoundError:
        message = "name folders that a run with --shard wrote its reports into"
        raise AnswersError(f"there are no answers of a shard in {path.parent}: {message}") from None
    except OSError as error:
        raise AnswersError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise AnswersError(f"{path} does not hold the answers of a shard; run that shard again")
    return found


SHAPE: dict[str, tuple[type, ...]] = {
    "key": (str,),
    "url": (str,),
    "status": (int, type(None)),
    "headers": (dict,),
    "failure": (str, type(None)),
    "started": (float, int),
    "finished": (float, int),
    "seconds": (float, int, type(None)),
    "retries": (list,),
    "definite": (bool,),
    "body": (str, type(None)),
}
"""What an answer holds, of which types."""


def _facts(text: bytes) -> dict[str, Any] | None:
    """The facts of an answer; None where the line holds something else, or ends in the middle."""
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return None
    sound = isinstance(row, dict) and all(isinstance(row.get(key, MISSING), types) for key, types in SHAPE.items())
    texts = [*row["headers"].values(), *row["retries"]] if sound else []
    return row if sound and all(isinstance(text, str) for text in texts) else None


def _exchange(request: Request, row: dict[str, Any], most: int) -> Exchange | None:
    body = None
    try:
        if row["body"] is not None:
            unpacking = zlib.decompressobj()
            body = unpacking.decompress(base64.b64decode(row["body"], validate=True), most + 1)
            if len(body) > most or not unpacking.eof:
                return None
    except (ValueError, KeyError, zlib.error):
        return None
    words = ("url", "status", "headers", "failure", "started", "finished", "seconds", "definite")
    known = {key: row[key] for key in words}
    return Exchange(request, **known, body=body, retries=tuple(row["retries"]))
