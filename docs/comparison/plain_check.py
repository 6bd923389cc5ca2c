"""What a careful team writes by hand: pytest and requests, every page, until one is not full.

BASE_URL=http://127.0.0.1:8900 pytest docs/comparison/plain_check.py
"""

import os

import requests

BASE_URL = os.environ["BASE_URL"]
LIMIT = 100


def page(offset: int, limit: int = LIMIT) -> dict:
    """One page of the list."""
    query = {"gateway": "huggingface", "limit": limit, "offset": offset}
    response = requests.get(f"{BASE_URL}/v1/models", params=query, timeout=10)
    assert response.status_code == 200, response.text[:200]
    return response.json()


def walk() -> list[dict]:
    """All items, page after page, until a page is not full."""
    items: list[dict] = []
    for offset in range(0, 100_000, LIMIT):
        found = page(offset)["data"]
        assert len(found) <= LIMIT
        items += found
        if len(found) < LIMIT:
            return items
    raise AssertionError("the list does not end")


def test_total_is_what_the_walk_finds() -> None:
    assert page(0)["total"] == len(walk())


def test_no_item_comes_twice() -> None:
    ids = [item["id"] for item in walk()]
    assert len(ids) == len(set(ids))


def test_returned_counts_the_items() -> None:
    first = page(0)
    assert first["returned"] == len(first["data"])


def test_a_bad_limit_is_refused() -> None:
    query = {"gateway": "huggingface", "limit": "abc"}
    assert requests.get(f"{BASE_URL}/v1/models", params=query, timeout=10).status_code == 422
