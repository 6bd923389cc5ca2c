"""The paging styles by name, and what a contract of each may leave out. How each pages is in `catalog.pagers`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

LINK, VALUE = "link", "value"


@dataclass(frozen=True)
class Style:
    """What follows from the style of a contract where it says nothing else.

    `parameters` are the names of parameters that the style has in any case, `starts_at` the number of the first row or
    page, `needs` the words of the contract without which the style cannot page. `random_access` tells whether any
    row, `by_page` whether the first row of any page can be asked for directly, `leads_by` whether a page is asked for
    by a "value" of the page before it or by a "link"; empty where nothing can lead on.
    """

    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    starts_at: int = 0
    needs: tuple[str, ...] = ()
    random_access: bool = False
    by_page: bool = False
    leads_by: str = LINK


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "offset": Style(MappingProxyType({"offset": "offset", "limit": "limit"}), random_access=True, by_page=True),
        "page": Style(MappingProxyType({"page": "page"}), starts_at=1, by_page=True),
        "cursor": Style(needs=("parameters.cursor", "envelope.next"), leads_by=VALUE),
        "link": Style(needs=("envelope.next",)),
        "range": Style(MappingProxyType({"offset": "start", "limit": "end"}), random_access=True, by_page=True),
        "none": Style(leads_by=""),
    }
)
"""Every style; the schema of contracts has the same names."""
