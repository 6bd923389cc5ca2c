"""A run that has not finished: its reports take the place of those that an earlier run left."""

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from catalog_contract.model.run import Run, State
from catalog_contract.report.write import IDS, REPORTS, is_ours
from catalog_contract.util.claim import Claim
from catalog_contract.util.files import ReportError, is_folder, write

RUNNING = "The run has not finished: it is still running, or it was killed"
REPLACED = "The reports of an earlier run stood here; this run replaced them when it started"
UNKNOWN = "not known"
JUDGE_NOTHING = frozenset(
    [
        "--plan",
        "-h",
        "--help",
        "--version",
        "-V",
        "--collect-only",
        "--co",
        "--setup-only",
        "--setup-plan",
        "--markers",
        "--cache-show",
        "--fixtures",
        "--funcargs",
        "--fixtures-per-test",
    ]
)
"""The options with which no rule is judged."""


class Unfinished:
    """The reports of a run from its start on, until its own take their place.

    Only reports that a run of this suite wrote are replaced; where there are none, none are written. Raises
    ReportError when one cannot be replaced.
    """

    def __init__(self, directory: Path, contract: str, started: str) -> None:
        self._directory = directory
        self._files = [directory / name for name in REPORTS if is_ours(directory / name)]
        self._contract = contract
        self._started = started
        self.reason = ""
        self._write(RUNNING)
        if is_ours(directory / IDS):
            try:
                (directory / IDS).unlink()
            except OSError as error:
                raise ReportError(f"cannot remove {directory / IDS}: {error.strerror or error}") from None

    def because(self, reason: str) -> None:
        """Write into the reports why the run did not finish, once: the first reason is the one that ended it."""
        if not self.reason:
            self.reason = reason
            self._write(reason)

    def _write(self, reason: str) -> None:
        if not self._files:
            return
        run = Run(
            contract=self._contract or UNKNOWN,
            title="a run that did not finish",
            source=UNKNOWN,
            started=self._started,
            seconds=0.0,
            judgements=(),
            notes=(reason, REPLACED),
            state=State.NOT_FINISHED,
        )
        for path in self._files:
            write(path, REPORTS[path.name].render(run))


def refused_command(directory: Path, words: Sequence[str], why: str) -> None:
    """Replace the reports of an earlier run, for a command line that pytest could not read: no run begins."""
    if any(word.partition("=")[0] in JUDGE_NOTHING for word in words) or not is_folder(directory):
        return
    with contextlib.suppress(ReportError):  # the line that is printed is the one to read
        claim = Claim(directory)
        try:
            started = datetime.now(UTC).isoformat(timespec="seconds")
            Unfinished(directory, "", started).because(f"The run was refused: {why}")
        finally:
            claim.release()
