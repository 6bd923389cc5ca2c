"""From the contract to the cases of a rule: what the words among a rule's arguments stand for."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product

from catalog_contract.catalog.catalog import REREADS
from catalog_contract.catalog.service import Service
from catalog_contract.model.contract import FLAT, FULL, Collection, Contract
from catalog_contract.model.paging import Window
from catalog_contract.model.words import Filter
from catalog_contract.rules.rule import Rule

Values = Callable[[Contract, Collection], list[tuple[str, object]]]


@dataclass(frozen=True)
class Case:
    """One case of a rule: its id (words, stable from run to run), its collection, and the arguments.

    `arguments` holds plain values; `catalog`-like words hold the name of the collection until `bind`.
    """

    id: str
    collection: str
    arguments: dict[str, object] = field(default_factory=dict)


def _position(contract: Contract, row: object) -> str:
    """How the id of a case names a position: as an offset where there are any."""
    return f"{'offset' if contract.paging.random_access else 'row'}={row}"


def _window(contract: Contract, window: Window) -> str:
    return str(window).replace("offset=", _position(contract, ""), 1)


def _offsets_before_the_end(contract: Contract, collection: Collection) -> list[tuple[str, object]]:
    paging, lowest = contract.paging, collection.lowest_total or 0
    windows = (Window(paging.page_size, o) for o in paging.offsets if o + paging.page_size <= lowest)
    return [(_position(contract, window.offset), window.offset) for window in windows if paging.can_ask(window)]


def _page_limits(contract: Contract, _: Collection) -> list[tuple[str, object]]:
    return [(f"limit={limit}", limit) for limit in contract.paging.limits]


def _windows(contract: Contract, _: Collection) -> list[tuple[str, object]]:
    return [(_window(contract, window), window) for window in contract.windows]


def _own_windows(contract: Contract, collection: Collection) -> list[tuple[str, object]]:
    return [(_window(contract, window), window) for window in collection.windows if contract.paging.can_ask(window)]


def _offsets_past_the_end(contract: Contract, _: Collection) -> list[tuple[str, object]]:
    far = contract.paging.far_offset
    served = contract.paging.deepest is None or far < contract.paging.deepest
    return [("at-the-end", None), *([(_position(contract, far), far)] if served else [])]


def _huge_offsets(contract: Contract, collection: Collection) -> list[tuple[str, object]]:
    """Numbers that do not fit into 31, 32, 63 and 64 bits: each store and language has a bound of its own."""
    largest, deepest = collection.highest_total or 0, contract.paging.deepest
    ladder = dict.fromkeys((1 << 31, 1 << 32, 1 << 63, contract.paging.huge_offset))
    return [(_position(contract, offset), offset) for offset in ladder if offset > largest and deepest is None]


def _bad_queries(contract: Contract, _: Collection) -> list[tuple[str, object]]:
    return [(query.name, query) for query in contract.bad_queries]


def _filters(contract: Contract, _: Collection) -> list[tuple[str, object]]:
    names = Counter(chosen.name for chosen in contract.filters)
    return [
        (f"filter={chosen.name}" + (f"={chosen.value}" if names[chosen.name] > 1 else ""), chosen)
        for chosen in contract.filters
    ]


def _partitions(contract: Contract, _: Collection) -> list[tuple[str, object]]:
    """The filters of a partition: those of one name, or of one place where each has a name of its own."""
    names = Counter(chosen.name for chosen in contract.filters if chosen.partition)
    parts: dict[str, list[Filter]] = {}
    for chosen in contract.filters:
        if chosen.partition:
            parts.setdefault(chosen.name if names[chosen.name] > 1 else str(chosen.place), []).append(chosen)
    return [(f"by={name}", tuple(filters)) for name, filters in parts.items()]


def _sorts(contract: Contract, _: Collection) -> list[tuple[str, object]]:
    return [(f"sort={chosen.name}", chosen) for chosen in contract.sorts]


def _aliases(_: Contract, collection: Collection) -> list[tuple[str, object]]:
    return [(f"alias={alias}", alias) for alias in collection.aliases]


def _readings(contract: Contract, _: Collection) -> list[tuple[str, object]]:
    ways = ("bulk", "walk", "total") if contract.envelope.exact_total else ("bulk", "walk")
    return [(name, name) for name in ways]


def _oracle(_: Contract, collection: Collection) -> list[tuple[str, object]]:
    return [("", collection)] if collection.lowest_total is not None else []


def _known_ids(_: Contract, collection: Collection) -> list[tuple[str, object]]:
    return [("", collection.known_ids)] if collection.known_ids else []


def _baseline(contract: Contract, collection: Collection) -> list[tuple[str, object]]:
    return [("", contract.baseline[collection.name])] if collection.name in contract.baseline else []


def _rereads(_: Contract, __: Collection) -> list[tuple[str, object]]:
    return [(name, name) for name in REREADS]


def _other(contract: Contract, collection: Collection) -> list[tuple[str, object]]:
    return [("", collection.name)] if contract.against else []


BASELINE = "baseline"
OTHER = "other_catalog"
"""The same collection of the deployment to compare with."""

WORDS: dict[str, Values] = {
    "offset_before_the_end": _offsets_before_the_end,
    "offset_past_the_end": _offsets_past_the_end,
    "huge_offset": _huge_offsets,
    "page_limit": _page_limits,
    "window": _windows,
    "own_window": _own_windows,
    "bad_query": _bad_queries,
    "declared_filter": _filters,
    "partition": _partitions,
    "declared_sort": _sorts,
    "alias": _aliases,
    "first_alias": lambda contract, collection: _aliases(contract, collection)[:1],
    "counted_by": _readings,
    "oracle": _oracle,
    "known_ids": _known_ids,
    "reread": _rereads,
    BASELINE: _baseline,
    OTHER: _other,
}
"""The words whose values the contract gives, beside the catalogs."""

ANY = "any_catalog"
CATALOGS: dict[str, Callable[[Collection], bool]] = {
    "catalog": lambda collection: collection.depth == FULL,
    "counted_catalog": lambda collection: collection.depth != FULL,
    "single_catalog": lambda collection: not collection.merges,
    ANY: lambda collection: True,
    "merged_catalog": lambda collection: bool(collection.merges),
}
"""The words that stand for a collection: in full depth, counted only, single, any, the one that merges all."""

SERVICE = "service"


def words() -> frozenset[str]:
    """Every word that a rule may ask for among its arguments."""
    return frozenset({*WORDS, *CATALOGS, SERVICE})


def cases_of(rule: Rule, contract: Contract) -> list[Case]:
    """The cases that the contract gives a rule; none when it does not promise what the rule needs."""
    if rule.not_promised_by(contract):
        return []
    scope = next((word for word in rule.arguments if word in CATALOGS), None)
    if scope is None:
        return [Case(contract.name, "", {})]
    served = (collection for collection in contract.collections if not collection.retired)
    return [
        case
        for collection in served
        if CATALOGS[scope](collection) and not (rule.once and collection.merges == FLAT)
        for case in _of(rule, contract, collection, scope)
    ]


def _of(rule: Rule, contract: Contract, collection: Collection, scope: str) -> Iterator[Case]:
    chosen = [word for word in rule.arguments if word in WORDS]
    for combination in product(*(WORDS[word](contract, collection) for word in chosen)):
        id_ = "-".join([collection.name, *(label for label, _ in combination if label)])
        values = (value for _, value in combination)
        yield Case(id_, collection.name, {scope: collection.name, **dict(zip(chosen, values, strict=True))})


def bind(rule: Rule, case: Case, service: Service) -> dict[str, object]:
    """The arguments of a case with every name of a collection replaced by its catalog. Raises NotJudged."""
    bound = dict(case.arguments)
    for word, value in case.arguments.items():
        if word in CATALOGS:
            bound[word] = service.catalog(str(value))
        elif word == OTHER:
            bound[word] = service.other.catalog(str(value))
    if SERVICE in rule.arguments:
        bound[SERVICE] = service
    return bound
