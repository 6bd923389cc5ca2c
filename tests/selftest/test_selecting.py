"""Filters, sorts and partitions of a list that moves all the time: judged by the items that stay."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from catalog_contract.catalog.service import Service
from catalog_contract.diagnosis.causes import diagnose
from catalog_contract.model.contract import FLAT
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.run import NO_KNOWN_CAUSE
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.judge import judge
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.styled.bases import SHELVES, base_steps
from fixtures.gateway.styled.change import Rows, with_rows
from fixtures.gateway.styled.faults import FAULTS
from fixtures.gateway.styled.gallery import asked, declared
from fixtures.gateway.styled.harmless.moving import newcomers
from fixtures.gateway.styles import styled_gateway
from fixtures.gateway.styles.rows import Row

PARTITION = "the_filters_of_a_partition_make_the_whole"
FILTER = "a_declared_filter_lists_exactly_what_it_selects"
TOTAL = "total_equals_the_items_walked"
PAGES = "pages_is_the_total_divided_by_the_limit"
SORT = "a_sort_lists_the_same_items"
AT_ONCE = "pages"
"""All that a filter lists is one response there: however often the list moves, none is torn."""

Change = Callable[[Rows, int], Rows]


def growing(rows: Rows, turn: int) -> Rows:
    """One more item with every second request, at the front."""
    return [*newcomers(turn // 2), *rows]


def growing_slowly(rows: Rows, turn: int) -> Rows:
    """One more item with every fifteenth request: no more than may come during a run."""
    return [*newcomers(turn // 15), *rows]


def judged(base: str, *changes: Change, fault: str = "", rule: str = PARTITION, merges: str = "") -> Judgement:
    steps = FAULTS[fault].build(base_steps(base), Random(0)) if fault else base_steps(base)
    for change in changes:
        steps = with_rows(steps, change)
    contract = declared(base, None)
    contract = replace(contract, collections=tuple(replace(one, merges=merges) for one in contract.collections))
    service = Service(contract, MemorySource(styled_gateway(steps)))
    return next(judge(one, case, service) for one, case in asked(base, None) if one.name == rule)


def with_shelf(shelf: Any, when: Callable[[Row, int], bool]) -> Change:
    return lambda rows, turn: [row | {"shelf": shelf} if when(row, turn) else row for row in rows]


@pytest.mark.parametrize("base", ["pages", "links", "tokens", "after-id"])
def test_a_partition_of_a_list_that_stands_still_is_whole(base: str) -> None:
    assert judged(base).verdict is Verdict.HOLDS


def test_a_list_that_grows_all_the_time_is_judged_by_the_items_that_stay() -> None:
    assert judged(AT_ONCE, growing).verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("fault", "printed"),
    [
        ("an-item-is-on-no-shelf", "1 lost, 0 listed twice (the list moved"),
        ("an-item-is-on-two-shelves", "0 lost, 1 listed twice (the list moved"),
    ],
)
def test_an_item_that_falls_out_of_the_partition_is_found_while_the_list_grows(fault: str, printed: str) -> None:
    found = judged(AT_ONCE, growing, fault=fault)
    assert found.verdict is Verdict.BROKEN
    assert found.evidence is not None and printed in found.evidence.message


def test_an_item_that_changes_its_filter_meanwhile_accuses_nobody() -> None:
    """It may be listed by both filters, or by none: each was asked at a time of its own."""
    for when in range(2, 50):
        moving = with_shelf(SHELVES[0], lambda row, turn, when=when: turn >= when and row["rank"] % 5 == 1)
        assert judged(AT_ONCE, moving, growing).verdict is Verdict.HOLDS, when


def test_filters_of_several_pages_that_never_come_to_rest_are_not_judged() -> None:
    found = judged(AT_ONCE, growing, with_shelf(SHELVES[0], lambda row, turn: True))
    assert (found.verdict, found.why) == (Verdict.NOT_JUDGED, "models moved through every reading of its filters")


@pytest.mark.parametrize("rule", [FILTER, SORT])
@pytest.mark.parametrize("base", ["pages", "links", "tokens", "after-id"])
def test_what_is_chosen_of_a_list_that_grows_all_the_time_is_whole(base: str, rule: str) -> None:
    assert judged(base, growing, rule=rule).verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("rule", "fault", "printed"),
    [
        (FILTER, "the-filter-is-ignored", "0 lost, 127 unexpected (the list moved"),
        (SORT, "the-sort-lists-the-first-hundred", "155 lost, 0 unexpected (the list moved"),
    ],
)
def test_what_is_chosen_wrongly_is_found_while_the_list_grows(rule: str, fault: str, printed: str) -> None:
    found = judged(AT_ONCE, growing, fault=fault, rule=rule)
    assert found.verdict is Verdict.BROKEN
    assert found.evidence is not None and printed in found.evidence.message


def test_few_items_that_a_torn_reading_lacks_are_not_held_against_it() -> None:
    """An item that goes while a list is read page by page hides another one, which stays."""
    assert judged(AT_ONCE, growing, fault="the-sort-drops-what-has-no-value", rule=SORT).verdict is Verdict.NOT_JUDGED


@pytest.mark.parametrize(
    ("rule", "fault", "change", "printed"),
    [
        (TOTAL, "total-is-capped", growing_slowly, "total is 200 at page 1"),
        (PAGES, "pages-rounded-down", growing, "pages is 8 at page 1, limit 30, and total 25"),
    ],
)
def test_a_counter_that_no_list_explains_is_found_while_the_list_grows(
    rule: str, fault: str, change: Change, printed: str
) -> None:
    found = judged(AT_ONCE, change, fault=fault, rule=rule)
    assert found.verdict is Verdict.BROKEN
    assert found.evidence is not None and printed in found.evidence.message


@pytest.mark.parametrize("change", [growing, growing_slowly])
@pytest.mark.parametrize("rule", [TOTAL, PAGES])
def test_a_counter_of_a_list_that_grows_all_the_time_accuses_nobody(rule: str, change: Change) -> None:
    assert judged(AT_ONCE, change, rule=rule).verdict is not Verdict.BROKEN


def test_a_filter_that_lists_its_items_again_and_again_is_found_while_the_list_grows() -> None:
    """An item that comes shows another one twice: as many as the contract allows, and no more."""
    fault = "the-filter-is-applied-to-each-page-of-the-walk"
    found = judged("links", growing_slowly, fault=fault, rule=FILTER)
    assert found.verdict is Verdict.BROKEN
    assert found.evidence is not None and "0 lost, 0 unexpected, 102 listed twice" in found.evidence.message


@pytest.mark.parametrize(
    ("rule", "fault"), [(PARTITION, "an-item-is-on-two-shelves"), (FILTER, "the-filter-is-ignored")]
)
def test_a_list_that_may_repeat_its_items_is_not_judged_by_those_that_stay(rule: str, fault: str) -> None:
    assert judged(AT_ONCE, growing, fault=fault, rule=rule).verdict is Verdict.BROKEN
    assert judged(AT_ONCE, growing, fault=fault, rule=rule, merges=FLAT).verdict is Verdict.NOT_JUDGED


def test_a_limit_that_is_clamped_is_not_called_unchecked_while_the_list_grows() -> None:
    """Nothing else says so, where no list is known to predict by."""
    contract = declared(AT_ONCE, None)
    steps = with_rows(FAULTS["a-limit-above-the-maximum-is-clamped"].build(base_steps(AT_ONCE), Random(0)), growing)
    service = Service(contract, MemorySource(styled_gateway(steps)))
    judgements = tuple(judge(rule, case, service) for rule, case in asked(AT_ONCE, None))
    causes = [cause.name for cause in diagnose(contract, service.seen(), judgements)]
    assert causes == [NO_KNOWN_CAUSE]


@pytest.mark.parametrize(
    ("rule", "fault"), [(PARTITION, "an-item-is-on-no-shelf"), (SORT, "the-sort-lists-the-first-hundred")]
)
def test_what_is_lost_of_a_list_that_grows_is_named_in_its_order(rule: str, fault: str) -> None:
    nowhere = with_shelf("nowhere", lambda row, turn: row["rank"] % 40 == 7)
    found = judged(AT_ONCE, growing, nowhere, fault=fault, rule=rule)
    service = Service(declared(AT_ONCE, None), MemorySource(styled_gateway(base_steps(AT_ONCE))))
    ids = service.catalogs[0].bulk().ids
    assert found.evidence is not None and len(found.evidence.lost) > 3
    assert [id for id in found.evidence.lost if id in ids] == [id for id in ids if id in found.evidence.lost]


class WithForeignItem(MemorySource):
    """Every filtered page ends with an item that the list does not hold."""

    def fetch(self, request: Request) -> Exchange:
        exchange = super().fetch(request)
        if not any(name == "shelf" for name, _ in request.query):
            return exchange
        body = deepcopy(exchange.decoded)
        items = next(value for value in body.values() if isinstance(value, list))
        items[-1:] = [item | {"id": "foreign/item"} for item in items[-1:]]
        return replace(exchange, decoded=body)


@pytest.mark.parametrize("base", ["links", "after-id", "offsets-and-links"])
def test_a_filtered_page_that_ends_with_a_foreign_item_is_broken_and_diagnosed(base: str) -> None:
    contract = declared(base, None)
    service = Service(contract, WithForeignItem(styled_gateway(base_steps(base))))
    judgements = [judge(rule, case, service) for rule, case in asked(base, None)]
    broken = {judgement.rule for judgement in judgements if judgement.verdict is Verdict.BROKEN}
    assert FILTER in broken
    assert diagnose(contract, service.seen(), judgements)
