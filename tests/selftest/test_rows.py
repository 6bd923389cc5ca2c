"""What follows from the items of a response is found once for all that hold them, and forgotten with the last."""

import gc
import json
from weakref import ref

from catalog_contract.catalog.page import Page
from catalog_contract.catalog.rows import Reading
from catalog_contract.catalog.service import Service
from catalog_contract.catalog.walk import Walk
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.json_body import OPENING
from catalog_contract.model.place import Identity
from catalog_contract.model.words import Envelope
from catalog_contract.rules.judge import judge
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.gallery import asked, contract_of
from fixtures.gateway.memory import MemorySource

ITEMS = [{"id": f"owner/m{nth}", "key": nth, "about": "x" * OPENING} for nth in range(7)]


def page(*items: object, path: str = "/items", identity: str = "id", **about: object) -> Page:
    """A response that lists these items, and says more about itself."""
    body = json.dumps({"data": items, **about}).encode()
    return Page(Exchange(Request(path), path, 200, body=body), Envelope(), Identity(identity))


def test_a_function_is_asked_once_for_all_that_hold_the_same_items() -> None:
    """Whatever else the responses say, and whichever request they answer."""
    asked: list[Reading] = []

    def count(reading: Page, word: str) -> str:
        asked.append(reading)
        return f"{reading.count} {word}"

    one, again = page(*ITEMS), page(*ITEMS, path="/again", total=7)
    assert one.once(count, "items") == again.once(count, "items") == "7 items"
    assert again.once(count, "rows") == "7 rows"
    assert page(*ITEMS[:6]).once(count, "items") == "6 items"
    assert len(asked) == 3


def test_the_pages_of_two_walks_that_hold_the_same_items_make_the_same_rows() -> None:
    """A walk of other pages lists the same ids, and shares nothing: what it finds may depend on the pages."""
    halves = [Walk((page(*ITEMS[:4], turn=turn), page(*ITEMS[4:], turn=turn)), 4) for turn in range(2)]
    whole = Walk((page(*ITEMS),), 7)
    assert halves[0].rows is halves[1].rows is not whole.rows
    assert halves[0].ids == whole.ids
    assert halves[0].by_id == whole.by_id


def test_another_id_makes_other_rows() -> None:
    """Two collections may name the same items by different fields."""
    assert page(*ITEMS).ids == tuple(item["id"] for item in ITEMS)
    assert page(*ITEMS, identity="key").ids == tuple(str(item["key"]) for item in ITEMS)


def test_two_readings_are_compared_once() -> None:
    """Beside each other, in that order."""
    asked: list[int] = []

    def fewer(reading: Page, other: Page) -> bool:
        asked.append(reading.count)
        return reading.count < other.count

    short, long = page(*ITEMS[:3]), page(*ITEMS)
    assert [short.beside(long, fewer), page(*ITEMS[:3], again=True).beside(long, fewer)] == [True, True]
    assert not long.beside(short, fewer)
    assert asked == [3, 7]


def test_what_no_reading_holds_is_forgotten() -> None:
    """Also where two readings were compared with each other."""
    one, other = page(*ITEMS[:5]), page(*ITEMS[:2])
    assert one.beside(other, lambda *pages: len(pages)) == other.beside(one, lambda *pages: len(pages)) == 2
    known = [ref(one.rows), ref(other.rows)]
    gc.disable()
    try:
        del one, other
        assert [rows() for rows in known] == [None, None]
    finally:
        gc.enable()


def test_what_a_run_has_read_goes_with_its_service() -> None:
    """No page holds the collection that it was read of: Python need not look for circles to free them."""
    service = Service(contract_of("2025"), MemorySource(reference_gateway("2025", "null-id")))
    judgements = [judge(rule, case, service) for rule, case in asked("2025")]
    read = [ref(catalog.opening()) for catalog in service.catalogs]
    gc.disable()
    try:
        del service
        assert [page() for page in read] == [None] * len(read)
    finally:
        gc.enable()
    assert any(judgement.evidence for judgement in judgements)
