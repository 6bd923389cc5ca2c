"""The totals that pages say, judged against what the list held while they were read."""

from collections.abc import Sequence
from itertools import pairwise

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.page import Page, readable, same, some
from catalog_contract.model.verdict import Evidence, Kind, NotJudged


def number(value: object) -> bool:
    """Whether a JSON value is a whole number; true and false are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def pages_with_a_total(catalog: Catalog) -> list[Page]:
    """Every readable page that says a total, in the order of reading. Raises NotJudged where none does."""
    pages = (page for page in readable(catalog.every_page()) if not page.leaves_out("total"))
    if not (found := sorted(pages, key=lambda page: page.started)):
        raise NotJudged("no response says a total", catalog.first_page().exchange.curl)
    return found


def oscillating_total(catalog: Catalog, pages: Sequence[Page]) -> Evidence | None:
    """The evidence that the total goes back and forth more often than a list can; None where it does not."""
    numbers = [page.counter("total") for page in pages if number(page.counter("total"))]
    # Items that come and others that go, or that come and go again, take a total back by two each.
    if _went_back(numbers) <= 2 * catalog.contract.paging.churn:
        return None
    return pages[-1].evidence(_back_and_forth(numbers), Kind.OSCILLATES)


def wrong_total(catalog: Catalog, pages: Sequence[Page]) -> Evidence | None:
    """The evidence that a total is not the size of the list while its page was read; None where none is seen.

    Raises as `Catalog.settle` and `Catalog.wrong`.
    """
    if not catalog.lawful(*pages):
        return next((wrong for page in pages if (wrong := _unlike_the_first_page(catalog, page))), None)
    # An item that came and went again takes a total with it once: what is wrong stays so when it is read again.
    odd = [page for page, least, most in catalog.sizes(pages) if not _counts(page, least, most)]
    again = [catalog.reader(page)(page.finished) for page in odd]
    for page, least, most in catalog.sizes(again) if again else ():
        if not _counts(page, least, most):
            held = catalog.items(least) if least == most else f"{least:,} to {catalog.items(most)}"
            total = f"total is {page.counter('total')!r} at {page.window}"
            return page.evidence(f"{total}; the list held {held} while it was read")
    counted = [page for page in pages if number(page.counter("total"))]
    back = catalog.returned(counted) if counted else None
    if back is None:
        return None
    message = _back_and_forth([page.counter("total") for page in counted])
    return pages[-1].evidence(f"{message}: {some([back])} goes and comes back", Kind.OSCILLATES)


def _back_and_forth(numbers: Sequence[int]) -> str:
    return f"total goes back and forth from answer to answer: {', '.join(map(str, numbers[:8]))}, ..."


def _counts(page: Page, least: int, most: int) -> bool:
    """Whether a page says a total between two numbers."""
    total = page.counter("total")
    return number(total) and least <= total <= most


def _went_back(numbers: Sequence[int]) -> int:
    """By how much some numbers moved to and fro: what they went up and down, without what is left of it."""
    moved = sum(abs(after - before) for before, after in pairwise(numbers))
    return moved - abs(numbers[-1] - numbers[0]) if numbers else 0


def _unlike_the_first_page(catalog: Catalog, page: Page) -> Evidence | None:
    """Where the law cannot be asked, the totals of two pages are judged against each other; twice, for an item that
    came and another one that went leave the total as it was."""
    since = 0.0
    for _ in range(2):
        first, other = _settled_totals(catalog, page, since)
        here, there = first.counter("total"), other.counter("total")
        if same(here, there):
            return None
        since = max(first.finished, other.finished)
    return other.evidence(f"total is {there!r} at {other.window}, and {here!r} on the first page")


def _settled_totals(catalog: Catalog, page: Page, since: float) -> tuple[Page, Page]:
    """The first page and another one, both read after a point in time, settled by their totals."""
    return catalog.settle(
        lambda after: catalog.first_page(max(after, since)),
        lambda after: catalog.reader(page)(max(after, since)),
        lambda first, other: same(first.counter("total"), other.counter("total")),
        lambda reading: reading.counter("total"),
    )
