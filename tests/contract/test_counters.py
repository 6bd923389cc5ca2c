"""Counters: what an answer says of itself. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from collections import defaultdict

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.page import Page, readable, same
from catalog_contract.catalog.walk import Walk
from catalog_contract.model.exchange import MISSING
from catalog_contract.model.place import Place
from catalog_contract.model.verdict import Severity
from catalog_contract.rules.rule import rule


def shown(value: object) -> str:
    """A counter's value for a message."""
    return "left out" if value is MISSING else repr(value)[:80]


@rule(Severity.NORMAL, needs=("envelope.offset", "paging.random_access"))
def test_offset_is_echoed_as_applied(any_catalog: Catalog) -> None:
    """Every answer echoes the offset that was asked for, and 0 where none was.

    Why: a client that walks by what the answers echo goes round in circles when the echo is wrong.
    """
    for page in readable(any_catalog.planned_pages()):
        if page.leaves_out("offset"):
            continue
        reported = page.counter("offset")
        message = f"the answer for {page.where} echoes offset {shown(reported)}"
        assert same(reported, any_catalog.contract.paging.starts_at + (page.row or 0)), page.evidence(message)


@rule(Severity.NORMAL, needs=("envelope.limit",))
def test_limit_is_echoed_as_applied(any_catalog: Catalog) -> None:
    """Every answer echoes the limit that was asked for, and the default where none was.

    Why: the echo may be the only sign that the limit was not applied.
    """
    default = any_catalog.contract.paging.default_limit
    for page in readable(any_catalog.planned_pages()):
        asked = page.limit if page.limit is not None else default if isinstance(default, int) else None
        if page.leaves_out("limit") or (page.limit is None and default is None):
            continue
        reported = page.counter("limit")
        message = f"the answer for limit {page.limit} at {page.where} echoes limit {shown(reported)}, expected {asked}"
        assert same(reported, asked), page.evidence(message)


@rule(Severity.NORMAL, needs=("envelope.collection",))
def test_the_canonical_name_is_echoed(any_catalog: Catalog) -> None:
    """Every answer echoes the one canonical name of its collection, whichever alias asked.

    Why: caches and clients that key by the echoed name hold one collection twice, or two as one.
    """
    for page in readable(any_catalog.planned_pages()):
        if page.leaves_out("collection"):
            continue
        reported = page.counter("collection")
        alias = "the alias " if reported in any_catalog.collection.aliases else ""
        message = f"the answer echoes {alias}{shown(reported)}, the canonical name is {any_catalog.name!r}"
        assert same(reported, any_catalog.name), page.evidence(message)


def more_follows(catalog: Catalog, page: Page, whole: Walk) -> bool:
    """Whether items come after a page in a reading of the whole collection."""
    return catalog.end_of(page, whole) < whole.count


@rule(Severity.CRITICAL, needs=("envelope.has_more",))
def test_has_more_is_true_exactly_when_more_follows(any_catalog: Catalog) -> None:
    """`has_more` is true exactly when items follow the page.

    Why: a client that trusts it stops early, or never.
    """
    for page in readable(any_catalog.planned_pages()):
        if page.leaves_out("has_more"):
            continue
        page, whole = any_catalog.settle(
            any_catalog.reader(page),
            any_catalog.whole_of(page),
            lambda page, whole: same(page.counter("has_more"), more_follows(any_catalog, page, whole)),
            lambda reading: (reading.ids, reading.counter("has_more") if isinstance(reading, Page) else None),
        )
        reported, expected = page.counter("has_more"), more_follows(any_catalog, page, whole)
        if not expected and reported is not False:
            if reported is True and any_catalog.may_lead_to_nothing(page):
                continue
            whole.to_its_end()
        where = f"at {page.window}, of {any_catalog.items(whole.count)}"
        message = f"has_more is {shown(reported)} {where}; expected {expected}"
        assert same(reported, expected), page.evidence(message)


@rule(Severity.CRITICAL, needs=("envelope.next_offset", "envelope.has_more"))
def test_next_offset_names_the_next_unread_row(any_catalog: Catalog) -> None:
    """`next_offset` is the offset of the first row after the page where more follows, and null or left out at the end.

    Why: a client that follows it skips or repeats what lies between.
    """
    for page in readable(any_catalog.planned_pages()):
        reported = page.counter("next_offset")
        if page.counter("has_more") is True:
            expected = any_catalog.contract.paging.starts_at + (page.row or 0) + page.count
            message = (
                f"next_offset is {shown(reported)} after {page.count} {any_catalog.nouns} at {page.where}, "
                f"expected {expected}"
            )
            assert same(reported, expected), page.evidence(message)
        else:
            message = f"next_offset is {shown(reported)} on a page that nothing follows, expected null"
            assert reported is None or reported is MISSING, page.evidence(message)


def nested_places(catalog: Catalog) -> list[Place]:
    """The places of the envelope that stand inside another value of the body, and not in the items."""
    envelope = catalog.contract.envelope
    places = (place for word, place in envelope.places.items() if word != "items" and place.in_body and not place.key)
    return [place for place in places if not place.startswith(f"{envelope.items}[")]


@rule(Severity.NORMAL)
def test_a_field_has_one_type_in_every_response(catalog: Catalog) -> None:
    """A declared field of the envelope has the same type in every answer (null beside it, where it may be absent).

    Why: typed clients fail on the one page where a number is a text.
    """
    declared, nested = catalog.contract.declared_fields, nested_places(catalog)
    types: dict[str, dict[str, Page]] = defaultdict(dict)
    shapes: set[tuple[object, ...]] = set()
    for page in readable(catalog.planned_pages()):
        data = page.bare
        shape = (*data, *map(type, data.values())) if isinstance(data, dict) and not nested else (page,)
        if shape in shapes:
            continue  # the usual page: it has the same fields, of the same types
        shapes.add(shape)
        reported = {name: value for name, value in data.items() if name in declared} if isinstance(data, dict) else {}
        reported |= {place: place.within(data) for place in nested}
        for name, value in reported.items():
            if value is not None and value is not MISSING:
                types[name].setdefault("number" if type(value) in (int, float) else type(value).__name__, page)
    for name, pages in types.items():
        message = " and ".join(f"{kind} at {page.window}" for kind, page in pages.items())
        assert len(pages) == 1, list(pages.values())[-1].evidence(f"{name} is {message}")
