"""A run that has not finished: its reports take the place of those that an earlier run left."""

from pathlib import Path

from catalog_contract.model.run import Run, State
from catalog_contract.report.write import IDS, RENDERED, is_ours
from catalog_contract.util.files import ReportError, write

RUNNING = "The run has not finished: it is still running, or it was killed"
REPLACED = "The reports of an earlier run stood here; this run replaced them when it started"
UNKNOWN = "not known"


class Unfinished:
    """The reports of a run from its start on, until its own take their place.

    Only reports that a run of this suite wrote are replaced; where there are none, none are written. Raises
    ReportError when one cannot be replaced.
    """

    def __init__(self, directory: Path, contract: str, started: str) -> None:
        self._directory = directory
        self._files = [directory / name for name in RENDERED if is_ours(directory / name)]
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
            write(path, RENDERED[path.name](run))
