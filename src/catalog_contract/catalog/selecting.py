"""What a filter lists, beside what it selects of the whole list, while both may change."""

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.ids import Id, lost, repeated
from catalog_contract.catalog.reading import Part
from catalog_contract.catalog.settle import READINGS
from catalog_contract.catalog.walk import Walk, ids_of
from catalog_contract.model.verdict import Evidence, NotJudged
from catalog_contract.model.words import Filter

Ids = tuple[Id, ...]


STAYED = " (the list moved meanwhile: only items that stayed are counted)"


def same_items(one: Ids, other: Ids) -> bool:
    """Whether two lists hold the same ids as often, in any order."""
    return Counter(one) == Counter(other)


def refuse_cut_readings(listed: Walk, whole: Walk, gone: Sequence[str], new: Sequence[str]) -> None:
    """Raise NotJudged where readings that were cut explain a difference: items that `listed` lacks may stand behind its
    end, those that it has beside `whole` behind the end of that."""
    if not new:
        listed.to_its_end()
    elif whole.cut and (listed.cut or not gone):
        whole.to_its_end()


@dataclass(frozen=True)
class Chosen:
    """All that a filter or a sort lists, and the ids that it must list of the whole list, and of what it lists itself.

    Of a list that `moved`, `ids` and `expected` are those of items that were there all the time.
    """

    listed: Walk
    whole: Walk
    ids: Ids
    expected: Ids
    fitting: Ids
    moved: bool = False

    @property
    def exact(self) -> bool:
        """Whether both are the same. Raises NotJudged where the suite itself stopped before the end of a list."""
        if same_items(self.ids, self.expected):
            return True
        gone, new = lost(self.expected, self.ids), lost(self.ids, self.expected)
        strange = any(id in self.whole.unique for id in new) or lost(self.ids, self.fitting)
        if not strange:
            refuse_cut_readings(self.listed, self.whole, gone, new)
        return False

    def evidence(self, message: str) -> Evidence:
        """The evidence that they are not. `message` says what is listed, and beside what."""
        gone, new, twice = lost(self.expected, self.ids), lost(self.ids, self.expected), repeated(self.ids)
        counted = f"{message}; {len(gone)} lost, {len(new)} unexpected{f', {len(twice)} listed twice' if twice else ''}"
        note = STAYED if self.moved else ""
        return self.listed.evidence(counted + note, lost=gone, unexpected=new, repeated=twice)


@dataclass(frozen=True)
class Parted:
    """What the filters of a partition list one after another, beside the items that they must list: of a list that
    moves, those alone that were there all the time."""

    readings: tuple[Walk, ...]
    whole: Walk
    listed: Ids
    expected: Ids
    moved: bool = False

    @property
    def exact(self) -> bool:
        """Whether both are the same. Raises NotJudged where the suite itself stopped before the end of a list."""
        if same_items(self.listed, self.expected):
            return True
        doubtful = () if repeated(self.listed) else self.readings if lost(self.expected, self.listed) else (self.whole,)
        for reading in filter(lambda one: one.cut, doubtful):
            reading.to_its_end()
        return False

    def evidence(self, names: str) -> Evidence:
        """The evidence that they are not. `names` are those of the filters."""
        gone, twice = lost(self.expected, self.listed), repeated(self.listed)
        message = f"the filters {names} list {len(self.listed):,} together, the whole holds {len(self.expected):,}"
        counted = f"{message}; {len(gone)} lost, {len(twice)} listed twice"
        return self.readings[0].evidence(counted + (STAYED if self.moved else ""), lost=gone, repeated=twice)


def parted_by(catalog: Catalog, partition: Sequence[Filter]) -> Parted:
    """What the filters of a partition list, and the whole that they must make.

    Where that is not the bulk read, they are read again between two whole readings. What both of these list, and what
    each filter selects alike of both, was there all the time: the law lets an item come or go once.

    Raises NotJudged where the readings of a filter differ again and again, where no item was there all the time, and
    where the law cannot be asked.
    """
    readings, whole = [catalog.bulk_of(Part(query=chosen.query)) for chosen in partition], catalog.bulk()
    listed = tuple(chain.from_iterable(reading.ids for reading in readings))
    if same_items(listed, whole.ids):
        return Parted(tuple(readings), whole, listed, whole.ids)
    before = catalog.bulk_again(max(reading.finished for reading in readings))
    readings = [_steady(catalog, Part(query=chosen.query), before.finished) for chosen in partition]
    after = catalog.bulk_again(max(reading.finished for reading in readings))
    listed = tuple(chain.from_iterable(reading.ids for reading in readings))
    was, now = _selections(before, partition), _selections(after, partition)
    if before.ids == after.ids and was == now:
        return Parted(tuple(readings), after, listed, after.ids)
    stayed = tuple(id for id, selected in was.items() if now.get(id) == selected)
    unknown, strange = _unknown(listed, before, after, catalog.contract.paging.churn)
    judged = {*stayed, *strange}
    known = tuple(id for id in listed if id in judged)
    if not stayed or (unknown and same_items(known, stayed)) or not catalog.lawful():
        raise NotJudged(f"{catalog.name} moved while its filters were read", after.pages[0].exchange.curl)
    return Parted(tuple(readings), after, known, stayed, moved=True)


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


Select = Callable[[Walk], tuple[Ids, ...]]
"""What may be listed of a reading of the whole list: one of these."""


def chosen_of(catalog: Catalog, part: Part, select: Select) -> Chosen:
    """What a filter or a sort lists, settled with the whole list; where that moves all the time, beside the items that
    stayed.

    Raises as `Catalog.settle`, and NotJudged where a list that moves may have torn what is listed.
    """
    try:
        listed, whole = catalog.settle(
            lambda after: catalog.bulk_of(part, after),
            catalog.bulk_again,
            lambda listed, whole: any(same_items(listed.ids, ids) for ids in select(whole)),
            lambda reading: (_set_of(reading), select(reading)),
        )
    except NotJudged as moved:
        return _of_those_that_stayed(catalog, part, select, moved)
    choices = select(whole)
    at = next((at for at, ids in enumerate(choices) if at and same_items(listed.ids, ids)), 0)
    return Chosen(listed, whole, listed.ids, choices[at], select(listed)[at])


def _set_of(reading: Walk) -> Ids:
    """The ids of a reading in an order of their own: what a filter or a sort lists may be in another one each time."""
    return type(ids_of(reading))(sorted(reading.ids, key=str))


def _of_those_that_stayed(catalog: Catalog, part: Part, select: Select, moved: NotJudged) -> Chosen:
    """What is listed of the items that two whole readings around it both list, and select or not alike.

    The law lets an item come, go or change once. An item that goes while several pages are read hides another one, and
    one that comes shows another twice: as many as the contract allows prove nothing then.

    Raises `moved` where none stayed, where more came and went, where so few are lost, where a few are listed that
    neither of the two readings shows, and where the law cannot be asked.
    """
    if not catalog.lawful():
        raise moved
    before = catalog.bulk()
    listed = catalog.bulk_of(part, before.finished)
    after = catalog.bulk_again(listed.finished)
    churn = catalog.contract.paging.churn
    torn = 0 if listed.at_once else churn
    stayed, (unknown, strange) = {*before.ids} & {*after.ids}, _unknown(listed.ids, before, after, churn)
    found = [
        _stayed(listed.ids, _in_both(one, other, stayed), (stayed - {*one} - {*other}) | strange, torn)
        for one, other in zip(select(before), select(after), strict=True)
    ]
    at = next((at for at, (ids, expected) in enumerate(found) if {*ids} == {*expected}), 0)
    ids, expected = found[at]
    gone, more = lost(expected, ids), len(ids) > len({*ids}) or lost(ids, expected)
    if not expected or (0 < len(gone) <= torn and not more) or len({*before.ids} ^ {*after.ids}) > churn:
        raise moved
    if unknown and same_items(ids, expected):
        raise moved
    return Chosen(listed, after, ids, expected, select(listed)[at], moved=True)


def _unknown(listed: Ids, before: Walk, after: Walk, churn: int) -> tuple[AbstractSet[Id], AbstractSet[Id]]:
    """The listed items that neither of two whole readings around shows; again, where they are more than may come and
    go: no list explains these."""
    unknown = {*listed} - {*before.ids} - {*after.ids}
    return unknown, unknown if len(unknown) > churn else frozenset()


def _in_both(one: Ids, other: Ids, stayed: AbstractSet[Id]) -> Ids:
    """The items of two lists that stayed, each once, in the order of the first."""
    there = stayed & {*other}
    return tuple(dict.fromkeys(id for id in one if id in there))


def _stayed(listed: Ids, selected: Ids, never: AbstractSet[Id], torn: int) -> tuple[Ids, Ids]:
    """What is listed, and what must be, of the items that were selected all the time, or never: each once, unless more
    than may be torn are listed again."""
    judged = {*selected, *never}
    ids = tuple(id for id in listed if id in judged)
    once = tuple(dict.fromkeys(ids))
    return ids if len(ids) - len(once) > torn else once, selected
