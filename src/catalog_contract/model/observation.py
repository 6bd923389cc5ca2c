"""What was observed: every listing answer, and every request."""

from dataclasses import dataclass
from enum import StrEnum

from catalog_contract.model.exchange import resent


class Purpose(StrEnum):
    """Why a page was asked for."""

    WHOLE = "whole"
    ALIAS = "alias"
    UNKNOWN = "unknown collection"
    OWNER = "owner"
    FILTER = "filter"
    SORT = "sort"
    HEADERS = "headers"


class Leads(StrEnum):
    """What a response says of the page after it. `NOTHING` where its contract has no word for it."""

    NOTHING = ""
    LAST = "last"
    NEXT = "next"
    PATH = "another path"
    AWAY = "another address"
    NO_LINK = "no link"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class PageSeen:
    """One listing answer as observed: where it lies in the list and what it held.

    `ids` has one entry a row, None for a row without a usable id. `total` is what the answer's counter
    stated. `plain` tells whether the collection was asked for by its own name, without filter and further headers.

    `purpose` says why it was asked (see `Purpose`), `name` by which name of the collection, `chosen` which filter, sort
    or owner was asked for. `key` names the request whatever its reading. `leads` says what the response says of the
    next page (see `Leads`), `next_key` and `next_row` which request and row that is, `lost` which parameters that
    request lacks. `reported` are all counters by the words of the contract. `marks` are, for filters, sorts and owners
    that the contract declares, what each item says there; only pages of the bulk read have them. `not_asked` says why
    the run asked nothing: "limit" of its own, or "down"; empty where it asked.
    """

    collection: str
    target: str
    row: int | None
    limit: int | None
    status: int | None
    ids: tuple[str | None, ...]
    total: object = None
    walk: bool = False
    bulk: bool = False
    reading: int = 1
    failure: str = ""
    plain: bool = True
    purpose: str = "whole"
    name: str = ""
    chosen: str = ""
    key: str = ""
    leads: str = ""
    next_key: str = ""
    next_row: int | None = None
    lost: tuple[str, ...] = ()
    reported: tuple[tuple[str, object], ...] = ()
    marks: tuple[tuple[str, tuple[object, ...]], ...] = ()
    not_asked: str = ""


@dataclass(frozen=True)
class RequestSeen:
    """One request of the run as the reports list it.

    `seconds` is None for a recording, `size` in bytes. `added` are the headers that this request adds.
    """

    target: str
    status: int | None
    seconds: float | None
    size: int
    retries: tuple[str, ...] = ()
    failure: str = ""
    reading: int = 1
    added: str = ""

    @property
    def resent(self) -> int:
        """How often it was sent again."""
        return resent(self.retries)
