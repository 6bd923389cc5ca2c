"""What a service relies on in its upstream: that each parameter has an effect, and that the links lead to the end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from catalog_contract.catalog.page import Page
from catalog_contract.catalog.walking import Ending, Walked, walk_by_next
from catalog_contract.model.place import Id
from catalog_contract.model.verdict import Verdict
from catalog_contract.model.wording import Words
from catalog_contract.upstream.asking import Upstream, newcomers
from catalog_contract.upstream.five import Conclusion, Effect, Five, ask_five, concluded
from catalog_contract.util.text import counted, line, number

SMALL = 2
"""A page size that every service has."""

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
    """All that was asked. The verdict is that of the promises; what `offset` does is not a promise unless relied on."""

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
    walk, first = _walk(upstream, most_pages, words)
    parameters = (
        _limit(upstream, five, first),
        *(_position(five, name, at) for name, at in (("offset", 2), ("skip", 3)) if name in relied_on),
        *_effects(upstream, step),
    )
    return Report(five, concluded(five, words), parameters, walk, upstream.refused)


def _walk(upstream: Upstream, most_pages: int, words: Words) -> tuple[Finding, Page]:
    """Follow the links in the largest pages: the fewest requests. Gives the finding, and the first page."""
    limit = upstream.contract.paging.maximum_limit or upstream.contract.paging.page_size
    walk = walk_by_next(upstream.pager(), upstream.read, limit, most_pages)
    read = [page for page in walk.pages if not page.fault]
    named = [id for page in read for id in page.ids if id is not None]
    amount = f"{counted(len(read), 'page')}, {words.items(len(named))}"
    verdict, note = _of_walk(upstream, walk, read, named)
    note = note or f"no end within {counted(most_pages, 'page')}"
    return Finding("walk", verdict, f"{amount}{';' if verdict is Verdict.HOLDS else ':'} {note}"), walk.pages[0]


def _of_walk(upstream: Upstream, walk: Walked[Page], read: Sequence[Page], named: Sequence[Id]) -> tuple[Verdict, str]:
    """The verdict on a walk, and why; without a reason where it was cut for its length."""
    if walk.ending in (Ending.LOOP, Ending.ASTRAY):
        return Verdict.BROKEN, f"{walk.ending}{f' ({walk.problem})' if walk.problem else ''}"
    repeats = [id for id, times in Counter(named).items() if times > 1]
    if repeats:
        again = f"{line(repeats[0], 60)} is listed again"
        still = all(repeats[0] in upstream.listed_again(page) for page in read if repeats[0] in page.ids)
        return (Verdict.BROKEN, again) if still else (Verdict.NOT_JUDGED, f"{again}, and the list moved meanwhile")
    if not walk.complete:
        return Verdict.NOT_JUDGED, walk.problem if walk.ending is Ending.UNREAD else ""
    return Verdict.HOLDS, "it ends, and repeats nothing"


def _limit(upstream: Upstream, five: Five, largest: Page) -> Finding:
    """Whether the page size is the one asked for: by the plain page and the first of the walk, or by a small one."""
    name, plain = str(upstream.contract.parameters.limit), five.page(1)
    if plain.fault or largest.fault:
        return Finding(name, Verdict.NOT_JUDGED, plain.fault or largest.fault)
    if plain.count > five.step:
        return Finding(name, Verdict.BROKEN, f"{five.step} asked for, {number(plain.count)} came")
    if largest.count > plain.count:
        return Finding(name, Verdict.HOLDS, f"{number(plain.count)} for {five.step}, {number(largest.count)} for more")
    small = upstream.page(SMALL)
    if small.fault or plain.count <= SMALL:
        return Finding(name, Verdict.NOT_JUDGED, small.fault or "the list is too short to tell")
    verdict = Verdict.BROKEN if small.count > SMALL else Verdict.HOLDS
    return Finding(name, verdict, f"{SMALL} asked for, {number(small.count)} came")


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
    plain = upstream.page(step)
    for name, value in dict(upstream.query).items():
        others = tuple(pair for pair in upstream.query if pair[0] != name)
        changed = (*others, (name, NOTHING_FITS)), others
        seen = [_compared(plain, upstream.page(step, query=query)) for query in changed]
        verdict, note = _of_effect(seen)
        misplaced = _misplaced(plain, name, value)
        if misplaced and verdict is not Verdict.HOLDS:
            verdict, note = Verdict.BROKEN, f"{misplaced} of {number(plain.count)} have another `{name}`"
        yield Finding(f"{name}={value}", verdict, note)


def _misplaced(page: Page, name: str, value: str) -> int:
    """How many items of a page say of themselves that they are not what a parameter asks for."""
    items = [] if page.fault else [item for item in page.items if isinstance(item, dict)]
    return sum(isinstance(item.get(name), str) and item[name] != value for item in items)


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


def _of_effect(seen: list[_Difference]) -> tuple[Verdict, str]:
    """The verdict by what a value that nothing fits, and the absence of the parameter, brought."""
    wrong, without = seen
    if without is _Difference.OTHER:
        return Verdict.HOLDS, "without it another page comes"
    if wrong is _Difference.REFUSED:
        return Verdict.HOLDS, "a value that nothing fits is refused"
    if wrong is _Difference.OTHER:
        return Verdict.HOLDS, "a value that nothing fits brings another page"
    if _Difference.UNREAD in seen:
        return Verdict.NOT_JUDGED, "no answer to compare with"
    if _Difference.MOVED in seen:
        return Verdict.NOT_JUDGED, "the list moves, and nothing else is seen"
    return Verdict.NOT_JUDGED, "no effect is seen: it is ignored, or this value is the default"
