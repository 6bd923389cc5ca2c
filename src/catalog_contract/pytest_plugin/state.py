"""What the hooks of one process share."""

import contextlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from catalog_contract.model.contract import Contract
from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Judgement
from catalog_contract.pytest_plugin.options import option
from catalog_contract.report.progress import how_long
from catalog_contract.rules.cases import Case, cases_of
from catalog_contract.rules.planning import known_beforehand, plans
from catalog_contract.rules.rule import Rule
from catalog_contract.rules.selection import Asked, is_whole
from catalog_contract.run import shards
from catalog_contract.run.accepted import Known
from catalog_contract.run.cost import least_requests
from catalog_contract.run.finish import Clock
from catalog_contract.run.observed import Observed
from catalog_contract.run.session import Session, fetch_ahead, open_session, too_many
from catalog_contract.run.settings import Settings, SettingsError, transport_of
from catalog_contract.util.claim import Claim

PLANNED = 5_000
"""That many requests are planned in any case when the plan alone is asked for."""


@dataclass
class State:
    """The run as one process knows it. `folder` is what the workers of a live run share."""

    contract: Contract
    settings: Settings
    accepted: tuple[Known, ...] = ()
    folder: Path | None = None
    clock: Clock = field(default_factory=Clock)
    session: Session | None = None
    asked: list[Asked] = field(default_factory=list)
    planned: int | None = None
    planned_there: int = 0
    judgements: list[Judgement] = field(default_factory=list)
    observed: list[Observed] = field(default_factory=list)
    not_promised: dict[str, str] = field(default_factory=dict)
    run: Run | None = None
    lines: list[str] = field(default_factory=list)
    workers_lost: int = 0
    claims: list[Claim] = field(default_factory=list)
    _cases: dict[Rule, dict[str, Case]] = field(default_factory=dict, init=False, repr=False)

    def cases_of(self, rule: Rule) -> dict[str, Case]:
        """The cases of a rule, by their ids."""
        if rule not in self._cases:
            self._cases[rule] = {case.id: case for case in cases_of(rule, self.contract)}
        return self._cases[rule]

    def opened(self) -> Session:
        """The session of this process, opened when it is first needed."""
        if self.session is None:
            self.session = open_session(self.settings, self.contract, self.folder)
        return self.session

    def prepare(self, asked: list[Asked]) -> None:
        """Take note of the cases to judge, and open their source; nothing is asked yet.

        Raises SettingsError, with one line, when more requests are planned than allowed.
        """
        self.asked = asked
        if not asked:
            return
        if refused := self.too_many_at_least(asked):
            raise SettingsError(refused)
        here, there = plans(self.contract, asked)
        self.planned, self.planned_there = len(here), len(there)
        refused = too_many(self.contract, self.settings, len(here), len(there))
        if refused:
            raise SettingsError(refused)
        self.opened()

    def too_many_at_least(self, asked: list[Asked]) -> str:
        """Why a run of these cases may not even be planned; empty when it may."""
        return too_many(self.contract, self.settings, least_requests(self.contract, asked), least=True)

    def too_many_to_plan(self, asked: list[Asked]) -> str:
        """Why these cases may not even be planned, whatever a run may ask; empty when they may."""
        own = replace(self.settings, most_requests=max(PLANNED, self.settings.most_requests or 0))
        return too_many(self.contract, own, least_requests(self.contract, asked), least=True)

    def check_source(self) -> None:
        """Refuse a source that a run would refuse; a contract without any can still be planned."""
        if self.settings.base_url or self.settings.cassette or self.contract.cassette or self.settings.har:
            open_session(self.settings, self.contract).close()

    @property
    def certainty(self) -> str:
        """What to say before a number of planned requests."""
        if self.contract.size_known:
            return ""
        return "about " if self.contract.size_expected else "at least "

    @property
    def plan_line(self) -> str:
        """How many requests are planned, and how long they take."""
        if self.settings.shard:
            number, of = self.settings.shard
            part = len(shards.own_part(self.contract, self.settings.shard))
            return (
                f"{self.planned} requests planned, {part} of them by shard {number} of {of}; others depend on answers"
            )
        if self.settings.har:
            return "no request is sent: what the recording holds is judged"
        takes = f", {how_long((self.planned or 0) + self.planned_there, self.rate)}" if self.settings.base_url else ""
        takes = f"{f', and {self.planned_there} of {self.contract.against}' if self.planned_there else ''}{takes}"
        if self.contract.size_known:
            again = "; more only where an answer must be read again"
            return f"{self.planned} requests planned{takes}{again}{self.probes_line}"
        pages = "; how many pages there are is not known before"
        return f"{self.certainty}{self.planned} requests planned{takes}{pages}{self.probes_line}"

    @property
    def rate(self) -> float:
        """Requests a second."""
        return transport_of(self.settings, self.contract, self.settings.base_url or "").requests_per_second

    @property
    def probes_line(self) -> str:
        """How many requests may be added to decide between causes; empty where none may."""
        most = self.settings.most_probes if self.settings.live else 0
        return f"; up to {most} more decide between causes (--probes)" if most else ""

    def fetch_ahead(self, *, shared: bool) -> int:
        """Fetch what can be fetched before the tests, where workers share the answers or several are fetched at a time.

        Workers that each asked for themselves would ask side by side, and in another order each time. Returns how
        many requests that were. A shard fetches its part in any case: its rules end early where another shard asks.
        """
        at_a_time, shard = self.settings.concurrency or 1, self.settings.shard
        if not self.settings.base_url or not self.asked or (at_a_time == 1 and not shared and not shard):
            return 0
        requests = shards.own_part(self.contract, shard) if shard else known_beforehand(self.contract, self.asked)
        if shard and not is_whole(self.asked, self.contract, live=True):
            wanted = {request.key for request in known_beforehand(self.contract, self.asked)}
            requests = tuple(request for request in requests if request.key in wanted)
        fetch_ahead(self.opened().source, requests, at_a_time)
        return len(requests)


STATE = pytest.StashKey[State]()
CASE = pytest.StashKey[tuple[Rule, Case]]()


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


def spreads(config: pytest.Config) -> bool:
    """Whether this process hands its tests to workers of pytest-xdist."""
    given = config.getoption
    spread = given("dist", "no") != "no" and bool(given("tx", None))
    return spread and not is_worker(config) and not given("collectonly")


def junit_file(config: pytest.Config) -> Path | None:
    """Where pytest writes its JUnit file; a login and variables in it stand for what they do there."""
    given = config.getoption("--junitxml", None)
    if not given:
        return None
    named = Path(os.path.expandvars(given))
    with contextlib.suppress(RuntimeError):  # there is no such login: a folder of that name
        named = named.expanduser()
    return named


def allure_results(config: pytest.Config) -> Path:
    """Where the Allure results go."""
    return Path(config.option.allure_report_dir or Path(option(config, "--report-dir")) / "allure-results")
