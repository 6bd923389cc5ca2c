"""The same page read twice, and pages read side by side."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from catalog_contract.catalog.catalog import SIDE_BY_SIDE, Catalog
from catalog_contract.catalog.ids import first_difference, lost
from catalog_contract.catalog.page import Page, some
from catalog_contract.catalog.settle import READINGS
from catalog_contract.model.verdict import Evidence, Kind, NotJudged


def read_otherwise(before: Page, now: Page) -> Evidence:
    """The evidence that a page read twice lists other items: the first index at which both part."""
    at = first_difference(before.ids, now.ids)
    here, there = (some(ids[at : at + 1]) or "nothing" for ids in (now.ids, before.ids))
    gone, new = lost(before.ids, now.ids), lost(now.ids, before.ids)
    message = f"read twice, the answer differs: index {at} was {there} and is now {here}"
    counted = f"{len(gone)} gone, {len(new)} new"
    return now.evidence(f"{message}; {counted}", Kind.UNSTEADY, lost=gone, unexpected=new)


def was_the_end(catalog: Catalog, pages: Sequence[Page], index: int) -> bool:
    """Whether a page was the last one when it was read, and others came behind it since: read again after them, it goes
    on with all that they hold, as far as it has room."""
    page = pages[index]
    again = catalog.reader(page)(pages[-1].finished)
    met = tuple(chain.from_iterable(page.ids for page in pages[index:]))
    grown = not again.fault and again.count > page.count
    return grown and again.ids[: len(met)] == met[: again.count]


def changed_beside_others(catalog: Catalog) -> list[tuple[Page, Page]]:
    """The pages that differ when they are read at the same moment from what they are alone, before and after: each as
    read beside the others, and alone.

    Raises NotJudged where the list changes through every reading.
    """
    pages = catalog.side_by_side()
    for _ in range(READINGS):
        alone, after = pages, max(page.finished for page in pages)
        mine, *others = map(catalog.reader, pages)
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:  # this thread asks too: it has a connection already
            asked = pool.map(lambda read: read(after), others)  # noqa: B023
            together = [mine(after), *asked]
        different = [n for n, page in enumerate(together) if unlike_alone(catalog, page, alone[n])]
        if not different:
            return []
        after = max(page.finished for page in together)
        pages = [catalog.reader(page)(after) for page in pages]
        if found := [(together[n], alone[n]) for n in different if catalog.says_the_same(pages[n], alone[n])]:
            return found
    raise NotJudged(f"{catalog.name} moved through {READINGS} readings", pages[0].exchange.curl)


def unlike_alone(catalog: Catalog, beside: Page, alone: Page) -> str:
    """In what a page read beside others differs from the same read alone; empty where in nothing.

    Raises NotJudged where one of the two was not available.
    """
    where = f"read beside others, the page at {beside.where}"
    if beside.fault and not beside.unavailable and not alone.fault:
        return f"{where} {beside.fault}; alone it is answered"
    if catalog.says_the_same(beside, alone):
        return ""
    if beside.ids != alone.ids:
        begins, expected = some(beside.ids[:1]), some(alone.ids[:1])
        return f"{where} holds other {catalog.nouns}; it begins with {begins}, alone with {expected}"
    counters, usual = beside.own_counters, alone.own_counters
    wrong = {name: counters[name] for name in counters if counters[name] != usual[name]}
    return (
        f"{where} says {wrong} of itself, alone not"
        if wrong
        else f"{where} holds the same {catalog.nouns} with other bodies"
    )
