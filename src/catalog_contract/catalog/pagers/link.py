"""Pages by links alone."""

from typing import Any

from catalog_contract.catalog.pagers.base import Listed, Next, Pager
from catalog_contract.catalog.pagers.links import followed
from catalog_contract.model.exchange import Request


class LinkPager(Pager):
    """No row but the first can be asked for without the answer before it."""

    def first(self, limit: int | None) -> Request:
        """The list itself."""
        return self.asking.request(limit)

    def at(self, row: int, limit: int | None) -> Request | None:
        """Only the first row."""
        return None if row else self.first(limit)

    def led(self, page: Listed, value: Any) -> Next:
        """Where the link leads."""
        return followed(page, value, self.contract.cursor.public_origin)
