"""The crossed check in the other paging styles: causes that no fault of their gallery plants are named in each."""

from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any

import pytest

from catalog_contract.catalog.service import Service
from catalog_contract.diagnosis import names
from catalog_contract.rules.judge import judge
from fixtures.gateway.gallery import SEEDS, Seen
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.pipeline import Answer
from fixtures.gateway.styled import gallery
from fixtures.gateway.styled.bases import BASES, PAGE, SIZE, base_steps, contract_of
from fixtures.gateway.styled.change import (
    Rows,
    lead,
    with_answer,
    with_cut,
    with_next,
    with_onward,
    with_rows,
    with_value,
)
from fixtures.gateway.styled.faults import FAULTS
from fixtures.gateway.styles import styled_gateway
from fixtures.gateway.styles.steps import Asked, Page, Steps

Serve = Callable[[Steps, Random], Steps]


def sticky(steps: Steps, random: Random) -> Steps:
    """The same items stand at the front of every page, before its own; what leads on counts its own alone."""
    amount = random.randrange(1, 4)

    def cut(listed: Rows, asked: Asked, right: Rows) -> Rows:
        rest = listed[amount:]
        return [*listed[:amount], *rest[asked.row :][: asked.limit]]

    served = with_cut(steps, cut)
    by_position = contract_of(steps.shape.name).paging.by_position
    return served if by_position else with_onward(served, lambda page, row: row - amount)


def ending(steps: Steps, random: Random) -> Steps:
    """Every page ends at some row, and what answers say of themselves counts the whole list."""
    end = PAGE * random.randrange(3, 6) + random.choice((0, 11))
    return with_cut(steps, lambda listed, asked, right: right[: max(0, end - asked.row)])


def counting(reported: Callable[[Page], Any]) -> Serve:
    """The total is another number."""
    return lambda steps, random: with_value(steps, "total", lambda steps, page, right: reported(page))


def drifting(steps: Steps, random: Random) -> Steps:
    """Each answer counts as many items more in its total as the first one added."""
    step, answered = random.randrange(1, 4), count()
    return counting(lambda page: page.total + step * next(answered))(steps, random)


def refusing(status: int) -> Serve:
    """Every request is answered by one status."""
    return lambda steps, random: with_answer(steps, lambda query, answer: Answer(status, payload={"detail": "no"}))


SERVED: dict[str, Serve] = {
    names.STICKY: sticky,
    names.WINDOW_ENDS: ending,
    names.TOTAL_IS_PAGES: counting(lambda page: -(-page.total // (page.asked.limit or page.total or 1))),
    names.TOTAL_IS_READ: counting(lambda page: page.asked.row + len(page.rows)),
    names.TOTAL_DRIFTS: drifting,
    names.KEY_REFUSED: refusing(401),
    names.RATE_LIMITED: refusing(429),
    names.SERVICE_DOWN: refusing(500),
}

OF_PAGES = {names.STICKY, names.WINDOW_ENDS}
OF_TOTALS = {names.TOTAL_IS_PAGES, names.TOTAL_IS_READ, names.TOTAL_DRIFTS}


def applies(cause: str, base: str) -> bool:
    """Whether a list of that style can have the cause: one has no total, another no second page."""
    contract = contract_of(base)
    if cause == names.WINDOW_ENDS:
        # A cursor that stays where the list is cut leads to itself, whatever lies behind.
        return contract.paging.by_position or "total" in contract.envelope.places
    if cause == names.STICKY and base in ("posted-search", "tokens-and-short-pages"):
        return False  # past the end the first item leads back to the page after it; short pages may hold anything
    return "total" in contract.envelope.places if cause in OF_TOTALS else cause not in OF_PAGES or base != "one-answer"


def found(base: str, cause: str, seed: int) -> tuple[str, ...]:
    """The causes that are named where one is served."""
    return named_where(base, SERVED[cause](base_steps(base), Random(f"{cause} {seed}")))


def named_where(base: str, steps: Steps) -> tuple[str, ...]:
    """The causes that are named for a list with these steps."""
    contract = contract_of(base)
    service = Service(contract, MemorySource(styled_gateway(steps)))
    judgements = tuple(judge(rule, case, service) for rule, case in gallery.asked(base, None))
    return Seen(contract, judgements, service.seen()).causes()


PAIRS = [(cause, base) for cause in SERVED for base in BASES if applies(cause, base)]


@pytest.mark.parametrize(
    ("cause", "base"),
    [
        (names.STICKY, "after-id"),
        (names.STICKY, "offsets-nested"),
        (names.STICKY, "pages-repeat-the-last"),
        (names.TOTAL_DRIFTS, "pages"),
        (names.TOTAL_IS_READ, "pages-repeat-the-last"),
        (names.WINDOW_ENDS, "pages-and-headers"),
        (names.WINDOW_ENDS, "pages-and-links"),
        (names.WINDOW_ENDS, "offsets-and-links"),
    ],
)
def test_a_cause_that_is_served_in_another_style_is_named_alone(cause: str, base: str) -> None:
    assert found(base, cause, 0) == (cause,)


@pytest.mark.parametrize("base", ["pages", "pages-and-links", "offsets-and-links"])
def test_a_total_that_is_counted_before_a_filter_is_no_list_that_is_cut(base: str) -> None:
    """Every fourth item is hidden, and counted: the pages of a filter end long before the last row of the list."""
    steps = base_steps(base)
    whole = steps.collect(SIZE, 1)
    shown = with_rows(steps, lambda rows, turn: [row for nth, row in enumerate(rows) if nth % 4 != 3])
    hiding = with_value(shown, "total", lambda s, page, right: len(steps.select(steps, whole, page.asked.query)))
    named = named_where(base, hiding)
    assert (
        {names.BEFORE_FILTER, names.TOTAL_OFF} <= {*named} <= {names.BEFORE_FILTER, names.TOTAL_OFF, names.PART_MISSING}
    )


@pytest.mark.parametrize("base", ["pages-by-number", "posted-search"])
def test_where_only_the_total_tells_the_list_may_be_cut_or_the_total_wrong(base: str) -> None:
    steps = base_steps(base)
    short = with_rows(steps, lambda rows, turn: rows[: SIZE - 70])
    named = named_where(base, with_value(short, "total", lambda s, page, right: SIZE))
    assert {*named} == {names.BEFORE_FILTER, names.TOTAL_OFF, names.WINDOW_ENDS}


def test_a_right_list_that_leads_on_too_far_is_not_called_cut() -> None:
    """All reads hold what is expected, so no list can go on to the row that the empty pages lead to."""

    def onward(steps: Steps, page: Page, right: Any) -> Any:
        row = page.asked.row + (page.asked.limit or 25)
        return lead(steps, page, row) if row < 700 else right

    assert names.WINDOW_ENDS not in named_where("pages-and-headers", with_next(base_steps("pages-and-headers"), onward))


@pytest.mark.parametrize(
    "fault",
    [
        "a-page-holds-one-less-than-its-limit",
        "a-page-holds-one-more-than-its-limit",
        "an-empty-page-in-the-middle",
        "an-item-is-listed-again-far-behind",
        "pages-are-counted-from-one",
        "pages-are-counted-from-zero",
        "pages-are-counted-in-the-default-size",
        "pages-leave-an-item-out",
        "pages-overlap",
        "past-the-end-a-server-error",
        "the-last-short-page-is-dropped",
        "the-limit-is-ignored",
        "two-items-have-one-id",
        "without-a-limit-everything",
    ],
)
def test_a_cause_is_named_alone_where_a_page_past_the_end_is_the_last_page(fault: str) -> None:
    """A request past the end is taken for one of the last page first: what is wrong inside is wrong there too."""
    assert gallery.seen("pages-repeat-the-last", fault).causes() == (FAULTS[fault].cause,)


@pytest.mark.parametrize(
    "fault", ["an-empty-page-in-the-middle", "pages-are-counted-in-the-default-size", "without-a-limit-everything"]
)
def test_a_cause_is_named_alone_where_a_page_past_the_end_is_refused(fault: str) -> None:
    """A refusal that the cause predicts is not a failure of its own."""
    assert gallery.seen("pages-and-links", fault).causes() == (FAULTS[fault].cause,)


@pytest.mark.parametrize("base", ["pages-and-links", "pages-repeat-the-last"])
def test_past_the_end_the_last_items_are_not_what_is_declared(base: str) -> None:
    """Neither a refusal nor the last page: the last items, as many as a page holds."""
    assert gallery.seen(base, "past-the-end-the-last-items").causes() == (names.PAST_OTHER,)


@pytest.mark.parametrize(
    "fault",
    [
        "a-short-page-in-the-middle",
        "an-empty-page-in-the-middle",
        "an-item-is-lost-by-next-in-one-page-size",
        "the-last-short-page-is-dropped",
    ],
)
def test_a_total_that_is_left_out_is_not_another_total(fault: str) -> None:
    """One response has no header that counts: the list may not have grown for that."""
    assert gallery.seen("pages-counted-in-a-header", fault).causes() == (FAULTS[fault].cause,)


def test_a_bulk_read_that_ends_early_lacks_what_the_pages_show() -> None:
    """The end of the list is on pages: it is the largest one that has not got it."""
    base, fault = "pages-counted-in-a-header", "a-limit-above-the-maximum-becomes-the-default"
    assert gallery.seen(base, fault).causes() == (names.BULK_LACKS,)


@pytest.mark.parametrize(
    ("base", "fault"),
    [
        ("after-id", "next-missing-early"),
        ("offsets-that-lead", "next-ignores-a-short-rest"),
        ("offsets-that-lead", "next-missing-early"),
        ("posted-connection", "next-missing-early"),
    ],
)
def test_a_next_page_that_is_not_named_is_missing_whatever_has_more_says(base: str, fault: str) -> None:
    assert gallery.seen(base, fault).causes() == (FAULTS[fault].cause,)


@pytest.mark.parametrize(
    ("base", "fault"),
    [
        ("tokens-and-short-pages", "a-limit-above-the-maximum-is-served"),
        ("tokens-and-short-pages", "a-page-holds-one-more-than-its-limit"),
        ("tokens-and-short-pages", "an-empty-page-in-the-middle"),
        ("tokens-and-short-pages", "an-item-is-lost-in-one-page-size"),
        ("tokens-and-short-pages", "next-skips-a-page"),
        ("tokens-and-short-pages", "the-limit-is-ignored"),
        ("tokens-and-short-pages", "without-a-limit-everything"),
    ],
)
def test_a_cause_is_named_alone_where_pages_may_be_short(base: str, fault: str) -> None:
    """A page there is some of the first items that it might hold."""
    assert gallery.seen(base, fault).causes() == (FAULTS[fault].cause,)


@pytest.mark.parametrize("base", ["offsets-and-links", "offsets-nested"])
@pytest.mark.parametrize(
    "fault",
    ["pages-are-counted-from-one", "pages-are-counted-from-zero", "pages-are-counted-in-the-default-size",
     "pages-overlap", "pages-leave-an-item-out"],
)  # fmt: skip
def test_an_offset_that_is_turned_into_the_number_of_a_page_is_named(base: str, fault: str) -> None:
    assert gallery.seen(base, fault).causes() == (FAULTS[fault].cause,)


@pytest.mark.parametrize(
    ("base", "fault", "cause"),
    [
        ("after-id", "next-ignores-a-short-rest", names.NOWHERE),
        ("after-id", "the-filter-is-applied-to-the-page", names.FILTER_AFTER),
        ("links", "the-last-page-comes-under-two-cursors", names.NEXT_LATE),
        ("links-in-a-header", "next-is-no-link", names.OTHER_ADDRESS),
        ("offsets-that-lead", "has-more-on-the-last-page", names.NEXT_LATE),
        ("pages-and-links", "past-the-end-a-server-error", names.PAST_ERROR),
        ("pages-counted-in-a-header", "links-lose-the-limit", names.NEXT_LOSES),
        ("pages-counted-in-a-header", "the-limit-is-ignored", names.LIMIT_IGNORED),
        ("tokens", "an-error-with-status-200", names.EMPTY),
        ("tokens", "next-is-no-link", names.NO_LINK),
        ("tokens", "the-list-stands-elsewhere", names.UNFIT),
        ("tokens-and-short-pages", "next-whenever-a-page-is-full", names.NEXT_EARLY),
    ],
)
def test_what_a_fault_is_in_another_style_is_named_alone(base: str, fault: str, cause: str) -> None:
    """The last page leads to one that is refused, for one; an error without a list is an empty list to others."""
    assert gallery.seen(base, fault).causes() == (cause,)


@pytest.mark.parametrize("base", ["pages-and-links", "pages-and-headers", "offsets-nested", "offsets-that-lead"])
def test_pages_that_all_lead_too_far_are_named(base: str) -> None:
    def further(page: Page, row: int) -> int:
        return row + (page.asked.limit or 25) if row == page.following else row

    assert named_where(base, with_onward(base_steps(base), further)) == (names.NEXT_SKIPS,)


@pytest.mark.parametrize("base", ["pages", "pages-repeat-the-last"])
def test_a_list_that_ends_early_is_named_where_pages_of_some_sizes_were_not_read_to_the_end(base: str) -> None:
    assert {*gallery.seen(base, "the-list-ends-after-a-hundred").causes()} == {names.CAPPED, names.PART_MISSING}


@pytest.mark.parametrize("base", ["pages-and-headers", "pages-and-links", "pages-nested"])
def test_every_page_that_leads_to_itself_is_named(base: str) -> None:
    """The row before the next page lies on the page itself, by its number."""
    assert gallery.seen(base, "next-repeats-the-boundary-item").causes() == (names.NEXT_LOOPS,)


@pytest.mark.thorough
@pytest.mark.parametrize(("cause", "base"), PAIRS)
def test_each_cause_that_is_served_is_named_in_every_style_that_it_applies_to(cause: str, base: str) -> None:
    for seed in SEEDS:
        named = found(base, cause, seed)
        assert cause in named, (seed, named)
        assert set(named) <= {cause, *names.ALTERNATIVES.get(cause, ())}, (seed, named)


@pytest.mark.thorough
@pytest.mark.parametrize("base", [base for base in BASES if not applies(names.WINDOW_ENDS, base)])
def test_a_list_that_is_cut_has_no_wrong_cause_where_a_cursor_leads(base: str) -> None:
    for seed in SEEDS:
        named = found(base, names.WINDOW_ENDS, seed)
        assert set(named) <= names.ALTERNATIVES[names.WINDOW_ENDS], (seed, named)
