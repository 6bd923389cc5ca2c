"""What a filter lists, beside what it selects of the whole list, while both may change."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.ids import Id, lost
from catalog_contract.catalog.reading import Part
from catalog_contract.catalog.walk import Walk, ids_of
from catalog_contract.model.verdict import Evidence

Ids = tuple[Id, ...]


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
class Filtered:
    """All that a filter lists, the ids that it selects of the whole list, and of what it lists itself."""

    listed: Walk
    expected: Ids
    whole: Walk
    fitting: Ids

    @property
    def exact(self) -> bool:
        """Whether both are the same. Raises NotJudged where the suite itself stopped before the end of a list."""
        if same_items(self.listed.ids, self.expected):
            return True
        gone, new = lost(self.expected, self.listed.ids), lost(self.listed.ids, self.expected)
        strange = any(id in self.whole.unique for id in new) or lost(self.listed.ids, self.fitting)
        if not strange:
            refuse_cut_readings(self.listed, self.whole, gone, new)
        return False

    def evidence(self, catalog: Catalog, name: str) -> Evidence:
        """The evidence that they are not."""
        gone, new = lost(self.expected, self.listed.ids), lost(self.listed.ids, self.expected)
        counted = f"filtered by {name} {catalog.items(self.listed.count)} are listed, the list has"
        message = f"{counted} {len(self.expected):,} of them; {len(gone)} lost, {len(new)} unexpected"
        return self.listed.evidence(message, lost=gone, unexpected=new)


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
    at = next((at for at, ids in enumerate(choices) if at and same_items(listed.ids, ids)), 0)
    return Filtered(listed, choices[at], whole, select(listed)[at])
