"""Each request is made once in a run, whoever wants its answer: threads and processes."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from catalog_contract.model.contract import Transport
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.json_body import NotJson
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.shared import CachingSource
from fixtures.wire import Asked, Reply, wire

QUICK = Transport(read_seconds=5, requests_per_second=0)
REQUESTS = [Request("/v1/models", (("offset", str(offset)),)) for offset in range(0, 500, 100)]


class Recounting:
    """A source in memory that counts how often it is asked."""

    label = "memory"

    def __init__(self, answer: Exchange) -> None:
        self.answer = answer
        self.count = 0
        self.closed = False
        self._lock = threading.Lock()

    def fetch(self, request: Request) -> Exchange:
        with self._lock:
            self.count += 1
        return replace(self.answer, request=request)

    def close(self) -> None:
        self.closed = True


GOOD = Exchange(REQUESTS[0], "http://x/v1", 200, {"etag": '"é"'}, b'\n{"a": 1}\n\xff', None, 1.5, 2.5, 1.0, ("429",))
NONE = Exchange(REQUESTS[0], "http://x/v1", failure="connection refused", started=1.0, finished=2.0)
EMPTY = Exchange(REQUESTS[0], "http://x/v1", 304, {}, b"")
IN_MEMORY = Exchange(REQUESTS[0], "http://x/v1", 200, {}, None, decoded={"data": [1, None]})


@pytest.mark.parametrize("answer", [GOOD, NONE, EMPTY, IN_MEMORY], ids=["good", "none", "empty", "in memory"])
def test_an_answer_is_the_same_for_another_process(tmp_path: Path, answer: Exchange) -> None:
    inner = Recounting(answer)
    first, second = CachingSource(inner, tmp_path / "run"), CachingSource(inner, tmp_path / "run")
    assert first.fetch(REQUESTS[0]) == second.fetch(REQUESTS[0]) == answer
    assert inner.count == 1


def test_an_answer_shared_as_a_file_is_still_read_as_json(tmp_path: Path) -> None:
    for _ in range(2):
        exchange = CachingSource(Recounting(replace(GOOD, body=b'{"a": 1}')), tmp_path).fetch(REQUESTS[0])
        assert exchange.data == {"a": 1}
    for _ in range(2):
        with pytest.raises(NotJson):
            _ = CachingSource(Recounting(GOOD), tmp_path / "other").fetch(REQUESTS[0]).data


def test_without_a_folder_a_request_is_made_once_too() -> None:
    inner = Recounting(GOOD)
    once = CachingSource(inner)
    assert once.fetch(REQUESTS[0]) is once.fetch(REQUESTS[0])
    assert inner.count == 1


def test_another_reading_or_header_is_another_request(tmp_path: Path) -> None:
    inner = Recounting(GOOD)
    once = CachingSource(inner, tmp_path)
    asked = [REQUESTS[0], replace(REQUESTS[0], reading=2), replace(REQUESTS[0], headers=(("Accept-Encoding", "gzip"),))]
    for request in asked * 2:
        once.fetch(request)
    assert inner.count == 3
    assert [one.request for one in once.exchanges] == asked


def test_a_failure_is_remembered_too(tmp_path: Path) -> None:
    inner = Recounting(NONE)
    once = CachingSource(inner, tmp_path)
    assert [once.fetch(REQUESTS[0]).failure for _ in range(3)] == ["connection refused"] * 3
    assert inner.count == 1


def test_exchanges_are_listed_in_the_order_of_asking() -> None:
    once = CachingSource(Recounting(GOOD))
    for place in (3, 0, 3, 1):
        once.fetch(REQUESTS[place])
    assert [one.request for one in once.exchanges] == [REQUESTS[3], REQUESTS[0], REQUESTS[1]]


def test_label_and_close_are_those_of_the_source_asked() -> None:
    inner = Recounting(GOOD)
    once = CachingSource(inner)
    once.close()
    assert (once.label, inner.closed) == ("memory", True)


@pytest.mark.parametrize("shared", [True, False], ids=["with a folder", "without"])
def test_threads_share_one_request(tmp_path: Path, shared: bool) -> None:
    with wire("slow-first-answer", lambda asked: Reply(body=asked.target.encode())) as base_url:
        once = CachingSource(LiveSource(base_url, QUICK), tmp_path if shared else None)
        with ThreadPoolExecutor(8) as pool:
            bodies = list(pool.map(lambda request: once.fetch(request).body, REQUESTS * 8))
    assert bodies == [request.target.encode() for request in REQUESTS * 8]
    assert len(base_url.asked) == len(REQUESTS)


WORKER = """
import sys
from pathlib import Path
from catalog_contract.model.contract import Transport
from catalog_contract.model.exchange import Request
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.shared import CachingSource
base_url, folder = sys.argv[1], Path(sys.argv[2])
once = CachingSource(LiveSource(base_url, Transport(requests_per_second=200), folder=folder), folder)
print("ready", flush=True)
sys.stdin.readline()
for offset in range(0, 500, 100):
    print(once.fetch(Request("/v1/models", (("offset", str(offset)),))).body.decode())
"""


def test_processes_share_one_request(tmp_path: Path) -> None:
    def counted(asked: Asked) -> Reply:
        return Reply(body=f"{asked.target} {asked.turn}".encode())

    with wire("slow-first-answer", counted) as base_url:
        command = [sys.executable, "-c", WORKER, base_url, str(tmp_path / "run")]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        workers = [subprocess.Popen(command, **pipes, text=True) for _ in range(3)]
        assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * 3
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        outputs = [worker.communicate(timeout=20)[0].splitlines() for worker in workers]
    assert len(outputs[0]) == len(base_url.asked) == len(REQUESTS)
    assert outputs == [outputs[0]] * 3
