"""Single moves of a list at chosen moments: each of them is legal, and nobody is accused."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from test_churn import accused

from catalog_contract.catalog.service import Service
from catalog_contract.diagnosis import names
from catalog_contract.model.contract import Contract
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from fixtures.gateway.churn import moves
from fixtures.gateway.gallery import Seen
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.pipeline import Answer, Gateway, Query
from fixtures.gateway.styled.bases import DEFAULT, SIZE, base_steps, contract_of, shelved
from fixtures.gateway.styled.change import with_rows
from fixtures.gateway.styled.faults import FAULTS
from fixtures.gateway.styled.faults.selecting import with_select
from fixtures.gateway.styled.variants import expecting
from fixtures.gateway.styles import styled_gateway
from fixtures.gateway.styles.steps import Steps

LAST = "pages-repeat-the-last"
BLUE = {"shelf": "blue"}


def judged(
    contract: Contract, steps: Steps, size: int = SIZE, deepest: int | None = None, **moving: Any
) -> list[Judgement]:
    """All that is judged of a list of that size, which moves; `deepest` is how far it is served, if not whole."""
    change = moves(shelved(size + 60)[size:], **moving)
    gateway = styled_gateway(with_rows(replace(steps, count=size), change))
    if deepest is not None:
        contract = replace(contract, paging=replace(contract.paging, deepest=deepest))
        gateway = served_to(deepest, gateway)
    service = Service(expecting(contract, size), MemorySource(gateway))
    return [judge(rule, case, service) for rule, case in every_case(service.contract, live=True)]


def served_to(deepest: int, gateway: Gateway) -> Gateway:
    """A gateway that refuses what ends deeper."""

    def shallow(query: Query) -> Answer:
        page, size = query.param("page") or "1", query.param("size") or str(DEFAULT)
        deep = page.isdecimal() and size.isdecimal() and int(page) * int(size) > deepest
        return Answer(400, payload={"error": "too deep"}) if deep else gateway(query)

    return shallow


@pytest.mark.parametrize(
    ("base", "moving"),
    [
        pytest.param("pages", {"values": {0: (26, BLUE), 1: (46, BLUE)}}, id="two items change their filter"),
        pytest.param("pages", {"values": {0: (66, {"score": 200_000})}}, id="one item changes its place in a sort"),
        pytest.param(
            LAST,
            {"size": 1_370, "goes": {1_369 - nth * 7 % 20: 12 + 60 * nth for nth in range(20)}},
            id="the last page shrinks slowly",
        ),
        pytest.param(
            "pages", {"size": 120, "goes": {60 + nth: 5 + 3 * nth for nth in range(30)}}, id="two responses become one"
        ),
        pytest.param(LAST, {"size": 300, "comes": [(0, 5)] * 31}, id="what was past the end is not any more"),
        *(
            pytest.param(
                "posted-search",
                {"comes": [(None, first + every * nth) for nth in range(60)]},
                id=f"one item comes behind the last one with every {every} requests",
            )
            for every, first in ((2, 1), (3, 20), (8, 1))
        ),
    ],
)
def test_legal_moves_accuse_nobody(base: str, moving: Mapping[str, Any]) -> None:
    assert accused(judged(contract_of(base), base_steps(base), **moving)) == []


@pytest.mark.parametrize(("base", "goes"), [("tokens", {0: 40}), ("links", {0: 39})])
def test_a_token_of_a_filtered_list_may_stand_for_a_row_while_one_item_goes(base: str, goes: dict[int, int]) -> None:
    contract = contract_of(base)
    parameters = replace(contract.parameters, filter="shelf")
    contract = replace(contract, parameters=parameters, item=replace(contract.item, owner="shelf"))
    assert accused(judged(contract, base_steps(base), goes=goes)) == []


@pytest.mark.parametrize("deepest", [100, 120, 150, 220, 250])
@pytest.mark.parametrize(
    "moving",
    [
        pytest.param({}, id="it stands still"),
        pytest.param({"values": {0: (22, BLUE)}}, id="one item changes its filter"),
        pytest.param({"values": {150: (22, BLUE)}}, id="one that lies deeper does"),
        pytest.param({"goes": {0: 9}, "comes": [(0, 3)]}, id="one comes and later another one goes"),
    ],
)
def test_a_list_that_is_served_to_some_depth_is_not_accused(deepest: int, moving: Mapping[str, Any]) -> None:
    assert accused(judged(contract_of("pages"), base_steps("pages"), deepest=deepest, **moving)) == []


def test_a_filter_that_lists_what_the_list_has_not_never_holds_while_the_list_moves() -> None:
    """More of them than may come and go are unexpected; a few are not judged."""
    rule = "a_declared_filter_lists_exactly_what_it_selects"
    for amount, verdict in ((55, Verdict.BROKEN), (5, Verdict.NOT_JUDGED)):
        ghosts = [row | BLUE for row in shelved(SIZE + 200)[-amount:]]
        steps = with_select(
            base_steps("pages"), lambda listed, shelf, right, g=ghosts: [*right, *(g if shelf == "blue" else ())]
        )
        found = judged(contract_of("pages"), steps, comes=[(0, 2 * nth) for nth in range(1, 40)])
        assert {j.verdict for j in found if j.rule == rule and "blue" in j.case} == {verdict}, amount


@pytest.mark.parametrize(
    ("base", "fault", "causes"),
    [
        ("pages", "total-is-one-too-many", (names.TOTAL_DRIFTS, names.TOTAL_OFF)),
        ("pages-and-links", "links-name-a-path-that-is-not-there", (names.OTHER_ADDRESS,)),
    ],
)
def test_what_is_wrong_with_a_list_that_grew_by_one_item_is_named(
    base: str, fault: str, causes: tuple[str, ...]
) -> None:
    """A total that rose by one may follow the list; where every page leads needs no list to compare it with."""
    steps = with_rows(base_steps(base), moves(shelved(SIZE + 60)[SIZE:], comes=[(120, 10)]))
    service = Service(contract_of(base), MemorySource(styled_gateway(FAULTS[fault].build(steps, Random(0)))))
    found = tuple(judge(rule, case, service) for rule, case in every_case(service.contract, live=True))
    assert Seen(service.contract, found, service.seen()).causes() == causes


@pytest.mark.parametrize("base", ["links", "tokens"])
def test_a_full_last_page_that_leads_on_is_seen_although_the_list_has_moved(base: str) -> None:
    """The size that it fills is another one by then: 11 pages of 23 items, 3 of 85."""
    steps = FAULTS["next-whenever-a-page-is-full"].build(base_steps(base), None)
    found = judged(contract_of(base), steps, comes=[(0, 10), (0, 11)])
    assert "next_is_there_exactly_while_more_follows" in {j.rule for j in found if j.verdict is Verdict.BROKEN}
