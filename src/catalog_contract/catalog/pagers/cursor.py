"""Pages by a cursor, a token, or the id of the last item: a value of the answer that the next request carries."""

from typing import Any

from catalog_contract.catalog.pagers.base import END, Listed, Next, Pager, nothing
from catalog_contract.model.exchange import Request
from catalog_contract.model.observation import Leads


class CursorPager(Pager):
    """No row but the first can be asked for without the answer before it."""

    def first(self, limit: int | None) -> Request:
        """Without a cursor."""
        return self.asking.request(limit)

    def at(self, row: int, limit: int | None) -> Request | None:
        """Only the first row."""
        return None if row else self.first(limit)

    def led(self, page: Listed, value: Any) -> Next:
        """The value as it is; where the cursor does not stand in the body, as text. True is not a cursor."""
        if nothing(value):
            return END
        if value is True:
            return Next(None, "what should lead on is not a cursor: true", Leads.NO_LINK)
        return Next(self.asking.request(page.limit, (self.asking.parameters.cursor, value)))
