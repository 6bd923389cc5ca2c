"""Whole lists of ids as CSV: lost, unexpected and repeated items, for a spreadsheet or a script."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Evidence, Verdict
from catalog_contract.util.text import line

KINDS = ("lost", "unexpected", "repeated")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a formula begins; spreadsheets take the full-width forms of these signs for the same."""
ID_LIMIT = 1_000


def of_evidence(evidence: Evidence) -> str:
    """The id lists of one finding as CSV with the columns kind and id; empty when there are none."""
    rows = [(kind, _cell(name)) for kind in KINDS for name in getattr(evidence, kind)]
    return _csv(("kind", "id"), rows) if rows else ""


def of_run(run: Run) -> str:
    """The id lists of all findings with the columns rule, case, collection, kind and id; empty when there are none."""
    rows = [
        (_cell(judgement.rule), _cell(judgement.case), _cell(judgement.collection), kind, _cell(name))
        for judgement in run.having(Verdict.BROKEN)
        if judgement.evidence
        for kind in KINDS
        for name in getattr(judgement.evidence, kind)
    ]
    return _csv(("rule", "case", "collection", "kind", "id"), rows) if rows else ""


def table(head: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Rows as CSV with the columns named; None is an empty cell, a list its members with a space between them."""
    cells = [tuple(_cell(_text(row.get(name))) for name in head) for row in rows]
    return _csv(tuple(head), cells)


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(_text, value))
    return "" if value is None else str(value)


def _cell(value: str) -> str:
    """A harmless cell: what a spreadsheet would take for a formula gets an apostrophe before it."""
    text = line(value, ID_LIMIT)
    begins = unicodedata.normalize("NFKC", text[:8]).lstrip()
    return f"'{text}" if begins.startswith(FORMULA) else text


def _csv(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()
