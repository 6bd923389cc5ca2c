"""Refusals: whether a query that must not be answered was refused as it should be.

PYTEST_DONT_REWRITE: what is asserted with is evidence, and pytest would make a text of it.
"""

from collections.abc import Callable

from catalog_contract.catalog.page import UNAVAILABLE
from catalog_contract.model.exchange import Exchange
from catalog_contract.model.json_body import NotJson
from catalog_contract.model.verdict import Evidence, NotJudged

REFUSALS = frozenset({401, 403})
"""Of what may mean "not allowed in", what is a refusal where the same client is let in with a good query."""


def refused(exchange: Exchange, what: str, holding: Callable[[], str] = str, *, with_reason: bool = True) -> None:
    """A query must have been refused: a 4xx with a reason that a machine can read.

    To be asked where a good query is answered. `holding` says of an answer in words what it holds; it is asked
    only where the query was not refused. `with_reason` False asks for no reason.
    Raises AssertionError when it was not, NotJudged when the service was not available.
    """
    status, target = exchange.status, exchange.request.label
    if exchange.failure is not None or status in UNAVAILABLE - REFUSALS:
        raise NotJudged(f"{target}: {exchange.failure or f'answered {status}'}", exchange.curl)
    answered = f"{what} is answered {status}"
    assert status is not None and 400 <= status < 500, Evidence(
        f"{answered}{holding()}, expected a refusal (4xx)\nin {target}", exchange.curl, (target,)
    )
    if not with_reason:
        return
    try:
        reason = exchange.data
    except NotJson:
        reason = None
    message = f"{answered} without a machine-readable reason (JSON)\nin {target}"
    values = reason.values() if isinstance(reason, dict) else reason if isinstance(reason, list) else ()
    assert any(values), Evidence(message, exchange.curl, (target,))
