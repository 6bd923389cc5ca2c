"""The totals of the last runs in a few lines, this run last."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog_contract.model.run import Past, Run
from catalog_contract.model.verdict import Verdict
from catalog_contract.report.drawing import now

RUNS = 7
"""How many runs are shown, this one among them."""

GATEWAYS = 3
"""How many collections are shown whose total has changed."""

ALL = "all together"


@dataclass(frozen=True)
class Trend:
    """`days` of the runs (`10-18`), and a row of totals for each name; None where a list could not be read.

    `more` collections have changed too and are not shown.
    """

    days: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]
    more: int = 0


def trend(run: Run) -> Trend | None:
    """The trend of a run: all collections together, then those that changed, broken ones and large changes first.

    None for a run without a history.
    """
    if not run.past or not run.counts:
        return None
    runs = [*run.past, now(run)][-RUNS:]
    rows = [(count.collection, tuple(dict(past.totals).get(count.collection) for past in runs)) for count in run.counts]
    changed = sorted((row for row in rows if _moved(row[1])), key=lambda row: _weight(run, *row), reverse=True)
    merges = {count.collection for count in run.counts if count.merges}
    together = [(ALL, tuple(_together(past, merges) for past in runs))] if len(rows) > 1 else rows
    shown = [row for row in changed if row not in together][:GATEWAYS]
    more = len(changed) - len(shown) - sum(row in together for row in changed)
    return Trend(tuple(_day(past.started) for past in runs), (*together, *shown), more)


def _together(past: Past, merges: set[str]) -> int | None:
    totals = [total for name, total in past.totals if name not in merges]
    return None if None in totals or not totals else sum(total for total in totals if total is not None)


def _moved(totals: Sequence[int | None]) -> bool:
    return len({total for total in totals if total is not None}) > 1


def _weight(run: Run, collection: str, totals: Sequence[int | None]) -> tuple[bool, float]:
    known = [total for total in totals if total is not None]
    broken = any(count.collection == collection and count.verdict is Verdict.BROKEN for count in run.counts)
    return broken, (max(known) - min(known)) / max(1, max(known))


def _day(started: str) -> str:
    found = re.match(r"[0-9]{4}-([0-9]{2}-[0-9]{2})", started)
    return found[1] if found else "?"
