"""Pagers: how a list is read in pages. A module a style; nothing else knows a style."""

from catalog_contract.catalog.pagers.asking import Asking
from catalog_contract.catalog.pagers.base import END, Listed, Next, Pager
from catalog_contract.catalog.pagers.cursor import CursorPager
from catalog_contract.catalog.pagers.link import LinkPager
from catalog_contract.catalog.pagers.none import NonePager
from catalog_contract.catalog.pagers.offset import OffsetPager
from catalog_contract.catalog.pagers.page import PagePager
from catalog_contract.catalog.pagers.range import RangePager

__all__ = ["END", "PAGERS", "Asking", "Listed", "Next", "Pager", "pager_of"]

PAGERS: dict[str, type[Pager]] = {
    "offset": OffsetPager,
    "page": PagePager,
    "cursor": CursorPager,
    "link": LinkPager,
    "range": RangePager,
    "none": NonePager,
}
"""Every pager by the name of its style in a contract."""


def pager_of(asking: Asking) -> Pager:
    """The pager of the style that a contract names."""
    return PAGERS[asking.contract.paging.style](asking)
