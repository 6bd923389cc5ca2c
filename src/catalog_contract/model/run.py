"""Everything that reports may show of one run."""

from dataclasses import dataclass
from enum import StrEnum

from catalog_contract.model.incident import Incident
from catalog_contract.model.observation import RequestSeen
from catalog_contract.model.verdict import Judgement, Verdict, overall
from catalog_contract.model.wording import NEUTRAL, Words


@dataclass(frozen=True)
class Count:
    """One row of the collection table. Numbers are None where the collection gave no list.

    `total` counts the rows of the bulk read, `unique` the different ids among them; `expected` is the dated
    figure of the contract, `lowest` and `highest` what its tolerance allows. `merges` marks the collection that holds
    the rows of all others: a grand total leaves it out.
    """

    collection: str
    total: int | None
    unique: int | None
    expected: int | None
    lowest: int | None
    highest: int | None
    verdict: Verdict
    note: str = ""
    merges: bool = False

    @property
    def duplicates(self) -> int | None:
        """Rows beyond the first of each id."""
        return None if self.total is None or self.unique is None else self.total - self.unique


@dataclass(frozen=True)
class Step:
    """One command of a next step, and what its answer tells: for each remaining cause what it would answer."""

    command: str
    tells: str = ""


@dataclass(frozen=True)
class Cause:
    """A named diagnosis: what probably happened, the evidence for it, and what to do next.

    `alternatives` are the names of other causes of the run that predict the same: they cannot be distinguished
    from here. `steps` are the commands of the next step, in their order.
    """

    name: str
    message: str
    evidence: str
    next_step: str
    alternatives: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


NO_KNOWN_CAUSE = "no known cause"
"""The name that stands in place of a cause where no known one explains what a run saw broken."""


@dataclass(frozen=True)
class Segment:
    """One page of a strip: that many items lie before it. `state` is full, short, empty, repeated or unread; `place` is
    the position in the words of the API ("offset 100", "page 2")."""

    offset: int
    limit: int
    count: int
    state: str
    place: str = ""

    @property
    def where(self) -> str:
        """The position for a message."""
        return self.place or f"row {self.offset:,}"


@dataclass(frozen=True)
class Strip:
    """A collection drawn by offset: the pages of its walk, and where it was expected to end.

    `lowest` is the smallest total within tolerance: a page that is empty behind it is not a fault.
    """

    collection: str
    segments: tuple[Segment, ...]
    expected: int | None
    lowest: int | None = None


@dataclass(frozen=True)
class Past:
    """An earlier run of the same contract, as the history tells it. `totals` has a pair for each collection."""

    started: str
    source: str
    verdict: Verdict
    totals: tuple[tuple[str, int | None], ...]
    broken: int
    not_judged: int


@dataclass(frozen=True)
class Invocation:
    """How a run was called. `command` is the whole line; `again` the line that judges the same service by the same
    contract, to which `-k` and a case are added; both without secrets. `version` is that of this suite, `commit` that
    of the folder in which it ran, empty where git knows none.
    """

    command: str = ""
    again: str = ""
    version: str = ""
    commit: str = ""


class State(StrEnum):
    """How far a run got. STOPPED is a run that ended early as it was asked to (`-x`)."""

    FINISHED = "finished"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    NOT_FINISHED = "not finished"


@dataclass(frozen=True)
class Run:
    """Everything a report may show of one run; reports are functions of this and of nothing else.

    `source` says where the answers came from, `origin` what a recording was made from and when. `notes` are
    statements about what this run cannot see. `not_promised` names the rules the contract gives no case for,
    each with the reason. `incidents` are those that the contract declares. `past` are
    the earlier runs, oldest first. `unplayed` are the recorded requests that no rule asked for, `words` the
    contract's names for an item and a collection. `state` is how far it got: a run that did not finish has no
    judgements, and the reason as its first note.
    """

    contract: str
    title: str
    source: str
    started: str
    seconds: float
    judgements: tuple[Judgement, ...]
    counts: tuple[Count, ...] = ()
    requests: tuple[RequestSeen, ...] = ()
    planned: int | None = None
    origin: str = ""
    diagnosis: tuple[Cause, ...] = ()
    strips: tuple[Strip, ...] = ()
    not_promised: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    past: tuple[Past, ...] = ()
    unplayed: tuple[str, ...] = ()
    words: Words = NEUTRAL
    invocation: Invocation = Invocation()
    state: State = State.FINISHED

    @property
    def verdict(self) -> Verdict:
        """The one verdict of the run."""
        return overall(self.judgements)

    @property
    def outcome(self) -> str:
        """The verdict, or that the run did not finish: what a report has at its top."""
        return str(self.state).upper() if self.state is State.NOT_FINISHED else str(self.verdict)

    def having(self, verdict: Verdict) -> tuple[Judgement, ...]:
        """The judgements of one verdict but for known breakages, worst severity first, then by the rulebook."""
        chosen = (judgement for judgement in self.judgements if judgement.verdict is verdict and not judgement.known)
        return tuple(sorted(chosen, key=lambda judgement: judgement.severity))

    @property
    def known(self) -> tuple[Judgement, ...]:
        """The broken promises that are accepted for now, in the order of the rulebook."""
        return tuple(judgement for judgement in self.judgements if judgement.known)
