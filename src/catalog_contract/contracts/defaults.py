"""What a contract may leave out because it follows from the rest: page sizes that fit the maximum and the list."""

from collections.abc import Mapping
from typing import Any

from catalog_contract.model.contract import Transport
from catalog_contract.model.paging import Paging
from catalog_contract.model.style import STYLES

PAGE = 100
"""The usual page size, in items."""

BULK = 10_000
"""The least that a bulk read asks for where any limit is served."""

REQUESTS = 100
"""How many requests a run makes beside its walks."""

READS = 6
"""How often a whole list is read at the most: by three page sizes, each twice."""

ITEM_MEGABYTES = 0.002
"""How large an item of a long list is thought to be."""

PAGES = 4
"""A walk should take as many pages, or it shows little of the paging."""


def completed(data: Mapping[str, Any]) -> dict[str, Any]:
    """A contract with what follows from it written out. The data must fit the schema."""
    style = STYLES[data["paging"]["style"]]
    parameters = {"offset": None, "limit": None, **style.parameters, **data.get("parameters", {})}
    parameters["limit"] = parameters["limit"] or None  # empty: the style has one as a rule, this service has none
    largest = _largest(data) if parameters["limit"] else None
    far = {"far_offset": max(Paging.far_offset, 2 * (_largest(data) or 0))}
    paging = {**_page_sizes(data["paging"], largest), **far, "starts_at": style.starts_at, **data["paging"]}
    transport = {
        "maximum_requests": _requests(paging, largest),
        "run_cap_megabytes": max(Transport.run_cap_megabytes, READS * ITEM_MEGABYTES * (largest or 0)),
        **data.get("transport", {}),
    }
    return {**data, "parameters": parameters, "paging": paging, "transport": transport}


def _requests(paging: Mapping[str, Any], largest: int | None) -> int:
    """How many requests a run may send: the usual number, and room for the walks of a long list, each made twice."""
    sizes = (paging["page_size"], paging["other_page_size"], paging["bulk_limit"])
    pages: int = sum(-(-(largest or 0) // size) for size in sizes)
    return max(Transport.maximum_requests, REQUESTS + 2 * pages)


def _largest(data: Mapping[str, Any]) -> int | None:
    """How many items the largest collection is expected to hold; None where that is not known of any."""
    totals = [c[key] for c in data["collections"] for key in ("expected_total", "minimum_total") if key in c]
    return max(totals, default=None)


def _page_sizes(paging: Mapping[str, Any], largest: int | None) -> dict[str, int]:
    served = paging.get("above_maximum") == "served"
    maximum, default = paging.get("maximum_limit"), paging.get("default_limit")
    # Where no maximum is documented, none but the documented page sizes is asked for: a larger one may be cut.
    most = maximum or (default if isinstance(default, int) and not served else PAGE)
    page = paging.get("page_size") or max(1, min(PAGE, most, *([-(-largest // PAGES)] if largest else [])))
    room = maximum or (7 * page if served else page)
    half = max(2, largest // 2) if largest else page  # a larger page could hold the whole list
    bulk = maximum or (max(BULK, 2 * (largest or 0), page) if served else page)
    return {"page_size": page, "other_page_size": _prime(min(room, 7 * page, half), page), "bulk_limit": bulk}


def _prime(most: int, other_than: int) -> int:
    """The largest prime up to `most` that is not `other_than`; the nearest number where there is none."""
    for number in range(most, 1, -1):
        if number != other_than and all(number % factor for factor in range(2, int(number**0.5) + 1)):
            return number
    return 1 if other_than > 1 or most == 1 else 2
