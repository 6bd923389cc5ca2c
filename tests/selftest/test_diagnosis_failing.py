"""Diagnosis of pages that fail: with one item, behind some depth, or by chance."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from seen_pages import IDS, judged, named, page, reported, run, sliced, the

from catalog_contract.diagnosis import names
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.run import NO_KNOWN_CAUSE


def failing(wrong: Callable[[int, int], bool], status: int = 500) -> list[PageSeen]:
    """A whole run in which the pages from a row on, of that many rows, fail."""
    return [fails(one, status) if wrong(one.row or 0, one.limit or 0) else one for one in run(sliced(IDS))]


def fails(one: PageSeen, status: int = 500) -> PageSeen:
    return replace(one, ids=(), total=None, status=status, failure=f"answered {status}")


@pytest.mark.parametrize("seed", range(5))
def test_one_item_that_fails_every_page_with_it(seed: int) -> None:
    at = random.Random(seed).randrange(110, 1300)
    cause = the(names.POISONED, failing(lambda row, limit: row <= at < min(row + limit, len(IDS))), judged("pages"))
    assert f"{at:,}" in cause.message or "rows" in cause.message


def test_the_item_is_said_as_exactly_as_is_known() -> None:
    """No page is read that ends between the rows 1,300 and 1,352."""
    cause = the(names.POISONED, failing(lambda row, limit: row <= 1330 < row + limit), judged("pages"))
    assert "at rows 1,324 to 1,351" in cause.message


@pytest.mark.parametrize(
    ("wrong", "reaches"),
    [(lambda row, limit: row >= 600, "begins at row"), (lambda row, limit: row + limit > 700, "ends at row")],
    ids=["by-its-first-row", "by-its-last-row"],
)
def test_a_list_that_is_served_to_some_depth(wrong: Callable[[int, int], bool], reaches: str) -> None:
    assert reaches in the(names.DEEPEST, failing(wrong), judged("pages")).message


@pytest.mark.parametrize("seed", range(20))
def test_pages_that_fail_by_chance_are_no_matter_of_an_item(seed: int) -> None:
    """Neither as many items as there are failures explain them, nor a depth."""
    pages = run(sliced(IDS))
    struck = set(random.Random(seed).sample([one.key for one in pages if one.row != 0], 3))
    chance = [fails(one) if one.key in struck else one for one in pages]
    groups = [{*range(one.row or 0, (one.row or 0) + (one.limit or 0))} for one in pages if one.key in struck]
    together = set.intersection(*groups)
    assert together or names.POISONED not in named(chance, judged("pages"))


def test_what_is_answered_when_it_is_asked_again_does_not_fail_of_itself() -> None:
    pages = failing(lambda row, limit: row <= 850 < row + limit)
    again = [replace(one, reading=2) for one in run(sliced(IDS)) if (one.row or 0) <= 850]
    assert names.POISONED not in named([*pages, *again], judged("pages"))


def test_a_page_too_few_is_no_hole() -> None:
    """Rows that nobody asked for are not rows that fail."""
    chosen = [one for one in run(sliced(IDS)) if one.row not in (300, 331) and one.limit not in (250, 50000)]
    assert set(named(chosen, judged("pages"))) <= {NO_KNOWN_CAUSE}


def test_a_collection_is_not_down_where_the_same_request_fails_in_others() -> None:
    """The full read of both fails; one of the two was asked for nothing else."""
    pages = failing(lambda row, limit: row <= 850 < min(row + limit, len(IDS)))
    other = fails(page(0, 50000, (), collection="groq", bulk=True))
    found = named([*pages, other], judged("pages"), judged("collections", "groq"))
    assert found == [names.POISONED]


def test_a_collection_is_down_where_others_answer_the_same_request() -> None:
    pages = [*run(sliced(IDS)), fails(page(0, 50000, (), collection="groq", bulk=True))]
    assert named(pages, judged("collections", "groq")) == [names.ROUTE_DOWN]


def test_a_collection_that_fails_what_others_answer_is_down_whatever_else_fails() -> None:
    pages = failing(lambda row, limit: row <= 850 < min(row + limit, len(IDS)))
    down = [fails(page(row, limit, (), collection="groq")) for row, limit in ((0, 50000), (0, 100))]
    found = named([*pages, *down], judged("pages"), judged("collections", "groq"))
    assert set(found) == {names.ROUTE_DOWN, names.POISONED}


def test_a_failure_that_went_away_excuses_no_collection() -> None:
    pages = run(sliced(IDS))
    moment = [replace(fails(one, 503), reading=1) for one in pages if one.bulk]
    down = fails(page(0, 50000, (), collection="groq", bulk=True), 503)
    again = [replace(one, reading=2) if one.bulk else one for one in pages]
    assert names.ROUTE_DOWN in named([*moment, *again, down], judged("collections", "groq"))


@pytest.mark.parametrize(
    "wrong",
    [lambda row, limit: row == 0, lambda row, limit: limit > 300],
    ids=["only-the-first-row", "only-large-limits"],
)
def test_neither_an_item_nor_a_depth_is_named_where_less_explains_it(wrong: Callable[[int, int], bool]) -> None:
    found = named(failing(wrong), judged("pages"))
    assert not {names.POISONED, names.DEEPEST} & set(found)


def test_a_refusal_is_no_matter_of_an_item() -> None:
    pages = failing(lambda row, limit: row <= 850 < min(row + limit, len(IDS)), status=400)
    assert names.POISONED not in named(pages, judged("pages"))


def test_a_row_that_is_not_known_is_never_shown() -> None:
    for seed in range(5):
        at = random.Random(seed).randrange(0, 1352)
        for cause in reported(failing(lambda row, limit, at=at: row <= at < row + limit), judged("pages")):  # type: ignore[misc]
            assert "\0" not in repr(cause)
