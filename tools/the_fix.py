"""Which fix survives which upstream: each crawler of `fixtures.crawlers` on each upstream of `fixtures.upstream`.

`python -m tools.the_fix` (or `make the-fix`) runs upstream, gateway and rulebook over loopback, once for each cell, and
writes docs/the-fix.md; `--check` compares with that file.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import fill

import requests

from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.run import Run
from catalog_contract.report.findings import defects
from catalog_contract.rules.cases import cases_of
from catalog_contract.rules.judge import judge
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.rules.selection import why_not
from catalog_contract.run.finish import Clock, finished
from catalog_contract.run.session import Session
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.shared import CachingSource
from catalog_contract.util.files import write
from catalog_contract.util.paths import PROJECT
from fixtures import upstream
from fixtures.crawlers import CRAWLERS
from fixtures.gateway.catalog import HUGGINGFACE
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.crawled import REFRESH_PATH, Crawled
from fixtures.gateway.server import serve
from fixtures.upstream import MODES

TABLE = PROJECT / "docs" / "the-fix.md"
BACKOFF_SECONDS = 0.05
SECONDS = 300
"""How long a crawl may take: one that does not end asks 500 times."""

CELLS = tuple((crawler, mode) for crawler in CRAWLERS for mode in MODES)
A_QUARTER = tuple(cell for nth, cell in enumerate(CELLS) if nth % 4 == 1)
"""The cells that the self-test runs: of each crawler and of each upstream one or two."""


@dataclass(frozen=True)
class Cell:
    """What became of one fix on one upstream. `models` is None where the gateway had no list."""

    crawler: str
    mode: str
    verdict: str
    models: int | None
    unique: int
    requests: int
    ended: str
    causes: str

    @property
    def row(self) -> str:
        """A row of the table of the crawler."""
        amount = "none" if self.models is None else f"{self.models:,}"
        amount += f", {self.unique:,} different" if self.models not in (None, self.unique) else ""
        verdict = self.verdict if self.verdict == "HOLDS" else f"**{self.verdict}**"
        cells = (f"`{self.mode}`", verdict, amount, f"{self.requests:,}", self.ended, self.causes or "-")
        return f"| {' | '.join(cells)} |\n"


def measure(crawler: str, mode: str) -> Cell:
    """Serve the upstream, let the gateway crawl it, and judge the gateway by the whole rulebook."""
    with (
        upstream.serve(mode) as hub_url,
        serve(reference_gateway(crawled=Crawled(hub_url, crawler)), posts=True) as (base_url, _),
    ):
        # Before the rulebook asks: what a cold cache costs is not what is compared here.
        report = requests.post(f"{base_url}{REFRESH_PATH}", timeout=SECONDS).json()
        run = judged(base_url)
        counted = requests.get(f"{hub_url}/__stats", timeout=SECONDS).json()["requests"]
    causes = "; ".join(" or ".join(cause.name for cause in group) for group in defects(run))
    listed = None if report["ended"].startswith("failed") else report["models"]
    return Cell(crawler, mode, str(run.verdict), listed, report["unique"], counted, report["ended"], causes)


def judged(base_url: str) -> Run:
    """A live run of the rulebook over the crawled gateway."""
    contract, clock = crawled_only(load_contract("gatewayz")), Clock()
    source = CachingSource(
        LiveSource(base_url, replace(contract.transport, requests_per_second=0), backoff_seconds=BACKOFF_SECONDS)
    )
    session = Session(contract, source, source.label, "")
    try:
        rules = (rule for rule in rulebook() if not why_not(rule, contract, live=True))
        judgements = [judge(rule, case, session.service) for rule in rules for case in cases_of(rule, contract)]
        return finished(session, judgements, session.observed(), clock)
    finally:
        session.close()


def crawled_only(contract: Contract) -> Contract:
    """The contract with the one gateway that is crawled; what is listed by default is another one."""
    crawled = tuple(one for one in contract.collections if one.name == HUGGINGFACE)
    return replace(contract, collections=crawled, default_collection=None)


def document(cells: Iterable[Cell]) -> str:
    """docs/the-fix.md."""
    by_place = {(cell.crawler, cell.mode): cell for cell in cells}
    parts = [HEAD, f"| | {' | '.join(f'`{mode}`' for mode in MODES)} |\n|---|{'---|' * len(MODES)}\n"]
    for name in CRAWLERS:
        parts.append(f"| `{name}` | {' | '.join(_short(by_place[name, mode]) for mode in MODES)} |\n")
    parts.append(BETWEEN)
    for name, crawler in CRAWLERS.items():
        parts.append(f"\n### {name}\n\n{fill(crawler.message, 119)}\n\n{COLUMNS}")
        parts += [by_place[name, mode].row for mode in MODES]
    return "".join(parts)


def _short(cell: Cell) -> str:
    """A cell of the overview: how many models, bold where every promise holds."""
    amount = "none" if cell.models is None else f"{cell.unique:,}"
    return f"**{amount}**" if cell.verdict == "HOLDS" else amount


def rows_of(text: str, crawler: str) -> list[str]:
    """The rows of a crawler in the written document."""
    part = text.partition(f"\n### {crawler}\n")[2].partition("\n### ")[0]
    return [line for line in part.splitlines(keepends=True) if line.startswith("| `")]


COLUMNS = (
    "| upstream | verdict | models | requests upstream | the crawl ended | cause named |\n|---|---|---|---|---|---|\n"
)

HEAD = """<!-- Made by `make the-fix` from real runs. Do not edit. -->
# Which fix survives which upstream

After the [cut to 101](cut-to-101.md) three fixes were proposed: go on until an empty page, go by the total, read twenty
pages. Which of them helps depends on the upstream. Each cell below is a run over loopback: the stand-in for
[the upstream](upstream.md), the reference gateway that crawls it (`python -m fixtures.gateway --upstream URL --crawler
NAME`), and the rulebook that judges the gateway by the contract `gatewayz`. The upstream has 1,352 models.

How many different models the gateway lists; bold where every promise holds:

"""

BETWEEN = """
- `until-short` is the crawler of the incident. On `short-middle-page` and on `drifting` it lists 101 models: both
  explanations of that day, reproduced. From outside they are the same.
- `until-empty` helps on the first. Where `offset` is ignored it never ends: no page is ever empty.
- `by-total` cannot begin: the upstream states no total anywhere.
- `pages-20` helps on the first, too, until the list outgrows 2,000. Where `offset` is ignored it lists page one twenty
  times.
- `merge-of-top-lists` never lists the tail.
- The fixes that go by `offset` keep what they have when a request fails, as the gateway did on 2025-10-21. After five
  full pages and a 429 that looks like a cap of 500.
- `follow-link` lists all 1,352 from every upstream here. It alone waits at a 429 as long as it is asked to, tries again
  after an error, keeps nothing of a crawl that fails, and reads in an order that stands still (`sort=createdAt`).

[`catalog-contract upstream-check`](upstream.md) tells which of these upstreams one has.

## Cell by cell

"Requests upstream" is what the upstream counted. `make the-fix` runs all cells again; the self-test runs a quarter of
them.
"""


def main(words: Sequence[str] | None = None) -> int:
    """Write the document, or check the written one."""
    parser = argparse.ArgumentParser(prog="python -m tools.the_fix", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the written document")
    parser.add_argument("--out", type=Path, default=TABLE, help="where to write")
    options = parser.parse_args(words)
    cells = []
    for crawler, mode in CELLS:
        cells.append(measure(crawler, mode))
        print(f"{crawler:20} {cells[-1].row}", end="", flush=True)
    text = document(cells)
    if not options.check:
        write(options.out, text)
        return 0
    same = options.out.exists() and options.out.read_text(encoding="utf-8") == text
    print("" if same else f"{options.out} says something else: make it again, and read what changed")
    return int(not same)


if __name__ == "__main__":
    raise SystemExit(main())
