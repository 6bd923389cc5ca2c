"""Every shipped contract of a product is enough to read its list whole, over HTTP, in every way that it offers."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog_contract.catalog.page import Page
from catalog_contract.catalog.pagers import Asking, pager_of
from catalog_contract.catalog.service import Service
from catalog_contract.catalog.walking import Walked, most_items, walk_by_next, walk_by_position
from catalog_contract.contracts.load import contract_names, load_contract
from catalog_contract.model.contract import Contract, Transport
from catalog_contract.model.exchange import Request
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from catalog_contract.transport.live import LiveSource
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.server import Logged, serve
from fixtures.gateway.styles import SHAPES, in_shape
from fixtures.gateway.styles.rows import rows

SIZE = 253
"""Rows of the lists: no multiple of a page size, and more than two pages of most."""

OWN = {"example-minimal", "gatewayz", "gatewayz-2026"}
"""The contracts of the reference gateway in its own shape."""

MORE = {
    "limit-and-offset": """
title = "Has more, next offset and a relative link"
base_url = "http://127.0.0.1:8900"
list_path = "/v1/models"
[envelope]
total = "total"
has_more = "has_more"
next_offset = "next_offset"
next = "next"
[paging]
style = "offset"
maximum_limit = 1000
[[collections]]
name = "models"
""",
    "numbered-next": """
title = "The number of the next page"
base_url = "http://127.0.0.1:8900"
list_path = "/api/items"
[parameters]
limit = "per_page"
[envelope]
items = "items"
total = "meta.total"
next = "meta.next_page"
previous = "meta.prev_page"
[paging]
style = "page"
maximum_limit = 100
[[collections]]
name = "models"
""",
}
"""Contracts of shapes that no product gave its name to."""

PRODUCTS = sorted({*contract_names(), *MORE} - OWN)


def contract_of(name: str, folder: Path) -> Contract:
    path = folder / f"{name}.toml"
    if name in MORE:
        path.write_text(MORE[name], encoding="utf-8")
    return load_contract(str(path) if name in MORE else name)


Walker = Callable[[str, int], Walked[Page]]


@pytest.fixture
def walker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Contract, Walker, list[Logged]]]:
    """The contract of a product, what walks its list by next or by position, and the log of the server."""
    contract = contract_of(request.param, tmp_path)
    pager = pager_of(Asking(contract))
    collection = contract.collections[0]
    with serve(in_shape(contract.name, SIZE), posts=True) as (url, log):
        source = LiveSource(url, Transport(requests_per_second=100_000, maximum_requests=1000, connect_seconds=60))

        def read(asked: Request, row: int, limit: int | None) -> Page:
            return Page(source.fetch(asked), contract.envelope, contract.identity(collection), row, limit)

        def walk(way: str, limit: int) -> Walked[Page]:
            most = most_items(contract, replace(collection, expected_total=SIZE), limit)
            if way == "next":
                return walk_by_next(pager, read, limit, -(-most // limit))
            return walk_by_position(pager, read, limit, most=most, expected=SIZE)

        yield contract, walk, log
        source.close()


def expected_ids(name: str) -> tuple[str, ...]:
    """The ids of a list, from its rows and not from its answers."""
    special = {"gemini": "models/{id}", "wagtail": "{number}", "github-repos": "{number}"}
    return tuple(special.get(name, "{id}").format(**row) for row in rows(SIZE))


@pytest.mark.parametrize("walker", PRODUCTS, indirect=True)
def test_every_product_is_read_whole(walker: tuple[Contract, Walker, list[Logged]]) -> None:
    """Every id once and in order, the totals true; in two page sizes, by next and, where it can be, by position."""
    contract, walk, _ = walker
    paging, wanted = contract.paging, expected_ids(contract.name)
    sizes = (paging.page_size, paging.other_page_size) if contract.parameters.limit else (paging.page_size,)
    ways = ("next", "position") if pager_of(Asking(contract)).at(sizes[0], sizes[0]) else ("next",)
    for limit in sizes:
        for way in ways:
            walked = walk(way, limit)
            assert (walked.ids, walked.complete) == (wanted, True), f"{way}, {limit}: {walked.ending} {walked.problem}"
            assert len(walked.pages) > 1 or limit >= SIZE or paging.style == "none"
            counted = [page for page in walked.pages if page.count]
            totals = (
                [contract.envelope.total.read(page.exchange) for page in counted] if contract.envelope.total else []
            )
            assert {total for total in totals if "total" not in contract.envelope.optional} <= {SIZE}
            assert [page.row for page in counted] == [
                sum(one.count for one in counted[:nth]) for nth in range(len(counted))
            ]


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_product_is_judged_to_hold(name: str, tmp_path: Path) -> None:
    """By its shipped contract: nothing is accused, and nothing left unjudged."""
    contract = contract_of(name, tmp_path)
    size = next((c.expected_total for c in contract.collections if c.expected_total), SIZE)
    service = Service(contract, MemorySource(in_shape(name, size)))
    judgements = [judge(rule, case, service) for rule, case in every_case(contract, live=True)]
    assert [(j.rule, j.case, j.verdict) for j in judgements if j.verdict is not Verdict.HOLDS] == []


def test_every_shape_of_the_reference_gateway_has_its_contract() -> None:
    assert set(PRODUCTS) == set(SHAPES)
