"""Judge real list APIs by the contracts that ship for them: `python -m tools.peers [NAME ...]`.

Exit status 0 when every peer is judged as docs/peers.md says: it keeps all promises, or breaks exactly those named.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tools.peers.servers import HERE, PEERS, Peer, Start

PROJECT = HERE.parents[1]
BUILD = PROJECT / "build" / "peers"
VENV, NODE = BUILD / "venv", BUILD / "node"
START_SECONDS = 240


def install() -> None:
    """The virtual environment and the Node packages of the peers, once for each set of requirements."""
    wanted = (HERE / "requirements.txt").read_text() + (HERE / "package.json").read_text()
    stamp = BUILD / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    NODE.mkdir(parents=True, exist_ok=True)
    (NODE / "package.json").write_text((HERE / "package.json").read_text())
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    for command in (
        [sys.executable, "-m", "venv", str(VENV)],
        [*pip, "-r", str(HERE / "requirements.txt")],
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(NODE)],
    ):
        subprocess.run(command, check=True)
    stamp.write_text(wanted)


@contextlib.contextmanager
def served(peer: Peer) -> Iterator[tuple[str, Start]]:
    """A peer on a free loopback port, filled; it and its children end with the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = peer.start(folder, port, VENV, NODE)
        log = (folder / "log.txt").open("wb")
        process = subprocess.Popen(
            start.command,
            cwd=folder,
            env=os.environ | start.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        base_url = f"http://127.0.0.1:{port}"
        try:
            if not _answers(base_url + start.ready, process):
                raise SystemExit(f"{peer.name} did not start:\n" + (folder / "log.txt").read_text()[-2000:])
            if start.fill:
                start.fill(base_url)
            yield base_url, start
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
            log.close()


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return True
        except OSError:  # nobody there yet, or a proxy whose service is not
            time.sleep(0.3)
    return False


def judge(contract: str, base_url: str, key: str) -> tuple[int, set[str], set[str], int]:
    """Exit status of the suite, the broken rules, those not judged, and the number of requests."""
    reports = BUILD / "reports" / contract
    command = [sys.executable, "-m", "pytest", "tests/contract", "-q", "-p", "no:cacheprovider", "--contract", contract]
    command += ["--base-url", base_url, "--rate", "1000", "--max-requests", "2000", "--report-dir", str(reports)]
    environment = os.environ | ({"CATALOG_API_KEY": key} if key else {})
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    if not (reports / "verdict.json").exists():
        raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])
    verdict = json.loads((reports / "verdict.json").read_text())
    found = {kind: {r["id"] for r in verdict["rules"] if r["verdict"] == kind} for kind in ("BROKEN", "NOT JUDGED")}
    return done.returncode, found["BROKEN"], found["NOT JUDGED"], len(verdict["requests"])


def main() -> int:
    """Judge every peer, or those named; print a line for each list."""
    install()
    known = tomllib.loads((HERE / "defects.toml").read_text(encoding="utf-8"))
    chosen = [peer for peer in PEERS if not sys.argv[1:] or peer.name in sys.argv[1:]]
    wrong = 0
    for peer in chosen:
        with served(peer) as (base_url, start):
            for contract in peer.contracts:
                status, broken, unjudged, requests = judge(contract, base_url, start.key)
                expected = {defect["rule"] for defect in known.get(contract, [])}
                fine = broken == expected and not unjudged and status == (1 if expected else 0)
                wrong += not fine
                line = f"{'ok ' if fine else 'NOT'} {peer.name:22} {contract:20} exit {status}, {requests} requests"
                print(line + "".join(f"\n      broken: {rule}" for rule in sorted(broken)))
                print("".join(f"      not judged: {rule}\n" for rule in sorted(unjudged)), end="", flush=True)
                for rule in sorted(expected - broken):
                    print(f"      expected broken, and holds: {rule}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
