"""Hypotheses about where a page begins and how many items it holds."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from math import gcd

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.hypotheses import Family, Hypothesis, Level, registrar, with_parameters
from catalog_contract.diagnosis.world import Prediction, Seen, World

FAMILIES: list[Family] = []
family = registrar(FAMILIES)


@family
def position_ignored(world: World) -> Iterator[Hypothesis]:
    """Wherever a page is asked for, the first one comes."""
    step = "Ask the second page with a limit not asked before: other items mean a cache whose key lacks the position."
    by_page = world.contract.paging.numbered
    name = names.PAGE_IGNORED if by_page else names.OFFSET_IGNORED
    which = "The number of the page" if by_page else "`offset`"
    message = f"{which} has no effect: the position is not applied, or a cache key lacks it."
    yield Hypothesis(name, message, lambda seen: world.take(0, seen.limit), step)
    pages = [seen.ids for seen in world.seen if not seen.failed]
    always = max(pages, key=pages.count, default=())
    if always:
        message = "Every request is answered with the same page: the query is lost on the way."
        yield Hypothesis(name, message, lambda seen: always, step, level=Level.NUMBER, over=True)
    if not world.contract.paging.random_access:
        return
    alone = "An offset without a limit has no effect: the position is applied only where both are given."
    yield Hypothesis(
        names.OFFSET_ALONE,
        alone,
        lambda seen: world.take(0 if seen.page.limit is None else seen.row, seen.limit),
        "Ask for an offset without a limit, then with the default limit: the two must agree.",
    )


@family
def limit_ignored(world: World) -> Iterator[Hypothesis]:
    """Whatever limit is asked for, everything from the position on comes, or the default."""
    message = "`limit` has no effect: everything from the position on is answered."
    step = "Ask two limits at one offset: the same items mean that the limit is not applied."
    yield Hypothesis(names.LIMIT_IGNORED, message, lambda seen: world.take(seen.row, None), step)
    default = world.contract.paging.default_limit
    if isinstance(default, int):
        message = f"`limit` has no effect: every page holds the default of {default:,}."
        yield Hypothesis(names.LIMIT_IGNORED, message, lambda seen: world.take(seen.row, default), step)


def _one_size(world: World) -> Iterator[int]:
    """The number of items that the pages of all limits hold which contradict the list, as far as it goes."""
    held = [(seen.page.limit, len(seen.ids)) for seen in world.contradictions if not seen.failed and seen.page.limit]
    size = max((count for _, count in held), default=0)
    if size and len({limit for limit, count in held if count == size}) > 1:
        yield size


@family
def limit_off_by_one(world: World) -> Iterator[Hypothesis]:
    """Pages hold one item more, or one less, than asked for."""
    for more, word in ((1, "more"), (-1, "less")):
        yield Hypothesis(
            names.LIMIT_OFF,
            f"Pages hold one item {word} than `limit`: an inclusive bound (`<=`) where an exclusive one belongs, or the"
            " reverse.",
            with_parameters(
                lambda seen, more: world.take(seen.row, None if seen.limit is None else seen.limit + more), more
            ),
            "Ask for limit=2 at any offset: three items, or one, confirm it.",
        )


@family
def limit_wrong_by_page(world: World) -> Iterator[Hypothesis]:
    """Pages are counted in the wrong size too, where the limit is applied wrongly before the position is computed."""
    if world.contract.paging.random_access and world.contract.envelope.next is None:
        return
    paging = world.contract.paging
    most = paging.maximum_limit or 10**9
    kinds: list[tuple[str, str, Callable[[int], int]]] = [
        (names.LIMIT_OFF, "Pages hold one item more than `limit`.", lambda limit: min(limit, most) + 1),
        (names.LIMIT_OFF, "Pages hold one item less than `limit`.", lambda limit: max(1, min(limit, most) - 1)),
    ]
    default = paging.default_limit
    sizes = [default] if isinstance(default, int) else [*_one_size(world)]
    for size in sizes:
        held = f"Every page holds {size:,} items, whatever its limit."
        kinds.append((names.LIMIT_IGNORED, held, _always(size)))

    def page(seen: Seen, applied: Callable[[int], int]) -> Prediction:
        if seen.page.limit is None or not seen.limit or (world.over(seen) and paging.above_maximum == "refused"):
            return world.healthy(seen)
        size = applied(seen.limit)
        row = seen.row // seen.limit * size if paging.numbered else seen.row
        return world.serves(row, size)

    for name, message, applied in kinds:
        step = "Ask for limit=2 and compare: how many items come, and where the second page begins."
        yield Hypothesis(name, message, with_parameters(page, applied), step, past=True, over=True)


def _always(size: int) -> Callable[[int], int]:
    return lambda limit: size


@family
def some_limits_off_by_one(world: World) -> Iterator[Hypothesis]:
    """Pages of some limits hold one item more, or one less, than asked for."""
    for more, word in ((1, "more"), (-1, "less")):
        limits = {seen.limit for seen in world.contradictions if not seen.failed and _off_by(world, seen, more)}
        shown = ", ".join(str(limit) for limit in sorted(limit for limit in limits if limit is not None)[:4])
        if limits:
            yield Hypothesis(
                names.LIMIT_OFF,
                f"Pages of limit {shown} hold one item {word} than asked for; other limits are right.",
                with_parameters(
                    lambda seen, more, limits: world.take(
                        seen.row, seen.limit + more if seen.limit is not None and seen.limit in limits else seen.limit
                    ),
                    more,
                    limits,
                ),
                "Ask limits around these: see from which one on the page is wrong.",
            )


def _off_by(world: World, seen: Seen, more: int) -> bool:
    return seen.limit is not None and seen.fits(world.take(seen.row, seen.limit + more)) is True


@family
def position_rounded(world: World) -> Iterator[Hypothesis]:
    """The position is rounded to a multiple of the limit, or of a fixed number."""
    step = "Ask an offset that is not a multiple of the limit: the first item tells to what it was rounded."

    def to_limit(seen: Seen, up: bool) -> Prediction:
        if not seen.limit:
            return world.take(seen.row, seen.limit)
        return world.take((-(-seen.row // seen.limit) if up else seen.row // seen.limit) * seen.limit, seen.limit)

    for up, word in ((False, "down"), (True, "up")):
        message = f"The offset is rounded {word} to a multiple of the limit: pages are computed from a page number."
        yield Hypothesis(names.ROUNDED, message, with_parameters(lambda seen, up: to_limit(seen, up), up), step)
    for lot in _lots(world):
        message = f"The offset is rounded down to a multiple of {lot:,}, the lot that the rows are stored or cached in."
        yield Hypothesis(
            names.ROUNDED,
            message,
            with_parameters(lambda seen, lot: world.take(seen.row // lot * lot, seen.limit), lot),
            step,
            level=Level.NUMBER,
        )


def _lots(world: World) -> Iterator[int]:
    """The smallest number of which all pages that begin wrongly begin at a multiple, no further away than that."""
    begun = [(seen.row, start) for seen, start in world.starts]
    common, away = gcd(*(start for _, start in begun)), max((row - start for row, start in begun), default=0)
    if away > 0:
        yield from islice((lot for lot in range(away + 1, common + 1) if common % lot == 0), 1)


@family
def position_shifted(world: World) -> Iterator[Hypothesis]:
    """Pages begin some items before or after the one that they should begin with."""
    for shift in _shifts(world):
        away = f"{abs(shift):,} item{'s' * (abs(shift) != 1)} too {'late' if shift > 0 else 'early'}"
        counted = " The offset is counted from one." if shift == -1 and world.contract.paging.random_access else ""
        step = "Compare the first items of the first pages with the list: they tell the shift."
        yield Hypothesis(
            names.SHIFTED,
            f"Pages after the first begin {away}.{counted}",
            with_parameters(lambda seen, shift: world.take(seen.row + shift if seen.row else 0, seen.limit), shift),
            step,
            level=Level.NUMBER,
        )
        yield Hypothesis(
            names.SHIFTED,
            f"Every page begins {away}.",
            with_parameters(lambda seen, shift: world.take(seen.row + shift, seen.limit), shift),
            step,
            level=Level.NUMBER,
        )


@family
def boundaries_off(world: World) -> Iterator[Hypothesis]:
    """Each page begins as many items early or late as pages lie before it."""

    def page(seen: Seen, sign: int, alone: int, whole: bool) -> Prediction:
        size = seen.limit or 1
        away = 0 if seen.limit == alone else sign * (seen.row // size)
        return world.take((seen.row // size * size if whole else seen.row) + away, seen.limit)

    for sign, fault, alone in ((-1, "repeats the last item of the page before it", 0), (1, "skips an item", 0),
                               (-1, "repeats the last item of the page before it", 1)):  # fmt: skip
        # Pages of one item cannot overlap: some services leave those alone.
        for whole in (False, True):
            turned = "The offset is turned into the number of a page, and each" if whole else "Each"
            yield Hypothesis(
                names.BOUNDARY,
                f"{turned} page {fault}: the boundary between pages is off by one.",
                with_parameters(page, sign, alone, whole),
                "Compare the last item of a page with the first of the next one.",
            )


@family
def one_boundary(world: World) -> Iterator[Hypothesis]:
    """At some page boundaries the next page begins one item early or late."""
    if world.may_have_grown:
        return
    for sign, fault in ((-1, "repeats the last item of the page before it"), (1, "skips an item")):
        rows = {seen.row for seen in world.contradictions if _begins(world, seen, sign) and _right_after(world, seen)}
        shown = ", ".join(f"{row:,}" for row in sorted(rows)[:3])
        if rows:
            yield Hypothesis(
                names.BOUNDARY,
                f"The page at row {shown} {fault}: the boundary before it is off by one.",
                with_parameters(
                    lambda seen, sign, rows: world.take(seen.row + (sign if seen.row in rows else 0), seen.limit),
                    sign,
                    rows,
                ),
                "Compare the last item of the page before with the first of this one.",
            )


def _right_after(world: World, seen: Seen) -> bool:
    """Whether a later page of the same limit is right: a list that grew in the meantime would have moved it too."""
    later = (other for other in world.seen if other.limit == seen.limit and seen.row < other.row < world.size)
    return any(other.ids and not other.failed and other.fits(world.healthy(other)) for other in later)


def _begins(world: World, seen: Seen, shift: int) -> bool:
    return seen.fits(world.take(seen.row + shift, seen.limit)) is True


@family
def position_held(world: World) -> Iterator[Hypothesis]:
    """Beyond some row the position is held there."""
    for row in sorted({start for _, start in world.starts} - {0})[-1:]:
        yield Hypothesis(
            names.OFFSET_HELD,
            f"An offset above {row:,} is held there: the same page is answered again and again.",
            with_parameters(lambda seen, row: world.take(min(seen.row, row), seen.limit), row),
            f"Ask for one item at rows {row:,} and {row + 1:,}: the same one confirms it.",
            level=Level.NUMBER,
        )


def _shifts(world: World) -> list[int]:
    """By how many items pages are off, as their first items tell; the commonest first."""
    found = Counter(start - seen.row for seen, start in world.starts if start != seen.row)
    return [shift for shift, _ in found.most_common(1)]


@family
def position_misread(world: World) -> Iterator[Hypothesis]:
    """Offset and limit are taken for something else."""
    yield Hypothesis(
        names.OFFSET_IN_PAGES,
        "The offset is taken for the number of a page: it is multiplied by the limit.",
        lambda seen: world.take(seen.row * (seen.limit or 1), seen.limit),
        "Ask for offset=1 and limit=10: the eleventh item first confirms it.",
    )
    yield Hypothesis(
        names.LIMIT_IS_END,
        "`limit` is taken for the position at which a page ends, not for its length.",
        lambda seen: world.take(seen.row, None if seen.limit is None else max(0, seen.limit - seen.row)),
        "Ask for limit=10 at offset 5: five items confirm it.",
    )
    yield Hypothesis(
        names.OFFSET_TWICE,
        "The offset is applied twice, by the store and by the service.",
        lambda seen: world.take(2 * seen.row, seen.limit),
        "Ask for limit=1 at offset 10: the item at 20 confirms it.",
    )
