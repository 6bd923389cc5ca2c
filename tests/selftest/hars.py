"""HAR files as a browser might have written them, made from the reference gateway, and what is judged of them."""

import base64
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalog_contract.catalog.service import Service
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case, why_not
from catalog_contract.run import har
from catalog_contract.transport.har.storage import read_har
from catalog_contract.transport.shared import CachingSource
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.pipeline import Gateway

SITE = "http://catalogue.test"
MIDNIGHT = datetime(2026, 11, 29, tzinfo=UTC)
MAX_PAGES = 60

Row = dict[str, Any]


def row(url: str, body: object, nth: int = 0, *, status: int = 200, **changes: Any) -> Row:
    """An entry of a HAR: a GET and its answer, a JSON value or a text as it is. `changes` replace parts of it."""
    text = body if isinstance(body, str) else json.dumps(body)
    headers = changes.pop("headers", [])
    answered = [{"name": "Content-Type", "value": "application/json"}]
    content = {"size": len(text.encode("utf-8", "replace")), "mimeType": "application/json", "text": text}
    made: Row = {
        "startedDateTime": (MIDNIGHT + timedelta(seconds=nth)).isoformat().replace("+00:00", "Z"),
        "time": 500,
        "request": {"method": "GET", "url": url, "headers": headers},
        "response": {"status": status, "headers": answered, "content": content},
    }
    for path, value in changes.items():
        at = made
        *before, last = path.split("__")
        for key in before:
            at = at[key]
        at[last] = value
    return made


def document(*rows: Row) -> dict[str, Any]:
    """A HAR of these entries."""
    return {"log": {"version": "1.2", "creator": {"name": "a test", "version": "1"}, "entries": list(rows)}}


def walk(
    gateway: Gateway, collection: str = "huggingface", size: int = 50, spell: Callable[[int], str] | None = None
) -> list[Row]:
    """What a frontend asks that walks a list until a page is short. `spell` gives the query for an offset."""

    def usual(offset: int) -> str:
        return f"gateway={collection}&limit={size}" + (f"&offset={offset}" if offset else "")

    source, rows, offset = MemorySource(gateway), list[Row](), 0
    while len(rows) < MAX_PAGES:
        parameters = (("gateway", collection), ("limit", str(size)), ("offset", str(offset)))
        exchange = source.fetch(Request("/v1/models", parameters))
        rows.append(_as_row(f"{SITE}/v1/models?{(spell or usual)(offset)}", exchange, len(rows)))
        items = exchange.data.get("data", []) if exchange.is_json and isinstance(exchange.data, dict) else []
        if len(items) < size:
            break
        offset += size
    return rows


def _as_row(url: str, exchange: Exchange, nth: int) -> Row:
    text = json.dumps(exchange.data) if exchange.body is None else exchange.body.decode("utf-8", "replace")
    made = row(url, text, nth, status=exchange.status or 0)
    made["response"]["headers"] = [{"name": name, "value": value} for name, value in exchange.headers.items()]
    return made


def packed(made: Row, coding: str = "") -> Row:
    """An entry whose body stands in it as base64, compressed where a coding is given."""
    content, headers = made["response"]["content"], made["response"]["headers"]
    body = content["text"].encode()
    if coding:
        body = gzip.compress(body) if coding == "gzip" else b"\x1b" + body[::-1]
        headers.append({"name": "Content-Encoding", "value": coding})
    content |= {"text": base64.b64encode(body).decode(), "encoding": "base64"}
    return made


def opened(reported: object, contract: Contract, folder: Path) -> tuple[Contract, Service, str]:
    """The contract that a HAR is judged by, its service, and what is stated of its origin."""
    path = folder / "own.har"
    path.write_text(
        reported if isinstance(reported, str) else json.dumps(reported), encoding="utf-8", errors="surrogatepass"
    )
    read_har.cache_clear()
    recording = har.found(path, contract)
    followed = har.followed(contract, recording)
    return followed, Service(followed, CachingSource(har.source_of(recording, followed))), recording.origin


def judged(reported: object, contract: Contract, folder: Path) -> list[Judgement]:
    """What every rule says of a HAR."""
    followed, service, _ = opened(reported, contract, folder)
    cases = every_case(followed, live=False)
    return [judge(rule, case, service) for rule, case in cases if not why_not(rule, followed, live=False)]


def broken(judgements: list[Judgement]) -> set[str]:
    """The rules that are broken."""
    return {judgement.rule for judgement in judgements if judgement.verdict is Verdict.BROKEN}


def holding(judgements: list[Judgement]) -> set[str]:
    """The rules that hold."""
    return {judgement.rule for judgement in judgements if judgement.verdict is Verdict.HOLDS}


OWN = """
title = "A list"
base_url = "https://api.example.com/v2"
list_path = "/things"

[envelope]
items = "data"
total = "total"

[item]
id = "id"

[paging]
style = "offset"
page_size = 100
bulk_limit = 1000
default_limit = 20
above_maximum = "refused"
maximum_limit = 1000

[[collections]]
name = "things"
depth = "full"
aliases = []
"""
"""A contract of a list at /v2/things."""


def own_contract(folder: Path, text: str = OWN) -> Contract:
    """That contract, or another text of one."""
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load_contract(str(path))


def items(first: int, last: int) -> list[dict[str, str]]:
    """That many items."""
    return [{"id": f"a/{number}"} for number in range(first, last)]


def listed(first: int, last: int, total: int) -> dict[str, Any]:
    """A page of them."""
    return {"data": items(first, last), "total": total}


def url(query: str = "", host: str = "http://127.0.0.1:8000", path: str = "/v2/things") -> str:
    """The address of that list."""
    return f"{host}{path}" + (f"?{query}" if query else "")
