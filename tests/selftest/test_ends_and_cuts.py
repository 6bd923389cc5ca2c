"""The end of a list, as far as it is seen: full last pages, readings that are cut, pages that fail before it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from listing import PATH, STYLES, Item, Listing, having, items, judged
from test_lists_of_every_style import FILTERS, ITEMS, NOT_GREEN, with_words

from catalog_contract.model.verdict import Verdict
from fixtures.apis.api import Asked, Refusal, Response

DEPTH = 40
DEEP = "\n".join((STYLES["offset"], f"deepest = {DEPTH}"))
PARTITION = FILTERS.replace('place = "status"\n', 'place = "status"\npartition = true\n')
SORTS = '[[sorts]]\nname = "id"\nplace = "id"\nquery = { sort = "id" }\n'


def leads_on_by_full_pages(page: dict[str, Any], end: int, size: int) -> Mapping[str, Any]:
    """The link of a service that looks no further than its page."""
    return {"link": f"{PATH}?offset={end}&limit={size}" if len(page["data"]) == size else None}


@pytest.mark.parametrize("declared", [True, False])
def test_a_full_last_page_that_leads_on_is_broken_where_any_offset_can_be_asked_for(
    tmp_path: Path, declared: bool
) -> None:
    listing = Listing(lambda _: items(2, 41), more=leads_on_by_full_pages)
    paging = with_words(STYLES["offset"], "envelope", 'next = "link"')
    words = "[cursor]\nempty_last_page = true\n" if declared else ""
    broken = having(judged(tmp_path, listing.answer, f"{paging}\n{words}{ITEMS}"), *NOT_GREEN)
    assert ("next_is_there_exactly_while_more_follows" in broken) is not declared
    assert bool(broken) is not declared


@pytest.mark.parametrize("amount", [1, 7, 41])
def test_a_window_that_is_refused_past_the_end_says_nothing_of_next(tmp_path: Path, amount: int) -> None:
    listing = Listing(lambda _: items(2, amount), past_the_end=404)

    def answer(asked: Asked) -> Response:
        response, page = listing.answer(asked), int(asked.query.get("page", 1))
        size = int(asked.query.get("limit", 10))
        more = {"link": f"{PATH}?limit={size}&page={page + 1}"} if page * size < amount else {}
        return Response({"data": response.body["data"], **more})

    paging = with_words(STYLES["page"], "envelope", 'next = "link"') + '\npast_the_end = "refused"'
    assert having(judged(tmp_path, answer, f"{paging}\n{ITEMS}"), *NOT_GREEN) == {}


def served_to(depth: int, ordered: Callable[[Asked, list[Item]], list[Item]]) -> Callable[[Asked], Response]:
    """A list that is served to some depth, filtered or not; `ordered` is what it does beside that."""
    listing = Listing(lambda _: items(6, 90))

    def answer(asked: Asked) -> Response:
        query = asked.query
        if int(query.get("offset", 0)) + int(query.get("limit", 10)) > depth:
            raise Refusal(400, "too deep")
        listing.states = lambda _: ordered(asked, items(6, 90))
        return listing.answer(asked)

    return answer


def sorted_by_id(asked: Asked, listed: list[Item]) -> list[Item]:
    return sorted(listed, key=lambda item: str(item["id"])) if "sort" in asked.query else listed


def one_too_many(asked: Asked, listed: list[Item]) -> list[Item]:
    """A filter lists an item that stands on a page of the whole list, under another status."""
    wrong = next(item for item in listed if item["status"] != asked.query.get("status", item["status"] + "?"))
    return [item if item is not wrong else {**item, "status": asked.query["status"]} for item in listed]


def test_what_lies_deeper_than_is_served_is_held_against_no_filter_and_no_sort(tmp_path: Path) -> None:
    found = judged(tmp_path, served_to(DEPTH, sorted_by_id), f"{DEEP}\n{PARTITION}{SORTS}{ITEMS}")
    assert having(found, Verdict.BROKEN) == {}
    unjudged = having(found, Verdict.NOT_JUDGED)
    assert unjudged.keys() >= {"a_declared_filter_lists_exactly_what_it_selects", "a_sort_lists_the_same_items"}


def test_a_filter_of_a_list_that_is_served_to_some_depth_lists_no_item_of_another_value(tmp_path: Path) -> None:
    def answer(asked: Asked, listed: list[Item]) -> list[Item]:
        return one_too_many(asked, listed) if "status" in asked.query else listed

    broken = having(judged(tmp_path, served_to(DEPTH, answer), f"{DEEP}\n{FILTERS}{ITEMS}"), Verdict.BROKEN)
    assert "a_declared_filter_lists_exactly_what_it_selects" in broken


@pytest.mark.parametrize("status", [400, 500])
def test_a_page_that_always_fails_is_broken_where_what_lies_past_the_end_is_refused(
    tmp_path: Path, status: int
) -> None:
    listing = Listing(lambda _: items(4, 90), past_the_end=404)

    def answer(asked: Asked) -> Response:
        start = int(asked.query.get("offset", 0))
        if start < 90 and start <= 45 < start + int(asked.query.get("limit", 10)):
            raise Refusal(status, "no")
        return listing.answer(asked)

    contract = f'{STYLES["offset"]}\npast_the_end = "refused"\n{ITEMS}'
    broken = having(judged(tmp_path, answer, contract), Verdict.BROKEN)
    assert "1000000" not in broken["every_page_is_answered"]


@pytest.mark.parametrize(("ends", "broken"), [("first", False), ("last", False), ("both", True)])
def test_items_without_a_value_stand_at_one_end_of_a_sorted_list(tmp_path: Path, ends: str, broken: bool) -> None:
    every = [{**item, "rank": at // 3 if at % 9 else None} for at, item in enumerate(items(8, 41))]
    known = [item for item in every if item["rank"] is not None]
    empty = [item for item in every if item["rank"] is None]
    before = {"first": len(empty), "last": 0, "both": 2}[ends]
    listing = Listing(lambda _: every)

    def answer(asked: Asked) -> Response:
        ordered = [*empty[:before], *known, *empty[before:]]
        listing.states = lambda _: ordered if "sort" in asked.query else every
        return listing.answer(asked)

    sorts = '[[sorts]]\nname = "rank"\nplace = "rank"\nquery = { sort = "rank" }\n'
    found = having(judged(tmp_path, answer, f"{STYLES['offset']}\n{sorts}{ITEMS}"), *NOT_GREEN)
    assert found.keys() == ({"a_sort_orders_the_items"} if broken else set())
