"""What a total counts, if it does not count the list: each way is a prediction that every response must bear out."""

from collections.abc import Callable, Sequence

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.leading import as_alternatives
from catalog_contract.diagnosis.listing import ROUND
from catalog_contract.diagnosis.stability import contradictions, ends, moved, other_totals
from catalog_contract.diagnosis.trail import world_of
from catalog_contract.diagnosis.view import View, get, line, offset_of, readable, short
from catalog_contract.diagnosis.world import Seen, World, last_page
from catalog_contract.model.observation import Leads, PageSeen
from catalog_contract.model.run import Cause
from catalog_contract.util.text import counted

Count = Callable[[World, Seen], int | None]

KINDS: tuple[tuple[str, str, Count], ...] = (
    (names.TOTAL_IS_PAGE, "counts the items of the page", lambda world, seen: len(seen.ids)),
    (names.TOTAL_IS_REST, "counts what is left from the position on",
     lambda world, seen: max(0, world.size - world.begins(seen.row, seen.limit))),
    (names.TOTAL_IS_REST, "counts what is left after the page",
     lambda world, seen: max(0, world.size - world.begins(seen.row, seen.limit) - len(seen.ids))),
    (names.TOTAL_IS_REST, "counts what is left from the position on, below zero past the end",
     lambda world, seen: world.size - seen.row),
    (names.TOTAL_FULL_PAGES, "counts the last page as full",
     lambda world, seen: -(-world.size // seen.limit) * seen.limit if seen.limit else None),
    (names.TOTAL_IS_READ, "counts the items up to the end of the page",
     lambda world, seen: world.begins(seen.row, seen.limit) + len(seen.ids)),
    (names.TOTAL_IS_LIMIT, "is the limit that was asked for", lambda world, seen: seen.limit),
    (names.TOTAL_IS_PAGES, "counts pages, not items",
     lambda world, seen: -(-world.size // seen.limit) if seen.limit else None),
)  # fmt: skip
"""Name and meaning of each way, and the number that it gives for a response; None where it gives none."""


def causes_of_totals(view: View) -> tuple[Cause, ...] | None:
    """What the totals count, where they contradict the list and all of them count it; empty where nothing fits them.

    None where they are right, or where that cannot be determined.
    """
    world = world_of(view)
    if world is None or not world.complete:
        return None
    reported = [seen for seen in world.seen if not seen.failed and _number(seen.page.total) and not world.over(seen)]
    wrong = [seen for seen in reported if seen.page.total != world.size]
    if not wrong:
        return None
    shown = (f"row {seen.row:,}: total {seen.page.total:,}, {counted(len(seen.ids), 'item')}" for seen in wrong[:3])
    facts = line(*shown, f"the list holds {world.size:,}; all {len(reported)} totals fit this")
    step = "Count the whole list before the page is cut, after filters."
    fitting = {
        name: Cause(name, f"`total` {meaning}.", facts, step)
        for name, meaning, count in reversed(KINDS)
        if all(count(world, seen) in (seen.page.total, None) for seen in reported)
    }
    if not fitting and not all(_behind(world, seen, reported) for seen in world.contradictions):
        return None
    return as_alternatives([*fitting.values()][::-1]) or _constant(view, world, reported)


def _behind(world: World, seen: Seen, reported: Sequence[Seen]) -> bool:
    """Whether a page holds nothing, behind the end of the list and before the one that all totals state: to the service
    it is not past the end."""
    totals = {_as_number(other.page.total) for other in reported}
    stated = max(totals)
    clipped = world.contract.paging.ends_with_last and seen.row >= stated
    row = last_page(stated, seen.limit) if clipped else seen.row
    return len(totals) == 1 and not seen.failed and not seen.ids and world.size <= row < stated


def _constant(view: View, world: World, reported: list[Seen]) -> tuple[Cause, ...]:
    """The causes where every response says the same wrong total: capped, counted before a filter, counted apart."""
    totals = {seen.page.total for seen in reported}
    if len(totals) != 1:
        return _drifting(view, world)
    stated = _as_number(totals.pop())
    shown = line(
        f"every response says {stated:,}, the list holds {world.size:,}", f"{counted(len(reported), 'response')} alike"
    )
    message = "`total` is not the number of items that can be read: it is counted by other means."
    off = Cause(names.TOTAL_OFF, message, shown, "Count the items of the list that is cut, after every filter.")
    message = f"`total` never says more than {stated:,}: a count that stops there."
    capped = Cause(names.TOTAL_CAPPED, message, shown, "Count to the end, or declare the total an estimate.")
    message = "`total` is larger than what can be read: it is counted before items are filtered or repeats dropped."
    before = Cause(names.BEFORE_FILTER, message, shown, "Count the items of the list that is cut, after every filter.")
    if stated > world.size:
        return _above(view, world, reported, (before, off))
    # A count that stops at a number is right for a filter that selects less.
    whole = [page for page in view.pages if page.chosen and not page.row and 0 < len(page.ids) < (page.limit or 0)]
    if any(page.total != len(page.ids) for page in whole):
        return (off,)
    return (capped,) if whole else as_alternatives((capped, off)) if stated in ROUND else (off,)


def _above(view: View, world: World, reported: Sequence[Seen], apart: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """The causes of a total above the list: it is counted `apart` from the items, or every walk ends before its end.

    An item that only a filtered or sorted page holds decides for the second; the figure from outside, and such a page
    that ends before that row, against it.
    """
    high = view.collection.highest_total if view.collection else None
    stated = max(_as_number(seen.page.total) for seen in reported)
    last = (seen for seen in world.seen if seen.page.leads == Leads.LAST)
    cut = all(seen.row + len(seen.ids) >= world.size for seen in last) and len(reported) > 1
    if not cut or (high and stated > high) or counted_apart(view):
        return as_alternatives(apart)
    message = f"Pages end at row {world.size:,}, whatever their limit, although the list goes on by its total."
    step = f"Ask the store for the item at row {world.size:,}."
    ends = Cause(names.WINDOW_ENDS, message, apart[0].evidence, step)
    more = {id for page in _chosen(view) for id in page.ids} - {*world.rows, None}
    return (ends,) if more else as_alternatives((*apart, ends))


def counted_apart(view: View) -> bool:
    """Whether a filtered or sorted page ends before the list does, and before the total that it states."""
    world = world_of(view)
    return world is not None and any(_ends_before(page, world.size) for page in _chosen(view))


def _chosen(view: View) -> list[PageSeen]:
    return [page for page in view.pages if page.chosen and readable(page)]


def _ends_before(page: PageSeen, row: int) -> bool:
    """Whether a page ends before a row, and neither its limit nor its total is the reason."""
    end = offset_of(page) + len(page.ids)
    return page.limit is not None and len(page.ids) < page.limit and end < row and _as_number(page.total) > end


def _drifting(view: View, world: World) -> tuple[Cause, ...]:
    """The cause where one request was answered with the same items and other totals."""
    # Items that came or went behind a page leave it as it is, and its total is another: only the end tells.
    history, wrong = other_totals(view), contradictions(view)
    if not history or not wrong or world.contradictions:
        return ()
    values = ", then ".join(short(page.total) for page in history[:5])
    message = "`total` changes from request to request while the rows stand still: it is a counter or a cache entry of"
    message += " its own, not the length of the list that is sliced."
    asked, held = get(history[0]), counted(len(history[0].ids), "item")
    facts = line(f"{short(asked)}: total {values}, the same {held}", _where_it_ends(wrong[0]))
    step = f"Ask {asked} five times: a total that only rises is added to, one that drops and stays comes from another"
    drifts = Cause(names.TOTAL_DRIFTS, message, facts, f"{step} refresh. Count the rows of the list that is sliced.")
    away = {away for _, away in ends(view)}
    if len(away) > 1 or not moved(view):
        return (drifts,)
    # The list may have grown by as many: then its total is wrong by one number, and moves as the list does.
    message = (
        f"`total` is {abs(min(away)):,} {'above' if min(away) > 0 else 'below'} the number of items, which may move."
    )
    step = "Count the items of the list that is cut, after every filter."
    return as_alternatives((drifts, Cause(names.TOTAL_OFF, message, facts, step)))


def _where_it_ends(page: PageSeen) -> str:
    return f"total {short(page.total)} where the items end at {offset_of(page) + len(page.ids):,}"


def _as_number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
