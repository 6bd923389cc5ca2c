"""The end of a run: the Run is made from what was judged and observed."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from catalog_contract.catalog.strip import strips
from catalog_contract.diagnosis.coverage import coverage_notes
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import ELSEWHERE
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.run import Cause, Invocation, Run
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.selection import in_order
from catalog_contract.run import against, baseline, sampled
from catalog_contract.run.accepted import Known, current, untried
from catalog_contract.run.counts import counts
from catalog_contract.run.observed import Observed, merged
from catalog_contract.run.sampled import was_sampled
from catalog_contract.run.session import Session
from catalog_contract.util.text import counted

NOT_KNOWN = Invocation()


@dataclass
class Clock:
    """When a run began, for its report: wall-clock time in UTC, and seconds since."""

    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    _begun: float = field(default_factory=time.perf_counter)

    @property
    def today(self) -> date:
        """The day on which the run began, in UTC."""
        return datetime.fromisoformat(self.started).astimezone(UTC).date()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._begun


def finished(
    session: Session,
    judgements: Sequence[Judgement],
    observed: Observed,
    clock: Clock,
    not_promised: Sequence[tuple[str, str]] = (),
    planned: int | None = None,
    *,
    whole: bool = False,
    accepted: Sequence[Known] = (),
    notes: Sequence[str] = (),
    invocation: Invocation = NOT_KNOWN,
) -> Run:
    """The Run of a session: everything its reports may show. `whole`: all cases were asked, so what a recording holds
    beyond that is reported. `accepted` are the known breakages, `notes` what else to report."""
    contract, observed = session.contract, merged([observed], session.contract)
    pages, unplayed = observed.pages, observed.unplayed if whole else ()
    judgements = in_order(judgements, contract)
    reported = [*judgements, *current(accepted, judgements, clock.today)]
    further = [*untried(accepted, judgements, dict(not_promised)), *_limits(session, judgements, observed, unplayed)]
    return Run(
        contract=contract.name,
        title=contract.title,
        source=session.label,
        origin=session.origin,
        started=clock.started,
        seconds=round(clock.seconds, 3),
        judgements=tuple(replace(j, promise=contract.words.render(j.promise)) for j in reported),
        words=contract.words,
        counts=counts(contract, pages, judgements),
        requests=observed.requests,
        planned=planned,
        incidents=contract.incidents,
        diagnosis=_causes(session, pages, judgements),
        strips=strips(contract, pages),
        not_promised=tuple(not_promised),
        notes=(*notes, *further),
        unplayed=unplayed,
        invocation=invocation,
    )


def _in_words(cause: Cause, contract: Contract) -> Cause:
    """A cause in the contract's words; its name stays, for it is what `explain` takes."""
    names = [collection.name for collection in contract.collections]

    def words(text: str) -> str:
        return contract.words.render_cause(text, names)

    return replace(
        cause,
        message=words(cause.message),
        evidence=words(cause.evidence),
        next_step=words(cause.next_step),
        steps=tuple(replace(step, tells=words(step.tells)) for step in cause.steps),
    )


def _causes(session: Session, pages: Sequence[PageSeen], judgements: Sequence[Judgement]) -> tuple[Cause, ...]:
    """What probably happened, in the words of the contract; breakages that are known need no cause."""
    contract, new = session.contract, [judgement for judgement in judgements if not judgement.known]
    if all(judgement.verdict is Verdict.HOLDS for judgement in new):
        return ()
    from catalog_contract.diagnosis.causes import diagnose  # most runs hold, and need none of it

    causes = diagnose(_asked_at(session), _read_whole(contract, pages), new)
    return tuple(_in_words(cause, contract) for cause in causes)


def _read_whole(contract: Contract, pages: Sequence[PageSeen]) -> list[PageSeen]:
    """The pages of collections of which no part was left out, or to another shard: of others no cause can be seen."""
    parted = {page.collection for page in pages if page.failure.startswith(ELSEWHERE)}
    parted |= was_sampled(contract, pages)
    return [page for page in pages if page.collection not in parted]


def _asked_at(session: Session) -> Contract:
    """The contract, at the address that was asked."""
    return replace(session.contract, base_url=session.base_url or session.contract.base_url)


def _limits(
    session: Session, judgements: Sequence[Judgement], observed: Observed, unplayed: Sequence[str]
) -> Iterator[str]:
    """What this run cannot see, and what its reader should know of it."""
    contract, pages = session.contract, observed.pages
    yield from sampled.notes(contract, pages)
    yield from baseline.gaps(contract, pages)
    yield from coverage_notes(contract, judgements, pages)
    yield from _notes(session, observed, unplayed)
    yield from baseline.notes(contract, pages)
    yield from against.notes(contract, observed.compared)


def _notes(session: Session, observed: Observed, unplayed: Sequence[str]) -> list[str]:
    """What is to be reported of the run itself: its source, what was left unplayed, its retries."""
    reported = session.origin if session.contract.followed else f"the answers are recorded: {session.origin}"
    notes = [reported] if session.cassette else []
    if unplayed:
        some = ", ".join(unplayed[:3]) + (f" and {len(unplayed) - 3} more" if len(unplayed) > 3 else "")
        parted = "" if session.contract.followed else "recording and rulebook have parted: "
        notes.append(f"{parted}{len(unplayed)} recorded answers were asked for by no rule: {some}")
    tried = sum(request.resent for request in observed.requests)
    notes += [f"{counted(tried, 'retry was', 'retries were')} needed; verdict.html says why"] if tried else []
    return notes
