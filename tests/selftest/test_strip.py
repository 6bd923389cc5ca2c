"""The strip: which state each page of a walk is drawn in."""

from dataclasses import replace
from pathlib import Path

from catalog_contract.catalog.strip import strips
from catalog_contract.model.contract import Collection, Contract, Envelope, Item, Parameters
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.paging import Paging

CONTRACT = Contract(
    Path("x.toml"),
    "x",
    "X",
    "http://x",
    "/v1/models",
    Parameters(collection="gateway"),
    Envelope(),
    Item(),
    Paging("offset", 100, 50000, "all", 331, "served"),
    (Collection("huggingface", expected_total=350), Collection("groq"), Collection("xai", expected_total=150)),
)


def seen(
    offset: int, count: int, *, start: int | None = None, collection: str = "huggingface", **more: object
) -> PageSeen:
    begin = offset if start is None else start
    values: dict[str, object] = {"walk": True, "status": 200, **more}
    ids = tuple(f"m/{i}" for i in range(begin, begin + count))
    return PageSeen(collection=collection, target="", row=offset, limit=100, ids=ids, **values)  # type: ignore[arg-type]


def states(*pages: PageSeen) -> list[tuple[int, int, str]]:
    (strip,) = strips(CONTRACT, pages)
    return [(segment.offset, segment.count, segment.state) for segment in strip.segments]


def test_a_healthy_catalogue_is_full_then_short_then_empty() -> None:
    pages = [seen(0, 100), seen(100, 100), seen(200, 100), seen(300, 52), seen(400, 0)]
    expected = [(0, 100, "full"), (100, 100, "full"), (200, 100, "full"), (300, 52, "short"), (400, 0, "empty")]
    assert states(*pages) == expected
    assert states(*reversed(pages)) == expected


def test_what_was_not_asked_or_failed_is_unread_up_to_the_expected_end() -> None:
    failed = seen(100, 0, status=500, failure="answered 500")
    unread = [(offset, 0, "unread") for offset in (100, 200, 300)]
    assert states(seen(0, 100), failed) == [(0, 100, "full"), *unread]


def test_a_page_refused_past_the_end_as_declared_is_empty() -> None:
    """And unread where it is not declared, where the end was not seen, or where the status says nothing of the list."""
    declared = replace(CONTRACT, paging=replace(CONTRACT.paging, past_the_end="refused"))
    walk = [seen(0, 100), seen(100, 100), seen(200, 100), seen(300, 52)]

    def last(contract: Contract, status: int, read: list[PageSeen]) -> str:
        refused = seen(400, 0, status=status, failure=f"answered {status}")
        (strip,) = strips(contract, [*read, refused])
        return strip.segments[-1].state

    assert last(declared, 404, walk) == "empty"
    assert last(CONTRACT, 404, walk) == last(declared, 503, walk) == last(declared, 404, walk[:3]) == "unread"


def test_the_last_page_again_as_declared_is_empty() -> None:
    """And repeated where it is not declared, or where all pages are the first."""
    declared = replace(CONTRACT, paging=replace(CONTRACT.paging, past_the_end="last"))
    walk = [seen(0, 100), seen(100, 100), seen(200, 100), seen(300, 52), seen(400, 52, start=300)]

    def last(contract: Contract, read: list[PageSeen]) -> str:
        (strip,) = strips(contract, read)
        return strip.segments[-1].state

    assert last(declared, walk) == "empty"
    assert last(CONTRACT, walk) == last(declared, [seen(at, 100, start=0) for at in range(0, 500, 100)]) == "repeated"


def test_a_page_seen_before_is_repeated() -> None:
    found = states(seen(0, 100), seen(100, 100, start=0), seen(200, 100, start=50), seen(300, 52))
    assert [state for *_, state in found] == ["full", "repeated", "full", "short"]


def test_a_later_reading_fills_in_for_a_failed_one_and_changes_nothing_else() -> None:
    failed = seen(100, 0, status=None, failure="timed out")
    pages = [seen(0, 100), failed, seen(100, 100, reading=2), seen(0, 7, reading=2), seen(200, 100), seen(300, 50)]
    assert [state for *_, state in states(*pages)] == ["full", "full", "full", "short"]


def test_rows_without_an_id_are_not_taken_for_repeated_ones() -> None:
    nothing = PageSeen("huggingface", "", 100, 100, 200, (None,) * 100, walk=True)
    also = PageSeen("huggingface", "", 200, 100, 200, (None,) * 100, walk=True)
    found = states(seen(0, 100), nothing, also, seen(300, 50))
    assert [state for *_, state in found] == ["full", "full", "full", "short"]


def test_only_walked_gateways_get_a_strip_in_the_order_of_the_contract() -> None:
    pages = [seen(0, 9, collection="xai"), seen(0, 9, collection="groq", walk=False), seen(0, 100)]
    found = strips(CONTRACT, pages)
    assert [(strip.collection, strip.expected) for strip in found] == [("huggingface", 350), ("xai", 150)]
    assert strips(CONTRACT, []) == ()


def test_a_gateway_without_an_expected_total_is_drawn_as_far_as_it_was_asked() -> None:
    (strip,) = strips(CONTRACT, [seen(0, 19, collection="groq"), seen(100, 0, collection="groq")])
    assert strip.expected is None
    assert [segment.state for segment in strip.segments] == ["short", "empty"]
