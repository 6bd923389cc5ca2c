"""The list of a collection as a run saw it, from its fullest reading."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, pairwise

from catalog_contract.diagnosis.view import Ids, View, readable
from catalog_contract.model.contract import Contract
from catalog_contract.model.observation import Leads, PageSeen

HOLE = "\0row "
"""What the name of a row begins with whose item no response has shown; an id may be anything else."""


def list_of(view: View, pages: Sequence[PageSeen]) -> tuple[Ids, bool]:
    """The list as its fullest reading shows it that repeats nothing and that no page goes beyond.

    Where there is none such, the list as its pages show it row by row, where they agree, else the largest first page:
    that is not all of it.
    """
    random, most = view.contract.paging.random_access, view.contract.paging.most
    bulk = [view.bulk] if view.bulk and random else []
    every = [*bulk, *_readings(view, pages)]
    longest, itself = _once_and_twice(view, sorted(every, key=len, reverse=True))
    most_asked = view.contract.paging.maximum_limit or 1 << 64
    within = [page for page in pages if (page.limit or 0) <= most_asked]  # more is another matter
    sliced = len(itself) >= len(longest) and _all_slices_of(itself, within, most)
    if itself and (sliced or (not random and every.count(itself) > 1)):
        return itself, _ends(view.contract, pages, len(itself))  # the list holds an item twice
    if longest and _holds_all(longest, pages):
        return longest, _ends(view.contract, pages, len(longest))
    first = sorted((page.ids for page in pages if readable(page) and not page.row), key=len, reverse=True)
    opening = next((ids for ids in first if _lists_once(view, ids)), ())
    merged = () if random else together([r for r in _readings(view, pages) if r])
    if len(merged) > len(opening) and _holds_all(merged, pages):
        return merged, _ends(view.contract, pages, len(merged))
    further = any((page.row or 0) + len(page.ids) > len(opening) for page in pages if readable(page))
    holed = _around_failures(view.contract, pages) if further and view.contract.paging.by_position else ()
    return (holed, _ends(view.contract, pages, len(holed))) if len(holed) > len(opening) else (opening, False)


def _once_and_twice(view: View, longer: Sequence[Ids]) -> tuple[Ids, Ids]:
    """The first reading that lists every item once, and the first that lists one twice; the longer ones come first.

    Where any row can be asked for, a shorter reading than the first does not tell that the list holds an item twice.
    """
    random = view.contract.paging.random_access
    longest: Ids = ()
    itself: Ids = ()
    for reading in longer:
        if longest and (itself or (random and len(reading) < len(longest))):
            break
        once = _lists_once(view, reading)
        longest = longest or (reading if once else ())
        itself = itself or (reading if once is False else ())
    return longest, itself


def _lists_once(view: View, reading: Ids) -> bool | None:
    """Whether a reading lists every item once; None where one has no usable id."""
    different = view.different(reading)
    return None if None in different else len(different) == len(reading)


def _holds_all(rows: Ids, pages: Iterable[PageSeen]) -> bool:
    """Whether a list holds every item of every page. Most pages are their slice of it, which is seen at once."""
    shown = ((page.ids, page.row or 0) for page in pages if readable(page))
    others = [ids for ids, row in shown if ids != rows[row : row + len(ids)]]
    known = set(rows) if others else set()
    return all(map(known.issuperset, others))


def _around_failures(contract: Contract, pages: Sequence[PageSeen]) -> Ids:
    """The list as pages show it row by row, with holes where they fail; empty where a row was not asked for, two pages
    disagree, an item stands at two rows, a total says less, or more is hidden than shown."""
    known: dict[int, str | None] = {}
    met: set[Ids] = set()
    for page in sorted(filter(readable, pages), key=lambda page: page.row or 0):
        if contract.paging.ends_with_last and page.row and page.ids in met:
            continue
        met.add(page.ids)
        for row, id in enumerate(page.ids, page.row or 0):
            if known.setdefault(row, id) != id:
                return ()
    end = max(known, default=-1) + 1
    totals = [page.total for page in pages if readable(page) and isinstance(page.total, int)]
    if len({*known.values()} - {None}) < len(known) or end > 2 * len(known) or end > min(totals, default=end):
        return ()
    most = contract.paging.most
    failed = [(page.row or 0, most(page.limit) or end) for page in pages if _failed(page)]
    asked = {row for start, limit in failed for row in range(start, min(start + limit, end))}
    return () if {*range(end)} - known.keys() - asked else tuple(known.get(row, f"{HOLE}{row}") for row in range(end))


def _all_slices_of(rows: Ids, pages: Iterable[PageSeen], most: Callable[[int | None], int | None]) -> bool:
    """Whether every page is its slice of a list, as far as that is known."""
    read = [(page.ids, page.row or 0, most(page.limit)) for page in pages if readable(page)]
    ended = any(row + len(ids) >= len(rows) and len(ids) != limit for ids, row, limit in read if row <= len(rows))
    known = ((ids, row, limit) for ids, row, limit in read if ended or row + len(ids) <= len(rows))
    return all(ids == rows[row : None if limit is None else row + limit] for ids, row, limit in known)


def together(readings: Sequence[Ids]) -> Ids:
    """One list that all readings are parts of, each item once; empty where they disagree in the order."""
    if not readings:
        return ()
    rows: list[str | None] = list(dict.fromkeys(sorted(readings, key=len)[-1]))
    for ids in readings:
        known, at = set(rows), -1
        for id in dict.fromkeys(ids):
            if id in known:
                at = at + 1 if rows[at + 1 : at + 2] == [id] else rows.index(id)
            else:
                at += 1
                rows.insert(at, id)
    place = {id: at for at, id in enumerate(rows)}
    ordered = all(place[one] < place[other] for ids in readings for one, other in pairwise(dict.fromkeys(ids)))
    return tuple(rows) if ordered else ()


def _ends(contract: Contract, pages: Sequence[PageSeen], size: int) -> bool:
    """Whether a response shows that the list ends at that row: by its total, by one that is not full, or by an empty
    one there or behind it, unless the page at that row fails, and not for its limit."""
    most = contract.paging.most
    read = [(page, page.row or 0, most(page.limit)) for page in pages if readable(page)]
    served = {limit for _, _, limit in read}
    failed = [(page.row or 0, most(page.limit)) for page in pages if _failed(page)]
    hidden = any(row <= size < row + (limit or 0) for row, limit in failed if limit in served)
    return any(
        page.total == size
        or (row >= size and not page.ids and not hidden)
        or (row + len(page.ids) == size and len(page.ids) != limit)
        for page, row, limit in read
    )


def _failed(page: PageSeen) -> bool:
    """Whether a response is a definite error."""
    return not readable(page) and tells(page)


def _readings(view: View, pages: Sequence[PageSeen]) -> Iterable[Ids]:
    """The whole readings: one response that was not full, and the pages of each walk by their limit."""
    yield from (page.ids for page in pages if readable(page) and not page.row and page.limit is None)
    by_limit: dict[int | None, dict[int, PageSeen]] = {}
    for page in sorted(pages, key=lambda page: -page.reading):
        if readable(page):
            by_limit.setdefault(page.limit, {})[page.row or 0] = page
    by_page = view.contract.paging.numbered
    for limit, found in by_limit.items():
        yield _joined(found, limit, view.contract.paging.most(limit) if by_page else None)


def _joined(found: dict[int, PageSeen], limit: int | None, step: int | None) -> Ids:
    """The pages of one limit from the first row on: those that follow one another by their number where there is a
    `step`, elsewhere as long as each begins where the one before it ended."""
    parts: list[Ids] = []
    row = 0
    while row in found and found[row].ids:
        page = found[row]
        parts.append(page.ids)
        if len(page.ids) < (len(found[0].ids) if step else limit or 0):
            break
        row += step or len(page.ids)
    return parts[0] if len(parts) == 1 else tuple(chain.from_iterable(parts))


def moved(pages: Sequence[PageSeen]) -> bool:
    """Whether one request was answered with other items when it was asked again."""
    known: dict[tuple[str, int | None, int | None], Ids] = {}
    read = filter(readable, pages)
    return any(known.setdefault((page.target, page.row, page.limit), page.ids) != page.ids for page in read)


def tells(page: PageSeen) -> bool:
    """Whether a response says something of the list: it is one, or a definite error."""
    return readable(page) or (page.status is not None and 200 < page.status < 600 and page.status not in _SILENT)


_SILENT = frozenset({304, 401, 403, 407, 408, 425, 429, 502, 503, 504})


def ends_the_list(contract: Contract, page: PageSeen) -> bool:
    """Whether nothing follows a page, as it says; where it says nothing, as it is not full."""
    limit = contract.paging.most(page.limit)
    return page.leads == Leads.LAST or (not page.leads and (limit is None or len(page.ids) < limit))
