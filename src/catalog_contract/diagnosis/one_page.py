"""Hypotheses about one page that leads to the wrong place, or about every page that holds a certain item."""

from collections.abc import Iterator

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.trail import STEP, Beyond, Lead, Leading, LeadOf, Trail, Turn
from catalog_contract.model.observation import Leads


def at_one_place(trail: Trail) -> Iterator[Leading]:
    """Where one page leads wrongly, as all do that hold a certain item."""
    for row in _places(trail):
        yield from _at(trail, row)
    for row in _shared(trail)[:1]:
        message = f"The page that holds the item at row {row:,} leads further than to the next item."
        yield Leading(names.NEXT_SKIPS, message, _further(trail, row), STEP)
    yield from _where_a_page_begins(trail)


def _where_a_page_begins(trail: Trail) -> Iterator[Leading]:
    """Where the pages that begin at one row end the list, whatever items they share with others that do not.

    Each must state itself how many items there are: a page that states nothing may have been the last one when it was
    read, of a list that has grown since.
    """
    wrong = trail.contradictions
    row = wrong[0].start
    if row is None:
        return
    if all(turn.page.total == trail.size for turn in wrong):
        yield Leading(
            names.NEXT_EARLY,
            f"A page that begins at row {row:,} says that nothing follows, although its own total says that more does.",
            lambda turn: Leads.LAST if turn.start == row else trail.healthy(turn),
            STEP,
        )
    yield Leading(
        names.NO_LINK,
        f"A page that begins at row {row:,} leads on by a value that is neither a link nor a cursor.",
        lambda turn: Leads.NO_LINK if turn.start == row else trail.healthy(turn),
        STEP,
    )


def _further(trail: Trail, row: int) -> LeadOf:
    def leads(turn: Turn) -> Lead:
        here = turn.holds(row) and turn.end is not None and turn.end < trail.size
        return Beyond(turn.end or 0) if here else trail.healthy(turn)

    return leads


def _shared(trail: Trail) -> range:
    """The rows that every page holds that leads wrongly."""
    held = [range(turn.start, turn.start + turn.count) for turn in trail.contradictions if turn.start is not None]
    return range(max(each.start for each in held), min(each.stop for each in held)) if held else range(0)


def _at(trail: Trail, row: int) -> Iterator[Leading]:
    shown = f"The page that holds the item at row {row:,}"
    kinds: tuple[tuple[str, str, LeadOf], ...] = (
        (names.NEXT_EARLY, "ends the walk, although more follows", lambda turn: Leads.LAST),
        (names.NO_LINK, "leads on by a value that is neither a link nor a cursor", lambda turn: Leads.NO_LINK),
        (names.OTHER_ADDRESS, "leads to another path", lambda turn: Leads.PATH),
        (names.OTHER_ADDRESS, "leads to another address", lambda turn: Leads.AWAY),
        (names.NEXT_LOOPS, "leads to itself: a client never gets beyond it", lambda turn: turn.start),
        (names.NEXT_LOOPS, "leads back to the first page", lambda turn: 0),
        (
            names.NEXT_REPEATS,
            "leads to its own second item",
            lambda turn: None if turn.start is None else turn.start + 1,
        ),
    )
    for name, what, leads in kinds:
        yield Leading(name, f"{shown} {what}.", _there(trail, row, leads), STEP)


def _there(trail: Trail, row: int, leads: LeadOf) -> LeadOf:
    return lambda turn: leads(turn) if turn.holds(row) else trail.healthy(turn)


def _places(trail: Trail) -> Iterator[int]:
    """Rows that every page that leads wrongly holds, and no page does that leads on as it should."""
    wrong = {turn.page.key for turn in trail.contradictions}
    right = [turn for turn in trail.turns if turn.page.key not in wrong and isinstance(trail.healthy(turn), int)]
    yield from (row for row in _shared(trail) if not any(turn.holds(row) for turn in right))
