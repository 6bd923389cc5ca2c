"""Hypotheses about what is served at all: caps, ends, large numbers, and items that stand or fail wherever they are."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from math import gcd

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.hypotheses import Family, Hypothesis, Level, registrar, with_parameters
from catalog_contract.diagnosis.sticky import common
from catalog_contract.diagnosis.world import FAILS, Predict, Prediction, Seen, World

FAMILIES: list[Family] = []
family = registrar(FAMILIES)


@family
def page_capped(world: World) -> Iterator[Hypothesis]:
    """Pages never hold more than some number of items."""
    fullest = {len(seen.ids) for seen in world.contradictions if not seen.failed and len(seen.ids) < (seen.limit or 0)}
    for cap in sorted(fullest)[-1:]:
        yield Hypothesis(
            names.CAPPED,
            f"A response never holds more than {cap:,} items, whatever the limit.",
            with_parameters(
                lambda seen, cap: world.take(seen.row, cap if seen.limit is None else min(seen.limit, cap)), cap
            ),
            f"Ask for limit={cap + 1} and compare. A client that stops at a short page stops there.",
        )


@family
def huge_position(world: World) -> Iterator[Hypothesis]:
    """A number that does not fit into the store's type."""
    for bits in (31, 32, 63, 64):
        bound = 1 << bits
        for what, predict in (
            ("is an error", lambda seen: FAILS),
            ("is answered with the first page", lambda seen: world.take(0, seen.limit)),
            (
                "begins again from the start",
                with_parameters(lambda seen, bound: world.take(seen.row % bound, seen.limit), bound),
            ),
        ):
            yield Hypothesis(
                names.OVERFLOW,
                f"An offset of 2^{bits} and more {what}: the number does not fit into its type.",
                with_parameters(
                    lambda seen, bound, predict: (
                        predict(seen) if seen.row >= bound else world.take(seen.row, seen.limit)
                    ),
                    bound,
                    predict,
                ),
                "Refuse a number that is too large with a 4xx, or answer an empty page.",
            )


_APART = (
    (names.TOTAL_OFF, "`total` is not the number of items that can be read: it is counted by other means."),
    (names.BEFORE_FILTER, "`total` is larger than what can be read: it is counted before items are filtered."),
)


@family
def list_capped(world: World) -> Iterator[Hypothesis]:
    """Nothing behind some row is served: it is empty, or an error."""
    served = [seen.row + len(seen.ids) for seen in world.seen if not seen.failed and seen.ids]
    ends = {seen.row + len(seen.ids) for seen in world.contradictions if not seen.failed}
    for end, unbounded in product(sorted(ends & set(served)), (True, False)):
        whose = "whatever their limit" if unbounded else "where they have a limit"
        message = f"Pages end at row {end:,}, {whose}, although the list goes on."
        # Where only the total shows that the list goes on, the total may be what is wrong.
        apart = _APART if not world.complete and end == world.size else ()
        for name, what in ((names.WINDOW_ENDS, message), *apart):
            yield Hypothesis(
                name,
                what,
                with_parameters(
                    lambda seen, end, unbounded: (
                        world.take(seen.row, max(0, min(end - seen.row, seen.limit or end)))
                        if unbounded or seen.limit is not None
                        else world.healthy(seen)
                    ),
                    end,
                    unbounded,
                ),
                f"Ask for one item at row {end - 1:,} and one at row {end:,}.",
                level=Level.NUMBER,
            )
    end = max(ends, default=0) if world.complete else world.size
    if world.contract.paging.random_access and end < world.size and not world.may_have_grown:
        yield Hypothesis(
            names.LAST_ROW,
            f"Every page but the first ends at row {end:,}, although the list goes on to row {world.size:,}.",
            lambda seen: (
                world.rows[seen.row : min(end, seen.row + (seen.limit or end))] if seen.row else world.healthy(seen)
            ),
            f"Ask for the items from row {end:,} on by themselves.",
            level=Level.NUMBER,
        )


def failures(world: World) -> list[Seen]:
    """The failures that contradict the list, where something lies there, and pages of their limit are answered
    elsewhere; else none: it may be the end, or the limit."""
    failing = [seen for seen in world.contradictions if seen.failed]
    served = {seen.limit for seen in world.seen if not seen.failed and seen.ids}
    inside = any(seen.row < (world.counted or world.size) for seen in failing)
    return failing if inside and any(seen.limit in served for seen in failing) else []


@family
def window_served(world: World) -> Iterator[Hypothesis]:
    """Pages that begin, or end, at some row or behind it fail."""

    def ends(seen: Seen, limit: int | None) -> int:
        return world.end if limit is None else seen.row + limit

    reaches: tuple[tuple[str, Callable[[Seen], int]], ...] = (
        ("begins", lambda seen: seen.row),
        ("ends", lambda seen: ends(seen, world.applied(seen))),
        ("would end", lambda seen: ends(seen, seen.limit)),
    )
    step = "Serve the rest, or document the deepest row that is served"
    step += ", or page by a cursor." if world.contract.paging.by_position else "."
    for what, reach in reaches:
        for deepest in sorted(map(reach, failures(world)))[:1]:
            yield Hypothesis(
                names.DEEPEST,
                f"A page that {what} at row {deepest:,} or later fails: no more than a window at the start is served.",
                with_parameters(
                    lambda seen, reach, deepest: FAILS if reach(seen) >= deepest else world.healthy(seen),
                    reach,
                    deepest,
                ),
                step,
                level=Level.NUMBER,
                over=True,
            )


@family
def chunk_ends(world: World) -> Iterator[Hypothesis]:
    """A page ends where a stored chunk of the list ends."""
    short = [seen for seen in world.contradictions if seen.ids and len(seen.ids) < (seen.limit or world.size)]
    chunk = gcd(*(seen.row + len(seen.ids) for seen in short))
    largest = max((seen.limit or 0 for seen in short), default=0)
    if chunk > 1 and len(short) > 2:  # two numbers are taken from them

        def page(seen: Seen) -> Prediction:
            whole = seen.limit is None or seen.limit > largest
            return world.take(seen.row, seen.limit if whole else min(chunk - seen.row % chunk, seen.limit or chunk))

        yield Hypothesis(
            names.SHORT_MIDDLE,
            f"A page ends at the next multiple of {chunk:,} rows: the list is stored in chunks, and one is read.",
            page,
            f"Ask for two items at row {chunk - 1:,}: one alone confirms it. Read on in the next chunk.",
            level=Level.SHARED,
        )


@family
def past_the_end(world: World) -> Iterator[Hypothesis]:
    """Inside the list all is well; behind its end it is not."""
    if not world.complete or world.contract.paging.ends_refused or world.contract.paging.ends_with_last:
        return
    size = world.size

    def behind(predict: Predict) -> Predict:
        return lambda seen: predict(seen) if seen.row >= size else world.take(seen.row, seen.limit)

    def last_page(seen: Seen) -> Prediction:
        return world.take((size - 1) // seen.limit * seen.limit, seen.limit) if seen.limit else None

    kinds: tuple[tuple[str, str, Predict], ...] = (
        (names.PAST_ERROR, "A page past the end is an error instead of being empty.", lambda seen: FAILS),
        (names.REPLAY, "Past the end the last page comes again.", last_page),
        (names.REPLAY, "Past the end the last items come again.",
         lambda seen: world.take(size - seen.limit, seen.limit) if seen.limit else None),
        (names.WRAPS, "Past the end the list starts over.", lambda seen: world.take(0, seen.limit)),
        (names.WRAPS, "Past the end the list starts over: the offset is taken modulo its length.",
         lambda seen: world.take(seen.row % size, seen.limit)),
    )  # fmt: skip
    step = f"Ask the page at row {size:,} and one far past it: both must be empty."
    behind_it = [len(seen.ids) for seen in world.contradictions if seen.row >= size and not seen.failed]
    amount = max(behind_it, default=0)
    if amount and not world.contract.paging.random_access:
        yield Hypothesis(
            names.REPLAY,
            f"Past the end the last {amount:,} items come again, whatever the limit.",
            behind(lambda seen: world.take(max(0, size - amount), seen.limit)),
            step,
            level=Level.NUMBER,
        )
    # Where only the last page can lead past the end, it should not: that no page is there is no fault of its own.
    reached = world.contract.paging.by_position or world.contract.cursor.empty_last_page
    for name, message, predict in kinds:
        if name != names.PAST_ERROR or reached or world.contract.ends_by_an_empty_page:
            yield Hypothesis(name, message, behind(predict), step)


@family
def wraps_earlier(world: World) -> Iterator[Hypothesis]:
    """The position is taken modulo a number that is smaller than the list."""
    modulus = gcd(*(seen.row - start for seen, start in world.starts))
    if 0 < modulus < world.size:
        yield Hypothesis(
            names.WRAPS_EARLY,
            f"From row {modulus:,} on the list starts over: the offset is taken modulo {modulus:,}.",
            lambda seen: world.take(seen.row % modulus, seen.limit),
            f"Ask for one item at rows {modulus - 1:,}, {modulus:,} and {modulus + 1:,}.",
            level=Level.NUMBER,
        )


@family
def items_behind_every_page(world: World) -> Iterator[Hypothesis]:
    """Some items stand behind the own items of every page that has room for them."""
    short = [seen for seen in world.seen if not seen.failed and len(seen.ids) != seen.limit]
    if len(short) < 2 or len({seen.ids[-1:] for seen in short}) > 1:
        return
    items = common([seen.ids[::-1] for seen in short])[::-1]
    fixed = set(items)
    own = tuple(id for id in world.rows if id not in fixed)
    if not items or not own:
        return
    if world.rows == (*own, *items):
        return  # the end of the list itself: pages beyond some row are held there

    def page(seen: Seen) -> Prediction:
        end = None if seen.limit is None else seen.row + seen.limit
        return (*own[seen.row : end], *items)[: seen.page.limit]

    message = f"{len(items):,} item{'s' * (len(items) != 1)} stand behind those of every page that has room for them."
    yield Hypothesis(names.STICKY, message, page, "Ask a page past the end: it must be empty.")


@family
def poisoned_item(world: World) -> Iterator[Hypothesis]:
    """Every page that holds one certain item fails: an error of the server, at more than one row."""
    failing = failures(world)
    errors = all((seen.page.status or 0) >= 500 for seen in failing)
    if len({seen.row for seen in failing}) < 2 or len(failing) < len(world.contradictions) or not errors:
        return
    groups = _suspects(world, failing)
    poisoned = _hitting(groups)
    if not poisoned or not all(groups):
        return
    if len(poisoned) > 1 and any(sum(row in group for group in groups) < 2 for row in poisoned):
        return  # an item for a single failure explains nothing
    what = "one certain item, at" if len(poisoned) == 1 else "one of the items at"
    where = _rows_in_words(sorted(set.intersection(*groups) or poisoned))
    yield Hypothesis(
        names.POISONED,
        f"Every page fails that holds {what} {where}, whatever its offset and limit.",
        lambda seen: FAILS if any(seen.row <= row < _end_of(world, seen) for row in poisoned) else world.healthy(seen),
        f"Ask for the items of {where} one by one, and look for the one that fails in the log of the service.",
        level=Level.NUMBER if len(poisoned) == 1 else Level.PLACES,
        over=True,
    )


def _suspects(world: World, failing: Sequence[Seen]) -> list[set[int]]:
    """For each page that fails, the rows it would hold that no page shows which is answered."""
    fine = {row for seen in world.seen if not seen.failed for row in range(seen.row, seen.row + len(seen.ids))}
    # No page that is answered reaches further, and the smallest that fails holds the item: a limit may be any number.
    furthest = world.size + min(seen.limit or world.size for seen in failing)
    return [set(range(seen.row, min(_end_of(world, seen), furthest))) - fine for seen in failing]


def _rows_in_words(rows: Sequence[int]) -> str:
    """`row 7`, `rows 100 to 105`, `rows 7, 9 to 12`: each stretch of rows, at most three of them."""
    stretches: list[list[int]] = []
    for row in rows:
        if stretches and row == stretches[-1][-1] + 1:
            stretches[-1][1:] = [row]
        else:
            stretches.append([row])
    shown = ", ".join(" to ".join(f"{row:,}" for row in stretch) for stretch in stretches[:3])
    return f"row{'s' * (len(rows) > 1)} {shown}" + (" and more" if len(stretches) > 3 else "")


def _end_of(world: World, seen: Seen) -> int:
    """The row that the page asked for ends at, if it is answered."""
    limit = world.applied(seen)
    if limit is None:
        return world.end
    known = world.complete or world.counted is not None
    return min(seen.row + limit, world.end) if known else seen.row + limit


def _hitting(groups: Iterable[set[int]]) -> set[int]:
    """As few numbers as it takes to have one of each group, chosen one after the other."""
    left, chosen = [group for group in groups if group], set[int]()
    while left:
        counts: dict[int, int] = {}
        for group in left:
            for row in group:
                counts[row] = counts.get(row, 0) + 1
        best = max(counts, key=lambda row: (counts[row], -row))
        chosen.add(best)
        left = [group for group in left if best not in group]
    return chosen


@family
def sorted_after_the_cut(world: World) -> Iterator[Hypothesis]:
    """Pages hold the right items in another order."""

    def any_order(seen: Seen) -> Prediction:
        right = world.take(seen.row, seen.limit)
        return frozenset(right) if isinstance(right, tuple) and not seen.failed else right

    step = "Compare one page with the same window of a larger page: the same items in another order confirm it."
    message = "Each page holds its items in another order than the list: it is sorted after it was cut."
    yield Hypothesis(names.DIFFERENTLY, message, any_order, step)
    if _sorted_alike(world):
        message = "Every page, the largest too, is sorted for itself: the list is cut first and sorted then."
        yield Hypothesis(names.DIFFERENTLY, message, lambda seen: seen.ids, step, level=Level.NUMBER)


def _sorted_alike(world: World) -> bool:
    """Whether all pages have one order, and any two of them share as many items as their windows share rows."""
    if not world.complete or all(seen.failed for seen in world.contradictions):
        return False
    pages = [(range(world.size)[seen.row :][: seen.limit], seen.ids) for seen in world.seen if not seen.failed]
    if any(len(window) != len(ids) for window, ids in pages):
        return False
    held = [(window, ids, frozenset(ids)) for window, ids in pages]
    # Slices of a list that holds every item once are alike.
    wrong = [page for page in held if page[1] != world.rows[page[0].start : page[0].stop]]
    once = len(world.known) == world.size and all(len(ids) == len(one) for _, ids, one in wrong)
    return once and all(
        len(one & other) == max(0, min(window.stop, there.stop) - max(window.start, there.start))
        and [id for id in ids if id in other] == [id for id in others if id in one]
        for (window, ids, one), (there, others, other) in product(wrong, held)
    )


@family
def over_the_maximum(world: World) -> Iterator[Hypothesis]:
    """A limit above the maximum is answered in an undeclared way."""
    paging = world.contract.paging
    maximum, default = paging.maximum_limit, paging.default_limit
    if not maximum:
        return
    kinds: list[tuple[str, Predict]] = [
        ("with everything", lambda seen: world.take(seen.row, None)),
        ("as asked", lambda seen: world.take(seen.row, seen.limit)),
        (f"with the maximum of {maximum:,}", lambda seen: world.take(seen.row, maximum)),
        ("with an error", lambda seen: FAILS),
        ("with nothing", lambda seen: ()),
    ]
    if isinstance(default, int):
        kinds.insert(0, (f"with the default of {default:,}", lambda seen: world.take(seen.row, default)))
    for what, predict in kinds:
        yield Hypothesis(
            names.OVER_MAXIMUM,
            f"A limit above the maximum of {maximum:,} is answered {what}.",
            with_parameters(
                lambda seen, predict: (
                    predict(seen)
                    if seen.limit is not None and seen.limit > maximum
                    else world.take(seen.row, seen.limit)
                ),
                predict,
            ),
            "Do what the contract declares, or declare what is done.",
            over=True,
        )
