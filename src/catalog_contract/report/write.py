"""Writes every report file of a run, each whole or not at all."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from catalog_contract.model.run import Run
from catalog_contract.report import ci, csv, html, junit, markdown
from catalog_contract.report import history as histories
from catalog_contract.report.json import to_json
from catalog_contract.util.fields import when
from catalog_contract.util.files import ReportError, write
from catalog_contract.util.text import escaped_json


def as_text(run: Run) -> str:
    """The whole of verdict.json."""
    return escaped_json(json.dumps(to_json(run), indent=1, ensure_ascii=False, allow_nan=False)) + "\n"


class Report(NamedTuple):
    """A report that every run writes: its content, and how its beginning tells it from a file of somebody else."""

    render: Callable[[Run], str | bytes]
    mark: re.Pattern[bytes]


REPORTS = {
    "verdict.json": Report(as_text, re.compile(rb'\{\s*"version": \d+,\s*"verdict": "')),
    "verdict.html": Report(
        html.render, re.compile(rb'.*<meta name="generator" content="catalog-contract">', re.DOTALL)
    ),
    "junit.xml": Report(junit.render, re.compile(rb".*\n" + re.escape(junit.MARK))),
    "summary.md": Report(
        lambda run: markdown.render(run, ci.address(ci.variables())),
        re.compile(rb".*" + re.escape(markdown.MARK.encode()), re.DOTALL),
    ),
}
"""The reports by the name of their file."""
IDS = "ids.csv"
IDS_MARK = re.compile(rb"rule,case,collection,kind,id\n")
"""The beginning of the one report that is written only where it has something to list."""
BEGINNING = 2**16
"""How many bytes of a file are looked at: more than a summary has."""


def is_ours(path: Path) -> bool:
    """Whether a run of this suite wrote the file."""
    try:
        with path.open("rb") as file:
            mark = IDS_MARK if path.name == IDS else REPORTS[path.name].mark
            return path.is_file() and mark.match(file.read(BEGINNING)) is not None
    except OSError:
        return False


def remember(run: Run, history: Path | None) -> Run:
    """The run with what the history file knows of the runs before; the run as it is without one.

    Raises ReportError when the file is there but cannot be read.
    """
    return histories.remembered(run, histories.read(history, when(run.started))) if history else run


def write_reports(run: Run, directory: Path, history: Path | None = None) -> list[Path]:
    """Write every report file, each whole or not at all, then add the run to the history.

    Makes the directory. Give the run that `remember` returned, so that trend and "broken since" are in the
    reports. Returns the paths written. Raises ReportError, in one line, when something cannot be written.
    """
    files = {name: report.render(run) for name, report in REPORTS.items()}
    listed = csv.of_run(run)
    if listed:
        files[IDS] = listed
    elif is_ours(directory / IDS):
        _discard(directory / IDS)
    written = [write(directory / name, content) for name, content in files.items()]
    if history:
        histories.append(history, run)
        written.append(history)
    return written


def _discard(path: Path) -> None:
    """Take away a file of an earlier run that this one would not write."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ReportError(f"cannot write {path}: {error.strerror or error}") from None
