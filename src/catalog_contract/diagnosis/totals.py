"""What a total counts, if it does not count the list: each way is a prediction that every response must bear out."""

from collections.abc import Callable

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.view import View, line
from catalog_contract.diagnosis.world import Seen, World, world_of
from catalog_contract.model.run import Cause

Count = Callable[[World, Seen], int | None]

KINDS: tuple[tuple[str, str, Count], ...] = (
    (names.TOTAL_IS_PAGE, "counts the items of the page", lambda world, seen: len(seen.ids)),
    (names.TOTAL_IS_REST, "counts what is left from the position on",
     lambda world, seen: max(0, world.size - seen.row)),
    (names.TOTAL_IS_REST, "counts what is left after the page",
     lambda world, seen: max(0, world.size - seen.row - len(seen.ids))),
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
    told = [seen for seen in world.seen if not seen.failed and _number(seen.page.total)]
    wrong = [seen for seen in told if seen.page.total != world.size]
    if len(wrong) < 2:
        return ()
    for name, meaning, count in KINDS:
        if all(count(world, seen) in (seen.page.total, None) for seen in told):
            shown = (f"row {seen.row:,}: total {seen.page.total:,}, {len(seen.ids):,} items" for seen in wrong[:3])
            facts = line(*shown, f"the list holds {world.size:,}; all {len(told)} totals fit this")
            message = f"`total` {meaning}."
            return (Cause(name, message, facts, "Count the whole list before the page is cut, after filters."),)
    return ()


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
