"""Causes that show when readings are laid side by side: another order, other versions, compressed and plain."""

import itertools
from collections.abc import Iterator

from catalog_contract.catalog.ids import first_difference, in_order, oscillates, repeated
from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.stability import contradictions, growth_explains, returned, unsteady
from catalog_contract.diagnosis.view import Ids, View, get, line, offset_of, rows, short
from catalog_contract.model.observation import PageSeen, Purpose
from catalog_contract.model.run import Cause
from catalog_contract.model.verdict import Kind


def order_not_stable(view: View) -> Iterator[Cause]:
    """One request, asked again, gives the rows that it shares with the first time in another order."""
    for before, after in view.readings:
        if _in_order(before.ids, after.ids):
            continue
        at = first_difference(before.ids, after.ids)
        same = (
            "the same models in another order"
            if set(before.ids) == set(after.ids)
            else "shared models in another order"
        )
        yield Cause(
            names.ORDER,
            "The order of the catalogue changes between requests: it is sorted by something that moves or ties, or by a"
            " replica's own order. Pages then overlap and miss models.",
            line(
                f"{short(get(before))} read twice: {same}",
                f"first difference at row {at}: {_at(before.ids, at)}, then {_at(after.ids, at)}",
            ),
            f"Ask {get(before)} five times, with and without compression: two or three orders that come again are"
            " replicas or copies, ever new ones an unsorted source. Sort by id last.",
        )
        return


def _in_order(a: Ids, b: Ids) -> bool:
    if a == b:
        return True
    loose = {*repeated(a), *repeated(b), None}
    return in_order([i for i in a if i not in loose], [i for i in b if i not in loose])


def _at(ids: Ids, at: int) -> str:
    return short(ids[at]) if at < len(ids) else "nothing"


def two_versions(view: View) -> Iterator[Cause]:
    """One request is answered from two different lists: by turns, or with more between them than growth brings."""
    for history in view.histories:
        by_turns = returned(history)
        for before, after in itertools.pairwise(history):
            if before.ids == after.ids:
                continue
            growth = not by_turns and growth_explains(before.ids, after.ids, view.contract.paging.churn)
            if not growth and _in_order(before.ids, after.ids):
                yield _versions(before, after, len(history) if by_turns else 0)
                return


def _versions(before: PageSeen, after: PageSeen, times: int) -> Cause:
    shared = len(set(before.ids) & set(after.ids))
    return Cause(
        names.VERSIONS,
        "Two different lists answer the same request: replicas or caches that do not agree"
        + ("." if times else ", or the list was replaced during the run."),
        line(
            f"{short(get(before))} read twice: {rows(len(before.ids))}, then {len(after.ids):,}; {shared:,} in both",
            f"read {times} times, what had been left comes again" if times else "",
        ),
        f"Ask {get(before)} five times and compare the header that tells the server or the age of the answer.",
    )


def totals_alternate(view: View) -> Iterator[Cause]:
    """`total` goes back and forth in time, each answer agrees with its own: two lists answer by turns.

    A rule says so, or the totals in the order of reading do, which lie further apart than those of a list that grows.
    """
    numbers = [page.total for page in view.good if isinstance(page.total, int) and page.total != len(page.ids)]
    values = sorted(set(numbers))
    if len(values) != 2 or view.rows_right or contradictions(view):
        return
    reported = any(judgement.kind == Kind.OSCILLATES for judgement in view.judgements)
    in_time = [page.total for page in view.pages if page.total in values]
    if not reported and not oscillates(in_time):
        return
    times = " and ".join(f"{value:,} on {numbers.count(value)}" for value in values)
    page = view.good[0]
    yield Cause(
        names.VERSIONS,
        "Two different lists answer by turns: replicas or caches that do not agree.",
        f"total says {times} answers, and goes back and forth between them",
        f"Ask {get(page)} five times and compare the header that tells the server or the age of the answer.",
    )


def compression(view: View) -> Iterator[Cause]:
    """The first page without compression holds other rows than with it, and neither moves."""
    rule = "compressed_and_plain_responses_hold_the_same_items"
    broken = any(judgement.rule == rule for judgement in view.broken)
    first = next((page for page in view.walk if not offset_of(page)), None)
    if not broken or first is None or unsteady(view):
        return
    plain = (
        page
        for page in view.good
        if (page.row, page.limit) == (first.row, first.limit) and page.purpose == Purpose.HEADERS
    )
    other = next((page for page in plain if page.ids != first.ids), None)
    if other is None:
        return
    at = first_difference(first.ids, other.ids)
    yield Cause(
        names.COMPRESSION,
        "Answers with and without compression are made from different lists: one of the two is kept longer, or under a"
        " key of its own.",
        line(
            f"{short(get(first))}: index {at} is {_at(first.ids, at)} compressed, {_at(other.ids, at)} plain",
            f"{len(first.ids)} and {rows(len(other.ids))}",
        ),
        f"Ask {get(first)} with and without `Accept-Encoding: identity`, and compare the headers that tell the age.",
    )


CAUSES = (order_not_stable, two_versions, totals_alternate, compression)
