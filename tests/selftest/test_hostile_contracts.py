"""Whatever a contract says, it is refused in one line and at once, or a run can be planned by it."""

import os
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from mutations import bloated, every_key, put, shipped, spoilt, toml

from catalog_contract.model.contract import Contract
from catalog_contract.pytest_plugin.state import State
from catalog_contract.rules.planning import plan
from catalog_contract.rules.selection import every_case
from catalog_contract.run.cost import least_requests
from catalog_contract.run.settings import REFUSED, Settings, contract_of

SEED = 10
SECONDS = 2.0
"""The processor time that a refusal may take: a planned run of the largest contract that is allowed takes longer."""


def outcome(path: Path) -> str:
    """The line of the refusal; empty where a run was planned."""
    settings = Settings(contract=str(path), base_url="http://127.0.0.1:9")
    try:
        contract = contract_of(settings)
        state = State(contract, settings)
        state.prepare(every_case(contract, live=True))
    except REFUSED as error:
        return str(error)
    return ""


def misused(folder: Path, contracts: Iterator[tuple[str, dict[str, object]]]) -> Iterator[str]:
    path = folder / "mine.toml"
    for name, data in contracts:
        path.write_text(toml(data), encoding="utf-8", errors="surrogatepass")
        began = time.process_time()
        try:
            line = outcome(path)
        except Exception as error:
            yield f"{name}: {type(error).__name__}: {error}"[:300]
            continue
        if line and time.process_time() - began > SECONDS:
            yield f"{name}: refused after {time.process_time() - began:.1f} s: {line}"
        if not line.isprintable() or len(line) >= 300:
            yield f"{name}: not one line that can be read: {line[:300]!r}"


def test_any_value_under_any_key(tmp_path: Path) -> None:
    assert list(misused(tmp_path, spoilt(every_key(), SEED, 0.06))) == []


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(4))
def test_many_more_values_under_any_key(tmp_path: Path, seed: int) -> None:
    assert list(misused(tmp_path, spoilt(every_key(), seed, 0.3))) == []


@pytest.mark.thorough
@pytest.mark.parametrize("name", shipped())
def test_any_value_under_any_key_of_a_contract_that_ships(tmp_path: Path, name: str) -> None:
    assert list(misused(tmp_path, spoilt(shipped()[name], SEED, 0.05))) == []


def test_lists_of_thousands(tmp_path: Path) -> None:
    assert list(misused(tmp_path, bloated(every_key()))) == []


HUGE: dict[str, tuple[tuple[str | int, ...], object]] = {
    "a total of 10**18": (("collections", 0, "expected_total"), 10**18),
    "a total of 10**12": (("collections", 0, "expected_total"), 10**12),
    "a total of a million": (("collections", 0, "expected_total"), 10**6),
    "a minimum of 10**9": (("collections", 1, "minimum_total"), 10**9),
    "a sample of 10**9": (("detail", "sample"), 10**9),
    "a page of 10**18": (("paging", "page_size"), 10**18),
    "a rate of nearly nothing": (("transport", "requests_per_second"), 1e-300),
    "5,000 windows": (("paging", "windows"), [{"offset": n, "limit": 9} for n in range(5_000)]),
    "20,000 collections": (("collections",), [{"name": f"c{n}"} for n in range(20_000)]),
}


@pytest.mark.parametrize("case", HUGE)
def test_what_would_cost_too_much_is_refused_before_it_is_planned(tmp_path: Path, case: str) -> None:
    at, value = HUGE[case]
    path = tmp_path / "mine.toml"
    path.write_text(toml(put(every_key(), at, value)))
    began = time.process_time()
    assert outcome(path)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("key", ["title", "item_name", "envelope.items", "collections.0.name", "incidents.0.date"])
def test_a_date_without_quotes_is_no_text(tmp_path: Path, key: str) -> None:
    at = tuple(int(step) if step.isdecimal() else step for step in key.split("."))
    path = tmp_path / "mine.toml"
    path.write_text(toml(put(every_key(), at, date(2025, 10, 18))))
    assert "must be text, is the date or time 2025-10-18; put it in quotes" in outcome(path)


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.toml")
    assert "not a regular file" in outcome(tmp_path / "mine.toml")
    (tmp_path / "zero.toml").symlink_to("/dev/zero")
    assert "not a regular file" in outcome(tmp_path / "zero.toml")


def test_a_contract_of_a_gigabyte_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with path.open("wb") as file:
        file.truncate(2**30)
    assert "larger than 1 MB" in outcome(path)


@pytest.mark.parametrize("name", shipped())
def test_what_is_asked_at_least_is_never_more_than_what_is_planned(name: str) -> None:
    contract: Contract = contract_of(Settings(contract=name))
    asked = every_case(contract, live=True)
    for rule in {rule.name for rule, _ in asked}:
        chosen = [(one, case) for one, case in asked if one.name == rule]
        assert least_requests(contract, chosen) <= len(plan(contract, chosen)), rule
