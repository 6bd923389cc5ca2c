"""The law: no legal history contradicts it, every kind of corruption does, and the witness names the place."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from histories import Past, past
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog_contract.catalog.history import MOVES
from catalog_contract.catalog.law import Law
from catalog_contract.model.witness import CameAndWent, Contradiction, Id, Kind, Sighting, TooMuchChurn

SEEDS = st.integers(0, 2**32)
LIST: tuple[Id, ...] = tuple(f"item-{nth:03}" for nth in range(200))


def law_of(seen: Past, churn: int = 50) -> Law:
    return Law(seen.reads, seen.others, churn)


def contradictions(law: Law, seen: Past) -> list[Contradiction]:
    """What the law finds in a history; of an item that a torn read may have missed it says that it came and went.

    What such an item may have moved is no contradiction yet: a run reads it once more.
    """
    found = []
    for sighting in (*(chunk for read in seen.reads for chunk in read), *seen.others):
        with suppress(CameAndWent):
            found.append(law.check(sighting))
    return [one for one in found if one and not (law.doubtful and one.kind in MOVES)]


@given(SEEDS, st.integers(1, 60), st.integers(0, 12), st.sampled_from([None, 5, 10]))
@example(8, 30, 8, 5)  # an item comes while the first whole read is made, beside others that go
@example(251261, 9, 9, 5)  # one goes between the chunks of a read that misses another by it, and so reads as before
@example(7002920, 7, 5, 5)  # the same, with a torn read between the two that are alike
@settings(deadline=None)
def test_a_legal_history_is_explained(seed: int, size: int, churn: int, step: int | None) -> None:
    _, seen = past(Random(seed), size, churn, step=step)
    assert contradictions(law_of(seen), seen) == []


@pytest.mark.thorough
@given(SEEDS, st.integers(1, 60), st.integers(0, 12), st.sampled_from([None, 5, 10]))
@settings(deadline=None, max_examples=20_000)
def test_many_legal_histories_are_explained(seed: int, size: int, churn: int, step: int | None) -> None:
    _, seen = past(Random(seed), size, churn, step=step)
    assert contradictions(law_of(seen), seen) == []


def swapped(page: list[Id]) -> list[Id]:
    return [*page[:4], page[5], page[4], *page[6:]]


def replaced(page: list[Id]) -> list[Id]:
    return [*page[:4], "item-007", *page[5:]]


def shifted(page: list[Id]) -> list[Id]:
    start = LIST.index(page[0])
    return list(LIST[start + 1 : start + 1 + len(page)])


CORRUPTIONS: dict[str, tuple[Callable[[list[Id]], list[Id]], Kind, int]] = {
    "two items swapped": (swapped, Kind.ORDER, 4),
    "an item of elsewhere in place of one": (replaced, Kind.ORDER, 4),
    "an item lost": (lambda page: [*page[:4], *page[5:], "item-110"], Kind.LOST, 4),
    "an item repeated": (lambda page: [*page[:4], page[3], *page[4:-1]], Kind.REPEATED, 4),
    "shifted by one": (shifted, Kind.SHIFTED, 0),
    "the first page again": (lambda page: list(LIST[:10]), Kind.SHIFTED, 0),
    "reversed": (lambda page: page[::-1], Kind.ORDER, 0),
    "one more than the limit": (lambda page: [*page, "item-110"], Kind.OVERFULL, 10),
    "one less than the limit": (lambda page: page[:-1], Kind.SHORT, 9),
    "empty": (lambda page: [], Kind.SHORT, 0),
    "an unusable id": (lambda page: [*page[:4], None, *page[5:]], Kind.UNUSABLE, 4),
}


def window(ids: list[Id] | tuple[Id, ...], at: float = 5.0, offset: int = 100, limit: int | None = 10) -> Sighting:
    return Sighting(tuple(ids), offset, limit, at, at + 0.5)


def whole(ids: list[Id] | tuple[Id, ...], at: float) -> list[Sighting]:
    return [Sighting(tuple(ids), 0, None, at, at + 0.5)]


@pytest.mark.parametrize("step", [None, 30], ids=["one response", "chunks"])
@pytest.mark.parametrize("corrupt", CORRUPTIONS)
def test_a_corrupted_window_is_contradicted_at_its_first_wrong_index(corrupt: str, step: int | None) -> None:
    spoil, kind, index = CORRUPTIONS[corrupt]
    good, bad = window(LIST[100:110], at=4.0), window(spoil(list(LIST[100:110])))
    reads = [whole(LIST, 0.0), whole(LIST, 9.0)] if step is None else [chunks(LIST, 0.0, step), chunks(LIST, 9.0, step)]
    law = Law(reads, [good, bad], churn=25)
    assert law.check(good) is None
    found = law.check(bad)
    assert found is not None and (found.kind, found.index, found.sighting) == (kind, index, bad)


def chunks(ids: tuple[Id, ...], at: float, step: int) -> list[Sighting]:
    return [
        Sighting(ids[offset : offset + step], offset, step, at + offset / 1000, at + (offset + 20) / 1000)
        for offset in range(0, len(ids) + 1, step)
    ]


def test_a_chunked_read_that_repeats_a_row_at_its_boundary_is_contradicted() -> None:
    def read(at: float) -> list[Sighting]:
        return [
            replace(c, ids=LIST[max(0, c.offset - 1) : c.offset + 29]) if c.offset else c for c in chunks(LIST, at, 30)
        ]

    found = list(Law([read(0.0), read(9.0)], [], churn=25).contradictions())
    assert {one.kind for one in found} == {Kind.SHIFTED}


def test_more_past_the_end_is_contradicted() -> None:
    law = Law([whole(LIST, 0.0), whole(LIST, 9.0)], [past_end := window(LIST[190:], offset=200)], churn=25)
    assert law.check(past_end) == Contradiction(Kind.SHIFTED, past_end, 0, None, "item-190")


def test_a_total_of_no_state_is_contradicted() -> None:
    wrong = replace(window(LIST[100:110]), total=199)
    found = Law([whole(LIST, 0.0), whole(LIST, 9.0)], [wrong], churn=25).check(wrong)
    assert found == Contradiction(Kind.TOTAL, wrong, 0, 200, 199)


def test_a_stale_replica_is_contradicted_when_what_it_lacks_was_seen_before_and_after() -> None:
    stale = window(LIST[105:115])
    law = Law([whole(LIST, 0.0), whole(LIST, 9.0)], [stale], churn=25)
    assert law.check(stale) == Contradiction(Kind.SHIFTED, stale, 0, "item-100", "item-105")


def test_a_list_that_shrinks_and_grows_back_is_contradicted() -> None:
    law = Law([whole(LIST, 0.0), whole(LIST[:190], 4.0), whole(LIST, 9.0)], [], churn=25)
    assert {one.kind for one in law.contradictions()} == {Kind.RETURNED}


def test_an_item_that_came_and_went_is_not_judged_until_it_is_seen_again() -> None:
    seen = window([*LIST[100:105], "new", *LIST[105:109]])
    reads = [whole(LIST, 0.0), whole(LIST, 9.0)]
    with pytest.raises(CameAndWent):
        Law(reads, [seen], churn=25).check(seen)
    again = replace(seen, started=12.0, finished=12.5)
    found = Law([*reads, whole(LIST, 14.0)], [seen, again], churn=25).check(again)
    assert found is not None and (found.kind, found.index, found.actual) == (Kind.FOREIGN, 5, "new")


def test_more_churn_than_allowed_is_not_judged() -> None:
    grown = ("new-1", "new-2", *LIST)
    page = window(LIST[99:109])
    with pytest.raises(TooMuchChurn, match="2 items came or went during the run, at most 1 can be distinguished"):
        Law([whole(LIST, 0.0), whole(grown, 9.0)], [page], churn=1).check(page)
    assert Law([whole(LIST, 0.0), whole(grown, 9.0)], [page], churn=2).check(page) is None
