"""What every pager can do: the first page, the page at a row, and what an answer says of the page after it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Protocol

from catalog_contract.catalog.pagers.asking import Asking
from catalog_contract.model.exchange import MISSING, Exchange, Request
from catalog_contract.model.observation import Leads
from catalog_contract.model.place import Place


class Listed(Protocol):
    """A page as pagers see it: an answer that is a list, the limit it was asked with, and how many items it holds."""

    @property
    def exchange(self) -> Exchange: ...
    @property
    def limit(self) -> int | None: ...
    @property
    def count(self) -> int: ...


@dataclass(frozen=True)
class Next:
    """What follows a page: the request for the next one; None after the last one.

    `problem` says in a line what is wrong with how the answer leads on. Where it leads to another service there is no
    request: what it names must not be asked, and never with the key. `leads` is the kind of it.
    """

    request: Request | None = None
    problem: str = ""
    leads: Leads = Leads.NOTHING

    @property
    def kind(self) -> Leads:
        """What it says in one word."""
        return self.leads or (Leads.NEXT if self.request else Leads.LAST)


END = Next()
"""The page was the last one."""


class Pager(ABC):
    """How a list is read in pages. One of its kind for each style; no other code knows a style."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.contract = asking.contract
        self._made: dict[tuple[str | None, int, int | None], Request] = {}

    @property
    def leads(self) -> bool:
        """Whether the answers say by themselves what follows."""
        return self.contract.envelope.next is not None

    def bare(self, limit: int | None = None) -> Request:
        """A request without any position, as of someone who tries the API."""
        return self.asking.request(limit)

    def numbered(self, parameter: str | None, number: int, limit: int | None) -> Request:
        """The request for the page of a number, whatever the number counts: made once, many pages lead to it."""
        words = parameter, number, limit
        if words not in self._made:
            self._made[words] = self.asking.request(limit, (parameter, number))
        return self._made[words]

    def limit_of(self, request: Request) -> int | None:
        """The limit that a request asks for; None where it asks for none, or for no number."""
        return number(self.asking.value(request, self.asking.parameters.limit))

    @abstractmethod
    def first(self, limit: int | None) -> Request:
        """The request that a walk begins with."""

    @abstractmethod
    def at(self, row: int, limit: int | None) -> Request | None:
        """The request for the page that begins after that many items; None where it cannot be asked for directly."""

    def row_of(self, request: Request, limit: int | None) -> int | None:
        """How many items lie before the page that a request asks for; None where the request does not say."""
        return None

    def place(self, row: int, limit: int | None) -> str:
        """How the page after that many items is called in a message."""
        return f"row {row}"

    def next(self, page: Listed) -> Next:
        """What follows a page that is a list."""
        more = says_more(self.contract.envelope.places, page)
        if more is False:
            return END
        if not self.leads:
            return END if not page.count else self.count_on(page)
        onward = self.led(page, self.next_value(page))
        return (
            onward if onward != END or not more else Next(None, "more follows, it says, but not where", Leads.NOWHERE)
        )

    def says_last(self, page: Listed) -> bool:
        """Whether an answer says that it is the last, in whatever way the contract has it say so."""
        more = says_more(self.contract.envelope.places, page)
        if more is not None or self.contract.envelope.next is None:
            return more is False
        return nothing(self.next_value(page))

    def previous(self, page: Listed) -> Next:
        """What an answer says of the page before it; END on the first page, and where it says nothing of it."""
        place = self.contract.envelope.previous
        return END if place is None else self.led(page, place.read(page.exchange))

    def next_value(self, page: Listed) -> Any:
        """What the answer says that the next page is asked for by."""
        place = self.contract.envelope.next
        return MISSING if place is None else place.read(page.exchange)

    @abstractmethod
    def led(self, page: Listed, value: Any) -> Next:
        """What is asked for by a value that leads on or back; END where the value says nothing."""

    def count_on(self, page: Listed) -> Next:
        """What follows by counting, where the answers do not say."""
        return END


def nothing(value: Any) -> bool:
    """Whether a value that leads on says that nothing follows."""
    return value is MISSING or value is None or value is False or value == ""


def says_more(places: dict[str, Place], page: Listed) -> bool | None:
    """Whether an answer says that more follows; None where it says nothing, or nothing that can be understood."""
    for word, meaning in (("has_more", True), ("last", False)):
        reported = places[word].read(page.exchange) if word in places else MISSING
        if isinstance(reported, bool):
            return reported is meaning
    return None


def number(value: Any) -> int | None:
    """A whole number, also where it is written as text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value[:20])
    return value if isinstance(value, int) and not isinstance(value, bool) else None
