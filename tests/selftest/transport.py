"""The transport as its tests ask it: short times, one page, and a server with one fault."""

import json
import ssl
from pathlib import Path

import pytest
import trustme

from catalog_contract.model.contract import Transport
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.secret import Key
from fixtures.wire import wire

QUICK = Transport(
    connect_seconds=1,
    read_seconds=0.25,
    answer_seconds=0.5,
    retry_after_cap_seconds=2.5,
    body_cap_megabytes=1,
    requests_per_second=0,
)
PAGE = json.dumps({"data": [{"id": f"provider/model-{number}"} for number in range(200)], "total": 200}).encode()
LIST = Request("/v1/models", (("gateway", "huggingface"), ("limit", "100")))
KEY = "canary-3f/9+7=d"


def ask(name: str, request: Request = LIST, transport: Transport = QUICK, key: str | None = None) -> Exchange:
    """One exchange with a server that has this fault."""
    with wire(name, PAGE) as base_url:
        return source(base_url, transport, key).fetch(request)


def source(base_url: str, transport: Transport = QUICK, key: str | None = None) -> LiveSource:
    return LiveSource(base_url, transport, Key(key), backoff_seconds=0.01)


def trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate whose authority the environment names, as a company does."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context
