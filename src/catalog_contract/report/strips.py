"""What a strip of pages says in words and marks, shared by the terminal, the page and the attachments."""

from dataclasses import dataclass, replace
from itertools import pairwise

from catalog_contract.model.run import Run, Segment, Strip
from catalog_contract.util.text import counted, number

STATES = {
    "full": "as many as asked for",
    "short": "fewer than asked for",
    "empty": "nothing",
    "repeated": "those of another page again",
    "unread": "not read, or no usable answer",
}
"""The states of a page and what each means, in the order of the legends."""


@dataclass(frozen=True)
class Cell:
    """One page of a strip. `bad` says that it lacks items that were due there, or holds those of another page."""

    segment: Segment
    bad: bool


def drawn(run: Run) -> tuple[Strip, ...]:
    """The strips that have pages, each knowing the smallest total that the contract tolerates."""
    lowest = {row.collection: row.lowest for row in run.counts}
    known = (replace(s, lowest=lowest.get(s.collection)) if s.lowest is None else s for s in run.strips)
    return tuple(strip for strip in known if strip.segments)


def cells(strip: Strip) -> tuple[Cell, ...]:
    """The pages of a strip with what was expected of each."""
    due = strip.expected if strip.lowest is None else strip.lowest
    return tuple(_cell(segment, due or 0) for segment in strip.segments)


def _cell(segment: Segment, due: int) -> Cell:
    lacking = segment.offset + segment.count < min(due, segment.offset + segment.limit)
    return Cell(segment, segment.state == "repeated" or (segment.state in {"empty", "short"} and lacking))


def merged(strip: Strip, most: int) -> Strip:
    """A strip of at most about `most` segments: neighbours of one state are drawn as one where it is longer."""
    if len(strip.segments) <= most:
        return strip
    run: list[Segment] = []
    for segment in strip.segments:
        last = run[-1] if run else None
        if last and last.state == segment.state and last.offset + last.limit == segment.offset:
            limit, count = last.limit + segment.limit, last.count + segment.count
            run[-1] = replace(last, limit=limit, count=count)
        else:
            run.append(segment)
    return replace(strip, segments=tuple(run[:most]))


def end(strip: Strip) -> int:
    """The first offset that a drawing of the strip need not show."""
    return max([segment.offset + segment.limit for segment in strip.segments] + [strip.expected or 1])


def words(strip: Strip) -> str:
    """The strip in words: `full 0 to 1,299; short at 1,300 (52 of 100)`."""
    parts = []
    for state, first, last in _stretches(strip.segments):
        if first is last and state == "short":
            parts.append(f"short at {number(first.offset)} ({number(first.count)} of {number(first.limit)})")
        else:
            parts.append(f"{state} {number(first.offset)} to {number(last.offset + last.limit - 1)}")
    shown = parts if len(parts) <= 8 else [*parts[:7], f"and {len(parts) - 7} more stretches"]
    return "; ".join(shown) or "no page was read"


def _stretches(segments: tuple[Segment, ...]) -> list[tuple[str, Segment, Segment]]:
    if not segments:
        return []
    starts = [0] + [index for index, (a, b) in enumerate(pairwise(segments), 1) if a.state != b.state]
    return [
        (segments[start].state, segments[start], segments[stop - 1])
        for start, stop in zip(starts, [*starts[1:], len(segments)], strict=True)
    ]


def summary(strip: Strip) -> str:
    """How many pages were read and how many items were expected."""
    pages = counted(len(strip.segments), "page")
    return pages + (f", {number(strip.expected)} expected" if strip.expected is not None else "")
