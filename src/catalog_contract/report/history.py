"""The runs so far: one JSON line a run, appended whole; since when a promise is broken."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog_contract.model.run import Past, Run
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.report.findings import tally
from catalog_contract.report.json import past_from
from catalog_contract.run.verdict_file import refuse_verdict
from catalog_contract.util.fields import DateError, when
from catalog_contract.util.files import ReportError, read_regular, writable
from catalog_contract.util.text import counted, first_few

SHOWN = 30
"""How many earlier runs a report shows."""

Promises = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Entry:
    """One line of a history: an earlier run, its contract, and the cases of each rule by verdict."""

    contract: str
    past: Past
    cases: dict[Verdict, Promises] = field(default_factory=dict)

    def verdict_on(self, rule: str, case: str) -> Verdict | None:
        """The verdict of that run on a promise; None when it did not ask."""
        return next((verdict for verdict, found in self.cases.items() if case in found.get(rule, ())), None)


@dataclass(frozen=True)
class History:
    """What a history file holds, oldest first. `complaints` say of each unreadable line where it stands, and why."""

    entries: tuple[Entry, ...] = ()
    complaints: tuple[str, ...] = ()

    def like(self, run: Run) -> tuple[Entry, ...]:
        """The runs of the contract and the source of a run."""
        return tuple(e for e in self.entries if (e.contract, e.past.source) == (run.contract, run.source))


def check(path: Path) -> None:
    """Raise ReportError, in one line, when a history cannot be appended to or holds a line that is not a run.

    To be called before anything is asked. The file stays as it is.
    """
    complaints = read(path, datetime.now(UTC)).complaints
    if complaints:
        if why := refuse_verdict(path, "--history"):
            raise ReportError(why)
        more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
        raise ReportError(f"history {complaints[0]}{more}; restore the file, or take the line out")
    writable(path, "--history")


def append(path: Path, run: Run) -> None:
    """Add a run to a history: the whole line or nothing. Raises ReportError."""
    text = json.dumps(_line(run), ensure_ascii=True, separators=(",", ":"), sort_keys=True) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _append_whole(path, text.encode("ascii"))
    except OSError as error:
        raise ReportError(f"cannot write {path}: {error.strerror or error}") from None


def _append_whole(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        length = os.lseek(handle, 0, os.SEEK_END)
        if length and _last_byte(handle, length) != b"\n":
            data = b"\n" + data
        if os.write(handle, data) != len(data):
            os.ftruncate(handle, length)
            raise OSError("the disk is full")
    finally:
        os.close(handle)


def _last_byte(handle: int, length: int) -> bytes:
    os.lseek(handle, length - 1, os.SEEK_SET)
    return os.read(handle, 1)


def _line(run: Run) -> dict[str, Any]:
    return {
        "contract": run.contract,
        "started": run.started,
        "source": run.source,
        "seconds": round(run.seconds, 3),
        "verdict": run.verdict.value,
        "totals": {row.collection: row.total for row in run.counts},
        "broken": tally(run)[Verdict.BROKEN],
        "not_judged": tally(run)[Verdict.NOT_JUDGED],
        "cases": {verdict.value: _by_rule(run, verdict) for verdict in Verdict},
    }


def _by_rule(run: Run, verdict: Verdict) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for judgement in run.judgements:
        if judgement.verdict is verdict:
            found.setdefault(judgement.rule, []).append(judgement.case)
    return found


def read(path: Path, now: datetime | None = None) -> History:
    """Read a history; a file that does not exist is an empty one. An unreadable line is passed over and reported.

    So is one of a day that is yet to come, where `now` says which those are.
    Raises ReportError when the file is there but cannot be read.
    """
    try:
        if path.exists() and not path.is_file():
            raise ReportError(f"history {path} is not a file: name one")
        lines = read_regular(path).split(b"\n")
    except FileNotFoundError:
        return History()
    except OSError as error:
        raise ReportError(f"history {path} cannot be read: {error.strerror or error}; name another") from None
    entries, complaints = [], []
    for place, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            entries.append(_entry(json.loads(text), now))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            complaints.append(f"{path}: line {place} is not a run ({_why(error)})")
    return History(tuple(entries), tuple(complaints))


def _why(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"not whole JSON: {error.msg} at character {error.pos + 1}"
        case UnicodeDecodeError() | RecursionError():
            return "not JSON"
        case DateError():
            return str(error)
        case KeyError():
            return f"it has no {error.args[0]}"
    return "it holds a value of a wrong kind"


def _entry(row: dict[str, Any], now: datetime | None) -> Entry:
    cases = {
        Verdict(verdict): {str(rule): tuple(map(str, names)) for rule, names in found.items()}
        for verdict, found in row["cases"].items()
    }
    past = past_from(row)
    when(past.started, now)
    return Entry(str(row["contract"]), past, cases)


def remembered(run: Run, history: History) -> Run:
    """The run with what its past knows: the trend, since when each broken promise is broken, and complaints."""
    entries = history.like(run)
    return replace(
        run,
        judgements=tuple(_aged(judgement, entries, run.started) for judgement in run.judgements),
        past=tuple(entry.past for entry in entries[-SHOWN:]),
        notes=(*run.notes, *_others(run, history), *(f"history {text}, passed over" for text in history.complaints)),
    )


def _others(run: Run, history: History) -> Iterator[str]:
    """What is to be reported of runs of the same contract that had another source."""
    others = [e.past.source for e in history.entries if e.contract == run.contract and e.past.source != run.source]
    if others:
        runs = counted(len(others), "run of another source is", "runs of other sources are")
        yield f"the history is that of {run.source} alone: {runs} left out ({first_few(dict.fromkeys(others), 3)})"


def _aged(judgement: Judgement, entries: Sequence[Entry], started: str) -> Judgement:
    if judgement.verdict is not Verdict.BROKEN:
        return judgement
    first, runs = started, 1
    for entry in reversed(entries):
        verdict = entry.verdict_on(judgement.rule, judgement.case)
        if verdict is Verdict.HOLDS:
            break
        if verdict is Verdict.BROKEN:
            first, runs = entry.past.started, runs + 1
    return replace(judgement, first_broken=first, broken_runs=runs)
