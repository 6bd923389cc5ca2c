"""A sample of a list: as many requests as allowed, nothing claimed that was not seen, and the share that it states."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sampling import LongList, judged, load_contract, long_list, notes, sampled, sound

from catalog_contract.catalog.sampled import spread
from catalog_contract.catalog.service import Service
from catalog_contract.model.contract import Contract
from catalog_contract.model.sample import Sample
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from catalog_contract.run.sampled import detectable
from catalog_contract.run.settings import Settings, SettingsError, contract_of
from catalog_contract.transport.shared import CachingSource
from catalog_contract.util.paths import PROJECT
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.styled.gallery import declared, gateway_of

MILLION = 1_000_000
SCHEMA_RULE = "every_item_matches_its_schema"
INJECTIONS = 300


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return sampled(load_contract(str(long_list(tmp_path_factory.mktemp("million"), MILLION))), 60, 1)


def test_a_million_items_take_as_many_requests_as_allowed(million: Contract) -> None:
    """What can be judged holds, what needs the whole list is not judged for that reason, and both are reported."""
    source = LongList(MILLION)
    found, seen = judged(million, source)
    assert len(source.asked) == 60
    assert {one.verdict for one in found} == {Verdict.HOLDS, Verdict.NOT_JUDGED}
    assert {one.why for one in found if one.why} == {"only a sample of rows is read (--sample 60)"}
    held = {one.rule for one in found if one.verdict is Verdict.HOLDS}
    assert {SCHEMA_RULE, "ids_are_unique_over_the_walk", "every_page_of_the_walk_but_the_last_is_full"} <= held
    assert {"a_page_past_the_end_is_empty", "every_window_is_its_slice_of_the_bulk_read"} <= held
    assert not held & {
        "the_walk_equals_the_bulk_read",
        "total_equals_the_items_walked",
        "ids_are_unique_in_the_bulk_read",
    }
    guide = " ".join((PROJECT / "docs" / "sampling.md").read_text("utf-8").split())
    assert [line for line in notes(million, seen) if line not in guide] == []


def far(number: int) -> dict[str, Any]:
    """A row; one far out is wrong."""
    return sound(number) | ({"price": "dear"} if number >= 400_000 else {})


def twice(number: int) -> dict[str, Any]:
    """A row; from some row on each page is the same one."""
    return sound(number if number < 400_000 else number % 1_000)


@pytest.mark.parametrize(("row", "rule"), [(far, SCHEMA_RULE), (twice, "ids_are_unique_over_the_walk")])
def test_what_is_wrong_far_out_is_seen(million: Contract, row: Any, rule: str) -> None:
    found, _ = judged(million, LongList(MILLION, row), lambda asked: asked[0].name == rule)
    assert [one.verdict for one in found] == [Verdict.BROKEN]


@pytest.mark.thorough
def test_a_defect_at_the_stated_share_is_seen_99_times_in_100(tmp_path: Path) -> None:
    """Injected 300 times at that share anywhere in the list, judged by the rule about items. A tenth of it is not."""
    total, most = 4_000, 100
    contract = sampled(load_contract(str(long_list(tmp_path, total, most))), 41, 1)
    _, seen = judged(contract, LongList(total, most=most))
    (stated,) = (int(found[1]) for line in notes(contract, seen) if (found := re.search(r"if (\d+) of the", line)))
    assert 9 < stated < 50
    (asked,) = (one for one in every_case(contract, live=False) if one[0].name == SCHEMA_RULE)
    random = Random(1)

    def caught(defects: int) -> bool:
        wrong = set(random.sample(range(total), defects))
        row = lambda number: {"id": f"row-{number}", "price": "dear" if number in wrong else 1}  # noqa: E731
        service = Service(contract, CachingSource(LongList(total, row, most)))
        return judge(*asked, service).verdict is Verdict.BROKEN

    # 297 are expected; fewer than 291 come once in a thousand times.
    assert sum(caught(stated) for _ in range(INJECTIONS)) >= 291
    assert sum(caught(max(1, stated // 10)) for _ in range(100)) < 75


@pytest.mark.parametrize(("seen", "total"), [(1, 2), (5, 10), (29_000, MILLION), (999, 1_000), (10, 1_000)])
def test_the_share_is_the_smallest_that_is_missed_once_in_a_hundred_times(seen: int, total: int) -> None:
    """By multiplying the chances one by one; an endless list needs no smaller share than a long one."""

    def missed(defects: int) -> float:
        chance = 1.0
        for nth in range(defects):
            chance *= max(0, total - seen - nth) / (total - nth)
        return chance

    defects = round(detectable(seen, total) * total)
    assert missed(defects) <= 0.01 < missed(defects - 1)
    assert detectable(seen, None) == pytest.approx(detectable(seen, total * 1000), rel=0.02)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("pages", "amount"), [(1000, 27), (1000, 100), (10_000, 50)])
def test_no_stretch_is_left_out_for_long(pages: int, amount: int, seed: int) -> None:
    chosen = spread(pages, amount, seed)
    gaps = [after - before for before, after in pairwise((0, *chosen, pages - 1))]
    assert len(set(chosen)) == amount and min(chosen) > 0 and max(chosen) < pages - 1
    assert max(gaps) <= 2.7 * pages / amount


def test_another_seed_reads_other_pages_and_one_seed_the_same() -> None:
    assert spread(1000, 20, 1) == spread(1000, 20, 1) != spread(1000, 20, 2)
    assert spread(10, 50, 1) == tuple(range(1, 9)) and spread(1, 5, 1) == spread(2, 5, 1) == ()


def test_a_list_that_fits_is_read_whole(tmp_path: Path) -> None:
    """Where as many requests are enough, all is judged as ever."""
    contract = load_contract(str(long_list(tmp_path, 6_000)))
    source = LongList(6_000)
    found, seen = judged(sampled(contract, 400, 1), source)
    assert {one.verdict for one in found} == {Verdict.HOLDS} and len(source.asked) < 400
    assert list(notes(sampled(contract, 400, 1), seen)) == []


def test_too_few_requests_are_refused_with_how_many_are_needed(tmp_path: Path) -> None:
    path = str(long_list(tmp_path, MILLION))
    with pytest.raises(SettingsError, match="32 requests of rows beside its pages, 33 are the least"):
        contract_of(Settings(contract=path, base_url="http://127.0.0.1:9", sample=5))
    with pytest.raises(SettingsError, match="--sample reads no list whole"):
        contract_of(Settings(contract=path, base_url="http://127.0.0.1:9", sample=50, shard=(1, 2)))


@pytest.mark.parametrize("base", ["tokens", "links", "pages", "offsets-nested"])
def test_a_sample_accuses_no_healthy_list_of_any_style(base: str) -> None:
    contract = declared(base, None)
    contract = replace(contract, sample={one.name: Sample(3, 0, 1) for one in contract.collections})
    service = Service(contract, MemorySource(gateway_of(base, None)))
    found = [judge(rule, case, service) for rule, case in every_case(contract, live=True)]
    assert not any(one.verdict is Verdict.BROKEN for one in found)
    assert any("only a sample" in one.why for one in found)
