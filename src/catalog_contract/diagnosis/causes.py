"""Which causes there are, which broken promises each may explain, and which of those found are reported."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from catalog_contract.diagnosis import counters, names, reads, service, whole
from catalog_contract.diagnosis.choosing import choosing_causes
from catalog_contract.diagnosis.deciding import Probe
from catalog_contract.diagnosis.leading import leading_causes, led_by_the_total
from catalog_contract.diagnosis.listing import counters_alone, listing_causes, types
from catalog_contract.diagnosis.promises import promised_causes
from catalog_contract.diagnosis.totals import causes_of_totals, counted_apart
from catalog_contract.diagnosis.trail import world_of
from catalog_contract.diagnosis.view import EVIDENCE_LENGTH, Ids, View, line, readable
from catalog_contract.diagnosis.windowed import Explanation, predicted_causes, probes, wrong_pages
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import NOT_RECORDED
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.run import NO_KNOWN_CAUSE, Cause, Step
from catalog_contract.model.verdict import Judgement, Verdict

Find = Callable[[View], Iterator[Cause]]

_LISTING = frozenset({"pages", "identity", "totals", "windows", "collections", "filters", "links", "sorts"})
_CHOICES = frozenset({"filters", "sorts", "links", "windows", "collections"})
_TOTALS = frozenset({"totals", "counters", "collections", "filters"})
FIT = "the_contract_fits_the_service"
"""The rule that must hold before anything of a collection is explained."""

CAUSES: tuple[tuple[Find, frozenset[str]], ...] = (
    *((find, _LISTING | {"counters"}) for find in whole.CAUSES),
    (whole.rows_without_id, _LISTING | {"schema"}),
    (counters.filtered_total, _TOTALS),
)
"""Each way to find what is wrong with a list of which any row can be asked for, where all its pages agree with it or
are explained; with the families whose broken promises it may explain."""

REREAD: tuple[tuple[Find, frozenset[str]], ...] = tuple(
    (find, _LISTING | {"service"} if find is reads.compression else _LISTING) for find in reads.CAUSES
)
"""What is seen where one request is read again: no list has to be known for it."""


def diagnose(contract: Contract, pages: Sequence[PageSeen], judgements: Sequence[Judgement]) -> tuple[Cause, ...]:
    """What probably happened, the most telling first; nothing when every promise holds.

    `pages` may be any part of what a run reads, in any order. A cause that several collections show is named once.
    Pure: the same observations give the same causes.
    """
    bad = [judgement for judgement in judgements if judgement.verdict is not Verdict.HOLDS]
    if not bad:
        return ()
    # What a recording does not hold did not fail.
    views = _views(contract, [page for page in pages if not page.failure.startswith(NOT_RECORDED)], judgements)
    unfit = [view for view in views if any(judgement.rule == FIT for judgement in view.broken)]
    if unfit:
        return tuple(_unfit(view) for view in unfit[:1])
    broken = {judgement.family for judgement in bad if judgement.verdict is Verdict.BROKEN}
    predicted = predicted_causes(views) if broken else {}
    unexplained = [_without_predicted(view) if predicted.get(view.name) else view for view in views]
    asked = {find: unexplained if find is service.some_failed else views for find in service.CAUSES}
    shared = [cause for find, each in asked.items() for cause in find(contract, each)]
    if _explains(_LISTING | {"counters"}, broken):
        right = [view for view in views if predicted.get(view.name) is None]
        whole_lists = [view for view in right if _listed(view, predicted) is not False]
        shared += [cause for find in service.MIXED_UP for cause in find(contract, right)]
        shared += [cause for find in service.OF_LISTS for cause in find(contract, whole_lists)]
    suspects = [view for view in views if view.suspect]
    counted = [{cause.name for cause in causes} for view in suspects if (causes := causes_of_totals(view)) is not None]
    refuted = names.OF_TOTALS if any(causes <= {names.TOTAL_DRIFTS} for causes in counted) else frozenset()
    apart = bool(refuted) or any(map(counted_apart, suspects))
    found = _decided([(view.name, [*_of_one(view, predicted, refuted, apart=apart)]) for view in views])
    wide = [cause for _, causes in found for cause in causes if cause.name in names.WIDE]
    reported = {cause.name for cause in shared}
    per_gateway = [
        (collection, [cause for cause in _reported(causes, [*shared, *wide]) if cause.name not in reported])
        for collection, causes in found
    ]
    named = (*_reported(shared, [cause for _, causes in per_gateway for cause in causes]), *_joined(per_gateway))
    ordered = sorted(named, key=lambda cause: cause.name in names.INCIDENTAL)
    return _with_alternatives(ordered) or tuple(_no_known_cause(bad))


def deciding_probes(
    contract: Contract, pages: Sequence[PageSeen], judgements: Sequence[Judgement]
) -> tuple[Probe, ...]:
    """The requests that would decide between causes which predict the same so far."""
    broken = {judgement.collection for judgement in judgements if judgement.verdict is Verdict.BROKEN}
    return tuple(probes([view for view in _views(contract, pages, judgements) if view.name in broken]))


def _with_alternatives(causes: Sequence[Cause]) -> tuple[Cause, ...]:
    """The causes, each with the names of those of them that predict the same."""
    named = {cause.name for cause in causes}
    return tuple(
        replace(cause, alternatives=tuple(sorted(names.ALTERNATIVES[cause.name] & named)))
        if cause.name in names.ALTERNATIVES
        else cause
        for cause in causes
    )


def _no_known_cause(judgements: Sequence[Judgement]) -> Iterator[Cause]:
    """That no known cause explains what is broken, with the smallest witness."""
    broken = [judgement for judgement in judgements if judgement.verdict is Verdict.BROKEN]
    witness = min(broken, key=_size_of_witness, default=None)
    if witness is not None:
        where = f"{witness.collection}: " if witness.collection else ""
        yield Cause(
            NO_KNOWN_CAUSE,
            "No known cause explains these answers. The smallest witness is below.",
            line(f"{where}{witness.message.partition(chr(10))[0]}", witness.rule),
            "Ask the witness again, and look for it in the log of the service.",
            steps=(Step(witness.curl),) if witness.curl else (),
        )


def _size_of_witness(judgement: Judgement) -> tuple[int, int, int, int]:
    """How much there is to read of a broken promise: the gravest first, and of those the one of the fewest requests."""
    reported = judgement.evidence
    if reported is None:
        return judgement.severity, 99, 0, 0
    ids = len(reported.lost) + len(reported.unexpected) + len(reported.repeated)
    return judgement.severity, len(reported.requests), ids, len(reported.message)


def _unfit(view: View) -> Cause:
    """The one cause that is named where the contract does not fit: nothing else can be determined."""
    broken = next(judgement for judgement in view.broken if judgement.rule == FIT)
    fact = broken.evidence.message.partition("\n")[0] if broken.evidence else ""
    return Cause(
        names.UNFIT,
        "What the contract says of the responses is not what the service answers. Nothing else can be judged.",
        f"{view.name}: {fact}"[:EVIDENCE_LENGTH],
        "Correct the place in the contract, or the service, whichever of the two is wrong.",
    )


def _views(contract: Contract, pages: Sequence[PageSeen], judgements: Sequence[Judgement]) -> tuple[View, ...]:
    """The collections in the order of the contract; what it does not name comes last, by name."""
    order = [collection.name for collection in contract.collections]
    read, judged = defaultdict[str, list[PageSeen]](list), defaultdict[str, list[Judgement]](list)
    for page in pages:
        read[page.collection].append(page)
    for judgement in judgements:
        judged[judgement.collection].append(judgement)
    found = read.keys() | judged.keys()
    ranked = sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))
    return tuple(View(contract, name, tuple(read[name]), tuple(judged[name])) for name in ranked)


def _of_one(
    view: View, every: Mapping[str, Explanation | None], refuted: frozenset[str], *, apart: bool
) -> Iterator[Cause]:
    """What is wrong with one collection. `refuted` is what another one, of the same code, rules out; `apart`: one shows
    that totals do not count what is listed, so that they do not tell where pages end."""
    predicted = every.get(view.name)
    broken = {judgement.family for judgement in view.broken}
    if not broken:
        return
    by_total = not view.by_offset_alone and led_by_the_total(view)
    led = None if view.by_offset_alone or by_total else leading_causes(view, wrong_pages(view))
    broken |= {"totals"} if by_total else set()
    found = [*(led or ()), *(predicted or ())]
    unexplained = not found and predicted is not None and not by_total
    if view.contract.paging.random_access:
        found += _found(REREAD, view, broken)
        found += () if unexplained else _of_the_list(view, every, broken)
    if not unexplained and not (view.contract.paging.random_access and _listed(view, every) is False):
        found += _of_any_style(view, found, broken, apart=apart)
    over = any(cause.name == names.OVER_MAXIMUM for cause in found)
    found += counters.bad_queries(view, _targets(view) if predicted else frozenset(), over=over)
    yield from (cause for cause in found if cause.name not in refuted)


def _targets(view: View) -> frozenset[str]:
    """The requests of a collection whose responses a cause that predicts them explains."""
    world = world_of(view)
    return frozenset(seen.page.target for seen in world.seen) if world is not None else frozenset()


def _without_predicted(view: View) -> View:
    """A collection without the failures that a cause predicts which predicts all its responses."""
    targets = _targets(view)
    return replace(view, pages=tuple(page for page in view.pages if readable(page) or page.target not in targets))


def _of_the_list(view: View, predicted: Mapping[str, Explanation | None], broken: set[str]) -> Iterator[Cause]:
    """What is wrong with the list itself, where no wrong page leaves a doubt of what it holds."""
    listed = _listed(view, predicted)
    hidden = any(cause.name == names.BEFORE_FILTER for cause in predicted.get(view.name) or ())
    refuted = {names.DUPLICATES} if () in predicted.values() else set()
    if listed is not False and not hidden:
        causes = _found(CAUSES, view if listed is None else replace(view, listed=listed), broken)
        yield from (cause for cause in causes if cause.name not in refuted)


def _listed(view: View, predicted: Mapping[str, Explanation | None]) -> Ids | Literal[False] | None:
    """What a collection lists where pages of it, or of others, are wrong: False where no response holds the whole list.

    None where no page of any collection is: then the list is as it was read.
    """
    if all(causes is None for causes in predicted.values()):
        return None
    world = world_of(view)
    return world.rows if world is not None and world.read_at_once else False


def _found(ways: Sequence[tuple[Find, frozenset[str]]], view: View, broken: set[str]) -> list[Cause]:
    return [cause for find, families in ways if _explains(families, broken) for cause in find(view)]


def _of_any_style(view: View, found: Sequence[Cause], broken: set[str], *, apart: bool) -> Iterator[Cause]:
    """What is found in any style: by filters and sorts, by the list itself, by what the responses say of themselves."""
    more = [*(causes_of_totals(view) or ())] if _explains(_TOTALS, broken) else []
    more = [cause for cause in more if not (apart and cause.name == names.WINDOW_ENDS)]
    more += choosing_causes(view) if not (found or more) and broken & _CHOICES else ()
    if not view.contract.paging.random_access and not (found or more):
        more += listing_causes(view)
    if not (found or more):
        more += [*promised_causes(view)] or [*types(view)] or [*counters_alone(view)]
    yield from more


def _decided(found: Sequence[tuple[str, list[Cause]]]) -> list[tuple[str, list[Cause]]]:
    """Causes that cannot be distinguished in one collection, without those that another collection rules out."""
    certain = {cause.name for _, causes in found for cause in causes if not cause.alternatives}

    def ruled_out(cause: Cause) -> bool:
        return cause.name not in certain and bool(certain & {*cause.alternatives})

    return [
        (
            name,
            [
                replace(cause, alternatives=() if certain & {cause.name, *cause.alternatives} else cause.alternatives)
                for cause in causes
                if not ruled_out(cause)
            ],
        )
        for name, causes in found
    ]


def _explains(families: frozenset[str], broken: set[str]) -> bool:
    return bool(broken & families) or "" in broken


def _reported(found: Sequence[Cause], others: Sequence[Cause]) -> list[Cause]:
    """Those found that no other one explains, each name once."""
    present = {cause.name for cause in (*found, *others)}
    kept = {cause.name: cause for cause in reversed(found) if not _hidden(cause, present)}
    return [cause for cause in dict.fromkeys(found) if kept.get(cause.name) is cause]


def _hidden(cause: Cause, present: set[str]) -> bool:
    """Whether another cause explains this one away, and not as one that predicts the same."""
    return any(cause.name in names.SUPERSEDES.get(shown, ()) and shown not in cause.alternatives for shown in present)


def _joined(per_gateway: Sequence[tuple[str, list[Cause]]]) -> list[Cause]:
    """Causes of one name from several collections as one, with the evidence of the first."""
    groups: dict[str, list[tuple[str, Cause]]] = {}
    for collection, causes in per_gateway:
        for cause in causes:
            groups.setdefault(cause.name, []).append((collection, cause))
    return [_join(group) for group in groups.values()]


def _join(group: list[tuple[str, Cause]]) -> Cause:
    collection, cause = group[0]
    more = [name for name, _ in group[1:]]
    also = f"; likewise {', '.join(more[:3])}" + (f" and {len(more) - 3} more" if len(more) > 3 else "") if more else ""
    evidence = (f"{collection}: " if collection else "") + cause.evidence
    return replace(cause, evidence=evidence[: EVIDENCE_LENGTH - len(also)] + also)
