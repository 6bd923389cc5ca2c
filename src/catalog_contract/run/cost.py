"""The least that a run would ask, known before it is planned: to plan a million requests takes minutes."""

from collections.abc import Iterable

from catalog_contract.model.contract import Contract
from catalog_contract.rules.selection import Asked

WALK = "walk"
"""The reading, among the arguments of a case, that takes a request a page."""


def least_requests(contract: Contract, asked: Iterable[Asked]) -> int:
    """How many requests these cases make at least of a service that keeps every promise.

    0 where rows cannot be asked for by position: the plan does not follow cursors and links to their end.
    """
    if not contract.paging.random_access:
        return 0
    walked = {case.collection for _, case in asked if case.arguments.get("counted_by") == WALK}
    return sum(_pages(contract, name) for name in walked)


def _pages(contract: Contract, name: str) -> int:
    collection = contract.collection(name)
    items = collection.expected_total or collection.minimum_total or 1
    return -(-items // contract.paging.page_size)
