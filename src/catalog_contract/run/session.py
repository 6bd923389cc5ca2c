"""One run of the rulebook, without pytest: which contract, which source, what was observed, and the Run of it."""

import contextlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from catalog_contract.catalog.service import Service
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import NOT_RECORDED, Exchange, Request
from catalog_contract.model.observation import PageSeen, RequestSeen
from catalog_contract.model.verdict import NotJudged
from catalog_contract.run import har, shards
from catalog_contract.run.observed import Observed
from catalog_contract.run.settings import Settings, SettingsError, other_source, transport_of
from catalog_contract.transport.base import Source
from catalog_contract.transport.cassette import manifest
from catalog_contract.transport.cassette.recorder import RecordingSource
from catalog_contract.transport.cassette.source import CassetteSource
from catalog_contract.transport.har.source import HarSource
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.secret import Key
from catalog_contract.transport.shared import CachingSource
from catalog_contract.transport.spool import Spool
from catalog_contract.util.urls import shown_url


@dataclass
class Session:
    """A contract, its source and the service behind it; made once in every process of a run."""

    contract: Contract
    source: CachingSource
    label: str
    origin: str
    recording: RecordingSource | None = None
    cassette: CassetteSource | HarSource | None = None
    other: CachingSource | None = None
    base_url: str = ""
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        self.service = Service(self.contract, self.source, self.other)

    def observed(self) -> Observed:
        """What this process has seen so far."""
        asked = (exchange for exchange in self.source.exchanges if not self._made_up(exchange.failure or ""))
        requests = [_seen(exchange, exchange.request.label) for exchange in asked]
        # By the whole URL: the same request to the service that is judged is another one.
        requests += [_seen(exchange, exchange.url) for exchange in (self.other.exchanges if self.other else ())]
        unplayed = tuple(self.cassette.unplayed()) if self.cassette else ()
        return Observed(self._pages(), tuple(requests), unplayed, self.service.compared())

    def _pages(self) -> tuple[PageSeen, ...]:
        """The pages that were asked for; where another client stopped on its way, that the next one is missing too."""
        if not self.contract.followed:
            return self.service.seen()
        read: set[str] = set()
        for catalog in self.service.catalogs:
            with contextlib.suppress(NotJudged):
                read |= {page.exchange.request.target for page in catalog.bulk().pages}
        return tuple(page for page in self.service.seen() if page.target in read or not self._made_up(page.failure))

    def _made_up(self, failure: str) -> bool:
        """Whether a request was made by nobody: it is of the plan, and no other client had reason to ask it."""
        return self.contract.followed and failure == NOT_RECORDED

    def close(self) -> None:
        """Let go of connections and files."""
        self.source.close()
        if self.other:
            self.other.close()


def _seen(exchange: Exchange, target: str) -> RequestSeen:
    """A request as the reports list it."""
    return RequestSeen(
        target=target,
        status=exchange.status,
        seconds=exchange.seconds,
        size=exchange.size,
        retries=exchange.retries,
        failure=exchange.failure or "",
        reading=exchange.request.reading,
        added=", ".join(f"{name}: {value}" for name, value in exchange.request.headers),
    )


def open_session(settings: Settings, contract: Contract, folder: Path | None = None) -> Session:
    """The session that the settings ask for; `folder` is what the workers of one run share.

    Raises SettingsError, CassetteError or SourceError, each with one line for the user.
    """
    if settings.base_url:
        return _live(contract, settings, settings.base_url, folder)
    if settings.har:
        return _of_another_client(contract, settings.har)
    return _recorded(contract, settings.cassette or contract.cassette)


def _of_another_client(contract: Contract, path: Path) -> Session:
    recording = har.found(path, contract)
    source = har.source_of(recording, contract)
    missing = har.left_out(load_contract(str(contract.path)), contract.collections)
    origin = "; ".join(filter(None, (recording.origin, missing)))
    return Session(contract, CachingSource(source), source.label, origin, cassette=source)


def _live(contract: Contract, settings: Settings, base_url: str, folder: Path | None) -> Session:
    transport = transport_of(settings, contract, base_url)
    stored = shards.stored_answers(settings, contract)
    if settings.shard:
        transport = shards.share(transport, contract, settings.shard)
    if stored and settings.most_requests is None:
        transport = shards.rest(transport, stored)
    live = LiveSource(base_url, transport, Key.from_environment(contract.request.key), folder)
    recording = _recording(contract, live, settings.record, base_url) if settings.record else None
    inner: Source = recording or live
    if settings.shard:
        inner = shards.part_source(live, settings, contract)
    if stored:
        inner = shards.MergedSource(stored, contract, live, offline=settings.offline)
    other = _other(settings, contract, folder / "against" if folder else None) if settings.against else None
    return Session(
        contract,
        CachingSource(inner, folder, Spool()),
        live.label,
        shards.origin(settings, stored),
        recording=recording,
        other=other,
        base_url=shown_url(base_url),
    )


def _other(settings: Settings, contract: Contract, folder: Path | None) -> CachingSource:
    return CachingSource(other_source(settings, contract, folder), folder, Spool())


def _recording(contract: Contract, live: LiveSource, name: str, base_url: str) -> RecordingSource:
    """What records the service, with the headers that the contract reads."""
    return RecordingSource(live, manifest.path_of(name), contract.envelope.headers, base_url.strip().rstrip("/"))


def _recorded(contract: Contract, name: str | None) -> Session:
    if not name:
        raise SettingsError(f"the contract {contract.name} names no cassette: give --base-url URL or --cassette NAME")
    cassette = CassetteSource(manifest.found(name), contract.base_url)
    known = manifest.entry(name)
    origin = known.description() if known else "not in the MANIFEST: where it came from is not known"
    return Session(contract, CachingSource(cassette), f"cassette {name}", origin, cassette=cassette)


MAX_PLANNED = 20_000
"""How many requests of a recording may be planned."""


def too_many(contract: Contract, settings: Settings, planned: int, elsewhere: int = 0, *, least: bool = False) -> str:
    """Why a run may not start that plans that many requests, or at `least` that many; empty when it may.

    `elsewhere` are those of the other deployment, which is asked no more than the one judged. The limit of the contract
    is for live runs.
    """
    if settings.most_requests is not None:
        most, whose = settings.most_requests, "--max-requests"
    elif settings.base_url:
        most, whose = contract.transport.maximum_requests, f"the contract {contract.name}"
    else:
        most, whose = MAX_PLANNED, "a recording"
    planned = max(planned, elsewhere)
    many = f"at least {planned}" if least else str(planned)
    return f"{many} requests are planned, {whose} allows {most}: choose with -k" if planned > most else ""


def fetch_ahead(source: Source, requests: Sequence[Request], at_a_time: int) -> None:
    """Fetch what is going to be asked for, that many at a time; the source remembers the answers."""
    pool = ThreadPoolExecutor(at_a_time)
    try:
        for _ in pool.map(source.fetch, requests):
            pass
    finally:
        # An interrupt must not wait for a whole plan at a request a second.
        pool.shutdown(cancel_futures=True)
