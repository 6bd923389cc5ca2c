"""Recording: kept only when every answer could be had, never half, and reported by what has changed."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.place import Place
from catalog_contract.run import recording
from catalog_contract.run.settings import Settings
from catalog_contract.transport.cassette import manifest
from catalog_contract.transport.cassette.diff import Shape, changes
from catalog_contract.transport.cassette.source import CassetteSource, write_cassette
from catalog_contract.transport.cassette.storage import CassetteError
from catalog_contract.util import paths
from catalog_contract.util.paths import PROJECT
from fixtures.wire import Asked, Reply, wire
from fixtures.wire.service import MODELS, answer
from fixtures.wire.suite import environment, run_suite


def listing(models: list[dict[str, object]], collection: str = "groq", offset: int = 0) -> Exchange:
    request = Request("/v1/models", (("gateway", collection), ("offset", str(offset))))
    return Exchange(request, "http://x" + request.target, 200, {}, json.dumps({"data": models}).encode())


A = {"id": "a", "price": "1", "cost": {"in": 1}}
B = {"id": "b", "price": None, "cost": {"in": 2}}
C = {"id": "c", "price": None, "cost": {"in": 2}}


BY_GATEWAY = Shape(collection=lambda request: dict(request.query).get("gateway", ""))


def compared(old: list[Exchange], new: list[Exchange], shape: Shape = BY_GATEWAY) -> list[str]:
    return changes(old, new, shape)


def test_the_same_answers_have_no_changes():
    assert compared([listing([A, B])], [listing([B]), listing([A, B])]) == []


def test_models_are_gained_and_lost_by_collection():
    old = [listing([A, B]), listing([A], "xai")]
    new = [listing([A]), listing([B, C], offset=1), listing([B, C], "xai")]
    assert compared(old, new) == [
        "items of groq: 1 gained (c)",
        "items of xai: 2 gained (b, c); 1 lost (a)",
        "requests: 1 new (/v1/models?gateway=groq&offset=1)",
    ]


def test_fields_are_added_removed_and_retyped_at_any_depth():
    new = {"id": "a", "price": 1.5, "cost": {"out": 1, "in": "1"}, "free": True, "tags": []}
    assert compared([listing([A, B])], [listing([new, {**new, "id": "b"}])]) == [
        "fields: 3 added (cost.out, free, tags); 2 retyped (price: null or string -> number, cost.in: number -> string)"
    ]
    assert compared([listing([A, B])], [listing([{"id": "a"}, {"id": "b"}])]) == [
        "fields: 3 removed (price, cost, cost.in)"
    ]


def test_requests_are_new_gone_and_answered_otherwise():
    page, other = listing([A]), listing([A], offset=1)
    refused = replace(other, status=422, body=b'{"detail": "no"}')
    assert compared([page, refused], [replace(page, request=replace(page.request, reading=2)), other]) == [
        "requests: 1 new (/v1/models?gateway=groq&offset=0 #2); 1 gone (/v1/models?gateway=groq&offset=0); "
        "1 answered otherwise (/v1/models?gateway=groq&offset=1: 422 -> 200)"
    ]


def test_long_lists_are_counted():
    many = [{**A, "id": f"m{number}"} for number in range(1_500)]
    assert compared([listing([A])], [listing([A, *many])]) == [
        "items of groq: 1,500 gained (m0, m1, m2, and 1,497 more)"
    ]


@pytest.mark.parametrize("body", [b"<html>", b"3", b'{"data": 1}', b'[{"id": 1}, null]', b'{"data": [{"id": []}]}'])
def test_an_answer_that_is_no_list_changes_no_models(body):
    odd = replace(listing([A]), body=body)
    assert [line for line in compared([odd], [odd]) if line] == []


def test_a_list_without_an_envelope_and_without_collections_is_compared_too():
    old, new = (replace(listing([A]), body=json.dumps(models).encode()) for models in ([A, B], [B]))
    assert compared([old], [new], Shape(Place("")))[0] == "items of the list: 1 lost (a)"


# -- the suite itself, recording a small service --------------------------------------------------------------------

FEW = "offset=10 or detail or known"


def record(folder: Path, base_url: str, *more: str) -> tuple[int, str]:
    path = folder / "small.json.xz"
    ran = run_suite(folder, ["--base-url", base_url, "--record", str(path), "-q", *more])
    printed = ran.printed.splitlines()
    reported = [place for place, line in enumerate(printed) if line.startswith(("recorded", "not recorded", "ERROR"))]
    lines = "\n".join(printed[reported[0] :]) if reported else ran.printed
    # What is printed of the recording ends where the run names its page.
    return ran.status, lines.partition("\n\n")[0].partition("\nreport: ")[0]


def without_model_7(asked: Asked) -> Reply:
    reply = answer(asked)
    data = json.loads(reply.body)
    if isinstance(data.get("data"), list):
        data["data"] = [{**row, "free": True} for row in data["data"] if row["id"] != MODELS[7]["id"]]
    return replace(reply, body=json.dumps(data).encode())


def busy_with_details(asked: Asked) -> Reply:
    return Reply(503, {"Retry-After": "1000"}) if "/model-" in asked.target else answer(asked)


def test_a_run_is_recorded_then_compared_and_kept_when_it_cannot_be_whole(tmp_path):
    path = tmp_path / "small.json.xz"
    with wire("none", answer) as base_url:
        status, reported = record(tmp_path, base_url)
        assert (status, reported.splitlines()[1:]) == (0, ["  a new cassette"])
        first = path.read_bytes()
        assert record(tmp_path, base_url)[1].splitlines()[1:] == ["  nothing has changed"]
        assert path.read_bytes() == first
    with wire("none", busy_with_details) as base_url:
        status, reported = record(tmp_path, base_url)
        assert reported.startswith(f"not recorded, {path} stays as it was: /v1/models/provider/model-")
        assert reported.endswith("status 503")
        assert path.read_bytes() == first
    with wire("none", without_model_7) as base_url:
        status, reported = record(tmp_path, base_url)
        assert status == 1, "what breaks a promise is recorded"
        assert "  items of the list: 1 lost (provider/model-7)" in reported
        assert "  fields: 1 added (free)" in reported
        assert path.read_bytes() != first
    assert sorted(one.name for one in tmp_path.iterdir()) == ["cache", "reports", "small.json.xz"]


def test_a_damaged_cassette_is_not_recorded_over(tmp_path):
    path = tmp_path / "small.json.xz"
    path.write_bytes(b"damaged")
    with wire("none", answer) as base_url:
        ran = run_suite(tmp_path, ["--base-url", base_url, "--record", str(path), "-q", "-k", FEW])
        assert (ran.status, base_url.asked) == (4, [])
    assert f"cassette {path} is not packed with xz: it begins with b'damage'; restore it (git checkout)" in ran.printed
    assert "Traceback" not in ran.printed
    assert path.read_bytes() == b"damaged"


def test_what_cannot_be_recorded_is_refused_before_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "CASSETTES", tmp_path)
    recording.check(Settings(base_url="http://x", record="new"))
    recording.check(Settings())
    (tmp_path / "old.json.xz").write_bytes(b"")
    with pytest.raises(CassetteError, match=r"cassette .*/old\.json\.xz is empty; restore it \(git checkout"):
        recording.check(Settings(base_url="http://x", record="old"))
    (tmp_path / manifest.NAME).write_text("no TOML")
    with pytest.raises(CassetteError, match="MANIFEST"):
        recording.check(Settings(base_url="http://x", record="new"))


KILLED = """
import json, os, signal, sys, time
from pathlib import Path
from types import SimpleNamespace
from catalog_contract.run import recording as keeping
from catalog_contract.transport.cassette import manifest
from catalog_contract.util import paths
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.run.settings import Settings
from catalog_contract.transport.cassette.source import CassetteSource, write_cassette
from catalog_contract.transport.cassette.recorder import RecordingSource

folder = Path(sys.argv[1])
paths.CASSETTES = folder
path = folder / "small.json.xz"
contract = load_contract("example-minimal")


class Service:
    label = "live"

    def fetch(self, request):
        rows = [{"id": f"{time.perf_counter_ns()} {number}"} for number in range(60)]
        return Exchange(request, "", 200, {}, json.dumps({"data": rows}).encode())

    def close(self):
        pass


def record():
    recording = RecordingSource(Service(), path)
    for number in range(12):
        recording.fetch(Request("/v1/models", (("offset", str(number)),)))
    session = SimpleNamespace(recording=recording, contract=contract)
    return keeping.keep(session, Settings(base_url="http://x", record="small"), SimpleNamespace(judgements=()))


assert record().startswith("recorded 12 answers as small")
begun = time.monotonic()
record()
whole = time.monotonic() - begun
for moment in range(20):
    before = path.read_bytes(), (folder / "MANIFEST").read_bytes()
    child = os.fork()
    if not child:
        record()
        os._exit(0)
    time.sleep(1.6 * whole * moment / 19)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(CassetteSource(path).recorded()) == 12
    entry = manifest.entries()["small"]
    same = path.read_bytes() == before[0], (folder / "MANIFEST").read_bytes() == before[1]
    print({(True, True): "old", (False, True): "between", (False, False): "new"}[same])
record()
assert manifest.entries()["small"].sha256 == manifest.sha256_of(path)
print(sorted(one.name for one in folder.iterdir()))
"""


def test_a_recording_killed_at_any_moment_leaves_a_whole_cassette_and_manifest(tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    *moments, listing = done.stdout.splitlines()
    assert len(moments) == 20, done.stderr
    assert {"old", "new"} <= set(moments), "the moments reach from before the change to after it"
    assert listing == "['.MANIFEST.lock', 'MANIFEST', 'small.json.xz']", "nothing half-written is left"


def test_a_manifest_that_was_left_behind_is_brought_up_to_date(tmp_path, monkeypatch):
    """A kill between cassette and MANIFEST leaves an old sum; the next recording mends it, changed or not."""
    monkeypatch.setattr(paths, "CASSETTES", tmp_path)
    path = tmp_path / "small.json.xz"
    write_cassette(path, [listing([A])])
    manifest.put(manifest.Entry("small", "http://x", "2020-01-01", "gatewayz", "0" * 64))
    recording._enter(path, changed=False, contract="gatewayz", origin="http://x")
    assert manifest.entries()["small"].sha256 == manifest.sha256_of(path)
    assert CassetteSource(path).recorded()[0].body == listing([A]).body
