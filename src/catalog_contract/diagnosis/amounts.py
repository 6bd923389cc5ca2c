"""Hypotheses about how much a page holds: short and empty pages, other defaults, items that one page size lacks."""

from collections.abc import Iterator

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.hypotheses import Family, Hypothesis, Level, Predict, registrar, with_parameters
from catalog_contract.diagnosis.world import FAILS, Prediction, Seen, World, last_page

FAMILIES: list[Family] = []
family = registrar(FAMILIES)


@family
def limit_lost(world: World) -> Iterator[Hypothesis]:
    """What leads on has lost the limit: the page after has the default size."""
    default, limit = world.contract.paging.default_limit, world.contract.parameters.limit
    if not isinstance(default, int) or not limit:
        return

    def page(seen: Seen) -> Prediction:
        if limit not in seen.lost:
            return world.take(seen.row, seen.limit)
        row = seen.row // (seen.limit or 1) * default if world.contract.paging.numbered else seen.row
        return world.take(row, default)

    yield Hypothesis(
        names.NEXT_LOSES,
        f"What leads on has lost the limit: the next page has the default size of {default:,}.",
        page,
        "Follow what leads on from a page of another size than the default, and count.",
    )


@family
def another_default(world: World) -> Iterator[Hypothesis]:
    """Without a limit another number of items comes than documented."""
    amounts = {len(seen.ids) for seen in world.contradictions if seen.page.limit is None and not seen.failed} - {0}
    default = world.contract.paging.default_limit
    paged = default if world.contract.paging.numbered and isinstance(default, int) else None

    def page(seen: Seen, amount: int) -> Prediction:
        if seen.page.limit is not None:
            return world.serves(seen.row, seen.limit)
        return world.serves(seen.row // paged * amount if paged else seen.row, amount)

    for amount in sorted(amounts):
        everything = amount == world.size
        yield Hypothesis(
            names.DEFAULT_LIMIT,
            f"Without a limit {'everything is' if everything else f'{amount:,} items are'} answered, which is not the"
            " documented default.",
            with_parameters(page, amount),
            "Apply the documented default where no limit is given, or document the one that applies.",
            past=True,
        )


@family
def last_page_dropped(world: World) -> Iterator[Hypothesis]:
    """A last page that would not be full is empty."""
    if world.may_have_grown:
        return
    # Where every page size drops its last page, only the total tells the end.
    size = max(world.size, world.counted or 0) if world.contract.paging.by_position else world.size
    for first in (0, 1):  # some services answer the first page by itself

        def page(seen: Seen, first: int) -> Prediction:
            repeats = world.contract.paging.ends_with_last and seen.limit
            row = min(seen.row, last_page(size, seen.limit)) if repeats else seen.row
            if seen.limit and first <= row < size < row + seen.limit:
                return ()
            if seen.row >= size:
                return world.healthy(seen)
            known = size == world.size or seen.row + (seen.limit or size) <= world.size
            return world.take(seen.row, seen.limit) if known else None

        yield Hypothesis(
            names.LAST_DROPPED,
            "The last page is left out where it would not be full: pages are counted by rounding down.",
            with_parameters(page, first),
            "Ask for the last items with a limit that they fill: they come.",
            past=size > world.size or world.contract.paging.ends_with_last,
        )


@family
def pages_of_another_size(world: World) -> Iterator[Hypothesis]:
    """Pages begin where they would in another size, or are counted from another number."""
    if not world.contract.paging.numbered:
        return
    default = world.contract.paging.default_limit
    if isinstance(default, int):
        yield Hypothesis(
            names.PAGE_SIZE,
            f"A page begins where it would with {default:,} items a page, whatever limit is asked for.",
            with_parameters(
                lambda seen, default: world.take(seen.row // (seen.limit or 1) * default, seen.limit), default
            ),
            "Ask for page 2 with two limits: its first item must follow the last one of page 1.",
        )
    start = world.contract.paging.starts_at
    if _counted_one_too_low(world):
        yield Hypothesis(
            names.PAGE_BASE,
            f"The first page has the number {start - 1}, where {start} is documented: who begins there misses it.",
            lambda seen: FAILS if _refused(world, seen) else world.healthy(seen) if seen.failed else seen.ids,
            f"Ask for the pages {start - 1}, {start} and without a number, and compare their first items.",
            over=True,
        )
    for by in (1, -1):
        yield Hypothesis(
            names.PAGE_BASE,
            f"The first page has the number {start - by}, where {start} is documented.",
            with_parameters(
                lambda seen, by: world.take(
                    max(0, seen.row + by * (seen.limit or 0)) if seen.page.row is not None else 0, seen.limit
                ),
                by,
            ),
            f"Ask for the pages {start - by}, {start} and without a number, and compare their first items.",
        )


def _refused(world: World, seen: Seen) -> bool:
    """Whether the page after this one is past the end, and is refused as declared."""
    numbered = seen.page.row is not None and not world.over(seen)
    end = world.counted if world.contract.paging.ends_refused and numbered else None
    return end is not None and seen.row + (seen.limit or 0) >= end


def _counted_one_too_low(world: World) -> bool:
    """Whether all pages fit one list if each begins a page later: its first items are then on no page with a number."""
    held: dict[int, str | None] = {}
    end = world.counted
    for seen in world.seen:
        at = 0 if seen.page.row is None else seen.row + (seen.limit or 0)
        if seen.failed or world.over(seen):
            continue
        if any(held.setdefault(at + n, id) != id for n, id in enumerate(seen.ids)):
            return False
        if end is not None and seen.limit is not None and len(seen.ids) != max(0, min(seen.limit, end - at)):
            return False
    return len(set(held.values())) == len(held)


@family
def past_the_end_otherwise(world: World) -> Iterator[Hypothesis]:
    """Past the end another thing is done than declared."""
    if not world.complete or not (world.contract.paging.ends_refused or world.contract.paging.ends_with_last):
        return
    size = world.size
    amount = max((len(seen.ids) for seen in world.contradictions if seen.row >= size), default=0)
    number = f"holds the last {amount:,} items, whatever the limit"
    kinds: tuple[tuple[str, str, Predict], ...] = (
        (names.PAST_OTHER, "is empty", lambda seen: ()),
        (names.PAST_ERROR, "is an error", lambda seen: FAILS),
        (names.PAST_OTHER, "is the first page", lambda seen: world.take(0, seen.limit)),
        (
            names.PAST_OTHER,
            "is the page before the last",
            lambda seen: world.take(last_page(size, seen.limit) - (seen.limit or 0), seen.limit),
        ),
        (names.PAST_OTHER, "is the last page", lambda seen: world.take(last_page(size, seen.limit), seen.limit)),
        (names.PAST_OTHER, number, lambda seen: world.take(size - amount, amount)),
    )
    for name, what, predict in kinds:
        yield Hypothesis(
            name,
            f"A page past the end {what}, which is not what is declared.",
            with_parameters(
                lambda seen, predict: predict(seen) if seen.row >= size and seen.limit else world.healthy(seen),
                predict,
            ),
            "Do what the contract declares, or declare what is done.",
            level=Level.NUMBER if what == number else Level.RULE,
            past=True,
        )
