"""What a run says: verdicts, judgements, the counts table, and the exit status that follows."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from catalog_contract.util.text import visible

EXIT_HOLDS = 0
EXIT_BROKEN = 1
EXIT_CRASH = 3
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


MAX_MESSAGE = 20_000
"""How many characters a finding has at the most: a service may answer with texts of any length."""


def _bounded(message: str) -> str:
    """The message made visible, at most `MAX_MESSAGE` long: bounded once more, it stays as it is."""
    shown = visible(message[:MAX_MESSAGE])
    if len(message) <= MAX_MESSAGE >= len(shown):
        return shown
    end = f"… ({len(message):,} characters in all)"
    return shown[: MAX_MESSAGE - len(end)] + end


class NotJudged(Exception):
    """A promise could not be judged, because what it speaks of could not be observed; the message says why."""

    def __init__(self, why: str, curl: str = "") -> None:
        self.why = _bounded(why)
        super().__init__(self.why)
        self.curl = curl


class Kind(StrEnum):
    """What a witness shows, for those who must not read its words."""

    OTHER = ""
    UNSTEADY = "unsteady"
    OSCILLATES = "oscillates"
    SERVED = "served"
    FROM_END = "served from the end"
    CRASHED = "crashed"
    POOR_REFUSAL = "refused without a reason"


@dataclass(frozen=True)
class Evidence:
    """The smallest witness of a broken promise, as a rule hands it to its `assert`.

    `says` is the finding in a line or three; `expected` and `actual` the two sides; `requests` the targets
    that show it; `curl` the line that asks again, `beside` those of the further requests that it takes.
    `lost`, `unexpected` and `repeated` are whole id lists (attachments; the text shows the first few and the count).
    `kind` is what it shows in one word.
    """

    message: str
    curl: str = ""
    requests: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    kind: str = Kind.OTHER

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _bounded(self.message))

    def __str__(self) -> str:
        return "\n".join(line for line in (self.message, self.curl and f"ask again: {self.curl}") if line)


@dataclass(frozen=True)
class Judgement:
    """What one rule says of one case.

    `rule` is the function's name without `test_`, `case` the words between the brackets of the test id
    (empty for none), `collection` the collection it speaks of (empty for none). `first_broken` and
    `broken_runs` are known from the history alone: when this breakage began, and in how many runs on end. `known`
    says why a breakage is accepted for now, and where that is written; empty for one that nobody has accepted. `file`
    and `line` are where the rule is written; empty and 0 where that is not known.
    """

    rule: str
    case: str
    collection: str
    verdict: Verdict
    promise: str = ""
    family: str = ""
    severity: Severity = Severity.NORMAL
    evidence: Evidence | None = None
    why: str = ""
    seconds: float = 0.0
    first_broken: str = ""
    broken_runs: int = 0
    known: str = ""
    file: str = ""
    line: int = 0

    @property
    def message(self) -> str:
        """What was found, or why it could not be judged; empty when the promise holds."""
        return self.evidence.message if self.evidence else self.why

    @property
    def kind(self) -> str:
        """What its witness shows in one word; empty without one."""
        return self.evidence.kind if self.evidence else Kind.OTHER

    @property
    def curl(self) -> str:
        """The line that asks the same again; empty when there is none."""
        return self.evidence.curl if self.evidence else ""

    @property
    def curls(self) -> tuple[str, ...]:
        """The lines that ask again all that it takes to see it."""
        beside = self.evidence.beside if self.evidence else ()
        return tuple(line for line in (self.curl, *beside) if line)


def overall(judgements: Iterable[Judgement]) -> Verdict:
    """The verdict of a run: BROKEN if any promise is, else NOT JUDGED if any could not be, else HOLDS.

    A known breakage counts neither way. No judgement at all is NOT JUDGED: nothing was seen.
    """
    reported = list(judgements)
    found = {judgement.verdict for judgement in reported if not judgement.known}
    if Verdict.BROKEN in found:
        return Verdict.BROKEN
    if Verdict.NOT_JUDGED in found or not reported:
        return Verdict.NOT_JUDGED
    return Verdict.HOLDS


def exit_status(verdict: Verdict) -> int:
    """0 all hold, 1 a promise is broken, 16 nothing broken but something not judged."""
    return {Verdict.HOLDS: EXIT_HOLDS, Verdict.BROKEN: EXIT_BROKEN, Verdict.NOT_JUDGED: EXIT_NOT_JUDGED}[verdict]
