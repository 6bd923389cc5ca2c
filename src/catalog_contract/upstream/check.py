"""What a service relies on in its upstream: that each parameter has an effect, and that the links lead to the end."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from catalog_contract.catalog.page import Page
from catalog_contract.catalog.walking import Ending, walk_by_next
from catalog_contract.model.verdict import Verdict
from catalog_contract.upstream.asking import Upstream, newcomers
from catalog_contract.upstream.five import Conclusion, Effect, Five, ask_five, concluded
from catalog_contract.util.text import counted, line, number

NOTHING_FITS = "no-such-value"
"""A value that no item fits: an upstream that reads the parameter answers it with something else, or refuses it."""


@dataclass(frozen=True)
class Finding:
    """One promise, and what was seen of it."""

    name: str
    verdict: Verdict
    note: str


@dataclass(frozen=True)
class Report:
    """All that was asked. The verdict is that of the promises; what `offset` does is no promise unless relied on."""

    five: Five
    conclusion: Conclusion
    parameters: tuple[Finding, ...]
    walk: Finding
    refused: str

    @property
    def verdict(self) -> Verdict:
        """BROKEN where a promise is; NOT JUDGED where one could not be judged, or the five do not tell."""
        verdicts = {self.walk.verdict, *(finding.verdict for finding in self.parameters)}
        if Verdict.BROKEN in verdicts:
            return Verdict.BROKEN
        open_ = Verdict.NOT_JUDGED in verdicts or self.conclusion.offset is Effect.UNKNOWN
        return Verdict.NOT_JUDGED if open_ else Verdict.HOLDS


def check(upstream: Upstream, step: int, most_pages: int, relied_on: frozenset[str] = frozenset()) -> Report:
    """Ask an upstream. `relied_on` names `offset` or `skip` where the service asks by them."""
    five = ask_five(upstream, step)
    words = upstream.contract.words
    walk, first = _walk(upstream, most_pages, words.several_items, moves=bool(five.newcomers))
    parameters = (
        _limit(upstream, five, first),
        *(_position(five, name, at) for name, at in (("offset", 2), ("skip", 3)) if name in relied_on),
        *_effects(upstream, step),
    )
    return Report(five, concluded(five, words), parameters, walk, upstream.refused)


def _walk(upstream: Upstream, most_pages: int, items: str, *, moves: bool) -> tuple[Finding, Page]:
    """Follow the links in the largest pages: the fewest requests. Gives the finding, and the first page."""
    limit = upstream.contract.paging.maximum_limit or upstream.contract.paging.page_size
    walk = walk_by_next(upstream.pager(), upstream.read, limit, most_pages)
    read = [page for page in walk.pages if not page.fault]
    named = [id for page in read for id in page.ids if id is not None]
    repeats = [id for id, times in Counter(named).items() if times > 1]
    amount = f"{counted(len(read), 'page')}, {number(len(named))} {items}"
    if walk.ending in (Ending.LOOP, Ending.ASTRAY):
        problem = f" ({walk.problem})" if walk.problem else ""
        return Finding("walk", Verdict.BROKEN, f"{amount}: {walk.ending}{problem}"), walk.pages[0]
    if repeats:
        verdict = Verdict.NOT_JUDGED if moves else Verdict.BROKEN
        moving = ", while the list moves" if moves else ""
        return Finding("walk", verdict, f"{amount}: {line(repeats[0], 60)} is listed again{moving}"), walk.pages[0]
    if not walk.complete:
        why = walk.problem if walk.ending is Ending.UNREAD else f"no end within {counted(most_pages, 'page')}"
        return Finding("walk", Verdict.NOT_JUDGED, f"{amount}: {why}"), walk.pages[0]
    return Finding("walk", Verdict.HOLDS, f"{amount}; it ends, and repeats nothing"), walk.pages[0]


def _limit(upstream: Upstream, five: Five, largest: Page) -> Finding:
    """Whether the page size is the one asked for: by the plain page, and the first of the walk."""
    name, plain = str(upstream.contract.parameters.limit), five.page(1)
    if plain.fault or largest.fault:
        return Finding(name, Verdict.NOT_JUDGED, plain.fault or largest.fault)
    if plain.count > five.step:
        return Finding(name, Verdict.BROKEN, f"{five.step} asked for, {number(plain.count)} came")
    if largest.count > plain.count:
        return Finding(name, Verdict.HOLDS, f"{number(plain.count)} for {five.step}, {number(largest.count)} for more")
    if not five.goes_on[0]:
        return Finding(name, Verdict.NOT_JUDGED, "the whole list fits on the first page")
    return Finding(name, Verdict.BROKEN, f"{number(plain.count)} whatever is asked for")


_OF_EFFECT = {
    Effect.SKIPS: Verdict.HOLDS,
    Effect.NONE: Verdict.BROKEN,
    Effect.UNKNOWN: Verdict.NOT_JUDGED,
}


def _position(five: Five, name: str, at: int) -> Finding:
    effect = five.effect(at)
    return Finding(name, _OF_EFFECT[effect], five.page(at).fault or str(effect))


def _effects(upstream: Upstream, step: int) -> Iterator[Finding]:
    """Of each parameter that the service sends: does a value that nothing fits, or its absence, change the answer?"""
    for name in dict.fromkeys(name for name, _ in upstream.query):
        others = tuple(pair for pair in upstream.query if pair[0] != name)
        seen = [
            _compared(upstream.page(step), upstream.page(step, query=query))
            for query in ((*others, (name, NOTHING_FITS)), others)
        ]
        yield _finding(f"{name}={dict(upstream.query)[name]}", seen)


class _Difference(Enum):
    """How an answer with one parameter changed compares with the plain one."""

    NONE = "the same"
    REFUSED = "refused"
    OTHER = "other"
    MOVED = "moved"
    UNREAD = "unread"


def _compared(plain: Page, other: Page) -> _Difference:
    if plain.fault or (other.fault and other.unavailable):
        return _Difference.UNREAD
    if other.fault:
        return _Difference.REFUSED
    entered = newcomers(plain.ids, other.ids)
    if entered is None or _shapes(plain, other) != _shapes(other, plain):
        return _Difference.OTHER
    return _Difference.MOVED if entered else _Difference.NONE


def _shapes(page: Page, other: Page) -> list[frozenset[str]]:
    """The keys of each item that is on another page, too: some parameters change what an item says of itself."""
    shared = zip(page.ids, page.items, strict=True)
    return [frozenset(item) if isinstance(item, dict) else frozenset() for id, item in shared if id in {*other.ids}]


def _finding(name: str, seen: list[_Difference]) -> Finding:
    without = seen[1]
    if without is _Difference.OTHER:
        return Finding(name, Verdict.HOLDS, "without it another page comes")
    if seen[0] is _Difference.REFUSED:
        return Finding(name, Verdict.HOLDS, "a value that nothing fits is refused")
    if seen[0] is _Difference.OTHER:
        return Finding(name, Verdict.HOLDS, "a value that nothing fits brings another page")
    if _Difference.UNREAD in seen:
        return Finding(name, Verdict.NOT_JUDGED, "no answer to compare with")
    if _Difference.MOVED in seen:
        return Finding(name, Verdict.NOT_JUDGED, "the list moves, and nothing else is seen")
    return Finding(name, Verdict.BROKEN, "the same page comes without it, and with a value that nothing fits")
