"""The text of a drafted contract: TOML with a comment for each value; and its files, which never replace others."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from catalog_contract.drafting.draft import Draft
from catalog_contract.drafting.probe import DraftError, Unknown, Value
from catalog_contract.util.text import line
from catalog_contract.util.urls import shown_url

ORDER = ("request", "parameters", "envelope", "item", "paging", "cursor")


def contract_text(draft: Draft, schema_name: str, schema_seen: str) -> str:
    """The whole file. `schema_name` is the file of the item schema beside it, `schema_seen` how sure that is."""
    document = tomlkit.document()
    for text in (
        f"Drafted by `catalog-contract init` from {draft.sources}. Each comment says how sure a value is.",
        "What was seen may still not be what is promised: correct it by the documentation of the API.",
    ):
        document.add(tomlkit.comment(text))
    document.add(tomlkit.nl())
    head = dict(draft.tables.get("", {}))
    head["item_schema"] = Value(schema_name, schema_seen)
    _fill(document, head)
    for name in ORDER:
        values = draft.tables.get(name, {})
        unknown = [one for one in draft.unknown if one.key.startswith(f"{name}.")]
        notes = draft.left_out if name == "request" else []
        if values or unknown or notes:
            document.add(tomlkit.nl())
            document.add(name, _table(values, unknown, notes))
    if draft.bad:
        document.add("bad_queries", _bad_queries(draft))
    document.add("collections", _collections(draft))
    return tomlkit.dumps(document) + "".join(("\n", *(f"# {text}".rstrip() + "\n" for text in draft.examples)))


def _table(values: Mapping[str, Value], unknown: list[Unknown], notes: list[str]) -> Table:
    table = tomlkit.table()
    _fill(table, values)
    for text in notes:
        table.add(tomlkit.comment(line(text, 300)))
    for one in (one for one in unknown if one.key.partition(".")[2] not in values):
        for text in _unknown_lines(one):
            table.add(tomlkit.comment(text))
    return table


def _unknown_lines(one: Unknown) -> list[str]:
    keys = [key.strip().rpartition(".")[2] for key in one.key.split(",")]
    filled = f" (fill in: {line(one.example, 80)})" if one.example else ""
    return [f"{' and '.join(keys)}: could not tell, {line(one.why, 160)}{filled}"]


def _fill(table: Any, values: Mapping[str, Value]) -> None:
    for key, value in values.items():
        item = tomlkit.item(_inline(value.value))
        if value.why:
            item.comment(line(value.why, 200))
        table.add(key, item)


def _inline(value: object) -> object:
    """Objects stand in one line."""
    if not isinstance(value, dict):
        return value
    table = tomlkit.inline_table()
    table.update(value)
    return table


def _bad_queries(draft: Draft) -> Any:
    queries = tomlkit.aot()
    for name, parameter, value in draft.bad:
        table = tomlkit.table()
        _fill(table, {"name": Value(name, "seen: refused with a reason"), "query": Value({parameter: value}, "")})
        queries.append(table)
    return queries


def _collections(draft: Draft) -> Any:
    table = tomlkit.table()
    _fill(table, {"name": Value(draft.name, "what reports call the list"),
                  "depth": Value("full", "every page is walked")})  # fmt: skip
    for text in (
        "Fill in what you know from elsewhere; without it a list that is cut short looks healthy:",
        f"expected_total = {draft.total or 1000}  # how many there should be, from the database or the team",
        "as_of = 2026-01-31  # the day of that figure",
        'source = "where the figure comes from"',
        f"known_ids = [{', '.join(_quoted(id) for id in draft.known_ids)}]  # items that must be listed; these were",
    ):
        table.add(tomlkit.comment(text))
    collections = tomlkit.aot()
    collections.append(table)
    return collections


def _quoted(text: str) -> str:
    return str(tomlkit.item(line(text, 80)).as_string())


def refuse_existing(*paths: Path) -> None:
    """Raise DraftError where a file is there already: nothing is ever overwritten."""
    there = next((path for path in paths if path.exists() or path.is_symlink()), None)
    if there is not None:
        raise DraftError(
            f"{there} is there already{_of(there)} and is not overwritten; move it, or name another file by --output"
        )


def _of(path: Path) -> str:
    """Which service a contract that is there is of, so that a wrong port is seen; empty where it is no contract."""
    try:
        url = tomllib.loads(path.read_text(encoding="utf-8")).get("base_url")
    except (OSError, ValueError):
        return ""
    return f", for {line(shown_url(url), 100)}," if isinstance(url, str) and url else ""


def write_new(files: Mapping[Path, str]) -> None:
    """Write files that are not there yet: all of them or none. Raises DraftError."""
    written: list[Path] = []
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            refuse_existing(*files)
        raise DraftError(f"{error.filename or 'the contract'} cannot be written: {error.strerror or error}") from None


def json_text(schema: Mapping[str, Any]) -> str:
    """A schema as the text of its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
