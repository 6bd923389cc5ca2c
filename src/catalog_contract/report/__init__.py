"""Reports: functions of a run. Terminal, JSON, page, JUnit, summary, history; Allure in `report.allure`."""

import json
from pathlib import Path

from catalog_contract.nights import when
from catalog_contract.report import history as histories
from catalog_contract.report import ids, junit, page, summary
from catalog_contract.report.files import ReportError, write
from catalog_contract.report.verdict_json import run_from_json, to_json
from catalog_contract.verdict import Run

__all__ = ["ReportError", "remember", "run_from_json", "to_json", "write_reports"]


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
        "verdict.html": page.render(run),
        "junit.xml": junit.render(run),
        "summary.md": summary.render(run),
    }
    listed = ids.of_run(run)
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
