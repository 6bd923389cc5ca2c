"""Opens, updates or closes the issue that says which promises of a contract are broken, by what a run found.

BROKEN opens an issue, or rewrites the open one and adds a comment when the promises broken are others than
before. HOLDS closes it. NOT JUDGED changes nothing: what could not be observed is neither broken nor healed.
Needs `gh`, with GH_TOKEN and GH_REPO in the environment; RUN_URL is linked when it is set.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

LABEL = "broken-promise"
MAX = 60_000
"""Characters of a text; GitHub takes 65,536."""
MARK = re.compile(r"(?:^|\n)<!-- broken: ([a-z0-9_ ]*) -->\s*\Z")
"""The last line of the body, which this script wrote: what looks like it further up came from the service."""


class IssueError(Exception):
    """Why the issue could not be written, in one line."""


def main(arguments: list[str] | None = None) -> int:
    """Tell the issue; the exit status is 1 only when that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report-dir", type=Path, default=Path("reports"), help="where the run wrote its reports")
    options = parser.parse_args(arguments)
    try:
        print(tell(options.report_dir))
    except IssueError as why:
        print(f"tell_issue: {why}", file=sys.stderr)
        return 1
    return 0


def tell(reports: Path) -> str:
    """Do what the verdict asks for; what was done, in one line. Raises IssueError."""
    if not (reports / "verdict.json").exists():
        return "the run ended without a verdict: the issue stays as it is"
    verdict: dict[str, Any] = json.loads((reports / "verdict.json").read_text("utf-8"))
    if verdict.get("state") == "not finished":
        return "the run did not finish: the issue stays as it is"
    if verdict["verdict"] == "NOT JUDGED":
        return "not judged: the issue stays as it is"
    title = f"Broken promises: {verdict['contract']}"
    issue = open_issue(title)
    if verdict["verdict"] == "HOLDS":
        return healed(issue)
    return broken(issue, title, verdict, (reports / "summary.md").read_text("utf-8"))


def open_issue(title: str) -> dict[str, Any] | None:
    """The open issue of that title, with its number and body; None when there is none. Raises IssueError."""
    fields = ["--json", "number,title,body"]
    stated = gh("issue", "list", "--state", "open", "--label", LABEL, "--limit", "100", *fields)
    found: list[dict[str, Any]] = json.loads(stated or "[]")
    return next((issue for issue in found if issue["title"] == title), None)


def healed(issue: dict[str, Any] | None) -> str:
    """Close the issue that is open."""
    if issue is None:
        return "nothing is broken, and no issue is open"
    gh("issue", "close", str(issue["number"]), "--comment", f"Healed: every promise holds.{where()}")
    return f"closed issue {issue['number']}"


def broken(issue: dict[str, Any] | None, title: str, verdict: dict[str, Any], summary: str) -> str:
    """Open an issue, or bring the open one up to date."""
    names = sorted({rule["id"] for rule in verdict["rules"] if rule["verdict"] == "BROKEN"})
    linked = bool(os.environ.get("RUN_URL")) and os.environ["RUN_URL"] in summary
    body = f"{shortened(summary)}{'' if linked else where()}\n\n<!-- broken: {' '.join(names)} -->\n"
    if issue is None:
        gh(
            "label",
            "create",
            LABEL,
            "--force",
            "--description",
            "A promise of the API does not hold",
            "--color",
            "b60205",
        )
        return f"opened {gh('issue', 'create', '--title', title, '--label', LABEL, '--body-file', '-', given=body)}"
    number = str(issue["number"])
    gh("issue", "edit", number, "--body-file", "-", given=body)
    before = MARK.search(issue.get("body") or "")
    if before is None or before[1].split() != names:
        comment = f"Other promises are broken than before, the text above is new: {', '.join(names)}.{where()}"
        gh("issue", "comment", number, "--body-file", "-", given=comment)
        return f"rewrote issue {number}, with a comment"
    return f"rewrote issue {number}"


def shortened(summary: str) -> str:
    """The summary, cut where GitHub would refuse it."""
    if len(summary) <= MAX:
        return summary.rstrip()
    whole_lines = summary[:MAX].rpartition("\n")[0]  # a fence that is cut open would take in what follows
    return f"{whole_lines}\n\n(cut; the rest is in the report)"


def where() -> str:
    """The link to the run, when it is known."""
    url = os.environ.get("RUN_URL", "")
    return f"\n\nReports: {url} (verdict page and Allure, kept for 30 days)" if url else ""


def gh(*arguments: str, given: str | None = None) -> str:
    """What `gh` printed. Raises IssueError with its last line when it failed."""
    try:
        done = subprocess.run(["gh", *arguments], input=given, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise IssueError(f"gh cannot be run: {error}") from None
    if done.returncode:
        stated = done.stderr.strip().splitlines() or ["no output"]
        raise IssueError(f"gh {' '.join(arguments[:2])}: {stated[-1]}")
    return done.stdout.strip()


if __name__ == "__main__":
    raise SystemExit(main())
