"""What the user asked for, checked before anything is asked of the service."""

import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalog_contract.contracts.load import ContractError, load_contract
from catalog_contract.model.contract import Contract, Transport
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.rules.sampling import sampled
from catalog_contract.rules.selection import every_case, unknown_rule
from catalog_contract.run import accepted, baseline, har
from catalog_contract.transport.base import SourceError
from catalog_contract.transport.cassette import manifest
from catalog_contract.transport.live import LiveSource, is_loopback
from catalog_contract.transport.secret import AGAINST_KEY_VARIABLE, Key
from catalog_contract.util.files import ReportError
from catalog_contract.util.refusal import Refusal

MIN_OPTION, MAX_OPTION = 0.001, 10**9
"""What a number given as an option can be: its inverse, and a wait that long, are numbers too."""

DEFAULT_CONTRACT = "gatewayz"


class SettingsError(Refusal, ValueError):
    """The settings of a run do not go together; the message is one line for the user."""


REFUSED = (SettingsError, ContractError, SourceError, ReportError, baseline.BaselineError, accepted.KnownError)
"""What may be wrong with what the user gave; each is one line that says so."""


@dataclass(frozen=True)
class Settings:
    """What the user asked for. None stands for "not stated".

    `rate` is in requests a second, `most_requests` caps what a run may send, `concurrency` is how many requests may
    be under way at a time, `most_seconds` how long the run may ask. `baseline` and `known` are files, `reports`
    is the folder of the reports, `against` the URL of another deployment, `har` a file that a browser or proxy wrote.
    `shard` is which shard of how many, `merge` the folders of the shards to judge together, `offline` that nothing more
    is asked then. `sample` is how many requests of a list are made in place of reading it whole. Raises SettingsError
    for numbers that make no sense.
    """

    contract: str | None = None
    base_url: str | None = None
    cassette: str | None = None
    record: str | None = None
    rate: float | None = None
    most_requests: int | None = None
    concurrency: int | None = None
    most_seconds: float | None = None
    baseline: Path | None = None
    known: Path | None = None
    against: str | None = None
    reports: Path = Path("reports")
    shard: tuple[int, int] | None = None
    merge: tuple[Path, ...] = ()
    offline: bool = False
    har: Path | None = None
    sample: int | None = None
    sample_seed: int = 1
    probes: int | None = None

    def __post_init__(self) -> None:
        for option, value in (
            ("--rate", self.rate),
            ("--max-requests", self.most_requests),
            ("--concurrency", self.concurrency),
            ("--max-seconds", self.most_seconds),
            ("--sample", self.sample),
            ("--sample-seed", self.sample_seed),
        ):
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise SettingsError(f"{option} must be above 0, not {value:g}")
            if value is not None and not (MIN_OPTION <= value <= MAX_OPTION):
                raise SettingsError(f"{option} must be from {MIN_OPTION:g} to {MAX_OPTION:g}, not {value:g}")

    @property
    def most_probes(self) -> int:
        """How many requests a live run may add to decide between causes."""
        return DEFAULT_PROBES if self.probes is None else self.probes

    @property
    def live(self) -> bool:
        """Whether a live service is judged; a run that records asks only what a recording can be asked again."""
        return bool(self.base_url) and not self.record


DEFAULT_PROBES = 3
"""How many requests a live run may add at the most to decide between causes."""
MAX_PROBES = 50


def probes(text: str | None) -> int | None:
    """The number that --probes gives, 0 for none; None when it is not given. Raises SettingsError."""
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > MAX_PROBES:
        raise SettingsError(f"--probes must be a whole number from 0 to {MAX_PROBES}, not {text[:40]!r}")
    return int(text)


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


def with_the_service(settings: Settings) -> Settings:
    """The settings, live where a contract file of the user's own is the only thing that names a source: its base URL.

    A shipped contract, which is given by its name, asks no service by itself. Raises ContractError.
    """
    if settings.base_url or settings.cassette or settings.record or settings.har or not settings.contract:
        return settings
    contract = load_contract(settings.contract)
    shipped = contract.name == settings.contract
    return settings if contract.cassette or shipped else replace(settings, base_url=contract.base_url)


def contract_of(settings: Settings) -> Contract:
    """The contract to judge by: the one named, else that of the cassette, else the default; with its baseline.

    Raises SettingsError, ContractError, CassetteError or BaselineError, each with one line for the user.
    """
    if settings.base_url and settings.cassette:
        raise SettingsError("--base-url asks a live service and --cassette a recording: give one of them")
    if settings.record and not settings.base_url:
        raise SettingsError("--record writes what a live service answers: give --base-url too")
    if settings.har and (settings.base_url or settings.cassette):
        raise SettingsError("--har judges what was recorded: leave --base-url and --cassette out")
    recorded = manifest.entry(settings.cassette)
    contract = load_contract(settings.contract or (recorded.contract if recorded else "") or DEFAULT_CONTRACT)
    if wrong := unknown_rule(contract):
        raise SettingsError(wrong)
    _check_concurrency(settings, contract.transport.maximum_concurrency)
    if settings.har:
        contract = har.followed(contract, har.found(settings.har, contract))
    if settings.against:
        contract = replace(contract, against=_other_deployment(settings, contract))
    if settings.sample:
        contract = _sampled(settings, settings.sample, contract)
    if not settings.baseline:
        return contract
    snapshots = baseline.read(settings.baseline, contract, source_of(settings, contract), datetime.now(UTC))
    return replace(contract, baseline=snapshots)


def _sampled(settings: Settings, requests: int, contract: Contract) -> Contract:
    if settings.shard or settings.merge or settings.record or settings.against or settings.har:
        raise SettingsError("--sample reads no list whole: leave --shard, --record, --against and --har out")
    try:
        return sampled(contract, requests, settings.sample_seed)
    except ValueError as error:
        raise SettingsError(f"--sample {requests} is too few: {error} are the least") from None


def source_of(settings: Settings, contract: Contract) -> str:
    """What the reports will call the source; empty where none is named. Raises SourceError for a bad base URL."""
    if settings.base_url:
        return LiveSource(settings.base_url, key=Key.from_environment()).label
    if settings.har:
        return f"HAR {settings.har.name}"
    name = settings.cassette or contract.cassette
    return f"cassette {name}" if name else ""


def _other_deployment(settings: Settings, contract: Contract) -> str:
    """The address of the deployment to compare with. Raises SettingsError where there is nothing to compare."""
    if not settings.base_url:
        raise SettingsError("--against compares a live service with another one: give --base-url too")
    if settings.record:
        raise SettingsError("--record writes what one service answers: leave --against out")
    there = other_source(settings, contract).label.removeprefix("live ")
    if f"live {there}" == source_of(settings, contract):
        raise SettingsError("--against names the service that is judged: give another deployment of it")
    return there


def other_source(settings: Settings, contract: Contract, folder: Path | None = None) -> LiveSource:
    """The deployment to compare with, asked as politely as the one that is judged, and with a key of its own.

    Raises SettingsError for a URL that cannot be used, SourceError for such a key.
    """
    url = settings.against or ""
    key = Key.from_environment(contract.request.key, AGAINST_KEY_VARIABLE)
    try:
        return LiveSource(url, transport_of(settings, contract, url), key, folder)
    except SourceError as error:
        raise SettingsError(f"--against: {error}") from None


def transport_of(settings: Settings, contract: Contract, url: str) -> Transport:
    """How a service is asked: as the contract says, but for what the settings say; on loopback at any rate."""
    given: dict[str, Any] = {
        "requests_per_second": math.inf if settings.rate is None and is_loopback(url) else settings.rate,
        "maximum_requests": settings.most_requests,
        "maximum_seconds": settings.most_seconds,
    }
    return replace(contract.transport, **{word: value for word, value in given.items() if value is not None})


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


def accepted_of(settings: Settings, contract: Contract) -> tuple[accepted.Known, ...]:
    """The known breakages that the settings name; none without a file.

    Raises KnownError, also for an entry whose case is not one of those that the contract gives its rule: it would
    never be missed.
    """
    if not settings.known:
        return ()
    entries = accepted.read(settings.known, {rule.name for rule in rulebook()})
    cases = [
        Judgement(rule.name, case.id, case.collection, Verdict.HOLDS) for rule, case in every_case(contract, live=True)
    ]
    for entry in entries:
        of_rule = [case for case in cases if case.rule == entry.rule]
        if of_rule and not any(entry.fits(case) for case in of_rule):
            message = (
                f"no case of {entry.rule} is {entry.case!r}; there are {', '.join(case.case for case in of_rule[:3])}"
            )
            raise accepted.KnownError(
                f"known breakages {settings.known}: {message}{', ...' if len(of_rule) > 3 else ''}"
            )
    return entries
