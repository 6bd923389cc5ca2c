"""The verdict page: one HTML file that needs no network; without script it lacks its copy buttons alone."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from catalog_contract.model.run import Count, Run, Strip
from catalog_contract.model.verdict import Verdict
from catalog_contract.report import drawing, findings, strips
from catalog_contract.util import text

TEMPLATES = Path(__file__).resolve().parent / "templates"
SLUGS = {Verdict.HOLDS: "holds", Verdict.BROKEN: "broken", Verdict.NOT_JUDGED: "unseen"}
LOOKS = drawing.LOOKS


@dataclass(frozen=True)
class Row:
    """A row of the collection table with its trend, where the history knows one."""

    count: Count
    trend: drawing.TrendDrawing | None


def render(run: Run) -> str:
    """The whole page as HTML."""
    rows = tuple(Row(row, drawing.trend_drawing(run, row.collection)) for row in findings.table(run))
    walked = {strip.collection for strip in run.strips}
    return _environment().get_template("verdict.html.j2").render(
        run=run,
        headline=findings.headline(run),
        causes=findings.causes_in_words(run),
        diagnosis=[cause for causes in findings.defects(run) for cause in causes],
        several=findings.amount_of_defects(run),
        tally=findings.tally(run),
        strips=[drawing.strip_drawing(strip) for strip in strips.drawn(run)],
        rows=rows,
        grand_total=findings.grand_total(run) if len(rows) > 1 else None,
        groups=findings.groups(run),
        families=findings.families(run),
        reasons=findings.reasons(run),
        accepted=findings.accepted(run),
        trends=[row.trend for row in rows if row.trend and (row.count.collection in walked or len(rows) == 1)],
        runs=[*run.past, drawing.now(run)],
        states=_states(run),
        script=Markup(script()),
        script_hash=_hash(script()),
        slowest=max((request.seconds or 0.0 for request in run.requests), default=0.0),
    )  # fmt: skip


@cache
def script() -> str:
    """The script of the page: it copies commands, and does nothing else."""
    return (TEMPLATES / "verdict.js").read_text("utf-8")


def _hash(script: str) -> str:
    """What the policy of the page allows: this script, and none that a text of the service could bring in."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


def _states(run: Run) -> dict[Verdict, int]:
    """How many promises are in each state, without those that none is in; the worst first."""
    amounts = findings.rules(run)
    order = (Verdict.BROKEN, Verdict.NOT_JUDGED, Verdict.HOLDS)
    return {verdict: amounts[verdict] for verdict in order if amounts[verdict]}


def strip_svg(strip: Strip) -> str:
    """One strip as an SVG file of its own."""
    return _environment().get_template("strip.svg.j2").render(strip=drawing.strip_drawing(strip))


def _compiled_templates() -> FileSystemBytecodeCache | None:
    """Where compiled templates are kept between runs; None where there is no safe place."""
    try:
        return FileSystemBytecodeCache()
    except (RuntimeError, OSError):
        return None


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
        bytecode_cache=_compiled_templates(),
    )
    environment.filters |= {
        "number": text.number,
        "seconds": text.seconds,
        "size": text.size,
        "line": text.line,
        "sentence": text.sentence,
        "first_few": text.first_few,
        "moment": moment,
        "slug": lambda verdict: SLUGS[verdict],
        "expected": findings.expected,
        "signed": _signed,
        "prose": _prose,
        "beside": findings.beside,
    }
    environment.globals |= {
        "counted": text.counted,
        "Verdict": Verdict,
        "LOOKS": LOOKS,
        "again": findings.again,
        "COMMAND": text.COMMAND,
    }
    return environment


def _harmless(value: Any) -> Any:
    """What every expression of a template passes through: no control characters, no endless text."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else text.block(value, text.COMMAND)


def moment(started: str) -> str:
    """A time stamp as a person writes it: `1 November 2026, 02:00 UTC`; any other text stays as it is."""
    try:
        when = datetime.fromisoformat(started)
    except ValueError:
        return text.line(started, 40)
    return f"{when.day} {when:%B %Y, %H:%M} {when.tzname() or ''}".strip()


def _prose(words: str) -> Markup:
    """A text with what stands between backticks set as code."""
    parts = [escape(part) for part in text.block(words, 2_000).split("`")]
    if len(parts) % 2 == 0:
        parts[-2:] = [parts[-2] + "`" + parts[-1]]
    return Markup("").join(Markup("<code>{}</code>").format(p) if odd % 2 else p for odd, p in enumerate(parts))


def _signed(change: int | None) -> str:
    if change is None:
        return text.DASH
    return f"+{change:,}" if change > 0 else f"\N{MINUS SIGN}{-change:,}" if change else "±0"
