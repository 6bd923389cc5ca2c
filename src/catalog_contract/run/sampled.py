"""What a sample shows, and what it does not: the notes of a run that read no list whole."""

import math
from collections.abc import Iterator, Sequence

from catalog_contract.model.contract import Contract
from catalog_contract.model.observation import PageSeen
from catalog_contract.util.text import counted

CONFIDENCE = 0.99


def was_sampled(contract: Contract, pages: Sequence[PageSeen]) -> frozenset[str]:
    """The collections of which a sample was read, and not the whole list."""
    whole = {page.collection for page in pages if page.bulk}
    return frozenset({page.collection for page in pages} & set(contract.sample) - whole)


def notes(contract: Contract, pages: Sequence[PageSeen]) -> Iterator[str]:
    """For each list of which a sample was read: how much was seen, and how many defective items would have shown."""
    for name in contract.sample:
        if name in was_sampled(contract, pages):
            yield from _reported(contract, name, [page for page in pages if page.collection == name])


def _reported(contract: Contract, name: str, pages: Sequence[PageSeen]) -> Iterator[str]:
    read = [page for page in pages if page.plain and not page.failure and page.ids]
    seen = len({id for page in read for id in page.ids if id is not None})
    if not seen:
        return
    words, total = contract.words, size_of(contract, name, read)
    of = f" of {total:,} ({seen / total:.2%})" if total else ""
    asked, seed = counted(len(pages), "list request"), contract.sample[name].seed
    yield f"{name}: a sample, {asked}, {words.items(seen)} seen{of}, seed {seed}"
    if total == seen:
        return
    share = detectable(seen, total)
    amount = f"{round(share * total):,} of the {total:,}" if total else f"{math.ceil(share * 1e6) / 1e4:.4f} % of the"
    yield (
        f"{name}: if {amount} {words.several_items} were wrong by themselves, scattered anywhere, one would have been "
        f"seen with 99 % confidence; repeats and losses between the pages that were read were not looked for"
    )
    if contract.paging.by_position and total:
        gap = longest_gap(read, total)
        yield f"{name}: more than {words.items(gap)} in a row that are all wrong would have been seen for certain"
    elif not contract.paging.by_position:
        yield f"{name}: only its beginning was read, as only a page leads to the next; what stands behind was not seen"


def size_of(contract: Contract, name: str, read: Sequence[PageSeen]) -> int | None:
    """How many items the list holds, by its total or by the contract; None where neither says."""
    totals = [page.total for page in read if isinstance(page.total, int) and not isinstance(page.total, bool)]
    ends = [page.row + len(page.ids) for page in read if page.row is not None]
    collection = contract.collection(name)
    reported = max(totals, default=collection.expected_total or collection.minimum_total or 0)
    return max(reported, *ends) if reported else None


def detectable(seen: int, total: int | None) -> float:
    """The share of defective items that a look at `seen` of `total` misses at most once in a hundred times.

    The defects stand anywhere, independently of what was looked at: the chance to miss d of them is that of drawing
    `seen` items from the sound ones alone. Without a total the list is taken to be endless.
    """
    if total is None:
        return float(1 - (1 - CONFIDENCE) ** (1 / seen))
    low, high = 1, total - seen + 1
    while low < high:
        middle = (low + high) // 2
        if _missed(seen, total, middle) <= 1 - CONFIDENCE:
            high = middle
        else:
            low = middle + 1
    return low / total


def _missed(seen: int, total: int, defects: int) -> float:
    """The chance that none of that many defects is among the items seen."""
    sound = total - defects
    if seen > sound:
        return 0.0
    log = math.lgamma
    ways = log(sound + 1) - log(sound - seen + 1) - log(total + 1) + log(total - seen + 1)
    return math.exp(ways)


def longest_gap(read: Sequence[PageSeen], total: int) -> int:
    """The longest stretch of a list that no page shows, in items."""
    end = gap = 0
    for row, length in sorted((page.row, len(page.ids)) for page in read if page.row is not None):
        gap, end = max(gap, row - end), max(end, row + length)
    return max(gap, total - end)
