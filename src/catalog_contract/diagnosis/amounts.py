"""Hypotheses about how much a page holds: short and empty pages, other defaults, items that one page size lacks."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.hypotheses import Family, Hypothesis, Level, registrar, with_parameters
from catalog_contract.diagnosis.world import FAILS, Predict, Prediction, Seen, World, last_page

FAMILIES: list[Family] = []
family = registrar(FAMILIES)


@family
def limit_lost(world: World) -> Iterator[Hypothesis]:
    """What leads on has lost the limit: the page after has the default size."""
    paging, limit = world.contract.paging, world.contract.parameters.limit
    default = paging.default_limit if isinstance(paging.default_limit, int) else None
    if not limit or (default is None and not paging.answers_all):
        return

    def page(seen: Seen) -> Prediction:
        if limit not in seen.lost:
            return world.take(seen.row, seen.limit)
        row = seen.row // (seen.limit or 1) * (default or world.end) if paging.numbered else seen.row
        return world.take(row, default)

    size = f"has the default size of {default:,}" if default else "is asked for without one"
    yield Hypothesis(
        names.NEXT_LOSES,
        f"What leads on has lost the limit: the next page {size}.",
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
    size = max(world.size, world.counted or 0)
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


TURNED = "The offset is turned into the number of a page"


@family
def pages_of_another_size(world: World) -> Iterator[Hypothesis]:
    """Pages begin where they would in another size: in the default one, or in one that fits."""
    paging = world.contract.paging
    if not (paging.numbered or paging.random_access):
        return
    default = paging.default_limit if isinstance(paging.default_limit, int) else None
    for size in [*_sizes(world)] if default is None else [default]:
        message = f"A page begins where it would with {size:,} items a page, whatever limit is asked for."
        yield Hypothesis(
            names.PAGE_SIZE,
            message if paging.numbered else f"{message} {TURNED}.",
            with_parameters(lambda seen, size: world.take(seen.row // (seen.limit or 1) * size, seen.limit), size),
            "Ask for the second page with two limits: its first item must follow the last one of the first page.",
            level=Level.NUMBER if default is None else Level.RULE,
        )


def _sizes(world: World) -> Iterator[int]:
    """The number of items a page by which most pages begin that begin wrongly."""
    pages = [(start, seen.row // seen.limit) for seen, start in world.starts if seen.limit and seen.row >= seen.limit]
    fitting = Counter(start // page for start, page in pages if start and start % page == 0)
    yield from (size for size, _ in fitting.most_common(1))


@family
def pages_from_another_number(world: World) -> Iterator[Hypothesis]:
    """Pages are counted from another number: those that are asked for, or those that an offset is turned into."""
    paging = world.contract.paging
    start, by_offset = paging.starts_at, paging.random_access
    if not (paging.numbered or by_offset):
        return
    if by_offset:
        step = "Ask for limit=1 at offsets 0 and 1, and compare them with the list."
        low = f"{TURNED}, which is counted from another number: no page holds the first items."
    else:
        step = f"Ask for the pages {start - 1}, {start} and without a number, and compare their first items."
        low = f"The first page has the number {start - 1}, where {start} is documented: who begins there misses it."
    yield from _a_page_later(world, low, step)
    for by, whole in product((1, -1), (False, True) if by_offset else (False,)):
        message = f"The first page has the number {start - by}, where {start} is documented."
        if by_offset:
            away = f"begins one page too {'late' if by > 0 else 'early'}"
            message = f"{TURNED}, which is counted from another number: it {away}." if whole else f"A page {away}."
        yield Hypothesis(names.PAGE_BASE, message, with_parameters(_pages_away, world, by, whole), step)


def _pages_away(seen: Seen, world: World, by: int, whole: bool) -> Prediction:
    """A page that begins `by` pages behind its row; where `whole`, behind the row at which its page begins."""
    size = seen.limit or 0
    row = seen.row // size * size if whole and size else seen.row
    return world.take(max(0, row + by * size) if seen.page.row is not None else 0, seen.limit)


def _a_page_later(world: World, message: str, step: str) -> Iterator[Hypothesis]:
    """Every page is the one after it: the list as it was read lacks the first."""
    if _counted_one_too_low(world):
        yield Hypothesis(
            names.PAGE_BASE,
            message,
            lambda seen: FAILS if _refused(world, seen) else world.healthy(seen) if seen.failed else seen.ids,
            step,
            over=True,
        )


def _refused(world: World, seen: Seen) -> bool:
    """Whether the page after this one is past the end, and is refused as declared."""
    numbered = seen.page.row is not None and not world.over(seen)
    end = world.counted if world.contract.paging.ends_refused and numbered else None
    return end is not None and seen.row + (seen.limit or 0) >= end


def _counted_one_too_low(world: World) -> bool:
    """Whether all pages fit one list if each begins a page later: its first items are then on no page with a number."""
    pages = [
        (seen, 0 if seen.page.row is None else seen.row + (seen.limit or 0))
        for seen in world.seen
        if not seen.failed and not world.over(seen)
    ]
    end = world.counted
    sized = [(len(seen.ids), seen.limit, row) for seen, row in pages if seen.limit is not None]
    if end is not None and any(held != max(0, min(limit, end - row)) for held, limit, row in sized):
        return False
    known: dict[int, str | None] = {}
    for seen, row in pages:
        if any(known.setdefault(at, id) != id for at, id in enumerate(seen.ids, row)):
            return False
    return len(set(known.values())) == len(known)


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
