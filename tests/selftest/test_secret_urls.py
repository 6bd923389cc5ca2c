"""No error shows the login, the password or the token of a URL, whoever refuses it."""

import json
import re
from pathlib import Path

import pytest
from contracts import MINIMAL
from contracts import refused as contract_refused
from runs import refused

from catalog_contract.cli import main
from catalog_contract.contracts.load import load_contract
from catalog_contract.transport.base import SourceError
from catalog_contract.transport.live import LiveSource
from catalog_contract.util.urls import shown_url, without_logins

SECRET = "hunter2-canary"
URLS = (
    f"http://user:{SECRET}@127.0.0.1:9",
    f"http://{SECRET}@127.0.0.1:9/v1",
    f"HTTPS://user:{SECRET}@host/@scope",
    f"ftp://user:{SECRET}@host",
    f"user:{SECRET}@host",
    f"//user:{SECRET}@host",
    f"http:user:{SECRET}@host",
    f"http://user:{SECRET}/x@host",
    f"http://user:p#{SECRET}@host:9",
    f"http://user:p?{SECRET}@host:9",
    f"http://user:{SECRET}%40host:99999",
    f"http://user:{SECRET}\N{FULLWIDTH COMMERCIAL AT}host",
    f"http://user:{SECRET}",
    f"http://user:{SECRET}/v1",
    f"http://user:{SECRET}@[::1",
    f" http://user:{SECRET}@host\n",
    f"https://host/?token={SECRET}",
    f"https://host/?{SECRET}",
    f"https://host/?a=1&token={SECRET}#x",
    f"https://host/#{SECRET}",
)


@pytest.mark.parametrize("url", URLS)
def test_a_base_url_that_is_refused(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        LiveSource(url)
    assert SECRET not in str(caught.value)
    assert SECRET not in shown_url(url)


@pytest.mark.parametrize("url", URLS)
def test_a_contract_with_such_an_address(tmp_path: Path, url: str) -> None:
    path = tmp_path / "one.toml"
    path.write_text(re.sub("(?m)^base_url = .*$", lambda _: f"base_url = {json.dumps(url)}", MINIMAL))
    assert SECRET in path.read_text()
    assert SECRET not in contract_refused(path)


@pytest.mark.parametrize("url", URLS[:12])
def test_the_command_line(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["counts", "--base-url", url]) == 4
    assert main(["counts", "--base-urll", url]) == 4
    printed = capsys.readouterr()
    assert SECRET not in printed.out + printed.err
    assert "--base-urll" in printed.err


def test_a_run_and_its_environment() -> None:
    assert SECRET not in refused("--base-url", URLS[0])
    assert SECRET not in refused(PYTEST_BASE_URL=URLS[1])
    assert SECRET not in refused("-o", f"base_url={URLS[16]}")


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:8900", "https://api.example.org/v1", "https://[::1]:80/x", "http://h", "a text: b/c"]
)
def test_what_holds_no_secret_is_shown_as_it_is(text: str) -> None:
    assert (shown_url(text), without_logins(text)) == (text, text)


def test_a_contract_that_ships_is_no_secret() -> None:
    assert shown_url(load_contract("gatewayz").base_url) == load_contract("gatewayz").base_url
