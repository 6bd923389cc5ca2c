"""Diagnosis of windows: what is wrong with offset, limit and order, reported from pages alone."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from seen_pages import IDS, WALK, Answer, Rows, judged, named, page, reported, run, sliced, the

from catalog_contract.diagnosis import names
from catalog_contract.model.observation import PageSeen, Purpose

# Windows


def test_an_ignored_offset_while_the_bulk_read_is_fine() -> None:
    cause = the(names.OFFSET_IGNORED, run(lambda o, limit: IDS[:limit]))
    assert "26 of 29 responses contradict the list" in cause.evidence
    assert "cache whose key lacks the position" in cause.next_step


def test_two_pages_are_enough_for_an_ignored_offset() -> None:
    pages = [page(o, 100, IDS[:100]) for o in (0, 200, 400)]
    first, *others = reported(pages, judged("pages"))
    assert first.name == names.OFFSET_IGNORED
    assert first.alternatives == tuple(cause.name for cause in others)  # so little is read that more predict the same


def test_a_cache_that_ignores_the_offset() -> None:
    kept: dict[int, Rows] = {}
    pages = run(lambda o, limit: kept.setdefault(limit, IDS[o : o + limit]))
    assert named(pages) == [names.CACHE]


def test_a_cache_that_ignores_the_limit() -> None:
    kept: dict[int, Rows] = {}
    pages = run(lambda o, limit: kept.setdefault(o, IDS[o : o + limit]))
    assert "a key that lacks `limit`" in the(names.CACHE, pages).message


def test_one_page_that_holds_what_a_smaller_one_does_is_no_cache() -> None:
    """Where other pages at one offset differ by their limit."""
    pages = [page(300, 7, IDS[300:307]), page(0, 50000, IDS, bulk=True)]
    pages += [page(o, 100, IDS[o : o + (7 if o == 300 else 100)], walk=True) for o in WALK]
    the(names.SHORT_MIDDLE, pages)


def test_an_ignored_limit() -> None:
    cause = the(names.LIMIT_IGNORED, run(lambda o, limit: IDS[o:]))
    assert "24 of 29 responses contradict the list, and this predicts them all" in cause.evidence


def test_one_row_more_than_the_limit() -> None:
    the(names.LIMIT_OFF, run(lambda o, limit: IDS[o : o + limit + 1]))


@pytest.mark.parametrize("seed", range(3))
def test_one_row_on_both_sides_of_a_boundary(seed: int) -> None:
    at = random.Random(seed).randrange(1, 13) * 100
    cause = the(names.BOUNDARY, run(lambda o, limit: IDS[o - ((o, limit) == (at, 100)) :][:limit]))
    assert f"The page at row {at:,} repeats the last item" in cause.message
    assert "1 of 29 responses" in cause.evidence


def test_one_row_on_both_sides_of_every_boundary() -> None:
    pages = run(lambda o, limit: IDS[o - o // limit :][:limit])
    assert "Each page repeats the last item" in the(names.BOUNDARY, pages).message


@pytest.mark.parametrize("seed", range(3))
def test_one_row_lost_at_a_boundary(seed: int) -> None:
    at = random.Random(seed).randrange(1, 13) * 100
    pages = run(lambda o, limit: [id_ for id_ in IDS[o : o + limit] if limit != 100 or id_ != IDS[at]])
    short, lost = reported(pages)
    assert (short.name, lost.name) == (names.SHORT_MIDDLE, names.LOST_IN_SIZE)
    assert short.alternatives == (lost.name,)
    assert f"row {at:,}, limit 100: 99 items" in short.evidence


def test_an_offset_rounded_to_whole_pages() -> None:
    the(names.ROUNDED, run(lambda o, limit: IDS[o // limit * limit :][:limit]))


def test_windows_that_all_begin_too_early() -> None:
    pages = run(lambda o, limit: IDS[max(0, o - 1) :][:limit])
    assert "1 item too early" in the(names.SHIFTED, pages).message


def test_windows_that_all_begin_too_late() -> None:
    answer: Answer = lambda o, limit: IDS[o + 2 : o + 2 + limit] if o else IDS[:limit]  # noqa: E731
    assert "2 items too late" in the(names.SHIFTED, run(answer)).message


# Readings against each other


@pytest.mark.parametrize("seed", range(3))
def test_an_order_that_changes_with_every_request(seed: int) -> None:
    dice = random.Random(seed)
    shuffled: Answer = lambda o, limit: dice.sample(IDS, len(IDS))[o : o + limit]  # noqa: E731
    the(names.ORDER, [*run(shuffled), page(300, 100, shuffled(300, 100), walk=True, reading=2)])


STILL = page(0, 100, IDS[:100], walk=True, reading=2)
"""The first page, read again: nothing has moved."""


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (lambda o, limit: (IDS if limit == 50000 else sorted(IDS, key=str))[o : o + limit], "limit 100"),
        (lambda o, limit: sorted(IDS[o : o + limit], key=str) if o and limit < 50000 else IDS[o : o + limit], "row 1"),
        (lambda o, limit: IDS[o : o + limit][:: -1 if o >= 700 and limit == 100 else 1], "row 700, limit 100"),
        (
            lambda o, limit: [*IDS[901:1000], IDS[900]] if (o, limit) == (900, 100) else IDS[o : o + limit],
            "row 900, limit 100",
        ),
    ],
    ids=["bulk-sorted-otherwise", "sorted-after-the-cut", "reversed-past-half", "one-page-rotated"],
)
def test_pages_that_are_made_in_another_way_than_the_bulk_read(answer: Answer, shown: str) -> None:
    cause = the(names.DIFFERENTLY, [*run(answer), replace(STILL, ids=tuple(answer(0, 100)))])
    assert shown in cause.evidence


def test_a_last_page_that_is_filled_up_from_the_start_has_no_known_cause() -> None:
    assert named(run(lambda o, limit: [*IDS[o:], *IDS][:limit] if o == 1300 else IDS[o : o + limit])) == []


def test_another_order_is_no_other_making_where_a_request_moved() -> None:
    pages = [*run(lambda o, limit: (IDS if limit == 50000 else IDS[::-1])[o : o + limit])]
    assert names.DIFFERENTLY in named(pages)
    assert names.DIFFERENTLY not in named([*pages, replace(STILL, ids=tuple(IDS[:100]))])


def test_plain_answers_that_are_made_of_another_list() -> None:
    rule = "compressed_and_plain_responses_hold_the_same_items"
    broken = replace(judged("service"), rule=rule)
    plain = page(0, 100, [*IDS[:40], *IDS[41:101]], purpose=Purpose.HEADERS)
    cause = the(names.COMPRESSION, [*run(sliced(IDS)), plain, STILL], broken)
    assert f"index 40 is {IDS[40]} compressed, {IDS[41]} plain" in cause.evidence
    assert named([*run(sliced(IDS)), plain, STILL], judged("service")) == []
    assert named([*run(sliced(IDS)), replace(plain, ids=STILL.ids)], broken) == []
    moving = replace(STILL, ids=tuple(reversed(STILL.ids)))
    assert named([*run(sliced(IDS)), plain, moving], broken) == []


def test_one_page_read_twice_in_another_order() -> None:
    again = page(200, 100, reversed(IDS[200:300]), walk=True, reading=2)
    assert "read twice" in the(names.ORDER, [*run(sliced(IDS)), again]).evidence


def test_two_lists_for_one_request() -> None:
    again = page(200, 100, [f"other/{i}" for i in range(100)], walk=True, reading=2)
    assert "replaced during the run" in the(names.VERSIONS, [*run(sliced(IDS)), again]).message


@pytest.mark.parametrize("seed", range(3))
def test_one_id_swapped_for_another(seed: int) -> None:
    at = random.Random(seed).randrange(1300)
    other: Rows = [*IDS[:at], "some/other", *IDS[at + 1 :]]
    cause = the(names.SWAPPED, run(lambda o, limit: (other if limit == 100 else IDS)[o : o + limit]))
    assert f"some/other stands at row {at:,}, where {IDS[at]} belongs" in cause.message


@pytest.mark.parametrize(("left", "name"), [(0, names.HOLE), (83, names.SHORT_MIDDLE)])
def test_a_page_in_the_middle_that_is_not_full(left: int, name: str) -> None:
    pages = run(lambda o, limit: IDS[o : o + limit][: left if (o, limit) == (500, 100) else None])
    assert f"row 500, limit 100: {left} items" in the(name, pages).evidence


def test_a_last_page_that_is_dropped() -> None:
    pages = run(lambda o, limit: IDS[o : o + limit] if o + limit <= 1352 or limit == 50000 else [])
    assert "row 1,300, limit 100: 0 items" in the(names.LAST_DROPPED, pages).evidence


def test_the_last_page_again_past_the_end() -> None:
    the(names.REPLAY, run(lambda o, limit: IDS[o : o + limit] if o < 1352 else IDS[1300:][-limit:]))


def test_the_catalogue_again_past_the_end() -> None:
    the(names.WRAPS, run(lambda o, limit: IDS[o : o + limit] if o < 1352 else IDS[:limit]))


@pytest.mark.parametrize("status", [404, 500])
def test_an_error_past_the_end(status: int) -> None:
    pages = [p if p.ids else replace(p, status=status, failure=f"answered {status}") for p in run(sliced(IDS))]
    assert f"status {status}" in the(names.PAST_ERROR, pages).evidence


def test_pages_that_all_lack_their_last_row() -> None:
    cause = the(names.LIMIT_OFF, run(lambda o, limit: IDS[o : o + limit - (limit < 50000)]))
    assert "row 0, limit 100: 99 items" in cause.evidence


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (lambda o, limit: IDS[2 * o :][:limit], names.OFFSET_TWICE),
        (lambda o, limit: IDS[o * limit :][:limit], names.OFFSET_IN_PAGES),
        (lambda o, limit: IDS[o:limit], names.LIMIT_IS_END),
    ],
)
def test_a_window_cut_by_another_formula(answer: Answer, name: str) -> None:
    the(name, run(answer))


def test_an_offset_rounded_to_hundreds() -> None:
    assert "multiple of 100" in the(names.ROUNDED, run(lambda o, limit: IDS[o // 100 * 100 :][:limit])).message


def test_a_catalogue_that_begins_again_before_its_end() -> None:
    cause = the(names.WRAPS_EARLY, run(lambda o, limit: IDS[o % 1024 :][:limit]))
    assert "From row 1,024 on" in cause.message


@pytest.mark.parametrize("held", [IDS[537:560], []], ids=["clamped", "empty"])
def test_one_wrong_window_is_too_little_for_a_formula(held: Rows) -> None:
    pages = [
        page(0, 50000, IDS, collection="featherless", bulk=True),
        page(1337, 15, held[:15], collection="featherless"),
    ]
    assert not {names.WRAPS, names.SHIFTED} & set(named(pages, judged("collections", "featherless")))


def test_one_page_with_the_rows_of_its_neighbour() -> None:
    pages = run(lambda o, limit: IDS[o - 100 * ((o, limit) == (500, 100)) :][:limit])
    assert "The page at row 500 is answered with the items of another one" in the(names.PAGE_TWICE, pages).message


def test_pages_that_never_show_the_last_row() -> None:
    pages = run(lambda o, limit: (IDS if limit == 50000 else IDS[:-1])[o : o + limit])
    assert "ends at row 1,351" in the(names.LAST_ROW, pages).message


def test_a_bulk_read_that_lacks_a_model() -> None:
    pages = run(lambda o, limit: ([*IDS[:700], *IDS[701:]] if limit == 50000 else IDS)[o : o + limit])
    assert str(IDS[700]) in the(names.BULK_LACKS, pages).message


def by_turns(lacking: int = 40) -> list[PageSeen]:
    """A run in which every second answer comes of a list that lacks that many rows."""
    pages = []
    for turn, p in enumerate(run(sliced(IDS))):
        ids = [*IDS[:250], *IDS[250 + lacking :]] if turn % 2 else IDS
        pages.append(replace(p, ids=tuple(ids[p.row or 0 :][: p.limit]), total=len(ids)))
    return pages


def test_totals_that_go_back_and_forth_with_their_rows() -> None:
    message = "total goes back and forth from answer to answer: 1352, 1312, 1352, ..."
    assert "1,312 on 14 and 1,352 on 14" in the(names.VERSIONS, by_turns(), judged("totals", message=message)).evidence
    assert names.VERSIONS in named(by_turns(), judged("totals"))
    assert names.VERSIONS in named(by_turns(lacking=20), judged("totals"))  # no list goes and comes again so often
    alone = [replace(p, total=1352 - 40 * (i % 2)) for i, p in enumerate(run(sliced(IDS)))]
    assert names.VERSIONS not in named(alone, judged("totals", message=message))


def test_a_list_that_comes_back_is_another_version_however_little_differs() -> None:
    behind = [*IDS[:40], *IDS[41:101]]
    again = [page(0, 100, behind if n == 2 else IDS[:100], walk=True, reading=n) for n in (2, 3)]
    assert "99 in both; read 3 times" in the(names.VERSIONS, [*run(sliced(IDS)), *again]).evidence
    assert named([*run(sliced(IDS)), again[0]]) == []


def test_an_answer_to_other_headers_is_no_second_reading() -> None:
    plain = page(0, 100, reversed(IDS[:100]), purpose=Purpose.HEADERS)
    assert named([*run(sliced(IDS)), plain]) == []


# A bulk read that takes several requests


def paged(answer: Answer) -> list[PageSeen]:
    """The pages of a run where no answer may hold more than 1,000 rows."""
    pages = [p for p in run(answer, total=1352) if not p.bulk]
    return [*pages, *(page(o, 1000, answer(o, 1000), total=1352, bulk=True) for o in (0, 1000, 2000))]


def test_a_healthy_catalogue_in_several_bulk_requests() -> None:
    assert named(paged(sliced(IDS))) == []


def test_an_offset_that_is_ignored_is_no_storm() -> None:
    the(names.OFFSET_IGNORED, paged(lambda o, limit: IDS[:limit]))


@pytest.mark.parametrize("cap", [135, 500])
def test_large_answers_that_are_cut(cap: int) -> None:
    assert f"more than {cap} items" in the(names.CAPPED, paged(lambda o, limit: IDS[o:][: min(limit, cap)])).message


def test_windows_that_begin_too_early_move_the_bulk_read_too() -> None:
    the(names.SHIFTED, paged(lambda o, limit: IDS[max(0, o - 1) :][:limit]))


FAMILIES = ("pages", "identity", "totals", "windows", "collections", "bounds", "service", "schema", "detail")
CHANGES: dict[str, Callable[[Rows, Rows], Rows]] = {
    "front": lambda ids, new: [*new, *ids],
    "end": lambda ids, new: [*ids, *new],
    "middle": lambda ids, new: [*ids[:600], *new, *ids[600:]],
    "cut-front": lambda ids, new: [*ids[:20], *ids[20 + len(new) :]],
    "cut-end": lambda ids, new: ids[: -len(new)],
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("bulk_first", [False, True])
@pytest.mark.parametrize("rows", [1, 6])
def test_growth_between_two_pages_of_a_bulk_read_is_no_fault_of_windows(
    change: str, bulk_first: bool, rows: int
) -> None:
    """Whenever the rows move, whatever else is broken: the diagnosis says nothing of windows, totals or copies."""
    grown = CHANGES[change](IDS, [f"new/{i}" for i in range(rows)])
    asked = sorted(paged(sliced(IDS)), key=lambda p: p.bulk, reverse=bulk_first)
    for turn in range(1, len(asked)):
        pages = [
            replace(p, ids=tuple(ids[p.row or 0 :][: p.limit]), total=len(ids))
            for n, p in enumerate(asked)
            for ids in [grown if n >= turn else IDS]
        ]
        pages.append(page(100, 100, grown[100:200], total=len(grown), walk=True, reading=2))
        assert named(pages, *map(judged, FAMILIES)) == [], turn


def test_no_two_causes_explain_each_other_away() -> None:
    for name, hidden in names.SUPERSEDES.items():
        assert name not in hidden
        assert not [other for other in hidden if name in names.SUPERSEDES.get(other, ())], name
