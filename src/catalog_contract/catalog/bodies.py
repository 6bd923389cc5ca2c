"""Items whose bodies differ from place to place, judged while the list may change."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.fingerprint import without_volatile
from catalog_contract.catalog.items import differing_fields, differs, first_differing_item, item_of
from catalog_contract.catalog.page import Page, some
from catalog_contract.catalog.walk import Walk
from catalog_contract.model.verdict import Evidence


@dataclass(frozen=True)
class OtherBody:
    """An item whose body in a page was another one than in the bulk read.

    `fields` are those in which both differ still when they are read again while nothing changed; empty where the item
    had only changed in between.
    """

    page: Page
    id: str
    fields: tuple[str, ...]

    @property
    def evidence(self) -> Evidence:
        """The evidence that the two differ."""
        fields = ", ".join(self.fields)
        return self.page.evidence(f"{some([self.id])} differs from the bulk read in {fields} at {self.page.where}")


def other_bodies(catalog: Catalog, pages: Iterable[Page]) -> Iterator[OtherBody]:
    """The first item of each page whose body differs from the bulk read. Raises as `Catalog.settle`."""
    bulk, volatile = catalog.bulk(), catalog.contract.item.volatile
    for one in pages:
        found = first_differing_item(one, bulk, volatile)
        if found is None:
            continue
        page, bulk = catalog.settle(
            catalog.reader(one),
            catalog.bulk_again,
            lambda page, bulk: first_differing_item(page, bulk, volatile) is None,
            _body_of(found, volatile),
        )
        yield OtherBody(page, found, differing_fields(page, bulk, found, volatile))


def _body_of(id_: str, volatile: tuple[str, ...]) -> Callable[[Page | Walk], object]:
    return lambda reading: without_volatile(item_of(reading, id_), volatile)


def bodies_in_turn(catalog: Catalog, other: OtherBody) -> list[object]:
    """The bodies of an item in every reading of the run, one after the other; its page is read again for it."""
    catalog.reread_pages(other.page)
    readings = (reading for reading in catalog.timeline() if other.id in reading.ids)
    return list(map(_body_of(other.id, catalog.contract.item.volatile), readings))


def changed_bodies(catalog: Catalog, before: Page, now: Page) -> list[str | None]:
    """The ids of the items that two readings of one page list alike, but with another body."""
    volatile = catalog.contract.item.volatile
    pairs = zip(now.ids, before.items, now.items, strict=True)
    return [id_ for id_, one, other in pairs if differs(one, other, volatile)]
