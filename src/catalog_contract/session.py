"""One run of the rulebook, without pytest: which contract, which source, what was observed, and the Run of it."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog_contract import manifest
from catalog_contract.catalog import Service, Source
from catalog_contract.contract import Contract
from catalog_contract.contract_file import load_contract
from catalog_contract.diagnosis import diagnose, limits
from catalog_contract.judging import counts
from catalog_contract.rule import Rule
from catalog_contract.source import CassetteSource, LiveSource, OnceSource, RecordingSource, key_from_environment
from catalog_contract.strip import strips
from catalog_contract.verdict import Judgement, PageSeen, RequestSeen, Run

DEFAULT_CONTRACT = "gatewayz"


class SettingsError(ValueError):
    """The settings of a run do not go together; the message is one line for the user."""


@dataclass(frozen=True)
class Settings:
    """What the user asked for. None stands for "not said".

    `rate` is in requests a second, `most_requests` caps what a run may send.
    """

    contract: str | None = None
    base_url: str | None = None
    cassette: str | None = None
    record: str | None = None
    rate: float | None = None
    most_requests: int | None = None

    @property
    def live(self) -> bool:
        """Whether a live service is judged; a run that records asks only what a recording can be asked again."""
        return bool(self.base_url) and not self.record


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


def merged(seen: Iterable[Observed]) -> Observed:
    """What several workers saw, each request once."""
    everything = list(seen)
    pages = {(p.gateway, p.target, p.reading, p.bulk, p.walk): p for one in everything for p in one.pages}
    requests = {(r.target, r.added, r.reading): r for one in everything for r in one.requests}
    unplayed = [set(one.unplayed) for one in everything]
    left = set.intersection(*unplayed) if unplayed else set()
    return Observed(tuple(pages.values()), tuple(requests.values()), tuple(sorted(left)))


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
    return rule.not_promised_by(contract)


def contract_of(settings: Settings) -> Contract:
    """The contract to judge by: the one named, else that of the cassette, else the default.

    Raises SettingsError, ContractError or CassetteError, each with one line for the user.
    """
    if settings.base_url and settings.cassette:
        raise SettingsError("--base-url asks a live service and --cassette a recording: give one of them")
    if settings.record and not settings.base_url:
        raise SettingsError("--record writes what a live service answers: give --base-url too")
    recorded = manifest.entry(settings.cassette)
    return load_contract(settings.contract or (recorded.contract if recorded else "") or DEFAULT_CONTRACT)


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


@dataclass
class Clock:
    """When a run began, for its report: wall-clock time in UTC, and seconds since."""

    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    _begun: float = field(default_factory=time.perf_counter)

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
) -> Run:
    """The Run of a session: everything its reports may show."""
    contract, pages = session.contract, observed.pages
    return Run(
        contract=contract.name,
        title=contract.title,
        source=session.label,
        origin=session.origin,
        started=clock.started,
        seconds=round(clock.seconds, 3),
        judgements=tuple(judgements),
        counts=counts(contract, pages, judgements),
        requests=observed.requests,
        planned=planned,
        incidents=tuple(contract.incidents.items()),
        diagnosis=diagnose(contract, pages, judgements),
        strips=strips(contract, pages),
        not_promised=tuple(not_promised),
        notes=(*limits(contract, judgements, pages), *_notes(session, observed)),
    )


def _notes(session: Session, observed: Observed) -> list[str]:
    """What is to be said aloud of the run itself: its source, its retries, what was left unplayed, what is retired."""
    notes = [f"the answers are recorded: {session.origin}"] if session.cassette else []
    retired = (c for c in session.contract.collections if c.retired)
    notes += [f"{c.name} is retired since {c.retired}: its promises are not judged" for c in retired]
    tried = sum(len(request.retries) for request in observed.requests)
    notes += [f"{tried} tries were repeated before an answer came; see the requests"] if tried else []
    return notes
