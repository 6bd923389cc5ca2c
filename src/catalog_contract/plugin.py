"""The pytest plugin: options and hooks. Wiring only; what happens is in `session`, `judging` and `report`."""

import shutil
import sys
import tempfile
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_socket

from catalog_contract.cases import CATALOGS, SERVICE, WORDS, Case, cases_of
from catalog_contract.contract import Contract
from catalog_contract.contract_file import ContractError
from catalog_contract.judging import DEFECT, from_plain, judgement_of, to_plain
from catalog_contract.planning import plan
from catalog_contract.recorded import keep
from catalog_contract.report import ReportError, allure, remember, terminal, write_reports
from catalog_contract.report.summary import append_step_summary
from catalog_contract.rule import MARK, Rule, RuleError
from catalog_contract.rulebook import checked
from catalog_contract.selection import keyword, keywords
from catalog_contract.session import (
    Clock,
    Observed,
    Session,
    Settings,
    SettingsError,
    contract_of,
    finished,
    merged,
    open_session,
    why_not,
)
from catalog_contract.source import SourceError
from catalog_contract.strip import strips
from catalog_contract.verdict import EXIT_USAGE, Judgement, Run, Verdict, exit_status

FOLDER = "catalog_contract_folder"
JUDGEMENT = "catalog_contract_judgement"
OBSERVED = "catalog_contract_observed"
NOT_PROMISED = "catalog_contract_not_promised"
REFUSED = (SettingsError, ContractError, SourceError, ReportError)


@dataclass
class State:
    """What the hooks of one process share."""

    contract: Contract
    settings: Settings
    folder: Path | None = None
    clock: Clock = field(default_factory=Clock)
    session: Session | None = None
    judgements: list[Judgement] = field(default_factory=list)
    observed: list[Observed] = field(default_factory=list)
    not_promised: dict[str, str] = field(default_factory=dict)
    planned: int | None = None
    run: Run | None = None
    history: Path | None = None
    said: list[str] = field(default_factory=list)

    def opened(self) -> Session:
        """The session of this process, opened when it is first needed."""
        if self.session is None:
            self.session = open_session(self.settings, self.contract, self.folder)
        return self.session


STATE = pytest.StashKey[State]()
CASE = pytest.StashKey[tuple[Rule, Case]]()


@dataclass(frozen=True)
class Argument:
    """A value among the parameters of a test; shown, and known to Allure, by its label alone."""

    label: str
    value: object

    def __repr__(self) -> str:
        return self.label


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the suite. `--base-url` is that of pytest-base-url."""
    group = parser.getgroup("catalog contract")
    add = group.addoption
    add("--contract", metavar="NAME|PATH", help="the contract to judge by (default: gatewayz)")
    add("--cassette", metavar="NAME|PATH", help="judge a recording (default: that of the contract)")
    add("--record", metavar="NAME", help="write what the service at --base-url answers into a cassette")
    add("--report-dir", metavar="DIR", default="reports", help="where reports are written (default: reports)")
    add("--plan", action="store_true", help="print the requests a run would make, and make none")
    add("--history", metavar="FILE", help="append the run to this file, and show the trend over the runs in it")
    add("--rate", metavar="N", type=float, help="at most N requests a second (default: that of the contract)")
    add("--max-requests", metavar="N", type=int, help="refuse to start when more than N requests are planned")


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


def spreads(config: pytest.Config) -> bool:
    """Whether this process hands its tests to workers of pytest-xdist."""
    return not is_worker(config) and bool(config.getoption("numprocesses", None) or config.getoption("tx", None))


class Collector:
    """Takes the judgements out of the reports, in the process that prints and writes them."""

    def __init__(self, state: State) -> None:
        self._state = state

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the judgement of a rule once, whatever the phase that brought it."""
        told: Any = next((value for key, value in report.user_properties if key == JUDGEMENT), None)
        if told is not None and report.when != "teardown":
            self._state.judgements.append(from_plain(told))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read contract and options; refuse in one line what does not go together."""
    config.addinivalue_line("markers", "rule: a promise of the rulebook")
    option = config.getoption
    settings = Settings(
        contract=option("--contract"),
        base_url=option("--base-url", None) or config.getini("base_url") or None,
        cassette=option("--cassette"),
        record=option("--record"),
        rate=option("--rate"),
        most_requests=option("--max-requests"),
    )
    if settings.record and spreads(config):
        raise pytest.UsageError("--record needs one process: several workers lose recordings; leave -n out")
    try:
        history = option("--history")
        state = State(contract_of(settings), settings, history=Path(history) if history else None)
    except REFUSED as error:
        raise pytest.UsageError(str(error)) from None
    if is_worker(config):
        folder = config.workerinput.get(FOLDER)  # type: ignore[attr-defined]
        state.folder = Path(folder) if folder else None
    elif spreads(config) and settings.base_url:
        state.folder = Path(tempfile.mkdtemp(prefix="catalog-contract-"))
    config.stash[STATE] = state
    config.pluginmanager.register(Collector(state), "catalog-contract-collector")
    config.option.keyword = keyword(config.option.keyword)
    if not config.getoption("allure_report_dir", None):
        config.option.allure_report_dir = str(Path(option("--report-dir")) / "allure-results")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker which folder the workers share."""
    folder = node.config.stash[STATE].folder
    node.workerinput[FOLDER] = str(folder) if folder else ""


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker has seen."""
    output = getattr(node, "workeroutput", {})
    if OBSERVED in output:
        state = node.config.stash[STATE]
        state.observed.append(Observed.from_plain(output[OBSERVED]))
        state.not_promised.update(output.get(NOT_PROMISED, {}))


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Source and contract, before anything is asked."""
    state = config.stash[STATE]
    source = state.settings.base_url or state.settings.cassette or state.contract.cassette or "none"
    kind = "live" if state.settings.base_url else "cassette"
    return [f"contract: {state.contract.name} ({state.contract.title})", f"source: {kind} {source}"]


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> list[pytest.Item] | None:
    """A test of the rulebook must be a rule; one that the contract does not promise is not collected."""
    in_rulebook = collector.path.parent == collector.config.rootpath / "tests" / "contract"
    if not name.startswith("test_") or not callable(obj) or not (in_rulebook or hasattr(obj, MARK)):
        return None
    try:
        rule = checked(obj)
    except RuleError as error:
        raise pytest.Collector.CollectError(str(error)) from None
    state = collector.config.stash[STATE]
    why = why_not(rule, state.contract, live=state.settings.live) or ("" if cases_of(rule, state.contract) else NO_CASE)
    if why:
        state.not_promised[rule.name] = why
        return []
    return None


NO_CASE = "the contract gives it no case"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a rule its cases."""
    if not hasattr(metafunc.function, MARK):
        return
    rule = checked(metafunc.function)
    cases = cases_of(rule, metafunc.config.stash[STATE].contract)
    words = [word for word in rule.arguments if word != SERVICE]
    if not words:
        return
    rows = [[_argument(case, word) for word in words] for case in cases]
    metafunc.parametrize(words, rows, ids=[case.id for case in cases], indirect=True)


def _argument(case: Case, word: str) -> Argument:
    value = case.arguments[word]
    declared = word in ("oracle", "known_ids")
    return Argument("as declared" if declared else str(value), value)


def _catalog_fixture(word: str) -> Any:
    @pytest.fixture(name=word)
    def catalog(request: pytest.FixtureRequest) -> object:
        return request.config.stash[STATE].opened().service.catalog(request.param.value)

    return catalog


def _value_fixture(word: str) -> Any:
    @pytest.fixture(name=word)
    def value(request: pytest.FixtureRequest) -> object:
        return request.param.value

    return value


@pytest.fixture
def service(request: pytest.FixtureRequest) -> object:
    """All collections of the contract."""
    return request.config.stash[STATE].opened().service


globals().update({f"_{word}": _catalog_fixture(word) for word in CATALOGS})
globals().update({f"_{word}": _value_fixture(word) for word in WORDS})


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note the rule and case of an item, and let `-k` find the words of its id."""
    function = getattr(item, "function", None)
    if function is None or not hasattr(function, MARK):
        return
    state = item.config.stash[STATE]
    rule = checked(function)
    callspec = getattr(item, "callspec", None)
    id_ = callspec.id if callspec else state.contract.name
    case = next(case for case in cases_of(rule, state.contract) if case.id == id_)
    item.stash[CASE] = (rule, case)
    item.extra_keyword_matches.update(keywords(id_))
    item.add_marker(pytest.mark.rule)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Open the source, make the plan, and refuse to start when it is larger than allowed."""
    state = session.config.stash[STATE]
    asked = [item.stash[CASE] for item in session.items if CASE in item.stash]
    if not asked and not spreads(session.config):
        return
    try:
        opened = state.opened()
    except REFUSED as error:
        raise pytest.UsageError(str(error)) from None
    if not opened.cassette or session.config.getoption("--plan"):
        requests = plan(state.contract, asked)
        state.planned = len(requests)
        most = state.settings.most_requests
        if most is not None and len(requests) > most:
            raise pytest.UsageError(
                f"{len(requests)} requests are planned, --max-requests allows {most}: choose with -k"
            )


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    """How many requests are planned; all of them with `--plan`."""
    state = config.stash[STATE]
    asked = [item.stash[CASE] for item in items if CASE in item.stash]
    if not asked:
        return []
    if config.getoption("--plan"):
        return [
            f"{len(requests := plan(state.contract, asked))} requests planned:",
            *(f"  GET {r.key}" for r in requests),
        ]
    if state.planned is None:
        return []
    return [f"{state.planned} requests planned; more only where an answer must be read again"]


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """With `--plan` nothing is asked."""
    return True if session.config.getoption("--plan") else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A recording is judged without the network."""
    if CASE not in item.stash:
        return
    rule, case = item.stash[CASE]
    allure.identify(rule.arguments, case.id)
    if not item.config.stash[STATE].settings.base_url:
        pytest_socket.disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """The network is free again for what is no rule."""
    if CASE in item.stash and not item.config.stash[STATE].settings.base_url:
        pytest_socket.enable_socket()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the outcome of a rule into a judgement, and its traceback into the finding."""
    report = yield
    if CASE not in item.stash or (call.when != "call" and call.excinfo is None):
        return report
    rule, case = item.stash[CASE]
    error = call.excinfo.value if call.excinfo else None
    judgement = judgement_of(rule, case, error, call.duration)
    _tell_allure(item.config.stash[STATE], rule, judgement)
    if not judgement.why.startswith(DEFECT):
        report.longrepr = judgement.message or None
    report.user_properties.append((JUDGEMENT, to_plain(judgement)))
    return report


def _tell_allure(state: State, rule: Rule, judgement: Judgement) -> None:
    allure.label(
        title=state.contract.title,
        family=rule.family,
        rule=rule.name,
        promise=rule.promise,
        severity=rule.severity,
        case=judgement.case,
        told=rule.function.__doc__ or "",
        gateway=judgement.gateway,
        incident=rule.incident,
        incidents=state.contract.incidents,
    )
    if judgement.verdict is not Verdict.HOLDS and state.session:
        targets = judgement.evidence.requests[:2] if judgement.evidence else ()
        shown = [e for e in state.session.source.exchanges if e.request.target in targets and e.request.reading == 1]
        drawn = strips(state.contract, [p for p in state.session.service.seen() if p.gateway == judgement.gateway])
        allure.attach(judgement.evidence, shown, drawn[0] if drawn else None)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, Any] | None:
    """HOLDS, BROKEN and NOT JUDGED in place of passed and failed, for rules."""
    properties = getattr(report, "user_properties", ())  # a report of a collection has none
    verdict = next((value["verdict"] for key, value in properties if key == JUDGEMENT), None)
    if verdict is None:
        return None
    if report.when == "teardown" and not report.failed:
        return None
    short = {Verdict.HOLDS: ".", Verdict.BROKEN: "B", Verdict.NOT_JUDGED: "N"}[Verdict(verdict)]
    style = {Verdict.HOLDS: {"green": True}, Verdict.BROKEN: {"red": True}, Verdict.NOT_JUDGED: {"yellow": True}}
    return str(verdict).lower(), short, (str(verdict), style[Verdict(verdict)])


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Make the Run, write its reports, and set the exit status by the verdict."""
    config = session.config
    state = config.stash[STATE]
    if is_worker(config):
        if state.session:
            config.workeroutput[OBSERVED] = state.session.observed().plain()  # type: ignore[attr-defined]
            config.workeroutput[NOT_PROMISED] = state.not_promised  # type: ignore[attr-defined]
        return
    if state.session and state.judgements and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        _conclude(session, state, state.session)
    if state.session:
        state.session.close()
    if state.folder:
        shutil.rmtree(state.folder, ignore_errors=True)


def _conclude(session: pytest.Session, state: State, opened: Session) -> None:
    observed = merged([*state.observed, opened.observed()]) if state.observed else opened.observed()
    order = {rule: place for place, rule in enumerate(dict.fromkeys(j.rule for j in state.judgements))}
    judgements = sorted(state.judgements, key=lambda judgement: (order[judgement.rule],))
    not_promised = sorted(state.not_promised.items())
    state.run = finished(opened, judgements, observed, state.clock, not_promised, state.planned)
    others_failed = session.testsfailed > sum(j.verdict is not Verdict.HOLDS for j in judgements)
    if not others_failed:
        session.exitstatus = exit_status(state.run.verdict)
    if opened.recording:
        state.said.append(keep(opened, state.settings, state.run))
    directory = Path(session.config.getoption("--report-dir"))
    try:
        state.run = remember(state.run, state.history)
        write_reports(state.run, directory, state.history)
        allure.write_extras(Path(session.config.option.allure_report_dir), state.run)
        append_step_summary(state.run)
    except ReportError as error:
        state.said.append(f"the reports are not complete: {error}")
        session.exitstatus = EXIT_USAGE


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the report of the run."""
    run = config.stash[STATE].run
    if run is None:
        return
    paint = terminal.coloured if terminalreporter.hasmarkup else terminal.plain
    unicode = "utf" in (sys.stdout.encoding or "utf").lower()
    terminalreporter.write_line("")
    terminalreporter.write_line(terminal.render(run, paint, unicode).rstrip())
    for line in config.stash[STATE].said:
        terminalreporter.write_line(line)
    terminalreporter.write_line("")
