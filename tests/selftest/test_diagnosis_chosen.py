"""The diagnosis of filters, of cursors that move on, and of pages that say too early that they are the last."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from seen_pages import IDS, judged, named, page, run, sliced

from catalog_contract.catalog.service import Service
from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.causes import diagnose
from catalog_contract.model.observation import PageSeen
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from fixtures.gateway.gallery import Seen
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.pipeline import Query
from fixtures.gateway.styled import gallery
from fixtures.gateway.styled.bases import PAGE, base_steps, contract_of
from fixtures.gateway.styled.change import Found, Rows, with_cut, with_next, with_position, with_value
from fixtures.gateway.styled.faults.selecting import filtering_the_page
from fixtures.gateway.styles import styled_gateway
from fixtures.gateway.styles.steps import Asked, Page, Steps

OWNER = [str(id_).partition("/")[0] for id_ in IDS]


def owned(owner: str, rows: Iterable[int] = range(len(IDS))) -> list[str | None]:
    """The items of an owner that stand at these rows."""
    return [IDS[row] for row in rows if row < len(IDS) and OWNER[row] == owner]


def filtered(owner: str, offset: int, limit: int, ids: Iterable[str | None]) -> PageSeen:
    return page(offset, limit, ids, extra=f"&provider={owner}", chosen=owner)


def named_beside(*pages: PageSeen, owners: Iterable[str] = OWNER) -> list[str]:
    """The causes that are named for filtered pages beside a healthy list, whose items have these owners."""
    *others, bulk = run(sliced(IDS))
    marked = replace(bulk, marks=(("", tuple(owners)),))
    return named([*others, marked, *pages], judged("filters"))


def test_a_filter_after_the_cut_is_named_from_one_page_in_the_middle() -> None:
    cut = filtered("owner7", 15, 117, owned("owner7", range(15, 132)))
    right = filtered("owner9", 0, 5000, owned("owner9"))
    assert named_beside(cut, right) == [names.FILTER_AFTER]
    assert named_beside(filtered("owner7", 15, 117, owned("owner7")[15:132]), right) == []


def test_an_empty_filtered_page_alone_has_no_known_cause() -> None:
    """The window holds none of them, but a position that is applied twice would give nothing too."""
    assert owned("owner7", range(20, 40)) == []
    assert named_beside(filtered("owner7", 20, 20, ())) == []


def test_a_filtered_page_whose_position_may_be_ignored_has_no_known_cause() -> None:
    """All items of the owner stand in the window: a position that is not applied to a filtered list gives them too."""
    few = [row for row in range(len(IDS)) if OWNER[row] == "owner7" and row < 132]
    owners = tuple("few" if row in few else OWNER[row] for row in range(len(IDS)))
    assert few[0] > 2
    assert named_beside(filtered("few", 2, 140, [IDS[row] for row in few]), owners=owners) == []
    assert named_beside(filtered("few", 2, 100, [IDS[row] for row in few if row < 102]), owners=owners) == [
        names.FILTER_AFTER
    ]


def test_a_filter_after_the_cut_is_named_where_the_first_windows_hold_none() -> None:
    """In a list that is ordered by what is filtered: each page is as full as it can be, or empty."""
    owners = ["others" if row < 60 else "last" for row in range(len(IDS))]
    pages = [filtered("last", row, 30, IDS[max(60, row) : row + 30]) for row in range(0, len(IDS), 30)]
    assert named_beside(*pages, owners=owners) == [names.FILTER_AFTER]


def test_a_filtered_page_that_was_filtered_before_the_cut_refutes_a_filter_after_it() -> None:
    cut = filtered("owner7", 15, 117, owned("owner7", range(15, 132)))
    before = filtered("owner9", 0, 30, owned("owner9")[:30])
    assert named_beside(cut, before) == []


def of_steps(base: str, steps: Steps) -> tuple[str, ...]:
    """The causes that are named for a list with these steps."""
    contract = contract_of(base)
    service = Service(contract, MemorySource(styled_gateway(steps)))
    judgements = tuple(judge(rule, case, service) for rule, case in gallery.asked(base, None))
    return Seen(contract, judgements, service.seen()).causes()


def test_a_filtered_page_that_is_half_empty_has_not_lost_its_filter() -> None:
    """Its link comes back to it, so that the walk neither ends nor goes on."""

    def halved(listed: Rows, asked: Asked, right: Rows) -> Rows:
        return right[: len(right) // 2] if asked.query.param("shelf") and not asked.row else right

    assert of_steps("pages-and-headers", with_cut(base_steps("pages-and-headers"), halved)) == ()


@pytest.mark.parametrize("base", ["offsets-and-links", "pages-and-headers"])
def test_filtered_pages_that_are_empty_are_no_pages_of_the_whole_list(base: str) -> None:
    def emptied(listed: Rows, asked: Asked, right: Rows) -> Rows:
        return [] if asked.query.param("shelf") and asked.row else right

    assert of_steps(base, with_cut(base_steps(base), emptied)) == ()


def test_a_total_is_counted_before_the_filter_only_where_the_items_are_right() -> None:
    def halved(listed: Rows, asked: Asked, right: Rows) -> Rows:
        return right[: len(right) // 2] if asked.query.param("shelf") else right

    def counted(steps: Steps) -> Steps:
        return with_value(steps, "total", lambda s, page, right: 253 if page.asked.query.param("shelf") else right)

    assert of_steps("pages", counted(base_steps("pages"))) == (names.BEFORE_FILTER,)
    assert of_steps("pages", counted(with_cut(base_steps("pages"), halved))) == ()


@pytest.mark.parametrize("base", ["pages-from-zero", "pages-nested"])
def test_where_short_pages_are_documented_a_total_of_the_whole_list_may_be_of_a_filter_after_the_cut(base: str) -> None:
    """Each page holds what is selected of its window, so that the total is not the only thing that is wrong."""
    contract = contract_of(base)
    paging = replace(contract.paging, full_pages=False)
    contract = replace(contract, paging=paging, filters=contract_of("pages").filters)
    service = Service(contract, MemorySource(styled_gateway(filtering_the_page(base_steps(base)))))
    judgements = tuple(judge(rule, case, service) for rule, case in every_case(contract, live=True))
    assert Seen(contract, judgements, service.seen()).causes() == (names.FILTER_AFTER,)


@pytest.mark.parametrize("base", ["pages-and-links", "pages-and-headers", "offsets-and-links"])
def test_no_sort_is_at_fault_where_only_what_leads_on_is_wrong(base: str) -> None:
    """The pages of each sort are slices of the right order, from which the walk in one page size is led away."""
    ending = with_next(base_steps(base), lambda s, page, right: None if page.asked.limit == PAGE else right)
    assert of_steps(base, ending) == ()


def test_no_sort_is_at_fault_where_a_cursor_moves_on_at_one_place() -> None:
    assert of_steps("tokens", moving(lambda nth: nth, base="tokens", row=2 * PAGE)) == ()


@pytest.mark.parametrize("base", ["pages-and-links", "links"])
def test_a_sort_that_lists_one_item_of_each_value_loses_no_parameter(base: str) -> None:
    """All that it lists is on one page, which leads nowhere."""
    steps = base_steps(base)

    def one_of_each(replaced: Steps, listed: Rows, query: Query) -> Rows:
        key = query.param("sort")
        rows = steps.order(replaced, listed, query)
        return list({row[key.removeprefix("-")]: row for row in reversed(rows)}.values())[::-1] if key else rows

    assert of_steps(base, replace(steps, order=one_of_each)) == ()


def test_a_sorted_list_is_not_called_capped_where_one_full_page_says_that_nothing_follows() -> None:
    def ending(row: int) -> Steps:
        def onward(steps: Steps, page: Page, right: Any) -> Any:
            return None if page.asked.query.param("sort") and page.asked.row + len(page.rows) >= row else right

        return with_next(base_steps("links"), onward)

    assert of_steps("links", ending(PAGE)) == ()
    assert gallery.seen("links", "the-sort-lists-the-first-hundred").causes() == (names.SORT_CAPPED,)


@pytest.mark.parametrize("base", ["tokens", "links", "links-as-objects"])
def test_a_cursor_of_a_filtered_list_is_named_beside_filters_of_one_page(base: str) -> None:
    """A walk of one page says nothing of cursors, and refutes nothing."""
    run_ = gallery.seen(base, "tokens-are-those-of-the-whole-list")
    assert run_.causes() == (names.FILTER_CURSOR,)


@pytest.mark.parametrize("base", ["tokens", "links", "posted-tokens"])
def test_a_cursor_that_moves_on_is_named_whoever_else_read_it(base: str) -> None:
    assert gallery.seen(base, "a-token-moves-on-each-time").causes() == (names.CURSOR_MOVES,)


def moving(place: Callable[[int], int], base: str = "posted-tokens", row: int | None = None) -> Steps:
    """Pages by cursor, or the one at a row, that begin that many pages further on when they are read the nth time."""
    read: dict[object, Any] = {}

    def further(found: Found) -> int:
        if found.given in (None, "") or row not in (None, found.row):
            return found.row
        nth = next(read.setdefault((str(found.given), found.limit), count()))
        return found.row + place(nth) * (found.limit or 0)

    return with_position(base_steps(base), further)


def test_a_cursor_that_moves_on_never_comes_back() -> None:
    assert of_steps("posted-tokens", moving(lambda nth: nth)) == (names.CURSOR_MOVES,)
    assert names.CURSOR_MOVES not in of_steps("posted-tokens", moving(lambda nth: (0, 2, 1)[nth % 3]))


def test_a_list_whose_first_page_changes_too_has_no_cursor_that_moves_on() -> None:
    """No cursor leads to the first page."""
    moved = gallery.seen("posted-tokens", "a-token-moves-on-each-time")
    first = next(seen for seen in moved.pages if not seen.row and seen.limit == PAGE)
    second = next(seen for seen in moved.pages if seen.key == first.next_key)
    again = replace(first, ids=second.ids, reading=9)
    found = diagnose(moved.contract, (*moved.pages, again), moved.judgements)
    assert names.CURSOR_MOVES not in {cause.name for cause in found}


def ending_at(row: int, total: int | None) -> Steps:
    """A page in the middle says that it is the last, and how many items there are, where that is another number."""

    def here(page: Page) -> bool:
        return page.asked.row == row

    steps = with_value(base_steps("pages-from-zero"), "last", lambda s, page, right: right or here(page))
    return with_value(steps, "total", lambda s, page, right: total if total and here(page) else right)


def test_a_page_that_says_too_early_that_it_is_the_last_must_state_the_whole() -> None:
    """One that states less may have been the last when it was read."""
    assert of_steps("pages-from-zero", ending_at(2 * PAGE, None)) == (names.NEXT_EARLY,)
    assert names.NEXT_EARLY not in of_steps("pages-from-zero", ending_at(2 * PAGE, 3 * PAGE))
