"""Turns the Allure results of the last run into HTML, history carried over: `make report`.

Needs node, npm and java; where one is missing it prints one line and exits with 1.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
PACKAGE = "node_modules/allure-commandline"
ALLURE = TOOLS / PACKAGE / "bin" / "allure"
NEEDED = ("node", "npm", "java")
NO_WORDS_HOME = {"ALLURE_NO_ANALYTICS": "true"}


class ReportMissing(Exception):
    """Why no report can be made, in one line."""


def main(arguments: list[str] | None = None) -> int:
    """Make the report; the exit status."""
    parser = argparse.ArgumentParser(prog="make report", description=__doc__)
    parser.add_argument("--report-dir", type=Path, default=Path("reports"), help="the --report-dir of the run")
    parser.add_argument("--history", type=Path, help="where the trends are kept (default: in the report itself)")
    options = parser.parse_args(arguments)
    try:
        page = make_report(options.report_dir, options.history)
    except ReportMissing as why:
        print(f"make report: {why}", file=sys.stderr)
        return 1
    print(f"{page}: to read it, serve its folder: python -m http.server --directory {page.parent}")
    print(f"{page.parent.with_suffix('.html')}: the same as one file, opens without a server")
    return 0


def make_report(folder: Path, kept: Path | None = None) -> Path:
    """The start page of the report made from `folder`/allure-results, with the trends kept. Raises ReportMissing."""
    results, report = folder / "allure-results", folder / "allure-report"
    made = report / "history"
    if not any(results.glob("*-result.json")):
        raise ReportMissing(f"{results} holds no results; `make contract` writes them")
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        raise ReportMissing(f"{' and '.join(missing)} missing: the report is made by a program for node and java")
    install()
    carry(kept or made, results / "history")
    run([str(ALLURE), "generate", str(results), "--output", str(report), "--clean"], "allure generate")
    if kept:
        carry(made, kept)
    single_file(results, folder)
    return report / "index.html"


def single_file(results: Path, folder: Path) -> None:
    """The same report as one file that opens without a server, `allure-report.html`. Raises ReportMissing."""
    beside = folder / "allure-single-file"
    run([str(ALLURE), "generate", str(results), "--output", str(beside), "--clean", "--single-file"], "allure generate")
    (beside / "index.html").replace(folder / "allure-report.html")
    shutil.rmtree(beside, ignore_errors=True)


def install() -> None:
    """Install the pinned programs beside this file, when they are not there. Raises ReportMissing."""
    if version(TOOLS / "node_modules" / ".package-lock.json") == version(TOOLS / "package-lock.json"):
        return
    run(["npm", "ci", "--prefix", str(TOOLS), "--no-audit", "--no-fund", "--silent"], "npm ci")


def version(lock: Path) -> str:
    """The version of Allure that a lock file of npm names; empty without the file."""
    return str(json.loads(lock.read_text("utf-8"))["packages"][PACKAGE]["version"]) if lock.exists() else ""


def carry(history: Path, to: Path) -> None:
    """Put a history in the place of another; without one nothing happens."""
    if history.is_dir():
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(history, to)


def run(command: list[str], name: str) -> None:
    """Run a program. Raises ReportMissing with its last line of output when it fails."""
    done = subprocess.run(command, env=os.environ | NO_WORDS_HOME, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()] or ["no output"]
        raise ReportMissing(f"{name} ended with {done.returncode}: {lines[-1].strip()}")


if __name__ == "__main__":
    raise SystemExit(main())
