"""`--har FILE`: what another client recorded. What it contradicts is BROKEN, what it does not show NOT JUDGED."""

import json
from pathlib import Path
from typing import Any

import pytest
from hars import SITE, Row, broken, document, holding, judged, opened, packed, row, walk
from runs import refused, run

from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import NOT_RECORDED
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.selection import every_case, why_not
from catalog_contract.run.session import open_session
from catalog_contract.run.settings import Settings, contract_of
from catalog_contract.transport.har import storage
from catalog_contract.transport.har.storage import HarError
from catalog_contract.util.paths import FIXTURES
from fixtures.gateway.core import FAULTS, HARMLESS, reference_gateway
from tools.har import COOKIE, TOKEN, WALKS

CUT, HEALTHY = FIXTURES / "har" / "cut-to-101.har", FIXTURES / "har" / "healthy.har"
"""Recorded with headless Chromium by tools/har.py."""
COUNTED, FULL = "every_full_read_holds_the_expected_number_of_items", "a_page_before_the_end_is_full"


@pytest.fixture
def contract() -> Contract:
    return load_contract("gatewayz")


def items(first: int, last: int) -> list[dict[str, str]]:
    return [{"id": f"a/{number}"} for number in range(first, last)]


def listed(first: int, last: int, total: int) -> dict[str, Any]:
    return {"data": items(first, last), "total": total}


OWN = """
title = "A list"
base_url = "https://api.example.com/v2"
list_path = "/things"

[envelope]
items = "data"
total = "total"

[item]
id = "id"

[paging]
style = "offset"
page_size = 100
bulk_limit = 1000
default_limit = 20
above_maximum = "refused"
maximum_limit = 1000

[[collections]]
name = "things"
depth = "full"
aliases = []
"""


@pytest.fixture
def own(tmp_path: Path) -> Contract:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    return load_contract(str(path))


def url(query: str = "", host: str = "http://127.0.0.1:8000", path: str = "/v2/things") -> str:
    return f"{host}{path}" + (f"?{query}" if query else "")


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


AT_HOME = "https://api.example.com"
ONE: Row = row(url(), listed(0, 9, 9))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (row("https://ads.example.com/pixel?id=7", "x"), "1 other request in the file not judged"),
        (row("https://ads.example.com/things", "x"), "1 other request in the file not judged"),
        (row(url(), "", request__method="OPTIONS"), "1 other request in the file not judged"),
        (row(url("search=cheap", AT_HOME), listed(0, 1, 1)), "parameters that the contract does not know: search"),
        (
            row(url("author=someone-somewhere", AT_HOME), listed(0, 1, 1)),
            "parameters that the contract does not know: author",
        ),
        ({"request": {"url": "data:,x"}}, "1 entry that cannot be read"),
        ("no entry", "1 entry that cannot be read"),
    ],
)
def test_what_else_is_in_a_file_is_said(more: Any, told: str, own: Contract, tmp_path: Path) -> None:
    """And judges nothing: a list that somebody searched is not the whole one."""
    found = document({**ONE, "request": {**ONE["request"], "url": url(host=AT_HOME)}}, more)
    _, _, origin = opened(found, own, tmp_path)
    assert told in origin
    assert origin.startswith("recorded by another client on 2026-11-29; 1 answer of https://api.example.com/v2/things")
    assert broken(judged(found, own, tmp_path)) == set()


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (row(url(), "", status=0, response___error="net::ERR_ABORTED"), "nothing came back (net::ERR_ABORTED)"),
        (row(url(), "", status=304), "the client kept an earlier answer (304), which the recording does not hold"),
        (row(url(), "", status=302), "the client was sent elsewhere (302)"),
        (row(url(), "", response__content={"size": 900}), "the recording holds no body"),
        (row(url(), "", response__content={"size": 0, "text": ""}), "the recording holds no body"),
        (row(url(), '{"data": [{"id"', response__content__size=900), "the recording holds 15 of the 900 bytes of its"),
        (row(url(), "\ud800"), "the recording damaged its body"),
        (row(url(), "not base64!", response__content__encoding="base64"), "the recording damaged its body"),
        (packed(row(url(), listed(0, 9, 9)), "br"), "the recording holds its body compressed (br)"),
    ],
)
def test_what_a_file_does_not_hold_accuses_nobody(made: Row, why: str, own: Contract, tmp_path: Path) -> None:
    _, service, _ = opened(document(made), own, tmp_path)
    assert service.catalogs[0].first_page().fault.startswith(why)
    assert broken(judged(document(made), own, tmp_path)) == set()


@pytest.mark.parametrize("made", [packed(row(url(), listed(0, 9, 9))), packed(row(url(), listed(0, 9, 9)), "gzip")])
def test_a_body_in_base64_is_read(made: Row, own: Contract, tmp_path: Path) -> None:
    _, service, _ = opened(document(made), own, tmp_path)
    assert service.catalogs[0].first_page().count == 9


def test_what_was_asked_again_counts_once(own: Contract, tmp_path: Path) -> None:
    """An attempt that was given up, one that found the service busy, and the answer."""
    tries = [row(url(), "", 1, status=0), row(url(), "{}", 2, status=503), row(url(), listed(0, 9, 9), 3)]
    found = judged(document(*tries), own, tmp_path)
    assert broken(found) == set()
    assert "the_collection_answers" in holding(found)


def test_times_say_the_order_and_may_be_missing(own: Contract, tmp_path: Path) -> None:
    late, early = row(url(), listed(0, 9, 9), 9), row(url(), listed(0, 8, 8), 1)
    _, service, _ = opened(document(late, early), own, tmp_path)
    assert service.catalogs[0].first_page().count == 8
    del late["startedDateTime"], early["time"]
    _, service, origin = opened(document(late, early), own, tmp_path)
    assert service.catalogs[0].first_page().count == 9
    assert origin.startswith("recorded by another client")


def test_a_cursor_is_followed_as_it_was(tmp_path: Path) -> None:
    """A list without positions: each answer leads to the next that was recorded."""
    text = OWN.replace('style = "offset"', 'style = "cursor"').replace(
        "[envelope]", '[parameters]\nlimit = "limit"\ncursor = "token"\n[envelope]'
    )
    (tmp_path / "own.toml").write_text(text.replace('total = "total"', 'next = "next"'), encoding="utf-8")
    contract = load_contract(str(tmp_path / "own.toml"))
    pages = [
        row(url("limit=10"), {"data": items(0, 10), "next": "abc/=+"}, 1),
        row(url("limit=10&token=abc%2F%3D%2B"), {"data": items(10, 15), "next": None}, 2),
    ]
    _, service, _ = opened(document(*pages), contract, tmp_path)
    walked = service.catalogs[0].walk()
    assert (walked.ended, walked.count) == (True, 15)
    assert broken(judged(document(*pages), contract, tmp_path)) == set()
    again = pages[1]["response"]["content"]["text"].replace("null", '"abc/=+"')
    pages[1] = row(url("limit=10&token=abc%2F%3D%2B"), again, 2)
    assert "following_next_never_returns_to_a_page" in broken(judged(document(*pages), contract, tmp_path))


SECRETS = {
    "Authorization": "Bearer bearer-canary-123",
    "Cookie": "theme=dark; sid=cookie-canary-0123456",
    "X-Api-Key": "key-canary-9876",
}
CANARIES = (
    "bearer-canary-123",
    "cookie-canary-0123456",
    "key-canary-9876",
    "query-canary-76",
    "set-canary-012345678",
)


def test_no_secret_leaves_a_file(own: Contract, tmp_path: Path) -> None:
    """Headers, cookies and parameters that let a client in, also where an answer repeats them."""
    echo = " ".join(CANARIES)
    twice = [{"id": f"a/{echo}"}, {"id": f"a/{echo}"}]
    headers = [{"name": name, "value": value} for name, value in SECRETS.items()]
    made = row(url("access_token=query-canary-76"), {"data": twice, "total": echo}, headers=headers)
    made["response"]["headers"] += [
        {"name": "Set-Cookie", "value": "sid=set-canary-012345678; Path=/"},
        {"name": "X-Echo", "value": echo},
    ]
    other = row(url("offset=20&access_token=query-canary-76&unknown-canary=1"), echo, 2, headers=headers)
    _, service, origin = opened(document(made, other), own, tmp_path)
    found = judged(document(made, other), own, tmp_path)
    page = service.catalogs[0].first_page()
    shown = repr(found) + origin + repr(service.seen()) + repr(page.exchange)
    assert "ids_are_unique_within_a_page" in broken(found)
    assert "REDACTED" in shown
    assert [canary for canary in CANARIES if canary in shown] == []


# Files that cannot be used


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is not whole JSON; save it again from the browser or proxy"),
        ('{"log": {"entries": [', "is not whole JSON"),
        ("[" * 100_000, "is not whole JSON"),
        ("[]", "has no list of log.entries; give a file in the form HAR 1.2"),
        ('{"log": {"entries": {}}}', "has no list of log.entries"),
        ('{"log": {"entries": []}}', "holds no answer of /things; is it a recording of that list?"),
        (json.dumps(document(row(f"{SITE}/elsewhere", "{}"))), "holds no answer of /things"),
        (
            json.dumps(document(row(url(host="http://a.test"), "{}"), row(url(host="http://b.test"), "{}"))),
            "holds lists of several services (http://a.test/v2, http://b.test/v2); name one as base_url in the",
        ),
        (
            json.dumps(document(row(url("search=x"), "{}"))),
            "no answer of /things that the contract own knows how to ask for (all carry search)",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(content: str, why: str, own: Contract, tmp_path: Path) -> None:
    with pytest.raises(HarError) as error:
        opened(content, own, tmp_path)
    assert why in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_too_large_is_not_read(own: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "MAX_HAR", 2**20)
    with pytest.raises(HarError, match="cannot be read \\(it is larger than 1 MB\\)"):
        opened(" " * (2**20 + 1), own, tmp_path)


def test_a_body_that_unpacks_to_too_much_is_not_read(
    own: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MAX_BODY", 1000)
    made = packed(row(url(), listed(0, 900, 900)), "gzip")
    _, service, _ = opened(document(made), own, tmp_path)
    assert "damaged or too large" in service.catalogs[0].first_page().fault


def test_a_session_holds_what_was_asked_for_and_no_more(tmp_path: Path) -> None:
    """The requests of the plan that nobody made are none of the run; what no rule asked for is said."""
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
    status, told, said = run(tmp_path / "cut", "--har", str(CUT), "-vv", "--tb=long", "-l")
    assert status == 1
    assert {rule["id"] for rule in told["rules"] if rule["verdict"] == "BROKEN"} == {COUNTED, FULL}
    assert "no request is sent: what the recording holds is judged" in said
    assert told["source"] == "HAR cut-to-101.har" and len(told["requests"]) == 3
    spread, again, _ = run(tmp_path / "spread", "--har", str(CUT), "-n", "2")
    assert (spread, again["source"], len(again["requests"])) == (1, "HAR cut-to-101.har", 3)
    status, told, healthy = run(tmp_path / "healthy", "--har", str(HEALTHY), "--contract", "gatewayz")
    assert status == 16
    assert "BROKEN" not in {rule["verdict"] for rule in told["rules"]}
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (COOKIE, TOKEN):
        assert secret.encode() not in written + (said + healthy).encode()


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
