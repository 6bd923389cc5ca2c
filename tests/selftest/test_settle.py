"""Settling: what two readings of one thing may show, and what the reading of a moving catalogue is judged by."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from catalog_contract.catalog.ids import first_difference, in_order, oscillates, repeated
from catalog_contract.catalog.page import Page
from catalog_contract.catalog.settle import WholeIds, settle
from catalog_contract.catalog.walk import Walk
from catalog_contract.diagnosis.stability import growth_explains
from catalog_contract.model.contract import Envelope
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.place import Identity
from catalog_contract.model.verdict import Evidence, Kind, NotJudged

LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
CHURN = 5


@dataclass(frozen=True)
class Look:
    """A reading that was begun and ended at some time, and what it saw."""

    started: float
    finished: float
    ids: tuple[str, ...]
    at_once: bool = True

    def evidence(self, message: str, kind: str = "") -> Evidence:
        """The evidence it gives."""
        return Evidence(message, kind=kind)


def reader(clock: Iterator[int], *seen: str, at_once: bool = True) -> tuple[Callable[[float], Look], list[Look]]:
    """A reader that sees these texts, one a reading, letter by letter an id; the last one for good."""
    looks: list[Look] = []

    def read(after: float) -> Look:
        fresh = [look for look in looks if look.started >= after]
        if not fresh:
            text, at = seen[min(len(looks), len(seen) - 1)], float(next(clock))
            fresh = [Look(at, at + 0.5, tuple(text), at_once)]
            looks.extend(fresh)
        return fresh[0]

    return read, looks


def settled(
    first: tuple[str, ...],
    second: tuple[str, ...],
    at_once: bool = True,
    whole: Callable[[tuple[str, ...]], tuple[str | None, ...]] = tuple,
) -> tuple[str, str, int]:
    """What two readers settle on, the second of which may take several requests, and how many readings it took."""
    clock = iter(range(1, 100))
    (one, seen_one), (other, seen_other) = reader(clock, *first), reader(clock, *second, at_once=at_once)
    a, b = settle(one, other, lambda a, b: a.ids == b.ids, lambda look: whole(look.ids), CHURN)
    return "".join(a.ids), "".join(b.ids), len(seen_one) + len(seen_other)


def test_two_readings_that_agree_are_read_once() -> None:
    """No request more than it takes."""
    assert settled(("abc",), ("abc",)) == ("abc", "abc", 2)


def test_a_difference_around_which_the_first_stood_still_is_real() -> None:
    """A, B, and A again."""
    assert settled(("abc",), ("abd",)) == ("abc", "abd", 3)


def test_a_reading_of_several_requests_must_stand_still_too() -> None:
    """A change in its midst may have torn it, and have been undone before the other was read again."""
    assert settled(("abc",), ("abd", "abc"), at_once=False) == ("abc", "abc", 4)
    assert settled(("abc",), ("abd",), at_once=False) == ("abc", "abd", 4)


@pytest.mark.parametrize("grown", ["abcd", "xabc", "abxc"])
def test_a_catalogue_that_grew_once_agrees_when_it_is_read_again(grown: str) -> None:
    """At the end, at the front, in the middle."""
    assert settled(("abc", grown), (grown,)) == (grown, grown, 3)


def test_a_catalogue_that_grows_without_rest_is_not_judged() -> None:
    """Each reading shows one more."""
    longer = [LETTERS[: n + 1] for n in range(26)]
    with pytest.raises(NotJudged, match="moved through"):
        settled(tuple("".join(ids) for ids in longer[::2]), tuple("".join(ids) for ids in longer[1::2]))


@pytest.mark.parametrize("third", ["abc", "abcx"])
def test_a_whole_reading_whose_item_comes_back_is_no_list_that_moves(third: str) -> None:
    """Two servers that hold not the same, asked in turn: `c` is there, is missing, and is there again."""
    with pytest.raises(AssertionError) as reported:
        settled(("abc", "ab", third), ("abde", "abdef"), whole=WholeIds)
    assert "back and forth" in reported.value.args[0].message
    assert reported.value.args[0].kind == Kind.UNSTEADY


def test_a_window_may_show_an_item_again() -> None:
    """One came before it, and another went: the list moved by two of them, and the window stands where it stood."""
    assert settled(("abc", "xab", "abc"), ("abd", "xax", "abc")) == ("abc", "abc", 6)


def test_a_whole_reading_that_changes_more_than_a_list_may_is_not_judged() -> None:
    """As many items as the contract says may come or go in a run, and not one more."""
    assert settled(("abcdefg", "ab"), ("ab",), whole=WholeIds) == ("ab", "ab", 3)
    with pytest.raises(NotJudged, match="6 items came or went during the run, at most 5"):
        settled(("abcdefgh", "ab", "abx", "abxy"), ("abc", "abd", "abe"), whole=WholeIds)


def test_another_order_is_no_growth() -> None:
    """The same ids, and one of them has moved."""
    with pytest.raises(AssertionError) as reported:
        settled(("abc", "bac"), ("abd",))
    assert "asked twice, the answer is another one" in reported.value.args[0].message
    assert reported.value.args[0].kind == Kind.UNSTEADY


FEW = 25
MANY = tuple(f"m{n}" for n in range(1000))


@pytest.mark.parametrize(
    ("before", "after", "explained"),
    [
        (MANY[:100], MANY[FEW : 100 + FEW], True),
        (MANY[:100], MANY[FEW + 1 : 101 + FEW], False),
        (MANY[:100], MANY[:99][::-1], False),
        (MANY[:100], MANY[500:600], False),
        (MANY[:40], MANY[:20], True),
        (MANY[:40], MANY[:19], False),
    ],
)
def test_growth_explains_a_few_rows_in_the_same_order(
    before: tuple[str, ...], after: tuple[str, ...], explained: bool
) -> None:
    """For the diagnosis, which takes a page that moved so for no fault of its own."""
    assert growth_explains(before, after, FEW) is explained


def test_what_comes_back_twice_flaps() -> None:
    """A value that is left for good is growth; one that returns and returns is not."""
    assert [oscillates(states) for states in ("aab", "abab", "abcabc", "aba", "")] == [False, True, True, False, False]


def test_lists_are_compared_row_by_row() -> None:
    """The first place where they part, what repeats, and whether what they share keeps its order."""
    assert [first_difference(*pair) for pair in (("abc", "abd"), ("abc", "ab"), ("abc", "abc"))] == [2, 2, 3]
    assert repeated(("a", "b", "a", None, None, "b")) == ("a", "b")
    assert [in_order("abcd", after) for after in ("xacdy", "dca", "")] == [True, False, True]


def test_a_walk_lasts_from_its_first_request_to_its_last_answer() -> None:
    """Also where a page is a later reading than the page that follows it."""
    times = ((50.0, 51.0), (30.0, 31.0), (32.0, 33.0))
    exchanges = (Exchange(Request("/"), "", started=at, finished=done) for at, done in times)
    walk = Walk(tuple(Page(exchange, Envelope(), Identity("id")) for exchange in exchanges), 1)
    assert (walk.started, walk.finished) == (30.0, 51.0)
