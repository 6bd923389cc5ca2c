"""Hypotheses about filters and sorts: what a service without a fault would select and order, and what a faulty one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, pairwise

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.chosen import Chosen, Walk, chosen_of, marks_of, whole_list
from catalog_contract.diagnosis.view import View, line
from catalog_contract.model.observation import PageSeen, Purpose
from catalog_contract.model.run import Cause
from catalog_contract.util.text import counted

STEP = "Ask the request in the evidence by hand, with and without the parameter, and compare the first items."


def choosing_causes(view: View) -> Iterator[Cause]:
    """What is wrong with filters and sorts, where the list itself is read as it should be."""
    rows = whole_list(view)
    if not rows:
        return
    marks = marks_of(view)
    for purpose, find in ((Purpose.FILTER, _of_filters), (Purpose.OWNER, _of_filters), (Purpose.SORT, _of_sorts)):
        groups = dict.fromkeys(page.chosen for page in view.pages if page.purpose == purpose)
        parts = [chosen_of(view, purpose, name, rows, marks) for name in groups]
        known = [part for part in parts if part is not None]
        found = find(known)
        if found is not None:
            yield found
        elif purpose != Purpose.SORT and (before := _counted_before(view, known)):
            yield before


def _counted_before(view: View, parts: Sequence[Chosen]) -> Cause | None:
    """The totals of filtered pages, all of which are that of the whole list, where the pages hold what they should.

    Where a contract documents short pages, they may be cut before the filter applies too.
    """
    if not all(_right(part) for part in parts):
        return None
    pages = [page for part in parts for page in part.pages if page.chosen and isinstance(page.total, int)]
    selected = {page.chosen: len(part.selection) for part in parts for page in part.pages}
    wrong = [page for page in pages if page.total != selected[page.chosen]]
    if not wrong or any(page.total != len(part.rows) for part in parts for page in pages):
        return None
    if not all(map(_filled, parts)):
        return _first((_after(parts),), parts, parts)
    facts = line(
        f"{wrong[0].chosen}: total {wrong[0].total:,}, {counted(selected[wrong[0].chosen], 'item')}",
        f"{counted(len(wrong), 'page')} alike",
    )
    message = "The total of a filtered list is that of the whole list: it is counted before the filter applies."
    return Cause(names.BEFORE_FILTER, message, facts, "Count after filtering, also for what is cached.")


Rule = Callable[[Chosen, Walk], bool]
Kind = tuple[str, str, Rule]


def _right(part: Chosen) -> bool:
    listed = all(part.lists(walk, part.selection) for walk in part.walks)
    return listed and (_filled(part) or not part.contract.paging.full_pages)


def _filled(part: Chosen) -> bool:
    """Whether every page that holds items is full, or ends where the selection does."""
    most = part.contract.paging.most
    return all(page.ids[-1:] in ((), part.selection[-1:]) or len(page.ids) == most(page.limit) for page in part.pages)


def _of_filters(parts: Sequence[Chosen]) -> Cause | None:
    wrong = [part for part in parts if not _right(part)]
    if not wrong:
        return None
    kinds: tuple[Kind, ...] = (
        (names.FILTER_IGNORED, "A filter has no effect: everything is listed.", _ignored),
        (names.NEXT_LOSES, "What leads on has lost the filter: the next page is one of the whole list.", _loses(True)),
        (
            names.CURSOR_FORGETS,
            "The filter is not applied to a page that is asked for by its cursor: the next page is one of the whole"
            " list.",
            _loses(False),
        ),
        _after(parts),
        (names.FILTER_LAST, "A filter leaves out the last item that it selects.", _without_the_last),
        (
            names.FILTER_CURSOR,
            "What leads on in a filtered list counts the items of the whole list: the next page repeats items.",
            _counting_the_whole,
        ),
        (
            names.FILTER_FIRST,
            "The filter selects among the first items of the list only.",
            _among_the_first(wrong),
        ),
    )
    return _first(kinds, wrong, parts)


def _first(kinds: Iterable[Kind], wrong: Sequence[Chosen], parts: Sequence[Chosen]) -> Cause | None:
    for name, message, holds in kinds:
        if all(holds(part, walk) for part in wrong for walk in part.walks):
            walk = wrong[0].walks[0]
            facts = (f"{page.chosen or 'next page'}: {_shown(page)}" for page in walk[:2])
            one = len(wrong) == 1
            amount = f"{len(wrong)} of {len(parts)} {'is' if one else 'are'} wrong, and this predicts all "
            amount += "its pages" if one else "their pages"
            return Cause(name, message, line(*facts, amount), STEP)
    return None


def _shown(page: PageSeen) -> str:
    limit = "without limit" if page.limit is None else f"limit {page.limit:,}"
    return f"{limit}, {counted(len(page.ids), 'item')}" + (f" from {page.ids[0]} on" if page.ids else "")


def _ignored(part: Chosen, walk: Walk) -> bool:
    return part.lists(walk, part.rows)


def _loses(lost: bool) -> Rule:
    """The first page is right; those after it are pages of the whole list, at the same row or behind the item.

    Where what leads on has lost nothing, a page that is asked for by its position forgets the filter too.
    """

    def holds(part: Chosen, walk: Walk) -> bool:
        first, right = walk[0], part.selection
        if not part.contract.leads:
            return False
        if first.row and part.contract.paging.by_position:
            return part.lists(walk, right) if lost else _goes_on(part, walk, first.row)
        if len(walk) < 2 or bool(first.lost) != lost:
            return len(walk) < 2 and part.lists(walk, right)
        behind = part.rows.index(first.ids[-1]) + 1 if first.ids and first.ids[-1] in part.rows else 0
        rest = any(_goes_on(part, walk[1:], at) for at in (len(first.ids), behind))
        ids = part.ids_of(walk)
        return part.lists(walk[:1], right) and rest and ids != right[: len(ids)]

    return holds


def _goes_on(part: Chosen, pages: Walk, row: int) -> bool:
    """Whether each page holds what follows in the whole list from a row on, as much as it has room for."""
    for page in pages:
        if page.ids != part.rows[row:][: part.room(page)]:
            return False
        row += len(page.ids)
    return any(page.ids for page in pages)


def _after(parts: Sequence[Chosen]) -> Kind:
    message = "A page is cut first and filtered then: it holds what happens to stand there, and its place is one in the"
    return names.FILTER_AFTER, f"{message} whole list.", _after_paging(parts)


def _after_paging(parts: Sequence[Chosen]) -> Rule:
    """Each page holds those of its window in the whole list that fit; the next goes on behind the window, behind as
    many items as the page held, or behind its last item. All pages must, those too that are right; and no wrong
    position of pages that are filtered as they should be may predict the same."""
    walks = [(part, walk) for part in parts for walk in part.walks]
    fits = not _only_misplaced(parts)
    fits = fits and any(all(_windows(part, walk, step) for part, walk in walks) for step in ("window", "held", "item"))
    return lambda part, walk: fits


Position = Callable[[int, int], int]
POSITIONS: tuple[Position, ...] = (
    lambda row, limit: 0,
    lambda row, limit: row * 2,
    lambda row, limit: row + 1,
    lambda row, limit: row - 1,
    lambda row, limit: row + limit,
    lambda row, limit: row - limit,
    lambda row, limit: row // limit,
    lambda row, limit: row * limit,
)
"""Where a page begins that is asked for at a row with a limit, if its position is ignored or counted wrongly."""


def _only_misplaced(parts: Sequence[Chosen]) -> bool:
    """Whether one wrong position predicts every page of every filter."""
    pages = [(part, page) for part in parts for page in part.pages if part.contract.paging.by_position]

    def fits(position: Position, part: Chosen, page: PageSeen) -> bool:
        limit = part.contract.paging.most(page.limit) or len(part.rows)
        at = max(0, position(page.row or 0, limit)) if page.row is not None else 0
        return page.ids == part.selection[at:][: part.room(page)]

    return bool(pages) and any(all(fits(position, *one) for one in pages) for position in POSITIONS)


def _windows(part: Chosen, walk: Walk, step: str) -> bool:
    at, paging = 0, part.contract.paging
    for page in walk:
        limit = paging.most(page.limit)
        at = page.row if page.row is not None and paging.by_position else at
        window = part.rows[at:] if limit is None else part.rows[at : at + limit]
        if page.ids != tuple(id for id in window if part.values.get(str(id))):
            return False
        if step == "item" and page.ids:
            at = part.rows.index(page.ids[-1]) + 1
        else:
            at += len(page.ids) if step == "held" else len(window)
    return True


def _without_the_last(part: Chosen, walk: Walk) -> bool:
    return part.lists(walk, part.selection[:-1])


def _counting_the_whole(part: Chosen, walk: Walk) -> bool:
    """After that many items of a filtered list comes what follows those of them that stand as far in the whole one."""
    paging, right = part.contract.paging, part.selection
    at = behind = 0
    for page in walk:
        if page.ids != right[at:][: part.room(page)] or (paging.by_position and not part.contract.leads):
            return False
        behind = at + len(page.ids)
        at = sum(bool(part.values.get(str(id))) for id in part.rows[:behind])
    return behind == len(right) or not part.ended(walk)


def _among_the_first(wrong: Sequence[Chosen]) -> Rule:
    """Those among the first items of the list: the number lies between the last one listed and the next one not."""
    low, high = 0, 10**9
    for part in wrong:
        place = {id: at for at, id in enumerate(part.rows)}
        for walk in part.walks:
            ids = part.ids_of(walk)
            if not ids or not part.ended(walk) or ids != part.selection[: len(ids)]:
                continue
            low = max(low, place[ids[-1]] + 1)
            missed = part.selection[len(ids) :]
            high = min(high, place[missed[0]] if missed else high)

    def holds(part: Chosen, walk: Walk) -> bool:
        first = tuple(id for id in part.rows[:low] if part.values.get(str(id)))
        return len(wrong) > 1 and 0 < low <= high and part.lists(walk, first)

    return holds


def _of_sorts(parts: Sequence[Chosen]) -> Cause | None:
    wrong = [part for part in parts if not _well_sorted(part)]
    if not wrong:
        return None
    cut: tuple[Kind, ...] = (
        (names.SORT_DROPS, "A sort lists only the items that have a value.", _only_valued),
        (names.SORT_CAPPED, "A sorted list ends early, as a top list does.", _top(wrong)),
        (names.TIES, "Items with equal values stand in an order that depends on the page: some are met twice.", _ties),
    )
    if not all(map(_misordered, wrong)):
        return _first(cut, wrong, parts)
    kinds: tuple[Kind, ...] = (
        (names.SORT_IGNORED, "A sort has no effect: the items come as they do without it.", _ignored),
        (names.NEXT_LOSES, "What leads on has lost the sort: the next page is one of the unsorted list.", _loses_sort),
        (names.SORT_REVERSED, "A sort runs the other way round.", _reversed),
        (names.SORT_AFTER, "Each page is sorted for itself: the list is cut first and sorted then.", _page_by_page),
        (names.SORT_TEXT, "Numbers are sorted by their digits, as text is: 10 comes before 9.", _as_text),
        (names.SORT_NULLS, "Items without a value stand among those with the value 0.", _as_zero),
    )
    return _first(kinds, wrong, parts)


def _misordered(part: Chosen) -> bool:
    """Whether the values of some page are no slice of all values in order.

    Where all are, only what leads on, where the list ends, or the order of equal values can be wrong.
    """
    try:
        amounts = Counter(part.values[str(id)] for id in part.rows)
        order = sorted(amounts.keys() - {None}, reverse=_descending(part.walks[0]))  # type: ignore[type-var]
    except TypeError:
        return True
    ends = ([None, *order], [*order, None]) if None in amounts else (order,)
    return not any(all(_stands_in(values, part, page, amounts) for page in part.pages) for values in ends)


def _stands_in(order: Sequence[object], part: Chosen, page: PageSeen, amounts: Mapping[object, int]) -> bool:
    """Whether the values of a page follow one another in this order, all of those between its first and last."""
    runs = [(value, len([*equal])) for value, equal in groupby(_values(part, page.ids))]
    first = order.index(runs[0][0]) if runs and runs[0][0] in order else 0
    whole = all(amount == amounts[value] for value, amount in runs[1:-1])
    return whole and [value for value, _ in runs] == order[first : first + len(runs)]


def _descending(walk: Walk) -> bool:
    return walk[0].chosen.endswith("descending")


def _values(part: Chosen, ids: Iterable[str | None]) -> list[object]:
    return [part.values.get(str(id)) for id in ids]


def _runs(values: Sequence[object], descending: bool) -> bool:
    """Whether values are in order; those that are missing stand together at one end."""
    reported = [value for value in values if value is not None]
    if any(value is None for value in values):
        first = values.index(None)
        gap = values[first : first + len(values) - len(reported)]
        if any(value is not None for value in gap) or 0 < first < len(reported):
            return False
    try:
        return reported == sorted(reported, reverse=descending)  # type: ignore[type-var]
    except TypeError:
        return False


def _well_sorted(part: Chosen) -> bool:
    if len({part.ids_of(walk)[:10_000] for walk in part.walks if part.ended(walk)}) > 1:
        return False
    for walk in part.walks:
        ids = part.ids_of(walk)
        ended = part.ended(walk)
        if not _runs(_values(part, ids), _descending(walk)) or (ended and sorted(map(str, ids)) != _sorted_ids(part)):
            return False
    return True


def _sorted_ids(part: Chosen) -> list[str]:
    return sorted(map(str, part.rows))


def _loses_sort(part: Chosen, walk: Walk) -> bool:
    if len(walk) < 2:  # a page that leads nowhere has lost nothing: it must be right
        whole = not part.ended(walk) or sorted(map(str, walk[0].ids)) == _sorted_ids(part)
        return whole and _runs(_values(part, walk[0].ids), _descending(walk))
    rest = tuple(chain.from_iterable(page.ids for page in walk[1:]))
    at = len(walk[0].ids)
    behind = part.rows.index(walk[0].ids[-1]) + 1 if walk[0].ids and walk[0].ids[-1] in part.rows else 0
    return bool(walk[0].lost) and rest in (part.rows[at : at + len(rest)], part.rows[behind : behind + len(rest)])


def _reversed(part: Chosen, walk: Walk) -> bool:
    return _runs(_values(part, part.ids_of(walk)), not _descending(walk))


def _page_by_page(part: Chosen, walk: Walk) -> bool:
    at = 0
    for page in walk:
        held = part.rows[at : at + len(page.ids)]
        if sorted(map(str, held)) != sorted(map(str, page.ids)):
            return False
        if not _runs(_values(part, page.ids), _descending(walk)):
            return False
        at += len(page.ids)
    return True


def _as_text(part: Chosen, walk: Walk) -> bool:
    values = [None if value is None else str(value) for value in _values(part, part.ids_of(walk))]
    return _runs(values, _descending(walk))


def _as_zero(part: Chosen, walk: Walk) -> bool:
    return _runs([0 if value is None else value for value in _values(part, part.ids_of(walk))], _descending(walk))


def _only_valued(part: Chosen, walk: Walk) -> bool:
    ids = part.ids_of(walk)
    values = _values(part, ids)
    valued = sorted(id for id, value in part.values.items() if value is not None)
    whole = not part.ended(walk) or sorted(map(str, ids)) == valued
    return None not in values and whole and _runs(values, _descending(walk))


def _top(wrong: Sequence[Chosen]) -> Rule:
    """All whole walks end after the same number of items, whatever their limit, or within a page."""
    walks = [(part, walk) for part in wrong for walk in part.walks if part.ended(walk)]
    ends = {len(part.ids_of(walk)) for part, walk in walks}
    within = any(len(walk[-1].ids) != part.contract.paging.most(walk[-1].limit) for part, walk in walks)
    cut = len(ends) == 1 and (within or len({walk[-1].limit for _, walk in walks}) > 1)

    def holds(part: Chosen, walk: Walk) -> bool:
        ids = part.ids_of(walk)
        return cut and len(ids) < len(part.rows) and _runs(_values(part, ids), _descending(walk))

    return holds


def _ties(part: Chosen, walk: Walk) -> bool:
    """The values come in the right order on every walk: only items with equal values stand elsewhere, as two pages show
    on which an item is followed by another one."""
    after: dict[str | None, str | None] = {}
    pairs = chain.from_iterable(pairwise(page.ids) for page in part.pages)
    apart = any(after.setdefault(one, other) != other for one, other in pairs)
    return apart and _runs(_values(part, part.ids_of(walk)), _descending(walk))
