"""What the tests of `catalog-contract init` share: an empty folder, a drafted contract, and the list as it reads it."""

from pathlib import Path

import pytest

from catalog_contract.catalog.page import Page
from catalog_contract.catalog.pagers import Asking, pager_of
from catalog_contract.catalog.service import Service
from catalog_contract.catalog.walking import Walked, walk_by_next
from catalog_contract.cli import main
from catalog_contract.contracts.load import load_contract
from catalog_contract.contracts.schema import Schema
from catalog_contract.model.contract import Contract, Transport
from catalog_contract.model.exchange import Request
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.judge import judge
from catalog_contract.rules.selection import every_case
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.shared import CachingSource

MAX_REQUESTS = 15
SIZE = 253


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CATALOG_API_KEY", raising=False)
    return tmp_path


def drafted(*arguments: str) -> Contract:
    """The contract that the command writes, read from its file."""
    assert main(["init", *arguments]) == 0
    (path,) = Path("contracts").glob("*.toml")
    return load_contract(str(path))


def walked(contract: Contract, limit: int | None) -> Walked[Page]:
    """The list as the drafted contract reads it."""
    source = LiveSource(contract.base_url, Transport(requests_per_second=0, maximum_requests=1000))

    def read(request: Request, row: int, limit: int | None) -> Page:
        listing = Page(source.fetch(request), contract.envelope, contract.item.id, row, limit)
        if contract.item_schema and not listing.fault:
            assert Schema(contract.item_schema).schema_errors(listing.items) == []
        return listing

    try:
        return walk_by_next(pager_of(Asking(contract)), read, limit, 300)
    finally:
        source.close()


def verdicts(contract: Contract, family: str = "") -> set[Verdict]:
    """How the drafted contract judges the service that it was drafted from, by all rules or those of one family."""
    source = LiveSource(contract.base_url, Transport(requests_per_second=0, maximum_requests=1000))
    service = Service(contract, CachingSource(source))
    try:
        cases = every_case(contract, live=True)
        return {judge(rule, case, service).verdict for rule, case in cases if family in ("", rule.family)}
    finally:
        source.close()


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, in one line."""
    return " ".join(capsys.readouterr().out.split())


def refused(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    """The command ends with status 4 and one line, and writes nothing."""
    before = sorted(Path().rglob("*"))
    capsys.readouterr()
    assert main(["init", *arguments]) == 4
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and message in err
    assert sorted(Path().rglob("*")) == before


KEY = "sk-secret-0123456789"
