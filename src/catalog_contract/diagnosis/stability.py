"""What a run can tell of standing still: requests asked again, answers that contradict themselves, a list that grew."""

from collections.abc import Hashable, Sequence

from catalog_contract.catalog.ids import Id, in_order
from catalog_contract.diagnosis.view import View, offset_of, readable
from catalog_contract.model.observation import PageSeen, Purpose
from catalog_contract.model.verdict import Kind


def growth_explains(before: Sequence[Id], after: Sequence[Id], churn: int) -> bool:
    """Whether a list of which that many items may come or go, and no more than half, explains two readings of one page.

    What both hold must keep its order: another order, or many items gone at once, is not explained.
    """
    here, there = set(before), set(after)
    longer = max(len(here), len(there))
    return in_order(before, after) and longer - len(here & there) <= min(churn, longer // 2)


def returned(history: Sequence[PageSeen]) -> bool:
    """Whether rows come back that had been left: growth never does that."""
    return _returns([page.ids for page in history])


def _returns(states: Sequence[Hashable]) -> bool:
    steps = [state for i, state in enumerate(states) if not i or state != states[i - 1]]
    return len(set(steps)) < len(steps)


def unsteady(view: View) -> bool:
    """Whether a request asked again got rows that no growth explains, as readings or a broken promise show it."""
    if any(not growth_explains(before.ids, after.ids, view.contract.paging.churn) for before, after in view.readings):
        return True
    kinds = {judgement.kind for judgement in view.broken}
    return any(map(returned, view.histories)) or not kinds.isdisjoint((Kind.UNSTEADY, Kind.OSCILLATES))


def moved(view: View) -> bool:
    """Whether the list may have gained or lost a few rows during the run.

    A request asked again got others, or the totals lie no further apart than items may come or go.
    """
    if any(before.ids != after.ids for before, after in view.readings):
        return True
    totals = {page.total for page in view.good if isinstance(page.total, int) and page.total != len(page.ids)}
    return len(totals) > 1 and max(totals) - min(totals) <= view.contract.paging.churn


def contradictions(view: View) -> tuple[PageSeen, ...]:
    """Answers that show where the list ends and say another total: no other list explains those."""
    return tuple(page for page, away in ends(view) if away)


def ends(view: View) -> list[tuple[PageSeen, int]]:
    """Answers that show where the list ends and say a total, and how far above the end that is.

    Filtered ones are left out, for they have a counter of their own.
    """
    own = (Purpose.OWNER, Purpose.FILTER)
    pages = (page for page in view.pages if readable(page) and page.ids and page.purpose not in own)
    last = (page for page in pages if page.limit is not None and len(page.ids) < page.limit)
    totals = ((page, page.total) for page in last)
    return [(page, total - offset_of(page) - len(page.ids)) for page, total in totals if type(total) is int]


def other_totals(view: View) -> tuple[PageSeen, ...]:
    """The readings of one request that hold the same rows and say different totals; none when there is no such."""
    for history in view.histories:
        totals = {page.total for page in history if _number(page.total)}
        if len(totals) > 1 and len({page.ids for page in history}) == 1:
            return tuple(history)
    return ()


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
