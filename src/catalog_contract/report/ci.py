"""What GitHub Actions gets of a run: annotations in its log; and what it gives of itself, the address of the run."""

import os
import re
from collections.abc import Iterator, Mapping

from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Verdict
from catalog_contract.report.findings import Finding, causes_in_words, groups, headline
from catalog_contract.util.text import inert, line

VARIABLES = (
    "GITHUB_ACTIONS",
    "GITHUB_SERVER_URL",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_NUMBER",
    "GITHUB_RUN_ID",
    "GITHUB_WORKFLOW",
)
"""The variables that say which run this is; no others are read, as a traceback may print them."""

MAX = 10
"""GitHub shows ten annotations of a step, and drops the others."""

_ADDRESS = re.compile(r"https?://[\w.:-]+/[\w./-]+/actions/runs/\d+", re.ASCII)


def variables() -> dict[str, str]:
    """What GitHub Actions says of this run; empty elsewhere."""
    return {name: value for name in VARIABLES if (value := os.environ.get(name)) is not None}


def in_actions(environment: Mapping[str, str]) -> bool:
    """Whether the run is a step of GitHub Actions."""
    return environment.get("GITHUB_ACTIONS") == "true"


def address(environment: Mapping[str, str]) -> str:
    """The page of the run at GitHub; empty elsewhere, and for what is not such an address."""
    home = f"{environment.get('GITHUB_SERVER_URL', '')}/{environment.get('GITHUB_REPOSITORY', '')}"
    made = f"{home}/actions/runs/{environment.get('GITHUB_RUN_ID', '')}"
    return made if in_actions(environment) and _ADDRESS.fullmatch(made) else ""


def annotations(run: Run, file: str = "") -> list[str]:
    """The commands that annotate a run: an error for each broken promise, worst first, or a warning.

    `file` is where they point, for example the contract; left out, to the rule.
    """
    found = [_error(run, finding, file) for group in groups(run) for finding in group.findings]
    left = len(found) - MAX
    if left > 0:
        more = f"and {left + 1} more broken promises: see the report"
        found[MAX - 1 :] = [_command("error", more, {"title": "BROKEN"})]
    if run.verdict is Verdict.NOT_JUDGED:
        found.append(_command("warning", headline(run), {"title": "NOT JUDGED", **({"file": file} if file else {})}))
    return found


def _error(run: Run, finding: Finding, file: str) -> str:
    witness = finding.witness
    place = {"file": file} if file else {"file": witness.file, "line": str(witness.line)} if witness.file else {}
    cause = f" ({causes_in_words(run)})" if run.diagnosis else ""
    stated = "; ".join(finding.message.splitlines()) or witness.promise
    title = f"{witness.promise or witness.rule} [{witness.case}]"
    return _command("error", f"{stated}{cause}", {**place, "title": title})


def _command(name: str, message: str, properties: Mapping[str, str]) -> str:
    """One command for the log, in which no text of a service can end it or begin another."""
    given = ",".join(f"{key}={''.join(_escaped(value, ':,'))}" for key, value in properties.items())
    return f"::{name} {given}::{''.join(_escaped(message))}"


def _escaped(text: str, also: str = "") -> Iterator[str]:
    special = {*"%\r\n", *also}
    for character in inert(line(text)):
        yield f"%{ord(character):02X}" if character in special else character
