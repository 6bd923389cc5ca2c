"""Cursors: what is documented of the values that lead on. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

import re
from collections.abc import Iterator

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.page import Page, readable
from catalog_contract.catalog.pagers.base import nothing
from catalog_contract.catalog.reading import Part
from catalog_contract.catalog.refusal import treated_as_bad
from catalog_contract.model.verdict import NotJudged, Severity
from catalog_contract.rules.rule import rule

UNSAFE = re.compile(r"[^A-Za-z0-9\-._~!$'()*,;:@/?=]")
"""What cannot stand in a query as it is, or means another thing there: `+` is read as a space."""


@rule(Severity.NORMAL, needs=("parameters.cursor", "cursor.bad", "cursor.bound_to", "cursor.reusable"))
def test_a_cursor_belongs_to_its_query(catalog: Catalog) -> None:
    """A cursor of the whole list is refused with a 4xx, or ignored, as declared, where a filter or an order is added.

    Why: a cursor that is taken for another query begins in the middle of a list whose beginning nobody has read.

    Cannot see: cursors of one filter with another filter.
    """
    size = size_that_leads_on(catalog)
    if size is None:
        return
    given = cursor_of(catalog.page(0, size), catalog)
    if nothing(given):
        raise NotJudged(f"{catalog.name}: the first page of {size} leads nowhere, so there is no cursor to try")
    for what, part in other_queries(catalog):
        first = catalog.page_of_part(part, 0, size)
        if first.fault:
            raise first.not_judged()
        request = catalog.pager(part).led(first, given).request
        if request is None:
            raise NotJudged(f"{catalog.name}: no cursor could be tried", first.exchange.curl)
        treated_as_bad(catalog, request, f"a cursor of the whole list with {what}", part, first)


def size_that_leads_on(catalog: Catalog) -> int | None:
    """A page size with which the first page leads on; None where there are not two items, and so no cursor at all."""
    count = catalog.bulk().count
    return max(1, min(catalog.page_size, count // 2)) if count > 1 else None


def cursor_of(page: Page, catalog: Catalog) -> object:
    """The cursor that a page leads on by. Raises NotJudged where it is not a list."""
    if page.fault:
        raise page.not_judged()
    return catalog.pager().next_value(page)


def other_queries(catalog: Catalog) -> Iterator[tuple[str, Part]]:
    """A query for each word that cursors are bound to. Raises NotJudged where the contract declares none."""
    bound = catalog.contract.cursor.bound_to
    chosen = [(f"the filter {one.name}", part) for one, part in catalog.selections()[:1] if "filter" in bound]
    chosen += [
        (f"the order {one.name}", Part(query=one.query)) for one in catalog.contract.sorts[:1] if "sort" in bound
    ]
    if len(chosen) < len(bound):
        raise NotJudged(f"cursors are bound to {' and '.join(bound)}, and the contract does not declare one of each")
    yield from chosen


@rule(Severity.MINOR, needs=("parameters.cursor", "cursor.url_safe", "leads"))
def test_cursors_can_stand_in_a_url_as_they_are(catalog: Catalog) -> None:
    """Every cursor is made of characters that need no escaping in the query of a URL.

    Why: a client that puts it into a URL as it is asks for another page, or for none.
    """
    size = size_that_leads_on(catalog)
    if size is None:
        return
    for page in readable(dict.fromkeys((*catalog.leading_pages(), catalog.page(0, size)))):
        value = cursor_of(page, catalog)
        if nothing(value):
            continue
        strange = UNSAFE.search(value if isinstance(value, str) else "" if isinstance(value, int) else repr(value))
        shown = "" if strange is None else strange[0].encode("unicode_escape").decode()
        assert strange is None, page.evidence(
            f"the cursor at {page.where} holds {shown!r}, which needs escaping in a URL"
        )
