"""`--har FILE`: what another client recorded. What it contradicts is BROKEN, what it does not show NOT JUDGED."""

import json
from pathlib import Path

import pytest
from hars import broken, document, holding, judged, listed, opened, own_contract, row, url, walk
from runs import refused, run

from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import NOT_RECORDED
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.selection import every_case, why_not
from catalog_contract.run.session import open_session
from catalog_contract.run.settings import Settings, contract_of
from catalog_contract.util.paths import FIXTURES
from fixtures.gateway.core import FAULTS, HARMLESS, reference_gateway
from tools.har import COOKIE, TOKEN, WALKS

CUT, HEALTHY = FIXTURES / "har" / "cut-to-101.har", FIXTURES / "har" / "healthy.har"
"""Recorded with headless Chromium by tools/har.py."""
COUNTED, FULL = "every_full_read_holds_the_expected_number_of_items", "a_page_before_the_end_is_full"


@pytest.fixture
def contract() -> Contract:
    return load_contract("gatewayz")


@pytest.fixture
def own(tmp_path: Path) -> Contract:
    return own_contract(tmp_path)


# What a browser recorded


def test_the_recorded_files_are_those_of_the_tool() -> None:
    """A page of Chromium walked 50 by 50, without an offset on the first page; the contract plans pages of 100."""
    assert {path.stem for path in (FIXTURES / "har").glob("*.har")} == set(WALKS)
    for path in (CUT, HEALTHY):
        log = json.loads(path.read_text("utf-8"))["log"]
        agents = {h["value"] for e in log["entries"] for h in e["request"]["headers"] if h["name"] == "User-Agent"}
        assert all("HeadlessChrome" in agent for agent in agents) and agents
        assert "recording proxy" in log["creator"]["name"]


def test_the_cut_catalogue_is_broken_by_the_right_promises(contract: Contract, tmp_path: Path) -> None:
    """Also though the frontend asked for pages of another size than the contract plans."""
    found = judged(CUT.read_text("utf-8"), contract, tmp_path)
    assert broken(found) == {COUNTED, FULL}
    messages = [judgement.message for judgement in found if judgement.verdict is Verdict.BROKEN]
    assert any(text.startswith("the page at offset 100 holds 1 model, expected 50") for text in messages)
    assert any(text.startswith("101 models by walk, expected about 1,350") for text in messages)


def test_of_the_healthy_catalogue_nothing_is_broken(contract: Contract, tmp_path: Path) -> None:
    found = judged(HEALTHY.read_text("utf-8"), contract, tmp_path)
    assert broken(found) == set()
    assert {COUNTED, "ids_are_unique_over_the_walk", "every_item_matches_its_schema"} <= holding(found)
    whys = {judgement.why for judgement in found if judgement.verdict is Verdict.NOT_JUDGED}
    assert whys and all(NOT_RECORDED in why for why in whys)


def test_one_reading_is_not_compared_with_itself(contract: Contract, tmp_path: Path) -> None:
    """Rules that compare a walk with a bulk read hold of nothing where both are the same answers."""
    followed, _, _ = opened(HEALTHY.read_text("utf-8"), contract, tmp_path)
    comparing = [rule for rule, _ in every_case(followed, live=False) if rule.compares]
    assert {rule.name for rule in comparing} >= {"the_walk_equals_the_bulk_read"}
    assert all("one reading" in why_not(rule, followed, live=False) for rule in comparing)
    rows = [*walk(reference_gateway(), "together"), *walk(reference_gateway(), "together", 1000)]
    followed, _, _ = opened(document(*rows), contract, tmp_path)
    assert not any(why_not(rule, followed, live=False) for rule, _ in every_case(followed, live=False) if rule.compares)
    assert "the_walk_equals_the_bulk_read" in holding(judged(document(*rows), contract, tmp_path))


SAMPLE = ("grows-at-the-front", "shrinks-at-the-front", "one-503", "byte-order-mark", "nullable-fields-absent")


@pytest.mark.parametrize("variant", SAMPLE)
def test_a_harmless_walk_raises_no_alarm(variant: str, contract: Contract, tmp_path: Path) -> None:
    rows = walk(reference_gateway("2025", variant))
    assert broken(judged(document(*rows), contract, tmp_path)) == set()


@pytest.mark.thorough
@pytest.mark.parametrize("era", ["2025", "2026"])
def test_no_harmless_walk_raises_an_alarm(era: str, tmp_path: Path) -> None:
    """Every variant, in pages that are not those of the contract."""
    contract = load_contract("gatewayz" if era == "2025" else "gatewayz-2026")
    for name in (name for name, variant in HARMLESS.items() if era in variant.eras):
        rows = walk(reference_gateway(era, name, 1), size=97)
        assert broken(judged(document(*rows), contract, tmp_path)) == set(), name


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("stops-at-first-short-page", FULL),
        ("upstream-page-lost", COUNTED),
        ("storm", "pages_at_different_offsets_begin_with_different_items"),
        ("limit-ignored", "a_page_never_holds_more_than_its_limit"),
        ("empty-page-in-the-middle", COUNTED),
        ("duplicate-within-a-page", "ids_are_unique_within_a_page"),
    ],
)
def test_what_a_walk_contradicts_is_broken(fault: str, rule: str, contract: Contract, tmp_path: Path) -> None:
    assert rule in FAULTS[fault].caught_by or rule == COUNTED
    rows = walk(reference_gateway("2025", fault), size=100)
    assert rule in broken(judged(document(*rows), contract, tmp_path))


# What is in a file


def test_a_request_is_found_whatever_its_spelling(contract: Contract, tmp_path: Path) -> None:
    """Parameters in another order, encoded, by an alias, with a key among them that is shown nowhere."""
    secret = "secret-0123456789"

    def spelled(offset: int) -> str:
        return f"api_key={secret}&offset={offset}&limit=%35%30&gateway=hug"

    rows = walk(reference_gateway("2025", "stops-at-first-short-page"), spell=spelled)
    found = judged(document(*rows), contract, tmp_path)
    assert broken(found) == {COUNTED, FULL}
    assert secret not in "".join(judgement.message + judgement.curl for judgement in found)


def test_a_client_that_stops_on_its_way_proves_no_loss(contract: Contract, tmp_path: Path) -> None:
    """Three full pages of a long list: what follows is not known."""
    rows = walk(reference_gateway())[:3]
    assert broken(judged(document(*rows), contract, tmp_path)) == set()


def test_the_end_may_be_told_by_a_total(own: Contract, tmp_path: Path) -> None:
    """A last page that is full, and no page after it: the client had counted."""
    rows = [row(url(f"limit=10&offset={at}"), listed(at, at + 10, 20), at) for at in (0, 10)]
    _, service, _ = opened(document(*rows), own, tmp_path)
    walked = service.catalogs[0].walk()
    assert (walked.ended, walked.count) == (True, 20)
    rows = [row(url(f"limit=10&offset={at}"), listed(at, at + 10, 30), at) for at in (0, 10)]
    _, service, _ = opened(document(*rows), own, tmp_path)
    assert not service.catalogs[0].walk().ended


def test_pages_beside_the_walk_are_windows(own: Contract, tmp_path: Path) -> None:
    """What was asked for at another size or place is compared with the walk; where they differ nothing was read again,
    so growth may explain it."""
    pages = [row(url(f"limit=10&offset={at}"), listed(at, min(at + 10, 25), 25), at) for at in (0, 10, 20)]
    beside = row(url("limit=7&offset=3"), listed(3, 10, 25), 30)
    followed, _, _ = opened(document(*pages, beside), own, tmp_path)
    assert [str(window) for window in followed.windows] == ["offset=3-limit=7"]
    assert followed.paging.offsets == (0, 10, 20)
    rule = "every_window_is_its_slice_of_the_bulk_read"
    assert rule in holding(judged(document(*pages, beside), own, tmp_path))
    other = row(url("limit=7&offset=3"), listed(4, 11, 25), 30)
    found = judged(document(*pages, other), own, tmp_path)
    assert {judgement.verdict for judgement in found if judgement.rule == rule} == {Verdict.NOT_JUDGED}


def test_a_session_holds_what_was_asked_for_and_no_more(tmp_path: Path) -> None:
    """The requests of the plan that nobody made are none of the run; what no rule asked for is stated."""
    settings = Settings(contract="gatewayz", har=CUT)
    contract = contract_of(settings)
    session = open_session(settings, contract)
    catalog = session.service.catalog("huggingface")
    catalog.walk(), catalog.far_page()
    seen = session.observed()
    assert len(seen.requests) == len(seen.pages) == 3
    assert seen.unplayed == ()
    assert "; not in the recording: featherless, openrouter" in session.origin
    assert open_session(settings, contract).observed().unplayed[0] == "/v1/models?gateway=huggingface&limit=50"


@pytest.mark.thorough
def test_a_run_over_a_recording_of_chromium(tmp_path: Path) -> None:
    """BROKEN of the cut list, NOT JUDGED of the healthy one; every report without the cookie and the token."""
    status, reported, printed = run(tmp_path / "cut", "--har", str(CUT), "-vv", "--tb=long", "-l")
    assert status == 1
    assert {rule["id"] for rule in reported["rules"] if rule["verdict"] == "BROKEN"} == {COUNTED, FULL}
    assert "no request is sent: what the recording holds is judged" in printed
    assert reported["source"] == "HAR cut-to-101.har" and len(reported["requests"]) == 3
    spread, again, _ = run(tmp_path / "spread", "--har", str(CUT), "-n", "2")
    assert (spread, again["source"], len(again["requests"])) == (1, "HAR cut-to-101.har", 3)
    status, reported, healthy = run(tmp_path / "healthy", "--har", str(HEALTHY), "--contract", "gatewayz")
    assert status == 16
    assert "BROKEN" not in {rule["verdict"] for rule in reported["rules"]}
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (COOKIE, TOKEN):
        assert secret.encode() not in written + (printed + healthy).encode()


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--har", str(CUT), "--base-url", "http://a.invalid"), "--har judges what was recorded: leave --base-url and"),
        (("--har", str(CUT), "--cassette", "healthy"), "--har judges what was recorded: leave --base-url and"),
        (("--har", str(CUT), "--against", "http://a.invalid"), "--against compares a live service with another one"),
        (("--har", "nowhere.har"), "HAR nowhere.har: cannot be read (No such file or directory)"),
        (("--har=",), "--har is empty: give it a value, or leave it out for the default"),
    ],
)
def test_what_does_not_go_together_is_refused_in_a_line(options: tuple[str, ...], line: str) -> None:
    assert refused(*options).startswith(line)
