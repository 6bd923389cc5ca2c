"""Names that are likelier than the usual ones: echoed in an answer, in its next link, in the URL given, documented."""

import re
from dataclasses import dataclass

from catalog_contract.drafting.onward import Onward, scalars
from catalog_contract.drafting.probe import Probe, Shape, kind_of, leads_on

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Hints:
    """Parameters to try first."""

    limits: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    cursors: tuple[str, ...] = ()

    def joined(self, other: "Hints") -> "Hints":
        """These hints, then those of another source, each once."""
        mine, theirs = (self.limits, self.positions, self.cursors), (other.limits, other.positions, other.cursors)
        return Hints(*(tuple(dict.fromkeys((*a, *b))) for a, b in zip(mine, theirs, strict=True)))


ODATA = Hints(("$top",), ("$skip",))
"""What the standard calls them whose marks stand in an answer."""


CAPITALS = Hints(("MaxResults", "PageSize", "MaxItems", "Limit"))
"""What a limit is called where the words of an answer begin with a capital, as `NextToken`."""


def of_names(names: list[str]) -> Hints:
    """The parameters among some names that page."""
    return Hints(
        tuple(name for name in names if kind_of(name) == "limit"),
        tuple(name for name in names if kind_of(name) in ("offset", "page")),
        tuple(name for name in names if leads_on(name) and not kind_of(name)),
    )


def echoed(probe: Probe, shape: Shape, lead: Onward | None) -> Hints:
    """Parameters whose names stand in an answer with the value that they have by default, or in its next link."""
    linked = of_names([name for name, value in lead.query.items() if value.isdigit()] if lead else [])
    if any(path.startswith("@odata.") for path, _ in scalars(probe.exchange.data, shape.items)):
        linked = linked.joined(ODATA)
    if lead and lead.kind == "token" and lead.place.rpartition(".")[2][:1].isupper():
        linked = linked.joined(CAPITALS)
    if lead and lead.kind == "link" and not of_names(list(lead.query)).positions:
        return Hints(linked.limits)
    size = len(shape.ids(probe) or ())
    limits, positions = [], []
    for path, value in scalars(probe.exchange.data, shape.items):
        *_, group, bare = ["", *path.split(".")]
        for name in (bare, f"{group}[{bare}]"):  # `meta.pagination.page` may be asked for by `pagination[page]`
            kind = kind_of(name) if type(value) is int else ""
            if kind == "limit" and value >= size:
                limits.append(name)
            elif kind and value in (0, 1):
                positions.append(name)
    return linked.joined(Hints(tuple(limits), tuple(positions)))


def split(query: Pairs) -> tuple[Pairs, tuple[str, ...], Hints]:
    """The parameters of a URL that are fixed, the names of those that page, and these as hints.

    `?tag=a&limit=10&page_token=abc` keeps the tag alone: the list is asked from its beginning. A date is no cursor:
    `after=2026-01-31` selects.
    """
    paging = dict.fromkeys(name for name, value in query if _pages(name, value))
    return tuple((name, value) for name, value in query if name not in paging), tuple(paging), of_names(list(paging))


def _pages(name: str, value: str) -> bool:
    if kind_of(name):
        return value.isdigit()
    return leads_on(name) and not re.match(r"[0-9]{4}-[0-9]{2}", value)
