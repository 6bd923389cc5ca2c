"""From the responses to the windows of one list to the causes that predict them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial as partial_of
from itertools import combinations, islice
from typing import NamedTuple

from catalog_contract.diagnosis import amounts, ends, places, positions
from catalog_contract.diagnosis.deciding import Probe, deciding, step_of
from catalog_contract.diagnosis.hypotheses import Family, Hypothesis, Level
from catalog_contract.diagnosis.leading import as_alternatives
from catalog_contract.diagnosis.sticky import sticky_items
from catalog_contract.diagnosis.trail import world_of
from catalog_contract.diagnosis.view import View, line
from catalog_contract.diagnosis.world import CutShort, Predict, Prediction, Seen, World
from catalog_contract.model.run import Cause
from catalog_contract.util.text import counted

FAMILIES = (*positions.FAMILIES, *amounts.FAMILIES, *ends.FAMILIES, *places.FAMILIES)
"""Every family of hypotheses, the simpler ones first."""

MAX_PAIRED = 12
"""How many hypotheses that explain a part are tried two by two."""


Explanation = tuple[Cause, ...]
"""One cause, or two together, that predict every response to a plain request."""


def predicted_causes(views: Sequence[View]) -> dict[str, Explanation | None]:
    """For each collection the causes that predict every response to a plain request; empty where no known cause does.

    None where nothing contradicts a service without a fault, or where that cannot be determined. What explains one
    collection is taken for another too, where it explains it as well.
    """
    worlds = (world_of(view) for view in views if view.suspect)
    wrong = [world for world in worlds if world is not None and world.contradictions]
    found = {view.name: _explanations(view, others=wrong) if view.suspect else None for view in views}
    chosen: dict[str, Explanation | None] = {}
    names: set[str] = set()
    for name in sorted(found, key=lambda name: -_weight(found[name])):
        explanations = found[name]
        if explanations is not None and not explanations and names:
            view = next(view for view in views if view.name == name)
            explanations = _explanations(view, frozenset(names), wrong)
        known = (one for one in explanations or () if {cause.name for cause in one} <= names)
        chosen[name] = None if explanations is None else next(known, explanations[0] if explanations else ())
        names |= {cause.name for cause in chosen[name] or ()}
        if chosen[name] == () and not names:
            # All are served by one code: what seems to explain the fewer pages of another collection is refuted here.
            return {each: None if found[each] is None else () for each in found}
    return chosen


def wrong_pages(view: View) -> frozenset[str]:
    """The keys of the pages that hold other items than a service without a fault would answer."""
    world = world_of(view)
    return frozenset(seen.page.key for seen in world.contradictions) if world else frozenset()


def _weight(explanations: "_Found | None") -> int:
    return explanations.contradictions if explanations is not None else 0


class _Found(list[Explanation]):
    """Explanations, the simplest first, and how many responses they explain."""

    contradictions = 0


def _explanations(view: View, known: frozenset[str] = frozenset(), others: Sequence[World] = ()) -> _Found | None:
    world = world_of(view)
    if world is None or not world.contradictions:
        return _Found((cause,) for cause in sticky_items(view)) or None
    explaining = _explaining(world, known, others)
    found = _Found(tuple(_cause(world, hypothesis, explained) for hypothesis, explained in one) for one in explaining)
    found.contradictions = len(world.contradictions)
    if not explaining:
        found += ((cause,) for cause in sticky_items(view))
    alike = alternatives(explaining)
    if alike:
        probe = deciding(world, view.name, alike) if len(alike) > 1 else None
        steps = (step_of(world, probe),) if probe else ()
        causes = (_cause(world, each, world.contradictions) for each in alike)
        found.insert(0, as_alternatives(replace(cause, steps=steps) for cause in causes))
    return found


def alternatives(explaining: "Sequence[Sequence[_Explained]]") -> list[Hypothesis]:
    """The hypotheses that explain everything alone and take least from the responses, the first of each name."""
    single = [one[0][0] for one in explaining if len(one) == 1]
    least = min((each.level for each in single), default=Level.RULE)
    return list({each.name: each for each in reversed(single) if each.level == least}.values())[::-1]


def probes(views: Sequence[View]) -> Iterator[Probe]:
    """For each collection whose responses several causes predict alike, the request on which they disagree."""
    for view in views:
        world = world_of(view)
        alike = alternatives(_explaining(world)) if world is not None and world.contradictions else []
        probe = deciding(world, view.name, alike) if world is not None and len(alike) > 1 else None
        if probe:
            yield probe


_Explained = tuple[Hypothesis, tuple[Seen, ...]]


def _explaining(
    world: World, known: frozenset[str] = frozenset(), others: Sequence[World] = ()
) -> list[list[_Explained]]:
    """Each hypothesis that explains every contradiction; where there is none, two that do so together.

    For a `known` cause, one that another collection confirms, a single response is enough. What explains a single
    response must predict the `others` too, the collections that are wrong themselves: one code serves them all.
    """
    ways = [
        _Way(each, partial_of(each.answer, world), of_family)
        for of_family in FAMILIES
        for each in of_family(world)
        if each.level < Level.SHARED or not world.may_have_grown
    ]

    def holds(way: _Way, explained: tuple[Seen, ...]) -> bool:
        """Whether these responses are enough for a hypothesis, and no other one speaks against it."""
        number = way.hypothesis.level == Level.NUMBER and way.hypothesis.name not in known
        if len(explained) <= number or not world.allows(way.predict):
            return False
        return len(explained) > 1 or not any(_refuted(way, other) for other in others if other is not world)

    every = world.contradictions
    # One of two that explain all together explains the first.
    begun = [way for way in ways if every[0].fits(way.predict(every[0]))]
    whole = [[(way.hypothesis, every)] for way in begun if world.explains_all(way.predict) and holds(way, every)]
    if whole or not begun or len(every) < 2:
        return _narrowest(world, whole)
    parts = ((way, world.explained(way.predict)) for way in ways)
    partial = [(way.hypothesis, explained) for way, explained in parts if holds(way, explained)]
    return list(islice(_pairs(world, partial), 1))


class _Way(NamedTuple):
    """A hypothesis about a list, its answers for that list, and the family that it is of."""

    hypothesis: Hypothesis
    predict: Predict
    of_family: Family


def _narrowest(world: World, whole: list[list[_Explained]]) -> list[list[_Explained]]:
    """Those that no other one predicts more closely: where pages may be short, a service of larger pages might give all
    that one of smaller pages gives. The responses that contradict the list decide, and where they do not, all others.
    """
    for responses in (world.contradictions, world.seen) if not world.contract.paging.full_pages else ():
        room = [(one[0][0].level, [_room(one[0][0].answer(world, seen)) for seen in responses]) for one in whole]
        whole = [one for one, rooms in zip(whole, room, strict=True) if not any(_closer(r, rooms) for r in room)]
    return whole


def _closer(one: tuple[Level, list[int]], other: tuple[Level, list[int]]) -> bool:
    """Whether a prediction leaves less room than another one that takes no less from the responses."""
    return one[0] <= other[0] and one[1] != other[1] and all(map(int.__le__, one[1], other[1]))


def _room(prediction: Prediction) -> int:
    """How many items a page may hold at the most, by a prediction that leaves it open; 0 where it does not."""
    if isinstance(prediction, CutShort):
        return len(prediction.ids)
    return 1 << 64 if prediction is None else 0


def _refuted(way: _Way, other: World) -> bool:
    """Whether a response of another list contradicts a hypothesis that takes nothing from the one it was made for."""
    made = way.hypothesis
    if made.level != Level.RULE:
        return False
    same = (each for each in way.of_family(other) if (each.name, each.message) == (made.name, made.message))
    return any(not other.allows(partial_of(each.answer, other)) for each in same)


def _pairs(world: World, partial: list[_Explained]) -> Iterator[list[_Explained]]:
    """Two hypotheses of different names, each of which explains some that the other does not, and together all."""
    partial = sorted(partial, key=lambda found: -len(found[1]))[:MAX_PAIRED]
    for one, other in combinations(partial, 2):
        mine, others = set(map(id, one[1])), set(map(id, other[1]))
        apart = one[0].name != other[0].name and mine - others and others - mine
        if apart and len(mine | others) == len(world.contradictions):
            yield [one, other]


def _cause(world: World, hypothesis: Hypothesis, explained: tuple[Seen, ...]) -> Cause:
    shown = [_shown(seen) for seen in explained[:3]]
    one = len(explained) == 1
    amount = f"{len(explained)} of {len(world.seen)} responses contradict{'s' * one} the list, and this predicts "
    amount += "it" if one else "them all" if len(explained) == len(world.contradictions) else "these"
    return Cause(hypothesis.name, hypothesis.message, line(*shown, amount), hypothesis.next_step)


def _shown(seen: Seen) -> str:
    limit = f"limit {seen.page.limit:,}" if seen.page.limit is not None else "without limit"
    came = f"status {seen.page.status}" if seen.failed else counted(len(seen.ids), "item")
    first = f" from {seen.ids[0]} on" if seen.ids and seen.ids[0] else ""
    return f"row {seen.row:,}, {limit}: {came}{first}"
