"""The crossed check over all styles: each fault of their gallery, served in every style that it was not written for."""

from collections.abc import Callable, Iterator
from traceback import extract_tb

import pytest

from catalog_contract.diagnosis import names
from catalog_contract.model.paging import Paging
from catalog_contract.model.verdict import Verdict
from fixtures.gateway.gallery import SEEDS, Seen
from fixtures.gateway.styled import gallery
from fixtures.gateway.styled.bases import BASES, contract_of
from fixtures.gateway.styled.faults import FAULTS

LED_BY_AN_ITEM = ("after-id", "after-item", "posted-search")
"""Lists in which the last item leads on: another one there is another item."""

BY_TOKEN = ("a-token-moves-on-each-time", "the-last-page-comes-under-two-cursors", "tokens-are-those-of-the-whole-list")
BY_NUMBER = (
    "pages-are-counted-from-one",
    "pages-are-counted-from-zero",
    "pages-are-counted-in-the-default-size",
    "pages-leave-an-item-out",
    "pages-overlap",
    "pages-without-a-total-are-counted-from-zero",
)

MISSED = {
    ("after-one-item-the-list-begins-again", base): "no page of any size shows the rows for which the first page comes"
    for base in BASES
    if contract_of(base).paging.numbered
} | {("two-items-have-one-id", "after-id"): "where such an id ends a page, the page after the first of the two comes"}
"""What may have no cause at some seed although it breaks a promise, and why. No wrong cause is named there either."""

Bases = frozenset[str]


def lists(chosen: Callable[[Paging], bool]) -> Bases:
    """The bases whose pages are so."""
    return frozenset(base for base in BASES if chosen(contract_of(base).paging))


ONE, SHORT, ITEM = frozenset({"one-answer"}), lists(lambda paging: not paging.full_pages), frozenset(LED_BY_AN_ITEM)
NUMBERED, OFFSETS = lists(lambda paging: paging.numbered), lists(lambda paging: paging.random_access)
CURSORS, HEADERS = lists(lambda paging: not paging.by_position), frozenset({"pages-counted-in-a-header"})
ENDED = lists(lambda paging: not paging.ends_empty)

NAMED_OTHERWISE: dict[str, dict[str, Bases]] = {
    "a-header-counts-otherwise": {names.TOTAL_IS_PAGE: HEADERS},  # the only total stands there
    "a-limit-above-the-maximum-becomes-the-default": {names.BULK_LACKS: HEADERS},  # there is no maximum
    "a-short-page-in-the-middle": {names.NEXT_SKIPS: SHORT},
    "after-includes-the-item-itself": {names.SHIFTED: NUMBERED | OFFSETS},
    "after-one-item-the-list-begins-again": {  # one page of each size
        names.PAGE_TWICE: NUMBERED | OFFSETS,
        names.OFFSET_HELD: frozenset({"pages-repeat-the-last"}),
    },
    "after-skips-the-item-behind": {names.SHIFTED: NUMBERED | OFFSETS},
    "an-error-with-status-200": {names.EMPTY: CURSORS - ITEM},  # an empty list is left out
    "an-item-is-lost-by-next-in-one-page-size": {names.BOUNDARY: OFFSETS},  # the first one of a page
    "an-item-is-lost-in-one-page-size": {names.NEXT_SKIPS: CURSORS},  # the first one of a page
    "cursor-of-the-page-before": {names.NEXT_LOOPS: NUMBERED},  # that page by its number is the same one
    "every-page-with-one-item-fails": {names.SERVICE_DOWN: ONE},
    "links-lose-a-fixed-parameter": {names.UNFIT: frozenset(BASES)},  # nothing is answered as it was
    "next-ignores-a-short-rest": {names.NOWHERE: CURSORS},  # more follows, it says all the same
    "next-is-no-link": {names.OTHER_ADDRESS: NUMBERED | CURSORS},  # in a header all is text
    "next-repeats-the-boundary-item": {names.NEXT_LOOPS: NUMBERED},  # that row lies on the same page
    "next-whenever-a-page-is-full": {names.NEXT_EARLY: SHORT},
    "page-zero-is-refused": {names.UNSTEADY: frozenset({"pages-from-zero"})},  # it is the first page
    "pages-are-counted-from-one": {names.TOKEN_IGNORED: CURSORS},
    "pages-that-end-too-deep-are-refused": {names.SERVICE_DOWN: ONE},
    "past-the-end-answered": {names.WRAPS: NUMBERED - ENDED},
    "past-the-end-one-page-too-early": {  # only right behind the end
        names.PAGE_TWICE: NUMBERED,
        names.COUNTERS_ONLY: frozenset({"pages-from-zero"}),
    },
    "past-the-end-the-first-and-not-the-last": {names.WRAPS: NUMBERED - ENDED},
    "past-the-end-the-first-page": {names.PAST_OTHER: ENDED},
    "past-the-end-the-last-items": {names.PAST_OTHER: ENDED},
    "the-last-page-comes-under-two-cursors": {names.NEXT_LATE: CURSORS},  # the second one is refused
    "the-last-short-page-is-dropped": {names.FULL_LAST: SHORT, names.HOLE: SHORT},  # every short page is
    "the-last-short-page-is-empty": {names.FULL_LAST: SHORT, names.HOLE: SHORT},
    "the-limit-is-ignored": {names.PART_MISSING: ONE},  # no limit is asked for
    "the-page-number-is-ignored": {names.OFFSET_IGNORED: OFFSETS, names.TOKEN_IGNORED: CURSORS},
    "tokens-are-ignored": {names.OFFSET_IGNORED: OFFSETS, names.PAGE_IGNORED: NUMBERED},
    "what-leads-on-is-of-another-type-on-one-page": {
        names.NO_LINK: frozenset({"links-as-objects"}),
        names.UNSTEADY: NUMBERED | CURSORS,  # what is led to is refused
    },
    "without-a-limit-another-default": {names.PART_MISSING: ONE},
}
"""What a fault is in styles in which it does another thing, or what the same is called there."""


def there_is_none(fault: str, base: str) -> bool:
    """Whether a list of that style cannot have the fault, so that what is served is no fault that a service has."""
    paging = contract_of(base).paging
    return (
        (fault in BY_NUMBER and not paging.by_position)  # a cursor has no number
        or (fault in BY_TOKEN and BASES[base].leads_by != "word")  # and no link or number is a token
        or (fault in BY_TOKEN and paging.by_position)
        or (fault.startswith("page-zero-") and paging.starts_at == 0)  # page 0 is the first one
        or (fault == "past-the-end-one-page-too-early" and not paging.numbered)
        or (base in LED_BY_AN_ITEM and FAULTS[fault].family in ("what leads on", "links", "cursors"))
        or (base in LED_BY_AN_ITEM and fault == "the-sort-is-within-each-page")
    )


def served(base: str, fault: str, seed: int) -> Seen | None:
    """The run of a list with the fault; None where its responses do not have what the fault changes."""
    try:
        return gallery.seen(base, fault, seed)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        files = {frame.filename for frame in extract_tb(error.__traceback__)}
        if not any(
            where in file for file in files for where in ("/styled/change.py", "/styled/faults/", "/styled/bases.py")
        ):
            raise
        return None


def elsewhere(fault: str) -> Iterator[tuple[str, int, Seen]]:
    """Every run of a fault in a style that it was not written for in which it breaks a promise."""
    for base in BASES:
        if base in FAULTS[fault].eras or there_is_none(fault, base):
            continue
        for seed in SEEDS if FAULTS[fault].random else SEEDS[:1]:
            run = served(base, fault, seed)
            if run is not None and run.rules(Verdict.BROKEN):
                yield base, seed, run


@pytest.mark.thorough
@pytest.mark.parametrize("fault", [name for name, fault in FAULTS.items() if fault.cause])
def test_a_fault_is_named_in_every_style_that_may_have_it(fault: str) -> None:
    cause = FAULTS[fault].cause or ""
    right = {cause, *names.ALTERNATIVES.get(cause, ())}
    otherwise = NAMED_OTHERWISE.get(fault, {})
    named = {(base, seed): {*run.causes()} for base, seed, run in elsewhere(fault)}
    allowed = {base: right | {name for name, bases in otherwise.items() if base in bases} for base in BASES}
    assert {run: causes for run, causes in named.items() if not causes <= allowed[run[0]]} == {}
    assert {run for run, causes in named.items() if not causes and (fault, run[0]) not in MISSED} == set()


def test_what_is_named_otherwise_is_served() -> None:
    assert {fault for fault, _ in MISSED} | NAMED_OTHERWISE.keys() | {*BY_TOKEN, *BY_NUMBER} <= FAULTS.keys()
