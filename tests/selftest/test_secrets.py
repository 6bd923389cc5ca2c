"""The key of the service is in nothing that a run writes or prints, also where the server sends it back."""

import json
import lzma
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from key_forms import COMPOSED, FORMS

from catalog_contract.transport.base import SourceError
from catalog_contract.transport.secret import KEY_VARIABLE, REDACTED, Key
from catalog_contract.util.paths import PROJECT
from fixtures.wire import Asked, BaseUrl, Reply, wire
from fixtures.wire.faults import Line
from fixtures.wire.service import answer
from fixtures.wire.suite import Ran, environment, run_suite, suite_command

KEY = "canary-3f/9+7=d"
SPELLINGS = (KEY, quote(KEY, safe=""), quote(KEY), json.dumps(KEY).replace("/", "\\/"), "canary-3f", "canary-3F")


def key_in(asked: Asked) -> str:
    return asked.headers.get("authorization", "").removeprefix("Bearer ")


def echoing(asked: Asked) -> Reply:
    """The key in every place an answer has: the bulk read in ids that repeat and in headers, a page as an error,
    a detail page as a redirect to another host, the rest in names."""
    key, reply = key_in(asked), answer(asked)
    if "limit=1000" in asked.target:
        data = json.loads(reply.body)
        data["data"][3:5] = [{"id": f"provider/{key}", "name": key}] * 2
        headers = {**reply.headers, "X-Debug": f"Bearer {key}", "Set-Cookie": f"key={key}", "ETag": f'"{key}"'}
        return replace(reply, headers=headers, body=json.dumps({**data, key: key}).encode())
    if "offset=10" in asked.target:
        return Reply(500, {"Content-Type": "text/html"}, f"<pre>bad key {key}, {quote(key, safe='')}</pre>".encode())
    if "/model-" in asked.target:
        return Reply(302, {"Location": f"http://elsewhere.invalid/login?key={quote(key)}"})
    return named(asked)


def named(asked: Asked) -> Reply:
    """A healthy service that puts the key into the name of every model, where no rule looks."""
    reply = answer(asked)
    return replace(reply, body=reply.body.replace(b"Model ", f"Model {key_in(asked)} ".encode()))


def readable(path: Path) -> bytes:
    content = path.read_bytes()
    return lzma.decompress(content) if path.suffix == ".xz" else content


def leaks(folder: Path, ran: Ran) -> Iterator[str]:
    """Where the key stands in what a run has printed or written, file names included."""
    spellings = [spelling.encode() for spelling in SPELLINGS]
    written = {str(path.relative_to(folder)): readable(path) for path in folder.rglob("*") if path.is_file()}
    for name, content in {**written, "the terminal": ran.printed.encode()}.items():
        if any(spelling in name.encode() + content for spelling in spellings):
            yield name


def run(folder: Path, base_url: BaseUrl | None, *options: str, **variables: str) -> Ran:
    """A run with the key set; what it would leave in the folder for temporary files is looked at too."""
    (folder / "tmp").mkdir(exist_ok=True)
    live = ["--base-url", base_url] if base_url is not None else []
    environment = {KEY_VARIABLE: KEY, "TMPDIR": str(folder / "tmp"), **variables}
    ran = run_suite(folder, [*live, *options], environment)
    if base_url is not None and "--plan" not in options:
        assert {key_in(asked) for asked in base_url.asked} == {KEY}, "the server has seen the key"
        assert ran.status == 1, ran.printed
        assert REDACTED in ran.printed
    return ran


FEW = "not offset=10 and not walk and not page"
LOUD = ("-vv", "--tb=long", "-l", "-s", "--full-trace", "-o", "log_cli=true", "--log-level=DEBUG")

BROKEN_SUITE = """
import os

from catalog_contract.catalog.page import Page

whole = Page.ids.func

def ids(self):
    if self.exchange.content is None or "PYTEST_CURRENT_TEST" not in os.environ:  # the plan, and the reports
        return whole(self)
    raise RuntimeError(f"a defect beside {self.exchange!r}")

Page.ids = property(ids)
"""

BLABBING = """
import catalog_contract.transport.secret as secret

secret.Key.hide = lambda self, text: text
secret.Key.hide_in_body = lambda self, body: body
"""


def plugin(folder: Path, name: str, text: str) -> dict[str, str]:
    (folder / "plugins").mkdir()
    (folder / "plugins" / f"{name}.py").write_text(text)
    return {"PYTHONPATH": str(folder / "plugins")}


def test_a_live_run_with_every_report_and_every_loud_option(tmp_path):
    options = ["--junitxml", str(tmp_path / "junit.xml"), "--log-file", str(tmp_path / "log")]
    options += ["--history", str(tmp_path / "history.jsonl"), "--baseline", str(tmp_path / "baseline.json")]
    with wire("none", echoing) as base_url:
        ran = run(tmp_path, base_url, *LOUD, *options, GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))
    assert list(leaks(tmp_path, ran)) == []
    written = {path.name for path in tmp_path.rglob("*")}
    assert {"junit.xml", "log", "history.jsonl", "summary.md", "allure-results", "verdict.json"} <= written


def test_several_workers_and_several_requests_at_a_time(tmp_path):
    with wire("none", echoing) as base_url:
        ran = run(tmp_path, base_url, "-n", "2", "--concurrency", "2", "-vv", "--tb=long", "-l")
    assert list(leaks(tmp_path, ran)) == []


def test_a_recording_and_its_replay(tmp_path):
    cassette = tmp_path / "echo.json.xz"
    with wire("none", lambda asked: named(asked) if "offset=10" in asked.target else echoing(asked)) as base_url:
        ran = run(tmp_path, base_url, "--record", str(cassette), "-k", FEW)
    assert cassette.exists(), ran.printed
    assert REDACTED.encode() in readable(cassette)
    assert list(leaks(tmp_path, ran)) == []
    ran = run(tmp_path, None, "--cassette", str(cassette), "-k", FEW, *LOUD)
    assert REDACTED in ran.printed
    assert list(leaks(tmp_path, ran)) == []


def test_a_good_run_that_leaves_a_baseline(tmp_path):
    baseline = tmp_path / "baseline.json"
    with wire("none", named) as base_url:
        ran = run_suite(tmp_path, ["--base-url", base_url, "--baseline", str(baseline)], {KEY_VARIABLE: KEY})
    assert (ran.status, baseline.exists()) == (0, True), ran.printed
    assert list(leaks(tmp_path, ran)) == []


def test_a_plan(tmp_path):
    with wire("none", echoing) as base_url:
        ran = run(tmp_path, base_url, "--plan")
    assert ran.status == 0
    assert list(leaks(tmp_path, ran)) == []


def test_a_defect_of_the_suite_with_a_traceback_that_shows_variables(tmp_path):
    variables = plugin(tmp_path, "broken_suite", BROKEN_SUITE)
    with wire("none", echoing) as base_url:
        ran = run_suite(
            tmp_path,
            ["--base-url", base_url, "-p", "broken_suite", "-k", "known or json", *LOUD],
            {KEY_VARIABLE: KEY, **variables},
        )
    assert "a defect beside" in ran.printed
    assert REDACTED in ran.printed
    assert list(leaks(tmp_path, ran)) == []


@pytest.mark.parametrize("key", ["short", "canary with spaces", "canary-é-ü-ö-ä", "canary\nof two lines"])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(key):
    with pytest.raises(SourceError, match=KEY_VARIABLE) as caught:
        Key(key)
    assert key not in str(caught.value)


def test_a_key_that_is_refused_ends_the_run_and_is_not_shown(tmp_path):
    key = "canary-é-ü-ö-ä"
    with wire("none", echoing) as base_url:
        ran = run_suite(tmp_path, ["--base-url", base_url, "--tb=long", "-l"], {KEY_VARIABLE: key})
    assert (ran.status, base_url.asked) == (4, [])
    assert key not in ran.printed


def test_a_leak_would_be_found_everywhere(tmp_path):
    variables = plugin(tmp_path, "blabbing", BLABBING)
    cassette, junit = tmp_path / "echo.json.xz", tmp_path / "junit.xml"
    options = ["-p", "blabbing", "--junitxml", str(junit), "--history", str(tmp_path / "history.jsonl")]
    options += ["--record", str(cassette), "-k", FEW]
    with wire("none", lambda asked: named(asked) if "offset=10" in asked.target else echoing(asked)) as base_url:
        ran = run_suite(tmp_path, ["--base-url", base_url, *options], {KEY_VARIABLE: KEY, **variables})
    found = set(leaks(tmp_path, ran))
    assert {"the terminal", "echo.json.xz", "junit.xml", "reports/verdict.json", "reports/verdict.html"} <= found
    assert any(name.startswith("reports/allure-results/") for name in found)


def every_form(asked: Asked) -> Reply:
    """The key in every form, in the names of the models and in a header each, names of headers included."""
    key, reply = key_in(asked), answer(asked)
    forms = {name: form(key) for name, form in FORMS.items()}
    composed = [form(key) for form in COMPOSED.values()]
    parts = ["; ".join([*forms.values(), *composed[nth::25]]) for nth in range(25)]
    quoted = [json.dumps(part)[1:-1].encode() for part in parts]
    headers = {f"X-{name}": value for name, value in forms.items() if value.isprintable() and value.isascii()}
    headers |= {f"X-{'-'.join(part for part in ('form', key.encode().hex()))}": "1"}
    named = re.sub(rb"Model (\d+)", lambda found: b"Model " + quoted[int(found[1]) % 25] + b" " + found[1], reply.body)
    return replace(reply, headers={**reply.headers, **headers}, body=named)


def test_every_form_of_the_key_in_a_whole_run(tmp_path):
    cassette = tmp_path / "echo.json.xz"
    pieces = [form(KEY).encode() for form in {**FORMS, **COMPOSED}.values()]
    with wire("none", every_form) as base_url:
        ran = run_suite(tmp_path, ["--base-url", base_url, "--record", str(cassette), "-k", FEW], {KEY_VARIABLE: KEY})
    assert ran.status == 0, ran.printed
    assert REDACTED.encode() in readable(cassette)
    written = [readable(path) for path in tmp_path.rglob("*") if path.is_file()] + [ran.printed.encode()]
    assert [piece for piece in pieces if any(piece in content for content in written)] == []


def stalled(line: Line, asked: Asked, reply: Reply) -> bool:
    return line.stall() if asked.turn >= 4 else line.reply(reply)


@pytest.mark.parametrize("more", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_an_interrupt_while_the_key_is_on_its_way(tmp_path, more):
    with wire(stalled, answer) as base_url:
        process = subprocess.Popen(
            suite_command(tmp_path, ["--base-url", base_url, *LOUD, *more]),
            env=environment({KEY_VARIABLE: KEY}),
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell that starts this in the background ignores the interrupt, and so would the run.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        until = time.monotonic() + 30
        while len(base_url.asked) < 4 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in printed
    assert list(leaks(tmp_path, Ran(process.returncode, printed))) == []


def malformed(line: Line, asked: Asked, reply: Reply) -> bool:
    """A header that cannot be read, with the key in it: urllib3 logs it."""
    line.send(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        + f"{key_in(asked)} no colon\r\nX-After: 1\r\nContent-Length: {len(reply.body)}\r\n\r\n".encode()
        + reply.body
    )
    return False


def test_what_the_libraries_log(tmp_path):
    with wire(malformed, answer) as base_url:
        ran = run_suite(
            tmp_path,
            ["--base-url", base_url, "-k", "json or known", *LOUD, "--log-file", str(tmp_path / "log")],
            {KEY_VARIABLE: KEY},
        )
    assert "Failed to parse headers" in (tmp_path / "log").read_text()
    assert list(leaks(tmp_path, ran)) == []
