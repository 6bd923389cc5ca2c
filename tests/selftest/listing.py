"""A small list in every paging style, drawn from a seed, to be served over real HTTP; healthy or with one fault."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from small_servers import api_of, serving

from catalog_contract.catalog.service import Service
from catalog_contract.cli.judged import run_of
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Transport
from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from catalog_contract.run.finish import Clock
from catalog_contract.run.session import open_session
from catalog_contract.run.settings import Settings, contract_of
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.shared import CachingSource
from fixtures.apis.api import Asked, Item, Refusal, Response, number

PATH = "/items"
DEFAULT, MAX = 10, 20
SIZES = f"default_limit = {DEFAULT}\nmaximum_limit = {MAX}"
FIXED = f"default_limit = {DEFAULT}\npage_size = {DEFAULT}"
STYLES: Mapping[str, str] = {
    "offset": f'[paging]\nstyle = "offset"\n{SIZES}',
    "page": f'[parameters]\nlimit = "limit"\n[paging]\nstyle = "page"\n{SIZES}',
    "cursor": f"""[parameters]\nlimit = "limit"\ncursor = "after"\n[envelope]\nnext = "next"
[paging]\nstyle = "cursor"\n{SIZES}""",
    "link": f'[parameters]\nlimit = "limit"\n[envelope]\nnext = "link"\n[paging]\nstyle = "link"\n{SIZES}',
    "page without a limit": f'[paging]\nstyle = "page"\n{FIXED}',
    "link without a limit": f'[envelope]\nnext = "link"\n[paging]\nstyle = "link"\n{FIXED}',
}
"""What a contract says of the paging, by style. Only those with a limit take one."""


def items(seed: int, amount: int) -> list[Item]:
    """Items with a status and an owner, in an order of their own."""
    draw = random.Random(seed)
    owners, states = ("ann", "bob", "kim"), ("active", "archived", "draft")
    numbers = draw.sample(range(1_000, 9_999), amount)
    return [{"id": f"item-{n}", "owner": draw.choice(owners), "status": draw.choice(states)} for n in numbers]


@dataclass
class Listing:
    """A list. `states` gives what it holds at the n-th request; `cut_first` is the fault of a filter that looks only at
    the page that was cut before."""

    states: Callable[[int], list[Item]]
    limited: bool = True
    cut_first: bool = False
    past_the_end: int = 200
    headers: Callable[[Asked, list[Item]], Mapping[str, str]] = lambda asked, listed: {}
    more: Callable[[dict[str, Any], int, int], Mapping[str, Any]] = lambda page, end, size: {}

    def __post_init__(self) -> None:
        self._nth = count()

    def answer(self, asked: Asked) -> Response:
        """The page that was asked for."""
        every = self.states(next(self._nth))
        wanted = {name: asked.query[name] for name in ("owner", "status") if name in asked.query}
        listed = [item for item in every if all(item[name] == value for name, value in wanted.items())]
        size = number(asked, "limit", DEFAULT, 1, MAX) if self.limited else DEFAULT
        start = self._start(asked, listed, size)
        if self.past_the_end != 200 and start and start >= len(listed):
            raise Refusal(self.past_the_end, "no such page")
        page = [item for item in every[start : start + size] if item in listed] if self.cut_first else None
        page = listed[start : start + size] if page is None else page
        end = start + size
        body: dict[str, Any] = {"data": page, "total": len(listed)}
        if end < len(every if self.cut_first else listed):
            after = (every if self.cut_first else listed)[end - 1]["id"]
            query = {**asked.query, "after": after}
            body |= {"next": after, "link": f"{PATH}?" + "&".join(f"{name}={value}" for name, value in query.items())}
        return Response(body | self.more(body, end, size), headers=self.headers(asked, listed))

    def _start(self, asked: Asked, listed: list[Item], size: int) -> int:
        if "after" in asked.query:
            source = self.states(0) if self.cut_first else listed
            ids = [item["id"] for item in source]
            if asked.query["after"] not in ids:
                raise Refusal(400, "no such cursor")
            return ids.index(asked.query["after"]) + 1
        if "page" in asked.query:
            return (number(asked, "page", 1, 1) - 1) * size
        return number(asked, "offset", 0)


def judged(folder: Path, listing: Callable[[Asked], Response], contract: str) -> list[Judgement]:
    """Every judgement of a run over real HTTP."""
    head = f'title = "a list"\nbase_url = "http://127.0.0.1"\nlist_path = "{PATH}"\n'
    file = folder / "contract.toml"
    file.write_text(head + contract, encoding="utf-8")
    made = load_contract(str(file))
    with serving(api_of(PATH, listing)) as (url, _):
        source = CachingSource(LiveSource(url, Transport(requests_per_second=0)))
        try:
            service = Service(made, source)
            return [judge(rule, case, service) for rule, case in every_case(made, live=True)]
        finally:
            source.close()


def causes(folder: Path, listing: Callable[[Asked], Response], contract: str) -> set[str]:
    """The causes that the diagnosis of a run over real HTTP names."""
    return {cause.name for cause in ran(folder, listing, contract).diagnosis}


def ran(folder: Path, listing: Callable[[Asked], Response], contract: str) -> Run:
    """A run over real HTTP, with its diagnosis."""
    with serving(api_of(PATH, listing)) as (url, _):
        file = folder / "contract.toml"
        head = f'title = "a list"\nbase_url = "{url}"\nlist_path = "{PATH}"\n'
        file.write_text(head + contract, encoding="utf-8")
        settings = Settings(str(file), url)
        session = open_session(settings, contract_of(settings))
        try:
            asked = every_case(session.contract, live=True)
            return run_of(session, asked, Clock())
        finally:
            session.close()


def having(found: list[Judgement], *verdicts: Verdict) -> dict[str, str]:
    """The rules with a judgement of these verdicts, each with what was stated."""
    return {one.rule: one.evidence.message if one.evidence else "" for one in found if one.verdict in verdicts}
