"""What a HAR file may hold: other requests, bodies of every kind, secrets, and nothing that can be used."""

import json
from pathlib import Path
from typing import Any

import pytest
from hars import (
    OWN,
    SITE,
    Row,
    broken,
    document,
    holding,
    items,
    judged,
    listed,
    opened,
    own_contract,
    packed,
    row,
    url,
)

from catalog_contract.model.contract import Contract
from catalog_contract.transport.har import storage
from catalog_contract.transport.har.storage import HarError


@pytest.fixture
def own(tmp_path: Path) -> Contract:
    return own_contract(tmp_path)


AT_HOME = "https://api.example.com"
ONE: Row = row(url(), listed(0, 9, 9))


@pytest.mark.parametrize(
    ("more", "reported"),
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
def test_what_else_is_in_a_file_is_reported(more: Any, reported: str, own: Contract, tmp_path: Path) -> None:
    """And judges nothing: a list that somebody searched is not the whole one."""
    found = document({**ONE, "request": {**ONE["request"], "url": url(host=AT_HOME)}}, more)
    _, _, origin = opened(found, own, tmp_path)
    assert reported in origin
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
    contract = own_contract(tmp_path, text.replace('total = "total"', 'next = "next"'))
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
