"""No pages: one answer holds the whole list."""

from typing import Any

from catalog_contract.catalog.pagers.base import END, Listed, Next, Pager
from catalog_contract.model.exchange import Request


class NonePager(Pager):
    """There is one request, and nothing follows it."""

    @property
    def leads(self) -> bool:
        """Nothing leads on."""
        return False

    def first(self, limit: int | None) -> Request:
        """The list itself."""
        return self.asking.request(None)

    def at(self, row: int, limit: int | None) -> Request | None:
        """Only the first row."""
        return None if row else self.first(limit)

    def led(self, page: Listed, value: Any) -> Next:
        """Nothing."""
        return END
