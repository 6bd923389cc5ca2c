"""How each peer is started on loopback, and filled."""

import base64
import json
import secrets
import sqlite3
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tools.peers.data import items

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Start:
    """What starts a peer: the command, the path that answers when it is up, and more environment.

    `fill` is called with the base URL when the peer is up. `key` is what the suite is to send.
    """

    command: list[str]
    ready: str
    environment: dict[str, str] = field(default_factory=dict)
    fill: Callable[[str], None] | None = None
    key: str = ""


@dataclass(frozen=True)
class Peer:
    """A product and the contracts that judge its lists. `start` gets an empty folder, the port, and where tools are."""

    name: str
    contracts: tuple[str, ...]
    start: Callable[[Path, int, Path, Path], Start]


def _python(script: str, ready: str) -> Callable[[Path, int, Path, Path], Start]:
    def start(folder: Path, port: int, venv: Path, node: Path) -> Start:
        return Start([str(venv / "bin" / "python"), str(HERE / script), str(folder), str(port)], ready)

    return start


def _datasette(folder: Path, port: int, venv: Path, node: Path) -> Start:
    database = sqlite3.connect(folder / "catalogue.db")
    database.execute("create table models (id text primary key, license text)")
    database.executemany("insert into models values (?, ?)", [(item["id"], item["license"]) for item in items()])
    database.commit()
    database.close()
    command = [str(venv / "bin" / "datasette"), "serve", "-i", str(folder / "catalogue.db"), "-p", str(port)]
    return Start(command, "/catalogue/models.json")


def _json_server(folder: Path, port: int, venv: Path, node: Path) -> Start:
    (folder / "db.json").write_text(json.dumps({"models": items()}), encoding="utf-8")
    command = ["node", str(node / "node_modules" / ".bin" / "json-server"), "--quiet", "--host", "127.0.0.1"]
    return Start([*command, "--port", str(port), str(folder / "db.json")], "/models?_limit=1")


def _jupyterhub(folder: Path, port: int, venv: Path, node: Path) -> Start:
    token = secrets.token_hex(16)
    names = [f"user-{nth:04}" for nth in range(len(items()))]
    (folder / "users.json").write_text(json.dumps(names), encoding="utf-8")
    path = f"{node / 'node_modules' / '.bin'}:{venv / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    environment = {"PEER_PORT": str(port), "PEER_TOKEN": token, "PATH": path}
    command = [str(venv / "bin" / "jupyterhub"), "-f", str(HERE / "jupyterhub_config.py")]
    return Start(command, "/hub/api/", environment, key=token)


KINTO_USER = "Basic " + base64.b64encode(b"peer:peer").decode()
RECORDS = "/v1/buckets/hub/collections/models"


def _kinto(folder: Path, port: int, venv: Path, node: Path) -> Start:
    command = [str(venv / "bin" / "kinto"), "start", "--ini", str(HERE / "kinto.ini"), "--port", str(port)]
    return Start(command, "/v1/", fill=_fill_kinto, key=KINTO_USER.removeprefix("Basic "))


def _fill_kinto(base_url: str) -> None:
    """One bucket with one collection of the items, in batches of 25 as Kinto allows."""
    puts: list[tuple[str, object]] = [("/v1/buckets/hub", {}), (RECORDS, {})]
    puts += [
        (f"{RECORDS}/records/model-{nth:04}", item | {"id": f"model-{nth:04}"}) for nth, item in enumerate(items())
    ]
    for at in range(0, len(puts), 25):
        asked = [
            {"method": "PUT", "path": path.removeprefix("/v1"), "body": {"data": data}}
            for path, data in puts[at : at + 25]
        ]
        request = urllib.request.Request(
            f"{base_url}/v1/batch",
            json.dumps({"requests": asked}).encode(),
            {"Content-Type": "application/json", "Authorization": KINTO_USER},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            statuses = {one["status"] for one in json.load(response)["responses"]}
        if not statuses <= {200, 201}:
            raise RuntimeError(f"Kinto could not be filled: statuses {statuses}")


PEERS = (
    Peer(
        "Django REST framework",
        ("drf-limitoffset", "drf-page", "drf-cursor"),
        _python("drf_app.py", "/page/models"),
    ),
    Peer("fastapi-pagination", ("fastapi-limitoffset", "fastapi-page"), _python("fastapi_app.py", "/page/models")),
    Peer("Datasette", ("datasette",), _datasette),
    Peer("Wagtail", ("wagtail",), _python("wagtail_app.py", "/api/v2/pages/")),
    Peer("json-server", ("json-server-start", "json-server-page"), _json_server),
    Peer("JupyterHub", ("jupyterhub",), _jupyterhub),
    Peer("Kinto", ("kinto",), _kinto),
)
