"""Causes that show when readings are laid side by side: order, versions, holes, and what lies past the end."""

import itertools
from collections.abc import Iterator

from catalog_contract.catalog.ids import first_difference, in_order, oscillates, repeated
from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.stability import FEW as MAX_NEWCOMERS
from catalog_contract.diagnosis.stability import contradictions, growth_explains, moved, returned, unsteady
from catalog_contract.diagnosis.view import Ids, View, get, line, offset_of, readable, rows, short
from catalog_contract.model.observation import PageSeen, Purpose
from catalog_contract.model.run import Cause
from catalog_contract.model.verdict import Kind, Verdict

FEW = 3
"""How many rows may differ before two readings count as two lists."""
EMPTY_PAGE = "empty: its fetch failed and the failure was kept"
SHORT_PAGE = "not full: rows were dropped after the window was cut"


def order_not_stable(view: View) -> Iterator[Cause]:
    """One request, asked again, gives the rows that it shares with the first time in another order."""
    for before, after in view.readings:
        if _in_order(before.ids, after.ids):
            continue
        at = first_difference(before.ids, after.ids)
        same = (
            "the same models in another order"
            if set(before.ids) == set(after.ids)
            else "shared models in another order"
        )
        yield Cause(
            names.ORDER,
            "The order of the catalogue changes between requests: it is sorted by something that moves or ties, or by a"
            " replica's own order. Pages then overlap and miss models.",
            line(
                f"{short(get(before))} read twice: {same}",
                f"first difference at row {at}: {_at(before.ids, at)}, then {_at(after.ids, at)}",
            ),
            f"Ask {get(before)} five times, with and without compression: two or three orders that come again are"
            " replicas or copies, ever new ones an unsorted source. Sort by id last.",
        )
        return


def _in_order(a: Ids, b: Ids) -> bool:
    loose = {*repeated(a), *repeated(b), None}
    return in_order([i for i in a if i not in loose], [i for i in b if i not in loose])


def _at(ids: Ids, at: int) -> str:
    return short(ids[at]) if at < len(ids) else "nothing"


def two_versions(view: View) -> Iterator[Cause]:
    """One request is answered from two different lists: by turns, or with more between them than growth brings."""
    for history in view.histories:
        by_turns = returned(history)
        for before, after in itertools.pairwise(history):
            growth = not by_turns and growth_explains(before.ids, after.ids)
            if before.ids != after.ids and not growth and _in_order(before.ids, after.ids):
                yield _versions(before, after, len(history) if by_turns else 0)
                return


def _versions(before: PageSeen, after: PageSeen, times: int) -> Cause:
    shared = len(set(before.ids) & set(after.ids))
    return Cause(
        names.VERSIONS,
        "Two different lists answer the same request: replicas or caches that do not agree"
        + ("." if times else ", or the list was replaced during the run."),
        line(
            f"{short(get(before))} read twice: {rows(len(before.ids))}, then {len(after.ids):,}; {shared:,} in both",
            f"read {times} times, what had been left comes again" if times else "",
        ),
        f"Ask {get(before)} five times and compare the header that tells the server or the age of the answer.",
    )


def totals_alternate(view: View) -> Iterator[Cause]:
    """`total` goes back and forth in time, each answer agrees with its own: two lists answer by turns.

    A rule says so, or the totals in the order of reading do, which lie further apart than those of a list that grows.
    """
    numbers = [page.total for page in view.good if isinstance(page.total, int) and page.total != len(page.ids)]
    values = sorted(set(numbers))
    if len(values) != 2 or view.rows_right or contradictions(view):
        return
    reported = any(judgement.kind == Kind.OSCILLATES for judgement in view.judgements)
    in_time = [page.total for page in view.pages if page.total in values]
    if not reported and not (oscillates(in_time) and values[1] - values[0] > MAX_NEWCOMERS):
        return
    times = " and ".join(f"{value:,} on {numbers.count(value)}" for value in values)
    page = view.good[0]
    yield Cause(
        names.VERSIONS,
        "Two different lists answer by turns: replicas or caches that do not agree.",
        f"total says {times} answers, and goes back and forth between them",
        f"Ask {get(page)} five times and compare the header that tells the server or the age of the answer.",
    )


def built_differently(view: View) -> Iterator[Cause]:
    """Every request repeats itself, and pages hold what they share with the bulk read in another order."""
    bulk = view.bulk or ()
    if not bulk or unsteady(view):
        return
    pages = [page for page in view.sized if not page.bulk]
    out = next((page for page in pages if page.ids != _slice(view, page) and not _in_order(bulk, page.ids)), None)
    limit = view.step if not _in_order(bulk, view.walk_ids) else out.limit if out else None
    page = next((page for page in pages if page.limit == limit and page.ids != _slice(view, page)), None)
    if page is None:
        return
    at, first = first_difference(_slice(view, page), page.ids), offset_of(page)
    still = sum(1 for history in view.histories if len({page.ids for page in history}) == 1)
    yield Cause(
        names.DIFFERENTLY,
        "Pages and bulk read are made in different ways: sorted by different keys, sorted after the window was cut, or"
        " cut from different copies."
        + (
            " What was asked twice came out the same."
            if still
            else " Nothing was asked twice: the order may also move."
        ),
        line(
            f"they part at index {first + at:,}: bulk read {_at(_slice(view, page), at)}, page {_at(page.ids, at)}",
            short(get(page)),
            f"{still} request{'' if still == 1 else 's'} read again did not change" if still else "",
        ),
        f"Ask {get(page)} five times: if it stays as it is, find where pages and bulk read are sorted and cut. Sort"
        " once, by id last, before the window is cut.",
    )


def _slice(view: View, page: PageSeen) -> Ids:
    return (view.bulk or ())[offset_of(page) :][: page.limit]


def compression(view: View) -> Iterator[Cause]:
    """The first page without compression holds other rows than with it, and neither moves."""
    rule = "compressed_and_plain_responses_hold_the_same_items"
    broken = any(j.rule == rule and j.verdict is Verdict.BROKEN for j in view.judgements)
    first = next((page for page in view.walk if not offset_of(page)), None)
    if not broken or first is None or unsteady(view):
        return
    plain = (
        page
        for page in view.good
        if (page.row, page.limit) == (first.row, first.limit) and page.purpose == Purpose.HEADERS
    )
    other = next((page for page in plain if page.ids != first.ids), None)
    if other is None:
        return
    at = first_difference(first.ids, other.ids)
    yield Cause(
        names.COMPRESSION,
        "Answers with and without compression are made from different lists: one of the two is kept longer, or under a"
        " key of its own.",
        line(
            f"{short(get(first))}: index {at} is {_at(first.ids, at)} compressed, {_at(other.ids, at)} plain",
            f"{len(first.ids)} and {rows(len(other.ids))}",
        ),
        f"Ask {get(first)} with and without `Accept-Encoding: identity`, and compare the headers that tell the age.",
    )


def one_page_for_another(view: View) -> Iterator[Cause]:
    """Two windows of one size, at different offsets, hold the same rows, and others of that size do not."""
    seen: dict[Ids, PageSeen] = {}
    for page in view.sized:
        twin = seen.setdefault((*page.ids, str(page.limit)), page)
        stands_so = page.ids == (view.bulk or ())[offset_of(page) :][: page.limit]
        if twin is not page and len(page.ids) > FEW and not stands_so:
            yield Cause(
                names.PAGE_TWICE,
                "One page is answered with the rows of another, and its own are on no page: fetched twice, or kept"
                " under a key that two windows share.",
                f"offsets {offset_of(twin):,} and {offset_of(page):,} with limit={page.limit} hold the same"
                f" {rows(len(page.ids))}",
                f"Ask {get(page)} with a limit not asked before: other rows mean that a cache key is too coarse.",
            )
            return


def bulk_lacks(view: View) -> Iterator[Cause]:
    """Pages show a few items that the bulk read does not, in the middle of it."""
    bulk = view.bulk or ()
    missing = [id_ for id_ in view.walk_ids if id_ is not None and id_ not in view.place]
    kept = tuple(id_ for id_ in view.walk_ids if id_ in view.place)
    if moved(view) and len(missing) <= MAX_NEWCOMERS:
        return
    if view.bulk is not None and missing and kept == bulk and (not bulk or len(missing) <= view.step):
        yield Cause(
            names.BULK_LACKS,
            "The bulk read is not the whole catalogue: it is built from another copy, or drops rows that pages keep.",
            line(f"{rows(len(missing))} on pages only, first {short(missing[0])}", f"bulk read {rows(len(bulk))}"),
            f"Look for {missing[0]} in {get(view.bulk_pages[0])} again; if it stays away, compare how both are built.",
        )


def single_rows_differ(view: View) -> Iterator[Cause]:
    """A page agrees with the bulk read but for a row or three."""
    bulk = view.bulk or ()
    for page in view.sized:
        expected = bulk[offset_of(page) : offset_of(page) + (page.limit or 0)]
        if page.ids == expected:
            continue
        wrong = [i for i, (a, b) in enumerate(zip(expected, page.ids, strict=False)) if a != b]
        if len(expected) == len(page.ids) and 0 < len(wrong) <= FEW < len(page.ids):
            i = wrong[0]
            yield Cause(
                names.SWAPPED,
                "Page and bulk read are built from two copies of the list that differ in single rows.",
                line(
                    f"offset {offset_of(page) + i:,}: bulk read {short(expected[i])}, page {short(page.ids[i])}",
                    f"{len(wrong)} of {rows(len(page.ids))} differ",
                ),
                f"Ask {get(page)} and limit=1&offset={offset_of(page) + i} again: what changes is the stale copy.",
            )
            return


def gap_in_the_middle(view: View) -> Iterator[Cause]:
    """A page before the end that is empty or not full, with rows after it."""
    filled = [offset_of(page) for page in view.walk if page.ids and offset_of(page) < (view.end or 0)]
    gaps = [p for p in view.walk if len(p.ids) < (p.limit or 0) and offset_of(p) < max(filled, default=0)]
    if not gaps:
        return
    page, empty = gaps[0], not gaps[0].ids
    yield Cause(
        names.HOLE if empty else names.SHORT_MIDDLE,
        f"A page before the end is {EMPTY_PAGE if empty else SHORT_PAGE}. A client that stops at the first page that is"
        " not full loses all after it.",
        line(
            f"offset {offset_of(page):,} holds {len(page.ids)} of {page.limit} rows",
            f"rows follow up to offset {max(filled):,}",
            f"{len(gaps)} pages like this" if len(gaps) > 1 else "",
            _dropped(view, page),
        ),
        f"Ask {get(page)} again, then the same rows with another limit (limit={view.step + 7}): rows that come back"
        " were lost for this page only (a bad cache entry); else a filter runs after the slice.",
    )


def _dropped(view: View, page: PageSeen) -> str:
    window = (view.bulk or ())[offset_of(page) : offset_of(page) + (page.limit or 0)]
    missing = [id_ for id_ in window if id_ not in set(page.ids)]
    return f"the bulk read has there {short(missing[0])}" if missing else ""


def last_page_dropped(view: View) -> Iterator[Cause]:
    """The walk ends at a full page, the bulk read goes on for less than a page."""
    bulk, walked = view.bulk or (), len(view.walk_ids)
    rest = len(bulk) - walked
    if not view.walk_complete or not 0 < rest < view.step or view.walk_ids != bulk[:walked] or moved(view):
        return
    whole = walked % view.step == 0
    yield Cause(
        names.LAST_DROPPED if whole else names.LAST_ROW,
        "The last page, the one that is not full, is left out: pages are counted by rounding down."
        if whole
        else "Pages stop short of the end, which the bulk read has: the bound of the last page is off.",
        line(
            f"offset {walked:,} is empty, the bulk read has {rows(rest)} from there on"
            if whole
            else f"the walk holds {rows(walked)}, the bulk read {len(bulk):,}; the last {rest} on no page"
        ),
        f"Ask limit={rest}&offset={walked}: full means that only the bounds of whole pages are wrong.",
    )


def past_the_end(view: View) -> Iterator[Cause]:
    """A page past the end that holds rows, or is an error, unless the contract declares just that."""
    end, paging = view.end, view.contract.paging
    if not end:
        return
    answered = [page for page in view.past if readable(page)]
    if not paging.ends_with_last and answered and all(page.ids for page in answered):
        yield from _rows_past_the_end(view, answered[0], end)
    declared = range(400, 500) if paging.ends_refused else ()
    failed = next((page for page in view.past if page.status not in (None, 200, *declared)), None)
    if failed:
        status = failed.status or 0
        sort = (
            "crashes the server" if status >= 500 else "is refused" if status >= 400 else "is answered without a list"
        )
        yield Cause(
            names.PAST_ERROR,
            f"A page past the end {sort} instead of being empty: clients that read until the end fail there.",
            f"offset {offset_of(failed):,}, past the end at {end:,}, answers {failed.status}",
            f"Ask {get(failed)} and offset={end}; look it up in the server's log. Answer 200 with no rows.",
        )


def _rows_past_the_end(view: View, page: PageSeen, end: int) -> Iterator[Cause]:
    ids = view.bulk if view.bulk is not None else view.walk_ids
    last = next((p for p in reversed(view.walk) if p.ids and offset_of(p) < end), None)
    fact = f"offset {offset_of(page):,}, past the end at {end:,}, holds {rows(len(page.ids))}"
    if page.ids == ids[: len(page.ids)]:
        message = (
            "Past the end the catalogue starts over: `offset` is taken modulo its length, or dropped when too large."
        )
        yield Cause(names.WRAPS, message, f"{fact}: the first ones", f"Ask offset={end + 5}: row 5 first means modulo.")
    elif page.ids == ids[-len(page.ids) :] or (last and page.ids == last.ids):
        message = "Past the end the last rows come again: `offset` is held back to the last page. A walk never ends."
        yield Cause(names.REPLAY, message, f"{fact}: the last ones", f"Ask {get(page)}: it must hold no rows.")


CAUSES = (
    order_not_stable,
    two_versions,
    totals_alternate,
    compression,
    built_differently,
    one_page_for_another,
    bulk_lacks,
    single_rows_differ,
    gap_in_the_middle,
    last_page_dropped,
    past_the_end,
)
