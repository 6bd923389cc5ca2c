"""Known breakages: findings that are accepted for a time, with a reason, an issue and a date; read from TOML."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from catalog_contract.model.verdict import Evidence, Judgement, Severity, Verdict
from catalog_contract.util.files import read_regular
from catalog_contract.util.refusal import Refusal

RULE = "known_breakages_are_current"
PROMISE = "Every breakage that is listed as known still occurs, and its date has not passed."


class KnownError(Refusal, ValueError):
    """A file of known breakages cannot be used; the message is one line with the file, the entry and what to do."""


@dataclass(frozen=True)
class Known:
    """One accepted finding. `case` is an id in which `*` stands for anything; `until` is its last good day."""

    rule: str
    case: str
    reason: str
    issue: str
    until: date

    @property
    def name(self) -> str:
        """The entry in a word: `a_rule[a-case]`."""
        return f"{self.rule}[{self.case}]"

    @property
    def reported(self) -> str:
        """Why it is accepted, and where that is written."""
        return f"{self.reason} ({self.issue}, until {self.until})"

    def fits(self, judgement: Judgement) -> bool:
        """Whether a judgement is of the promise that this entry speaks of."""
        pattern = ".*".join(map(re.escape, self.case.split("*")))
        return judgement.rule == self.rule and re.fullmatch(pattern, judgement.case, re.DOTALL) is not None


def read(path: Path, rules: Collection[str]) -> tuple[Known, ...]:
    """The entries of a file, whose rules must be among those named. Raises KnownError."""
    try:
        data = tomllib.loads(read_regular(path).decode("utf-8-sig"))
    except OSError as error:
        raise KnownError(f"known breakages {path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise KnownError(f"known breakages {path}: not TOML: {' '.join(str(error).split())[:160]}") from None
    rows = data.get("known", [])
    if data.keys() - {"known"} or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise KnownError(f"known breakages {path}: holds entries headed [[known]] and nothing else")
    entries: list[Known] = []
    for number, row in enumerate(rows, 1):
        why = _wrong(row, rules)
        if why:
            raise KnownError(f"known breakages {path}: entry {number}: {why}")
        entries.append(Known(**row))
        if entries[-1].name in {entry.name for entry in entries[:-1]}:
            raise KnownError(f"known breakages {path}: entry {number}: {entries[-1].name} stands there twice")
    return tuple(entries)


def _wrong(row: Mapping[str, Any], rules: Collection[str]) -> str:
    """What is wrong with an entry; empty for a good one."""
    words = [field.name for field in fields(Known)]
    for key in row:
        if key not in words:
            return f"unknown key {key!r}{_nearest(key, words)}"
    for word in words:
        if word not in row:
            return f"has no {word}"
        if word != "until" and (not isinstance(row[word], str) or not row[word].strip() or "\n" in row[word]):
            return f"{word} must be a line of text"
    if not isinstance(row["until"], date) or isinstance(row["until"], datetime):
        return "until must be a day, written without quotes: 2026-01-31"
    if not re.fullmatch(r"https?://\S+", row["issue"]):
        return "issue must be the address of an issue, http://... or https://..."
    return "" if row["rule"] in rules else f"there is no rule {row['rule']!r}{_nearest(row['rule'], rules)}"


def _nearest(word: str, words: Collection[str]) -> str:
    near = get_close_matches(word, words, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def marked(judgement: Judgement, entries: Iterable[Known], today: date) -> Judgement:
    """A broken promise that is accepted for now as a known one; any other judgement as it is."""
    if judgement.verdict is not Verdict.BROKEN:
        return judgement
    found = next((entry for entry in entries if entry.fits(judgement) and today <= entry.until), None)
    return replace(judgement, known=found.reported) if found else judgement


def current(entries: Iterable[Known], judgements: Sequence[Judgement], today: date) -> list[Judgement]:
    """A judgement of each entry: BROKEN when its date has passed, or when its finding no longer occurs.

    That a finding no longer occurs is reported only where every case of the entry that was asked for HOLDS. An entry
    of which nothing was asked for gets no judgement while its date lasts.
    """
    reported = []
    for entry in entries:
        found = {judgement.verdict for judgement in judgements if entry.fits(judgement)}
        gone = found == {Verdict.HOLDS}
        message = []
        if today > entry.until:
            message.append(f"its date has passed ({entry.until}): mend it, or agree on another date in {entry.issue}")
        if gone:
            message.append("it no longer occurs: take the entry out of the file of known breakages")
        if found or message:
            reported.append(_judgement(entry, "; ".join(message)))
    return reported


def untried(entries: Iterable[Known], judgements: Sequence[Judgement], unasked: Mapping[str, str]) -> Iterator[str]:
    """What is to be reported of entries whose rule was not asked; `unasked` gives the reason for each such rule."""
    for entry in entries:
        if entry.rule in unasked and not any(entry.fits(judgement) for judgement in judgements):
            yield f"the known breakage {entry.name} was not tried: {unasked[entry.rule]}"


def _judgement(entry: Known, message: str) -> Judgement:
    return Judgement(
        rule=RULE,
        case=entry.name,
        collection="",
        verdict=Verdict.BROKEN if message else Verdict.HOLDS,
        promise=PROMISE,
        family="known",
        severity=Severity.NORMAL,
        evidence=Evidence(f"{entry.name} is listed as known ({entry.reason}), but {message}") if message else None,
    )
