"""Items as the rules compare and validate them: field by field, and each distinct body once."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from operator import is_

from catalog_contract.catalog.fingerprint import Item, state_of, without_volatile
from catalog_contract.catalog.ids import Id
from catalog_contract.catalog.page import UNAVAILABLE, Page
from catalog_contract.catalog.walk import Walk
from catalog_contract.contracts.schema import schema_of
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import JSON, Exchange
from catalog_contract.model.json_body import NotJson
from catalog_contract.model.verdict import NotJudged


def differs(item: Item, other: Item, volatile: tuple[str, ...]) -> bool:
    """Whether two bodies differ in more than what may change from read to read."""
    return item is not other and not json_equal(without_volatile(item, volatile), without_volatile(other, volatile))


def json_equal(one: Item, other: Item) -> bool:
    """Whether two JSON values say the same: 1 is neither 1.0 nor true; a field that is null is as good as left out."""
    if one is other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return all(json_equal(one.get(key), other.get(key)) for key in {**one, **other})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(json_equal, one, other))
    return type(one) is type(other) and one == other


def first_differing_item(page: Page, bulk: Walk, volatile: tuple[str, ...]) -> str | None:
    """The first id whose item differs between a page and the bulk read; None where all that both list agree."""
    if page.stored or bulk.stored:
        return _first_by_prints(page, bulk, volatile)
    return page.beside(bulk, _first_by_bodies, volatile)


def _first_by_bodies(page: Page, bulk: Walk, volatile: tuple[str, ...]) -> str | None:
    if all(map(is_, page.items, map(bulk.by_id.get, page.ids))):  # the usual page, at the speed of C
        return None
    for id_, item in zip(page.ids, page.items, strict=True):
        if id_ is not None and (other := bulk.by_id.get(id_)) is not None and differs(item, other, volatile):
            return id_
    return None


def _first_by_prints(page: Page, bulk: Walk, volatile: tuple[str, ...]) -> str | None:
    """See `first_differing_item`: bodies are read again only where their fingerprints differ."""
    part = slice(page.row or 0, (page.row or 0) + page.count)
    if page.ids == bulk.ids[part] and page.prints == bulk.prints[part] and not bulk.twice:
        return None
    for at, id_ in enumerate(page.ids):
        there = bulk.last_index.get(id_)
        if id_ is None or there is None or page.prints[at] == bulk.prints[there]:
            continue
        if differs(page.items[at], bulk.item_at(there), volatile):
            return id_
    return None


def states_at(reading: Walk, indexes: Iterable[int], volatile: tuple[str, ...]) -> list[int]:
    """What stands for the items at some indexes, without their volatile fields."""
    return [state_of(item, volatile) for item in reading.items_at(indexes).values()]


def with_other_bodies(one: Walk, other: Walk, indexes: Iterable[int], volatile: tuple[str, ...]) -> list[int]:
    """The indexes, among these of one reading, at which an item differs from the same item of another reading, which
    lists it too."""
    if not (one.stored or other.stored):
        items, others, ids = list(one.items), other.by_id, one.ids
        apart = (index for index in indexes if items[index] is not others[ids[index]])
        return [index for index in apart if differs(items[index], others[ids[index]], volatile)]
    last = {index: other.last_index[one.ids[index]] for index in indexes}
    there = {index: at for index, at in last.items() if one.prints[index] != other.prints[at]}
    here, bodies = one.items_at(there), other.items_at(there.values())
    return [index for index, at in there.items() if differs(here[index], bodies[at], volatile)]


def differing_fields(page: Page, bulk: Walk, id_: str, volatile: tuple[str, ...]) -> tuple[str, ...]:
    """The fields in which one id's items differ between a page and the bulk read; empty when they agree now."""
    here, there = (without_volatile(item_of(reading, id_), volatile) for reading in (page, bulk))
    if not here or not there:
        return ()
    return tuple(key for key in {**here, **there} if not json_equal(here.get(key), there.get(key)))


def item_of(reading: Page | Walk, id_: str) -> Item:
    """The first item that carries an id; an empty dictionary where a reading has none."""
    if reading.stored and reading.ids.count(id_) == 1:
        item = reading.item_at(reading.ids.index(id_))
        return item if isinstance(item, dict) else {}
    named = zip(reading.ids, reading.items, strict=True)
    return next((item for id, item in named if id == id_ and isinstance(item, dict)), {})


def of_owner(reading: Walk, field: str, owner: str) -> tuple[tuple[Id, ...], tuple[Id, ...]]:
    """The ids of a reading's items whose field says `owner`, in order: as written, and in upper or lower case.

    A filter may fold case or not; both are right.
    """
    groups = reading.grouped(field)
    exact = {reading.ids[index] for index in groups.get(owner, ())}
    spellings = [spelling for spelling in groups if spelling.lower() == owner.lower()]
    folded = {reading.ids[index] for spelling in spellings for index in groups[spelling]}
    as_written = tuple(id for id in reading.ids if id in exact)
    return as_written, as_written if folded == exact else tuple(id for id in reading.ids if id in folded)


def filter_probe_values(reading: Walk, field: str) -> tuple[str, str]:
    """Two owners to try a filter with: one that is easily taken for another, and the largest other one.

    The first has a capital, and its name begins another's; where there is none such, it has one of the two, or is the
    second largest. Raises NotJudged when no item names its owner.
    """
    groups = reading.grouped(field)
    most = sorted(groups, key=lambda owner: -len(groups[owner]))
    if not most:
        raise NotJudged(f"no item names its {field}, so there is nothing to filter by")
    begins = {one for one, following in pairwise(sorted(most)) if following.startswith(one)}
    reported = {owner: (owner != owner.lower()) + (owner in begins) for owner in most}
    easily = max(reversed(most[1:]), key=reported.__getitem__) if most[1:] else most[0]
    return easily, most[0]


TRAITS: tuple[Callable[[str], bool], ...] = (
    lambda id: id.count("/") > 1,
    lambda id: "/" not in id,
    lambda id: re.search(r"[^\w./-]", id, re.ASCII) is not None,
    lambda id: "." in id,
    lambda id: id != id.lower(),
)
"""What an id may have about it that breaks a route."""


@lru_cache(maxsize=20_000)
def traits_of(id: str) -> frozenset[int]:
    """Which of `TRAITS` an id has, by number."""
    return frozenset(nth for nth, trait in enumerate(TRAITS) if trait(id))


def spread_sample(reading: Walk, size: int) -> tuple[str, ...]:
    """That many ids of a reading: the first, the last, the first of each unusual spelling, and some evenly between.

    An id that is unusual in several ways stands for all of them.
    """
    usable = [id for id in reading.ids if id is not None]
    if not usable:
        return ()
    first_of: dict[frozenset[int], str] = {}
    for id in usable:
        first_of.setdefault(traits_of(id), id)
    chosen, covered = [usable[0], usable[-1]], traits_of(usable[0]) | traits_of(usable[-1])
    while not (more := max(first_of, key=lambda traits: len(traits - covered))) <= covered:
        chosen.append(first_of[more])
        covered |= more
    between = (usable[len(usable) * step // size] for step in range(1, size))
    return tuple(dict.fromkeys((*chosen, *between)))[:size]


def detail_differences(
    exchange: Exchange, bulk: Walk, id_: str, contract: Contract, schema: dict[str, object] | None
) -> str:
    """In what an item's own page departs from the list, in words; empty when it agrees. `schema` is that of its items.

    Raises NotJudged when the page could not be had.
    """
    assert contract.detail is not None
    if exchange.failure is not None or exchange.status in UNAVAILABLE:
        raise NotJudged(f"{exchange.request.label}: {exchange.failure or f'answered {exchange.status}'}", exchange.curl)
    if exchange.status != 200:
        return f"answered {exchange.status}, expected 200"
    try:
        data = exchange.data
    except NotJson as error:
        return f"is not JSON ({error})"
    if not exchange.says_json:
        return f"says Content-Type {exchange.kind or '(none)'}, expected {JSON}"
    item = data.get(contract.detail.item) if contract.detail.item and isinstance(data, dict) else data
    if not isinstance(item, dict):
        return f"holds no item under {contract.detail.item!r}"
    listed = item_of(bulk, id_)
    differs = [f for f in contract.detail.agree if f in listed and not json_equal(item.get(f), listed[f])]
    if differs:
        return "; ".join(f"says {f} {shown(item.get(f))}, the list {shown(listed[f])}" for f in differs[:2])
    fault = schema_of(schema).fault(item) if schema else ""
    return f"{contract.words.render('holds an item that is not as its schema')}: {fault}" if fault else ""


def shown(value: object) -> str:
    """A value for a message, cut short."""
    return repr(value)[:80]
