"""What a contract would cost, looked at before anything is made of it: sizes, depths, counts and totals."""

from collections.abc import Iterator, Mapping
from typing import Any

from catalog_contract.contracts.validate import Fault, Key

MAX_BYTES = 2**20
"""The largest file of a contract; the largest that ships has a hundredth of it."""

MAX_MEMBERS = 1_000
"""How many members a list or a table may have."""

MAX_TEXT = 4_000
"""How many characters a text may have."""

MAX_KEY = 200
MAX_DEPTH = 20

MAX_ITEMS = 2_000_000
"""How many items all collections together may be expected to hold: the plan makes up each of them."""


def excessive(data: Mapping[str, Any]) -> list[Fault]:
    """What is too much to be checked at all, the first thing only; the data need not fit the schema."""
    waiting: list[tuple[Key, Any]] = [((), data)]
    while waiting:
        key, value = waiting.pop()
        if why := _too_much(key, value):
            return [Fault(key, why)]
        steps: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        waiting += [((*key, step), part) for step, part in steps]
    return []


def _too_much(key: Key, value: Any) -> str:
    if key and isinstance(key[-1], str) and len(key[-1]) > MAX_KEY:
        return f"a key of {len(key[-1]):,} characters; {MAX_KEY} are allowed"
    if len(key) > MAX_DEPTH:
        return f"is nested deeper than {MAX_DEPTH} levels; a contract has few"
    if isinstance(value, list | dict) and len(value) > MAX_MEMBERS:
        return f"has {len(value):,} members, {MAX_MEMBERS:,} are allowed; name those that matter"
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return f"is a text of {len(value):,} characters, {MAX_TEXT:,} are allowed; shorten it"
    return ""


def expensive(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Totals that nobody could read through. The data must fit the schema."""
    items = 0
    for nth, collection in enumerate(data["collections"]):
        if collection.get("merges") or "retired" in collection:
            continue
        word = "expected_total" if "expected_total" in collection else "minimum_total"
        items += collection.get(word, 0)
        if items > MAX_ITEMS:
            message = f"makes {items:,} expected items in all, {MAX_ITEMS:,} can be judged; leave out some"
            yield Fault(("collections", nth, word), message)
            return
