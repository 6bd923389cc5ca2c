"""One run of the rulebook, without pytest: which contract, which source, what was observed, and the Run of it."""

import math
import re
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from catalog_contract import baseline, known, manifest
from catalog_contract.cases import BASELINE
from catalog_contract.catalog import Source
from catalog_contract.contract import Contract
from catalog_contract.contract_file import ContractError, load_contract
from catalog_contract.diagnosis import diagnose, limits
from catalog_contract.exchange import Request
from catalog_contract.judging import counts
from catalog_contract.report.files import ReportError
from catalog_contract.report.text import counted
from catalog_contract.rule import Rule
from catalog_contract.rulebook import rulebook
from catalog_contract.selection import every_case, in_order
from catalog_contract.service import Service
from catalog_contract.source import (
    CassetteSource,
    LiveSource,
    OnceSource,
    RecordingSource,
    SourceError,
    key_from_environment,
)
from catalog_contract.strip import strips
from catalog_contract.verdict import Judgement, PageSeen, RequestSeen, Run, Verdict

DEFAULT_CONTRACT = "gatewayz"


class SettingsError(ValueError):
    """The settings of a run do not go together; the message is one line for the user."""


REFUSED = (SettingsError, ContractError, SourceError, ReportError, baseline.BaselineError, known.KnownError)
"""What may be wrong with what the user gave; each is one line that says so."""


@dataclass(frozen=True)
class Settings:
    """What the user asked for. None stands for "not said".

    `rate` is in requests a second, `most_requests` caps what a run may send, `concurrency` is how many requests may
    be under way at a time. `baseline` and `known` are files. Raises SettingsError for numbers that make no sense.
    """

    contract: str | None = None
    base_url: str | None = None
    cassette: str | None = None
    record: str | None = None
    rate: float | None = None
    most_requests: int | None = None
    concurrency: int | None = None
    baseline: Path | None = None
    known: Path | None = None

    def __post_init__(self) -> None:
        for option, value in (
            ("--rate", self.rate),
            ("--max-requests", self.most_requests),
            ("--concurrency", self.concurrency),
        ):
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise SettingsError(f"{option} must be above 0, not {value:g}")

    @property
    def live(self) -> bool:
        """Whether a live service is judged; a run that records asks only what a recording can be asked again."""
        return bool(self.base_url) and not self.record


def whole_number(option: str, text: str | None) -> int | None:
    """The whole number that an option gives; None when it is not given. Raises SettingsError."""
    if text is None:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise SettingsError(f"{option} must be a whole number above 0, not {text[:40]!r}")
    return int(text)


def number(option: str, text: str | None) -> float | None:
    """The number that an option gives; None when it is not given. Raises SettingsError."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"{option} must be a number above 0, not {text[:40]!r}") from None


@dataclass(frozen=True)
class Observed:
    """What one process saw: every listing answer and every request. Travels as plain values between workers."""

    pages: tuple[PageSeen, ...] = ()
    requests: tuple[RequestSeen, ...] = ()
    unplayed: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """The same as dictionaries and lists."""
        return asdict(self)

    @classmethod
    def from_plain(cls, values: dict[str, Any]) -> "Observed":
        """What `plain` gave."""
        pages = (PageSeen(**{**page, "ids": tuple(page["ids"])}) for page in values["pages"])
        requests = (RequestSeen(**{**request, "retries": tuple(request["retries"])}) for request in values["requests"])
        return cls(tuple(pages), tuple(requests), tuple(values["unplayed"]))


def merged(seen: Iterable[Observed], contract: Contract) -> Observed:
    """What several workers saw, each request once and in an order that does not tell who asked first."""
    everything = list(seen)
    places = {collection.name: place for place, collection in enumerate(contract.collections)}
    pages = {page for one in everything for page in one.pages}
    requests = {(r.target, r.added, r.reading): r for one in everything for r in one.requests}
    unplayed = [set(one.unplayed) for one in everything]
    left = set.intersection(*unplayed) if unplayed else set()
    return Observed(
        tuple(sorted(pages, key=lambda p: (places[p.gateway], natural(p.target), p.reading, p.bulk, p.walk))),
        tuple(sorted(requests.values(), key=lambda r: (natural(r.target), r.added, r.reading))),
        tuple(sorted(left, key=natural)),
    )


def natural(text: str) -> list[object]:
    """A key that sorts texts as a person would: offset=200 before offset=1000."""
    return [int(part) if odd % 2 else part for odd, part in enumerate(re.split(r"([0-9]{1,18})", text))]


@dataclass
class Session:
    """A contract, its source and the service behind it; made once in every process of a run."""

    contract: Contract
    source: OnceSource
    label: str
    origin: str
    recording: RecordingSource | None = None
    cassette: CassetteSource | None = None
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        self.service = Service(self.contract, self.source)

    def observed(self) -> Observed:
        """What this process has seen so far."""
        requests = tuple(
            RequestSeen(
                target=exchange.request.target,
                status=exchange.status,
                seconds=exchange.seconds,
                size=len(exchange.body or b""),
                retries=exchange.retries,
                failure=exchange.failure or "",
                reading=exchange.request.reading,
                added=", ".join(f"{name}: {value}" for name, value in exchange.request.headers),
            )
            for exchange in self.source.exchanges
        )
        unplayed = tuple(self.cassette.unplayed()) if self.cassette else ()
        return Observed(self.service.seen(), requests, unplayed)

    def close(self) -> None:
        """Let go of connections and files."""
        self.source.close()


def why_not(rule: Rule, contract: Contract, *, live: bool) -> str:
    """Why a rule is not asked in a run; empty when it is."""
    if rule.live and not live:
        return "only a live service can be asked for it"
    if BASELINE in rule.arguments and not contract.baseline:
        return "no baseline given: what the last good night listed is not known"
    if BASELINE in rule.arguments and not any(c.name in contract.baseline for c in contract.collections):
        return "the baseline covers no collection of this contract"
    return rule.not_promised_by(contract)


def contract_of(settings: Settings) -> Contract:
    """The contract to judge by: the one named, else that of the cassette, else the default; with its baseline.

    Raises SettingsError, ContractError, CassetteError or BaselineError, each with one line for the user.
    """
    if settings.base_url and settings.cassette:
        raise SettingsError("--base-url asks a live service and --cassette a recording: give one of them")
    if settings.record and not settings.base_url:
        raise SettingsError("--record writes what a live service answers: give --base-url too")
    recorded = manifest.entry(settings.cassette)
    contract = load_contract(settings.contract or (recorded.contract if recorded else "") or DEFAULT_CONTRACT)
    _check_concurrency(settings, contract.transport.maximum_concurrency)
    if not settings.baseline:
        return contract
    nights = baseline.read(settings.baseline, contract, source_of(settings, contract), datetime.now(UTC))
    return replace(contract, baseline=nights)


def source_of(settings: Settings, contract: Contract) -> str:
    """What the reports will call the source; empty where none is named. Raises SourceError for a bad base URL."""
    if settings.base_url:
        return LiveSource(settings.base_url, key=key_from_environment()).label
    name = settings.cassette or contract.cassette
    return f"cassette {name}" if name else ""


def _check_concurrency(settings: Settings, most: int) -> None:
    wanted = settings.concurrency
    if wanted is None:
        return
    if not settings.base_url:
        raise SettingsError("--concurrency is for a live service: give --base-url too, or leave it out")
    if settings.record and wanted > 1:
        raise SettingsError("--record asks one request at a time: leave --concurrency out")
    if wanted > most:
        raise SettingsError(f"--concurrency {wanted}: the contract allows {most} requests at a time")


def accepted_of(settings: Settings, contract: Contract) -> tuple[known.Known, ...]:
    """The known breakages that the settings name; none without a file.

    Raises KnownError, also for an entry whose case is none of those that the contract gives its rule: it would
    never be missed.
    """
    if not settings.known:
        return ()
    entries = known.read(settings.known, {rule.name for rule in rulebook()})
    cases = [
        Judgement(rule.name, case.id, case.gateway, Verdict.HOLDS) for rule, case in every_case(contract, live=True)
    ]
    for entry in entries:
        of_rule = [case for case in cases if case.rule == entry.rule]
        if of_rule and not any(entry.fits(case) for case in of_rule):
            says = (
                f"no case of {entry.rule} is {entry.case!r}; there are {', '.join(case.case for case in of_rule[:3])}"
            )
            raise known.KnownError(f"known breakages {settings.known}: {says}{', ...' if len(of_rule) > 3 else ''}")
    return entries


def open_session(settings: Settings, contract: Contract, folder: Path | None = None) -> Session:
    """The session that the settings ask for; `folder` is what the workers of one run share.

    Raises SettingsError, CassetteError or SourceError, each with one line for the user.
    """
    if settings.base_url:
        return _live(contract, settings, settings.base_url, folder)
    return _recorded(contract, settings.cassette or contract.cassette)


def _live(contract: Contract, settings: Settings, base_url: str, folder: Path | None) -> Session:
    transport = contract.transport
    if settings.rate is not None:
        transport = replace(transport, requests_per_second=settings.rate)
    if settings.most_requests is not None:
        transport = replace(transport, maximum_requests=settings.most_requests)
    live = LiveSource(base_url, transport, key_from_environment(), folder)
    recording = RecordingSource(live, manifest.path_of(settings.record)) if settings.record else None
    inner: Source = recording or live
    return Session(contract, OnceSource(inner, folder), live.label, "", recording=recording)


def _recorded(contract: Contract, name: str | None) -> Session:
    if not name:
        raise SettingsError(f"the contract {contract.name} names no cassette: give --base-url URL or --cassette NAME")
    cassette = CassetteSource(manifest.path_of(name), contract.base_url)
    known = manifest.entry(name)
    origin = known.told() if known else "not in the MANIFEST: where it came from is not known"
    return Session(contract, OnceSource(cassette), f"cassette {name}", origin, cassette=cassette)


def too_many(contract: Contract, settings: Settings, planned: int) -> str:
    """Why a run may not start that plans so many requests; empty when it may. The contract's limit is for live runs."""
    if settings.most_requests is not None:
        most, whose = settings.most_requests, "--max-requests"
    elif settings.base_url:
        most, whose = contract.transport.maximum_requests, f"the contract {contract.name}"
    else:
        return ""
    return f"{planned} requests are planned, {whose} allows {most}: choose with -k" if planned > most else ""


def fetch_ahead(source: Source, requests: Sequence[Request], at_a_time: int) -> None:
    """Fetch what is going to be asked for, so many at a time; the source remembers the answers."""
    pool = ThreadPoolExecutor(at_a_time)
    try:
        for _ in pool.map(source.fetch, requests):
            pass
    finally:
        # An interrupt must not wait for a whole plan at a request a second.
        pool.shutdown(cancel_futures=True)


@dataclass
class Clock:
    """When a run began, for its report: wall-clock time in UTC, and seconds since."""

    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    _begun: float = field(default_factory=time.perf_counter)

    @property
    def today(self) -> date:
        """The day on which the run began, in UTC."""
        return datetime.fromisoformat(self.started).astimezone(UTC).date()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._begun


def finished(
    session: Session,
    judgements: Sequence[Judgement],
    observed: Observed,
    clock: Clock,
    not_promised: Sequence[tuple[str, str]] = (),
    planned: int | None = None,
    *,
    whole: bool = False,
    accepted: Sequence[known.Known] = (),
    notes: Sequence[str] = (),
) -> Run:
    """The Run of a session: everything its reports may show.

    `whole` says that all cases were asked: what a recording then holds beyond that is told. `accepted` are the
    known breakages, `notes` what else is to be said aloud.
    """
    contract, observed = session.contract, merged([observed], session.contract)
    pages, unplayed = observed.pages, observed.unplayed if whole else ()
    judgements = in_order(judgements, contract)
    new = [judgement for judgement in judgements if not judgement.known]
    told = [*judgements, *known.current(accepted, judgements, clock.today)]
    return Run(
        contract=contract.name,
        title=contract.title,
        source=session.label,
        origin=session.origin,
        started=clock.started,
        seconds=round(clock.seconds, 3),
        judgements=tuple(told),
        counts=counts(contract, pages, judgements),
        requests=observed.requests,
        planned=planned,
        incidents=tuple(contract.incidents.items()),
        diagnosis=diagnose(contract, pages, new),
        strips=strips(contract, pages),
        not_promised=tuple(not_promised),
        notes=(
            *notes,
            *known.untried(accepted, judgements, dict(not_promised)),
            *baseline.gaps(contract, pages),
            *limits(contract, judgements, pages),
            *_notes(session, observed, unplayed),
            *baseline.notes(contract, pages),
        ),
        unplayed=unplayed,
    )


def _notes(session: Session, observed: Observed, unplayed: Sequence[str]) -> list[str]:
    """What is to be said aloud of the run itself: its source, what was left unplayed, its retries."""
    notes = [f"the answers are recorded: {session.origin}"] if session.cassette else []
    if unplayed:
        some = ", ".join(unplayed[:3]) + (f" and {len(unplayed) - 3} more" if len(unplayed) > 3 else "")
        notes.append(
            f"recording and rulebook have parted: {len(unplayed)} recorded answers were asked for by no rule: {some}"
        )
    tried = sum(request.resent for request in observed.requests)
    notes += [f"{counted(tried, 'retry was', 'retries were')} needed; verdict.html says why"] if tried else []
    return notes
