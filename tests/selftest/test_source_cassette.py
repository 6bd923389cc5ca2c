"""Recordings: they answer what was recorded, nothing else, without a network, and they do not get lost."""

import gzip
import json
import lzma
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_socket
import requests

from catalog_contract.model.contract import Transport
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.transport.cassette.recorder import RecordingSource
from catalog_contract.transport.cassette.source import CassetteSource, write_cassette
from catalog_contract.transport.cassette.storage import CassetteError
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.secret import Key
from fixtures.wire import Asked, Reply, wire

QUICK = Transport(read_seconds=1, tries=2, requests_per_second=0)
KEY = "canary-3f/9+7=d"
LIST = Request("/v1/models", (("gateway", "groq"), ("limit", "100")))
AGAIN = replace(LIST, reading=2)
UNLIMITED = Request("/v1/models", (("gateway", "groq"),))
EMPTY_LIMIT = Request("/v1/models", (("gateway", "groq"), ("limit", "")))
HELD = replace(LIST, headers=(("If-None-Match", '"a"'),))
DETAIL = Request("/v1/models/a b/c.d:e/ü", (("gateway", "groq"),))


def answer(request: Request, body: bytes = b"{}", status: int = 200, **headers: str) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(request, "http://recorded.example" + request.target, status, named, body)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "healthy.json.xz"


BODIES = {
    "json": json.dumps({"data": [{"id": "Größe/模型"}]}, ensure_ascii=False).encode(),
    "escaped": rb'{"a": "\u00fc\ud83d", "b": "\"\\"}',
    "html": b"<html>\r\n\t&amp;</html>",
    "nothing": b"",
    "not UTF-8": b'{"a": "caf\xe9"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "NaN": b'{"a": NaN, "a": 1}',
    "control characters": bytes(range(32)),
    "like a marker": b'{"base64": "AAAA"}',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_comes_back_byte_for_byte(path: Path, name: str) -> None:
    write_cassette(path, [answer(LIST, BODIES[name], content_type="application/json")])
    exchange = CassetteSource(path).fetch(LIST)
    assert exchange.body == BODIES[name]
    assert (exchange.status, exchange.failure, exchange.seconds) == (200, None, None)
    assert exchange.headers == {"content-type": "application/json"}


ROWS = [{"id": f"provider/模型-{number}", "note": "}, {" * 9, "of": [{"x": 1}, {"x": 1}]} for number in range(40)]
LISTS = {
    "plain": json.dumps({"data": ROWS, "total": 40}).encode(),
    "dense": json.dumps(ROWS, separators=(",", ":"), ensure_ascii=False).encode(),
    "indented": json.dumps({"data": ROWS}, indent=2).encode(),
    "cut off": json.dumps(ROWS).encode()[:-7],
    "not UTF-8": json.dumps(ROWS).encode().replace(b"note", b"n\xf6te"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_comes_back_byte_for_byte_though_its_rows_are_stored_once(path: Path, name: str) -> None:
    pages = [answer(replace(LIST, reading=number + 1), LISTS[name] * (1 + number % 2)) for number in range(4)]
    write_cassette(path, pages)
    found = CassetteSource(path).recorded()
    assert [one.body for one in found] == [one.body for one in pages]
    assert found[0].body is found[2].body, "equal bodies are one object"
    assert len(lzma.decompress(path.read_bytes())) < 2 * len(LISTS[name]) + 4_000


def recording(path: Path) -> CassetteSource:
    asked = (LIST, UNLIMITED, AGAIN, EMPTY_LIMIT, HELD, DETAIL)
    write_cassette(path, [answer(request, request.key.encode(), 200 + place) for place, request in enumerate(asked)])
    return CassetteSource(path, "http://127.0.0.1:8900")


def test_each_request_gets_the_answer_recorded_for_it(path: Path) -> None:
    source = recording(path)
    for place, request in enumerate((LIST, UNLIMITED, AGAIN, EMPTY_LIMIT, HELD, DETAIL)):
        exchange = source.fetch(request)
        assert (exchange.body, exchange.status) == (request.key.encode(), 200 + place)
        assert place == exchange.started < exchange.finished < place + 1
        assert exchange.url == "http://127.0.0.1:8900" + request.target


def test_what_is_recorded_can_be_listed(path: Path) -> None:
    listed = recording(path).recorded()
    assert [one.request.target for one in listed] == [
        one.target for one in (LIST, UNLIMITED, AGAIN, EMPTY_LIMIT, HELD, DETAIL)
    ]
    assert [one.request.reading for one in listed] == [1, 1, 2, 1, 1, 1]


@pytest.mark.parametrize(
    ("request_", "nearest"),
    [
        (Request("/v1/models", (("gateway", "groq"), ("limit", "101"))), "/v1/models?gateway=groq&limit=100"),
        (replace(LIST, reading=3), "/v1/models?gateway=groq&limit=100 (reading 2)"),
        (replace(LIST, headers=(("if-none-match", '"b"'),)), '/v1/models?gateway=groq&limit=100 (if-none-match: "a")'),
        (Request("/v2/models"), "/v1/models?gateway=groq"),
    ],
)
def test_what_is_not_recorded_is_a_failure_that_names_the_nearest(path: Path, request_: Request, nearest: str) -> None:
    exchange = recording(path).fetch(request_)
    assert (exchange.status, exchange.body) == (None, None)
    assert exchange.failure == f"the recording has no answer for this request; nearest: {nearest}"


def test_what_is_not_asked_for_is_named(path: Path) -> None:
    source = recording(path)
    for request in (LIST, UNLIMITED, HELD, DETAIL):
        source.fetch(request)
    assert source.unplayed() == ["/v1/models?gateway=groq&limit=100 (reading 2)", "/v1/models?gateway=groq&limit="]


@pytest.fixture
def no_sockets() -> Iterator[None]:
    pytest_socket.disable_socket()
    yield
    pytest_socket.enable_socket()


def test_a_recording_needs_no_socket(path: Path, no_sockets: None) -> None:
    assert recording(path).fetch(LIST).status == 200


def test_a_recording_leaves_http_alone(path: Path) -> None:
    recording(path)
    with wire("none", b"[]") as base_url:
        assert requests.get(base_url, timeout=1).content == b"[]"


def test_the_same_answers_make_the_same_file_and_do_not_touch_it(path: Path) -> None:
    first = [answer(LIST, b"[1]", date="Mon", server="a", x_request_id="1", content_type="text/plain", etag='"e"')]
    later = [answer(LIST, b"[1]", etag='"e"', content_type="text/plain", date="Tue", server="b", set_cookie="s=1")]
    assert write_cassette(path, first) is True
    before, content = path.stat(), path.read_bytes()
    assert write_cassette(path, later) is False
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    other = path.with_name("other.json.xz")
    write_cassette(other, later)
    assert other.read_bytes() == content
    assert CassetteSource(path).fetch(LIST).headers == {"content-type": "text/plain", "etag": '"e"'}


def test_a_changed_answer_changes_the_file(path: Path) -> None:
    write_cassette(path, [answer(LIST, b"[1]")])
    assert write_cassette(path, [answer(LIST, b"[2]")]) is True
    assert CassetteSource(path).fetch(LIST).body == b"[2]"
    assert list(path.parent.iterdir()) == [path]


def packed(value: object) -> bytes:
    return lzma.compress(value if isinstance(value, bytes) else json.dumps(value).encode())


GOOD: dict[str, dict[str, object]] = {
    "request": {"method": "GET", "uri": "/", "body": None, "headers": {}},
    "response": {"status": {"code": 200, "message": ""}, "headers": {}, "body": {"string": "{}"}},
}


def entry(**changed: object) -> bytes:
    """A cassette of one entry, with other parts: `request_method="POST"`; None takes a part away."""
    one = json.loads(json.dumps(GOOD))
    for name, value in changed.items():
        part, key = name.split("_")
        if value is None:
            del one[part][key]
        else:
            one[part][key] = value
    return packed({"interactions": [one], "version": 1})


WHOLE = packed({"interactions": [GOOD], "version": 1})
DAMAGED = {
    "empty": (b"", "is empty"),
    "not packed": (b'{"interactions": []}', "is not packed with xz: it begins with b'{\"inte'"),
    "packed with gzip": (gzip.compress(b"{}"), "is not packed with xz: it begins with b'\\x1f\\x8b"),
    "cut off": (WHOLE[:-9], f"is cut off: it ends after {len(WHOLE) - 9} bytes, before its end"),
    "cut off at once": (WHOLE[:3], "is cut off: it ends after 3 bytes, before its end"),
    "one byte changed": (WHOLE[:40] + bytes([WHOLE[40] ^ 255]) + WHOLE[41:], "is damaged (Corrupt input data)"),
    "something after the end": (WHOLE + b"x", "goes on after its end (bytes too many: 1)"),
    "not UTF-8": (packed(b"{\xff}"), "is not UTF-8 at byte 1 of what it holds"),
    "not JSON": (packed(b'{"a":\n nul}'), "is not JSON: Expecting value at line 2, column 2"),
    "nothing": (packed(b""), "is not JSON: Expecting value at line 1, column 1"),
    "nested without end": (packed(b"[" * 99_999), "is nested too deep"),
    "a list": (packed([]), "is not a recording: it has no list of interactions"),
    "another version": (packed({"interactions": [GOOD], "version": 2}), "is of version 2, this suite reads 1"),
    "no interactions": (packed({"interactions": [], "version": 1}), "has no interactions, so nothing was recorded"),
    "half an entry": (
        packed({"interactions": [GOOD, {"request": GOOD["request"]}]}),
        "cannot be used, entry 2 of 2: it has no response",
    ),
    "no status": (entry(response_status={}), "cannot be used, entry 1 of 1: it has no response.status.code"),
    "no URI": (entry(request_uri=None), "cannot be used, entry 1 of 1: it has no request.uri"),
    "a status in words": (
        entry(response_status={"code": "fine"}),
        "cannot be used, entry 1 of 1: response.status.code is 'fine', not a whole number",
    ),
    "a body of neither kind": (
        entry(response_body={}),
        "cannot be used, entry 1 of 1: response.body has neither pieces nor a string",
    ),
    "a header that is not a list": (
        entry(response_headers={"etag": "a"}),
        "cannot be used, entry 1 of 1: response.headers.etag is not a list",
    ),
    "a piece that is not there": (
        entry(response_body={"pieces": "0 1"}),
        "cannot be used, entry 1: its body names a piece that is not there",
    ),
    "a piece of nothing": (
        packed({"interactions": [GOOD], "pieces": ["", {"base64": "?"}]}),
        "cannot be used, piece 1: it is neither text nor base64",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_recording_is_one_clear_line_and_stays_as_it_is(path: Path, name: str) -> None:
    """It says where the file is, what is wrong with it and what to do; each cause has words of its own."""
    content, why = DAMAGED[name]
    path.write_bytes(content)
    with pytest.raises(CassetteError) as caught:
        CassetteSource(path)
    message, _, remedy = str(caught.value).partition("; ")
    assert message.startswith(f"cassette {path} {why}")
    assert remedy == "restore it (git checkout), or move it away and record it again (--base-url URL --record NAME)"
    assert "\n" not in message
    assert path.read_bytes() == content


def test_a_recording_is_named_from_the_current_folder_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent.parent)
    for given in (path, path.relative_to(Path.cwd())):
        given.write_bytes(b"")
        with pytest.raises(CassetteError, match=rf"^cassette {path.parent.name}/healthy\.json\.xz is empty; "):
            CassetteSource(given)


def test_a_missing_recording_is_not_made(path: Path) -> None:
    with pytest.raises(CassetteError, match=r"there is no cassette .*/healthy\.json\.xz; the folder holds none"):
        CassetteSource(path)
    write_cassette(path.with_name("incident-storm.json.xz"), [answer(LIST)])
    write_cassette(path.with_name("healthy-2026.json.xz"), [answer(LIST)])
    with pytest.raises(CassetteError, match=r"did you mean healthy-2026\? \(there are: healthy-2026, incident-storm\)"):
        CassetteSource(path)
    assert not path.exists()


def test_a_live_run_is_recorded_as_it_went(path: Path) -> None:
    with wire("gzipped", lambda asked: Reply(body=f'"{asked.target} {asked.turn}"'.encode())) as base_url:
        recorder = RecordingSource(LiveSource(base_url, QUICK), path)
        live = [recorder.fetch(request) for request in (UNLIMITED, LIST, AGAIN, HELD, DETAIL)]
    assert not path.exists()
    assert recorder.commit() is True
    source = CassetteSource(path)
    assert [source.fetch(one.request).body for one in live] == [one.body for one in live]
    assert (recorder.unrecorded, source.unplayed()) == ([], [])
    assert recorder.commit() is False


def test_recording_again_through_another_port_changes_nothing(path: Path) -> None:
    contents = []
    for name in ("none", "chunked"):
        with wire(name, b'{"data": []}') as base_url:
            recorder = RecordingSource(LiveSource(base_url, QUICK), path)
            recorder.fetch(LIST)
            recorder.commit()
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]


def spoiled(asked: Asked) -> Reply:
    """An error where the target says so, else the target."""
    status = next((code for code in (404, 429, 500, 503) if f"={code}" in asked.target), 200)
    return Reply(status, {}, asked.target.encode())


def test_trouble_is_never_recorded(path: Path) -> None:
    with wire("none", spoiled) as base_url:
        recorder = RecordingSource(LiveSource(base_url, QUICK, backoff_seconds=0.01), path)
        for status in (200, 404, 429, 500, 503):
            recorder.fetch(Request("/x", (("status", str(status)),)))
    recorder.fetch(Request("/gone"))
    assert [one.request.target for one in recorder.exchanges] == ["/x?status=200", "/x?status=404"]
    assert recorder.unrecorded == [
        "/x?status=429: status 429",
        "/x?status=500: status 500",
        "/x?status=503: status 503",
        "/gone: connection refused",
    ]
    recorder.commit()
    assert CassetteSource(path).fetch(Request("/x", (("status", "429"),))).status is None


def test_a_second_reading_is_not_recorded_without_the_first(path: Path) -> None:
    with wire("unavailable-then-fine", b"[]") as base_url:
        recorder = RecordingSource(LiveSource(base_url, replace(QUICK, tries=1)), path)
        assert [recorder.fetch(one).status for one in (LIST, AGAIN)] == [503, 200]
    assert recorder.exchanges == []
    assert recorder.unrecorded[1].endswith("an earlier reading is not recorded")


def test_nothing_is_written_without_answers_or_after_a_discard(path: Path) -> None:
    recorder = RecordingSource(CassetteSource(make(path.with_name("source.json.xz"))), path)
    with pytest.raises(ValueError, match="nothing was asked"):
        recorder.commit()
    recorder.fetch(LIST)
    recorder.discard()
    with pytest.raises(ValueError, match="nothing to record"):
        recorder.commit()
    assert not path.exists()


def make(path: Path) -> Path:
    write_cassette(path, [answer(LIST)])
    return path


@pytest.mark.parametrize("name", ["echoes-key", "echoes-key-in-error", "none"])
def test_a_key_is_not_in_the_recording(path: Path, name: str) -> None:
    with wire(name) as base_url:
        recorder = RecordingSource(LiveSource(base_url, QUICK, Key(KEY)), path)
        recorder.fetch(LIST)
    assert base_url.asked[0].headers["authorization"] == f"Bearer {KEY}"
    recorder.commit()
    text = lzma.decompress(path.read_bytes()).decode().lower()
    assert [word for word in ("canary", "authorization", "cookie") if word in text] == []


def test_an_exchange_without_an_answer_is_no_recording(path: Path) -> None:
    with pytest.raises(ValueError, match="no answer to record"):
        write_cassette(path, [Exchange(LIST, "http://x", failure="refused")])
    assert not path.exists()


KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.transport.cassette.source import CassetteSource, write_cassette

path = Path(sys.argv[1])
noise = random.Random(1).randbytes(150_000).hex().encode()
old = [Exchange(Request("/old"), "", 200, {}, b"old")]
new = [Exchange(Request("/new"), "", 200, {}, noise)]
write_cassette(path, old)
started = time.monotonic()
write_cassette(path.with_name("timed.json.xz"), new)
whole = time.monotonic() - started
for moment in range(20):
    write_cassette(path, old)
    child = os.fork()
    if not child:
        write_cassette(path, new)
        time.sleep(60)
    time.sleep(3 * whole * (moment / 19) ** 2)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(CassetteSource(path).recorded()[0].request.target, len(list(path.parent.glob(".*.new"))))
write_cassette(path, new)
print(sorted(one.name for one in path.parent.iterdir()))
"""


def test_a_recorder_killed_at_any_moment_leaves_a_whole_recording(path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    *moments, listing = done.stdout.splitlines()
    assert len(moments) == 20, done.stderr
    found = {moment.split()[0] for moment in moments}
    assert found == {"/old", "/new"}, "the moments reach from before the rename to after it"
    assert any(moment.endswith(" 1") for moment in moments), "some fall in the middle of writing"
    assert listing == "['healthy.json.xz', 'timed.json.xz']"
