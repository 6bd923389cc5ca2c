"""The strip: the list drawn from its first item on, one segment a page of the walk."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from catalog_contract.catalog.page import UNAVAILABLE
from catalog_contract.catalog.pagers import Asking, Pager, pager_of
from catalog_contract.model.contract import Collection, Contract
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.paging import Paging
from catalog_contract.model.run import Segment, Strip

FULL = "full"
SHORT = "short"
EMPTY = "empty"
REPEATED = "repeated"
UNREAD = "unread"


def strips(contract: Contract, pages: Sequence[PageSeen]) -> tuple[Strip, ...]:
    """One strip for each collection whose walk was read, at least in part; in the order of the contract.

    The last, naturally short page of a healthy list is "short", what lies past it "empty", also where it is refused or
    the last one again as the contract declares. A page whose
    ids all stood on an earlier page is "repeated". A page that could not be read, or that was not asked for
    up to the expected end, is "unread".
    """
    walked = dict.fromkeys(page.collection for page in pages if page.walk)
    known = {collection.name: collection for collection in contract.collections}
    names = sorted(walked, key=lambda name: list(known).index(name) if name in known else len(known))
    drawn = (_strip(known.get(name), name, contract.paging, pages) for name in names)
    return tuple(_placed(strip, pager_of(Asking(contract))) for strip in drawn)


def _placed(strip: Strip, pager: Pager) -> Strip:
    """The strip with each position in the words of the API."""
    placed = (replace(one, place=pager.place(one.offset, one.limit)) for one in strip.segments)
    return replace(strip, segments=tuple(placed))


def reread_pages(offsets: Iterable[int], step: int, expected: int) -> list[int]:
    """The offsets of a walk in their order, up to the expected end and then as long as none is left out.

    A page far past the end lies on a multiple of the page size too, and is not part of the walk.
    """
    row: list[int] = []
    for offset in sorted(set(offsets)):
        if offset > expected and offset - (row[-1] if row else 0) > step:
            break
        row.append(offset)
    return row


def _strip(known: Collection | None, collection: str, paging: Paging, pages: Sequence[PageSeen]) -> Strip:
    expected, step = known.expected_total if known else None, paging.page_size
    asked = _first_readings(collection, pages)
    row = reread_pages(asked, step, expected or 0) if paging.by_position else sorted(asked)
    end = max([0, *row, (expected or 0) - 1])
    if paging.by_position:
        offsets = sorted({*row, *range(0, end + 1, step)})
    else:  # pages may be short, and one may hold everything: what follows the last one was not read
        unread = range(row[-1] + step, end + 1, step) if row and asked[row[-1]].limit is not None else ()
        offsets = [*row, *unread]
    seen: set[str | None] = set()
    segments = []
    ending = _ending(asked.values())
    for offset in offsets:
        page = asked.get(offset)
        past = page is not None and ending is not None and offset >= ending and _as_declared(paging, page, asked)
        segments.append(Segment(offset, step, 0, EMPTY) if past else _segment(offset, step, page, seen))
        seen.update(page.ids if page else ())
    return Strip(collection, tuple(segments), expected)


def _first_readings(collection: str, pages: Sequence[PageSeen]) -> dict[int, PageSeen]:
    """The first readable look at each page of the walk; an unreadable one where there was no better."""
    walk = [page for page in pages if page.walk and page.collection == collection and page.row is not None]
    walk.sort(key=lambda page: (bool(page.failure), page.reading), reverse=True)
    return {page.row: page for page in walk if page.row is not None and page.row >= 0}


def _ending(walked: Iterable[PageSeen]) -> int | None:
    """Behind how many items the list ends, by the last page that was read, or the first one like it; None where that
    says so neither by its total nor by being short."""
    read = sorted((page for page in walked if page.status == 200 and page.ids), key=lambda page: page.row or 0)
    last = next((page for page in read if page.ids == read[-1].ids), None)
    if last is None:
        return None
    end = (last.row or 0) + len(last.ids)
    return end if last.total == end or len(last.ids) < (last.limit or 0) else None


def _as_declared(paging: Paging, page: PageSeen, asked: dict[int, PageSeen]) -> bool:
    """Whether a page past the end is refused, or the last one again, where the contract declares that."""
    if paging.ends_refused:
        return page.status is not None and 400 <= page.status < 500 and page.status not in UNAVAILABLE
    return paging.ends_with_last and any(page.ids == one.ids for row, one in asked.items() if row < (page.row or 0))


def _segment(offset: int, step: int, page: PageSeen | None, seen: set[str | None]) -> Segment:
    limit = page.limit if page else step
    if limit is None:  # one page may hold everything
        limit = max(step, len(page.ids) if page else 0)
    if page is None or page.failure or page.status != 200:
        return Segment(offset, limit, 0, UNREAD)
    count = len(page.ids)
    if not count:
        return Segment(offset, limit, 0, EMPTY)
    usable = {id_ for id_ in page.ids if id_ is not None}
    if usable and usable <= seen:
        return Segment(offset, limit, count, REPEATED)
    return Segment(offset, limit, count, SHORT if count < limit else FULL)
