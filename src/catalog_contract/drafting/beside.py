"""What an API may promise beside its list, as an example in its own names: lines to uncomment, none of it asked."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import tomlkit

from catalog_contract.catalog.fit import MAX_KEYS
from catalog_contract.drafting.draft import Draft
from catalog_contract.drafting.items import DEEPEST_FIELD
from catalog_contract.drafting.probe import Unknown
from catalog_contract.model.place import Place
from catalog_contract.util.text import line

USUAL = ("status", "state", "type", "kind", "category", "role", "level", "priority", "visibility", "family")
"""Fields that many APIs filter by, the likeliest first."""

MAX_VALUES = 12
LONGEST = 40
AGREE = 3
HEAD = (
    "What the API may promise beside its list. None of it was asked: uncomment what is promised, and correct it.",
    "There is more, as [[sorts]], or partition = true for filters that together make the whole: docs/words.md.",
)

NOT_ASKED = Unknown("filters, detail", "they were not asked for; the end of the file shows how to declare them")
"""What is printed of it."""


def examples(draft: Draft, items: Sequence[Any]) -> list[str]:
    """The lines of a filter and of the page of one item, without their comment marks."""
    objects = [item for item in items if isinstance(item, dict)]
    place, value = _few_valued(objects) or ("status", "open")
    field = place.rpartition(".")[2]
    lines = [
        *HEAD,
        "",
        "[[filters]]",
        f"name = {_toml(f'{field}={value}')}",
        f"query = {{{field} = {_toml(value)}}}",
        f"place = {_toml(place)}",
        f"value = {_toml(value)}",
    ]
    id = draft.tables["item"]["id"].value
    if isinstance(id, str):
        lines += ["", "[detail]", f"path = {_toml(_detail_path(draft, objects, id))}"]
        agree = [name for name, value in (objects[0] if objects else {}).items() if _is_plain(name, value)][:AGREE]
        if agree:
            lines.append(f"agree = [{', '.join(map(_toml, agree))}]")
    return lines


def _few_valued(objects: Sequence[dict[str, Any]]) -> tuple[str, str] | None:
    """The place of texts with few values, each more than once, and the commonest value; None where there is none.

    One of the usual names comes first, then what stands at the top of an item.
    """
    found = []
    for place in _texts(objects[0]) if objects else ():
        name = place.rpartition(".")[2]
        values = Counter(text for item in objects if isinstance(text := Place(place).within(item), str))
        if _fits(name, values, len(objects)):
            rank = USUAL.index(name.lower()) if name.lower() in USUAL else len(USUAL)
            found.append((rank, place.count("."), len(values), place, values.most_common(1)[0][0]))
    return min(found)[3:] if found else None


def _texts(item: dict[str, Any], path: str = "", depth: int = 0) -> Iterator[str]:
    """The places of the texts of an item, as far as its keys are plain names."""
    for name, value in list(item.items())[:MAX_KEYS]:
        place = f"{path}.{name}" if path else name
        if _is_name(name) and isinstance(value, str):
            yield place
        elif _is_name(name) and isinstance(value, dict) and depth < DEEPEST_FIELD:
            yield from _texts(value, place, depth + 1)


def _fits(name: str, values: Counter[str], items: int) -> bool:
    short = all(0 < len(value) <= LONGEST and line(value) == value for value in values)
    return _is_name(name) and 1 < len(values) <= MAX_VALUES and 2 * len(values) <= items and short


def _is_name(name: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,40}", name))


def _is_plain(name: str, value: object) -> bool:
    return _is_name(name) and isinstance(value, str | int)


def _detail_path(draft: Draft, objects: Iterable[dict[str, Any]], id: str) -> str:
    """The path of one item below that of the list; an id with slashes keeps them."""
    path = str(draft.tables[""]["list_path"].value)
    slashes = any("/" in str(item.get(id)) for item in objects)
    return path.rstrip("/") + ("/{+id}" if slashes else "/{id}") + ("/" if path.endswith("/") else "")


def _toml(text: str) -> str:
    return str(tomlkit.item(line(text, 200)).as_string())
