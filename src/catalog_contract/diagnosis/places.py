"""Hypotheses of shared cache entries, of a list in two copies, and of single pages that are wrong.

Which pages they speak of is read from the responses: a service that is wrong everywhere by one rule is simpler.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from itertools import pairwise

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.hypotheses import Family, Hypothesis, Level, registrar
from catalog_contract.diagnosis.view import Ids
from catalog_contract.diagnosis.world import CutShort, Predict, Prediction, Seen, World

FAMILIES: list[Family] = []
family = registrar(FAMILIES)

Key = Callable[[Seen], Hashable]


@family
def shared_entries(world: World) -> Iterator[Hypothesis]:
    """Requests that a cache takes for the same get the response to one of them."""
    if not _right_elsewhere(world):
        return
    kinds: list[tuple[str, str, Key]] = [
        (names.CACHE, "the position", lambda seen: seen.limit),
        (names.CACHE, "`limit`", lambda seen: seen.row),
    ]
    for name, lacks, key in kinds:
        yield from _sharing(world, name, f"Responses are kept under a key that lacks {lacks}", key)
    sizes = sorted(
        {seen.page.limit for seen in world.seen if seen.page.limit} if world.contract.paging.random_access else ()
    )
    for lot in sizes[1:]:
        message = f"Responses are kept under a key that rounds the offset to a multiple of {lot:,}"
        yield from _sharing(world, names.ROUNDED, message, _rounding(lot))


def _right_elsewhere(world: World) -> bool:
    """Whether each page that contradicts the list, but for failures, is what another request gets rightly."""
    wrong = {seen.ids for seen in world.contradictions if not seen.failed and not world.over(seen)}
    return bool(wrong) and wrong <= {seen.ids for seen in world.consistent}


def _rounding(lot: int) -> Key:
    return lambda seen: (seen.row // lot, seen.limit)


def _sharing(world: World, name: str, message: str, key: Key) -> Iterator[Hypothesis]:
    groups: dict[Hashable, list[Seen]] = {}
    for seen in world.seen:
        if not seen.failed and not world.over(seen):
            groups.setdefault(key(seen), []).append(seen)
    if all(_one_response(world, group) for group in groups.values()):
        kept = {one: group[0].ids for one, group in groups.items()}
        step = "Flush the cache and ask the second of two such requests first. Put every parameter into the cache key."
        yield Hypothesis(
            name,
            f"{message}: whatever is asked first is answered to all others.",
            lambda seen: kept.get(key(seen)),
            step,
            level=Level.SHARED,
        )


def _one_response(world: World, group: list[Seen]) -> bool:
    """Whether all got the same, and it is right for one of them."""
    first = group[0].ids
    return all(seen.ids == first for seen in group) and any(seen.fits(world.healthy(seen)) for seen in group)


@family
def dropped_after_counting(world: World) -> Iterator[Hypothesis]:
    """The total and the positions count items that no page holds: they are dropped after the page was cut."""
    counted = world.counted
    if counted is None or not world.complete or counted == world.size:
        return
    before = _held_before(world, counted)
    if before is None:
        return

    def page(seen: Seen) -> Prediction:
        end = counted if seen.limit is None else min(counted, seen.row + seen.limit)
        first, last = before.get(min(counted, seen.row)), before.get(end)
        return None if first is None or last is None else world.rows[first:last]

    step = "Ask for limit=1 at a row where a page is not full: an empty page confirms it. Filter before cutting."
    facts = f"pages and total count {counted:,} items, {world.size:,} can be read"
    for name, which in ((names.BEFORE_FILTER, "filtered out"), (names.SHORT_MIDDLE, "dropped as repeated or unfit")):
        message = f"Items are {which} after the page was cut and counted: {facts}."
        yield Hypothesis(name, message, page, step, level=Level.PLACES)


def _held_before(world: World, counted: int) -> Mapping[int, int] | None:
    """For each position at which a page begins or ends, how many items that can be read lie before it.

    None where no such numbers fit all pages: from one position to another they grow by as many at the most.
    """
    place = {id: at for at, id in enumerate(world.rows)}
    before = {0: 0, counted: world.size}
    empty: list[tuple[int, int]] = []
    for seen in world.seen:
        start, end = min(counted, seen.row), counted if seen.limit is None else min(counted, seen.row + seen.limit)
        if seen.failed or world.over(seen):
            continue
        if seen.ids and seen.ids[0] not in place:
            return None
        if not seen.ids:
            empty.append((start, end))
            continue
        at = place[seen.ids[0]]
        held = (start, at), (end, at + len(seen.ids))
        if any(before.setdefault(position, amount) != amount for position, amount in held):
            return None
    if any(before.get(start) is None or before.get(start) != before.get(end) for start, end in empty):
        return None
    steps = sorted(before.items())
    grow = all(0 <= b - a <= y - x for (x, a), (y, b) in pairwise(steps))
    return before if grow else None


@family
def pages_lacking_items(world: World) -> Iterator[Hypothesis]:
    """Pages before the end hold less than they should, and the list goes on after them."""
    lacking = [seen for seen in world.contradictions if _lacks(world, seen)]
    holes = [seen for seen in lacking if not seen.ids]
    name, chosen = (names.HOLE, holes) if len(holes) == len(lacking) else (names.SHORT_MIDDLE, lacking)
    if chosen:
        what = "is empty" if name == names.HOLE else "is not full"
        yield _at(
            world,
            name,
            f"The page at row {chosen[0].row:,} {what}, although the list goes on: a client that stops there loses"
            " all after it.",
            chosen,
            "Ask for the same rows with another limit: rows that come back were lost for this page only.",
        )


@family
def lost_in_one_size(world: World) -> Iterator[Hypothesis]:
    """In pages of one size an item is missing that all other sizes show."""
    sizes = {seen.page.limit for seen in world.contradictions}
    size = next(iter(sizes)) if len(sizes) == 1 else None
    bulk = any(seen.page.bulk for seen in world.contradictions)
    if size is None or bulk or not world.complete or world.holed:
        return
    shown = {id for seen in world.seen if seen.page.limit == size for id in seen.ids}
    missing = [id for id in world.rows if id not in shown]
    if len(missing) != 1:
        return
    at = world.rows.index(missing[0])
    rest = (*world.rows[:at], *world.rows[at + 1 :])

    def full(seen: Seen) -> Prediction:
        return rest[seen.row - (seen.row > at) :][:size] if seen.page.limit == size else world.healthy(seen)

    def short(seen: Seen) -> Prediction:
        right = tuple(id for id in world.rows[seen.row : seen.row + size] if id != missing[0])
        if seen.page.limit != size:
            return world.healthy(seen)
        return right if world.contract.paging.full_pages else CutShort(right, known=True, empty=False)

    message = f"In pages of {size:,} one item is missing that other page sizes show."
    step = f"Ask for pages of {size:,} and of one more around row {at:,}: only one of them has it."
    for page in (full, short):
        yield Hypothesis(names.LOST_IN_SIZE, message, page, step, level=Level.PLACES)


def _lacks(world: World, seen: Seen) -> bool:
    right = world.healthy(seen)
    if isinstance(right, CutShort) and not seen.ids:
        right = right.ids
    if seen.failed or not isinstance(right, tuple) or len(seen.ids) >= len(right):
        return False
    rest = iter(right)
    goes_on = any(other.ids and not other.failed and other.row >= seen.row + len(right) for other in world.seen)
    return goes_on and all(id in rest for id in seen.ids)


@family
def pages_of_other_places(world: World) -> Iterator[Hypothesis]:
    """A page is answered with the items of another one of its size."""
    right = {(seen.page.limit, ids) for seen in world.seen if isinstance(ids := world.healthy(seen), tuple) and ids}
    taken = [seen for seen in world.contradictions if not seen.failed and (seen.page.limit, seen.ids) in right]
    if taken:
        yield _at(
            world,
            names.PAGE_TWICE,
            f"The page at row {taken[0].row:,} is answered with the items of another one: fetched twice, or kept under"
            " a key that two pages share.",
            taken,
            "Ask for it with a limit not asked before: other items mean that a cache key is too coarse.",
        )


def _at(world: World, name: str, message: str, wrong: Iterable[Seen], step: str) -> Hypothesis:
    """A service that is right everywhere else."""
    held = {(seen.row, seen.page.limit): seen.ids for seen in wrong}
    answer: Predict = lambda seen: held.get((seen.row, seen.page.limit), world.healthy(seen))  # noqa: E731
    return Hypothesis(name, message, answer, step, level=Level.PLACES)


@family
def two_copies(world: World) -> Iterator[Hypothesis]:
    """Pages of some sizes are cut from another copy of the list than those of all others."""
    sizes = {seen.page.limit for seen in world.contradictions}
    copy = _copy(world, sizes) if world.contract.paging.by_position else None
    if copy is None or world.holed:
        return
    shown = ", ".join("none" if size is None else f"{size:,}" for size in sorted(sizes, key=lambda size: size or 0)[:3])
    bulk = any(seen.page.bulk for seen in world.contradictions)
    for name, what in _differences(world, copy, bulk=bulk):
        yield Hypothesis(
            name,
            f"Pages of limit {shown} are made of another copy of the list: {what}.",
            lambda seen: (
                copy[seen.row : None if seen.limit is None else seen.row + seen.limit]
                if seen.page.limit in sizes
                else world.healthy(seen)
            ),
            "Ask for the rows in the evidence in two page sizes, and find where the two are built.",
            level=Level.PLACES,
        )


def _copy(world: World, sizes: set[int | None]) -> Ids | None:
    """The one list from which all pages of these sizes are cut, as far as they reach; None where there is none, or
    where they show no item of it."""
    own = sorted((seen for seen in world.seen if seen.page.limit in sizes), key=lambda seen: seen.row)
    copy: list[str | None] = []
    for seen in own:
        shared = copy[seen.row : seen.row + len(seen.ids)]
        gap = seen.row < 0 or (seen.ids and seen.row > len(copy))
        if seen.failed or gap or [*seen.ids[: len(shared)]] != shared:
            return None
        copy += seen.ids[len(shared) :]
    rows = range(len(copy))
    whole = all(len(seen.ids) == len(rows[seen.row :][: seen.limit]) for seen in own)
    return tuple(copy) if copy and whole else None


def _differences(world: World, copy: Ids, *, bulk: bool) -> Iterator[tuple[str, str]]:
    """The name of the difference between the list and a copy of it, and what it is in words."""
    size, listed = len(copy), set(copy)
    rows = world.rows if world.complete else world.rows[:size]
    known = copy if world.complete else copy[: len(rows)]
    pairs = [*zip(known, rows, strict=False)]
    first = next(((at, one, other) for at, (one, other) in enumerate(pairs) if one != other), None)
    if first is None and size < world.size:
        name = names.BULK_LACKS if bulk else names.LAST_ROW
        yield from [(name, f"it ends at row {size:,} of {world.size:,}")] if world.complete else []
    elif first is None:
        return
    elif _part_of(known, rows):
        lost = next((id for id in rows if id not in listed), None)
        yield from [(names.BULK_LACKS, f"it lacks {lost}")] if bulk and lost else []
    elif len(known) == len(rows) and all(str(one).lower() == str(other).lower() for one, other in pairs):
        yield names.SPELLING, f"it spells ids otherwise: {first[1]} for {first[2]}"
    elif listed <= set(rows) and len(listed) == size:
        yield names.DIFFERENTLY, "it holds the same items in another order"
    elif len(known) == len(rows) and not {one for one, other in pairs if one != other} & set(rows):
        yield names.SWAPPED, f"{first[1]} stands at row {first[0]:,}, where {first[2]} belongs"


def _part_of(part: Ids, whole: Ids) -> bool:
    rest = iter(whole)
    return all(id in rest for id in part)
