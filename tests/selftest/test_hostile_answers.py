"""Whatever a service answers, it is judged: no rule, diagnosis or report fails on it. Seeded."""

import json
import random
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from mutations import VALUES, leaves, put, shipped

from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Collection, Contract
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.report import html, junit, markdown, terminal
from catalog_contract.report.json import to_json
from catalog_contract.rules.ideal import IdealSource
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from catalog_contract.run.finish import Clock, finished
from catalog_contract.run.session import Session
from catalog_contract.transport.shared import CachingSource

JSON_VALUES = tuple(value for value in VALUES if not isinstance(value, date | time) and "datetime" not in repr(value))
HEADERS = (
    "etag",
    "link",
    "content-type",
    "retry-after",
    "last-modified",
    "x-total-count",
    "cache-control",
    "next-page",
)
STATUSES = (204, 206, 304, 404, 410, 422, 429, 500, 503)
FEW = 60


class SpoiltSource:
    """The answers of a service that keeps every promise, of which about two in three are spoilt."""

    label = "spoilt"

    def __init__(self, contract: Contract, seed: int) -> None:
        self._inner = IdealSource(contract)
        self._draw = random.Random(seed)

    def close(self) -> None:
        pass

    def fetch(self, request: Request) -> Exchange:
        draw, sound = self._draw, self._inner.fetch(request)
        data, headers, status = json.loads(json.dumps(sound.decoded)), dict(sound.headers), sound.status
        match draw.randrange(9):
            case 0 | 1 | 2:
                data = self._one_value_changed(data)
            case 3:
                data = draw.choice(JSON_VALUES)
            case 4:
                headers[draw.choice(HEADERS)] = str(draw.choice(JSON_VALUES))[:300]
            case 5:
                status = draw.choice(STATUSES)
        body: bytes | None = json.dumps(data, default=str).encode("utf-8", "surrogatepass")
        match draw.randrange(20):
            case 0:
                body = bytes(byte if draw.random() > 0.02 else draw.randrange(256) for byte in body or b"")
            case 1:
                return replace(sound, status=None, body=None, decoded=None, failure="nothing came for 1 s")
        return Exchange(
            request, sound.url, status, headers, body, started=sound.started, finished=sound.finished, seconds=0.01
        )

    def _one_value_changed(self, data: Any) -> Any:
        places = list(leaves(data))[:60]
        return put({"": data}, ("", *self._draw.choice(places)), self._draw.choice(JSON_VALUES))[""] if places else data


def small(name: str) -> Contract:
    """A shipped contract with a few short collections."""

    def short(one: Collection) -> Collection:
        totals = {word: min(getattr(one, word) or FEW, FEW) for word in ("expected_total", "minimum_total")}
        return replace(one, **{word: total for word, total in totals.items() if getattr(one, word) is not None})

    contract = load_contract(name)
    kept = [one for at, one in enumerate(contract.collections) if at < 4 or one.name == contract.default_collection]
    return replace(contract, collections=tuple(map(short, kept)))


def defects(contract: Contract, seed: int) -> Iterator[str]:
    """What fails in a whole run, each as the last line of its traceback."""
    session = Session(contract, CachingSource(SpoiltSource(contract, seed)), "spoilt", "")
    judgements = []
    for rule, case in every_case(contract, live=True):
        try:
            judgements.append(judge(rule, case, session.service))
        except Exception as error:
            yield f"{rule.name}[{case.id}] {_where(error)}"
    try:
        run = finished(session, judgements, session.observed(), Clock())
        for render in (html.render, markdown.render, terminal.render, junit.render, to_json):
            assert render(run)  # type: ignore[operator]
    except Exception as error:
        yield f"the end {_where(error)}"


def _where(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({last.filename.rpartition('/')[2]}:{last.lineno})"[:300]


@pytest.mark.parametrize("name", ["gatewayz", "example-minimal", "kinto", "drf-page"])
@pytest.mark.parametrize("seed", range(4))
def test_no_answer_makes_the_suite_defective(name: str, seed: int) -> None:
    assert list(defects(small(name), seed)) == []


@pytest.mark.thorough
@pytest.mark.parametrize("name", shipped())
def test_no_answer_makes_the_suite_defective_by_any_contract(name: str) -> None:
    contract = small(name)
    assert [found for seed in range(30) for found in defects(contract, seed)] == []
