"""Cassettes on disk: JSON inside xz, put in place whole or not at all.

xz, because pages repeat rows that stand megabytes apart: its window is large enough to see them again.
"""

import base64
import contextlib
import difflib
import json
import lzma
import os
import re
import reprlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from catalog_contract.transport.base import SourceError
from catalog_contract.util.files import read_regular, remove_left_aside

SUFFIX = ".json.xz"
VERSION = 1
"""The version of vcrpy's format that is read and written."""

XZ = b"\xfd7zXZ\x00"
"""How a file packed with xz begins."""

LARGEST_WINDOW = 64 * 2**20

MAX_PACKED = 256 * 2**20
MAX_UNPACKED = 512 * 2**20
"""The largest cassette, packed and unpacked, in bytes: a small file may stand for any number of them."""

MAX_BODIES = 2**31
"""How many bytes all different bodies of a cassette may have together: a piece may stand in each of them."""


class CassetteError(SourceError):
    """A cassette is missing or cannot be read; the message is one line. The file is left as it is."""


def _unusable(path: Path, why: str) -> CassetteError:
    """What is wrong with a cassette, where it is, and what to do."""
    where = shown(path)
    return CassetteError(
        f"cassette {where} {why}; restore it (git checkout), or move it away and record it again "
        "(--base-url URL --record NAME)"
    )


def shown(path: Path) -> str:
    """A path as it is shown: from the current folder on, where the file is below it."""
    absolute = path.absolute()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(path)


class RowsOnce:
    """vcrpy's serializer: JSON with sorted keys, in which each distinct row of a body stands once.

    A body is cut before each row of its lists. `pieces` holds every distinct piece; a body names its own by number.
    A piece that is not UTF-8 is kept as base64, so that bodies come back byte for byte. A body written out, as
    vcrpy itself would, is read too. `origin` is the base URL that the answers name, empty where they name none.
    """

    def __init__(self) -> None:
        self.origin = ""
        self._numbers: dict[bytes, int] = {}
        self._named: dict[bytes, dict[str, str]] = {}

    def body(self, body: bytes) -> dict[str, str]:
        """What stands for a body among the interactions."""
        if body not in self._named:
            numbers = (self._numbers.setdefault(piece, len(self._numbers)) for piece in _cut(body))
            self._named[body] = {"pieces": " ".join(map(str, numbers))}
        return self._named[body]

    def serialize(self, cassette: dict[str, Any]) -> str:
        """The text of a cassette whose bodies were all given to `body`."""
        reported = {"origin": self.origin} if self.origin else {}
        cassette = {**cassette, **reported, "pieces": list(map(_shown, self._numbers))}
        return json.dumps(cassette, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def deserialize(self, text: str) -> Any:
        """The cassette in a text. Raises ValueError for anything else than JSON and _Misshapen for no cassette."""
        cassette = json.loads(text)
        _check(cassette)
        self.origin = cassette.get("origin", "")
        pieces = [_bytes(place, piece) for place, piece in enumerate(cassette.get("pieces", ()))]
        known: dict[str, bytes] = {}
        left = MAX_BODIES
        for place, interaction in enumerate(cassette["interactions"], 1):
            body = interaction["response"]["body"]
            if (named := body.get("pieces")) is not None:
                if named not in known:
                    known[named] = _joined(place, named, pieces, left)
                    left -= len(known[named])
                body["string"] = known[named]
        return cassette


def _joined(place: int, named: str, pieces: list[bytes], most: int) -> bytes:
    try:
        parts = [pieces[_number(number)] for number in named.split()]
    except (LookupError, ValueError):
        raise _Misshapen(f"cannot be used, entry {place}: its body names a piece that is not there") from None
    if sum(map(len, parts)) > most:
        raise _Misshapen(f"cannot be used, entry {place}: its bodies are larger than {MAX_BODIES // 2**20} MB together")
    return b"".join(parts)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise ValueError("no number of a piece")
    return int(text)


ROW_END = re.compile(rb"\},(?=\s*\{)")
"""A body is cut after each: between an object and the next one of a list."""

SHORTEST_CUT = 2_000
"""A shorter body, in bytes, is one piece."""


def _cut(body: bytes) -> list[bytes]:
    ends = [found.end() for found in ROW_END.finditer(body)] if len(body) >= SHORTEST_CUT else []
    return [body[start:end] for start, end in zip([0, *ends], [*ends, len(body)], strict=True)]


def _shown(piece: bytes) -> str | dict[str, str]:
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(piece).decode()}


def _bytes(place: int, piece: str | dict[str, str]) -> bytes:
    try:
        return piece.encode() if isinstance(piece, str) else base64.b64decode(piece["base64"], validate=True)
    except (TypeError, LookupError, ValueError):
        raise _Misshapen(f"cannot be used, piece {place}: it is neither text nor base64") from None


class XzPersister:
    """vcrpy's persister: reads a whole and sound cassette or raises CassetteError. It never writes."""

    @staticmethod
    def load_cassette(cassette_path: str | os.PathLike[str], serializer: Any) -> Any:
        from vcr.serialize import deserialize  # a live run that records nothing starts without vcrpy

        path = Path(cassette_path)
        text = _text(path)
        try:
            return deserialize(text, serializer)
        except json.JSONDecodeError as error:
            why = f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        except _Misshapen as error:
            why = str(error)
        except RecursionError:
            why = "is nested too deep"
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            why = f"is not a vcrpy cassette: {error}"
        raise _unusable(path, why)


class _Misshapen(Exception):
    """What is wrong with the shape of a cassette, as the end of a sentence about it."""


def cassette_name(path: Path) -> str:
    """The name of a cassette: its file name without the suffix."""
    return path.name.removesuffix(SUFFIX)


def put_in_place(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all; False when it holds this content already (then it is not touched).

    Whoever is killed in the middle leaves the old file intact, and at most a hidden file beside it, which the
    next call removes.
    """
    remove_left_aside(path, "new")
    with contextlib.suppress(CassetteError):
        if _text(path).encode() == content:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with aside.open("wb") as file:
            file.write(_compressed(content))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        _sync_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)
    return True


def _sync_folder(folder: Path) -> None:
    """Make a rename last: the name is in the folder, not in the file."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _compressed(content: bytes) -> bytes:
    """A window over all of it, and a fast preset: measured ten times faster than the default, 12 % larger."""
    window = min(LARGEST_WINDOW, max(2**16, 2 ** (len(content) - 1).bit_length()))
    chain = [{"id": lzma.FILTER_LZMA2, "preset": 3, "dict_size": window}]
    return lzma.compress(content, format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC64, filters=chain)


def _text(path: Path) -> str:
    """What a cassette file holds. Raises CassetteError when that is nothing or not all."""
    try:
        packed = read_regular(path, MAX_PACKED)
    except FileNotFoundError:
        raise CassetteError(f"there is no cassette {shown(path)}{_others(path)}") from None
    except OSError as error:
        raise CassetteError(f"cassette {shown(path)} cannot be read: {error.strerror}") from None
    if not packed:
        raise _unusable(path, "is empty")
    if not packed.startswith(XZ[: len(packed)]):
        raise _unusable(path, f"is not packed with xz: it begins with {packed[: len(XZ)]!r}")
    try:
        return _unpacked(packed).decode()
    except (EOFError, _Bomb) as error:
        raise _unusable(path, str(error)) from None
    except lzma.LZMAError as error:
        raise _unusable(path, f"is damaged ({error})") from None
    except UnicodeDecodeError as error:
        raise _unusable(path, f"is not UTF-8 at byte {error.start} of what it holds") from None


class _Bomb(Exception):
    """A file that unpacks to more than anybody recorded."""


def _unpacked(packed: bytes) -> bytes:
    """Like `lzma.decompress`, which however passes over a second stream that is cut off within its header.

    Raises EOFError with what is wrong when there is less or more than one stream.
    """
    stream = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=4 * LARGEST_WINDOW)
    content = stream.decompress(packed, MAX_UNPACKED)
    if len(content) == MAX_UNPACKED:
        raise _Bomb(f"unpacks to more than {MAX_UNPACKED // 2**20} MB")
    if not stream.eof:
        raise EOFError(f"is cut off: it ends after {len(packed):,} bytes, before its end")
    if stream.unused_data:
        raise EOFError(f"goes on after its end (bytes too many: {len(stream.unused_data):,})")
    return content


OTHERS_SHOWN = 4


def _others(path: Path) -> str:
    """The likeliest of the cassettes that are there, and how many more there are, to end a message with."""
    name, there = cassette_name(path), sorted(cassette_name(found) for found in path.parent.glob(f"[!.]*{SUFFIX}"))
    if not there:
        return "; the folder holds none"
    near = difflib.get_close_matches(name, there, n=1)
    # More names than these, and the line would be shortened in their middle.
    named = sorted(difflib.get_close_matches(name, there, n=OTHERS_SHOWN, cutoff=0.0))
    more = f" and {len(there) - len(named)} more" if len(named) < len(there) else ""
    return (f"; did you mean {near[0]}?" if near else "") + f" (there are: {', '.join(named)}{more})"


FORM = (
    ("request.method", str, "a text"),
    ("request.uri", str, "a text"),
    ("request.headers", dict, "a table"),
    ("response.status.code", int, "a whole number"),
    ("response.headers", dict, "a table"),
    ("response.body", dict, "a table"),
)
"""What an entry must hold, of which type."""


def _check(cassette: Any) -> None:
    """Raise _Misshapen unless this is what vcrpy writes, with at least one entry."""
    if not isinstance(cassette, dict) or not isinstance(cassette.get("interactions"), list):
        raise _Misshapen("is not a recording: it has no list of interactions")
    if cassette.get("version", VERSION) != VERSION:
        raise _Misshapen(f"is of version {reprlib.repr(cassette['version'])}, this suite reads {VERSION}")
    if not _is_origin(cassette.get("origin", "")):
        raise _Misshapen(f"cannot be used: its origin is {reprlib.repr(cassette['origin'])}, no base URL")
    entries = cassette["interactions"]
    if not entries:
        raise _Misshapen("has no interactions, so nothing was recorded")
    for place, entry in enumerate(entries, 1):
        why = _wrong(entry)
        if why:
            raise _Misshapen(f"cannot be used, entry {place} of {len(entries)}: {why}")


def _is_origin(origin: Any) -> bool:
    if origin == "":
        return True
    try:
        parts = urlsplit(origin) if isinstance(origin, str) and origin.isprintable() and len(origin) < 500 else None
        return bool(parts and parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0)
    except ValueError:
        return False


def _wrong(entry: Any) -> str:
    """What is wrong with an entry; empty for a sound one."""
    for where, kind, word in FORM:
        value, steps = entry, where.split(".")
        for depth, step in enumerate(steps, 1):
            if not isinstance(value, dict) or step not in value:
                return f"it has no {'.'.join(steps[:depth])}"
            value = value[step]
        if not isinstance(value, kind):
            return f"{where} is {reprlib.repr(value)}, not {word}"
    if why := _wrong_body(entry["request"]):
        return why
    code, body = entry["response"]["status"]["code"], entry["response"]["body"]
    if isinstance(code, bool) or not 100 <= code <= 999:
        return f"response.status.code is {reprlib.repr(code)}, no status"
    if not isinstance(body.get("pieces", body.get("string")), str):
        return "response.body has neither pieces nor a string"
    return _wrong_uri(entry["request"]["uri"]) or _wrong_headers(entry)


def _wrong_body(request: Any) -> str:
    """What is wrong with how a request was made: a GET has no body, a POST has one."""
    method, body = request["method"], request.get("body")
    if method not in ("GET", "POST"):
        return f"request.method is {reprlib.repr(method)}, neither GET nor POST"
    if method == "GET":
        return f"request.body is {reprlib.repr(body)}, though the method is GET" if body not in (None, "") else ""
    return "" if isinstance(body, str) else f"request.body is {reprlib.repr(body)}, not a text"


def _wrong_uri(uri: str) -> str:
    try:
        sound = bool(urlsplit(uri).path.startswith("/") and urlsplit(uri).port is None)
    except ValueError:
        sound = False
    return "" if sound and uri.isprintable() else f"request.uri is {reprlib.repr(uri)}, no path of a URL"


def _wrong_headers(entry: Any) -> str:
    for side in ("request", "response"):
        for name, values in entry[side]["headers"].items():
            listed = values if isinstance(values, list) else [values] if side == "request" else None
            if listed is None or not all(isinstance(value, str) for value in listed):
                return f"{side}.headers.{name[:60]} is not a list of texts"
    return ""
