"""What a filter lists, beside what it selects of the whole list, while both may change."""

from collections import Counter
from collections.abc import Callable
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
