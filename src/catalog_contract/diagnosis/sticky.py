"""Items that stand on every page: a list that is right without them has no other fault."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.trail import world_of
from catalog_contract.diagnosis.view import Ids, View, line, readable
from catalog_contract.model.observation import PageSeen, Purpose
from catalog_contract.model.run import Cause
from catalog_contract.util.text import counted

ROWS = 3
"""At how many rows pages must begin, and with how many items of their own."""


def common(lists: Sequence[Ids]) -> Ids:
    """What all lists begin with."""
    alike = takewhile(lambda row: row.count(row[0]) == len(row), zip(*lists, strict=False))
    return tuple(row[0] for row in alike)


def sticky_items(view: View) -> Iterator[Cause]:
    """The items that every page begins, or ends, with, where the pages are right without them.

    Where a contract documents pages that are not full, nothing tells whether they are right.
    """
    if not view.contract.paging.full_pages:
        return
    pages = [page for page in view.pages if page.plain and page.purpose == Purpose.WHOLE and page.ids]
    if len({page.row or 0 for page in pages}) < ROWS:
        return
    for front in (True, False):
        items = common([page.ids if front else page.ids[::-1] for page in pages])
        more = [page for page in pages if len(page.ids) > len(items)]
        own = {page.ids[len(items)] if front else page.ids[-len(items) - 1] for page in more}
        # Pages that begin at one row begin alike, and where what leads on is ignored, all do.
        if not items or min(len(own), len({page.row or 0 for page in more})) < ROWS:
            continue
        if any(_right_without(view, len(items), front=front, inside=inside) for inside in (False, True)):
            where = "at the front" if front else "at the end"
            amount = counted(len(items), "item")
            yield Cause(
                names.STICKY,
                f"{amount} stand{'s' * (len(items) == 1)} {where} of every page, wherever it begins.",
                line(
                    f"{items[0 if front else -1]} stands {where} of {counted(len(pages), 'page')}",
                    "all pages are right without what they share",
                ),
                "Ask two pages with limit=1 far apart, and past the end: the same items come.",
            )
            return


def _right_without(view: View, amount: int, *, front: bool, inside: bool) -> bool:
    """Whether no page contradicts the list when that number of items is taken from each.

    `inside`: the limit of a page counts them.
    """

    def rest(page: PageSeen) -> PageSeen:
        ids = page.ids[amount:] if front else page.ids[: max(0, len(page.ids) - amount)]
        limit = max(0, page.limit - amount) if inside and page.limit is not None else page.limit
        return replace(page, ids=ids, limit=limit)

    pages = tuple(rest(page) if page.plain and readable(page) else page for page in view.pages)
    world = world_of(replace(view, pages=pages))
    return world is not None and not world.contradictions
