"""The default, the maximum, and what lies past the end: read from answers to a few requests."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog_contract.drafting.probe import Probe, Shape
from catalog_contract.model.exchange import Exchange
from catalog_contract.model.place import Id

OVER = (1_001, 10_001)
"""Limits over the usual maxima; the second is asked only where the whole list came for the first."""

LADDER = (1_000, 500, 250, 200, 100, 50, 25, 20, 10)
"""Usual maxima, tried where a refusal names none."""


@dataclass(frozen=True)
class Ceiling:
    """The largest page: `maximum`, what is done `above` it (None where that was not seen), and `why`: the evidence."""

    maximum: int | None = None
    above: str | None = None
    why: str = ""


def is_refusal(exchange: Exchange) -> bool:
    """Whether an answer refuses a query."""
    return exchange.failure is None and exchange.status is not None and exchange.status in (400, 404, 413, 416, 422)


def reasoned(exchange: Exchange) -> bool:
    """Whether a refusal has a reason that a machine can read."""
    return is_refusal(exchange) and exchange.is_json and bool(exchange.data)


def numbers_named(exchange: Exchange, asked: int, least: int) -> list[int]:
    """Maxima that a refusal may name: the numbers in its text from `least` to below the limit asked, largest first.

    A number that is also the status comes last, and is left out as a value of its own (`"code": 400`).
    """
    text = (exchange.body or b"").decode("utf-8", "replace")
    text = re.sub(rf':\s*"?{exchange.status}"?(?=\s*[,}}])', ":", text)
    found = {int(number) for number in re.findall(r"(?<![\w.])[0-9]{1,6}(?![\w])", text)}
    fitting = (number for number in found if least <= number < asked)
    return sorted(fitting, key=lambda number: (number == exchange.status, -number))


def same_page(probe: Probe, ids: Sequence[Id] | None, shape: Shape) -> bool:
    """Whether an answer lists exactly these ids."""
    return ids is not None and shape.ids(probe) == tuple(ids)


def past_end(far: Probe, further: Probe | None, shape: Shape) -> str | None:
    """What a page past the end does: empty, refused, last; None where that cannot be determined."""
    if is_refusal(far.exchange):
        return "refused"
    ids = shape.ids(far)
    if ids is None:
        return None
    if not ids:
        return "empty"
    return "last" if further and same_page(further, ids, shape) else None
