"""Contracts spoilt by rule: every key with every kind of value, lists far too long, numbers far too large.

Seeded: the same seed makes the same contracts. The thorough part of the self-test takes more of them.
"""

import json
import math
import random
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date, datetime, time
from typing import Any

from catalog_contract.contracts.load import CONTRACTS

Path = tuple[str | int, ...]

EVERY_KEY = """
title = "Every word of a contract"
base_url = "https://api.example.org"
list_path = "/v1/models"
cassette = "healthy"
envelope_schema = "gatewayz-envelope.json"
item_schema = "gatewayz-model.json"
default_collection = "one"
unknown_collection = "none"
item_name = "model"
item_names = "models"
collection_name = "gateway"
detail = { path = "/v1/models/{id}", item = "data", sample = 3, agree = ["name"], unknown_id = "a/b" }
caching = { validators = ["etag"], one_per_answer = true }
times = { page_seconds = 5, bulk_seconds = 30 }

[request]
headers = { Accept = "application/json" }
query = { v = "1" }
key = "x-api-key: {key}"
body = {}

[parameters]
offset = "offset"
limit = "limit"
page = "p"
cursor = "c"
collection = "gateway"
filter = "provider"

[item]
id = "id"
collection = "source"
owner = "provider"
volatile = ["a.b"]
ids_differ_by_more_than_case = true

[cursor]
bad = "refused"
bound_to = ["filter"]
reusable = true
url_safe = true
lives_seconds = 3
empty_last_page = true
empty_pages = true
public_origin = "https://api.example.org"
page_zero = "first"
secret = true

[transport]
connect_seconds = 5
read_seconds = 75
answer_seconds = 90
tries = 3
retry_after_cap_seconds = 10
body_cap_megabytes = 100
decoded_cap_megabytes = 500
id_cap_characters = 1000
run_cap_megabytes = 1000
requests_per_second = 5
maximum_requests = 200
maximum_concurrency = 4

[envelope]
items = "data"
total = "total"
returned = "returned"
offset = "offset"
limit = "limit"
collection = "gateway"
has_more = "has_more"
next_offset = "next_offset"
next = "next"
previous = "previous"
last = "last"
first = "first"
page = "page"
pages = "pages"
optional = ["next"]
total_is = "exact"

[paging]
style = "offset"
page_size = 20
bulk_limit = 100
default_limit = 20
other_page_size = 33
above_maximum = "clamped"
maximum_limit = 100
offsets = [0, 20]
first_ids_differ_at = [0, 20]
limits = [1, 7]
windows = [{ offset = 7, limit = 9 }, { before_end = 5, limit = 20 }]
far_offset = 1000000
huge_offset = "18446744073709551616"
starts_at = 0
full_pages = true
past_the_end = "empty"
deepest = 10000
limit_zero = "count"
churn = 25

[[filters]]
name = "family"
query = { family = "a" }
place = "family"
value = "a"
partition = true

[[sorts]]
name = "by-name"
query = { sort = "name" }
place = "name"
order = "ascending"

[[bad_queries]]
name = "limit=-1"
query = { limit = "-1" }

[[collections]]
name = "one"
depth = "full"
aliases = ["eins"]
expected_total = 97
below = 0.05
above = 0.25
lost_share = 0.02
as_of = 2025-10-18
source = "somebody"
known_ids = ["a/b"]
may_be_empty = false
id = "id"
item_schema = "gatewayz-model.json"

[[collections]]
name = "two"
depth = "count"
minimum_total = 5
windows = [{ offset = 1, limit = 2 }]

[[collections]]
name = "all"
merges = true

[[collections]]
name = "gone"
retired = 2025-10-18

[[incidents]]
key = "cut"
date = "2025-10-18"
title = "Cut"
story = "Cut to 101."
cause = "A short page."
rules = ["a_page_before_the_end_is_full"]
fault = "f"
cassette = "healthy"
"""

LONG = "x" * 100_000
VALUES: tuple[Any, ...] = (
    date(2025, 10, 18), datetime(2025, 10, 18, 1, 2, 3), time(1, 2, 3), 0, -1, 1, 3.5, 10**9, 10**18, 2**63,
    10**400, -(10**18), math.nan, math.inf, -math.inf, 1e308, 5e-324, True, False, "", " ", "x", LONG, "9" * 5_000,
    "a\nb\x1b[31m", "{key}", "\u202eid", "\N{SNOWMAN}", "\x00", [], [[]], [1], ["a"], ["a", "a"], [date(2025, 1,
    1)], [LONG], {}, {"a": 1}, {"a": date(2025, 1, 1)}, {"a": "b"}, {LONG: "b"}, {"a\nb": "c"}, {"": "b"}, [{}],
    [{"a": 1}], {"a": {"b": {}}},
)  # fmt: skip
"""What no key, or hardly any, can be."""

COUNTS = (5_000, 20_000)


def every_key() -> dict[str, Any]:
    """A contract that uses every key of the schema."""
    return tomllib.loads(EVERY_KEY)


def shipped() -> dict[str, dict[str, Any]]:
    """The contracts that ship, by name."""
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(CONTRACTS.glob("*.toml"))}


def leaves(value: Any, at: Path = ()) -> Iterator[Path]:
    """The way to every value of a contract, tables and lists included."""
    if at:
        yield at
    steps: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in steps:
        yield from leaves(part, (*at, step))


def put(data: Mapping[str, Any], at: Path, value: Any) -> dict[str, Any]:
    """A copy with another value there."""
    copy: Any = deepcopy(dict(data))
    inner = copy
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    return copy  # type: ignore[no-any-return]


def spoilt(data: Mapping[str, Any], seed: int, share: float = 1.0) -> Iterator[tuple[str, dict[str, Any]]]:
    """One key after the other with every value, or a share of them; then the same with lists repeated."""
    draw = random.Random(seed)
    for at in leaves(data):
        for value in VALUES:
            if draw.random() < share:
                yield f"{_named(at)} = {repr(value)[:30]}", put(data, at, value)


def bloated(data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every list with thousands of members, all different."""
    for at in leaves(data):
        inner: Any = data
        for step in at:
            inner = inner[step]
        if isinstance(inner, list) and inner:
            for count in COUNTS:
                yield f"{_named(at)} x {count}", put(data, at, [_another(inner[0], nth) for nth in range(count)])


def _another(value: Any, nth: int) -> Any:
    match value:
        case str():
            return f"{value}{nth}"
        case int():
            return value + nth
        case dict():
            varied = {k: _another(v, nth) for k, v in value.items() if k in ("name", "key", "offset", "before_end")}
            return {k: v for k, v in {**value, **varied}.items() if k not in ("aliases", "known_ids")}
    return value


def _named(at: Path) -> str:
    return ".".join(map(str, at))


def toml(data: Mapping[str, Any]) -> str:
    """A contract as TOML, every table in a line."""
    return "".join(f"{json.dumps(key)} = {_toml(value)}\n" for key, value in data.items())


def _toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value).replace("\x7f", "\\u007f")
        case date() | time():
            return value.isoformat()
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)} = {_toml(part)}" for key, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_toml, value)) + "]"
    return repr(value)
