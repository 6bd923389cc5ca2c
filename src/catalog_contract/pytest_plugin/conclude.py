"""The end of a run, without pytest: the Run is made, and what it leaves behind is written."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog_contract.model.contract import Contract
from catalog_contract.model.run import Invocation, Run, State
from catalog_contract.model.verdict import Judgement
from catalog_contract.report import allure, allure_results
from catalog_contract.report.history import check as check_history
from catalog_contract.report.markdown import VARIABLE, append_step_summary
from catalog_contract.report.write import remember, write_reports
from catalog_contract.rules.judge import unreached
from catalog_contract.rules.selection import Asked, is_whole
from catalog_contract.run import baseline, shards
from catalog_contract.run.accepted import Known
from catalog_contract.run.finish import NOT_KNOWN, Clock, finished
from catalog_contract.run.observed import Observed, merged
from catalog_contract.run.probing import probed
from catalog_contract.run.recording import answers_lost, keep
from catalog_contract.run.session import Session
from catalog_contract.run.settings import Settings
from catalog_contract.util.files import ReportError, usable, writable

UNREACHED = "the run was {} before this case"


@dataclass(frozen=True)
class Results:
    """What the tests of a run have brought: the cases asked for, what came of them, and what each process saw.

    `accepted` are the known breakages, `invocation` is how the run was called, `interrupted` is whether a signal
    ended it.
    """

    asked: Sequence[Asked]
    judgements: Sequence[Judgement]
    observed: Sequence[Observed]
    not_promised: Sequence[tuple[str, str]] = ()
    planned: int | None = None
    accepted: Sequence[Known] = ()
    invocation: Invocation = NOT_KNOWN
    interrupted: bool = False


@dataclass(frozen=True)
class Places:
    """Where a run is written down; None where it is not."""

    reports: Path
    allure: Path
    history: Path | None = None


@dataclass
class Outcome:
    """A run, the lines to say of what was written, and whether all of it could be."""

    run: Run
    lines: list[str] = field(default_factory=list)
    complete: bool = True


def check(places: Places, baseline: Path | None = None, junit: Path | None = None) -> None:
    """Refuse what could not be written at the end of a run. To be called before anything is asked.

    `junit` is the file of pytest's own report. Raises ReportError with one line; makes folders that are missing, and
    touches no file.
    """
    usable(places.reports)
    usable(places.allure)
    if places.history and baseline and places.history.resolve() == baseline.resolve():
        raise ReportError(f"--history and --baseline both name {baseline}: give each a file of its own")
    if places.history:
        check_history(places.history)
    if baseline:
        writable(baseline, "--baseline", renamed=True)
    if junit:
        writable(junit, "--junitxml")
    if os.environ.get(VARIABLE):
        writable(Path(os.environ[VARIABLE]), VARIABLE)


def conclude(session: Session, settings: Settings, reported: Results, places: Places, clock: Clock) -> Outcome:
    """Make the Run and write reports, recording and baseline. Cases that were not reached are NOT JUDGED.

    A run that did not get to its end is not added to the history.
    """
    contract, observed = session.contract, merged(reported.observed, session.contract)
    early = State.INTERRUPTED if reported.interrupted else State.STOPPED
    left = unreached(reported.asked, reported.judgements, UNREACHED.format(early))
    judged = [*reported.judgements, *left]
    observed = observed if left else probed(session, settings, judged, observed)
    whole = not left and is_whole(reported.asked, contract, live=settings.live)
    run = finished(
        session,
        judged,
        observed,
        clock,
        reported.not_promised,
        reported.planned,
        whole=whole,
        accepted=reported.accepted,
        notes=[*shards.not_finished_notes(settings), *_missing_baseline(settings, contract)],
        invocation=reported.invocation,
    )
    outcome = Outcome(replace(run, state=early) if left else run)
    if session.recording:
        outcome.lines.append(_recorded(session, settings, run, bool(left), whole))
    history = None if left else places.history
    try:
        outcome.run = remember(outcome.run, history)
        write_reports(outcome.run, places.reports, history)
        allure.write_extras(places.allure, outcome.run)
        allure_results.complete(places.allure, outcome.run, places.reports / "verdict.html")
        append_step_summary(outcome.run)
        if settings.baseline:
            outcome.lines.append(baseline.keep(settings.baseline, contract, run, observed.pages, whole=whole))
    except ReportError as error:
        outcome.lines.append(f"the reports are not complete: {error}")
        outcome.complete = False
    return outcome


def _missing_baseline(settings: Settings, contract: Contract) -> list[str]:
    if not settings.baseline or contract.baseline:
        return []
    return [f"the baseline {settings.baseline} does not exist yet: no loss since an earlier run can be seen"]


def _recorded(session: Session, settings: Settings, run: Run, cut_short: bool, whole: bool) -> str:
    """Keep the recording of a run that got to its end; one of a selection only where no recorded answer is lost."""
    why = "the run was stopped before its end" if cut_short else ""
    if not whole and not why and (lost := answers_lost(session, settings)):
        why = (
            f"only a selection of the rules was asked, {lost} recorded answers would be lost; give it a name of its own"
        )
    if why:
        assert session.recording is not None
        session.recording.discard()
        return f"not recorded, {settings.record} stays as it was: {why}"
    return keep(session, settings, run)
