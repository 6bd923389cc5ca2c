"""Where things lie in the drawings of the page and of the attachments: numbers only, no markup."""

from dataclasses import dataclass

from catalog_contract.model.run import Past, Run, Strip
from catalog_contract.model.verdict import Verdict
from catalog_contract.report import strips
from catalog_contract.util.text import number

MAX_SEGMENTS = 150
TICKS = 4
CALM = 0.1
"""The least share of a total that the height of a trend stands for: one item more must not look like a cliff."""


@dataclass(frozen=True)
class Bar:
    """A page in a drawing. `x` and `width` in percent of the drawing, `filled` the share of the page that holds."""

    x: float
    width: float
    filled: float
    look: str
    message: str


@dataclass(frozen=True)
class Tick:
    """A mark of the axis. `anchor` keeps its text inside the drawing."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True)
class StripDrawing:
    """A strip ready to be drawn; `words` tells the same without the picture."""

    collection: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    expected: Tick | None
    summary: str
    words: str
    looks: tuple[str, ...]


def strip_drawing(strip: Strip) -> StripDrawing:
    """A strip with every length in percent of its whole."""
    whole = strips.end(strip)
    bars = tuple(_bar(cell, whole) for cell in strips.cells(strips.merged(strip, MAX_SEGMENTS)))
    step = _step(whole)
    ticks = tuple(_tick(offset, whole, number(offset)) for offset in range(0, whole, step))
    looks = tuple(look for look in LOOKS if any(bar.look == look for bar in bars))
    expected = strip.expected
    marker = None if expected is None else _tick(expected, whole, f"{number(expected)} expected")
    return StripDrawing(strip.collection, bars, ticks, marker, strips.summary(strip), strips.words(strip), looks)


LOOKS = {
    "full": "full: as many as asked for",
    "short": "short: fewer, as it should be on the last page",
    "short-bad": "short where a full page was expected",
    "empty": "empty, at the end",
    "empty-bad": "empty where more was expected",
    "repeated": "repeated: those of another page again",
    "unread": "unread, or no usable answer",
}
"""How a page may look in a drawing, and what the legend says of it."""


def _bar(cell: strips.Cell, whole: int) -> Bar:
    segment = cell.segment
    look = segment.state + ("-bad" if cell.bad and segment.state in {"short", "empty"} else "")
    message = f"{segment.where}: {number(segment.count)} of {number(segment.limit)}, {segment.state}"
    filled = min(1.0, segment.count / segment.limit) if segment.limit else 0.0
    look = look if look in LOOKS else "unread"
    return Bar(_percent(segment.offset, whole), _percent(segment.limit, whole), filled, look, message)


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 3)


def _step(whole: int) -> int:
    """The smallest round step (1, 2 or 5 times a power of ten) that makes at most `TICKS` marks."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if whole <= factor * power * TICKS:
                return factor * power
        power *= 10


def _tick(offset: int, whole: int, text: str) -> Tick:
    x = _percent(offset, whole)
    return Tick(x, text, "start" if x < 12 else "end" if x > 60 else "middle")


@dataclass(frozen=True)
class Snapshot:
    """One run of the trend. `x` and `y` in percent; `y` is None where the collection gave no list."""

    x: float
    y: float | None
    total: int | None
    verdict: Verdict
    started: str


@dataclass(frozen=True)
class TrendDrawing:
    """The totals of one collection over the last runs, this one last. `lines` are the unbroken stretches."""

    collection: str
    runs: tuple[Snapshot, ...]
    lowest: int
    highest: int
    change: int | None
    highest_y: float
    lowest_y: float

    @property
    def lines(self) -> tuple[str, ...]:
        """The stretches of runs that have a total, each as the points of a polyline."""
        stretches: list[list[str]] = [[]]
        for past in self.runs:
            if past.y is None:
                stretches.append([])
            else:
                stretches[-1].append(f"{past.x},{past.y}")
        return tuple(" ".join(points) for points in stretches if len(points) > 1)


def now(run: Run) -> Past:
    """The run itself as the newest run of its own history."""
    totals = tuple((row.collection, row.total) for row in run.counts)
    cases = [judgement.verdict for judgement in run.judgements]
    broken, unseen = cases.count(Verdict.BROKEN), cases.count(Verdict.NOT_JUDGED)
    return Past(run.started, run.source, run.verdict, totals, broken, unseen)


def trend_drawing(run: Run, collection: str) -> TrendDrawing | None:
    """The trend of a collection's total; None where fewer than two runs know one."""
    runs = [*run.past, now(run)]
    totals = [dict(past.totals).get(collection) for past in runs]
    known = [total for total in totals if total is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    spread = max(high - low, round(high * CALM), 1)
    middle = (high + low) / 2
    drawn = tuple(
        Snapshot(
            round(100 * (index + 0.5) / len(runs), 2),
            None if total is None else round(50 - 100 * (total - middle) / spread, 2),
            total,
            past.verdict,
            past.started,
        )
        for index, (past, total) in enumerate(zip(runs, totals, strict=True))
    )
    heights = [past.y for past in drawn if past.y is not None]
    change = None if totals[-1] is None or totals[-2] is None else totals[-1] - totals[-2]
    return TrendDrawing(collection, drawn, low, high, change, min(heights), max(heights))
