"""What is wrong with a contract that could be parsed: mismatches with its schema, and values that contradict others."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from difflib import get_close_matches
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from catalog_contract.contracts.contract_schema import contract_schema, errors_of
from catalog_contract.model.contract import FULL
from catalog_contract.model.paging import Paging
from catalog_contract.util.urls import shown_url

ADDRESSES = (("base_url",), ("public_origin",))
"""The keys that hold a URL, which may hold a password."""

Key = tuple[str | int, ...]
"""The way to a value from the root: keys of tables and places in arrays."""


class Fault(NamedTuple):
    """One thing wrong: where, and a sentence that says what and what to do."""

    key: Key
    message: str


def schema_errors(data: Mapping[str, Any]) -> list[Fault]:
    """What does not fit the schema of contracts: unknown and missing keys, wrong types, impossible values."""
    first: dict[Key, Fault] = {}
    for fault in (fault for error in errors_of(data) for fault in _faults(error)):
        first.setdefault(fault.key, fault)
    return [_named(fault, data) for fault in first.values()]


def contradictions(data: Mapping[str, Any]) -> list[Fault]:
    """What no schema can say: values that each are possible but not together. The data must fit the schema."""
    checks = (
        _address,
        _parameters,
        _limits,
        _pages,
        _windows,
        _bad_queries,
        _names,
        _oracles,
        _one_list,
    )
    return [_named(fault, data) for check in checks for fault in check(data)]


MAX_NAMED = 12
"""How many right words a message names before it only counts."""


def hint(wrong: str, right: Iterable[str], kind: str) -> str:
    """The nearest right word as a question, or the first of them (`kind` says what they are) when none is near."""
    words = sorted(right)
    lower = {word.lower(): word for word in words}
    close = get_close_matches(wrong.lower(), lower, n=1)
    if close:
        return f"did you mean {lower[close[0]]!r}?"
    if not words:
        return "there are none"
    more = f" and {len(words) - MAX_NAMED} more" if len(words) > MAX_NAMED else ""
    return f"{kind} are: {', '.join(words[:MAX_NAMED])}{more}"


def dotted(key: Key) -> str:
    """A key as it is written in messages: `paging.windows[2].limit`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in key)
    return text.removeprefix(".") or "the file"


def _named(fault: Fault, data: Mapping[str, Any]) -> Fault:
    """Collections are named in messages as they are in the file; the key stays as it is."""
    if fault.key[:1] != ("collections",) or len(fault.key) < 2 or not isinstance(fault.key[1], int):
        return fault
    collection = data["collections"][fault.key[1]]
    name = collection.get("name") if isinstance(collection, dict) else None
    return Fault(fault.key, f"{fault.message} (collection {name!r})") if isinstance(name, str) else fault


# -- errors of the schema of contracts ------------------------------------------------------------------------

_TYPES = {
    "object": "a table",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def _faults(error: Any) -> Iterator[Fault]:
    key: Key = tuple(error.absolute_path)
    value: Any = error.instance
    limit: Any = error.validator_value
    keyword = str(error.validator)
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    known = schema.get("properties", {})
    if keyword == "additionalProperties":
        yield from (Fault((*key, name), _unknown_key(name, known)) for name in value if name not in known)
    elif keyword == "required":
        # jsonschema says which one in its message alone.
        missing = next(name for name in limit if error.message.startswith(repr(name)))
        if not get_close_matches(missing, [name for name in value if name not in known]):
            yield Fault((*key, missing), f"is missing; add it: {_what(known[missing])}")
    else:
        address = isinstance(value, str) and key[-1:] in ADDRESSES
        yield Fault(key, _mismatch(shown_url(value) if address else value, keyword, limit, schema))


def _unknown_key(name: str, known: Mapping[str, Any]) -> str:
    home = [""] if name in contract_schema()["properties"] else []
    home += [table for table, part in contract_schema()["properties"].items() if name in part.get("properties", {})]
    if home and not get_close_matches(name, known):
        place = f"[{home[0]}]" if home[0] else "the top of the file, before the first [table]"
        return f"unknown key here; it belongs to {place}"
    return f"unknown key; {hint(name, known, 'the keys here')}"


def _what(schema: Mapping[str, Any]) -> str:
    return str(schema.get("description", "")).split(". ")[0].rstrip(".")


def _mismatch(value: Any, keyword: str, limit: Any, schema: Mapping[str, Any]) -> str:
    stated = _shown(value)
    match keyword:
        case "type":
            return f"must be {_TYPES[limit]}, is {stated}{_rewrite(value, limit)}"
        case "enum":
            word = value if isinstance(value, str) else ""
            return f"is {stated}, which it cannot be; {hint(word, limit, 'the words for it')}"
        case "minimum":
            return f"must be at least {limit}, is {stated}"
        case "exclusiveMinimum":
            return f"must be more than {limit}, is {stated}"
        case "maximum":
            return f"must be at most {limit}, is {stated}"
        case "minLength" | "minItems" | "minProperties":
            return "must not be empty; fill it in or leave it out"
        case "uniqueItems":
            again = next((part for nth, part in enumerate(value) if part in value[:nth]), value)
            return f"holds {_shown(again)} twice; name it once"
    examples = " or ".join(_shown(example) for example in schema.get("examples", ()))
    return f"is {stated}, which it cannot be; write it like {examples}"


def _rewrite(value: Any, wanted: str) -> str:
    """How to write a value of the wrong type, where that is plain."""
    if wanted == "array":
        return "; put it in [ ]"
    if wanted == "string":
        return "; put it in quotes"
    return "; write it without quotes" if isinstance(value, str) and wanted != "object" else ""


def _shown(value: Any) -> str:
    """A value in a message: as it stands in the file, cut short."""
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "a table"
        case list():
            return "a list"
        case date() | time():
            return f"the date or time {value.isoformat()}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:50]}... ({len(text)} characters)"


# -- values at odds with each other ----------------------------------------------------------------------------


def _address(data: Mapping[str, Any]) -> Iterator[Fault]:
    base_url = data["base_url"]
    try:
        parts = urlsplit(base_url)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        message = f"is {_shown(shown_url(base_url))}, which is not an address; write it like 'https://api.example.org'"
        yield Fault(("base_url",), message)
    elif parts.query or parts.fragment or "@" in parts.netloc:
        message = (
            "holds a query, a fragment or a login; name scheme, host and path alone (a key goes by the environment)"
        )
        yield Fault(("base_url",), message)


def _limits(data: Mapping[str, Any]) -> Iterator[Fault]:
    paging = data["paging"]
    maximum, above = paging.get("maximum_limit"), paging.get("above_maximum")
    if above == "served":
        if maximum is not None:
            message = f"is {maximum}, but above_maximum is 'served': there is no maximum; leave one out"
            yield Fault(("paging", "maximum_limit"), message)
        return
    if maximum is None:
        if above:
            yield Fault(("paging", "maximum_limit"), f"is missing; above_maximum is {above!r}: say above which limit")
        return
    for key, limit in _asked_limits(data):
        if limit > maximum:
            yield Fault(key, f"is {limit}, over maximum_limit {maximum}; ask for {maximum} at most")


def _asked_limits(data: Mapping[str, Any]) -> Iterator[tuple[Key, int]]:
    """Every limit that the contract asks for, with where it stands."""
    paging = data["paging"]
    for key in ("page_size", "bulk_limit", "default_limit", "other_page_size"):
        if isinstance(paging.get(key), int):
            yield ("paging", key), paging[key]
    for nth, limit in enumerate(paging.get("limits", ())):
        yield ("paging", "limits", nth), limit
    tables: list[tuple[Key, Any]] = [(("paging",), paging)]
    tables += [(("collections", nth), values) for nth, values in enumerate(data["collections"])]
    for table, values in tables:
        for nth, window in enumerate(values.get("windows", ())):
            yield (*table, "windows", nth, "limit"), window.get("limit", 0)


def _pages(data: Mapping[str, Any]) -> Iterator[Fault]:
    paging = data["paging"]
    if paging["other_page_size"] == paging["page_size"] and paging.get("maximum_limit") != 1:
        message = f"is {paging['page_size']} like page_size, and would prove nothing; take another number, best a prime"
        yield Fault(("paging", "other_page_size"), message)
    totals = [c.get("expected_total", c.get("minimum_total", 0)) for c in data["collections"]]
    far = paging.get("far_offset", Paging.far_offset)
    if far <= max(totals):
        message = f"is {far}, but a collection holds {max(totals)}; take an offset far past every end"
        yield Fault(("paging", "far_offset"), message)
    huge = int(paging.get("huge_offset", Paging.huge_offset))
    if huge <= max(totals):
        message = f"is {huge}, but a collection holds {max(totals)}; take a number too large for any catalogue"
        yield Fault(("paging", "huge_offset"), message)


def _windows(data: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _window_faults(("paging",), data["paging"])
    for nth, collection in enumerate(data["collections"]):
        key: Key = ("collections", nth)
        yield from _window_faults(key, collection)
        if collection.get("windows") and collection.get("depth") == FULL:
            message = "stand in a collection of depth 'full', which reads those of [paging]; add them there"
            yield Fault((*key, "windows"), message)


def _window_faults(table: Key, values: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with the windows of a table."""
    seen: list[Mapping[str, int]] = []
    for nth, window in enumerate(values.get("windows", ())):
        key: Key = (*table, "windows", nth)
        if ("offset" in window) == ("before_end" in window):
            has = "both offset and before_end" if "offset" in window else "neither offset nor before_end"
            yield Fault(key, f"has {has}; give it one of the two")
        if window in seen:
            yield Fault(key, "stands there twice; name it once")
        seen.append(window)


def _parameters(data: Mapping[str, Any]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for key, name in data["parameters"].items():
        if name is not None and name in seen:
            message = f"is {name!r}, as parameters.{seen[name]} is; every parameter has a name of its own"
            yield Fault(("parameters", key), message)
        seen.setdefault(name, key)


def _bad_queries(data: Mapping[str, Any]) -> Iterator[Fault]:
    seen: set[str] = set()
    for nth, bad in enumerate(data.get("bad_queries", ())):
        if bad["name"] in seen:
            yield Fault(("bad_queries", nth, "name"), f"{bad['name']!r} is taken by another bad query; rename one")
        seen.add(bad["name"])


def _names(data: Mapping[str, Any]) -> Iterator[Fault]:
    owner: dict[str, str] = {}
    for nth, collection in enumerate(data["collections"]):
        names: list[tuple[Key, str]] = [(("name",), collection["name"])]
        names += [(("aliases", at), alias) for at, alias in enumerate(collection.get("aliases", ()))]
        for key, name in names:
            if name in owner:
                message = f"{name!r} already names the collection {owner[name]!r}; names and aliases must all differ"
                yield Fault(("collections", nth, *key), message)
            owner.setdefault(name, collection["name"])
    unknown = data.get("unknown_collection")
    if unknown in owner:
        yield Fault(("unknown_collection",), f"{unknown!r} is declared as a collection; name one that does not exist")
    default = data.get("default_collection")
    served = [collection["name"] for collection in data["collections"] if "retired" not in collection]
    if default is not None and default not in served:
        message = f"{default!r} is not a collection that is served; {hint(default, served, 'the collections')}"
        yield Fault(("default_collection",), message)


def _oracles(data: Mapping[str, Any]) -> Iterator[Fault]:
    merging: list[str] = []
    for nth, collection in enumerate(data["collections"]):
        key = ("collections", nth)
        if "expected_total" in collection and "minimum_total" in collection:
            message = "stands beside expected_total; give one of the two"
            yield Fault((*key, "minimum_total"), message)
        if not collection.get("merges"):
            continue
        if collection.get("depth") == FULL:
            yield Fault((*key, "depth"), "is 'full', but a collection that merges the others is counted; use 'count'")
        if merging:
            yield Fault((*key, "merges"), f"is true for {merging[0]!r} already; one collection holds all the others")
        merging.append(collection["name"])


def _one_list(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Without a parameter that chooses the collection there is one list, and it goes by one name."""
    if "collection" in data.get("parameters", {}):
        return
    remedy = "name the parameter that chooses one in parameters.collection"
    if len(data["collections"]) > 1:
        yield Fault(("collections", 1), f"is a second collection, but no parameter chooses it; {remedy}")
    for key in ("default_collection", "unknown_collection"):
        if key in data:
            yield Fault((key,), f"cannot be asked for; {remedy}")
    for nth, collection in enumerate(data["collections"]):
        if collection.get("aliases"):
            yield Fault(("collections", nth, "aliases"), f"cannot be asked for; {remedy}")
