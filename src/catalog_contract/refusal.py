"""Refusals: whether a query that must not be answered was refused as it should be."""

from catalog_contract.exchange import Exchange, NotJson
from catalog_contract.page import UNAVAILABLE
from catalog_contract.verdict import Evidence, NotJudged


def refused(exchange: Exchange, what: str) -> None:
    """A query must have been refused: a 4xx with a reason that a machine can read.

    Raises AssertionError when it was not, NotJudged when the service was not available.
    """
    status, target = exchange.status, exchange.request.target
    if exchange.failure is not None or status in UNAVAILABLE:
        raise NotJudged(f"{target}: {exchange.failure or f'answered {status}'}", exchange.curl)
    answered = f"{what} is answered {status}"
    assert status is not None and 400 <= status < 500, Evidence(
        f"{answered}, expected a refusal (4xx)\nin {target}", exchange.curl, (target,)
    )
    try:
        reason = exchange.data
    except NotJson:
        reason = None
    says = f"{answered} without a machine-readable reason (JSON)\nin {target}"
    assert isinstance(reason, dict | list) and reason, Evidence(says, exchange.curl, (target,))
