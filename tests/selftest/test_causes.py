"""Causes: each has a page, each is explained, and no words of a message are needed to name one."""

from dataclasses import replace

import pytest

from catalog_contract.cli import main
from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.pages import cause_pages, page_of
from fixtures.gateway import gallery
from fixtures.gateway.core import FAULTS
from fixtures.gateway.styled import gallery as styled
from fixtures.gateway.styled.faults import FAULTS as STYLED

NAMES = {value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)}


def test_every_cause_has_a_page_and_every_page_a_cause() -> None:
    assert set(cause_pages()) == NAMES


def test_what_the_galleries_plant_is_a_cause() -> None:
    assert {fault.cause for fault in (*FAULTS.values(), *STYLED.values()) if fault.cause} <= NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_cause_is_explained_by_its_name_and_by_its_slug(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = page_of(name)
    assert page is not None
    assert main(["explain", name]) == 0
    reported = capsys.readouterr().out
    assert main(["explain", page.slug]) == 0
    assert capsys.readouterr().out == reported
    assert reported.startswith(name)
    for label in ("What a client sees", "Why", "How to confirm it", "What to mend"):
        assert label in reported


def worded_otherwise(seen: gallery.Seen) -> tuple[str, ...]:
    """The causes of a run in which every message of a rule is one constant."""
    judgements = tuple(
        replace(j, why="x" if j.why else "", evidence=replace(j.evidence, message="x") if j.evidence else None)
        for j in seen.judgements
    )
    pages = tuple(replace(page, failure="x" if page.failure else "", target=page.key) for page in seen.pages)
    return gallery.Seen(seen.contract, judgements, pages).causes()


ONE_SEED = [pair for pair in gallery.eras_and_faults() if not FAULTS[pair[1]].random]


@pytest.mark.thorough
@pytest.mark.parametrize("era", gallery.CONTRACTS)
def test_no_wording_of_a_message_is_read(era: str) -> None:
    """With every message replaced by a constant each pinned diagnosis stays the same."""
    for fault in (fault for at, fault in ONE_SEED if at == era):
        assert worded_otherwise(gallery.seen(era, fault, 0)) == gallery.pinned()[fault, era].causes, fault


@pytest.mark.thorough
@pytest.mark.parametrize("base", ["pages", "links", "tokens", "posted-search", "offsets-and-links"])
def test_no_wording_of_a_message_is_read_in_other_styles(base: str) -> None:
    for fault in (fault for at, fault in styled.bases_and_faults() if at == base and not STYLED[fault].random):
        assert worded_otherwise(styled.seen(base, fault, 0)) == styled.pinned()[fault, base].causes, fault
