"""What a new recording holds that the old one did not, and the other way round: items, fields, requests."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.json_body import NotJson
from catalog_contract.model.place import Identity, Place

SHOWN = 3
"""How many names a line gives before it only counts."""


@dataclass(frozen=True)
class Shape:
    """Where the items stand in an answer, what names one, and what reports call them; `collection` gives the name of
    the collection that a request asks for, empty where there is only one."""

    items: Place = Place("data")
    id: Identity = Identity("id")
    names: str = "items"
    collection: Callable[[Request], str] = lambda request: ""


@dataclass
class _Content:
    """What a recording holds: per collection its ids, per field its JSON types, per request its status."""

    ids: dict[str, dict[str, None]] = field(default_factory=dict)
    fields: dict[str, set[str]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


def changes(old: Sequence[Exchange], new: Sequence[Exchange], shape: Shape = Shape()) -> list[str]:
    """What has changed from the old recording to the new, one line each: items gained and lost by collection,
    fields added, removed and retyped, requests new, gone and answered otherwise. Empty when it is the same."""
    before, after = _content(old, shape), _content(new, shape)
    lines: list[str] = []
    for name in dict.fromkeys([*before.ids, *after.ids]):
        was, now = before.ids.get(name, {}), after.ids.get(name, {})
        lines += _line(f"{shape.names} of {name or 'the list'}", gained=_without(now, was), lost=_without(was, now))
    lines += _line(
        "fields",
        added=_without(after.fields, before.fields),
        removed=_without(before.fields, after.fields),
        retyped=_differing(_types(before.fields), _types(after.fields)),
    )
    return lines + _line(
        "requests",
        new=_without(after.answers, before.answers),
        gone=_without(before.answers, after.answers),
        **{"answered otherwise": _differing(before.answers, after.answers)},
    )


def _content(exchanges: Iterable[Exchange], shape: Shape) -> _Content:
    content = _Content()
    known: set[int] = set()
    for exchange in exchanges:
        content.answers[exchange.request.key.removesuffix(" #1")] = f"{exchange.status}"
        name, items = shape.collection(exchange.request), _items(exchange, shape)
        content.ids.setdefault(name, {}).update((id_, None) for id_ in shape.id.of(items) if id_ is not None)
        for item in items:
            if id(item) not in known:  # equal rows are one dictionary, see json_body
                known.add(id(item))
                _add_fields(content.fields, "", item)
    return content


def _items(exchange: Exchange, shape: Shape) -> list[dict[str, Any]]:
    """The items of a listing answer; none for any other answer."""
    try:
        rows = shape.items.read(exchange) if exchange.status == 200 else None
    except NotJson:
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _add_fields(fields: dict[str, set[str]], prefix: str, item: Mapping[str, Any]) -> None:
    for key, value in item.items():
        fields.setdefault(prefix + key, set()).add(_type(value))
        if isinstance(value, dict):
            _add_fields(fields, f"{prefix}{key}.", value)


def _type(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "list"
    return "object"


def _types(fields: Mapping[str, set[str]]) -> dict[str, str]:
    return {name: " or ".join(sorted(types)) for name, types in fields.items()}


def _without(these: Iterable[str], those: Iterable[str]) -> list[str]:
    there = set(those)
    return [one for one in these if one not in there]


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    both = (name for name in before if name in after and before[name] != after[name])
    return [f"{name}: {before[name]} -> {after[name]}" for name in both]


def _line(about: str, **found: Sequence[str]) -> list[str]:
    parts = [f"{len(names):,} {what} ({_some(names)})" for what, names in found.items() if names]
    return [f"{about}: {'; '.join(parts)}"] if parts else []


def _some(names: Sequence[str]) -> str:
    more = f", and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
