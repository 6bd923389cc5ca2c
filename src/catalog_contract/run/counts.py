"""The table of counts: every collection that was read in bulk."""

from collections.abc import Iterable, Sequence

from catalog_contract.model.contract import Collection, Contract
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.run import Count
from catalog_contract.model.verdict import Judgement, Verdict, overall


def bulk_reads(contract: Contract, pages: Iterable[PageSeen]) -> dict[str, list[PageSeen]]:
    """The pages of the first bulk read of each collection that was read in bulk, in the order of the contract."""
    bulk: dict[str, list[PageSeen]] = {}
    for page in pages:
        if page.bulk and page.reading == 1:
            bulk.setdefault(page.collection, []).append(page)
    again = contract.paging.ends_with_last
    return {c.name: _read_to_its_end(bulk[c.name], again) for c in contract.collections if c.name in bulk}


def _read_to_its_end(pages: Sequence[PageSeen], again: bool) -> list[PageSeen]:
    """The pages of a reading without those behind the last one that is a list, if the service refused them, or
    repeated that one (`again`) as the contract declares."""
    ordered = sorted(pages, key=lambda page: page.row or 0)
    while again and len(ordered) > 1 and ordered[-1].ids and ordered[-1].ids == ordered[-2].ids:
        ordered.pop()
    while len(ordered) > 1 and ordered[-1].failure and 400 <= (ordered[-1].status or 0) < 500:
        ordered.pop()
    return ordered


def counts(contract: Contract, pages: Iterable[PageSeen], judgements: Sequence[Judgement]) -> tuple[Count, ...]:
    """The collection table: every collection whose bulk read was asked for, in the order of the contract."""
    reads = bulk_reads(contract, pages)
    return tuple(_row(contract.collection(name), read, judgements) for name, read in reads.items())


def _row(collection: Collection, pages: Sequence[PageSeen], judgements: Sequence[Judgement]) -> Count:
    """One row of the collection table; its verdict is the worst of what was judged of the collection."""
    failure = next((page.failure for page in pages if page.failure), "")
    different = {id for page in pages for id in page.ids}
    different.discard(None)
    own = [judgement for judgement in judgements if judgement.collection == collection.name]
    known = sum(bool(judgement.known) for judgement in own)
    accepted = f"{known} known breakage{'' if known == 1 else 's'}" if known else ""
    return Count(
        collection=collection.name,
        total=None if failure else sum(len(page.ids) for page in pages),
        unique=None if failure else len(different),
        expected=collection.expected_total or collection.minimum_total,
        lowest=collection.lowest_total,
        highest=collection.highest_total,
        verdict=overall(own) if own else Verdict.HOLDS,
        note="; ".join(filter(None, (failure, accepted))),
        merges=bool(collection.merges),
    )
