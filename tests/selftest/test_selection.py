"""Choosing cases: by `-k`, by node ids, and all of them in the order of the rulebook."""

import random
from pathlib import Path

import pytest
from runs import small

from catalog_contract.contracts.load import load_contract
from catalog_contract.rules.judge import judgement_of
from catalog_contract.rules.selection import (
    can_be_named,
    cases_named,
    every_case,
    in_order,
    is_whole,
    keyword,
    keywords,
)

CONTRACT = load_contract("gatewayz")


def chosen(expression: str, case_id: str) -> bool:
    """Whether pytest would take a case: it looks for the words of an expression within the keywords."""
    return any(keyword(expression) in word for word in keywords("a_rule", case_id))


@pytest.mark.parametrize(
    ("expression", "case_id", "expected"),
    [
        ("huggingface-offset=100", "huggingface-offset=100", True),
        ("offset=100", "huggingface-offset=100", True),
        ("huggingface-offset=100", "huggingface-offset=1000", False),
        ("huggingface-offset=100", "huggingface-offset=100-limit=7", False),
        ("offset=100-limit=7", "huggingface-offset=100-limit=7", True),
        ("offset=00", "huggingface-offset=100", False),
        ("offset=-1", "huggingface-offset=-1", True),
        ("limit=1.5", "huggingface-limit=1.5", True),
    ],
)
def test_an_expression_means_one_value(expression: str, case_id: str, expected: bool) -> None:
    """That value at the end of the id, not one that begins with it."""
    assert chosen(expression, case_id) is expected


@pytest.mark.parametrize("case_id", ["groq", "groq-offset=100", 'it\'s-"quoted" or not', "a-filter=page[size]=2", ""])
def test_a_rule_with_its_case_means_that_case_alone(case_id: str) -> None:
    """Whatever stands in the id, also as one side of an `or`; neither another rule nor a longer id."""
    assert can_be_named("a_rule", case_id)
    for expression in (f"a_rule[{case_id}]", f"test_a_rule[{case_id}]"):
        assert chosen(expression, case_id)
        assert keyword(f"x=1 or {expression} and y") == f"x:1] or {keyword(expression)} and y"
        assert not chosen(expression, f"{case_id}0") and not chosen(expression, f"0{case_id}")
    assert not chosen(f"rule[{case_id}]", case_id) and not chosen(f"not_a_rule[{case_id}]", case_id)


@pytest.mark.parametrize("case_id", ["a]", "[", "a[b[c]]"])
def test_a_case_that_cannot_be_told_from_the_expression_around_it_is_not_named(case_id: str) -> None:
    assert not can_be_named("a_rule", case_id)


def test_an_expression_without_values_stays_as_it_is() -> None:
    """And the words around a value do too."""
    assert keyword("windows and not groq") == "windows and not groq"
    assert keyword("walk or (offset=100 and not storm)") == "walk or (offset:100] and not storm)"


def test_node_ids_name_their_cases() -> None:
    """As the workers of pytest-xdist send them; ids of other tests are passed over."""
    every = every_case(CONTRACT, live=True)
    ids = [
        f"tests/contract/test_{rule.family}.py::test_{rule.name}"
        + (f"[{case.id}]" if rule.arguments != ("service",) else "")
        for rule, case in every
    ]
    others = ["tests/selftest/test_strip.py::test_a_strip", "tests/contract/test_pages.py::test_gone[huggingface]"]
    assert cases_named([*others, *ids], CONTRACT) == every


def test_a_run_is_whole_when_no_case_is_missing() -> None:
    """Rules of a live service are none that a recording could be asked."""
    recorded = every_case(CONTRACT, live=False)
    assert is_whole(recorded, CONTRACT, live=False)
    assert not is_whole(recorded, CONTRACT, live=True)
    assert not is_whole(recorded[1:], CONTRACT, live=False)


def test_judgements_come_in_the_order_of_the_rulebook() -> None:
    """Whoever brought them, and what the rulebook does not know at the end."""
    judgements = [judgement_of(rule, case, None) for rule, case in every_case(CONTRACT, live=True)]
    mixed = random.Random(3).sample(judgements, len(judgements))
    assert in_order(mixed, CONTRACT) == judgements
    other = load_contract("gatewayz-2026")
    strangers = {j.case for j in judgements} - {case.id for _, case in every_case(other, live=True)}
    assert [j.case in strangers for j in in_order(mixed, other)][-1]


def test_another_contract_has_other_cases(tmp_path: Path) -> None:
    """Nothing is remembered between contracts."""
    contract = load_contract(str(small(tmp_path)))
    assert {case.collection for _, case in every_case(contract, live=True)} - {""} == {"together", "groq"}
