"""Records what a browser asks of the reference gateway, as HAR files for the self-test: `python -m tools.har`.

Headless Chromium opens a page whose script walks a list as a frontend does: 50 items a page, until a page is short. A
small proxy between the two answers the page, hands everything else to the gateway, and writes down what passes: its HAR
is that of a recording proxy, not the one that the developer tools of a browser export. The cookie and the bearer token
that the page sends are made up; they are there to be hidden.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve
from fixtures.loopback import running
from tools.pictures import BROWSERS, QUIET

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "har"
SITE = "http://catalogue.test"
COOKIE, TOKEN = "canary-cookie-0123456789", "canary-token-9876543210"
WALKS = {
    "healthy": ("together", None),
    "cut-to-101": ("huggingface", "stops-at-first-short-page"),
}
"""The name of a file, the collection that is walked, and the fault of the gateway."""
MAX_SECONDS = 60
NOT_PASSED_ON = frozenset({"host", "connection", "proxy-connection", "accept-encoding", "transfer-encoding"})
PAGE = """<!doctype html><meta charset="utf-8"><title>walking</title><script>
document.cookie = "sid=COOKIE";
(async () => {
  const size = 50, items = [];
  for (let offset = 0; ; offset += size) {
    const headers = {Authorization: "Bearer TOKEN"};
    const url = "/v1/models?gateway=COLLECTION&limit=" + size + (offset ? "&offset=" + offset : "");
    const page = await (await fetch(url, {headers})).json();
    items.push(...page.data);
    if (page.data.length < size) break;
  }
  document.title = "walked " + items.length;
})();
</script>"""


def main() -> int:
    """Record every walk; the exit status."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("tools.har: chromium is missing", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    for name, (collection, fault) in WALKS.items():
        entries = recorded(browser, collection, fault)
        path = FOLDER / f"{name}.har"
        path.write_text(json.dumps(har(entries), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"{path.relative_to(FOLDER.parents[1])}: {len(entries)} entries, {path.stat().st_size:,} bytes")
    return 0


def recorded(browser: str, collection: str, fault: str | None) -> list[dict[str, Any]]:
    """The entries of one walk."""
    page = PAGE.replace("COOKIE", COOKIE).replace("TOKEN", TOKEN).replace("COLLECTION", collection)
    entries: list[dict[str, Any]] = []
    with (
        serve(reference_gateway("2025", fault)) as (gateway, _),
        proxy(gateway, page, entries) as address,
        tempfile.TemporaryDirectory() as profile,
    ):
        command = [browser, *QUIET, f"--user-data-dir={profile}", f"--proxy-server={address}"]
        command += ["--virtual-time-budget=20000", "--dump-dom", f"{SITE}/"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=MAX_SECONDS, check=True)
    if "<title>walked " not in done.stdout:
        raise SystemExit(f"tools.har: the page did not get to its end: {done.stdout[:200]}")
    return sorted(entries, key=lambda entry: str(entry["startedDateTime"]))


@contextmanager
def proxy(gateway: str, page: str, entries: list[dict[str, Any]]) -> Iterator[str]:
    """A proxy that answers the page itself, asks the gateway for all else, and writes down what passes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            began = datetime.now(UTC)
            url = urlsplit(self.path)
            target = url.path + (f"?{url.query}" if url.query else "")
            sent = [{"name": name, "value": value} for name, value in self.headers.items()]
            status, headers, body = (200, {"Content-Type": "text/html"}, page.encode())
            if url.path != "/":
                passed = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
                status, headers, body = answered(gateway + target, passed)
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in (*NOT_PASSED_ON, "content-length"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            if url.hostname == urlsplit(SITE).hostname:  # not what the browser asks of its maker
                entries.append(entry(began, self.path, sent, status, headers, body))

        def do_CONNECT(self) -> None:
            self.send_error(403)

        def log_message(self, *args: object) -> None:
            """Nothing is printed."""

    with running(Handler) as url:
        yield url


def answered(url: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    """What the gateway answers."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=MAX_SECONDS) as response:
            return response.status, dict(response.headers), response.read()
    except HTTPError as error:
        return error.code, dict(error.headers), error.read()


def entry(
    began: datetime, url: str, sent: list[dict[str, str]], status: int, headers: dict[str, str], body: bytes
) -> dict[str, Any]:
    """One request and its answer in the form of HAR 1.2."""
    took = (datetime.now(UTC) - began).total_seconds() * 1000
    mime = headers.get("Content-Type", "")
    return {
        "startedDateTime": began.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": round(took, 3),
        "request": {"method": "GET", "url": url, "httpVersion": "HTTP/1.1", "headers": sent},
        "response": {
            "status": status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
            "content": {"size": len(body), "mimeType": mime, "text": body.decode("utf-8", "replace")},
        },
    }


def har(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """A HAR of these entries."""
    creator = {"name": "tools/har.py, a recording proxy behind headless Chromium", "version": "1"}
    return {"log": {"version": "1.2", "creator": creator, "entries": entries}}


if __name__ == "__main__":
    sys.exit(main())
