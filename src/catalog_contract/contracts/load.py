"""Read a contract from its TOML file; whatever is wrong with it is one line that says what to do."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from catalog_contract.contracts.cost import MAX_BYTES, excessive, expensive
from catalog_contract.contracts.defaults import completed
from catalog_contract.contracts.schema import check
from catalog_contract.contracts.validate import Fault, Key, contradictions, dotted, hint, schema_errors
from catalog_contract.contracts.words import misused
from catalog_contract.model.contract import (
    UNIQUE,
    BadQuery,
    Caching,
    Collection,
    Contract,
    Detail,
    Times,
    Transport,
)
from catalog_contract.model.incident import Incident
from catalog_contract.model.paging import Paging, Window
from catalog_contract.model.place import Identity, Place
from catalog_contract.model.words import Cursor, Envelope, Filter, Item, Parameters, RequestWords, Sort
from catalog_contract.util.files import is_there, read_regular
from catalog_contract.util.paths import FIXTURES
from catalog_contract.util.refusal import Refusal
from catalog_contract.util.urls import shown_url

CONTRACTS = FIXTURES / "contracts"
SCHEMAS = FIXTURES / "schemas"


class ContractError(Refusal, ValueError):
    """A contract cannot be used: one line with the file, the line and key, what is wrong, and what to do."""


def load_contract(name_or_path: str) -> Contract:
    """Read a contract: a name (`gatewayz`) means the one shipped, a path any file.

    A path has a slash or ends in `.toml`. Raises ContractError, and nothing else, when there is no such file
    or something is wrong with it.
    """
    path = _path(name_or_path)
    text, data = _checked(path)
    whole = _with_schemas(path, text, data)
    return _contract(path, {**whole, "incidents": _incidents(path, text, data)})


def contract_text(name_or_path: str) -> str:
    """The text of a contract that is sound. Raises ContractError."""
    load_contract(name_or_path)
    return _read(_path(name_or_path))


def _checked(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a contract and its values, which fit the schema of contracts and each other."""
    text = _read(path)
    data = _parsed(path, text)
    try:
        faults = excessive(data) or schema_errors(data)
        faults = faults or list(expensive(data))
        data = data if faults else completed(data)
        faults = faults or [*contradictions(data), *misused(data)]
    except RecursionError:  # dotted keys nest without end
        _refuse(_shown(path), "nested too deep; a contract has three levels at most")
    if faults:
        _refuse_first(path, text, faults)
    return text, data


def contract_names() -> list[str]:
    """The names of the contracts shipped, sorted."""
    return sorted(path.stem for path in CONTRACTS.glob("*.toml"))


def _with_schemas(path: Path, text: str, data: dict[str, Any]) -> dict[str, Any]:
    """The data with every schema read, where the contract names its file."""
    collections = [dict(collection) for collection in data["collections"]]
    tables: list[tuple[Key, dict[str, Any]]] = [((), dict(data))]
    tables += [(("collections", nth), collection) for nth, collection in enumerate(collections)]
    for key, table in tables:
        for name in ("envelope_schema", "item_schema"):
            try:
                if name in table:
                    table[name] = _schema(path, table[name])
            except ValueError as error:
                _refuse_first(path, text, [Fault((*key, name), str(error))])
    return {**tables[0][1], "collections": collections}


def _refuse(where: str, message: str) -> NoReturn:
    raise ContractError(f"{where}: {message}") from None


def _refuse_first(path: Path, text: str, faults: list[Fault]) -> NoReturn:
    lines = _lines(text)
    line, _, fault = min((_line(lines, fault.key), nth, fault) for nth, fault in enumerate(faults))
    more = len(faults) - 1
    and_more = f" (and {more} more {'fault' if more == 1 else 'faults'})" if more else ""
    _refuse(f"{_shown(path)}:{line}", f"{dotted(fault.key)}: {fault.message}{and_more}")


def _shown(path: Path) -> str:
    """The path as short as it can be written from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def _path(name_or_path: str) -> Path:
    if re.match(r"https?:", name_or_path, re.IGNORECASE):
        _refuse("a contract is a file, and this is a URL", f"first run catalog-contract init {shown_url(name_or_path)}")
    if "/" in name_or_path or os.sep in name_or_path or name_or_path.endswith(".toml"):
        return Path(name_or_path)
    names = contract_names()
    if name_or_path not in names:
        if is_there(own := Path("contracts", f"{name_or_path}.toml")):
            _refuse(f"unknown contract {name_or_path!r}", f"did you mean '{own}'?")
        _refuse(f"unknown contract {name_or_path!r}", hint(name_or_path, names, "the names"))
    return CONTRACTS / f"{name_or_path}.toml"


def _read(path: Path) -> str:
    shown = _shown(path)
    try:
        if path.is_dir():
            _refuse(shown, "is a directory; name a TOML file in it")
        if not path.exists():
            _refuse(shown, f"there is no such file; {_near(path)}")
        return read_regular(path, MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(shown, f"byte {error.start} is not UTF-8; save the file as UTF-8")
    except (OSError, ValueError) as error:
        if isinstance(error, ContractError):
            raise
        _refuse(shown, f"cannot be read ({getattr(error, 'strerror', None) or error}); give a file that can be read")


def _near(path: Path) -> str:
    """The hint for a path at which there is no file: a file beside it, or else the contracts shipped."""
    beside = sorted(str(other) for other in path.parent.glob("*.toml"))
    close = get_close_matches(str(path), beside, n=1)
    if close:
        return f"did you mean {_shown(Path(close[0]))!r}?"
    return hint(path.stem, contract_names(), "the contracts shipped")


def _parsed(path: Path, text: str) -> dict[str, Any]:
    shown = _shown(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, line = _toml_complaint(str(error), text)
        _refuse(f"{shown}:{line}", f"not TOML: {what}; {_TOML_REMEDIES.get(what, _TOML_REMEDY)}")
    except RecursionError:
        _refuse(shown, "not TOML that can be read: nested too deep; a contract has three levels at most")
    except ValueError:  # Python converts no number of more than some thousand digits
        _refuse(shown, "not TOML that can be read: it holds a number of thousands of digits; correct it")
    if not data:
        _refuse(shown, "is empty; fixtures/contracts/example-minimal.toml shows the least a contract can say")
    return data


_TOML_REMEDY = "text stands in quotes, a table is headed [name]"
_TOML_REMEDIES = {
    "Cannot overwrite a value": "the key stands there twice, leave one out",
    r"Illegal character '\n'": "a text is not closed on its line",
}


def _toml_complaint(message: str, text: str) -> tuple[str, int]:
    """What tomllib says without its position, and the line it speaks of."""
    found = re.search(r" \(at line (\d+), column \d+\)$", message)
    if found:
        return message[: found.start()], int(found[1])
    return message.removesuffix(" (at end of document)"), max(1, len(text.splitlines()))


_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(r"""\s*((?:[\w\-.\s]|"[^"]*"|'[^']*')+?)\s*=""")


def _lines(text: str) -> dict[Key, int]:
    """The line on which each key of a TOML file stands, by its path from the root.

    It reads line by line and knows no strings of several lines: good enough to point at a fault.
    """
    lines: dict[Key, int] = {}
    table: Key = ()
    seen: dict[Key, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _words(header[2])
            if header[1] == "[[":
                seen[table] = seen.get(table, -1) + 1
                lines.setdefault(table, number)
                table = (*table, seen[table])
            lines.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            words = _words(assignment[1])
            for end in range(1, len(words) + 1):
                lines.setdefault((*table, *words[:end]), number)
    return lines


def _words(dotted_key: str) -> Key:
    parts = re.findall(r""""[^"]*"|'[^']*'|[\w\-]+""", dotted_key)
    return tuple(part.strip("\"'") for part in parts)


def _line(lines: Mapping[Key, int], key: Key) -> int:
    """The line of a key, or of the nearest table around it that has one."""
    while key and key not in lines:
        key = key[:-1]
    return lines.get(key, 1)


def _schema(contract: Path, named: str) -> dict[str, object]:
    """Read a JSON Schema. Raises ValueError, saying what is wrong with it and what to do."""
    try:
        folders = [contract.parent, contract.parent.parent / "schemas", SCHEMAS]
        path = next((folder / named for folder in folders if (folder / named).is_file()), None)
        if path is None:
            own = {"contract.json", "verdict.json"}  # of our own files
            names = sorted({other.name for folder in folders for other in folder.glob("*.json")} - own)
            raise ValueError(f"there is no file {named!r}; {hint(named, names, 'the schemas')}")
        content = read_regular(path, MAX_BYTES).decode("utf-8-sig")
        schema: dict[str, object] = json.loads(content, parse_constant=_no_constant)
        check(named, schema)
    except json.JSONDecodeError as error:
        raise ValueError(f"{named!r} is not JSON: {error.msg} on line {error.lineno}; correct that file") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{named!r}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise ValueError(f"{named[:60]!r} cannot be read ({error.strerror}); give a file that can be read") from None
    except RecursionError:
        raise ValueError(f"{named!r} is nested too deep, or refers to itself without end; correct that file") from None
    return schema


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"the schema holds {name}, which is not a JSON value; correct that file")


def _incidents(path: Path, text: str, data: Mapping[str, Any]) -> tuple[Incident, ...]:
    """The incidents of the contracts named by `incidents_from`, and its own."""
    found = []
    for place, name in enumerate(data.get("incidents_from", ())):
        folders = (path.parent, CONTRACTS)
        other = next((folder / f"{name}.toml" for folder in folders if (folder / f"{name}.toml").is_file()), None)
        if other is None:
            names = {file.stem for folder in folders for file in folder.glob("*.toml")} - {path.stem}
            message = f"there is no contract {name!r}; {hint(name, names, 'the contracts')}"
            _refuse_first(path, text, [Fault(("incidents_from", place), message)])
        found += _declared(other, _checked(other)[1])
    return (*found, *_declared(path, data))


def _declared(path: Path, data: Mapping[str, Any]) -> list[Incident]:
    return [Incident(**_frozen(values), contract=path.stem) for values in data.get("incidents", ())]


def _contract(path: Path, data: Mapping[str, Any]) -> Contract:
    tables: dict[str, Any] = {
        "request": _asking(data.get("request", {})),
        "parameters": Parameters(**data["parameters"]),
        "envelope": Envelope(**_frozen(data.get("envelope", {}))),
        "item": Item(**_frozen(data.get("item", {}))),
        "paging": _paging(data["paging"]),
        "cursor": Cursor(**_frozen(data.get("cursor", {}))),
        "filters": tuple(Filter(**_selecting(values)) for values in data.get("filters", ())),
        "sorts": tuple(Sort(**_selecting(values)) for values in data.get("sorts", ())),
        "bad_queries": tuple(BadQuery(bad["name"], tuple(bad["query"].items())) for bad in data.get("bad_queries", ())),
        "detail": Detail(**_frozen(data["detail"])) if "detail" in data else None,
        "caching": Caching(**_frozen(data.get("caching", {}))),
        "collections": tuple(_collection(values) for values in data["collections"]),
        "times": Times(**data.get("times", {})),
        "transport": Transport(**data.get("transport", {})),
    }
    plain = {key: value for key, value in data.items() if key not in tables and key != "incidents_from"}
    plain["base_url"] = plain["base_url"].rstrip("/")
    return Contract(path=path, name=path.stem, **plain, **tables)


def _asking(values: Mapping[str, Any]) -> RequestWords:
    pairs = {key: tuple(values[key].items()) for key in ("headers", "query") if key in values}
    return RequestWords(**{**values, **pairs})


def _selecting(values: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a filter or a sort."""
    return {**values, "query": tuple(values["query"].items()), "place": Place(values["place"])}


def _frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def _paging(values: Mapping[str, Any]) -> Paging:
    huge = {"huge_offset": int(values["huge_offset"])} if "huge_offset" in values else {}
    return Paging(**{**_frozen(values), "windows": _windows(values), **huge})


def _windows(values: Mapping[str, Any]) -> tuple[Window, ...]:
    return tuple(Window(**window) for window in values.get("windows", ()))


def _collection(values: Mapping[str, Any]) -> Collection:
    days = {key: _day(values[key]) for key in ("as_of", "retired") if key in values}
    own = {"id": Identity(values["id"])} if "id" in values else {}
    merges = {True: UNIQUE, False: ""}.get(values.get("merges", False), values.get("merges"))
    return Collection(**{**_frozen(values), "windows": _windows(values), "merges": merges, **days, **own})


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
