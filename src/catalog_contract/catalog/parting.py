"""Where two readings of one list part, and the pages that it takes to see it."""

from collections.abc import Iterator

from catalog_contract.catalog.ids import first_difference
from catalog_contract.catalog.page import Page, beside, some
from catalog_contract.catalog.walk import Walk
from catalog_contract.model.verdict import Evidence


def parting_evidence(message: str, one: Walk, other: Walk) -> Evidence:
    """The evidence that two readings differ: the message, with what is wrong where they part, and the pages around it.

    These are the page before that place and the one after it, in the reading that lacks or repeats an item; where both
    are one page, or no page follows, that page and the one of the other reading.
    """
    at = first_difference(one.ids, other.ids)
    wrong, right, what = _parted(one, other, at)
    pages = list(dict.fromkeys(_around(wrong, at)))
    where = f"{'in' if len(pages) == 1 and at < wrong.count else 'after'} the page at {pages[0].window}"
    pages += [right.page_of(at)] if len(pages) == 1 and at < right.count else []
    first, *others = pages
    return beside(first.evidence(f"{message}; index {at:,}, {where}: {what}"), *others)


def _parted(one: Walk, other: Walk, at: int) -> tuple[Walk, Walk, str]:
    """The reading that is wrong at an index, the other, and what is wrong there."""
    for wrong, right in ((one, other), (other, one)):
        if at < right.count and right.ids[at] not in wrong.unique:
            return wrong, right, f"{some([right.ids[at]])} is missing"
    for wrong, right in ((other, one), (one, other)):
        if at < wrong.count and wrong.ids[at] in wrong.ids[:at]:
            return wrong, right, f"{some([wrong.ids[at]])} is repeated"
    here, there = (some(reading.ids[at : at + 1]) or "nothing" for reading in (one, other))
    return one, other, f"{here}, expected {there}"


def _around(reading: Walk, at: int) -> Iterator[Page]:
    """The pages that hold what stands before an index of a reading, and at it; the first page where it has nothing."""
    if at:
        yield reading.page_of(at - 1)
    if at < reading.count:
        yield reading.page_of(at)
    elif not at:
        yield reading.pages[0]
