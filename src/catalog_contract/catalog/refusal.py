"""Refusals: whether a query that must not be answered was refused as it should be.

PYTEST_DONT_REWRITE: what is asserted with is evidence, and pytest would make a text of it.
"""

from collections.abc import Callable

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.page import UNAVAILABLE, Page, some
from catalog_contract.catalog.reading import Part
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.json_body import NotJson
from catalog_contract.model.verdict import Evidence, Kind, NotJudged

REFUSALS = frozenset({401, 403})
"""Of what may mean "not allowed in", what is a refusal where the same client is let in with a good query."""


def refused(
    exchange: Exchange,
    what: str,
    holding: Callable[[], str] = str,
    *,
    with_reason: bool = True,
    kind: Callable[[], Kind] = lambda: Kind.SERVED,
) -> None:
    """A query must have been refused: a 4xx with a reason that a machine can read.

    To be asked where a good query is answered. `holding` says of an answer in words what it holds, and `kind` in one
    word; both are asked only where the query was not refused. `with_reason` False asks for no reason.
    Raises AssertionError when it was not, NotJudged when the service was not available.
    """
    status, target = exchange.status, exchange.request.label
    if exchange.failure is not None or status in UNAVAILABLE - REFUSALS:
        raise NotJudged(f"{target}: {exchange.failure or f'answered {status}'}", exchange.curl)
    answered = f"{what} is answered {status}"
    assert status is not None and 400 <= status < 500, Evidence(
        f"{answered}{holding()}, expected a refusal (4xx)\nin {target}",
        exchange.curl,
        (target,),
        kind=Kind.CRASHED if status is None or status >= 500 else kind() if status < 300 else Kind.OTHER,
    )
    if not with_reason:
        return
    try:
        reason = exchange.data
    except NotJson:
        reason = None
    message = f"{answered} without a machine-readable reason (JSON)\nin {target}"
    values = reason.values() if isinstance(reason, dict) else reason if isinstance(reason, list) else ()
    assert any(values), Evidence(message, exchange.curl, (target,), kind=Kind.POOR_REFUSAL)


def treated_as_bad(catalog: Catalog, request: Request, what: str, part: Part, first: Page) -> None:
    """A request with a cursor that is not one of its query must be refused, or ignored, as the contract declares.

    `first` is the first page of the part that is asked for: what comes where the cursor is ignored. Raises
    AssertionError where something else comes, NotJudged when the service was not available or the list moved.
    """
    page = catalog.listing(catalog.ask(request))
    if catalog.contract.cursor.bad == "refused":
        refused(page.exchange, what, lambda: "" if page.fault else f" with {catalog.items(page.count)}")
        return
    if page.unavailable:
        raise page.not_judged()
    assert not page.fault, page.evidence(f"{what} {page.fault}, expected the first page")
    page, first = catalog.settle(
        lambda after: catalog.listing(catalog.ask(request, after)),
        lambda after: catalog.page_of_part(part, 0, first.limit, after) if after else first,
        lambda page, first: page.ids == first.ids,
        lambda reading: reading.ids,
    )
    message = f"{what} is answered with {some(page.ids[:1])}, expected the first page, {some(first.ids[:1])}"
    assert page.ids == first.ids, page.evidence(message)
