"""What a run says: verdicts, judgements, the counts table, and the exit status that follows."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from catalog_contract.exchange import resent

EXIT_HOLDS = 0
EXIT_BROKEN = 1
EXIT_USAGE = 4
EXIT_NOT_JUDGED = 16


class Verdict(StrEnum):
    """HOLDS: the promise was seen kept. BROKEN: seen broken. NOT JUDGED: it could not be seen."""

    HOLDS = "HOLDS"
    BROKEN = "BROKEN"
    NOT_JUDGED = "NOT JUDGED"


class Severity(IntEnum):
    """How much a broken promise costs a client; worst first when sorted."""

    BLOCKER = 1
    CRITICAL = 2
    NORMAL = 3
    MINOR = 4


def visible(text: str) -> str:
    """A text without signs that steer a terminal or cannot be written: what a service sends is never trusted."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in text)


class NotJudged(Exception):
    """A promise could not be judged, because what it speaks of could not be observed; the message says why."""

    def __init__(self, why: str, curl: str = "") -> None:
        super().__init__(visible(why))
        self.why = visible(why)
        self.curl = curl


@dataclass(frozen=True)
class Evidence:
    """The smallest witness of a broken promise, as a rule hands it to its `assert`.

    `says` is the finding in a line or three; `expected` and `actual` the two sides; `requests` the targets
    that show it; `curl` the line that asks again. `lost`, `unexpected` and `repeated` are whole id lists
    (attachments; the text shows the first few and the count).
    """

    says: str
    curl: str = ""
    requests: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "says", visible(self.says))

    def __str__(self) -> str:
        return "\n".join(line for line in (self.says, self.curl and f"ask again: {self.curl}") if line)


@dataclass(frozen=True)
class Judgement:
    """What one rule says of one case.

    `rule` is the function's name without `test_`, `case` the words between the brackets of the test id
    (empty for none), `gateway` the collection it speaks of (empty for none). `first_broken` and
    `broken_runs` are known from the history alone: when this breakage began, and in how many runs on end. `known`
    says why a breakage is accepted for now, and where that is written; empty for one that nobody has accepted.
    """

    rule: str
    case: str
    gateway: str
    verdict: Verdict
    promise: str = ""
    family: str = ""
    severity: Severity = Severity.NORMAL
    incident: str = ""
    evidence: Evidence | None = None
    why: str = ""
    seconds: float = 0.0
    first_broken: str = ""
    broken_runs: int = 0
    known: str = ""

    @property
    def message(self) -> str:
        """What was found, or why it could not be judged; empty when the promise holds."""
        return self.evidence.says if self.evidence else self.why

    @property
    def curl(self) -> str:
        """The line that asks the same again; empty when there is none."""
        return self.evidence.curl if self.evidence else ""


def overall(judgements: Iterable[Judgement]) -> Verdict:
    """The verdict of a run: BROKEN if any promise is, else NOT JUDGED if any could not be, else HOLDS.

    A known breakage counts neither way. No judgement at all is NOT JUDGED: nothing was seen.
    """
    told = list(judgements)
    found = {judgement.verdict for judgement in told if not judgement.known}
    if Verdict.BROKEN in found:
        return Verdict.BROKEN
    if Verdict.NOT_JUDGED in found or not told:
        return Verdict.NOT_JUDGED
    return Verdict.HOLDS


def exit_status(verdict: Verdict) -> int:
    """0 all hold, 1 a promise is broken, 16 nothing broken but something not judged."""
    return {Verdict.HOLDS: EXIT_HOLDS, Verdict.BROKEN: EXIT_BROKEN, Verdict.NOT_JUDGED: EXIT_NOT_JUDGED}[verdict]


@dataclass(frozen=True)
class Count:
    """One row of the gateway table. Numbers are None where the gateway gave no list.

    `total` counts the rows of the bulk read, `unique` the different ids among them; `expected` is the dated
    figure of the contract, `lowest` and `highest` what its tolerance allows. `merges` marks the gateway that holds
    the rows of all others: a grand total leaves it out.
    """

    gateway: str
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
class PageSeen:
    """One listing answer as observed: where it lies in the catalogue and what it held.

    `ids` has one entry a row, None for a row without a usable id. `total` is what the answer's counter said.
    """

    gateway: str
    target: str
    offset: int | None
    limit: int | None
    status: int | None
    ids: tuple[str | None, ...]
    total: object = None
    walk: bool = False
    bulk: bool = False
    reading: int = 1
    failure: str = ""


@dataclass(frozen=True)
class RequestSeen:
    """One request of the run as the reports list it.

    `seconds` is None for a recording, `size` in bytes. `added` are the headers that this request adds.
    """

    target: str
    status: int | None
    seconds: float | None
    size: int
    retries: tuple[str, ...] = ()
    failure: str = ""
    reading: int = 1
    added: str = ""

    @property
    def resent(self) -> int:
        """How often it was sent again."""
        return resent(self.retries)


@dataclass(frozen=True)
class Cause:
    """A named diagnosis: what probably happened, the evidence for it, and what to do next."""

    name: str
    says: str
    evidence: str
    next_step: str


@dataclass(frozen=True)
class Segment:
    """One page of a strip. `state` is full, short, empty, repeated or unread."""

    offset: int
    limit: int
    count: int
    state: str


@dataclass(frozen=True)
class Strip:
    """A collection drawn by offset: the pages of its walk, and where it was expected to end.

    `lowest` is the smallest total within tolerance: a page that is empty behind it is no fault.
    """

    gateway: str
    segments: tuple[Segment, ...]
    expected: int | None
    lowest: int | None = None


@dataclass(frozen=True)
class Past:
    """An earlier run of the same contract, as the history tells it. `totals` has a pair for each gateway."""

    started: str
    source: str
    verdict: Verdict
    totals: tuple[tuple[str, int | None], ...]
    broken: int
    not_judged: int


@dataclass(frozen=True)
class Run:
    """Everything a report may show of one run; reports are functions of this and of nothing else.

    `source` says where the answers came from, `origin` what a recording was made from and when. `notes` are
    statements about what this run cannot see. `not_promised` names the rules the contract gives no case for,
    each with the reason. `incidents` says of each incident what happened, or where that is told. `past` are
    the earlier runs, oldest first. `unplayed` are the recorded requests that no rule asked for.
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
    incidents: tuple[tuple[str, str], ...] = ()
    past: tuple[Past, ...] = ()
    unplayed: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The one verdict of the run."""
        return overall(self.judgements)

    def having(self, verdict: Verdict) -> tuple[Judgement, ...]:
        """The judgements of one verdict but for known breakages, worst severity first, then by the rulebook."""
        chosen = (judgement for judgement in self.judgements if judgement.verdict is verdict and not judgement.known)
        return tuple(sorted(chosen, key=lambda judgement: judgement.severity))

    @property
    def known(self) -> tuple[Judgement, ...]:
        """The broken promises that are accepted for now, in the order of the rulebook."""
        return tuple(judgement for judgement in self.judgements if judgement.known)
