"""A run as text for a terminal: the cause first, the verdict last."""

import shutil
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TextIO

from catalog_contract.model.run import Cause, Count, Run, Strip
from catalog_contract.model.verdict import Severity, Verdict
from catalog_contract.report import strips
from catalog_contract.report.findings import (
    Finding,
    Group,
    accepted,
    again,
    amount_of_defects,
    beside,
    causes_in_words,
    defects,
    expected,
    grand_total,
    groups,
    headline,
    reasons,
    table,
)
from catalog_contract.report.trend import trend as trend_of
from catalog_contract.util.text import (
    COMMAND,
    block,
    columns,
    counted,
    first_few,
    inert,
    line,
    number,
    seconds,
    sentence,
)

Paint = Callable[[str, str], str]
"""Gives a text a style by its name: good, bad, unsure, strong or quiet."""

STYLES = {"good": "32", "bad": "31", "unsure": "33", "strong": "1", "quiet": "2"}
OF_VERDICT = {Verdict.HOLDS: "good", Verdict.BROKEN: "bad", Verdict.NOT_JUDGED: "unsure"}
MARKS = {"full": "██", "short": "▄▄", "empty": "··", "repeated": "≡≡", "unread": "??"}
MARKS_ASCII = {"full": "##", "short": "++", "empty": "..", "repeated": "==", "unread": "??"}
PAGES_A_ROW = 20
ROWS = 3
MESSAGE_LINES = 12
SHARED = 2
WIDTH = 80
NARROWEST = 40


def width_of(out: TextIO) -> int:
    """How many columns a text written there may take: those of the terminal; `WIDTH` in a file or a pipe."""
    return max(NARROWEST, shutil.get_terminal_size((WIDTH, 24)).columns) if out.isatty() else WIDTH


def plain(text: str, style: str) -> str:
    """The text without any style."""
    return text


def coloured(text: str, style: str) -> str:
    """The text in the colours of an ANSI terminal."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def render(run: Run, paint: Paint = plain, unicode: bool = True, width: int = WIDTH) -> str:
    """The whole report of a run, ending in a line break.

    Pass `paint=coloured` for a terminal that shows colours and `unicode=False` where the output's encoding is
    not UTF-8. Lines keep to `width` columns, but for commands, which stay whole.
    """
    blocks = [
        head(run, paint, width),
        diagnosis(run, paint, width),
        collections(run, paint, width),
        trend(run, paint, width),
        catalogue(run, paint, width, unicode),
        findings(run, paint, width),
        not_judged(run, paint, width),
        known(run, paint, width),
        notes(run, paint, width),
        not_promised(run, paint, width),
        last_lines(run, paint, width),
    ]
    text = inert("\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n")
    return text if unicode else text.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")


_ASCII = str.maketrans({"\N{EN DASH}": "-", "…": "~", "≥": ">", "·": ".", "\N{MULTIPLICATION SIGN}": "x"})


def head(run: Run, paint: Paint = plain, width: int = WIDTH) -> list[str]:
    """The verdict and what was asked."""
    retries = sum(request.resent for request in run.requests)
    asked = counted(len(run.requests), "request") + (f" and {counted(retries, 'retry', 'retries')}" if retries else "")
    return [
        paint(f"{run.outcome}: {line(run.title)}"[:width], "strong"),
        *_wrapped(sentence(headline(run)), width, "  "),
        *(_wrapped(f"{line(causes_in_words(run))}.", width, "  ") if run.diagnosis else []),
        *_wrapped(f"contract {line(run.contract)}, source {line(run.source)}", width, "  "),
        *(_wrapped(line(run.origin), width, "  ") if run.origin else []),
        *_wrapped(f"{line(run.started)}, {asked} in {seconds(run.seconds)}", width, "  "),
    ]


def diagnosis(run: Run, paint: Paint = plain, width: int = WIDTH) -> list[str]:
    """What probably happened: every defect by itself, those causes together that cannot be distinguished."""
    if not run.diagnosis:
        return []
    several = amount_of_defects(run)
    lines = [paint("What probably happened" + (f": {several}" if several else ""), "strong")]
    before = Cause("", "", "", "")
    for cause in (cause for causes in defects(run) for cause in causes):
        lines += _cause(cause, before, run, paint, width)
        before = cause
    return lines


def _cause(cause: Cause, before: Cause, run: Run, paint: Paint, width: int) -> list[str]:
    evidence = "as above" if cause.evidence == before.evidence else line(cause.evidence, 600)
    same_step = (cause.next_step, cause.steps) == (before.next_step, before.steps)
    lines = [paint(f"  * {line(cause.name, width - 4)}", "bad" if run.verdict is Verdict.BROKEN else "unsure")]
    lines += _wrapped(sentence(line(cause.message, 600)), width, "    ")
    lines += _wrapped(sentence(line(beside(cause), 600)), width, "    ") if cause.alternatives else []
    lines += _labelled("evidence", evidence, width)
    lines += _labelled("next step", "as above" if same_step else line(cause.next_step, 1_000), width)
    return lines + ([] if same_step else _steps(cause, width))


def _steps(cause: Cause, width: int) -> list[str]:
    """The commands of a next step, numbered, each on a line of its own, which a shell takes as it is."""
    lines: list[str] = []
    for number_, step in enumerate(cause.steps, 1):
        lines += _wrapped(f"{number_}. {line(step.tells, 600)}", width, "    ", "       ") if step.tells else []
        lines.append(f"    $ {line(step.command, 4_000)}")
    return lines


def collections(run: Run, paint: Paint = plain, width: int = WIDTH) -> list[str]:
    """The collection table, the largest total first, with a grand total."""
    if not run.counts:
        return []
    rows = [*table(run), *([grand_total(run)] if len(run.counts) > 1 else [])]
    room = max(12, min(24, max(columns(line(row.collection)) for row in rows)))
    title = (
        f"{line(run.words.collection, room):<{room}}  {'listed':>7} {'unique':>7} {'dupl.':>7} {'expected':>9}  verdict"
    )
    lines = [paint(title, "strong")]
    shared = {note for note, times in Counter(row.note for row in rows if row.note).items() if times > SHARED}
    for index, row in enumerate(rows):
        if index == len(run.counts):
            lines.append("-" * columns(title))
        lines += _row(replace(row, note="") if row.note in shared else row, room, paint, width)
    for note in sorted(shared):
        names = first_few([row.collection for row in rows if row.note == note])
        lines += [paint(text, "quiet") for text in _wrapped(f"{line(note)}: {names}", width, "  ", "    ")]
    return lines


def _row(row: Count, room: int, paint: Paint, width: int) -> list[str]:
    name = line(row.collection, room)
    name += " " * (room - columns(name))
    numbers = f"{number(row.total):>7} {number(row.unique):>7} {number(row.duplicates):>7} {expected(row):>9}"
    lines = [f"{name}  {numbers}  {paint(row.verdict.value, OF_VERDICT[row.verdict])}"]
    return lines + ([paint(text, "quiet") for text in _wrapped(line(row.note), width, "    ")] if row.note else [])


def trend(run: Run, paint: Paint = plain, width: int = WIDTH) -> list[str]:
    """The totals of the last runs, this one last; nothing without a history."""
    found = trend_of(run)
    if not found:
        return []
    room = width - 8 * len(found.days)
    head = f"{'the last ' + counted(len(found.days), 'run'):<{room}}" + "".join(f"{day:>8}" for day in found.days)
    lines = [paint(head, "strong")]
    for name, totals in found.rows:
        shown = line(name, room - 1)
        lines.append(shown + " " * (room - columns(shown)) + "".join(f"{number(total):>8}" for total in totals))
    return lines + ([f"and {found.more} more changed: see verdict.html"] if found.more else [])


def catalogue(run: Run, paint: Paint = plain, width: int = WIDTH, unicode: bool = True) -> list[str]:
    """The strip of each collection that was walked, and one legend."""
    drawn = strips.drawn(run)
    if not drawn:
        return []
    marks = MARKS if unicode else MARKS_ASCII
    lines = [paint("The list, page by page", "strong")]
    for strip in drawn:
        lines.append(f"  {line(strip.collection, 30)}: {strips.summary(strip)}")
        lines += _strip(strip, marks, paint)
    states = {segment.state for strip in drawn for segment in strip.segments}
    legend = "  ".join(f"{marks[state]} {state}" for state in strips.STATES if state in states)
    ended = "  | expected end" if any(strip.expected is not None for strip in drawn) else ""
    return [*lines, *_wrapped(legend + ended, width, "  ")]


def _strip(strip: Strip, marks: dict[str, str], paint: Paint) -> list[str]:
    pages = strips.cells(strip)
    lines = []
    for start in range(0, len(pages), PAGES_A_ROW):
        if start == PAGES_A_ROW * ROWS:
            lines.append(f"  {'':>9} and {_rest(pages[start:])}")
            break
        row = pages[start : start + PAGES_A_ROW]
        drawn = "".join(_mark(cell, strip.expected, marks, paint) for cell in row)
        lines.append(f"  {number(row[0].segment.offset):>9} {drawn}".rstrip())
    return lines


def _rest(pages: Sequence[strips.Cell]) -> str:
    states = {cell.segment.state for cell in pages}
    return counted(len(pages), "more page") + (f", all {states.pop()}" if len(states) == 1 else ": see verdict.html")


def _mark(cell: strips.Cell, expected: int | None, marks: dict[str, str], paint: Paint) -> str:
    segment = cell.segment
    style = "bad" if cell.bad else "quiet" if segment.state in {"empty", "unread"} else "good"
    ends_here = expected is not None and segment.offset < expected <= segment.offset + segment.limit
    return paint(marks.get(segment.state, "??"), style) + ("|" if ends_here else " ")


def findings(run: Run, paint: Paint = plain, width: int = WIDTH) -> list[str]:
    """Every broken promise by collection, worst first, with one witness each."""
    lines: list[str] = []
    for group in groups(run):
        lines += ([""] if lines else []) + _group(run, group, paint, width)
    return lines


def _group(run: Run, group: Group, paint: Paint, width: int) -> list[str]:
    promises = counted(len(group.findings), "broken promise")
    title = _wrapped(f"{group.title}: {promises}, {counted(group.cases, 'case')}", width, "")
    lines = [paint(text, "strong") for text in title]
    for finding in group.findings:
        lines += ["", *_finding(run, finding, paint, width)]
    return lines


def _finding(run: Run, finding: Finding, paint: Paint, width: int) -> list[str]:
    witness = finding.witness
    title, *rest = _wrapped(f"{witness.severity.name} {line(witness.promise or witness.rule)}", width, "  ", "    ")
    bad = paint(witness.severity.name, "bad" if witness.severity <= Severity.CRITICAL else "unsure")
    lines = [title.replace(witness.severity.name, bad, 1), *rest]
    case = f" [{line(witness.case, 60)}]" if witness.case else ""
    lines += [paint(text, "quiet") for text in _wrapped(f"{line(witness.rule, 90)}{case}", width, "    ")]
    if finding.same_as:
        lines += _wrapped(f"the same witness as {line(finding.same_as)}", width, "    ")
    else:
        lines += _message(finding.message, width) + [text for curl in witness.curls for text in _command(curl)]
    lines += _command(again(run, witness))
    return lines + [text for stated in _further(finding) for text in _wrapped(stated, width, "    ")]


def _message(message: str, width: int) -> list[str]:
    return [text for part in block(message, 900).splitlines()[:MESSAGE_LINES] for text in _wrapped(part, width, "    ")]


def _command(command: str) -> list[str]:
    """A command on a line of its own, whole: it is there to be copied, by a person or a script."""
    return [f"    $ {line(command, COMMAND)}"] if command else []


def _further(finding: Finding) -> Iterable[str]:
    if finding.others:
        yield f"and {counted(len(finding.others), 'more case')}: {first_few(finding.further)}"
    if finding.age:
        yield finding.age
    if finding.incidents:
        yield f"seen before: {first_few([incident.label for incident in finding.incidents], limit=90)}"


def not_judged(run: Run, paint: Paint = plain, width: int = WIDTH, shown: int = 8) -> list[str]:
    """What could not be judged, by reason."""
    found = reasons(run)
    if not found:
        return []
    lines = [paint(f"Not judged: {counted(len(run.having(Verdict.NOT_JUDGED)), 'case')}", "strong")]
    for why, judgements in found[:shown]:
        lines += _wrapped(f"{number(len(judgements))} \N{MULTIPLICATION SIGN} {line(why)}", width, "  ", "    ")
        names = first_few([_name(j.rule, j.case) for j in judgements], shown=2)
        lines += [paint(text, "quiet") for text in _wrapped(names, width, "    ")]
    if len(found) > shown:
        cases = sum(len(judgements) for _, judgements in found[shown:])
        lines.append(f"  and {counted(len(found) - shown, 'more reason')} for {counted(cases, 'case')}")
    return lines


def known(run: Run, paint: Paint = plain, width: int = WIDTH) -> list[str]:
    """The broken promises that are accepted for now, by reason."""
    if not run.known:
        return []
    lines = [paint(f"Known breakages: {counted(len(run.known), 'case')}, broken and accepted for now", "strong")]
    for why, judgements in accepted(run):
        lines += _wrapped(f"{number(len(judgements))} \N{MULTIPLICATION SIGN} {line(why, 400)}", width, "  ", "    ")
        names = first_few([_name(j.rule, j.case) for j in judgements], shown=2)
        lines += [paint(text, "quiet") for text in _wrapped(names, width, "    ")]
    return lines


def _name(rule: str, case: str) -> str:
    return f"{rule}[{case}]" if case else rule


def notes(run: Run, paint: Paint = plain, width: int = WIDTH) -> list[str]:
    """What this run cannot see."""
    if not run.notes:
        return []
    stated = [text for note in run.notes for text in _wrapped(sentence(line(note)), width, "  - ", "    ")]
    return [paint("What this run cannot see", "strong"), *stated]


def not_promised(run: Run, paint: Paint = plain, width: int = WIDTH) -> list[str]:
    """How many rules the contract gives nothing to judge, in one line."""
    if not run.not_promised:
        return []
    return [
        paint(f"Not promised by this contract: {counted(len(run.not_promised), 'rule')} (see verdict.html)", "quiet")
    ]


def last_lines(run: Run, paint: Paint = plain, width: int = WIDTH) -> list[str]:
    """The causes again, where one is named, and the verdict in one line."""
    cause = _wrapped(line(causes_in_words(run)), width, "") if run.diagnosis else []
    return [*cause, paint(f"{run.outcome}: {headline(run)}", OF_VERDICT[run.verdict])]


def _labelled(label: str, text: str, width: int) -> list[str]:
    return _wrapped(f"{label + ':':<11}{text}", width, "    ", " " * 15) if text else []


def _wrapped(text: str, width: int, indent: str, further: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent if further is None else further,
        break_on_hyphens=False,
    )  # fmt: skip
