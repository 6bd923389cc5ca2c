"""A paging style is its pager, its registration, and a value of the schema: nothing else knows one by its name."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from catalog_contract.catalog.pagers import PAGERS
from catalog_contract.model import paging as model
from catalog_contract.model.contract import Contract
from catalog_contract.model.style import STYLES
from catalog_contract.report import html, junit, markdown, terminal
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from catalog_contract.run.finish import Clock, finished
from catalog_contract.run.session import Session
from catalog_contract.transport.shared import CachingSource
from catalog_contract.util.paths import PROJECT
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.styled.bases import contract_of
from fixtures.gateway.styled.gallery import gateway_of

SOURCES = PROJECT / "src" / "catalog_contract"
MAY_KNOW = {
    "catalog/pagers/__init__.py": "the registration",
    "model/paging.py": "looks up what follows from a style",
    "contracts/defaults.py": "looks up what a contract may leave out",
    "contracts/words.py": "looks up what a contract must say",
    "cli/contracts.py": "prints the contract",
}
"""The modules that read the style of a contract; `drafting` finds one out and writes it."""

CHECKED = [
    *(path for path in sorted(SOURCES.rglob("*.py")) if "drafting" not in path.parts),
    *sorted((PROJECT / "tests" / "contract").glob("*.py")),
]


@pytest.mark.parametrize("path", CHECKED, ids=lambda path: str(path.relative_to(PROJECT)))
def test_only_the_registration_reads_the_style(path: Path) -> None:
    """And nobody compares it with a name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    reads = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "style"]
    compared = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and any(isinstance(part, ast.Attribute) and part.attr == "style"
                                                 for part in (node.left, *node.comparators))
    ]  # fmt: skip
    assert compared == []
    relative = str(path.relative_to(SOURCES)) if path.is_relative_to(SOURCES) else path.name
    assert not reads or relative in MAY_KNOW


def test_every_style_has_its_pager() -> None:
    """The two registrations name the same styles, in one order."""
    assert [*PAGERS] == [*STYLES]


NEW = "a-style-nobody-heard-of"
FAULTS = {
    "pages": "pages-rounded-down",
    "links": "next-points-back",
    "tokens": "next-skips-an-item",
    "posted-connection": "next-skips-a-page",
    "offsets-and-links": "links-read-an-older-list",
    "one-answer": "two-items-have-one-id",
}


def reports(contract: Contract, base: str, fault: str | None) -> list[str]:
    """What all reports say of a run in memory, but for its times."""
    session = Session(contract, CachingSource(MemorySource(gateway_of(base, fault))), "memory", "")
    judgements = [replace(judge(r, c, session.service), seconds=0.0) for r, c in every_case(contract, live=True)]
    run = replace(finished(session, judgements, session.observed(), Clock()), started="", seconds=0.0)
    run = replace(run, requests=tuple(replace(one, seconds=0.0) for one in run.requests))
    return [terminal.render(run), markdown.render(run), html.render(run), junit.render(run).decode()]


@pytest.mark.parametrize(("base", "fault"), [*FAULTS.items(), *((base, None) for base in FAULTS)])
def test_a_new_style_is_judged_explained_and_shown_by_its_pager_alone(
    base: str, fault: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pager registered under a name that no module can know: verdicts, causes and reports are the same."""
    contract = contract_of(base)
    style = contract.paging.style
    known = reports(contract, base, fault)
    monkeypatch.setitem(PAGERS, NEW, PAGERS[style])
    monkeypatch.setattr(model, "STYLES", {NEW: STYLES[style]})
    renamed = replace(contract, paging=replace(contract.paging, style=NEW))
    assert reports(renamed, base, fault) == known
