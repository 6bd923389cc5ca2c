"""Identity: an item is listed once and is the same everywhere. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

import re
import unicodedata
from collections import defaultdict
from contextlib import suppress

from catalog_contract.catalog.bodies import bodies_in_turn, other_bodies
from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.ids import lost, oscillates, repeated
from catalog_contract.catalog.page import Page, beside, readable, some
from catalog_contract.catalog.walk import Walk, ids_of
from catalog_contract.model.verdict import Kind, Severity
from catalog_contract.rules.rule import rule

NO_TEXT = frozenset({"None", "null", "undefined", "NaN", "[object Object]"})
"""What a value that is not text becomes when it is made one."""

FOLDABLE = re.compile(r"[A-Z\s]")
"""What may differ between two ids that a person or a route takes for one, in ASCII."""

UNSEEN = frozenset("\ufffd\u00ad\u200b\u2060\ufeff")
"""The sign for a character that was lost, and signs without width that no writing needs."""


@rule(Severity.CRITICAL, once=True)
def test_ids_are_unique_within_a_page(catalog: Catalog) -> None:
    """No page of the walk lists an item twice.

    Why: a duplicate within a page comes of a join or a merge, and hides an item that is missing.
    """
    for page in readable(catalog.walk().pages):
        twice = repeated(page.ids)
        where = [index for index, found in enumerate(page.ids) if found in twice[:1]]
        message = f"the page at {page.where} lists {catalog.items(len(twice))} twice: {some(twice)} at index {where}"
        assert not twice, page.evidence(message, repeated=twice)


@rule(Severity.BLOCKER, once=True)
def test_ids_are_unique_over_the_walk(catalog: Catalog) -> None:
    """No item is met twice on the walk through all pages.

    Why: a page boundary that repeats an item, an ignored position and an unstable order all show here.

    Cannot see: a repetition that growth at the front of the list explains.
    """
    walk = catalog.walk()
    twice = walk.twice
    for (one, other), id_ in _pages_with(walk, twice).items():
        if catalog.lawful(one, other):
            wrong = catalog.contradicted(one) or catalog.contradicted(other)
        else:
            one, other = read_apart(catalog, one, other)
            wrong = set(one.ids) & set(other.ids) - {None}
        message = (
            f"{some([id_])} stands {places(one, other, id_)}; "
            f"{catalog.items(len(twice))} repeated on the walk ({len(walk.unique):,} unique of {walk.count:,})"
        )
        assert not wrong, beside(other.evidence(message, repeated=twice), one)


def read_apart(catalog: Catalog, one: Page, other: Page) -> tuple[Page, Page]:
    """Two pages of the walk that share an item, settled: of a list that repeats items the law cannot be asked."""
    return catalog.settle(
        catalog.reader(one),
        catalog.reader(other),
        lambda one, other: (
            one.exchange.request.label != other.exchange.request.label and not set(one.ids) & set(other.ids) - {None}
        ),
        ids_of,
    )


def places(one: Page, other: Page, id_: str) -> str:
    """Where a repeated id stands in two pages, or twice in one page, for a message."""
    if one.where == other.where:
        return f"at {other.where}, index {[index for index, found in enumerate(other.ids) if found == id_][:2]}"
    return " and ".join(
        f"at {page.where}, index {page.ids.index(id_) if id_ in page.ids else '(gone)'}" for page in (one, other)
    )


def _pages_with(walk: Walk, twice: tuple[str, ...]) -> dict[tuple[Page, Page], str]:
    """The pages of a walk in which repeated ids stand first and second, the same page twice where it is one; with the
    first of the ids that these pages repeat."""
    repeats, indexes = frozenset(twice), defaultdict[str, list[int]](list)
    for index, id_ in enumerate(walk.ids):
        if id_ in repeats:
            indexes[id_].append(index)
    pairs: dict[tuple[Page, Page], str] = {}
    for id_ in twice:
        first, second = indexes[id_][:2]
        pairs.setdefault((walk.page_of(first), walk.page_of(second)), id_)
    return pairs


@rule(Severity.BLOCKER, once=True)
def test_ids_are_unique_in_the_bulk_read(catalog: Catalog) -> None:
    """The bulk read lists every item once.

    Why: a bulk read that repeats one page again and again looks long and is short.
    """
    bulk = catalog.stable_bulk(lambda bulk: not bulk.twice)
    twice = bulk.twice
    where = [index for index, found in enumerate(bulk.ids) if found == twice[0]][:2] if twice else []
    listed = f"{catalog.items(bulk.count)}, {len(bulk.unique):,} unique"
    message = f"{listed}: {some(twice)} repeated, the first at index {where}"
    assert not twice, bulk.evidence(message, repeated=twice)


@rule(Severity.NORMAL, needs=("item.ids_differ_by_more_than_case",))
def test_ids_differ_by_more_than_case(single_catalog: Catalog) -> None:
    """No two ids of the bulk read are equal but for upper and lower case, Unicode form or white space around.

    Why: routes and caches that fold case answer one of the two items for both; a person sees one item twice.
    """
    bulk = single_catalog.bulk()
    clashes = bulk.once(alike_to_the_eye)
    alike = "1 pair of ids looks" if len(clashes) == 1 else f"{len(clashes)} pairs of ids look"
    message = f"{alike} the same: {some(' and '.join(group) for group in clashes)}"
    assert not clashes, bulk.evidence(message, repeated=[spelling for group in clashes for spelling in group])


def alike_to_the_eye(reading: Walk) -> list[list[str]]:
    """The groups of ids of a reading that are the same when they are `folded`, sorted."""
    ids = reading.unique
    together = "".join(ids)
    if together.isascii() and not FOLDABLE.search(together):
        return []  # the usual list, without a copy of it
    if together.isascii() and len(set(map(str.lower, map(str.strip, ids)))) == len(ids):
        return []
    spellings: dict[str, list[str]] = defaultdict(list)
    for id_ in ids:
        spellings[folded(id_)].append(id_)
    return sorted(sorted(group) for group in spellings.values() if len(group) > 1)


@rule(Severity.CRITICAL)
def test_every_item_has_an_id(any_catalog: Catalog) -> None:
    """Every item of the bulk read, and of the walk, is an object whose id is a text, not empty and fit to be shown.

    An id with white space around it, a control, unseen or replacement character, or UTF-8 read in another encoding
    (`Ã©`) has been damaged on the way.

    Why: the frontend keys its list by id; an item without one is lost or shown twice.
    """
    for reading in any_catalog.full_reads():
        without = reading.once(without_id)
        where = reading.page_of(without[0]) if without else reading.pages[0]
        message = f"{any_catalog.items(len(without))} without a usable id, the first at index"
        assert not without, where.evidence(f"{message} {without[:1]} of {reading.count}")
        damaged = reading.once(damaged_ids)
        page = reading.page_of(reading.ids.index(damaged[0])) if damaged else reading.pages[0]
        amount = "1 id is" if len(damaged) == 1 else f"{len(damaged)} ids are"
        assert not damaged, page.evidence(f"{amount} damaged: {', '.join(map(repr, damaged[:3]))}")


def without_id(reading: Walk) -> list[int]:
    """The indexes of the items of a reading that have no usable id."""
    return [index for index, found in enumerate(reading.ids) if found is None] if None in reading.ids else []


def damaged_ids(reading: Walk) -> list[str]:
    """The ids of a reading that are damaged, in order."""
    whole = "".join(reading.unique)
    if whole.isascii() and whole.isprintable() and " " not in whole and not reading.unique & NO_TEXT:
        return []  # the usual list, at the speed of C
    return [id for id in reading.ids if id and is_damaged(id)]


def is_damaged(id: str) -> bool:
    """Whether an id has white space around it, a sign that cannot be seen, or is text read in the wrong encoding."""
    if id in NO_TEXT:
        return True
    if id.isascii():
        return id != id.strip() or not id.isprintable()
    unseen = any(sign in UNSEEN or unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in id)
    return id != id.strip() or unseen or is_mojibake(id)


def is_mojibake(id: str) -> bool:
    """Whether an id is UTF-8 that was read as Latin-1 or Windows-1252: back and forth it becomes another text."""
    for wrong in ("latin-1", "cp1252"):
        with suppress(UnicodeError):
            return id.encode(wrong).decode("utf-8") != id
    return False


def folded(id: str) -> str:
    """An id without what a person or a route may not see: case, Unicode form, width, white space around it."""
    if id.isascii():
        return id.lower().strip()
    return unicodedata.normalize("NFKC", "".join(sign for sign in id if sign not in UNSEEN)).casefold().strip()


@rule(Severity.BLOCKER, of_items=False)
def test_known_items_are_listed(catalog: Catalog, known_ids: tuple[str, ...]) -> None:
    """Every item that the contract documents as listed is in the bulk read.

    Why: a list that lost a part is consistent with itself; only what is known from outside shows the loss.

    Cannot see: the loss of items that nobody has documented.
    """
    bulk = catalog.bulk()
    missing = lost(known_ids, bulk.ids)
    message = f"{len(missing)} of {len(known_ids)} documented {catalog.nouns} are not listed: {some(missing)}"
    assert not missing, bulk.evidence(message, lost=missing)


@rule(Severity.NORMAL, compares=True)
def test_an_item_is_the_same_wherever_it_is_read(catalog: Catalog) -> None:
    """An item carries the same fields in every page, window and bulk read, save those declared volatile.

    Why: a body that depends on where it is read comes of a cache, a replica or a join gone wrong.

    Cannot see: the items of declared filters and sorts, which may carry more there, as a score.
    """
    changed = []
    for other in other_bodies(catalog, readable(catalog.planned_pages())):
        assert not other.fields, other.evidence
        changed.append(other)
    for other in changed[:1]:
        message = f"{some([other.id])} goes back and forth when its page is read again and again"
        assert not oscillates(bodies_in_turn(catalog, other)), other.page.evidence(message, Kind.UNSTEADY)
