"""Where the items of an answer stand, and which field names an item."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from catalog_contract.catalog.fit import MAX_KEYS, NAMES, lists_in
from catalog_contract.drafting.probe import DraftError, NoAnswer, Probe, Shape, asked_at
from catalog_contract.model.exchange import Exchange
from catalog_contract.model.json_body import NotJson
from catalog_contract.model.place import Identity, Place, PlaceError
from catalog_contract.util.text import line

LIST_NAMES = ("data", "items", "results", "records", "value", "values", "entries", "entry", "rows", "list", "content",
              "hits", "docs", "resources", "edges", "objects", "elements")  # fmt: skip
BESIDE = ("link", "links", "included", "errors", "facets", "warnings", "aggregations", "sort", "filters", "schemas")
"""Lists that stand beside the items in some products."""

OF_ANY_ITEM = ("objectid", "itemid", "recordid", "documentid", "resourceid", "resource_id", "gid")
"""What an id is called that says no more than that it is one."""

MAX_FIELDS = 60
DEEPEST_FIELD = 3


def first_shape(probe: Probe) -> Shape:
    """The shape of a first answer. Raises DraftError where it is not a list of items, with what to do."""
    exchange = probe.exchange
    where = asked_at(exchange)
    if exchange.failure is not None:
        raise NoAnswer(f"{where}: {exchange.failure}; {_way_out(exchange)}")
    if exchange.status in (401, 403):
        raise DraftError(f"{where} answers {exchange.status}; give the key in CATALOG_API_KEY, by --key or --header")
    if exchange.status == 405:
        raise DraftError(
            f"{where} takes no GET; init asks by GET alone. For a list by POST write the contract by hand: begin with "
            "what `catalog-contract contract graphql-connection --toml` prints"
        )
    if exchange.status != 200:
        raise DraftError(f"{where} answers {exchange.status}; give the URL of a list that answers 200")
    try:
        body = exchange.data
    except NotJson:
        kind = line(exchange.kind or "of no declared type", 60)
        raise DraftError(f"{where} answers {kind}, which is not JSON; give the URL of the API's list") from None
    found = item_lists(body)
    if not found:
        raise DraftError(f"{where} answers JSON without a list; give the URL of a list, not of a single item")
    items = next((items for _, items in found if items), None)
    if items is None:
        raise DraftError(f"{where} answers an empty list; a few items are needed to recognise anything")
    if not all(isinstance(item, dict) for item in items):
        raise DraftError(f"{where} answers a list of plain values; a contract names items by a field of objects")
    place = next(place for place, listed in found if listed is items)
    identity = identity_of(items)
    if identity is None:
        raise DraftError(f"{where}: no field of the {len(items)} items seen is present and unique in every one")
    return Shape(place, identity)


PLAIN = ("wrong version number", "record layer failure", "packet length too long")
"""How a TLS library says that what answers speaks no TLS, by its version."""


def _way_out(exchange: Exchange) -> str:
    """What to do where no answer came."""
    if exchange.url.startswith("https:") and any(sign in (exchange.failure or "") for sign in PLAIN):
        return "that port speaks no TLS: write the URL with http:// in place of https://"
    return "start the service or correct the URL"


def item_lists(body: Any) -> list[tuple[Place, list[Any]]]:
    """The lists of a body that may be the items, the likeliest first."""
    found: list[tuple[Place, list[Any]]] = []
    for path, items in lists_in(body):
        try:
            place = Place(path)
        except PlaceError:
            continue
        if place.within(body) is items:
            found.append((place, items))
    return sorted(found, key=lambda one: _likelihood(*one), reverse=True)


def _likelihood(place: Place, items: list[Any]) -> tuple[bool, bool, bool, int, int]:
    name = place.rpartition(".")[2].lower()
    objects = bool(items) and all(isinstance(item, dict) for item in items)
    return objects, name not in BESIDE, name in LIST_NAMES or not place, len(items), -len(place)


def identity_of(items: Sequence[Any]) -> Identity | None:
    """What names the items: one field that is present, unique, and always a text or always a whole number.

    Two fields together where no single one does; None where no pair does either.
    """
    paths = sorted(_fields(items[0]), key=_rank)[:MAX_FIELDS]
    single = next((path for path in paths if is_identity(Identity(path), items)), None)
    if single is not None:
        return Identity(single)
    pairs = combinations([path for path in paths if _rank(path)[0] <= len(NAMES)][:8], 2)
    return next((Identity(pair) for pair in pairs if is_identity(Identity(pair), items)), None)


def is_identity(identity: Identity, items: Sequence[Any]) -> bool:
    """Whether every item has a usable id there, and none has that of another."""
    ids = identity.of(items)
    return None not in ids and len(set(ids)) == len(ids)


def _fields(item: Any, path: str = "", depth: int = 0) -> Iterator[str]:
    """The places of the texts and whole numbers of an item."""
    if type(item) in (str, int):
        try:
            if path and Place(path).in_body:
                yield path
        except PlaceError:
            return
    elif isinstance(item, dict) and depth < DEEPEST_FIELD:
        for key in list(item)[:MAX_KEYS]:
            yield from _fields(item[key], f"{path}.{key}" if path else key, depth + 1)


def _rank(path: str) -> tuple[int, int]:
    """How likely a field names an item: an id at the top first, then one further in, then anything else."""
    depth, name = path.count("."), path.rpartition(".")[2].lower()
    name = "id" if name in OF_ANY_ITEM else name
    if name in NAMES:
        return NAMES.index(name) + 2 * depth, depth
    return len(NAMES) - name.endswith("id") + 2 * depth, depth
