"""`init` and what it is given: parameters that page, a URL of the wrong form, a key; and what it says of all that."""

import re
from pathlib import Path

import pytest

from catalog_contract.cli.init import with_key
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.verdict import Verdict
from fixtures.apis.__main__ import handler
from fixtures.apis.api import Api, Asked, Item, Refusal, Response, items, number
from fixtures.loopback import running
from tests.selftest.drafts import KEY, drafted, empty_folder, printed, refused, verdicts, walked
from tests.selftest.small_servers import api_of, serving

__all__ = ["empty_folder"]


def order(nth: int, found: Item) -> Item:
    return {**found, "state": ["open", "paid", "shipped"][nth % 3], "place": {"city": f"c{nth}"}}


LISTED = [order(nth, found) for nth, found in enumerate(items("order", 233))]


def by_token(asked: Asked) -> Response:
    """A list by tokens with a filter."""
    size, start = min(50, number(asked, "page_size", 25, 1)), number(asked, "page_token", 0)
    listed = [item for item in LISTED if asked.query.get("state", item["state"]) == item["state"]]
    token = str(start + size) if start + size < len(listed) else None
    return Response({"data": listed[start : start + size], "total_count": len(listed), "next_page_token": token})


def by_offset(asked: Asked) -> Response:
    limit, offset = number(asked, "limit", 20, 1, 50), number(asked, "offset", 0)
    return Response({"data": LISTED[offset : offset + limit], "total": len(LISTED)})


# -- parameters of the URL --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "query", "left_out"),
    [
        (by_token, "page_token=100", "page_token of the URL is left out, for it pages"),
        (by_token, "page_token=100&page_size=5", "page_token and page_size of the URL are left out, for they page"),
        (by_offset, "offset=100", "offset of the URL is left out, for it pages"),
        (by_offset, "after=abc", "after of the URL is left out, as a name that pages; this list does not page by it"),
    ],
)
def test_a_parameter_that_pages_is_left_out_and_named(
    answer: object, query: str, left_out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The draft reads the list from its beginning, not from where the URL began."""
    with serving(api_of("/orders", answer)) as (url, seen):  # type: ignore[arg-type]
        contract = drafted(f"{url}/orders?{query}")
        assert not seen[0].query and contract.request.query == ()
        assert len(set(walked(contract, 17).ids)) == len(LISTED)
    assert left_out in printed(capsys)
    assert f"[request]\n# {left_out}" in contract.path.read_text()


def test_a_date_in_a_parameter_of_that_name_selects() -> None:
    with serving(api_of("/orders", by_offset)) as (url, _):
        assert drafted(f"{url}/orders?after=2026-01-01").request.query == (("after", "2026-01-01"),)


def test_a_cursor_with_a_name_of_its_own_in_the_url_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(asked: Asked) -> Response:
        size, start = min(50, number(asked, "limit", 25, 1)), number(asked, "resume", 0)
        more = {"next_resume": f"{start + size:04}"} if start + size < len(LISTED) else {}
        return Response({"data": LISTED[start : start + size], **more})

    with serving(api_of("/orders", answer)) as (url, _):
        refused(capsys, [f"{url}/orders?resume=100"], "resume of the URL is the cursor of this list; leave it out")


# -- what is wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("htps://127.0.0.1/orders", "neither with http:// nor with https://"),
        ("http:/127.0.0.1/orders", "needs :// after http"),
        ("http//127.0.0.1/orders", "needs :// after http"),
        ("http:///orders", "names no host"),
        ("http://127.0.0.1:99999/orders", "port is no number from 1 to 65535"),
        ("http://127.0.0.1:80a/orders", "port is no number from 1 to 65535"),
        ("http://127.0.0.1:0/orders", "port is 0"),
        ("http://127.0.0.256/orders", "four numbers up to 255"),
        ("http://127.0.0.1;80/orders", "a sign that no host has"),
    ],
)
def test_the_form_of_the_url_is_judged_before_the_file(
    url: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("contracts").mkdir()
    Path("contracts/orders.toml").write_text("mine")
    refused(capsys, [url], message)


@pytest.mark.parametrize(
    "host", ["http://localhost:8000", "127.0.0.1", "[::1]:8000", "bücher.example", "https://a_b.c"]
)
def test_a_url_of_the_right_form_comes_to_the_file(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And the file that is there says which service it is of."""
    Path("contracts").mkdir()
    Path("contracts/orders.toml").write_text('base_url = "http://me:pw@127.0.0.1:18311"')
    refused(
        capsys,
        [f"{host}/orders"],
        "orders.toml is there already, for http://***@127.0.0.1:18311, and is not overwritten",
    )


def test_a_message_names_the_host(capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, ["http://127.0.0.1:1/v2/orders?tag=a"], "http://127.0.0.1:1/v2/orders?tag=***: connection refused")
    with serving(api_of("/orders", by_offset)) as (url, _):
        refused(capsys, [f"{url}/other"], f"{url}/other answers 404")
        tls = url.replace("http://", "https://")
        refused(capsys, [f"{tls}/orders"], f"{tls}/orders: no TLS connection")
        refused(capsys, [f"{tls}/orders"], "that port speaks no TLS: write the URL with http:// in place of https://")


# -- the output -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "before"),
    [
        (["--header", f"X-Api-Key: {KEY}"], "CATALOG_API_KEY=... "),
        (["--header", "X-Api-Key: {key}", "--key", KEY], "CATALOG_API_KEY=... "),
        (["--header", "X-Api-Key: {key}", "--key", "MY_KEY"], 'CATALOG_API_KEY="$MY_KEY" '),
        (["--header", "X-Api-Key: {key}"], ""),
    ],
)
def test_the_next_command_finds_the_key(
    arguments: list[str], before: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CATALOG_API_KEY" if not before else "MY_KEY", KEY)

    def answer(asked: Asked) -> Response:
        if asked.headers.get("x-api-key") != KEY:
            raise Refusal(401, "no")
        return by_offset(asked)

    with serving(api_of("/orders", answer)) as (url, _):
        drafted(f"{url}/orders", *arguments)
    out = capsys.readouterr().out
    assert out.endswith(f"\nnext: {before}catalog-contract check contracts/orders.toml\n") and KEY not in out


def test_on_windows_the_key_stands_in_the_same_line() -> None:
    assert with_key("MY_KEY", windows=True) == "$env:CATALOG_API_KEY = $env:MY_KEY; "
    assert with_key("...", windows=True) == '$env:CATALOG_API_KEY = "..."; '


def test_the_draft_and_the_command_name_one_figure(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(api_of("/orders", by_token)) as (url, seen):
        contract = drafted(f"{url}/orders")
    figures = re.findall(r"from the answers to (\d+) requests", contract.path.read_text() + printed(capsys))
    assert figures == [str(len(seen))] * 2


def test_retries_are_named_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    tries: list[Asked] = []

    def answer(asked: Asked) -> Response:
        tries.append(asked)
        return Response({}, 429, {"Retry-After": "0"}) if len(tries) == 1 else by_offset(asked)

    with serving(api_of("/orders", answer)) as (url, seen):
        drafted(f"{url}/orders")
    requests = len(seen) - 1
    assert f"the answers to {requests} requests ({len(seen)} with retries and redirects)" in printed(capsys)


# -- beside the list ------------------------------------------------------------------------------------------------


class WithItems(Api):
    """A list by tokens, and a page for each item; `broken`, the filter is ignored and items have no page."""

    now_broken = False

    def respond(self, asked: Asked, *, broken: bool) -> Response:
        """The response to a request."""
        if asked.path == self.path:
            query = {name: value for name, value in asked.query.items() if name != "state" or not WithItems.now_broken}
            return super().respond(Asked(asked.path, query, asked.headers), broken=broken)
        listed = () if WithItems.now_broken else LISTED
        found = next((item for item in listed if asked.path == f"{self.path}/{item['id']}"), None)
        return Response(found) if found else Response({"error": "no such order"}, 404)


def test_the_examples_at_the_end_are_in_the_names_of_the_api_and_judge_when_uncommented(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = WithItems("made-here", "/orders", "", "", lambda asked, broken: by_token(asked))
    with running(handler(api, broken=False)) as url:
        contract = drafted(f"{url}/orders")
        assert "filters, detail: they were not asked for" in printed(capsys)
        assert contract.filters == () and contract.detail is None
        contract = uncommented(contract.path)
        (chosen,) = contract.filters
        assert (chosen.place, chosen.value, chosen.query) == ("state", "open", (("state", "open"),))
        assert contract.detail and contract.detail.path == "/orders/{id}"
        assert contract.detail.agree == ("id", "name", "state")
        assert verdicts(contract) == {Verdict.HOLDS}
        monkeypatch.setattr(WithItems, "now_broken", True)
        assert Verdict.BROKEN in verdicts(contract, "filters")
        assert Verdict.BROKEN in verdicts(contract, "detail")


def uncommented(path: Path) -> Contract:
    """The contract with the examples at its end, less their two lines of text."""
    before, found, examples = path.read_text().partition("# What the API may promise beside its list")
    assert found
    lines = examples.splitlines()[2:]
    path.write_text(before + "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines))
    return load_contract(str(path))


def test_a_draft_without_a_field_of_few_values_has_an_example_all_the_same() -> None:
    """An id with slashes keeps them in the path of its page."""

    def answer(asked: Asked) -> Response:
        return Response([{"id": f"a/{nth}", "note": f"n{nth}"} for nth in range(9)])

    with serving(api_of("/orders/", answer)) as (url, _):
        contract = uncommented(drafted(f"{url}/orders/").path)
    assert [one.place for one in contract.filters] == ["status"]
    assert contract.detail and contract.detail.path == "/orders/{+id}/"
