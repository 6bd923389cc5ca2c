"""Causes that lie in what an answer says of itself, and in queries that should not have been taken."""

from collections.abc import Iterator

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.view import View, get, line, offset_of, readable, rows, short
from catalog_contract.model.observation import PageSeen, Purpose
from catalog_contract.model.run import Cause
from catalog_contract.model.verdict import Judgement, Kind


def filtered_total(view: View) -> Iterator[Cause]:
    """A filtered answer carries the total of the unfiltered list, or the same rows."""
    key = view.contract.parameters.filter
    plain = next((page for page in view.good if page.total is not None), None)
    if key is None or plain is None:
        return
    for page in view.pages:
        if page.purpose != Purpose.OWNER or not readable(page):
            continue
        twin = next((p for p in view.good if (offset_of(p), p.limit) == (offset_of(page), page.limit)), None)
        if twin and len(page.ids) > 1 and page.ids == twin.ids:
            owners = {str(id_).partition("/")[0] for id_ in page.ids}
            if len(owners) > 1:
                yield _filter_ignored(view, key, page)
                return
        elif (
            len(page.ids) < (page.limit or len(page.ids) + 1)
            and not offset_of(page)
            and len(page.ids) != page.total == plain.total
        ):
            yield Cause(
                names.BEFORE_FILTER,
                f"The counters of a filtered answer are those of the whole list: computed before `{key}` applies.",
                f"{rows(len(page.ids))} but total {short(page.total)}, as without the filter, in {short(get(page))}",
                f"Compare {get(page)} with and without `{key}`. Count after filtering, also for cached pages.",
            )
            return


def _filter_ignored(view: View, key: str, page: PageSeen) -> Cause:
    others = [p for p in view.pages if p.key != page.key and p.purpose == Purpose.OWNER and readable(p)]
    fewer = [p for p in others if 0 < len(p.ids) < (p.limit or 0)]
    if fewer:
        message = f"`{key}` is dropped where it finds nothing: what nobody is listed under is answered with every row."
        then = f"Compare {get(page)} with {get(fewer[0])}. Answer an empty list, or refuse the value."
    else:
        message = f"`{key}` has no effect: it is not applied, or a cache key lacks it."
        then = f"Ask it with a limit not asked before: fewer rows mean a cache whose key lacks `{key}`."
    evidence = f"{short(get(page))} holds the same {rows(len(page.ids))} as without `{key}`"
    return Cause(names.FILTER_IGNORED, message, evidence, then)


def _first_line(judgement: Judgement) -> str:
    return judgement.message.partition("\n")[0][:140]


def bad_queries(view: View, predicted: frozenset[str] = frozenset(), *, over: bool = False) -> Iterator[Cause]:
    """Queries that should be refused: a negative offset that is answered, and all others in one cause.

    `predicted` are the requests whose responses another cause predicts already, as that to a huge offset; `over`: so
    is what comes of a limit above the maximum. One that is answered with a list was checked, and is another matter.
    """
    broken = [
        judgement
        for judgement in view.broken
        if judgement.rule != OVER or (judgement.kind == Kind.CRASHED and not over)
    ]
    bounds = [
        judgement
        for judgement in broken
        if judgement.family == "bounds" and _taken(view, judgement) and not _predicted(judgement, predicted)
    ]
    negative = next((j for j in bounds if j.kind == Kind.FROM_END and _negative(view, j)), None)
    if negative:
        yield Cause(
            names.NEGATIVE,
            "A negative offset is answered with the end of the list, as a slice that counts from there: the bound"
            " is not declared on the route that clients call.",
            line(_first_line(negative), _asked(negative)),
            "Declare the bound on the route itself, and refuse offset < 0 with a 4xx and a reason.",
        )
    others = [judgement for judgement in bounds if judgement is not negative]
    crashed = [judgement for judgement in bounds if judgement.kind == Kind.CRASHED]
    left = list(dict.fromkeys((*crashed, *others)))
    if left:
        yield Cause(
            names.UNCHECKED,
            "Query values are used before they are checked: "
            + ("some crash the server." if crashed else "bad ones are guessed at instead of refused."),
            line(
                f"{len(left)} quer{'y' if len(left) == 1 else 'ies'}: {_first_line(left[0])}",
                *(_asked(judgement) for judgement in left[:3]),
            ),
            "Declare type and bounds of limit and offset on the route itself, and answer 4xx with a reason.",
        )


def _asked(judgement: Judgement) -> str:
    return judgement.evidence.requests[0][:120] if judgement.evidence and judgement.evidence.requests else ""


def _predicted(judgement: Judgement, predicted: frozenset[str]) -> bool:
    requests = judgement.evidence.requests if judgement.evidence else ()
    return bool(requests) and predicted.issuperset(requests)


def _negative(view: View, judgement: Judgement) -> bool:
    """Whether the bad query of a case is a negative offset."""
    asked = (query for query in view.contract.bad_queries if judgement.case.endswith(str(query)))
    offset = view.contract.parameters.offset or ""
    return any(dict(query.query).get(offset, "").startswith("-") for query in asked)


def _taken(view: View, judgement: Judgement) -> bool:
    """Whether the query was answered with rows or an error of the server, not refused in a poor way.

    A huge offset that is treated as every offset past the end does is not a matter of checking.
    """
    if judgement.rule == HUGE_OFFSET and any(page.ids or not readable(page) for page in view.past):
        return False
    return judgement.kind in (Kind.SERVED, Kind.FROM_END, Kind.CRASHED)


OVER = "a_limit_above_the_maximum_does_what_the_contract_says"
HUGE_OFFSET = "a_huge_offset_is_past_the_end_or_refused"
