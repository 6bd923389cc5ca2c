"""Hypotheses about what leads from page to page: services that send a client to the wrong place."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.one_page import at_one_place
from catalog_contract.diagnosis.trail import STEP, Beyond, Lead, Leading, LeadOf, Trail, Turn, trail_of
from catalog_contract.diagnosis.view import View, get, line, readable, short
from catalog_contract.diagnosis.world import last_page
from catalog_contract.model.observation import Leads
from catalog_contract.model.run import Cause
from catalog_contract.util.text import counted


def hypotheses(trail: Trail, empty: Sequence[Turn], high: int | None) -> Iterator[Iterator[Leading]]:
    """Every service that leads wrongly: those that do so on every page before those that do so at one place.

    `empty` are the pages that hold nothing and say whether more follows, `high` is the highest total expected.
    """
    yield chain(_by_rule(trail), _loops(trail), _elsewhere(trail), _ends(trail), _longer(trail, empty, high))
    yield at_one_place(trail)
    yield chain(_nowhere(trail), _too_far(trail))


def _by_rule(trail: Trail) -> Iterator[Leading]:
    healthy = trail.healthy
    if not trail.contract.paging.by_position:
        yield Leading(
            names.TOKEN_IGNORED,
            "Whatever leads on is ignored: the first page comes again.",
            lambda turn: 0 if isinstance(turn.lead, int) else healthy(turn),
            "Send the cursor of the first page with another limit: the first items again confirm it.",
        )
    for by, fault in ((-1, "repeats the last item of the page before it"), (1, "skips an item")):
        yield Leading(
            names.BOUNDARY,
            f"Each page {fault}: what leads on is off by one.",
            _moved_by(trail, by),
            "Compare the last item of a page with the first of the next one.",
        )


def _loops(trail: Trail) -> Iterator[Leading]:
    """Pages that lead back, or to a second page of the same items."""
    healthy = trail.healthy
    if trail.contract.paging.by_position:  # elsewhere a cursor that is ignored predicts the same
        yield Leading(
            names.NEXT_LOOPS,
            "Every page leads to itself: a client never gets beyond the first.",
            lambda turn: turn.start if isinstance(healthy(turn), int) else healthy(turn),
            "Follow what leads on from the first page: the same page comes.",
        )
    yield Leading(
        names.NEXT_LOOPS,
        "The last page leads back to the first one: a client goes round for ever.",
        lambda turn: 0 if healthy(turn) == Leads.LAST else healthy(turn),
        STEP,
    )
    yield Leading(
        names.NEXT_LOOPS,
        "The last page leads to itself: a client asks for it for ever.",
        lambda turn: turn.start if healthy(turn) == Leads.LAST else healthy(turn),
        "Name no next page where nothing follows the last item of the page.",
    )
    if any(turn.again and turn.lead == Leads.LAST for turn in trail.turns):
        yield Leading(
            names.LAST_TWICE,
            "The last page leads on to a second page of the same items, which says that it is the last.",
            lambda turn: turn.start if healthy(turn) == Leads.LAST and not turn.again else healthy(turn),
            "Ask for both pages of the evidence: the same items, and only the second one says that nothing follows.",
        )


def _moved_by(trail: Trail, by: int) -> LeadOf:
    def leads(turn: Turn) -> Lead:
        right = trail.healthy(turn)
        if not isinstance(right, int):
            return right
        return right + by if right + by < trail.size else None

    return leads


ADDRESS = "Build links from the public address of the request, or send relative ones."
_ELSEWHERE: dict[str, tuple[str, str]] = {
    Leads.AWAY: (names.OTHER_ADDRESS, "What leads on names another address than the one that was asked."),
    Leads.PATH: (names.OTHER_ADDRESS, "What leads on names another path than the one that was asked."),
    Leads.NOWHERE: (names.NOWHERE, "More follows, the responses say, but not where."),
}


def _elsewhere(trail: Trail) -> Iterator[Leading]:
    for kind, (name, message) in _ELSEWHERE.items():
        yield Leading(name, message, _always(trail, kind), ADDRESS)


def _nowhere(trail: Trail) -> Iterator[Leading]:
    """Where some pages say that more follows, and not where: no rule tells which. One that holds nothing, or ends with
    an item without an id, has no item that could lead on."""
    if any(turn.page.ids[-1:] == (None,) for turn in trail.turns):
        return
    yield Leading(
        names.NOWHERE,
        "Some pages say that more follows, but not where.",
        lambda turn: Leads.NOWHERE if turn.count and turn.lead == Leads.NOWHERE else trail.healthy(turn),
        "Name the next page wherever a response says that more follows.",
    )


def _too_far(trail: Trail) -> Iterator[Leading]:
    """Where no page leads to its next item, and each to one behind it."""
    following = [turn for turn in trail.turns if isinstance(trail.healthy(turn), int)]
    if len(following) > 1 and all(trail.healthy(turn) != turn.lead for turn in following):
        yield Leading(
            names.NEXT_SKIPS,
            "Every page leads further than to the next item.",
            lambda turn: Beyond(turn.end or 0) if isinstance(trail.healthy(turn), int) else trail.healthy(turn),
            STEP,
        )


def _always(trail: Trail, kind: str) -> LeadOf:
    return lambda turn: kind if isinstance(trail.healthy(turn), int) else trail.healthy(turn)


def _ends(trail: Trail) -> Iterator[Leading]:
    """Where the responses say that the list ends."""
    healthy = trail.healthy
    full = "Whether more follows is computed from whether the page is full: a full last page says that more follows."
    yield Leading(
        names.FULL_LAST,
        full,
        lambda turn: turn.end if turn.count == turn.limit else healthy(turn),
        "Read one item more than the page holds, or count, to know whether more follows.",
    )
    if not trail.contract.paging.full_pages:
        yield Leading(
            names.NEXT_EARLY,
            "A page that is not full ends the walk, although more follows: whether it does is computed from that.",
            lambda turn: healthy(turn) if turn.count == turn.limit else Leads.LAST,
            "Read one item more than the page holds, or count, to know whether more follows.",
        )
    for after in (_page_after, _page_further):
        yield Leading(
            names.NEXT_LATE,
            "The last page says that more follows, and no item does.",
            _at_the_end(trail, after),
            "Tell that a page is the last on the page itself.",
            on_empty=lambda turn: False,
        )
    if not trail.complete:
        return
    yield Leading(
        names.SHORT_REST,
        "No next page is named as soon as less than a full page follows: the last items are never met.",
        lambda turn: Leads.LAST if _rest(trail, turn) < (turn.limit or 1) else healthy(turn),
        "Name a next page as long as one item follows.",
    )


def _longer(trail: Trail, empty: Sequence[Turn], high: int | None) -> Iterator[Leading]:
    """A list of which no page holds the end: pages lead on to there, through pages that hold nothing.

    The end lies between what leads on and what does not, and not beyond the highest total that is expected. Where
    responses state a total, that says more: see `led_by_the_total`.
    """
    for count in (True, False):
        more = [_reach(trail, turn, None, count=count) for turn in empty if _says_more(turn)]
        last = [_reach(trail, turn, None, count=count) for turn in empty if not _says_more(turn)]
        end = max(more, default=0) + 1
        if more and last and trail.size < end <= (high or end) and not _stated(trail):
            yield Leading(
                names.WINDOW_ENDS,
                f"Pages end at row {trail.size:,}, although they lead on beyond row {end - 1:,}: no page holds what"
                " lies between.",
                _led_on(trail, end, count=count),
                f"Ask the store for the item at row {trail.size:,}.",
                on_empty=partial(_leads_on, trail, end, count=count),
            )


def _stated(trail: Trail) -> set[int]:
    """The totals that responses state."""
    return {turn.page.total for turn in trail.turns if type(turn.page.total) is int}


def led_by_the_total(view: View) -> bool:
    """Whether pages lead on exactly as long as the one total that all responses state says, which is not that of the
    list: where they lead wrongly, the total is the reason."""
    trail = trail_of(view)
    if trail is None or {trail.healthy(turn) for turn in trail.contradictions} != {Leads.LAST}:
        return False
    stated, empty = _stated(trail), _empty(trail)
    if len(stated) != 1 or (end := max(stated)) <= trail.size:
        return False
    turns = [turn for turn in trail.turns if turn.count and trail.healthy(turn) is not None] + empty
    return any(
        all(_says_more(turn) == _leads_on(trail, end, turn, count=count) for turn in turns) for count in (True, False)
    )


def _leads_on(trail: Trail, end: int, turn: Turn, *, count: bool) -> bool:
    """Whether a page of a list that ends at a row says that more follows."""
    return _reach(trail, turn, end, count=count) < end


def _led_on(trail: Trail, end: int, *, count: bool) -> LeadOf:
    """Where a page of a list leads that ends at a row."""
    return lambda turn: turn.lead if _says_more(turn) and _leads_on(trail, end, turn, count=count) else Leads.LAST


def _reach(trail: Trail, turn: Turn, end: int | None, *, count: bool) -> int:
    """The row that a page ends at, by its limit or by the items that it holds (`count`); past the end of a list the
    last page is answered, where that is declared."""
    row = turn.page.row if trail.contract.paging.by_position else turn.start
    row, limit = row or 0, turn.limit or turn.count
    if end and limit and trail.contract.paging.ends_with_last:
        row = min(row, last_page(end, limit))
    return row + (turn.count if count else limit)


def _says_more(turn: Turn) -> bool:
    return turn.page.leads == Leads.NEXT


def _empty(trail: Trail) -> list[Turn]:
    """The pages behind the end that hold nothing and say whether more follows, of a limit that the contract allows."""
    most = trail.contract.paging.maximum_limit
    turns = [turn for turn in trail.turns if not turn.count and turn.page.leads in (Leads.NEXT, Leads.LAST)]
    return [turn for turn in turns if turn.start is not None and (turn.page.limit or 0) <= (most or 1 << 64)]


def _at_the_end(trail: Trail, after: Callable[[Trail, Turn], Lead]) -> LeadOf:
    return lambda turn: after(trail, turn) if turn.count and trail.healthy(turn) == Leads.LAST else trail.healthy(turn)


def _page_further(trail: Trail, turn: Turn) -> Lead:
    return None if turn.start is None else turn.start + (turn.limit or turn.count)


def _page_after(trail: Trail, turn: Turn) -> Lead:
    """The row after a page; where pages have numbers, that of the page which it lies on."""
    whole = trail.contract.paging.numbered and turn.limit
    return turn.end // turn.limit * turn.limit if whole and turn.end and turn.limit else turn.end


def _rest(trail: Trail, turn: Turn) -> int:
    return trail.size - (turn.end or 0)


def leading_causes(view: View, wrong_pages: frozenset[str] = frozenset()) -> tuple[Cause, ...] | None:
    """The causes that predict where every page leads, which cannot be distinguished; empty where none does.

    None where all pages lead where they should, or where that is not known. Where the pages in `wrong_pages` lead
    says nothing: what they hold is wrong already.
    """
    trail = trail_of(view)
    if trail is None:
        return _always_elsewhere(view)
    empty = _empty(trail)
    trail = replace(trail, turns=tuple(turn for turn in trail.turns if turn.page.key not in wrong_pages))
    if not trail.contradictions:
        return None
    # No other wrong pages than those behind its end are explained by a list that is cut.
    behind = {turn.page.key for turn in empty if _reach(trail, turn, None, count=True) >= trail.size}
    cut = empty if wrong_pages <= behind else []
    for alike in hypotheses(trail, cut, view.collection.highest_total if view.collection else None):
        found: dict[str, Cause] = {}
        for hypothesis in alike:
            if hypothesis.name not in found and _fits(trail, hypothesis, empty):
                found[hypothesis.name] = _cause(trail.contradictions, hypothesis)
        if found:
            return as_alternatives(found.values())
    return ()


def _always_elsewhere(view: View) -> tuple[Cause, ...] | None:
    """The cause where every page that leads on leads to another address, whatever the list holds."""
    pages = [page for page in view.pages if page.plain and readable(page) and page.leads not in ("", Leads.LAST)]
    kinds = {page.leads for page in pages}
    name, message = _ELSEWHERE.get(next(iter(kinds)), ("", "")) if len(kinds) == 1 else ("", "")
    facts = line(
        *(f"{short(get(page))}: leads to {page.leads}" for page in pages[:2]), f"{counted(len(pages), 'page')} alike"
    )
    return (Cause(name, message, facts, ADDRESS),) if name else None


def as_alternatives(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Causes that predict the same, each with the names of the others."""
    every = tuple(causes)
    return tuple(replace(one, alternatives=tuple(each.name for each in every if each is not one)) for one in every)


def _fits(trail: Trail, hypothesis: Leading, empty: Sequence[Turn]) -> bool:
    reported = (turn for turn in trail.turns if trail.healthy(turn) is not None)
    says = hypothesis.on_empty
    if says is not None and any(_says_more(turn) != says(turn) for turn in empty):
        return False
    return all(_predicts(hypothesis.leads(turn), turn, trail.healthy(turn)) for turn in reported)


def _predicts(predicted: Lead, turn: Turn, healthy: Lead) -> bool:
    wrong = turn.lead != healthy
    if isinstance(predicted, Beyond):
        return isinstance(turn.lead, int) and turn.lead >= predicted.row + wrong
    if wrong and turn.lead == Leads.NOWHERE and _says_as_much(predicted, turn, healthy):
        return True
    return predicted == turn.lead or (not wrong and None in (predicted, turn.lead))


def _says_as_much(predicted: Lead, turn: Turn, healthy: Lead) -> bool:
    """Whether a response that says that more follows, and not where, says what is predicted: that nothing does, as it
    names no next page, or that more follows the last page."""
    if isinstance(predicted, int):
        return healthy == Leads.LAST and turn.end is not None and predicted >= turn.end
    return predicted == Leads.LAST != healthy


def _cause(wrong: Sequence[Turn], hypothesis: Leading) -> Cause:
    shown = (f"{_where(turn)}, {counted(turn.count, 'item')}: leads to {_led(turn.lead)}" for turn in wrong[:3])
    one = len(wrong) == 1
    amount = f"{counted(len(wrong), 'page')} lead{'s' * one} elsewhere than {'it' if one else 'they'} should, and this "
    amount += "predicts it" if one else "predicts them all"
    return Cause(hypothesis.name, hypothesis.message, line(*shown, amount), hypothesis.next_step)


def _where(turn: Turn) -> str:
    limit = "without limit" if turn.page.limit is None else f"limit {turn.page.limit:,}"
    return f"row {turn.start or 0:,}, {limit}"


def _led(lead: Lead) -> str:
    return f"row {lead:,}" if isinstance(lead, int) else "nothing" if lead == Leads.LAST else str(lead)
