"""What a filter lists, beside what it selects of the whole list, while both may change."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.ids import Id, lost
from catalog_contract.catalog.reading import Part
from catalog_contract.catalog.settle import READINGS
from catalog_contract.catalog.walk import Walk, ids_of
from catalog_contract.model.verdict import Evidence, NotJudged
from catalog_contract.model.words import Filter

Ids = tuple[Id, ...]


def same_items(one: Ids, other: Ids) -> bool:
    """Whether two lists hold the same ids as often, in any order."""
    return Counter(one) == Counter(other)


@dataclass(frozen=True)
class Filtered:
    """All that a filter lists, and the ids that it selects of the whole list."""

    listed: Walk
    expected: Ids

    @property
    def exact(self) -> bool:
        """Whether both are the same. Raises NotJudged where the suite itself stopped before the end of the list."""
        if not same_items(self.listed.ids, self.expected) and not lost(self.listed.ids, self.expected):
            self.listed.to_its_end()
        return same_items(self.listed.ids, self.expected)

    def evidence(self, catalog: Catalog, name: str) -> Evidence:
        """The evidence that they are not."""
        gone, new = lost(self.expected, self.listed.ids), lost(self.listed.ids, self.expected)
        counted = f"filtered by {name} {catalog.items(self.listed.count)} are listed, the list has"
        message = f"{counted} {len(self.expected):,} of them; {len(gone)} lost, {len(new)} unexpected"
        return self.listed.evidence(message, lost=gone, unexpected=new)


@dataclass(frozen=True)
class Parted:
    """What the filters of a partition list one after another, beside the items that they must list: of a list that
    moves, those alone that were there all the time."""

    readings: tuple[Walk, ...]
    listed: Ids
    expected: Ids

    @property
    def exact(self) -> bool:
        """Whether both are the same."""
        return same_items(self.listed, self.expected)


def parted_by(catalog: Catalog, partition: Sequence[Filter]) -> Parted:
    """What the filters of a partition list, and the whole that they must make.

    Where that is not the bulk read, they are read again between two whole readings. What both of these list, and what
    each filter selects alike of both, was there all the time: the law lets an item come or go once.

    Raises NotJudged where the readings of a filter differ again and again, and where no item was there all the time.
    """
    readings, whole = [catalog.bulk_of(Part(query=chosen.query)) for chosen in partition], catalog.bulk()
    listed = tuple(chain.from_iterable(reading.ids for reading in readings))
    if same_items(listed, whole.ids):
        return Parted(tuple(readings), listed, whole.ids)
    before = catalog.bulk_again(max(reading.finished for reading in readings))
    readings = [_steady(catalog, Part(query=chosen.query), before.finished) for chosen in partition]
    after = catalog.bulk_again(max(reading.finished for reading in readings))
    listed = tuple(chain.from_iterable(reading.ids for reading in readings))
    if before.ids == after.ids:
        return Parted(tuple(readings), listed, after.ids)
    was, now = _selections(before, partition), _selections(after, partition)
    stayed = {id for id, selected in was.items() if now.get(id) == selected}
    if not stayed:
        raise NotJudged(f"no item of {catalog.name} stayed while its filters were read", after.pages[0].exchange.curl)
    return Parted(tuple(readings), tuple(id for id in listed if id in stayed), tuple(stayed))


def _steady(catalog: Catalog, part: Part, after: float) -> Walk:
    """A reading of a part that nothing has torn: one response, or two readings in a row that are alike."""
    reading = catalog.bulk_of(part, after)
    for _ in range(READINGS):
        before, reading = reading, reading if reading.at_once else catalog.bulk_of(part, reading.finished)
        if before.ids == reading.ids:
            return reading
    raise NotJudged(f"{catalog.name} moved through every reading of its filters", reading.pages[0].exchange.curl)


def _selections(whole: Walk, partition: Sequence[Filter]) -> dict[Id, tuple[bool, ...]]:
    """Which filters select each item of a reading, by its id."""
    selected = (tuple(chosen.selects(item) for chosen in partition) for item in whole.items)
    return {id: found for id, found in zip(whole.ids, selected, strict=True) if id is not None}


def filtered(catalog: Catalog, part: Part, select: Callable[[Walk], tuple[Ids, ...]]) -> Filtered:
    """What a filter lists, settled with the whole list. `select` gives what it may select of that: one of them holds.

    Raises as `Catalog.settle`.
    """
    listed, whole = catalog.settle(
        lambda after: catalog.bulk_of(part, after),
        catalog.bulk_again,
        lambda listed, whole: any(same_items(listed.ids, ids) for ids in select(whole)),
        ids_of,
    )
    choices = select(whole)
    return Filtered(listed, next((ids for ids in choices[1:] if same_items(listed.ids, ids)), choices[0]))
