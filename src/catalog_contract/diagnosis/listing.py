"""Causes that lie in the list itself, in every style: ids, repetitions, order, length, and what a cursor does."""

from collections.abc import Iterator
from itertools import chain, pairwise

from catalog_contract.catalog.ids import in_order, repeated
from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.known import ends_the_list
from catalog_contract.diagnosis.trail import (
    comes_back,
    first_readings,
    known_list,
    readings_of,
    trail_of,
    walks_of,
    world_of,
)
from catalog_contract.diagnosis.view import View, get, line, readable, short
from catalog_contract.model.observation import Leads, PageSeen, Purpose
from catalog_contract.model.run import Cause
from catalog_contract.util.text import counted

ROUND = frozenset({100, 200, 250, 256, 500, 512, 1000, 1024, 2000, 2048, 5000, 10_000})
"""Figures that someone chose."""

COUNTER_RULES = frozenset(
    {
        "offset_is_echoed_as_applied",
        "limit_is_echoed_as_applied",
        "the_canonical_name_is_echoed",
        "has_more_is_true_exactly_when_more_follows",
        "next_offset_names_the_next_unread_row",
        "a_field_has_one_type_in_every_response",
        "total_equals_the_items_walked",
        "total_is_the_same_on_every_page",
        "total_counts_what_a_complete_response_lists",
        "returned_counts_the_items",
        "pages_is_the_total_divided_by_the_limit",
        "the_page_number_is_echoed",
        "last_is_true_exactly_on_the_last_page",
        "first_is_true_exactly_on_the_first_page",
    }
)
"""The rules about what a response says of itself."""

LEADING_RULES = frozenset(
    {
        "following_next_never_returns_to_a_page",
        "next_is_there_exactly_while_more_follows",
        "next_leads_to_a_page_of_this_list",
        "the_walk_by_next_ends_at_the_end",
        "next_keeps_the_limit",
        "next_keeps_the_query",
        "next_keeps_the_sort",
        "next_and_position_read_the_same_items",
        "previous_leads_back_to_the_page_before",
    }
)
"""The rules about where a response leads."""

ENVELOPE = "the_envelope_matches_its_schema"


def listing_causes(view: View) -> Iterator[Cause]:
    """What is wrong with the list itself; where its order moves nothing else can be determined of it."""
    moving = [*_order(view), *_cursor(view)]
    yield from moving
    if not moving:
        yield from _empty(view)
        yield from _ids(view)
        yield from _twice(view)
        yield from _short(view)


def _plain(view: View) -> list[PageSeen]:
    return [page for page in view.pages if page.plain and readable(page)]


def _rereads(view: View) -> Iterator[tuple[PageSeen, PageSeen]]:
    """Every two consecutive readings of one request."""
    by_key: dict[str, list[PageSeen]] = {}
    for page in sorted(view.pages, key=lambda page: page.reading):
        if page.purpose == Purpose.WHOLE:
            by_key.setdefault(page.key, []).append(page)
    return (pair for readings in by_key.values() for pair in pairwise(readings))


def _order(view: View) -> Iterator[Cause]:
    for before, after in _rereads(view):
        if not (readable(before) and readable(after)):
            continue
        loose = {*repeated(before.ids), *repeated(after.ids), None}
        kept, now = ([id for id in ids if id not in loose] for ids in (before.ids, after.ids))
        if len(set(kept) & set(now)) > 1 and not in_order(kept, now):
            yield Cause(
                names.ORDER,
                "The order of the list changes between requests: it is sorted by something that moves or ties, or by a"
                " replica's own order. Pages then overlap and miss items.",
                line(f"{short(get(before))} read twice: shared items come in another order"),
                f"Ask {get(before)} five times: two or three orders that come again are replicas, ever new ones an"
                " unsorted source. Sort by id last.",
            )
            return


def _cursor(view: View) -> Iterator[Cause]:
    """A cursor that is good once, or that moves on each time it is read."""
    if view.contract.paging.by_position:
        return  # pages have numbers there, whatever leads on
    led = {page.next_key for page in view.pages if page.next_key}
    pairs = [(one, two) for one, two in _rereads(view) if one.key in led and one.row and readable(one)]
    refused = [two for _, two in pairs if two.status is not None and 400 <= two.status < 500 and two.status != 429]
    if refused and len(refused) == len(pairs):
        yield Cause(
            names.CURSOR_ONCE,
            "A cursor is good once: asked for again, the page is refused. A client that tries again loses its place.",
            line(
                f"{short(get(refused[0]))}: answered, then {refused[0].status}",
                f"{counted(len(refused), 'page')} alike",
            ),
            "Let a cursor name a place in the list, or document that it is good once.",
        )
    moved = _moved_on(view, led)
    if moved:
        yield Cause(
            names.CURSOR_MOVES,
            "A cursor moves on each time it is read: asked again, a page after it comes. A client that tries again"
            " skips a page.",
            line(
                f"{short(get(moved[0]))} read again: a page further on comes", f"{counted(len(moved), 'reading')} alike"
            ),
            "Keep the place of a client in the cursor, not on the server.",
        )


def _moved_on(view: View, led: set[str]) -> list[PageSeen]:
    """The later readings of cursors that hold a page further on in the walk; none where one of them holds another page,
    or the first page, which has no cursor, changes too.

    How far depends on who else read the cursor, as the pages of a filter do: each reading is further on than the one
    before it, and behind the end nothing comes any more.
    """
    known, found = first_readings(view.pages), list[PageSeen]()
    again: dict[str, list[PageSeen]] = {}
    for one, two in _rereads(view):
        again.setdefault(one.key, []).append(two)
        if not one.row and one.ids != two.ids:
            return []
    for walk in walks_of(known, lambda page: page.purpose == Purpose.WHOLE):
        ids = tuple(chain.from_iterable(page.ids for page in walk))
        place = {id: at for at, id in enumerate(ids)}
        end = 0
        for page in walk:
            end += len(page.ids)
            at = end - 1
            for later in again.get(page.key, ()) if page.key in led and page.row else ():
                start = place.get(later.ids[0], -1) if later.ids else len(ids)
                further = bool(later.ids) and start > at and ids[start:][: len(later.ids)] == later.ids
                passed = not later.ids and walk[-1].leads == Leads.LAST
                if not readable(later) or not (further or passed):
                    return []
                at = start
                found += [later] if further else []
    return found


_NUMBERS = frozenset({"total", "returned", "offset", "limit", "page", "pages", "next_offset"})
_FLAGS = frozenset({"has_more", "last", "first"})


def types(view: View) -> Iterator[Cause]:
    """A value of the envelope that is of the wrong type: a number or a flag as text."""
    for page in _plain(view):
        for word, value in page.reported:
            source = str(getattr(view.contract.envelope, word)).partition(":")[0]
            wrong = word in _NUMBERS | _FLAGS and isinstance(value, str) and source not in ("header", "link")
            if wrong:
                kind = "a number" if word in _NUMBERS else "true or false"
                yield Cause(
                    names.FIELD_TYPE,
                    f"`{word}` is a text where {kind} belongs: typed clients fail on it, others take it for true.",
                    line(f"{short(get(page))}: {word} is {value!r}"),
                    "Send one type in every response.",
                )
                return


def _ids(view: View) -> Iterator[Cause]:
    page = next((page for page in _plain(view) if None in page.ids), None)
    if page is not None and not all(id is None for id in page.ids):
        at = page.ids.index(None)
        yield Cause(
            names.NO_ID,
            "Items without a usable id (missing, null, or of another type) reach the list.",
            line(f"item {at} of {len(page.ids):,} in {short(get(page))}"),
            f"Look at item {at} of {get(page)} and its neighbours, and find its source.",
        )


def _twice(view: View) -> Iterator[Cause]:
    """The same item at two places of the list, whatever the pages."""
    walks = [walk for walk in readings_of(view) if not comes_back(walk)]
    readings = [tuple(chain.from_iterable(page.ids for page in walk)) for walk in walks]
    repeating = [ids for ids in readings if len(set(ids) - {None}) < len([id for id in ids if id is not None])]
    longest = max(repeating, key=lambda ids: len(ids), default=())
    once = view.contract.paging.at_once
    if longest and (once or repeating.count(longest) > 1):
        twice = repeated(longest)
        where = [at for at, id in enumerate(longest) if id == twice[0]]
        yield Cause(
            names.DUPLICATES,
            "The list holds the same item more than once: lists were joined, or an update was added and not replaced.",
            line(f"{short(twice[0])} at rows {where[0]:,} and {where[1]:,}", f"{counted(len(twice), 'id')} repeated"),
            f"Compare both items of {twice[0]}: equal fields mean the same item twice, others two sources.",
        )


def _empty(view: View) -> Iterator[Cause]:
    """Good responses without an item where items are expected."""
    pages = [page for page in _plain(view) if page.limit != 0]
    if view.lowest and pages and not any(page.ids for page in pages):
        yield Cause(
            names.EMPTY,
            "Every response is good and holds no item: an outage that is shown as an empty list, or an error that is"
            " answered with 200.",
            line(f"{short(get(pages[0]))}: 200 without an item", f"at least {view.lowest:,} expected"),
            "Look at the body of that response, and in the log of the service for a source that failed.",
        )


def _short(view: View) -> Iterator[Cause]:
    """A list that agrees with itself and holds less than it should."""
    low = view.lowest
    walks = readings_of(view)
    ended = [walk for walk in walks if ends_the_list(view.contract, walk[-1])]
    ended = [walk for walk in ended if len(walk) > 1 or view.contract.paging.at_once or walk[0].leads == Leads.LAST]
    readings = {tuple(chain.from_iterable(page.ids for page in walk)) for walk in ended}
    if low is None or len(readings) != 1 or not walks:
        return
    rows, _ = known_list(view, walks)
    size = len(rows)
    if size >= low or size != len(next(iter(readings))) or not size:
        return
    facts = line(f"{size:,} items, at least {low:,} expected", f"the same in {counted(len(ended), 'whole reading')}")
    step = "Compare the ids with those of the last good run: an early stop loses all after one item, a lost page a run."
    part = "Part of the list is missing, and everything else is consistent: only the figure from outside shows it."
    both = size in ROUND
    yield Cause(names.PART_MISSING, part, facts, step, (names.CAPPED,) if both else ())
    if both:
        capped = f"The whole list is capped at {size:,}: a limit somewhere between its source and the response."
        yield Cause(names.CAPPED, capped, facts, f"Search the service for the figure {size}.", (names.PART_MISSING,))


def counters_alone(view: View) -> Iterator[Cause]:
    """All items stand where they should, and only promises about what responses say of themselves are broken."""
    rules = COUNTER_RULES | (LEADING_RULES if view.by_offset_alone else frozenset())
    reported = [judgement for judgement in view.broken if judgement.rule in rules]
    world = world_of(view)
    right = world is not None and world.complete and not world.contradictions
    if not reported or not right or any(judgement.rule not in rules | {ENVELOPE} for judgement in view.broken):
        return
    # A next offset is a number that a response says of itself; a link or a cursor is not.
    trail = None if view.by_offset_alone else trail_of(view)
    if trail is not None and trail.contradictions:
        return
    named = ", ".join(dict.fromkeys(judgement.rule.replace("_", " ") for judgement in reported))
    yield Cause(
        names.COUNTERS_ONLY,
        "The items are as promised; what the responses say about themselves is not. Clients that follow the counters"
        " stop too early, skip items or never end.",
        line(reported[0].message.partition("\n")[0][:140], f"broken: {named}"),
        "Compute the counters from the list and window that are sent, in one place, after clamping and filtering.",
    )
