"""What a total counts, if it does not count the list: each way is a prediction that every response must bear out."""

from collections.abc import Callable

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.leading import as_alternatives
from catalog_contract.diagnosis.listing import ROUND
from catalog_contract.diagnosis.trail import world_of
from catalog_contract.diagnosis.view import View, line
from catalog_contract.diagnosis.world import Seen, World
from catalog_contract.model.run import Cause
from catalog_contract.util.text import counted

Count = Callable[[World, Seen], int | None]

KINDS: tuple[tuple[str, str, Count], ...] = (
    (names.TOTAL_IS_PAGE, "counts the items of the page", lambda world, seen: len(seen.ids)),
    (names.TOTAL_IS_REST, "counts what is left from the position on",
     lambda world, seen: max(0, world.size - seen.row)),
    (names.TOTAL_IS_REST, "counts what is left after the page",
     lambda world, seen: max(0, world.size - seen.row - len(seen.ids))),
    (names.TOTAL_IS_REST, "counts what is left from the position on, below zero past the end",
     lambda world, seen: world.size - seen.row),
    (names.TOTAL_FULL_PAGES, "counts the last page as full",
     lambda world, seen: -(-world.size // seen.limit) * seen.limit if seen.limit else None),
    (names.TOTAL_IS_READ, "counts the items up to the end of the page", lambda world, seen: seen.row + len(seen.ids)),
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
    if not fitting and world.contradictions:
        return None
    return as_alternatives([*fitting.values()][::-1]) or _constant(view, world, reported)


def _constant(view: View, world: World, reported: list[Seen]) -> tuple[Cause, ...]:
    """The causes where every response says the same wrong total: capped, counted before a filter, counted apart."""
    totals = {seen.page.total for seen in reported}
    if len(totals) != 1:
        return ()
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
        return as_alternatives((before, off))
    # A count that stops at a number is right for a filter that selects less.
    whole = [page for page in view.pages if page.chosen and not page.row and 0 < len(page.ids) < (page.limit or 0)]
    if any(page.total != len(page.ids) for page in whole):
        return (off,)
    return (capped,) if whole else as_alternatives((capped, off)) if stated in ROUND else (off,)


def _as_number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
