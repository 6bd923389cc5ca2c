"""What a total counts, if it does not count the list: each way is a prediction that every response must bear out."""

from collections.abc import Callable

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.leading import as_alternatives
from catalog_contract.diagnosis.trail import world_of
from catalog_contract.diagnosis.view import View, line
from catalog_contract.diagnosis.world import Seen, World
from catalog_contract.model.run import Cause

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


def causes_of_totals(view: View) -> tuple[Cause, ...]:
    """The one thing that the totals count, where they contradict the list and all of them count it."""
    world = world_of(view)
    if world is None or not world.complete:
        return ()
    reported = [seen for seen in world.seen if not seen.failed and _number(seen.page.total) and not world.over(seen)]
    wrong = [seen for seen in reported if seen.page.total != world.size]
    if len(wrong) < 2:
        return ()
    constant = _constant(view, world, reported)
    if constant:
        return constant
    for name, meaning, count in KINDS:
        if all(count(world, seen) in (seen.page.total, None) for seen in reported):
            shown = (f"row {seen.row:,}: total {seen.page.total:,}, {len(seen.ids):,} items" for seen in wrong[:3])
            facts = line(*shown, f"the list holds {world.size:,}; all {len(reported)} totals fit this")
            message = f"`total` {meaning}."
            return (Cause(name, message, facts, "Count the whole list before the page is cut, after filters."),)
    return ()


def _constant(view: View, world: World, reported: list[Seen]) -> tuple[Cause, ...]:
    """The cause where every response says the same wrong total: capped, or counted apart from the items."""
    totals = {seen.page.total for seen in reported}
    if len(totals) != 1 or world.contradictions:
        return ()
    stated = totals.pop()
    smaller = [page.total for page in view.pages if page.chosen and not page.failure and page.total != stated]
    shown = line(f"every response says {stated}, the list holds {world.size:,}", f"{len(reported)} responses alike")
    if view.contract.paging.random_access or len(world.rows) == stated:
        return ()
    message = f"`total` never says more than {stated}: a count that stops there."
    capped = Cause(names.TOTAL_CAPPED, message, shown, "Count to the end, or declare the total an estimate.")
    message = "`total` is not the number of items that can be read: it is counted by other means."
    off = Cause(names.TOTAL_OFF, message, shown, "Count the items of the list that is cut, after every filter.")
    below = isinstance(stated, int) and stated < world.size
    if below and smaller and max(map(_as_number, smaller)) < _as_number(stated):
        return (capped,)
    return as_alternatives((capped, off)) if below and _as_number(stated) % 100 == 0 else (off,)


def _as_number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
