"""What is read of bodies that lie on disk is what is read of those that are held."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from seen_pages import CONTRACT

from catalog_contract.catalog.fingerprint import state_of
from catalog_contract.catalog.items import states_at, with_other_bodies
from catalog_contract.catalog.observing import observed
from catalog_contract.catalog.page import Page
from catalog_contract.catalog.reading import Reader
from catalog_contract.catalog.walk import Walk
from catalog_contract.model.contract import Collection, Parameters
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.paging import Paging
from catalog_contract.model.place import Identity, Place
from catalog_contract.model.words import Envelope, Filter
from catalog_contract.transport.spool import Spool


def test_the_state_of_an_item_is_the_same_however_it_is_written() -> None:
    """The order of its fields, and whether one that is null is left out, are no change."""
    item = {"id": "a", "size": 3, "owner": {"name": "o"}, "gone": None}
    assert state_of(item, ()) == state_of({"owner": {"name": "o"}, "size": 3, "id": "a"}, ())
    assert state_of(item, ("size",)) == state_of(item | {"size": 4}, ("size",))
    assert state_of(item, ()) != state_of(item | {"size": 4}, ())


def test_the_order_of_fields_is_no_other_body_where_bodies_lie_on_disk() -> None:
    """Items of a merged list are compared with those of a collection by what they say."""
    items = [{"id": f"m{nth}", "size": nth, "gone": None} for nth in range(60)]
    other = [{key: item[key] for key in ("size", "id")} for item in items]
    whole, again, changed = (stored(rows) for rows in (items, other, [*other[:7], other[7] | {"size": -1}, *other[8:]]))
    rows = range(len(items))
    assert states_at(whole, rows, ()) == states_at(again, rows, ()) != states_at(changed, rows, ())
    assert with_other_bodies(whole, again, rows, ()) == []
    assert with_other_bodies(whole, changed, rows, ()) == [7]


def stored(items: list[dict[str, object]]) -> Walk:
    """A reading of one answer whose body lies on disk."""
    body = Spool().put(json.dumps({"data": items}).encode())
    exchange = Exchange(Request("/items"), "http://127.0.0.1/items", 200, stored=body)
    return Walk((Page(exchange, Envelope(), Identity("id")),), len(items))


@pytest.mark.parametrize("walk_first", [False, True])
def test_a_page_has_its_marks_whatever_it_was_first_asked_for(walk_first: bool) -> None:
    """A link that drops the limit leads walk and bulk read to the same pages: the one that is read first asks."""

    class Linking:
        label, asked = "links", 0

        def close(self) -> None: ...

        def fetch(self, request: Request) -> Exchange:
            self.asked += 1
            words = dict(parse_qsl(urlsplit(request.target).query))
            begin, limit = int(words.get("after", 0)), int(words.get("limit", 10))
            items = [{"id": f"m{nth}", "kind": "ab"[nth % 2]} for nth in range(begin, min(95, begin + limit))]
            onward = f"{CONTRACT.base_url}/v1/models?after={begin + limit}" if begin + limit < 95 else None
            body = json.dumps({"data": items, "next": onward}).encode()
            times = {"started": float(self.asked), "finished": self.asked + 0.5}
            return Exchange(request, CONTRACT.base_url + request.target, 200, body=body, **times)

    contract = replace(
        CONTRACT,
        parameters=Parameters(offset=None),
        envelope=Envelope(next=Place("next")),
        paging=Paging("link", 20, 50, None, 7, None),
        collections=(Collection("all", depth="full"),),
        filters=(Filter("kind", (("kind", "a"),), Place("kind"), "a"),),
    )
    reader = Reader(contract, contract.collections[0], Linking())
    if walk_first:
        reader.walk()
    pages = reader.bulk().pages
    assert len(pages) > 3
    assert [len(observed(reader, page).marks) for page in pages] == [1] * len(pages)
