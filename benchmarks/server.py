"""A list of any length, and lists that cost their reader much: made row by row, on loopback.

`python -m benchmarks.server KIND [ITEMS]` prints its base URL, then serves until it is ended. It runs as a process of
its own, so that what it costs is not counted to whoever asks.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from subprocess import PIPE, Popen
from urllib.parse import parse_qs, urlsplit

from catalog_contract.util.paths import PROJECT

MAX_LIMIT = 1_000
ROW = (
    '{"id":"item-%07d","name":"Item number %d","owner":"owner-%d","created":"2025-10-18T09:00:00Z","price":%d.25,'
    '"enabled":true,"tags":["a","b","c"],"limits":{"requests":%d,"tokens":128000},"description":"One of many items"}'
)
Answer = Callable[[int, int], bytes]
"""The body for an offset and a limit."""


def listing(items: int) -> Answer:
    """A healthy list of that many items, about 250 bytes each."""

    def page(offset: int, limit: int) -> bytes:
        numbers = range(min(offset, items), min(offset + limit, items))
        rows = ",".join([ROW % (n, n, n % 97, n % 10, n) for n in numbers])
        return f'{{"data":[{rows}],"total":{items},"offset":{offset},"limit":{limit}}}'.encode()

    return page


def empty_lists(_: int) -> Answer:
    """96 MB of `[],[],...` in every answer."""
    body = b'{"data":[' + b"[]," * 32_000_000 + b'[]],"total":1}'
    return lambda offset, limit: body


def long_ids(items: int) -> Answer:
    """A list whose ids are 1 MB each, three a page."""

    def page(offset: int, limit: int) -> bytes:
        numbers = range(min(offset, items), min(offset + limit, items))
        rows = ",".join(f'{{"id":"{n:07d}{"x" * 1_000_000}"}}' for n in numbers)
        return f'{{"data":[{rows}],"total":{items},"offset":{offset},"limit":{limit}}}'.encode()

    return page


def new_bodies(items: int) -> Answer:
    """25 MB in every answer, never the same twice."""
    drawn = count()

    def page(offset: int, limit: int) -> bytes:
        numbers = range(min(offset, items), min(offset + limit, items))
        nth = next(drawn)
        each = 25_000_000 // max(1, len(numbers))
        rows = ",".join(f'{{"id":"{n:07d}","text":"{nth:09d}{"x" * each}"}}' for n in numbers)
        return f'{{"data":[{rows}],"total":{items},"offset":{offset},"limit":{limit}}}'.encode()

    return page


KINDS: dict[str, Callable[[int], Answer]] = {
    "listing": listing,
    "empty-lists": empty_lists,
    "long-ids": long_ids,
    "new-bodies": new_bodies,
}


def _handler(answer: Answer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            try:
                offset, limit = int(asked.get("offset", 0)), int(asked.get("limit", 100))
            except ValueError:
                offset = limit = -1
            good = offset >= 0 and limit > 0
            body = answer(offset, min(limit, MAX_LIMIT)) if good else b'{"detail":"offset and limit count from 0"}'
            self.send_response(200 if good else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def serving(kind: str, items: int) -> Iterator[str]:
    """A server in a process of its own: its base URL."""
    command = [sys.executable, "-m", "benchmarks.server", kind, str(items)]
    with Popen(command, cwd=PROJECT, stdout=PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def main() -> None:
    """Serve until ended."""
    kind, items = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(KINDS[kind](items)))
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=server.serve_forever).run()


if __name__ == "__main__":
    main()
