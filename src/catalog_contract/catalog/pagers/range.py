"""Pages by range: the first row, and the row at which the page ends."""

from catalog_contract.catalog.pagers.offset import OffsetPager
from catalog_contract.model.exchange import Request


class RangePager(OffsetPager):
    """As by offset; the limit is asked for as the row behind the last one, counted as the offset is."""

    def bare(self, limit: int | None = None) -> Request:
        """Without a first row, from the beginning."""
        end = None if limit is None else self.contract.paging.starts_at + limit
        return self.asking.request(end)

    def limit_of(self, request: Request) -> int | None:
        """The end, less the first row."""
        end = super().limit_of(request)
        return None if end is None else end - self.contract.paging.starts_at - (self.row_of(request, None) or 0)

    def _from(self, offset: int, limit: int | None) -> Request:
        end = None if limit is None else offset + limit
        return self.asking.request(end, (self.asking.parameters.offset, offset))
