"""Pages by offset: the number of items to skip."""

from typing import Any

from catalog_contract.catalog.pagers.base import END, Listed, Next, Pager, nothing, number
from catalog_contract.catalog.pagers.links import followed
from catalog_contract.model.exchange import MISSING, Request


class OffsetPager(Pager):
    """The offset counts from `starts_at`. Where the answers name the next offset or a link, these lead on."""

    @property
    def leads(self) -> bool:
        """Whether there is a next, or a next offset."""
        return super().leads or self.contract.envelope.next_offset is not None

    def first(self, limit: int | None) -> Request:
        """From the first row on."""
        return self._from(self.contract.paging.starts_at, limit)

    def at(self, row: int, limit: int | None) -> Request:
        """Any row can be asked for."""
        return self._from(self.contract.paging.starts_at + row, limit)

    def row_of(self, request: Request, limit: int | None) -> int | None:
        """What the offset says."""
        offset = number(self.asking.value(request, self.asking.parameters.offset))
        return None if offset is None else offset - self.contract.paging.starts_at

    def place(self, row: int, limit: int | None) -> str:
        """By its offset, as it is asked for."""
        return f"offset {self.contract.paging.starts_at + row}"

    def _from(self, offset: int, limit: int | None) -> Request:
        return self.numbered(self.asking.parameters.offset, offset, limit)

    def next_value(self, page: Listed) -> Any:
        """A link or an offset."""
        place = self.contract.envelope.next_offset
        return super().next_value(page) if super().leads else MISSING if place is None else place.read(page.exchange)

    def led(self, page: Listed, value: Any) -> Next:
        """A number is an offset, a text a link."""
        offset = number(value)
        if offset is not None:
            return Next(self._from(offset, page.limit))
        return END if nothing(value) else followed(page, value, self.contract.cursor.public_origin)

    def count_on(self, page: Listed) -> Next:
        """The limit further on; where none was asked for, as many items as there were."""
        asked = number(self.asking.value(page.exchange.request, self.asking.parameters.offset))
        offset = self.contract.paging.starts_at if asked is None else asked
        return Next(self._from(offset + (page.limit or page.count), page.limit))
