"""What drafting works on: recorded answers, each with the parameters it was asked by."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog_contract.catalog.page import Page
from catalog_contract.model.exchange import Exchange
from catalog_contract.model.place import Id, Identity, Place
from catalog_contract.model.words import Envelope
from catalog_contract.util.text import line
from catalog_contract.util.urls import shown_url


class DraftError(ValueError):
    """No contract can be drafted; the message is one line: what was found, and what to do."""


class NoAnswer(DraftError):
    """The service cannot be reached."""


@dataclass(frozen=True)
class Probe:
    """One recorded answer. `asked` are the parameters added to the fixed ones of the URL."""

    exchange: Exchange
    asked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """Where the items stand in an answer, and what names one."""

    items: Place
    id: Identity

    def page(self, probe: Probe) -> Page:
        """An answer read as a list; an empty page may leave its list out."""
        envelope = Envelope(items=self.items, optional=("items",))
        return Page(probe.exchange, envelope, self.id)

    def ids(self, probe: Probe) -> tuple[Id, ...] | None:
        """The ids of a page; None where the answer is not a list."""
        page = self.page(probe)
        return None if page.fault else page.ids

    def rows(self, probe: Probe) -> list[Any]:
        """The items of a page; none where the answer is not a list."""
        page = self.page(probe)
        return [] if page.fault else list(page.items)


@dataclass(frozen=True)
class Value:
    """A value of the drafted contract, and the comment that says how sure it is."""

    value: object
    why: str


@dataclass(frozen=True)
class Unknown:
    """What could not be found out: the key of the contract, why, and a line that could be filled in."""

    key: str
    why: str
    example: str = ""


def asked_at(exchange: Exchange) -> str:
    """What was asked, as a message names it: the URL with its host, the values of its query masked."""
    return line(shown_url(exchange.url), 160)


LIMITS = (
    "limit", "per_page", "page_size", "size", "pageSize", "rows", "_limit", "count", "maxResults", "take", "$top",
    "page[size]", "max_results", "perPage", "per-page", "page[limit]", "_size", "_count", "results", "n", "first",
    "hitsPerPage", "pagelen", "pagesize", "$limit", "MaxResults", "PageSize", "MaxItems", "Limit",
)  # fmt: skip
"""Names of the parameter that sets the page size, the likeliest first."""

OFFSETS = (
    "offset", "skip", "start", "startIndex", "_start", "startAt", "$skip", "page[offset]", "from", "start_index",
    "$offset",
)  # fmt: skip
"""Names of the parameter that skips items."""

PAGES = ("page", "_page", "pageNumber", "page_number", "page[number]", "pageIndex", "p")
"""Names of the parameter that is the number of a page."""

CURSORS = (
    "cursor",
    "page_token",
    "pageToken",
    "after",
    "next",
    "starting_after",
    "token",
    "next_token",
    "continuation",
    "nextToken",
    "continuationToken",
    "continuation_token",
    "pagination_token",
)
"""Names of the parameter that carries a cursor or token."""

AFTER = ("after", "starting_after", "after_id", "since_id", "start_after", "last_id", "marker")
"""Names of the parameter that carries the id of the last item seen."""


GROUPED = re.compile(r"(?:page|pagination|paging)\[(\w+)\]")
"""A parameter of a group, as `pagination[pageSize]`: it is what its last word is."""


def kind_of(name: str) -> str:
    """What a parameter of that name usually is: limit, offset, page, or empty for anything else."""
    grouped = GROUPED.fullmatch(name)
    for kind, names in (("limit", LIMITS), ("offset", OFFSETS), ("page", PAGES)):
        if name in names or (grouped and grouped[1] in names):
            return kind
    return ""


def leads_on(name: str) -> bool:
    """Whether a parameter of that name usually carries a cursor, a token or the id of the last item seen."""
    grouped = GROUPED.fullmatch(name)
    return any(word in CURSORS or word in AFTER for word in (name, grouped[1] if grouped else ""))
