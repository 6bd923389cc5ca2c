"""The key goes to the host of the base URL alone, and is in nothing that comes back."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from transport import KEY, LIST, PAGE, QUICK, ask, source

from catalog_contract.transport.base import SourceError
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.secret import KEY_VARIABLE, REDACTED, Key
from fixtures.wire import Reply, wire


def test_a_redirect_to_another_host_is_shown_and_not_followed() -> None:
    with wire("redirect-to-another-host", PAGE) as base_url:
        exchange = source(base_url, key=KEY).fetch(LIST)
    assert (exchange.header("location") or "").startswith("http://127.0.0.1:")
    assert base_url.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert base_url.elsewhere == []


def test_netrc_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with wire("none", PAGE) as base_url:
        source(base_url).fetch(LIST)
    assert "authorization" not in base_url.asked[0].headers


def test_the_password_of_a_dead_proxy_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with wire("refused") as nobody:
        monkeypatch.setenv("http_proxy", nobody.replace("http://", "http://user:hush@"))
        exchange = source("http://catalog.invalid").fetch(LIST)
    assert exchange.failure == "the proxy cannot be reached"
    assert "hush" not in repr(exchange)


@pytest.mark.parametrize("name", ["echoes-key", "echoes-key-in-error"])
def test_a_key_that_the_server_sends_back_is_not_in_the_exchange(name: str) -> None:
    exchange = ask(name, key=KEY)
    reported = repr(exchange)
    escaped = "".join(f"\\u{ord(character):04x}" for character in KEY)
    percent = "canary-3f%2F9%2B7%3Dd"
    assert not [form for form in (KEY, escaped, percent) if form in reported or form.encode() in (exchange.body or b"")]
    assert REDACTED in reported


@pytest.mark.parametrize(
    "echo",
    [
        KEY,
        json.dumps(KEY).replace("/", "\\/"),
        "canary-3f%2f9%2b7%3Dd",
        "".join(f"%{ord(character):02X}" for character in KEY),
        "canary-3f&#47;9&#x2B;7&#x3d;d",
        "\\u0063anary-3f\\u002F9\\u002b7=d",
        'é "' + KEY + '"',
    ],
)
def test_a_key_is_taken_out_in_any_spelling(echo: str) -> None:
    body = echo.encode()
    with wire("none", lambda asked: Reply(body=b"\xff<" + body + b">\xfe")) as base_url:
        answered = source(base_url, key=KEY).fetch(LIST).body or b""
    assert REDACTED.encode() in answered
    assert [part for part in (b"canary", b"7") if part in answered] == []
    assert (answered[:2], answered[-2:]) == (b"\xff<", b">\xfe")


def test_the_key_does_not_show_itself() -> None:
    live = source("http://127.0.0.1:1", key=KEY)
    assert "canary" not in repr(vars(live)) + repr(live) + live.label


@pytest.mark.parametrize("key", ["short", "with spaces inside", "line\nbreak-line", "schlüssel-lang"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    with pytest.raises(SourceError, match="CATALOG_API_KEY") as caught:
        source("http://127.0.0.1:1", key=key)
    assert key not in str(caught.value)


@pytest.mark.parametrize("header", ["Authorization: Bearer {key}", 'X-Key: a "quoted" $name `{key}` end'])
def test_the_curl_line_takes_the_key_from_the_environment(header: str) -> None:
    """A shell that has the variable sends what the run sent; the line itself holds no key."""
    with wire("none", PAGE) as base_url:
        exchange = LiveSource(base_url, QUICK, Key(KEY, header)).fetch(LIST)
        subprocess.run(["bash", "-c", exchange.curl], env={**os.environ, KEY_VARIABLE: KEY}, check=True, timeout=30)
    sent, again = base_url.asked
    name = header.partition(":")[0].lower()
    assert again.headers[name] == sent.headers[name]
    assert KEY in sent.headers[name]
    assert KEY not in exchange.curl
