"""Collections: each one answers, and holds its own. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from functools import cache

from catalog_contract.catalog.bodies import other_bodies
from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.ids import first_difference, lost
from catalog_contract.catalog.items import states_at, with_other_bodies
from catalog_contract.catalog.page import Page, readable, same, some
from catalog_contract.catalog.reading import NAMELESS
from catalog_contract.catalog.refusal import refused
from catalog_contract.catalog.rows import field_values
from catalog_contract.catalog.service import Service
from catalog_contract.catalog.walk import Walk, ids_of, total_of
from catalog_contract.model.contract import Collection
from catalog_contract.model.paging import Window
from catalog_contract.model.verdict import NotJudged, Severity
from catalog_contract.rules.rule import rule

ASKED_TOO_MUCH = frozenset({401, 403, 429})


@rule(Severity.BLOCKER, of_items=False)
def test_the_collection_answers(any_catalog: Catalog, service: Service) -> None:
    """The collection answers its list with status 200.

    Why: a suite that skips what fails stays green while nothing is served.

    Cannot see: a service that cannot be reached at all, or that wants a key: those are not judged.
    """
    page = any_catalog.opening()
    unfit = page.exchange.status == 200 and page.unavailable
    others = [catalog for catalog in service.catalogs if catalog is not any_catalog] if page.exchange.definite else []
    if page.exchange.failure is not None and any_catalog.fails_alone(page, *others):
        message = f"{any_catalog.name} fails each time ({page.fault}), while others are answered"
        raise AssertionError(page.evidence(message))
    if page.exchange.failure is not None or page.exchange.status in ASKED_TOO_MUCH or unfit:
        raise page.not_judged()
    moved = page.exchange.header("location") if page.exchange.status in (301, 302, 303, 307, 308) else None
    message = (
        f"{any_catalog.name} {page.fault}"
        + (f" and points to {moved}" if moved else "")
        + f", expected a list of {any_catalog.nouns}"
    )
    assert not page.fault, page.evidence(message)


@rule(Severity.BLOCKER, of_items=False)
def test_the_collection_holds_its_expected_number_of_items(counted_catalog: Catalog, oracle: Collection) -> None:
    """The collection lists as many different items as the contract expects, within its tolerance.

    Why: a short list looks like any other; only a figure from outside shows that it is short.

    Cannot see: a loss smaller than the tolerance.
    """
    bulk, low, high = counted_catalog.bulk(), oracle.lowest_total, oracle.highest_total
    count = counted_catalog.size_of(bulk)
    allowed = f"{low:,} to {high:,}" if high is not None else f"{low:,} or more"
    figure = oracle.expected_total or oracle.minimum_total
    message = (
        f"{counted_catalog.name} lists {counted_catalog.items(count)}, expected about {figure:,} "
        f"({allowed}; figure of {oracle.as_of})"
    )
    empty = oracle.may_be_empty and not bulk.count
    assert empty or ((low is None or count >= low) and (high is None or count <= high)), bulk.evidence(message)


@rule(Severity.CRITICAL, once=True)
def test_the_collection_lists_every_item_once(counted_catalog: Catalog) -> None:
    """No item stands twice in the collection's list.

    Why: duplicates make a short list look long.
    """
    bulk = counted_catalog.stable_bulk(lambda bulk: not bulk.twice)
    twice = bulk.twice
    listed = f"{counted_catalog.items(bulk.count)}, {len(bulk.unique):,} unique"
    message = f"{counted_catalog.name} lists {listed}: {some(twice)} repeated"
    assert not twice, bulk.evidence(message, repeated=twice)


@rule(Severity.NORMAL)
def test_the_collection_counts_what_it_lists(counted_catalog: Catalog) -> None:
    """The counters of the collection's bulk read say what it holds, and its windows the same total.

    Why: the frontend shows the counter, not the list.
    """
    bulk = counted_catalog.stable_bulk(lambda bulk: all(total_of(page, bulk) == bulk.count for page in bulk.pages))
    for page in readable(bulk.pages):
        expected = {"total": bulk.to_its_end().count, "returned": page.count}
        reported = {name: page.counter(name) for name in expected if getattr(page.envelope, name)}
        if not page.envelope.exact_total:
            reported.pop("total", None)
        wrong = {name: value for name, value in reported.items() if not same(value, expected[name])}
        message = f"{counted_catalog.name} says {wrong}, the bulk read holds {counted_catalog.items(bulk.count)}"
        assert not wrong, page.evidence(message)
    for window in counted_catalog.planned_pages()[len(bulk.pages) :]:
        page, bulk = counted_catalog.settle(
            counted_catalog.reader(window),
            counted_catalog.bulk_again,
            lambda page, bulk: same(total_of(page, bulk), bulk.count),
            lambda reading: (ids_of(reading), total_of(reading, reading) if isinstance(reading, Page) else None),
        )
        message = f"the window at {page.where} says total {total_of(page, bulk)!r}, the bulk read holds {bulk.count}"
        assert same(total_of(page, bulk), bulk.count), page.evidence(message)


@rule(Severity.CRITICAL)
def test_a_window_of_a_counted_collection_is_its_slice(counted_catalog: Catalog, own_window: Window) -> None:
    """A window of a collection that is only counted holds the items of its bulk read that it names, with their bodies.

    Why: `limit` and `offset` may work in one collection and be lost in another; counts alone do not show it.

    Cannot see: collections of which the contract declares no window.
    """
    window = counted_catalog.resolve(own_window)
    page = counted_catalog.page(window.offset or 0, window.limit)
    wrong = counted_catalog.wrong(page)
    assert wrong is None, wrong.evidence
    for other in other_bodies(counted_catalog, (page,)):
        assert not other.fields, other.evidence


@rule(Severity.CRITICAL, needs=("item.collection",))
def test_the_collection_lists_only_its_own_items(single_catalog: Catalog) -> None:
    """Every item that a collection lists names that collection as its own.

    Why: a filter that is ignored answers everything, and every count looks healthy.

    Cannot see: an item that names the collection and is not of it. Where the answer echoes an alias, its items may name
    it too: `the_canonical_name_is_echoed` judges that.
    """
    catalog, key = single_catalog, single_catalog.contract.item.collection
    for page in readable(catalog.bulk().pages):
        strange = page.once(strangers, key, catalog.own_names(page))
        ids = [page.ids[index] for index, _ in strange]
        by_alias = all(name in catalog.collection.aliases for _, name in strange)
        how = "name it by an alias" if by_alias else "are of others"
        message = f"{len(strange)} of {page.count} {single_catalog.nouns} of {catalog.name} {how}: {some(ids)}"
        other = f" ({key} is {strange[0][1]!r} at index {strange[0][0]})" if strange else ""
        assert not strange, page.evidence(message + other, unexpected=ids)


def strangers(page: Page, key: str, own: tuple[str, ...]) -> list[tuple[int, object]]:
    """The indexes of the items of a page that name a collection by other names than its own, with these names."""
    named = enumerate(field_values(page.items, key))
    return [(index, name) for index, name in named if name is not None and name not in own]


@rule(Severity.CRITICAL)
def test_an_alias_lists_the_same_items(catalog: Catalog, alias: str) -> None:
    """A collection asked for by an alias, or in another case, lists the same items in the same order.

    Why: two names for one collection must not become two collections.
    """
    catalog.refuse_to_go_round()
    first = catalog.bulk(name=alias).pages[0]
    if not first.unavailable and not catalog.bulk().pages[0].fault:
        assert not first.fault, first.evidence(
            f"asked for as {alias}, {catalog.name} {first.fault}, expected its {catalog.nouns}"
        )
    asked, own = catalog.settle(
        lambda after: catalog.bulk(after, name=alias),
        catalog.bulk_again,
        lambda asked, own: asked.ids == own.ids and same(last_total(asked), last_total(own)),
        lambda reading: (ids_of(reading), last_total(reading)),
    )
    reported, expected = last_total(asked), last_total(own)
    assert same(reported, expected), asked.evidence(f"{alias} says total {reported!r}, {catalog.name} {expected!r}")
    at = first_difference(own.ids, asked.ids)
    message = f"{alias} lists {catalog.items(asked.count)}, {catalog.name} {own.count}; they part at index {at}"
    gone, new = lost(own.ids, asked.ids), lost(asked.ids, own.ids)
    assert asked.ids == own.ids, asked.evidence(message, lost=gone, unexpected=new)


@rule(Severity.CRITICAL)
def test_a_page_by_alias_equals_the_page_by_name(catalog: Catalog, first_alias: str) -> None:
    """A page asked for by an alias holds what the page of the same offset and limit holds by the collection's own name.

    Why: a name that is looked up on a path of its own may lose offset and limit there.

    Cannot see: the pages of a second alias, and other windows.
    """
    asked = catalog.page_by_alias(first_alias)
    if asked.fault and not asked.unavailable and not catalog.first_page().fault:
        assert not asked.fault, asked.evidence(
            f"asked for as {first_alias}, the page {asked.fault}, expected {catalog.nouns}"
        )
    asked, own = catalog.settle(
        lambda after: catalog.page_by_alias(first_alias, after),
        lambda after: catalog.page(asked.row, asked.limit, after=after),
        lambda asked, own: asked.ids == own.ids,
        ids_of,
    )
    at = first_difference(own.ids, asked.ids)
    here, there = (some(ids[at : at + 1]) or "nothing" for ids in (asked.ids, own.ids))
    message = f"the page of {catalog.items(asked.count)} at {asked.where} by {first_alias} has {here} at index {at}"
    assert asked.ids == own.ids, asked.evidence(f"{message}, by {catalog.name} {there}")


def last_total(reading: Walk) -> object:
    """What the last answer of a reading says under `total`."""
    return total_of(reading.pages[-1], reading)


@rule(Severity.NORMAL, needs=("unknown_collection",), of_items=False)
def test_an_unknown_collection_is_refused(service: Service) -> None:
    """A collection that does not exist is refused with a 4xx, not answered with everything or with nothing.

    Why: a misspelt collection that answers 200 makes a client believe in an empty or a foreign list.
    """
    catalog = service.catalogs[0]
    if catalog.bulk().pages[0].fault:
        raise catalog.bulk().pages[0].not_judged()
    name = service.contract.unknown_collection or ""
    refused(catalog.page(0, catalog.page_size, name=name).exchange, f"the unknown {catalog.words.collection} {name}")


@rule(Severity.NORMAL, needs=("default_collection",))
def test_without_a_collection_the_documented_default_applies(service: Service) -> None:
    """Without the name of a collection the documented default is listed, under its own name.

    Why: the request of most newcomers names none, and must not change its meaning.
    """
    catalog = service.catalog(service.contract.default_collection or "")
    nameless = catalog.page(0, catalog.page_size, name=NAMELESS)
    if nameless.fault and not nameless.unavailable and not catalog.bulk().pages[0].fault:
        assert not nameless.fault, nameless.evidence(
            f"without a {catalog.words.collection} the list {nameless.fault}, expected {catalog.nouns}"
        )
    page, bulk = catalog.settle(
        lambda after: catalog.page(0, catalog.page_size, name=NAMELESS, after=after),
        catalog.bulk_again,
        lambda page, bulk: page.ids == bulk.ids[: catalog.page_size],
        ids_of,
    )
    message = (
        f"without a {catalog.words.collection} {catalog.items(page.count)} from "
        f"{some(page.ids[:1]) or 'nothing'} on are listed"
    )
    expected = f"{catalog.name} has {catalog.items(min(bulk.count, catalog.page_size))} from {some(bulk.ids[:1])} on"
    assert page.ids == bulk.ids[: catalog.page_size], page.evidence(f"{message}; {expected}")
    reported = page.counter("collection") if page.envelope.collection else catalog.name
    assert reported in catalog.own_names(bulk.pages[0]), page.evidence(
        f"without a {catalog.words.collection} the answer echoes {reported!r}, not {catalog.name!r}"
    )


@rule(Severity.CRITICAL)
def test_the_merged_collection_holds_every_item_of_every_collection(merged_catalog: Catalog, service: Service) -> None:
    """The merged collection holds every item that a single collection lists.

    Why: a merge that fails for one source loses its items and keeps its status.
    """
    unread: list[NotJudged] = []
    for part in service.parts:
        try:
            merged, own = merged_catalog.settle(
                merged_catalog.bulk_again,
                lambda after, at=part: at.bulk(after),
                lambda merged, own: not own.beside(merged, lacking),
                ids_of,
            )
        except NotJudged as reason:
            unread.append(reason)
            continue
        missing = own.beside(merged, lacking)
        if missing:
            merged.to_its_end()
        message = (
            f"{merged_catalog.name} lacks {len(missing):,} of {merged_catalog.items(len(own.unique))} "
            f"of {part.name}: {some(missing)}"
        )
        assert not missing, merged.evidence(message, lost=missing)
    if unread:
        raise unread[0]


def lacking(own: Walk, merged: Walk) -> tuple[str, ...]:
    """The ids of a collection that a merged list lacks."""
    return lost(own.ids, merged.unique)


@rule(Severity.NORMAL, needs=("item.collection",))
def test_the_merged_collection_agrees_with_each_collection(merged_catalog: Catalog, service: Service) -> None:
    """What the merged collection says of a collection's item is what that collection says of it.

    Why: a merge that keeps withdrawn items, or another body, shows what no collection serves.

    Cannot see: items that name no collection of the contract as their own.
    """
    key, volatile = merged_catalog.contract.item.collection or "", merged_catalog.contract.item.volatile
    # Without a list of its own nothing was seen, whatever the gateways answer.
    merged = merged_catalog.bulk()
    nobodys = [merged.ids[index] for index in merged.grouped(key).get(merged_catalog.name, ())]
    message = (
        f"{merged_catalog.items(len(nobodys))} of {merged_catalog.name} name it as their own "
        f"instead of the {merged_catalog.words.collection} that has them"
    )
    assert not nobodys, merged.evidence(f"{message}: {some(nobodys)}", unexpected=nobodys)

    @cache  # what is stored is not read twice for it
    def differences(merged: Walk, own: Walk, names: tuple[str, ...]) -> tuple[list[str | None], list[str | None]]:
        return merged.beside(own, merged_differences, key, names, volatile)

    for part in (part for part in service.parts if not any(page.fault for page in part.bulk().pages)):
        merged, own = merged_catalog.settle(
            merged_catalog.bulk_again,
            part.bulk,
            lambda merged, own, at=part.collection.names: not any(differences(merged, own, names=at)),
            lambda reading, at=part.collection.names: reading.once(states_named, key, at, volatile),
        )
        ghosts, other_bodies = differences(merged, own, names=part.collection.names)
        message = (
            f"{merged_catalog.name} lists {merged_catalog.items(len(ghosts))} of {part.name} that it "
            f"does not list: {some(ghosts)}"
        )
        assert not ghosts, merged.evidence(message, unexpected=ghosts)
        count = merged_catalog.items(len(other_bodies))
        message = f"{merged_catalog.name} shows {count} of {part.name} with another body: {some(other_bodies)}"
        assert not other_bodies, merged.evidence(message)


def states_named(reading: Walk, key: str, names: tuple[str, ...], volatile: tuple[str, ...]) -> list[int]:
    """What stands for the items of a reading that say they are of a collection, without their volatile fields."""
    return states_at(reading, named_as(reading, key, names), volatile)


def named_as(reading: Walk, key: str, names: tuple[str, ...]) -> list[int]:
    """The indexes of the items of a reading that say they are of a collection, by whichever of its names."""
    groups = reading.grouped(key)
    return [index for name in names for index in groups.get(name, ())]


def merged_differences(
    merged: Walk, own: Walk, key: str, names: tuple[str, ...], volatile: tuple[str, ...]
) -> tuple[list[str | None], list[str | None]]:
    """The ids that a merged list gives a collection and the collection does not list, and those with another body."""
    ids, listed, named = merged.ids, own.unique, named_as(merged, key, names)
    both = [index for index in named if ids[index] in listed]
    ghosts = [ids[index] for index in named if ids[index] not in listed] if len(both) < len(named) else []
    others = with_other_bodies(merged, own, both, volatile)
    return [id for id in ghosts if id is not None], [ids[index] for index in others]
