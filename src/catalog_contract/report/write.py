"""Writes every report file of a run, each whole or not at all."""

import json
from pathlib import Path

from catalog_contract.model.run import Run
from catalog_contract.report import ci, csv, html, junit, markdown
from catalog_contract.report import history as histories
from catalog_contract.report.json import to_json
from catalog_contract.util.fields import when
from catalog_contract.util.files import ReportError, write


def remember(run: Run, history: Path | None) -> Run:
    """The run with what the history file knows of the nights before; the run as it is without one.

    Raises ReportError when the file is there but cannot be read.
    """
    return histories.remembered(run, histories.read(history, when(run.started))) if history else run


def write_reports(run: Run, directory: Path, history: Path | None = None) -> list[Path]:
    """Write every report file, each whole or not at all, then add the run to the history.

    Makes the directory. Give the run that `remember` returned, so that trend and "broken since" are in the
    reports. Returns the paths written. Raises ReportError, in one line, when something cannot be written.
    """
    files: dict[str, str | bytes] = {
        "verdict.json": json.dumps(to_json(run), indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        "verdict.html": html.render(run),
        "junit.xml": junit.render(run),
        "summary.md": markdown.render(run, ci.address(ci.variables())),
    }
    listed = csv.of_run(run)
    if listed:
        files["ids.csv"] = listed
    else:
        _discard(directory / "ids.csv")
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
