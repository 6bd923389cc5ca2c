"""The counters of an answer: a place is named by its key, and kept only where every recorded answer bears it out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from catalog_contract.drafting.onward import scalars
from catalog_contract.drafting.probe import Probe, Shape, Value
from catalog_contract.model.exchange import MISSING
from catalog_contract.model.place import Place

NAMES: Mapping[str, tuple[str, ...]] = {
    "total": ("total", "totalcount", "totalelements", "totalresults", "totalitems", "totalrows", "totalrecords",
              "totalhits", "numfound", "odatacount", "recordcount", "itemcount", "nbhits", "found", "count"),
    "returned": ("returned", "numberofelements", "itemsperpage", "count", "resultcount", "numitems", "length"),
    "limit": ("limit", "pagesize", "perpage", "size", "rows", "maxresults", "take"),
    "offset": ("offset", "start", "startindex", "skip", "startat", "from"),
    "page": ("page", "number", "currentpage", "pagenumber", "pageindex"),
    "pages": ("pages", "totalpages", "pagecount", "numpages", "lastpage"),
    "has_more": ("hasmore", "hasnext", "hasnextpage", "more", "istruncated", "truncated"),
    "last": ("last", "islast", "islastpage"),
    "first": ("first", "isfirst", "isfirstpage"),
    "next_offset": ("nextoffset",),
}  # fmt: skip
"""What the words of an envelope are called in the APIs of many products, letters and digits only."""

HEADERS: Mapping[str, tuple[str, ...]] = {
    "limit": ("X-Per-Page",),
    "page": ("X-Page",),
    "pages": ("X-Total-Pages", "X-WP-TotalPages"),
}
"""What some products call them in a header."""

TOTAL_HEADERS = ("X-Total-Count", "X-Total", "Total-Count", "X-WP-Total", "X-Pagination-Total-Count")


@dataclass(frozen=True)
class Seen:
    """One list answer with its place in the list: `row` items before it, the `limit` asked, the `page` asked; None
    where that is not known. `limit_in_force` includes the default and the maximum."""

    probe: Probe
    count: int
    row: int | None = None
    limit: int | None = None
    page: int | None = None
    offset: int | None = None


@dataclass(frozen=True)
class Known:
    """What is known of the list by now: its default limit, how many items there are in all where an answer showed the
    end, and the row up to which items were seen."""

    default: int | None = None
    total: int | None = None
    starts_at: int = 0
    reach: int = 0


def counters(seen: list[Seen], shape: Shape, known: Known) -> dict[str, Value]:
    """The places of counters that no recorded answer contradicts, each with its evidence."""
    found: dict[str, Value] = {}
    taken: set[str] = set()
    total = total_of(seen, shape, known)
    if total:
        place, amount = total
        found["total"] = Value(str(place), f"seen: {amount:,} in {_answers(seen)}")
        taken.add(place)
        known = replace(known, total=known.total if known.total == amount else None)
    for word in ("returned", "limit", "offset", "page", "pages", "has_more", "last", "first", "next_offset"):
        for place in [*_candidates(seen, shape, word), *(Place(f"header:{name}") for name in HEADERS.get(word, ()))]:
            if place not in taken and _borne_out(word, place, seen, known):
                found[word] = Value(str(place), _evidence(word, seen, known))
                taken.add(place)
                break
    return found


def _evidence(word: str, seen: list[Seen], known: Known) -> str:
    """How far a counter was checked."""
    checked = [right for right in (_expected(word, one, known) for one in seen) if right is not MISSING]
    if word in ("has_more", "last") and len(set(map(str, checked))) == 1:
        return f"likely: right in {len(checked)} answers that more follow; not seen at the end"
    return f"seen: right in {len(checked)} answers"


def _answers(seen: Iterable[Seen]) -> str:
    amount = len(list(seen))
    return f"{amount} answers" if amount > 1 else "1 answer"


def _candidates(seen: list[Seen], shape: Shape, word: str) -> list[Place]:
    """Places whose key is called like the word, in the order of the names; of equal ones, that nearest to the items."""
    names = NAMES[word]
    found: dict[str, int] = {}
    for one in seen:
        for path, _ in scalars(one.probe.exchange.data, shape.items):
            name = plain_key(path)
            if name in names:
                found.setdefault(path, names.index(name))
    beside = shape.items.rpartition(".")[0]
    near = {path for path in found if beside and path.startswith(f"{beside}.")}
    return [Place(path) for path in sorted(found, key=lambda path: (found[path], path not in near, len(path)))]


def plain_key(path: str) -> str:
    """The last key of a path in small letters and digits; `total.value` is called by its first."""
    keys = path.split(".")
    key = keys[-2] if keys[-1] in ("value", "count") and len(keys) > 1 and keys[-2] == "total" else keys[-1]
    key = "odatacount" if path.endswith("@odata.count") else key
    return re.sub(r"[^a-z0-9]", "", key.lower())


def total_of(seen: list[Seen], shape: Shape, known: Known) -> tuple[Place, int] | None:
    """The total: the same whole number in every answer that has it, and never below what was listed."""
    headers = [Place(f"header:{name}") for name in TOTAL_HEADERS]
    for place in [*_candidates(seen, shape, "total"), *headers]:
        values = [(one, place.read(one.probe.exchange)) for one in seen]
        there = [(one, value) for one, value in values if value is not MISSING and value is not None]
        amounts = {value for _, value in there}
        if len(amounts) != 1 or type(next(iter(amounts))) is not int:
            continue
        amount: int = next(iter(amounts))
        counts = {one.count for one, _ in there}
        reached = max(one.count + (one.row or 0) for one, _ in there if one.count or not one.row)
        ambiguous = plain_key(place) == "count" and counts == {amount}
        if amount >= reached and not ambiguous:
            return place, amount
    return None


def _borne_out(word: str, place: Place, seen: list[Seen], known: Known) -> bool:
    """Whether a counter is right in every answer where it can be checked, and was checked in more than one way."""
    expected = [(_expected(word, one, known), place.read(one.probe.exchange)) for one in seen]
    checked = [(right, value) for right, value in expected if right is not MISSING]
    if not checked or any(type(right) is not type(value) or right != value for right, value in checked):
        return False
    return len({str(right) for right, _ in checked}) > 1 or word in ("has_more", "last", "first")


def _expected(word: str, one: Seen, known: Known) -> object:
    """What a counter must be in an answer; MISSING where that is not known."""
    limit = one.limit if one.limit is not None else known.default
    if one.limit is not None and one.row is not None and known.total is not None:
        full = max(0, min(one.limit, known.total - one.row))
        if one.count < full:  # a limit over the maximum, or short pages
            limit = one.count
    end = one.row + one.count if one.row is not None else None
    more = _more(end, known)
    match word:
        case "returned":
            return one.count
        case "limit":
            return MISSING if limit is None else limit
        case "offset":
            return known.starts_at if one.offset is None and one.row == 0 else _or_missing(one.offset)
        case "page":
            return known.starts_at if one.page is None and one.row == 0 else _or_missing(one.page)
        case "pages":
            return -(-known.total // limit) if known.total is not None and limit else MISSING
        case "has_more":
            return more
        case "last":
            return more if more is MISSING else not more
        case "first":
            return MISSING if one.row is None else one.row == 0
        case "next_offset":
            return end if more is True and end is not None else MISSING
    return MISSING


def _more(end: int | None, known: Known) -> object:
    """Whether items follow a row: by the total, or because they were seen; MISSING where that is not known."""
    if end is None:
        return MISSING
    if known.total is not None:
        return end < known.total
    return True if end < known.reach else MISSING


def _or_missing(value: int | None) -> object:
    return MISSING if value is None else value
