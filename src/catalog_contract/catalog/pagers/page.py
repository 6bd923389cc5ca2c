"""Pages by their number."""

from typing import Any

from catalog_contract.catalog.pagers.base import END, Listed, Next, Pager, nothing, number
from catalog_contract.catalog.pagers.links import followed
from catalog_contract.model.exchange import Request


class PagePager(Pager):
    """The number counts from `starts_at`. Where the answers name the next number or a link, these lead on."""

    def first(self, limit: int | None) -> Request:
        """The first page, by its number."""
        return self._of(self.contract.paging.starts_at, limit)

    def at(self, row: int, limit: int | None) -> Request | None:
        """The first row of a page can be asked for, no other."""
        size = self._size(limit)
        if not size or row % size:
            return None if row else self.first(limit)
        return self._of(self.contract.paging.starts_at + row // size, limit)

    def row_of(self, request: Request, limit: int | None) -> int | None:
        """What the number of the page says."""
        page = number(self.asking.value(request, self.asking.parameters.page))
        size = self._size(limit)
        return None if page is None or not size else (page - self.contract.paging.starts_at) * size

    def place(self, row: int, limit: int | None) -> str:
        """By its number."""
        size = self._size(limit)
        return f"page {self.contract.paging.starts_at + (row // size if size else 0)}"

    def _size(self, limit: int | None) -> int | None:
        """How many items a page holds: what the contract says, where no limit can be asked for."""
        own = None if self.asking.parameters.limit else self.contract.paging.page_size
        return self.contract.paging.most(limit) or own

    def _of(self, page: int, limit: int | None) -> Request:
        return self.numbered(self.asking.parameters.page, page, limit)

    def led(self, page: Listed, value: Any) -> Next:
        """A number is that of a page, a text a link."""
        following = number(value)
        if following is not None:
            return Next(self._of(following, page.limit))
        return END if nothing(value) else followed(page, value, self.contract.cursor.public_origin)

    def count_on(self, page: Listed) -> Next:
        """The number after the one that was asked for."""
        asked = number(self.asking.value(page.exchange.request, self.asking.parameters.page))
        return Next(self._of((self.contract.paging.starts_at if asked is None else asked) + 1, page.limit))
