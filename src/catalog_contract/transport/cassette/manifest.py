"""The MANIFEST of the cassettes: of each recording, where it came from, when, for which contract, and its sha256."""

import hashlib
import json
import re
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from catalog_contract.transport.cassette.storage import MAX_PACKED, CassetteError, shown
from catalog_contract.util import paths
from catalog_contract.util.files import is_there, read_regular, write

NAME = "MANIFEST"
SUFFIX = ".json.xz"
REFERENCE = "reference gateway"
_HEAD = "# Where each recording came from. Written by `--record` and `make cassettes`; held true by a test.\n"


@dataclass(frozen=True)
class Entry:
    """One recording. `origin` is "reference gateway" or the base URL of a service, `date` when it was recorded.

    `variant` and `era` say what the reference gateway was started as; empty for a service.
    """

    name: str
    origin: str
    date: str
    contract: str
    sha256: str
    variant: str = ""
    era: str = ""

    def description(self) -> str:
        """Where the recording came from, in words."""
        variant = f", fault {self.variant}" if self.variant else ""
        return f"recorded from {'the ' if self.origin == REFERENCE else ''}{self.origin}{variant} on {self.date}"


def path_of(name: str | Path) -> Path:
    """The file of a cassette: a name in the cassettes folder, or a path (it has a slash or a suffix).

    A path that leads into the cassettes folder is the same as the name.
    """
    text = str(name)
    path = Path(text) if "/" in text or text.endswith(SUFFIX) else paths.CASSETTES / f"{text}{SUFFIX}"
    return paths.CASSETTES / path.name if path.parent.resolve() == paths.CASSETTES.resolve() else path


def found(name: str | Path) -> Path:
    """The file of a cassette to read: as `path_of`, or that of the package where the cassettes folder has none."""
    path = path_of(name)
    shipped = paths.SHIPPED_CASSETTES / path.name
    if path.parent != paths.CASSETTES or is_there(path):
        return path
    return shipped if is_there(shipped) or not paths.CASSETTES.exists() else path


def entries(folder: Path | None = None) -> dict[str, Entry]:
    """Every entry of a folder's MANIFEST by name. Raises CassetteError when it cannot be read."""
    manifest = (folder or paths.CASSETTES) / NAME
    if not manifest.exists():
        return {}
    try:
        tables = tomllib.loads(read_regular(manifest).decode("utf-8"))
        return {name: Entry(name, **values) for name, values in tables.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        where, why = shown(manifest), " ".join(str(error).split())
        raise CassetteError(f"{where} cannot be used: {why}; restore it (git checkout -- {where})") from None
    except OSError as error:
        raise CassetteError(f"{shown(manifest)} cannot be read: {error.strerror}") from None


def entry(name: str | None) -> Entry | None:
    """What the MANIFEST knows of a cassette; None when it knows nothing."""
    if not name:
        return None
    path = found(name)
    ours = path.parent in (paths.CASSETTES, paths.SHIPPED_CASSETTES)
    return entries(path.parent).get(path.name.removesuffix(SUFFIX)) if ours else None


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    return hashlib.sha256(read_regular(path, MAX_PACKED)).hexdigest()


def put(new: Entry, folder: Path | None = None) -> None:
    """Write an entry into a folder's MANIFEST, in place of one of the same name; whole or not at all.

    Several processes may do so at a time. Raises CassetteError or ReportError.
    """
    folder = folder or paths.CASSETTES
    folder.mkdir(parents=True, exist_ok=True)
    # The lock stays: to remove one that somebody waits for would let two in. There is one for each MANIFEST.
    with FileLock(folder / f".{NAME}.lock"):
        for leftover in folder.glob(f".{NAME}.*.tmp"):  # of somebody who was killed
            leftover.unlink(missing_ok=True)
        known = entries(folder) | {new.name: new}
        write(folder / NAME, _HEAD + "".join(_table(known[name]) for name in sorted(known)))


def _table(one: Entry) -> str:
    """One TOML table."""
    values = {key: value for key, value in asdict(one).items() if key != "name" and value}
    name = one.name if re.fullmatch(r"[A-Za-z0-9_-]+", one.name) else _quoted(one.name)
    return f"\n[{name}]\n" + "".join(f"{key} = {_quoted(value)}\n" for key, value in values.items())


def _quoted(text: str) -> str:
    """A text as TOML has it: a JSON string is one, but for pairs of escapes in place of a character."""
    return json.dumps(text, ensure_ascii=False)
