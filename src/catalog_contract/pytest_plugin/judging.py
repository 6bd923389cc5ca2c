"""The hooks of a run that judges. Wiring only; what happens is in `session`, `conclude` and `report`."""

import shutil
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import pytest_socket

from catalog_contract.catalog.strip import strips
from catalog_contract.model.exchange import Request
from catalog_contract.model.incident import shown_by
from catalog_contract.model.run import Run
from catalog_contract.model.verdict import EXIT_USAGE, Judgement, Verdict, exit_status
from catalog_contract.pytest_plugin.claims import GUARD, begin, refused, release, replace_old_reports
from catalog_contract.pytest_plugin.command import words_of
from catalog_contract.pytest_plugin.conclude import Places, Results, check, conclude
from catalog_contract.pytest_plugin.options import OPTIONS, asks_the_rulebook, option, path
from catalog_contract.pytest_plugin.state import CASE, STATE, State, allure_results, is_worker, junit_file, spreads
from catalog_contract.pytest_plugin.watching import shows
from catalog_contract.report import allure, ci, terminal
from catalog_contract.report.progress import how_long
from catalog_contract.rules.judge import DEFECT, from_text, judgement_of, to_text
from catalog_contract.rules.planning import plans
from catalog_contract.rules.rule import Rule
from catalog_contract.rules.selection import keyword
from catalog_contract.run import shards
from catalog_contract.run.accepted import marked
from catalog_contract.run.finish import Clock
from catalog_contract.run.invocation import invocation
from catalog_contract.run.recording import check as check_recording
from catalog_contract.run.session import Session, too_many
from catalog_contract.run.settings import (
    REFUSED,
    Settings,
    SettingsError,
    accepted_of,
    contract_of,
    number,
    probes,
    whole_number,
    with_the_service,
)
from catalog_contract.util.claim import Claim, shared_folder
from catalog_contract.util.crash import crash_line
from catalog_contract.util.text import block, inert, line, visible
from catalog_contract.util.urls import shown_url, without_logins

pytest_plugins = [f"catalog_contract.pytest_plugin.{part}" for part in ("guard", "collect", "workers", "watching")]

JUDGEMENT = "catalog_contract_judgement"
SESSION = pytest.StashKey[pytest.Session]()
LONGEST = 8_000
"""How many characters of a finding pytest shows."""
NEVER_EMPTY = (
    "--base-url", "--contract", "--cassette", "--record", "--report-dir", "--baseline", "--known", "--history",
    "--against", "--har",
)  # fmt: skip
FINISHED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


class Collector:
    """Takes the judgements out of the reports, in the process that prints and writes them."""

    def __init__(self, state: State) -> None:
        self._state = state

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the judgement of a rule once, whatever the phase that brought it."""
        reported = judgement_in(report)
        if reported is not None and report.when != "teardown":
            self._state.judgements.append(reported)
        if report.failed and report.when not in ("setup", "call", "teardown"):
            self._state.workers_lost += 1  # pytest-xdist makes a failed test of it


def judgement_in(report: Any) -> Judgement | None:
    """The judgement that a report carries; None for a test that is not a rule, and for a report of a collection."""
    properties = getattr(report, "user_properties", ())
    return next((from_text(value) for key, value in properties if key == JUDGEMENT), None)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read contract and options; refuse in one line what does not go together."""
    config.addinivalue_line("markers", "rule: a promise of the rulebook")
    if option(config, "--plan"):
        config.option.dist = "no"
    try:
        if option(config, "--report-dir"):
            replace_old_reports(config)
        _refuse_empty(config)
        settings = with_the_service(shards.with_shards(_settings(config)))
        if settings.record and spreads(config):
            raise SettingsError("--record needs one process: several workers lose recordings; leave -n out")
        check_recording(settings)
        contract = contract_of(settings)
        shards.check(settings, contract)
        state = State(contract, settings, accepted_of(settings, contract))
        if began := shards.began(settings):
            state.clock = Clock(began)
        if not is_worker(config) and asks_the_rulebook(config):
            check(_places(config), settings.baseline, junit_file(config))
            if settings.base_url:  # before pytest shows it: it may hold a password
                state.check_source()
        if spreads(config) and settings.base_url:
            state.folder, claim = _shared_folder()
            state.claims.append(claim)
    except REFUSED as error:
        raise refused(config, error) from None
    config.stash[STATE] = state
    config.pluginmanager.register(Collector(state), "catalog-contract-collector")
    config.option.keyword = keyword(config.option.keyword)
    if not config.getoption("allure_report_dir", None) and asks_the_rulebook(config):
        config.option.allure_report_dir = str(allure_results(config))


def _shared_folder() -> tuple[Path, Claim]:
    try:
        return shared_folder()
    except OSError as error:
        raise SettingsError(f"no folder for the workers can be made: {error.strerror or error}; set TMPDIR") from None


def _places(config: pytest.Config) -> Places:
    return Places(Path(option(config, "--report-dir")), allure_results(config), path(option(config, "--history")))


def _refuse_empty(config: pytest.Config) -> None:
    """An empty value is a variable that was not set, never the wish for the default."""
    for name in () if is_worker(config) else NEVER_EMPTY:
        given = option(config, name) if name in OPTIONS else config.getoption(name, None)
        if given == "":
            raise SettingsError(f"{name} is empty: give it a value, or leave it out for the default")


def _settings(config: pytest.Config) -> Settings:
    given = {name: option(config, name) for name in OPTIONS}
    return Settings(
        contract=given["--contract"],
        base_url=config.getoption("--base-url", None) or config.getini("base_url") or None,
        cassette=given["--cassette"],
        record=given["--record"],
        rate=number("--rate", given["--rate"]),
        most_requests=whole_number("--max-requests", given["--max-requests"]),
        most_seconds=number("--max-seconds", given["--max-seconds"]),
        concurrency=whole_number("--concurrency", given["--concurrency"]),
        baseline=path(given["--baseline"]),
        known=path(given["--known"]),
        against=given["--against"],
        reports=Path(given["--report-dir"]),
        sample=whole_number("--sample", given["--sample"]),
        sample_seed=whole_number("--sample-seed", given["--sample-seed"]) or 1,
        shard=shards.shard_of(given["--shard"]),
        merge=tuple(map(Path, given["--merge"] or ())),
        offline=given["--offline"],
        har=path(given["--har"]),
        probes=probes(given["--probes"]),
    )


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Source and contract, before anything is asked."""
    state = config.stash[STATE]
    source = shown_url(state.settings.base_url or "") or state.settings.cassette or state.contract.cassette or "none"
    kind = "live" if state.settings.base_url else "cassette"
    if state.settings.har:
        source, kind = str(state.settings.har), "HAR"
    seconds = state.settings.most_seconds or state.contract.transport.maximum_seconds
    most = f", for {seconds:g} s at most" if state.settings.base_url else ""
    against = [f"compared with: live {line(state.contract.against)}"] if state.contract.against else []
    return [
        f"contract: {line(state.contract.name)} ({line(state.contract.title)})",
        f"source: {kind} {line(source)}{most}{shards.header(state.settings)}",
        *against,
    ]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Open the source, make the plan, and refuse to start when it is larger than allowed."""
    config = session.config
    if is_worker(config) or config.getoption("collectonly"):
        return
    asked = [item.stash[CASE] for item in session.items if CASE in item.stash]
    try:
        if option(config, "--plan"):
            config.stash[STATE].check_source()
            return
        config.stash[STATE].prepare(asked)
        if asked:
            begin(config)
    except REFUSED as error:
        raise refused(config, error) from None


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    """How many requests are planned; all of them with `--plan`."""
    state = config.stash[STATE]
    if not option(config, "--plan"):
        return [state.plan_line] if state.asked else []
    asked = [item.stash[CASE] for item in items if CASE in item.stash]
    if refused := state.too_many_to_plan(asked):
        return [f"not planned, as a run would be refused: {refused}"]
    here, there = plans(state.contract, asked)
    if shard := state.settings.shard:
        own = {request.key for request in shards.own_part(state.contract, shard)}
        here = tuple(request for request in here if request.key in own)
    refused = too_many(state.contract, state.settings, len(here), len(there))
    elsewhere = f" and {len(there)} of {state.contract.against}" if there else ""
    takes = f"; in a run: {how_long(len(here) + len(there), state.rate)}" if state.settings.base_url else ""
    total = f"{state.certainty}{len(here)} requests planned{elsewhere}, none made{state.probes_line}"
    lines = [*map(_planned, here), *(f"{_planned(request)} of {state.contract.against}" for request in there)]
    return [*lines, total + (f"; a run would be refused: {refused}" if refused else takes)]


def _planned(request: Request) -> str:
    line = request.asked if request.method == "POST" else f"GET {request.asked}"
    return f"{line}  (reading {request.reading})" if request.reading > 1 else line


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """With `--plan` nothing is asked; with `--concurrency` what can be is asked before the tests."""
    config = session.config
    if option(config, "--plan"):
        return True
    if not is_worker(config) and not spreads(config):
        config.stash[STATE].fetch_ahead(shared=False)
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A recording is judged without the network."""
    if CASE not in item.stash:
        return
    _, case = item.stash[CASE]
    allure.identify(case.id)
    if not item.config.stash[STATE].settings.base_url:
        pytest_socket.disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """The network is free again for what is not a rule."""
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
    state = item.config.stash[STATE]
    judgement = marked(judgement_of(rule, case, error, call.duration), state.accepted, state.clock.today)
    _tell_allure(state, rule, judgement)
    if not judgement.why.startswith(DEFECT):
        report.longrepr = inert(block(judgement.message, LONGEST)) or None
    if judgement.known:
        report.outcome, report.wasxfail = "skipped", judgement.known
    report.user_properties.append((JUDGEMENT, to_text(judgement)))
    return report


def _tell_allure(state: State, rule: Rule, judgement: Judgement) -> None:
    allure.label(
        title=state.contract.title,
        family=rule.family,
        rule=rule.name,
        promise=rule.promise,
        severity=rule.severity,
        case=judgement.case,
        reported=rule.function.__doc__ or "",
        collection=judgement.collection,
        incidents=shown_by(rule.name, state.contract.incidents),
    )
    if judgement.verdict is not Verdict.HOLDS and state.session:
        targets = judgement.evidence.requests[:2] if judgement.evidence else ()
        shown = [e for e in state.session.source.exchanges if e.request.label in targets and e.request.reading == 1]
        seen = state.session.service.seen() if judgement.verdict is Verdict.BROKEN else ()
        drawn = strips(state.contract, [page for page in seen if page.collection == judgement.collection])
        allure.attach(judgement.evidence, shown, drawn[0] if drawn else None)


def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, Any] | None:
    """HOLDS, BROKEN, KNOWN and NOT JUDGED in place of passed and failed, for rules."""
    reported = judgement_in(report)
    if reported is None or (report.when == "teardown" and not report.failed):
        return None
    if shows(config) and not spreads(config):
        return (
            "known" if reported.known else str(reported.verdict).lower(),
            "",
            "",
        )  # the line of the progress is there instead
    if reported.known:
        return "known", "K", ("KNOWN", {"yellow": True})
    short = {Verdict.HOLDS: ".", Verdict.BROKEN: "B", Verdict.NOT_JUDGED: "N"}[reported.verdict]
    style = {Verdict.HOLDS: {"green": True}, Verdict.BROKEN: {"red": True}, Verdict.NOT_JUDGED: {"yellow": True}}
    return str(reported.verdict).lower(), short, (str(reported.verdict), style[reported.verdict])


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Make the Run, write its reports, and set the exit status by the verdict."""
    session.config.stash[SESSION] = session
    state = session.config.stash[STATE]
    if is_worker(session.config) or state.session is None:
        return
    try:
        interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
        if interrupted or (state.judgements and exitstatus in FINISHED):
            _conclude(session, state, state.session, exitstatus)
    except Exception as defect:  # pytest would let it through, and Python end with 1: a promise is broken
        state.lines.append(f"catalog-contract: {crash_line(defect)}")
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
    finally:
        state.session.close()


def _conclude(session: pytest.Session, state: State, opened: Session, status: int) -> None:
    observed = [*state.observed, opened.observed()]
    called = invocation(words_of(session.config), shards.with_shards(_settings(session.config)), state.contract)
    left_out = sorted(state.not_promised.items())
    reported = Results(
        state.asked,
        state.judgements,
        observed,
        left_out,
        state.planned,
        state.accepted,
        called,
        interrupted=status == pytest.ExitCode.INTERRUPTED,
    )
    outcome = conclude(opened, state.settings, reported, _places(session.config), state.clock)
    state.run, state.lines = outcome.run, outcome.lines
    if why := session.config.stash[GUARD].allure.failed:
        outcome.lines.append(f"the Allure results are not complete: {why}")
        outcome.complete = False
    failed = sum(j.verdict is not Verdict.HOLDS and not j.known for j in state.judgements)
    if not outcome.complete:
        session.exitstatus = EXIT_USAGE
    elif state.workers_lost and outcome.run.verdict is not Verdict.BROKEN:
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
    elif status in FINISHED and session.testsfailed <= failed:
        session.exitstatus = exit_status(outcome.run.verdict)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the workers shared."""
    state = config.stash.get(STATE, None)
    if state and state.folder and not is_worker(config):
        shutil.rmtree(state.folder, ignore_errors=True)
    while state and state.claims:
        state.claims.pop().release()
    release(config)


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """Print the report of the run."""
    state = config.stash[STATE]
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        state.lines.append("no rule selected: no case fits -k or -m; `catalog-contract explain` lists the rules")
    try:
        if state.run is not None:
            _print(terminalreporter, state.run)
            page = Path(option(config, "--report-dir")) / "verdict.html"
            state.lines += [f"report: {without_logins(str(page))}"] if page.is_file() else []
    except Exception as defect:  # as in pytest_sessionfinish
        state.lines.append(f"catalog-contract: {crash_line(defect)}")
        config.stash[SESSION].exitstatus = pytest.ExitCode.INTERNAL_ERROR
    for lines in state.lines:
        terminalreporter.write_line(inert(visible(lines)))
    if state.lines or state.run:
        terminalreporter.write_line("")
    if state.run and ci.in_actions(ci.variables()):
        for command in ci.annotations(state.run, _file_of(state)):
            terminalreporter.write_line(command)


def _file_of(state: State) -> str:
    """The contract where it is a file of the user's own, for annotations to point to; empty where it is shipped."""
    given = state.settings.contract or ""
    return given if Path(given).is_file() and not Path(given).is_absolute() else ""


def _print(terminalreporter: Any, run: Run) -> None:
    paint = terminal.coloured if terminalreporter.hasmarkup else terminal.plain
    unicode = "utf" in (sys.stdout.encoding or "utf").lower()
    terminalreporter.write_line("")
    terminalreporter.write_line(terminal.render(run, paint, unicode, terminal.width_of(sys.stdout)).rstrip())
