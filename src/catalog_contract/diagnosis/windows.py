"""Causes that lie in the arithmetic of windows: offset, limit, and what a cache makes of them."""

from collections.abc import Callable, Iterator

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.stability import moved, unsteady
from catalog_contract.diagnosis.view import Ids, View, get, line, offset_of, rows, short, unique
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.run import Cause

Window = Callable[[Ids, int, int], Ids]
MAX_STEPS = 2
"""How often a list that grows moves its rows in the course of one walk."""
MIN_ROWS = 3
"""How many rows two lists must have before being equal means anything."""


def offset_ignored(view: View) -> Iterator[Cause]:
    """Pages at different offsets hold the same rows, while the bulk read (where there is one) is not a repetition."""
    groups = [group for group in _by_limit(view) if _all_equal(group)]
    if not groups:
        return
    group = max(groups, key=len)
    honoured = _honoured(view)
    facts = line(
        f"offsets {_listed(group)} with limit={group[0].limit} hold the same {rows(len(group[0].ids))}",
        f"offset {offset_of(honoured):,} with limit={honoured.limit} holds other rows" if honoured else "",
        _bulk_fine(view),
    )
    probe = (
        f"Ask {get(group[-1])} again with a limit not asked before ({(group[-1].limit or 0) + 7}): other rows mean"
        " a cache whose key lacks `offset`; the same first rows mean that `offset` is not applied."
    )
    if honoured:
        message = "Answers are kept under a key that lacks `offset`: the first window asked for serves all others."
        yield Cause(names.CACHE, message, facts, f"{probe} Put every parameter into the cache key.")
        return
    message = "`offset` has no effect: the window is not applied, or a cache key lacks it."
    if view.bulk is None:
        message += " The bulk read was not made, so the catalogue itself may be one page repeated."
    yield Cause(names.OFFSET_IGNORED, message, facts, probe)


def _by_limit(view: View, fewest: int = 2) -> list[list[PageSeen]]:
    groups: dict[int | None, list[PageSeen]] = {}
    for page in view.sized:
        if page.ids:
            groups.setdefault(page.limit, []).append(page)
    return [group for group in groups.values() if len(group) >= fewest]


def _all_equal(group: list[PageSeen]) -> bool:
    return len(group[0].ids) >= MIN_ROWS and all(page.ids == group[0].ids for page in group)


def _honoured(view: View) -> PageSeen | None:
    """A page past the start that does not begin with the first row."""
    first = next((page.ids[0] for page in (*view.bulk_pages, *view.sized) if page.ids and not offset_of(page)), None)
    later = (page for page in view.sized if offset_of(page) and page.ids)
    return next((page for page in later if first is not None and first not in page.ids), None)


def _listed(pages: list[PageSeen], most: int = 5) -> str:
    shown = ", ".join(f"{offset_of(page):,}" for page in pages[:most])
    return shown + (f" and {len(pages) - most} more" if len(pages) > most else "")


def _bulk_fine(view: View) -> str:
    return "" if view.bulk is None else f"the bulk read holds {rows(len(view.bulk))}, {unique(view.bulk):,} unique"


def limit_ignored(view: View) -> Iterator[Cause]:
    """Pages hold more rows than their limit."""
    over = [page for page in view.sized if len(page.ids) > (page.limit or 0)]
    if not over:
        return
    page = over[0]
    facts = line(
        f"limit={page.limit} at offset {offset_of(page):,} holds {rows(len(page.ids))}",
        f"{len(over)} of {len(view.sized)} pages hold more than their limit",
        _rest(view, over),
    )
    if all(len(page.ids) == (page.limit or 0) + 1 for page in over):
        message = "Pages hold one row more than `limit`: an inclusive bound (`<=`) where an exclusive one belongs."
        yield Cause(names.LIMIT_OFF, message, facts, f"Ask {get(page)} with limit=1: two rows confirm it.")
        return
    if len(over) < len(view.sized) / 2 and all(_kept_for(view, page) for page in over):
        yield _cache_without_limit(page, len(page.ids), len(page.ids))
        return
    message = "`limit` has no effect on these pages: the window was lost on the way, or a cache key lacks `limit`."
    probe = (
        f"Ask {get(page)} at an offset not asked before: all the rest again means that the window is lost, no more rows"
        " than the limit a cache."
    )
    yield Cause(names.LIMIT_IGNORED, message, facts, probe)


def _rest(view: View, over: list[PageSeen]) -> str:
    end = view.end
    whole = end is not None and all(len(page.ids) == end - offset_of(page) for page in over)
    return "each holds all the rest from its offset on" if whole else ""


def _kept_for(view: View, page: PageSeen) -> bool:
    """Whether another page at this offset asked for just as many rows as this one holds, and got the same."""
    return any(p.limit == len(page.ids) and p.ids == page.ids for p in view.sized if offset_of(p) == offset_of(page))


def cache_without_limit(view: View) -> Iterator[Cause]:
    """A page shorter than its limit, before the end, that equals a smaller one at the same offset."""
    end = max(view.end or 0, view.lowest or 0)
    for page in view.sized:
        same = [p for p in view.sized if offset_of(p) == offset_of(page) and (p.limit or 0) < (page.limit or 0)]
        twin = next((p for p in same if p.ids == page.ids and len(p.ids) == p.limit), None)
        if twin and offset_of(page) + len(page.ids) < end and _goes_on(view, page):
            yield _cache_without_limit(page, twin.limit or 0, len(page.ids))
            return


def _goes_on(view: View, page: PageSeen) -> bool:
    """Whether rows were seen beyond those that a page holds."""
    return any(p.ids and offset_of(p) > offset_of(page) and not set(p.ids) <= set(page.ids) for p in view.sized)


def _cache_without_limit(page: PageSeen, other: int, count: int) -> Cause:
    return Cause(
        names.CACHE,
        "Answers are kept under a key that lacks `limit`: the first page size asked for serves all others.",
        f"offset {offset_of(page):,}: limit={other} and {page.limit} hold the same {rows(count)}",
        f"Restart or flush the cache and ask {get(page)} first. Put every parameter into the cache key.",
    )


def limit_minus_one(view: View) -> Iterator[Cause]:
    """Pages of some size, well before the end, all come one row short, and none comes shorter."""
    end = view.end or 0
    groups = [
        [p for p in group if offset_of(p) + (p.limit or 0) <= end and (p.limit or 0) > 1]
        for group in _by_limit(view, 1)
    ]
    bent = [group for group in groups if group and all(len(p.ids) == (p.limit or 0) - 1 for p in group)]
    pages = [page for group in bent for page in group]
    shorter = any(len(page.ids) < (page.limit or 0) - 1 for group in groups for page in group)
    if len(pages) < 2 or shorter:
        return
    yield Cause(
        names.LIMIT_OFF,
        "Pages hold one row less than `limit`: a bound is taken off by one. A client that stops at the first page that"
        " is not full stops there.",
        line(
            f"limit={pages[0].limit} at offset {offset_of(pages[0]):,} holds {rows(len(pages[0].ids))}",
            f"{len(pages)} pages alike, of {len(bent)} sizes of {len(groups)}",
        ),
        f"Ask {get(pages[0])} and the same with other limits: the sizes that come short show which branch it is.",
    )


def boundaries(view: View) -> Iterator[Cause]:
    """One row stands on both sides of a page boundary, or none."""
    pairs = [(a, b) for a, b in zip(view.walk, view.walk[1:], strict=False) if a.ids and b.ids]
    twice = [(a, b) for a, b in pairs if a.ids[-1] is not None and a.ids[-1] == b.ids[0] and a.ids != b.ids]
    lost = [(a, b) for a, b in pairs if _one_between(view, a, b)]
    if not twice and not lost:
        return
    bad = twice or lost
    if (len(bad) == 1 and _growth_moved(view, bad[0][1])) or (len(bad) <= MAX_STEPS and moved(view)):
        return
    a, b = bad[0]
    every = len(bad) == len(pairs) > 1
    where = "every boundary" if every else f"{len(bad)} of {len(pairs)} boundaries"
    row = short(b.ids[0] if twice else (view.bulk or ())[view.place[str(a.ids[-1])] + 1])
    what = "stands on both sides of" if twice else "is lost at"
    reason = (
        "the window is cut by an inclusive bound, or its start is counted from 1"
        if every
        else "pages were built from two states of the list, or the window's bounds are wrong there"
    )
    also = f"one is lost at offset {offset_of(lost[0][1]):,}" if twice and lost else ""
    yield Cause(
        names.BOUNDARY,
        f"{'One row is shown twice' if twice else 'One row is lost'} at {where}: {reason}.",
        line(f"{row} {what} offset {offset_of(b):,}", also, f"{len(bad)} of {len(pairs)} boundaries of the walk"),
        f"Ask limit=2&offset={offset_of(b) - 1}: it must hold the last row of {get(a)} and the first of {get(b)}.",
    )


def _growth_moved(view: View, page: PageSeen) -> bool:
    """Whether all pages from this one on are moved by the same rows against those before: growth during the walk."""
    filled = [p for p in view.walk if p.ids and p.ids[0] in view.place]
    moved = [(offset_of(p) >= offset_of(page), view.place[str(p.ids[0])] - offset_of(p)) for p in filled]
    before, after = ({by for later, by in moved if later is side} for side in (False, True))
    several = sum(1 for later, _ in moved if later) > 1
    return several and len(before) == 1 == len(after) and before != after


def _one_between(view: View, a: PageSeen, b: PageSeen) -> bool:
    last, first = a.ids[-1], b.ids[0]
    if last is None or first is None or view.place.get(first, -9) - view.place.get(last, 0) != 2:
        return False
    return (view.bulk or ())[view.place[last] + 1] not in view.walk_ids


def _formulas(step: int) -> tuple[tuple[str, str, Window], ...]:
    """What else a window may be cut by than `rows[offset : offset + limit]`."""
    remainder = "`offset` is turned into a page number (offset // limit), which loses the remainder"
    down = f"`offset` is rounded down to a multiple of {step}"
    return (
        (names.ROUNDED, remainder, lambda ids, o, n: ids[o // n * n :][:n]),
        (names.ROUNDED, down, lambda ids, o, n: ids[o // step * step :][:n]),
        (names.SHIFTED, "`offset` is applied twice", lambda ids, o, n: ids[2 * o :][:n]),
        (names.SHIFTED, "`offset` is taken for the number of a page", lambda ids, o, n: ids[o * n :][:n]),
        (names.SHIFTED, "`limit` is taken for the row to stop at", lambda ids, o, n: ids[o:n]),
    )


def wrong_formula(view: View) -> Iterator[Cause]:
    """Every window fits one wrong formula, and not all fit the right one."""
    bulk, pages = view.base, view.within_base
    wrong = [p for p in pages if p.ids != bulk[offset_of(p) : offset_of(p) + (p.limit or 0)]]
    if not bulk or not (len(wrong) > 1 or any(page.ids for page in wrong)):
        return
    for name, message, cut in (*_formulas(view.step), *_wrap(view, wrong)):
        if all(page.ids == cut(bulk, offset_of(page), page.limit or 1) for page in pages):
            page = next((p for p in wrong if p.ids), wrong[0])
            held = f"begins with row {view.place.get(page.ids[0] or '', 0):,}" if page.ids else "holds no row"
            yield Cause(
                name,
                f"{message}: all windows fit that.",
                line(
                    f"offset {offset_of(page):,} with limit={page.limit} {held} of the bulk read",
                    f"{len(wrong)} of {len(pages)} windows are wrong",
                ),
                f"Ask {get(page)}, and the same with offset and limit changed by one.",
            )
            return


def _wrap(view: View, wrong: list[PageSeen]) -> tuple[tuple[str, str, Window], ...]:
    """The formula of a list that begins again at some offset before its end, read off the first wrong page.

    The page that it is read off fits it in any case, so another one must be there to confirm it.
    """
    page = next((p for p in wrong if p.ids and p.ids[0] in view.place), None)
    at = offset_of(page) - view.place[str(page.ids[0])] if page else 0
    if at < view.step or len(wrong) < 2:
        return ()
    message = f"From offset {at:,} on the catalogue begins again: the offset overflows or is taken modulo {at:,}"
    return ((names.WRAPS, message, lambda ids, o, n: ids[o % at :][:n]),)


def shifted(view: View) -> Iterator[Cause]:
    """Every window past the start begins the same number of rows too early or too late."""
    bulk = view.bulk or ()
    later = [page for page in view.within_base if offset_of(page) and page.ids and page.ids[0] in view.place]
    starts = {view.place[str(page.ids[0])] - offset_of(page) for page in later}
    first = next((page for page in view.sized if not offset_of(page) and page.ids), None)
    if moved(view) or unsteady(view):
        return
    if len(starts) != 1 or starts == {0} or len(later) < 2 or first is None or first.ids[0] != bulk[0]:
        return
    by, page = starts.pop(), later[0]
    yield Cause(
        names.SHIFTED,
        f"Every window past the start begins {rows(abs(by))} too {'late' if by > 0 else 'early'}, the first not.",
        line(
            f"offset {offset_of(page):,} begins with row {offset_of(page) + by:,} of the bulk read",
            f"{len(later)} windows alike",
        ),
        f"Ask limit=1&offset=0 and limit=1&offset=1: they must hold the first two rows of {get(view.bulk_pages[0])}.",
    )


CAUSES = (
    offset_ignored,
    limit_ignored,
    cache_without_limit,
    limit_minus_one,
    boundaries,
    wrong_formula,
    shifted,
)
