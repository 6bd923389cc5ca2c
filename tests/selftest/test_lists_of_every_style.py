"""Healthy lists in every paging style hold every promise, and all of it is judged; a fault of theirs is seen."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from listing import DEFAULT, MAX, PATH, STYLES, Listing, causes, having, items, judged, ran

from catalog_contract.catalog.pagers import Asking
from catalog_contract.contracts.load import load_contract
from catalog_contract.diagnosis import names
from catalog_contract.model.verdict import Verdict
from fixtures.apis.api import Asked, Refusal, Response

NOT_GREEN = (Verdict.BROKEN, Verdict.NOT_JUDGED)
OWNER = '[item]\nowner = "owner"\n'
FILTERS = "".join(
    f'[[filters]]\nname = "status"\nplace = "status"\nvalue = "{value}"\nquery = {{ status = "{value}" }}\n'
    for value in ("active", "archived", "draft")
)
ITEMS = '[[collections]]\nname = "items"\ndepth = "full"\n'


def with_words(paging: str, table: str, words: str) -> str:
    """A contract with more words in one of its tables."""
    head = f"[{table}]\n"
    return paging.replace(head, f"{head}{words}\n") if head in paging else f"{head}{words}\n{paging}"


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("amount", [1, DEFAULT, 4 * DEFAULT + 1])
def test_both_kinds_of_filter_are_judged_in_every_style(tmp_path: Path, style: str, amount: int) -> None:
    listing = Listing(lambda _: items(amount, amount), limited="without" not in style)
    paging = with_words(with_words(STYLES[style], "parameters", 'filter = "owner"'), "envelope", 'total = "total"')
    found = judged(tmp_path, listing.answer, f"{paging}\n{OWNER}{FILTERS}{ITEMS}")
    assert having(found, *NOT_GREEN) == {}


@pytest.mark.parametrize("style", STYLES)
def test_a_filter_that_looks_at_the_cut_page_alone_is_broken(tmp_path: Path, style: str) -> None:
    listing = Listing(lambda _: items(3, 41), limited="without" not in style, cut_first=True)
    paging = with_words(STYLES[style], "parameters", 'filter = "owner"')
    broken = having(judged(tmp_path, listing.answer, f"{paging}\n{OWNER}{FILTERS}{ITEMS}"), Verdict.BROKEN)
    assert broken.keys() >= {"a_filtered_page_is_its_slice", "a_page_of_a_declared_filter_is_its_slice"}


@pytest.mark.parametrize("style", ["cursor", "link"])
def test_a_filtered_page_stands_behind_its_item_where_the_list_grows_at_its_front(tmp_path: Path, style: str) -> None:
    every = items(5, 60)
    listing = Listing(lambda nth: every[max(0, 12 - nth // 6) :])
    paging = with_words(STYLES[style], "parameters", 'filter = "owner"')
    assert having(judged(tmp_path, listing.answer, f"{paging}\n{OWNER}{FILTERS}{ITEMS}"), Verdict.BROKEN) == {}


def test_a_huge_offset_is_echoed_in_a_header(tmp_path: Path) -> None:
    listing = Listing(lambda _: items(1, 30), headers=lambda asked, _: {"X-Offset": asked.query.get("offset", "0")})
    paging = with_words(STYLES["offset"], "envelope", 'offset = "header:X-Offset"')
    assert having(judged(tmp_path, listing.answer, f"{paging}\n{ITEMS}"), *NOT_GREEN) == {}


def test_a_total_that_is_an_estimate_is_not_counted_in_any_depth(tmp_path: Path) -> None:
    listing = Listing(lambda _: items(1, 15), more=lambda page, end, size: {"total": 17})
    paging = with_words(STYLES["offset"], "envelope", 'total = "total"\ntotal_is = "estimate"')
    counted = ITEMS.replace("full", "count")
    assert having(judged(tmp_path, listing.answer, f"{paging}\n{counted}"), *NOT_GREEN) == {}
    exact = with_words(STYLES["offset"], "envelope", 'total = "total"')
    assert "the_collection_counts_what_it_lists" in having(
        judged(tmp_path, listing.answer, f"{exact}\n{counted}"), Verdict.BROKEN
    )


def test_a_total_in_a_header_follows_a_list_that_becomes_shorter(tmp_path: Path) -> None:
    every = items(9, 60)
    listing = Listing(
        lambda nth: [item for at, item in enumerate(every) if at % 7 or at // 7 >= nth // 9],
        headers=lambda _, listed: {"X-Total-Count": str(len(listed))},
        past_the_end=404,
    )
    paging = with_words(STYLES["offset"], "envelope", 'total = "total"') + '\npast_the_end = "refused"'
    assert having(judged(tmp_path, listing.answer, f"{paging}\n{ITEMS}"), *NOT_GREEN) == {}


def test_a_header_that_counts_otherwise_is_broken(tmp_path: Path) -> None:
    listing = Listing(lambda _: items(9, 60), headers=lambda _, listed: {"X-Total-Count": str(len(listed) - 1)})
    paging = with_words(STYLES["offset"], "envelope", 'total = "total"')
    broken = having(judged(tmp_path, listing.answer, f"{paging}\n{ITEMS}"), Verdict.BROKEN)
    assert "the header X-Total-Count says 59" in broken["total_equals_the_items_walked"]


def full_means_more(page: dict[str, Any], end: int, size: int) -> Mapping[str, Any]:
    """Counters of a service that looks no further than its page."""
    full = len(page["data"]) == size
    return {"more": full, "next": page["data"][-1]["id"] if full else None}


@pytest.mark.parametrize(("declared", "broken"), [("true", False), ("false", True)])
def test_more_may_follow_a_full_last_page_where_that_is_declared(tmp_path: Path, declared: str, broken: bool) -> None:
    listing = Listing(lambda _: items(2, 2 * MAX), more=full_means_more)
    paging = with_words(STYLES["cursor"], "envelope", 'has_more = "more"')
    found = judged(tmp_path, listing.answer, f"{paging}\n[cursor]\nempty_last_page = {declared}\n{ITEMS}")
    assert ("has_more_is_true_exactly_when_more_follows" in having(found, *NOT_GREEN)) is broken
    assert bool(having(found, *NOT_GREEN)) is broken


def test_the_end_is_seen_where_everything_comes_at_once_and_only_an_empty_page_ends_it(tmp_path: Path) -> None:
    every = items(4, 41)
    ids = [item["id"] for item in every]

    def answer(asked: Asked) -> Response:
        start = ids.index(asked.query["after"]) + 1 if "after" in asked.query else 0
        return Response({"data": every[start : start + int(asked.query.get("limit", DEFAULT))]})

    contract = f"""[parameters]\nlimit = "limit"\ncursor = "after"\n[envelope]\nnext = "data[-1].id"\n[paging]
style = "cursor"\ndefault_limit = {DEFAULT}\npage_size = {DEFAULT}\nabove_maximum = "served"\n{ITEMS}expected_total = 41
as_of = 2026-11-01\n"""
    assert having(judged(tmp_path, answer, contract), *NOT_GREEN) == {}


@pytest.mark.parametrize("where", ["shop", "header:X-Shop", "body:shop"])
def test_a_detail_page_names_the_collection_as_the_list_does(tmp_path: Path, where: str) -> None:
    body = "[request]\nbody = {}\n" if where.startswith("body") else ""
    file = tmp_path / "shops.toml"
    shops = f'{body}[parameters]\ncollection = "{where}"\n[paging]\nstyle = "none"\n[detail]\npath = "/items/{{id}}"\n'
    file.write_text(f'title = "shops"\nbase_url = "http://127.0.0.1"\nlist_path = "/items"\n{shops}{ITEMS}')
    request = Asking(load_contract(str(file)), "north").of_item("/items/7")
    if body:
        assert request is None, "a detail page has no body that could name it"
        return
    assert request is not None and (request.method, request.path, request.body) == ("GET", "/items/7", None)
    named = (("shop", "north"),) if where == "shop" else ()
    assert (request.query, request.headers) == (named, () if named else (("X-Shop", "north"),))


def test_a_refusal_past_the_end_is_no_cause_where_it_is_declared(tmp_path: Path) -> None:
    listing = Listing(lambda _: items(11, 45), past_the_end=404, more=lambda page, end, size: {"total": 44})
    paging = with_words(STYLES["offset"], "envelope", 'total = "total"') + '\npast_the_end = "refused"'
    found = causes(tmp_path, listing.answer, f"{paging}\n{ITEMS}")
    assert found and names.PAST_ERROR not in found


def test_a_page_of_the_bulk_read_that_always_fails_is_broken_also_where_owners_can_be_asked_for(tmp_path: Path) -> None:
    listing = Listing(lambda _: items(12, 55), limited=False)

    def answer(asked: Asked) -> Response:
        fails = asked.query.get("page") == "2"
        return Response({"error": "boom"}, 500) if fails else listing.answer(asked)

    paging = with_words(STYLES["page without a limit"], "parameters", 'filter = "owner"')
    broken = having(judged(tmp_path, answer, f"{paging}\n{OWNER}{ITEMS}"), Verdict.BROKEN)
    assert "every_page_is_answered" in broken


def test_a_list_of_one_page_has_no_validator_of_another(tmp_path: Path) -> None:
    listing = Listing(lambda _: items(8, 3), headers=lambda asked, listed: {"ETag": f'"{len(listed)}{asked.query}"'})
    contract = f'{STYLES["cursor"]}\n[caching]\nvalidators = ["etag"]\n{ITEMS}'
    assert having(judged(tmp_path, listing.answer, contract), *NOT_GREEN) == {}


REPEATED = {"on two pages": (3, 27), "on one page": (3, 5), "on the last page alone": (3, 40)}


@pytest.mark.parametrize("places", REPEATED.values(), ids=REPEATED.keys())
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [DEFAULT, MAX])
def test_an_item_that_every_reading_lists_twice_is_met_twice_on_the_walk(
    tmp_path: Path, style: str, places: tuple[int, int], size: int
) -> None:
    """Also where the walk is in pages as large as can be, and thus the bulk read itself."""
    listed = items(6, 41)
    listed[places[1]] = dict(listed[places[0]])
    paging = STYLES[style] if "without" in style else f"{STYLES[style]}\npage_size = {size}"
    listing = Listing(lambda _: listed, limited="without" not in style)
    broken = having(judged(tmp_path, listing.answer, f"{paging}\n{ITEMS}"), Verdict.BROKEN)
    assert broken.keys() >= {"ids_are_unique_over_the_walk", "ids_are_unique_in_the_bulk_read"}
    stands = broken["ids_are_unique_over_the_walk"].partition(";")[0].replace(f"{listed[places[0]]['id']} stands ", "")
    one_page = places[1] < 10
    assert stands.endswith(f"index {[*places]}") if one_page else len({*stands.split(" and at ")}) == 2, stands
    assert "; 1 item repeated on the walk" in broken["ids_are_unique_over_the_walk"]


@pytest.mark.parametrize("size", [DEFAULT, MAX])
def test_a_huge_page_number_that_repeats_the_last_page_as_every_one_past_the_end_does_is_no_second_defect(
    tmp_path: Path, size: int
) -> None:
    """The values of a query are checked: one that is no number is refused."""
    listing = Listing(lambda _: items(7, 47))

    def repeating(asked: Asked) -> Response:
        page, limit = asked.query.get("page", ""), asked.query.get("limit", str(DEFAULT))
        last = -(-47 // int(limit)) if limit.isdecimal() and int(limit) else 1
        held = {"page": str(min(int(page), last))} if page.isdecimal() else {}
        return listing.answer(replace(asked, query={**asked.query, **held}))

    bad = '[[bad_queries]]\nname = "page=abc"\nquery = { page = "abc" }\n'
    run = ran(tmp_path, repeating, f"{STYLES['page']}\npage_size = {size}\n{bad}{ITEMS}")
    assert {cause.name for cause in run.diagnosis} == {names.REPLAY}
    (count,) = run.counts  # of one reading: pages far past its end are not among what it lists
    assert (count.total, count.unique) == ((47, 47) if size == DEFAULT else (54, 47))


def leading(rows: list[Any], asked: Asked, *, by: str, forever: bool) -> Response:
    """A list of which the last page leads to itself: for ever, or once under another cursor."""
    size, given = int(asked.query.get("limit", DEFAULT)), asked.query.get("after", "0")
    at, last = int(given.strip("x")), (len(rows) - 1) // size * size
    onward = None if "x" in given else str(at + size) if at < last else f"{last}{'' if forever else 'x'}"
    if by == "link" and onward is not None:
        onward = f"{PATH}?" + "&".join(f"{name}={value}" for name, value in {**asked.query, "after": onward}.items())
    return Response({"data": rows[at : at + size], by: onward})


@pytest.mark.parametrize("declared", ["true", "false"])
@pytest.mark.parametrize("forever", [True, False])
@pytest.mark.parametrize("style", ["cursor", "link", "link without a limit"])
def test_a_last_page_that_leads_to_itself_is_named_where_no_total_shows_the_end(
    tmp_path: Path, style: str, forever: bool, declared: str
) -> None:
    """Also where a full last page may lead to an empty one: this one is neither full nor empty."""
    rows, by = items(8, 47), "next" if style == "cursor" else "link"
    contract = f"{STYLES[style]}\n[cursor]\nempty_last_page = {declared}\n{ITEMS}"
    found = causes(tmp_path, lambda asked: leading(rows, asked, by=by, forever=forever), contract)
    assert found == {names.NEXT_LOOPS if forever else names.LAST_TWICE}


@pytest.mark.parametrize("amount", [47, 2 * MAX])
def test_a_last_page_that_leads_to_its_own_items_is_no_page_that_leads_to_an_empty_one(
    tmp_path: Path, amount: int
) -> None:
    rows = items(8, amount)
    contract = f"{STYLES['cursor']}\n[cursor]\nempty_last_page = true\n{ITEMS}"
    found = judged(tmp_path, lambda asked: leading(rows, asked, by="next", forever=True), contract)
    assert "next_is_there_exactly_while_more_follows" in having(found, Verdict.BROKEN)


@pytest.mark.parametrize("amount", [47, 2 * MAX])
def test_a_last_page_may_lead_to_an_empty_one_where_that_is_declared(tmp_path: Path, amount: int) -> None:
    """Full or not: many services tell the end by an empty page alone."""
    rows = items(8, amount)

    def answer(asked: Asked) -> Response:
        size, at = int(asked.query.get("limit", DEFAULT)), int(asked.query.get("after", 0))
        held = rows[at : at + size]
        return Response({"data": held, "next": str(at + size) if held else None})

    contract = f"{STYLES['cursor']}\n[cursor]\nempty_last_page = true\n{ITEMS}"
    assert not having(judged(tmp_path, answer, contract), Verdict.BROKEN)


@pytest.mark.parametrize("lost", ["at every boundary", "in the middle of a page", "at the end"])
def test_the_witness_of_a_walk_that_loses_an_item_is_where_it_is_missing(tmp_path: Path, lost: str) -> None:
    """The pages before and after the boundary; where it lies in a page, that page and another one that holds it."""
    rows = items(9, 47)

    def losing(asked: Asked) -> Response:
        size, at = int(asked.query.get("limit", DEFAULT)), int(asked.query.get("after", 0))
        held = rows[at : at + size]
        if size == DEFAULT and lost != "at every boundary":
            dropped = 46 if lost == "at the end" else 24
            held = [item for item in held if item is not rows[dropped]]
        end = at + size + (lost == "at every boundary")
        return Response({"data": held, "next": str(end) if end < len(rows) else None})

    found = judged(tmp_path, losing, f"{STYLES['cursor']}\npage_size = {DEFAULT}\n{ITEMS}")
    (broken,) = (one for one in found if one.rule == "the_walk_by_next_ends_at_the_end")
    assert broken.verdict is Verdict.BROKEN and broken.evidence is not None
    pages = {
        "at every boundary": (f"limit={DEFAULT}", f"limit={DEFAULT}&after=11"),
        "in the middle of a page": (f"limit={DEFAULT}&after=20", f"limit={MAX}&after=20"),
        "at the end": (f"limit={DEFAULT}&after=40", f"limit={MAX}&after=40"),
    }
    row, where = {
        "at every boundary": (10, "after"), "in the middle of a page": (24, "in"), "at the end": (46, "after")
    }[lost]  # fmt: skip
    assert broken.evidence.requests == tuple(f"{PATH}?{query}" for query in pages[lost])
    assert f"{rows[row]['id']} is missing" in broken.evidence.message
    assert f", {where} the page at " in broken.evidence.message


@pytest.mark.parametrize("size", [DEFAULT, MAX])
def test_an_item_that_is_listed_twice_is_met_twice_where_a_cursor_is_good_once(tmp_path: Path, size: int) -> None:
    """No page can be read again: it is judged by another whole reading, of cursors of its own."""
    rows = items(10, 41)
    rows[27] = dict(rows[3])
    spent: set[str] = set()

    def answer(asked: Asked) -> Response:
        given = asked.query.get("after", "0.0")
        if given in spent:
            raise Refusal(410, "this cursor was used")
        spent.update({given} - {"0.0"})
        at, limit = int(given.partition(".")[0]), int(asked.query.get("limit", DEFAULT))
        more = at + limit < len(rows)
        return Response({"data": rows[at : at + limit], "next": f"{at + limit}.{next(fresh)}" if more else None})

    fresh = count(1)
    contract = f"{STYLES['cursor']}\npage_size = {size}\n[cursor]\nreusable = false\n{ITEMS}"
    broken = having(judged(tmp_path, answer, contract), Verdict.BROKEN)
    assert broken.keys() >= {"ids_are_unique_over_the_walk", "ids_are_unique_in_the_bulk_read"}
