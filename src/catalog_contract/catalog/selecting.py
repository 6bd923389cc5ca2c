"""What a filter lists, beside what it selects of the whole list, while both may change."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.ids import Id, lost
from catalog_contract.catalog.items import of_owner
from catalog_contract.catalog.page import Page, same, some
from catalog_contract.catalog.reading import Part
from catalog_contract.catalog.walk import Walk, ids_of, total_of
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


@dataclass(frozen=True)
class OwnersPage:
    """A page of an owner's items, and what it may be a slice of: the owner as written, and in upper or lower case."""

    page: Page
    owner: str
    lists: tuple[Ids, ...]

    @property
    def whole(self) -> Ids:
        """All items of the owner."""
        return next((ids for ids in self.lists[1:] if self.page.ids == self._slice(ids)), self.lists[0])

    @property
    def expected(self) -> Ids:
        """The slice that the page names."""
        return self._slice(self.whole)

    @property
    def counts_them(self) -> bool:
        """Whether the page says how many items the owner has in all, where it says so."""
        page = self.page
        silent = not page.envelope.exact_total or page.leaves_out("total")
        return any(
            page.ids == self._slice(ids) and (silent or same(page.counter("total"), len(ids))) for ids in self.lists
        )

    @property
    def evidence(self) -> Evidence:
        """The evidence that it is not the slice, or that its total is wrong."""
        page, expected = self.page, self.expected
        named = f"filtered by {self.owner}, the page at {page.window}"
        if page.ids == expected:
            return page.evidence(
                f"{named} says total {total_of(page, page)!r}, {page.amount(len(self.whole))} are of it"
            )
        message = f"{named} holds {some(page.ids) or 'nothing'}, expected {some(expected) or 'nothing'}"
        return page.evidence(message, lost=lost(expected, page.ids), unexpected=lost(page.ids, expected))

    def _slice(self, ids: Ids) -> Ids:
        at = self.page.row or 0
        return ids[at : at + (self.page.limit or 0)]


def owners_page(catalog: Catalog) -> OwnersPage:
    """A page of the items of the largest owner, settled with the whole list. Raises as `Catalog.settle`."""
    field, owner = catalog.contract.item.owner or "", catalog.filter_values()[1]
    page, bulk = catalog.settle(
        catalog.reader(catalog.filtered_pages()[-1]),
        catalog.bulk_again,
        lambda page, bulk: OwnersPage(page, owner, of_owner(bulk, field, owner)).counts_them,
        lambda reading: (ids_of(reading), total_of(reading, reading) if isinstance(reading, Page) else None),
    )
    return OwnersPage(page, owner, of_owner(bulk, field, owner))
