"""What the processes of one run saw, merged."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from catalog_contract.model.contract import Contract
from catalog_contract.model.observation import PageSeen, RequestSeen


@dataclass(frozen=True)
class Observed:
    """What one process saw: every listing answer and every request. Travels as plain values between workers.

    `compared` names each collection that was compared with another deployment, with what differs (empty: nothing).
    """

    pages: tuple[PageSeen, ...] = ()
    requests: tuple[RequestSeen, ...] = ()
    unplayed: tuple[str, ...] = ()
    compared: tuple[tuple[str, str], ...] = ()

    def plain(self) -> dict[str, Any]:
        """The same as dictionaries and lists."""
        return asdict(self)

    @classmethod
    def from_plain(cls, values: dict[str, Any]) -> "Observed":
        """What `plain` gave."""
        pages = (PageSeen(**{word: _frozen(value) for word, value in page.items()}) for page in values["pages"])
        requests = (RequestSeen(**{**request, "retries": tuple(request["retries"])}) for request in values["requests"])
        compared = ((name, found) for name, found in values["compared"])
        return cls(tuple(pages), tuple(requests), tuple(values["unplayed"]), tuple(compared))


def _frozen(value: Any) -> Any:
    """The value with tuples in place of the lists that it became on its way."""
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


def merged(seen: Iterable[Observed], contract: Contract) -> Observed:
    """What several workers saw, each request once and in an order that does not tell who asked first."""
    everything = list(seen)
    places = {collection.name: place for place, collection in enumerate(contract.collections)}
    pages = {page for one in everything for page in one.pages}
    requests = {(r.target, r.added, r.reading): r for one in everything for r in one.requests}
    unplayed = [set(one.unplayed) for one in everything]
    left = set.intersection(*unplayed) if unplayed else set()
    return Observed(
        tuple(sorted(pages, key=lambda p: (places[p.collection], natural(p.target), p.reading, p.bulk, p.walk))),
        tuple(sorted(requests.values(), key=lambda r: (natural(r.target), r.added, r.reading))),
        tuple(sorted(left, key=natural)),
        tuple(sorted({pair for one in everything for pair in one.compared}, key=lambda pair: places[pair[0]])),
    )


def natural(text: str) -> list[object]:
    """A key that sorts texts as a person would: offset=200 before offset=1000."""
    return [int(part) if odd % 2 else part for odd, part in enumerate(re.split(r"([0-9]{1,18})", text))]
