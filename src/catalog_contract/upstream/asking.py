"""How an upstream is asked: once, politely, and not again after it refused."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace

from catalog_contract.catalog.page import Page
from catalog_contract.catalog.pagers import Asking, Pager, pager_of
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import NOT_ASKED, Exchange, Request
from catalog_contract.model.place import Id
from catalog_contract.transport.base import Source
from catalog_contract.util.text import line

TOO_MANY_REQUESTS, SERVER_ERROR = 429, 500
PAUSE_SECONDS = 0.5
"""How long after a failure the same is asked once more."""

Query = tuple[tuple[str, str], ...]


class Upstream:
    """The list of an upstream, read by the words of a contract.

    `query` are the parameters that the service sends with every request, without those of paging. After a 429 nothing
    more is asked: every later page says so. Where nothing came, or an error of the server,
    it is asked once more.
    """

    def __init__(self, contract: Contract, source: Source, query: Query) -> None:
        self.contract = contract
        self.query = query
        self.refused = ""
        self._source = source
        self._pages: dict[str, Page] = {}

    def pager(self, query: Query | None = None) -> Pager:
        """What puts requests together, with other parameters where they are given."""
        return pager_of(Asking(self.contract, query=self.query if query is None else query))

    def page(self, limit: int | None, *position: tuple[str, str], query: Query | None = None) -> Page:
        """The page for a limit and a position."""
        request = self.pager(query).first(limit)
        return self.read(replace(request, query=(*request.query, *position)), 0, limit)

    def read(self, request: Request, row: int | None, limit: int | None) -> Page:
        """A page by its request; one that was read already is not asked for again."""
        if request.key not in self._pages:
            page = self._read(request, row, limit)
            if _failed(page) and not self.refused:
                time.sleep(PAUSE_SECONDS)
                page = self._read(request, row, limit)
            self._pages[request.key] = page
        return self._pages[request.key]

    def _read(self, request: Request, row: int | None, limit: int | None) -> Page:
        if self.refused:
            return self.unread(f"{NOT_ASKED}{self.refused}")
        exchange = self._source.fetch(request)
        if exchange.status == TOO_MANY_REQUESTS:
            self.refused = f"the upstream answered 429{_later(exchange)}"
        return Page(exchange, self.contract.envelope, self.contract.item.id, row, limit)

    def listed_again(self, page: Page) -> tuple[Id, ...]:
        """What a page lists when it is read a second time; nothing where it is not a list."""
        again = self.read(page.exchange.request.as_reading(2), page.row, page.limit)
        return () if again.fault else again.ids

    def unread(self, why: str) -> Page:
        """What stands for a page that was not asked for."""
        request = self.pager().bare()
        return Page(Exchange(request, request.target, failure=why), self.contract.envelope, self.contract.item.id)

    def follows(self, page: Page) -> Request | None:
        """The request for what follows a page, by its own link; None where it names nothing, or is not a list."""
        return None if page.fault else self.pager().next(page).request


def _failed(page: Page) -> bool:
    """Whether nothing came, or an error of the server: asking again may help."""
    return page.exchange.failure is not None or (page.exchange.status or 0) >= SERVER_ERROR


def _later(exchange: Exchange) -> str:
    """When it wants to be asked again, by `Retry-After` or `RateLimit`."""
    reported = re.search(r"\bt=([0-9]{1,9})", exchange.header("ratelimit") or "")
    seconds = reported[1] if reported else exchange.header("retry-after")
    return f" (ask again in {line(seconds, 40)} s)" if seconds else ""


def newcomers(first: Sequence[Id], other: Sequence[Id]) -> int | None:
    """How many items entered at the front of a page between two readings of it; None where it is another page.

    What both hold stands at the beginning of the first reading, and at the end of the other.
    """
    held = frozenset(other)
    common = [id for id in first if id in held]
    same_list = common and [*first[: len(common)]] == common == [*other[len(other) - len(common) :]]
    return len(other) - len(common) if same_list else None


def moved(first: Sequence[Id], other: Sequence[Id]) -> bool:
    """Whether a page lies behind another: they share nothing, or the last of the one, pushed there by newcomers."""
    held = frozenset(other)
    common = [id for id in first if id in held]
    if newcomers(first, other) is not None:
        return False
    return not common or (common == [*other[: len(common)]] and [*first[len(first) - len(common) :]] == common)
