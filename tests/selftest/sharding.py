"""A run split among shards and merged, in memory: the same sources as a live run has, but for the socket."""

import time
from dataclasses import replace
from pathlib import Path

from runs import REFERENCE

from catalog_contract.catalog.service import Service
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import MISSING, Exchange, Request
from catalog_contract.model.verdict import Judgement
from catalog_contract.rules.judge import judge, judgement_of
from catalog_contract.rules.selection import every_case
from catalog_contract.run.settings import Settings
from catalog_contract.run.shards import MergedSource, begin_answers, own_part, part_source, stored_answers
from catalog_contract.transport.base import Source
from catalog_contract.transport.shared import CachingSource
from fixtures.gateway.core import Answer, Gateway
from fixtures.gateway.memory import MemorySource, encoded

SEVERAL = f"""
title = "A part of the reference gateway with a long list"
{REFERENCE}
[paging]
style = "offset"
page_size = 100
other_page_size = 97
bulk_limit = 50000
default_limit = "all"
above_maximum = "served"
offsets = [0, 100, 600]
windows = [{{ offset = 7, limit = 9 }}, {{ before_end = 5, limit = 20 }}]

[detail]
path = "/v1/models/{{+id}}"
item = "data"
sample = 3
agree = ["id"]

[[collections]]
name = "huggingface"
depth = "full"
expected_total = 1350
as_of = 2025-10-18
"""
COUNTED = ("together", "google", "fireworks", "xai", "nebius", "groq", "cerebras", "novita")
SEVERAL += "".join(f'\n[[collections]]\nname = "{name}"\n' for name in COUNTED)
SEVERAL += '\n[[collections]]\nname = "all"\nmerges = true\n'
"""A contract of which four shards each get a part: one list is cut into stretches."""

BASE_URL = "http://reference.invalid"


class AsSent:
    """A source in memory whose answers have the bytes that a socket would bring."""

    label = f"live {BASE_URL}"

    def __init__(self, gateway: Gateway) -> None:
        self._inner = MemorySource(gateway)

    @property
    def asked(self) -> list[Request]:
        """What was asked, in order."""
        return self._inner.asked

    def fetch(self, request: Request) -> Exchange:
        """The answer, as bytes."""
        exchange = self._inner.fetch(request)
        if exchange.decoded is MISSING:
            return exchange
        body = encoded(Answer(payload=exchange.decoded))
        return replace(exchange, body=body, decoded=MISSING)

    def close(self) -> None:
        """Nothing to close."""


def several(folder: Path, extra: str = "") -> Path:
    """A file with that contract, and what more it is to say."""
    path = folder / "several.toml"
    path.write_text(SEVERAL + extra, encoding="utf-8")
    return path


def judged(contract: Contract, source: Source) -> list[Judgement]:
    """What all rules say, without the time that they took."""
    service, found = Service(contract, CachingSource(source)), []
    for rule, case in every_case(contract, live=True):
        try:
            judgement = judge(rule, case, service)
        except Exception as defect:
            judgement = judgement_of(rule, case, defect)
        found.append(replace(judgement, seconds=0.0))
    return found


class Sharded:
    """What the shards of a run have read of a gateway, each into a folder of its own."""

    def __init__(self, contract: Contract, gateway: Gateway, shards: int, folder: Path) -> None:
        self.contract = contract
        self.service = AsSent(gateway)
        self.folders = [folder / f"shard-{number}" for number in range(1, shards + 1)]
        self.alone = [self._read(number + 1, shards) for number in range(shards)]
        self.sent = len(self.service.asked)

    def _read(self, number: int, shards: int) -> list[Judgement]:
        settings = self.settings(number, shards)
        begin_answers(settings, self.contract)
        source = CachingSource(part_source(self.service, settings, self.contract))
        for request in own_part(self.contract, (number, shards)):
            source.fetch(request)
        return judged(self.contract, source)

    def settings(self, number: int, shards: int) -> Settings:
        """The settings of one shard."""
        return Settings(base_url=BASE_URL, reports=self.folders[number - 1], shard=(number, shards))

    def merged(self, folders: list[Path] | None = None, *, offline: bool = False) -> list[Judgement]:
        """What the merge of the shards says, or of some of them."""
        settings = Settings(merge=tuple(folders or self.folders), offline=offline)
        stored = stored_answers(settings, self.contract)
        assert all(time.time() - one.origin.started < 3_600 for one in stored)
        return judged(self.contract, MergedSource(stored, self.contract, self.service, offline=offline))
