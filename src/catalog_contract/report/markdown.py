"""A run as Markdown for a step summary or an issue: under 60 lines, and nothing in it can act."""

import os
import re
from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise
from pathlib import Path

from catalog_contract.model.run import Cause, Count, Run
from catalog_contract.model.verdict import Verdict
from catalog_contract.report import ci
from catalog_contract.report.findings import (
    Finding,
    accepted,
    again,
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
from catalog_contract.report.trend import trend
from catalog_contract.util.files import ReportError
from catalog_contract.util.text import COMMAND, counted, line, number, seconds, sentence

MAX_LINES = 59
ROWS = 16
FINDINGS = 10
COMMANDS = 4
"""How many findings have the commands that ask again, fewer where the summary gets too long; the page has all."""
CAUSES = 5
SIGNS = {Verdict.HOLDS: "✅", Verdict.BROKEN: "❌", Verdict.NOT_JUDGED: "⚪"}
VARIABLE = "GITHUB_STEP_SUMMARY"
MARK = "<!-- catalog-contract -->\n"
"""The last line: it is not shown, and tells a summary of this suite from other files of that name."""
NONE = Cause("", "", "", "")


def render(run: Run, link: str = "") -> str:
    """The summary, ending in a line break; `link` is the address of the run in CI, of our own making."""
    for commands in range(COMMANDS, 0, -1):
        parts = _parts(run, link, commands)
        if sum(part.count("\n") + 1 for part in parts) <= MAX_LINES:
            break
    return _bounded(parts) + MARK


def _parts(run: Run, link: str, commands: int) -> list[str]:
    """The summary in parts that are not to be divided; that many findings with the commands that ask again."""
    blocks = [
        _head(run, link),
        [text for before, cause in pairwise((NONE, *_causes(run)[:CAUSES])) for text in _cause(cause, before)],
        _table(run),
        _trend(run),
        _findings(run, commands),
        _unseen(run),
        _notes(run),
    ]
    return [text for part in blocks if part for text in [*part, ""]]


def _bounded(parts: list[str]) -> str:
    """The parts under one another, as many as fit: a part of several lines comes whole or not at all."""
    ends = list(accumulate(part.count("\n") + 1 for part in parts))
    if ends and ends[-1] > MAX_LINES:
        parts = [part for part, end in zip(parts, ends, strict=True) if end <= MAX_LINES - 2]
        parts += ["", "The rest is in `verdict.html`."]
    return "\n".join(parts).rstrip() + "\n"


def append_step_summary(run: Run, environment: Mapping[str, str] | None = None) -> Path | None:
    """Add the summary to the file that GitHub names in the environment; None outside of GitHub Actions.

    Raises ReportError when that file cannot be written.
    """
    name = (os.environ if environment is None else environment).get(VARIABLE)
    if not name:
        return None
    path = Path(name)
    try:
        with path.open("a", encoding="utf-8", errors="backslashreplace") as out:
            out.write(render(run, ci.address(os.environ if environment is None else environment)))
    except OSError as error:
        raise ReportError(f"cannot write {path}: {error.strerror or error}") from None
    return path


LINKED = re.compile(
    r"(?<=@)(?=\w)|(?<=\\#)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=\bgh-)(?=\d)|(?<=mailto:)|(?<=xmpp:)"
    r"|(?<=\bCVE-)(?=\d)|(?<=\bGHSA-)",
    re.IGNORECASE,
)
"""Where GitHub would make a link by itself: mentions, numbers of issues, addresses, advisories."""

HASH = re.compile(r"\b[0-9a-f]{7,}\b", re.IGNORECASE)
"""What GitHub may take for a commit, from seven digits on."""

NOTHING = "<!-- -->"
"""What is not shown, and parts what would be a link in one."""

SPECIAL = re.compile(r"([\\`*_\[\]<>#|~$])")


def escaped(text: str) -> str:
    """A harmless line as literal Markdown: no markup, no mention, no link of its own, no issue number."""
    text = SPECIAL.sub(r"\\\1", line(text, 1_000)).replace("&", "&amp;")
    text = HASH.sub(lambda found: NOTHING.join(re.findall(".{1,6}", found[0])), text)
    return LINKED.sub(NOTHING, text)


def prose(text: str) -> str:
    """Like `escaped`, but what stands between two backticks is set as code."""
    parts = line(text, 1_000).split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(code(part) if odd % 2 and part else escaped(part) for odd, part in enumerate(parts))


def code(text: str, limit: int = 400) -> str:
    """A harmless line as code, fenced by more backticks than it holds."""
    text = line(text, limit)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(commands: Iterable[str], indent: str = "  ") -> str:
    """Commands as a block of code of their own, to be copied; fenced by more backticks than they hold."""
    lines = [line(command, COMMAND) for command in commands if command]
    fence = "`" * max(3, 1 + max((len(run) for text in lines for run in re.findall("`+", text)), default=0))
    return "\n".join(indent + text for text in [f"{fence}sh", *lines, fence])


def _head(run: Run, link: str) -> list[str]:
    asked = f"{counted(len(run.requests), 'request')} in {seconds(run.seconds)}"
    cause = f" **{escaped(line(causes_in_words(run), 300))}.**" if run.diagnosis else ""
    where = f" [The run, with its reports]({link})." if link else ""
    return [
        f"## {SIGNS[run.verdict]} {run.outcome}: {escaped(line(run.title, 120))}",
        "",
        f"{escaped(sentence(headline(run)))}{cause}",
        "",
        f"Contract {code(run.contract, 80)}, source {code(run.source, 160)}, {escaped(run.started[:40])}, "
        f"{asked}.{where}",
    ]


def _causes(run: Run) -> list[Cause]:
    return [cause for causes in defects(run) for cause in causes]


def _cause(cause: Cause, before: Cause) -> list[str]:
    parts = [f"- **{escaped(line(cause.name, 160))}**: {prose(sentence(line(cause.message, 400)))}"]
    parts += [prose(sentence(line(beside(cause), 400)))] if cause.alternatives else []
    for label, stated, above in (
        ("Evidence", cause.evidence, before.evidence),
        ("Next step", cause.next_step, before.next_step),
    ):
        if stated:
            parts.append(f"*{label}:* {'as above.' if stated == above else prose(sentence(line(stated, 900)))}")
    steps = () if cause.steps == before.steps else cause.steps
    reported = [(f"{escaped(line(step.tells, 300))} " if step.tells else "") + code(step.command) for step in steps]
    return [" ".join(parts), *(f"  {number_}. {text}" for number_, text in enumerate(reported, 1))]


def _table(run: Run) -> list[str]:
    rows = sorted(table(run), key=lambda row: row.verdict is Verdict.HOLDS)[:ROWS]
    if not rows:
        return []
    shown = [row for row in table(run) if row in rows]
    lines = [
        f"| {escaped(run.words.collection)} | listed | unique | duplicates | expected | verdict |",
        "|---|---:|---:|---:|---:|---|",
        *[_row(row, escaped(line(row.collection, 60))) for row in shown],
    ]
    if len(run.counts) > 1:
        lines.append(_row(grand_total(run), "**all together**"))
    left = len(run.counts) - len(shown)
    if left <= 0:
        return lines
    more = counted(left, f"more {run.words.collection}", f"more {run.words.several_collections}")
    return [*lines, "", f"And {more}, all of which hold."]


def _row(row: Count, name: str) -> str:
    numbers = " | ".join(map(number, (row.total, row.unique, row.duplicates)))
    return f"| {name} | {numbers} | {expected(row)} | {SIGNS[row.verdict]} {row.verdict} |"


def _trend(run: Run) -> list[str]:
    """The totals of the last runs in a line each; nothing without a history."""
    found = trend(run)
    if not found:
        return []
    rows = (f"{escaped(line(name, 60))} {' → '.join(map(number, totals))}" for name, totals in found.rows)
    return [f"Totals of the last {counted(len(found.days), 'run')}, this one last: {'; '.join(rows)}."]


def _findings(run: Run, commands: int) -> list[str]:
    found = [(group.title, finding) for group in groups(run) for finding in group.findings]
    lines = [_finding(run, where, finding, place < commands) for place, (where, finding) in enumerate(found[:FINDINGS])]
    left = len(found) - FINDINGS
    if left > 0:
        lines.append(f"- and {counted(left, 'more broken promise')}: see `verdict.html`")
    return ["### Broken promises", "", *lines] if lines else []


def _finding(run: Run, where: str, finding: Finding, with_commands: bool) -> str:
    witness = finding.witness
    severity = witness.severity.name.capitalize()
    head = f"- **{severity}**, {escaped(where)}: {prose(line(witness.promise or witness.rule, 240))}"
    more = f" And {counted(len(finding.others), 'more case')}." if finding.others else ""
    more += f" {escaped(sentence(finding.age))}" if finding.age else ""
    if finding.same_as:
        return f"{head} The same witness as {code(finding.same_as, 120)}.{more}"
    commands = [command for command in (*witness.curls, again(run, witness)) if command and with_commands]
    reported = f"{head} {escaped(sentence(line('; '.join(finding.message.splitlines()), 300)))}{more}"
    return f"{reported}\n{fenced(commands)}" if commands else reported


def _notes(run: Run) -> list[str]:
    notes = [f"- {prose(sentence(line(note, 300)))}" for note in run.notes[:5]]
    return ["### What this run cannot see", "", *notes] if notes else []


def _unseen(run: Run) -> list[str]:
    lines = [
        f"- Not judged, {counted(len(found), 'case')}: {escaped(line(why, 240))}" for why, found in reasons(run)[:4]
    ]
    left = reasons(run)[4:]
    if left:
        lines.append(f"- and {counted(len(left), 'more reason')}")
    for why, found in accepted(run)[:4]:
        lines.append(f"- Known, {counted(len(found), 'broken case')}: {escaped(line(why, 240))}")
    if run.not_promised:
        lines.append(f"- Not promised by this contract: {counted(len(run.not_promised), 'rule')}")
    return lines
