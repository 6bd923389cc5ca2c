"""`catalog-contract init`: what it refuses in one line, keys that stand nowhere, and the file that it writes."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from catalog_contract.cli import main
from catalog_contract.contracts.load import load_contract
from fixtures.apis import APIS
from fixtures.apis.api import Asked, Refusal, Response, items, number
from fixtures.gateway.server import serve
from fixtures.gateway.styles import in_shape
from tests.selftest.drafts import KEY, SIZE, drafted, empty_folder, refused
from tests.selftest.small_servers import api_of, serving

__all__ = ["empty_folder"]

# -- what is not a list -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (Response({"id": 1, "name": "one"}), "without a list"),
        (Response([]), "an empty list"),
        (Response(["a", "b"]), "plain values"),
        (Response([{"x": 1}, {"x": 1}]), "no field of the 2 items"),
        (Response({"error": "no"}, 401), "answers 401; give the key"),
        (Response({"error": "no"}, 404), "answers 404; give the URL of a list"),
        (Response({"error": "no"}, 500), "answers 500"),
    ],
    ids=["item", "empty", "plain", "no-id", "401", "404", "500"],
)
def test_what_is_no_list_is_one_line(response: Response, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(api_of("/things", lambda asked: response)) as (url, seen):
        refused(capsys, [f"{url}/things"], message)
        assert len(seen) == 1


def test_html_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with html_server() as url:
        refused(capsys, [f"{url}/things"], "text/html, which is not JSON")


@contextmanager
def html_server() -> Iterator[str]:
    from fixtures.gateway.pipeline import Answer, Query

    def page(query: Query) -> Answer:
        return Answer(200, {"Content-Type": "text/html; charset=utf-8"}, raw=b"<html><body>Hello</body></html>")

    with serve(page) as (url, _):
        yield url


def test_a_service_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, ["http://127.0.0.1:1/things"], "connection refused")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["http://user:pw@127.0.0.1/x"], "holds a login"),
        (["http://127.0.0.1/x?api_key=abcdefgh1234"], "holds a key (api_key=...)"),
        (["ftp://127.0.0.1/x"], "not a URL of a list"),
        (["http://127.0.0.1/x", "--header", "nonsense"], "--header is not a header"),
        (["http://127.0.0.1/x", "--key", "NO_SUCH_VARIABLE_HERE"], "no such environment variable"),
        (["http://127.0.0.1/x", "--header", "x-api-key: {key}"], "has a place for the key"),
        (["http://127.0.0.1/x", "--header=Cookie: abcdefgh1", "--header=x-api-key: abcdefgh2"], "more than one key"),
        (["http://127.0.0.1/x", "--output", "list.json"], "ends in .toml"),
    ],
)
def test_a_wrong_option_is_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, arguments, message)


@pytest.mark.parametrize("there", ["notes.toml", "notes-item.json"])
def test_nothing_is_overwritten(there: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("contracts").mkdir()
    (Path("contracts") / there).write_text("mine")
    with serving(APIS["poisoned-items"]) as (url, seen):
        refused(capsys, [f"{url}/api/notes"], "is not overwritten")
        assert seen == []
    assert (Path("contracts") / there).read_text() == "mine"


# -- keys ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "header", "value", "template"),
    [
        (["--key", KEY], "authorization", f"Bearer {KEY}", "Authorization: Bearer {key}"),
        (["--key", "MY_KEY"], "authorization", f"Bearer {KEY}", "Authorization: Bearer {key}"),
        (["--header", f"x-api-key: {KEY}"], "x-api-key", KEY, "x-api-key: {key}"),
        (["--header", f"Authorization: token {KEY}"], "authorization", f"token {KEY}", "Authorization: token {key}"),
        (["--header", "x-api-key: {key}", "--key", "MY_KEY"], "x-api-key", KEY, "x-api-key: {key}"),
    ],
)
def test_a_key_is_sent_and_stands_nowhere(
    arguments: list[str], header: str, value: str, template: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """The service repeats the key in every item and in a counter: it is in no file and on no screen."""
    monkeypatch.setenv("MY_KEY", KEY)

    def answer(asked: Asked) -> Response:
        if asked.headers.get(header) != value or {"authorization", "x-api-key"} <= set(asked.headers):
            raise Refusal(401, f"not with {asked.headers}")
        limit, offset = number(asked, "limit", 20, 1, 100), number(asked, "offset", 0)
        listed = items("thing", 60, owner=lambda nth: KEY)
        return Response({"data": listed[offset : offset + limit], KEY: KEY, "total": 60})

    with serving(api_of("/things", answer)) as (url, _):
        contract = drafted(f"{url}/things", *arguments)
    assert contract.request.key == template
    printed = "".join(capsys.readouterr())
    files = "".join(path.read_text() for path in Path().rglob("*") if path.is_file())
    assert KEY not in printed + files


def test_a_key_that_also_stands_in_the_url_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(api_of("/things", lambda asked: Response(items("thing", 9)))) as (url, _):
        assert main(["init", f"{url}/things?owner={KEY}", "--key", KEY]) == 0
    files = "".join(path.read_text() for path in Path().rglob("*") if path.is_file())
    assert KEY not in files + "".join(capsys.readouterr())


# -- the file --------------------------------------------------------------------------------------------------


def test_each_value_has_a_comment_and_what_could_not_be_told_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(APIS["offset-without-limit-ignored"]) as (url, _):
        contract = drafted(f"{url}/objects/bookings")
    text = contract.path.read_text()
    values = [line for line in text.splitlines() if " = " in line and not line.startswith(("#", "query", "date"))]
    assert values and all(" # " in line for line in values), text
    assert "# default_limit: could not tell" in text and "# expected_total = " in text
    out = capsys.readouterr().out
    for key in ("envelope.total", "paging.default_limit", "paging.above_maximum", "collections.expected_total"):
        assert key in out.partition("Could not tell")[2]
    assert "next: catalog-contract check contracts/bookings.toml" in out


def test_texts_of_the_service_cannot_leave_their_comment() -> None:
    """Ids with quotes, line breaks and control characters: the file is still TOML that says the same."""

    def answer(asked: Asked) -> Response:
        return Response([{"id": f'{nth}"\n[paging]\x1b\x7f é'} for nth in range(9)])

    with serving(api_of("/things", answer)) as (url, _):
        contract = drafted(f"{url}/things")
    assert tomllib.loads(contract.path.read_text())["paging"] == {"style": "none"}


def test_output_names_the_file(tmp_path: Path) -> None:
    with serving(APIS["poisoned-items"]) as (url, _):
        assert main(["init", url + APIS["poisoned-items"].path, "--output", "mine/notes.toml"]) == 0
    assert load_contract("mine/notes.toml").item_schema
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["notes-item.json", "notes.toml"]


def test_a_redirect_to_the_same_host_is_the_path_from_then_on() -> None:
    from fixtures.gateway.pipeline import Answer, Query

    inner = in_shape("wagtail", SIZE)

    def with_slash(query: Query) -> Answer:
        if query.path == "/api/v2/pages":
            return Answer(301, {"Location": "/api/v2/pages/"}, raw=b"")
        return inner(query)

    with serve(with_slash) as (url, log):
        contract = drafted(f"{url}/api/v2/pages")
        assert contract.list_path == "/api/v2/pages/"
        assert sum(one["target"].startswith("/api/v2/pages?") or one["target"] == "/api/v2/pages" for one in log) == 1
        assert replace(contract.paging, churn=0).style == "offset"
