"""What an answer says of the page after it: a link, a cursor, a number."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from catalog_contract.catalog.fit import DEEPEST, MAX_KEYS
from catalog_contract.drafting.probe import AFTER, CURSORS, Probe, Shape, kind_of
from catalog_contract.model.exchange import MISSING
from catalog_contract.model.place import Place, PlaceError

LINK_HEADERS = ("next-page", "x-next-page", "x-next")
NEXT = re.compile(r"^(@?[a-z]+\.)?next", re.IGNORECASE)
HREFS = ("href", "url", "link")
TOKENS = ("cursor", "continue", "continuation", "continuationtoken", "pagetoken", "token", "bookmark", "marker",
          "after", "scrollid", "offset")  # fmt: skip
"""Names without `next` under which some products give the token of the next page."""


@dataclass(frozen=True)
class Onward:
    """Where the next page is named, and as what: a link, a token, or a number. `query` are the parameters of a link."""

    place: Place
    kind: str
    value: Any
    query: dict[str, str] = field(default_factory=dict)

    def parameter(self, kind: str) -> str | None:
        """The parameter of the link that is a limit, an offset or a page number by its name and value."""
        return next((name for name, value in self.query.items() if value.isdigit() and kind_of(name) == kind), None)


def onward(probe: Probe, shape: Shape) -> Onward | None:
    """What leads on from a first page; None where nothing does. Of several links, one to the path that was asked."""
    kinds = ("link", "token", "number")
    found = sorted(_named(probe, shape), key=lambda one: (kinds.index(one.kind), _elsewhere(one, probe.exchange.url)))
    return found[0] if found else None


def _elsewhere(lead: Onward, asked: str) -> bool:
    """Whether a link leads to another path than the one that was asked."""
    return lead.kind == "link" and urlsplit(urljoin(asked, str(lead.value))).path != urlsplit(asked).path


def _named(probe: Probe, shape: Shape) -> Iterator[Onward]:
    linked = Place("link:next").read(probe.exchange)
    if linked is not MISSING:
        yield _link(Place("link:next"), linked)
    for name in LINK_HEADERS:
        value = Place(f"header:{name}").read(probe.exchange)
        if value is not MISSING and _is_url(value):
            yield _link(Place(f"header:{_title(name)}"), value)
    for path, value in scalars(probe.exchange.data, shape.items):
        found = _at(path, value)
        if found and found.place.within(probe.exchange.data) == value:
            yield found


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _at(path: str, value: Any) -> Onward | None:
    """What leads on at a place of the body, by its name and its value."""
    keys = _keys(path)
    name = keys[-1]
    place = Place(path)
    beside = any(NEXT.match(key) for key in keys)
    if not beside and name.lower() not in ("endcursor", "end_cursor"):
        return None
    if _is_url(value):
        return _link(place, value)
    if type(value) is str and value:
        return Onward(place, "token", value)
    return Onward(place, "number", value) if type(value) is int else None


def _keys(path: str) -> list[str]:
    """The keys of a path; `link[relation=next].url` has `next` among them."""
    return [key for key in re.split(r"\.(?![a-zA-Z]+Link)|\[[^=\]]*=|\]\.?", path) if key]


def _link(place: Place, value: str) -> Onward:
    return Onward(place, "link", value, dict(parse_qsl(urlsplit(value).query, keep_blank_values=True)))


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and bool(re.match(r"https?://|/[^\s]*$|\?[^\s]+$", value))


def scalars(value: Any, items: Place | None = None, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every text, number, true, false and null of a body with its place; the items are passed over.

    Of a list of links (`{"relation": "next", "url": ...}`) each is named by its relation.
    """
    if isinstance(value, dict) and depth <= DEEPEST:
        for key in list(value)[:MAX_KEYS]:
            inner = f"{path}.{key}" if path else key
            if inner != items:
                yield from scalars(value[key], items, inner, depth + 1)
    elif isinstance(value, list) and path:
        for member in value[:20]:
            relation = next((key for key in ("relation", "rel") if isinstance(member, dict) and key in member), None)
            if relation and re.fullmatch(r"[a-z]+", str(member[relation])):
                chosen = f"{path}[{relation}={member[relation]}]"
                yield from ((f"{chosen}.{key}", member[key]) for key in HREFS if key in member)
    elif path and not isinstance(value, list | dict):
        try:
            Place(path)
        except PlaceError:
            return
        yield path, value


def tokens(probe: Probe, shape: Shape) -> list[Onward]:
    """Texts that may be the token of the next page by their name alone: an answer may as well repeat its own cursor."""
    return [
        Onward(Place(path), "token", value)
        for path, value in scalars(probe.exchange.data, shape.items)
        if type(value) is str and value and not _is_url(value) and _keys(path)[-1].lower().replace("_", "") in TOKENS
    ]


def cursor_names(lead: Onward) -> list[str]:
    """Parameters that may carry a token, the likeliest first, from the name of the place that holds it."""
    keys = _keys(lead.place)
    name = keys[-1]
    bare = re.sub(r"^next_?|_?next$", "", name, flags=re.IGNORECASE)
    near = [bare[:1].lower() + bare[1:], bare] if bare else [*keys[-2:-1]]
    if name.lower() in ("endcursor", "end_cursor"):
        near = ["after"]
    return list(dict.fromkeys([*filter(None, near), name, *CURSORS]))


def last_id(probe: Probe, shape: Shape) -> tuple[Place, list[str]]:
    """Where the id of the last item stands, and the parameters that may carry it."""
    last = shape.id.of(shape.rows(probe))[-1]
    echoed = [
        path for path, value in scalars(probe.exchange.data, shape.items)
        if value is not None and str(value) == last and "last" in path.lower()
    ]  # fmt: skip
    if echoed:
        return Place(echoed[0]), ["after_id", *(name for name in AFTER if name != "after_id")]
    return Place(f"{shape.items}[-1].{shape.id}"), list(AFTER)
