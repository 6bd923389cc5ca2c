"""Diagnosis of pages that fail: with one item, behind some depth, or by chance."""

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from seen_pages import CONTRACT, IDS, judged, named, page, run, sliced, the

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.causes import diagnose
from catalog_contract.diagnosis.deciding import deciding
from catalog_contract.diagnosis.hypotheses import Hypothesis
from catalog_contract.diagnosis.known import HOLE
from catalog_contract.diagnosis.world import World
from catalog_contract.model.contract import Parameters
from catalog_contract.model.observation import Leads, PageSeen
from catalog_contract.model.paging import Paging
from catalog_contract.model.place import Place
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
    first, last = re.search(r"rows? ([\d,]+)(?: to ([\d,]+))?", cause.message).groups()  # type: ignore[union-attr]
    assert int(first.replace(",", "")) <= at <= int((last or first).replace(",", ""))
    assert int((last or first).replace(",", "")) - int(first.replace(",", "")) < 100  # no page of the walk is larger


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
    """By the step that decides between two causes, one of which predicts it."""
    world = World(CONTRACT, (f"{HOLE}0", *IDS[1:4]), True, ())
    holed = Hypothesis("holed", "x", lambda seen: world.rows, "x")
    empty = Hypothesis("empty", "x", lambda seen: (), "x")
    probe = deciding(world, "huggingface", [holed, empty])
    assert probe is not None
    assert "`holed` answers 4 items; `empty` answers nothing; " in probe.tells


LED = replace(
    CONTRACT,
    parameters=Parameters(cursor="cursor", offset=None),
    paging=Paging("cursor", 20, 50, 10, 7, None),
    collections=(replace(CONTRACT.collections[0], expected_total=100, known_ids=()),),
    envelope=replace(CONTRACT.envelope, next=Place("next"), total=None),
)


def led(fails_at: Callable[[int], int], lost: tuple[str, ...] = (), size: int = 100) -> list[PageSeen]:
    """Walks along cursors in pages of 50, 20 and 10; a page behind one that has `lost` its limit holds 10 items.

    `fails_at` gives the status of the page at a row; one that is full leads on, also at the end.
    """
    pages: dict[str, PageSeen] = {}
    for limit in (50, 20, 10):
        row, key = 0, f"/v1/models?limit={limit}"
        while key not in pages:
            status, words = fails_at(row), {"target": key, "key": key, "walk": limit == 20, "bulk": limit == 50}
            ids = IDS[row : min(size, row + (10 if lost and row else limit))]
            row += len(ids)
            following = f"/v1/models?cursor=c{row}" + ("" if lost else f"&limit={limit}")
            leads = {"leads": Leads.NEXT, "next_key": following, "lost": () if "cursor" in key else lost}
            one = page(row - len(ids), limit, ids)
            pages[key] = replace(one, **words, **leads) if status == 200 else fails(replace(one, **words), status)
            key = following if status == 200 else key
    return list(pages.values())


def causes(pages: Iterable[PageSeen]) -> set[str]:
    found = diagnose(LED, tuple(pages), (judged("pages"), judged("links")))
    return {cause.name for cause in found}


def test_the_end_of_a_list_is_no_depth_to_which_it_is_served() -> None:
    """Every page is full, and the last one leads to a page that is not there."""
    assert not {names.DEEPEST, names.POISONED} & causes(led(lambda row: 404 if row >= 100 else 200))
    assert causes(led(lambda row: 500 if row >= 50 else 200)) == {names.DEEPEST}


def test_a_failure_behind_a_page_that_lost_its_limit_says_nothing_of_the_list() -> None:
    assert causes(led(lambda row: 500 if row == 70 else 404 if row >= 100 else 200, lost=("limit",))) == {
        names.NEXT_LOSES
    }
