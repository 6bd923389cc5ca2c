"""A run on several machines: what a shard may ask, and the answers of all shards as one source for the merge."""

import hashlib
import json
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from catalog_contract.model.contract import Contract, Transport
from catalog_contract.model.exchange import ELSEWHERE, NOT_ASKED, Exchange, Request
from catalog_contract.rules.shards import Split, split
from catalog_contract.run.settings import Settings, SettingsError
from catalog_contract.run.verdict_file import not_finished
from catalog_contract.transport.answers import NAME, Answers, AnswersError, Origin, PartSource, begin, remove
from catalog_contract.transport.base import Source
from catalog_contract.transport.secret import Key
from catalog_contract.util.files import ReportError
from catalog_contract.util.text import counted, first_few
from catalog_contract.util.version import own_version

MAX_SHARDS = 256


def shard_of(text: str | None) -> tuple[int, int] | None:
    """The shard that `--shard I/N` names, and how many there are; None when it is not given. Raises SettingsError."""
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", text)
    number, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= of <= MAX_SHARDS:
        raise SettingsError(f"--shard is I/N, from 1/N to N/N, N up to {MAX_SHARDS}, as 2/4; not {text[:40]!r}")
    return number, of


def check(settings: Settings, contract: Contract) -> None:
    """Refuse what does not go with `--shard`, and shards that cannot be judged by this contract.

    Raises SettingsError.
    """
    if settings.merge:
        _refuse_changed(settings, contract)
        _refuse_far_apart(settings, contract)
    if settings.shard:
        _refuse_with_shard(settings, settings.shard[1], contract)


def _refuse_with_shard(settings: Settings, shards: int, contract: Contract) -> None:
    if not settings.base_url or settings.record:
        raise SettingsError("--shard splits a live run: give --base-url URL, and leave --cassette and --record out")
    if settings.against:
        raise SettingsError("--against compares whole lists: leave --shard out")
    if settings.baseline:
        raise SettingsError("--baseline belongs to the whole run: give it to catalog-contract merge, not to a shard")
    at_a_time, most = shards * (settings.concurrency or 1), contract.transport.maximum_concurrency
    if at_a_time > most:
        message = f"{shards} shards ask {at_a_time} requests at a time, the contract allows {most}"
        raise SettingsError(f"--shard: {message}; use fewer shards, or raise transport.maximum_concurrency")


def with_shards(settings: Settings) -> Settings:
    """The settings of a merge: contract and base URL are those of the shards. Raises SettingsError or AnswersError."""
    if not settings.merge:
        if settings.offline:
            raise SettingsError("--offline is for catalog-contract merge: a recording is judged offline without it")
        return settings
    if settings.shard or settings.cassette or settings.record or settings.base_url or settings.har:
        others = "--shard, --base-url, --cassette, --record and --har"
        raise SettingsError(f"merge judges what the shards have read: leave {others} out")
    origins = _origins(settings)
    _refuse_strangers(settings.merge, origins)
    return replace(settings, contract=settings.contract or origins[0].contract, base_url=origins[0].base_url)


def _origins(settings: Settings) -> list[Origin]:
    return [_origin(folder) for folder in settings.merge]


def _origin(folder: Path) -> Origin:
    try:
        return Answers(folder / NAME).origin
    except AnswersError:
        if why := not_finished(folder):
            raise SettingsError(f"{why}; run that shard again") from None
        raise


def not_finished_notes(settings: Settings) -> list[str]:
    """What a merge must say of shards that did not finish; the folder of its own reports is this run's."""
    others = [folder for folder in settings.merge if folder.resolve() != settings.reports.resolve()]
    return [f"{why}; its answers may be of an earlier run" for folder in others if (why := not_finished(folder))]


def _refuse_strangers(folders: Sequence[Path], origins: Sequence[Origin]) -> None:
    """Raise SettingsError unless all are different shards of one run."""
    first = origins[0]
    for folder, one in zip(folders, origins, strict=True):
        for word, ours, theirs in (
            ("contract", first.contract, one.contract),
            ("base URL", first.base_url, one.base_url),
            ("number of shards", first.shards, one.shards),
            ("version of catalog-contract", first.version, one.version),
            ("content of the contract", first.promises, one.promises),
        ):
            if ours != theirs:
                shown = "" if word.startswith("content") else f" ({theirs}, not {ours})"
                message = f"{folder} has another {word} than {folders[0]}{shown}"
                raise SettingsError(f"{message}: merge the shards of one run")
        if not 1 <= one.shard <= one.shards <= MAX_SHARDS:
            raise SettingsError(f"{folder / NAME} does not hold the answers of a shard; run that shard again")
    numbers = [one.shard for one in origins]
    for folder, number in zip(folders, numbers, strict=True):
        if numbers.count(number) > 1:
            raise SettingsError(f"shard {number} is given twice, {folder} is one of them: leave one out")


def _refuse_changed(settings: Settings, contract: Contract) -> None:
    """Raise SettingsError where the shards were judged by another contract, or by this one before it was changed."""
    if _origins(settings)[0].promises != digest(contract):
        message = f"the contract {contract.name} is not the one that {settings.merge[0]} was read by"
        raise SettingsError(f"{message}: run the shards again, or name that contract")


def _refuse_far_apart(settings: Settings, contract: Contract) -> None:
    """Raise SettingsError where more time lies between the shards, and the merge that asks, than a run may take."""
    started = [one.started for one in _origins(settings)] + ([] if settings.offline else [time.time()])
    apart, most = max(started) - min(started), settings.most_seconds or contract.transport.maximum_seconds
    if apart > most:
        what = "the shards were begun" if settings.offline else "the first shard and this merge were begun"
        message = f"{what} {apart:,.0f} s apart, a run of this contract may take {most:,.0f} s"
        raise SettingsError(f"{message}: run the shards again, or allow more with --max-seconds")


def digest(contract: Contract) -> str:
    """What a contract promises, in a few letters: two files that say the same word for word have the same."""
    schemas = json.dumps([contract.envelope_schema, contract.item_schema], sort_keys=True)
    return hashlib.sha256(contract.path.read_bytes() + schemas.encode()).hexdigest()[:16]


def begin_answers(settings: Settings, contract: Contract) -> None:
    """Begin the file that this shard keeps its answers in; those that an earlier run left are removed.

    A merge leaves those that it reads. Raises ReportError.
    """
    if not settings.shard:
        if settings.reports.resolve() not in {folder.resolve() for folder in settings.merge}:
            remove(settings.reports)
        return
    number, of = settings.shard
    given = settings.contract or contract.name
    url = Key.from_environment(contract.request.key).hide(settings.base_url or "")
    origin = Origin(given, digest(contract), url.rstrip("/"), number, of, time.time(), own_version())
    try:
        begin(settings.reports / NAME, origin)
    except OSError as error:
        raise ReportError(f"cannot write {settings.reports / NAME}: {error.strerror or error}") from None


_SPLITS: dict[tuple[str, int], Split] = {}


def split_of(contract: Contract, shards: int) -> Split:
    """The split of a contract, made once in a process."""
    key = digest(contract), shards
    if key not in _SPLITS:
        _SPLITS[key] = split(contract, shards)
    return _SPLITS[key]


def own_part(contract: Contract, shard: tuple[int, int]) -> tuple[Request, ...]:
    """The requests of the plan that a shard asks."""
    return split_of(contract, shard[1]).part(shard[0])


def share(transport: Transport, contract: Contract, shard: tuple[int, int]) -> Transport:
    """The rate and the number of requests that a shard may use: all shards together use those of one run."""
    found = split_of(contract, shard[1])
    most = transport.maximum_requests * len(found.part(shard[0])) // max(1, len(found.planned))
    return replace(transport, requests_per_second=transport.requests_per_second / shard[1], maximum_requests=most)


def part_source(live: Source, settings: Settings, contract: Contract) -> PartSource:
    """The live service, as one shard asks it."""
    assert settings.shard is not None
    number, of = settings.shard
    found = split_of(contract, of)

    def elsewhere(request: Request) -> str:
        owner = found.owner(request).shard
        return "" if owner == number else f"{ELSEWHERE} (it belongs to shard {owner} of {of})"

    return PartSource(live, settings.reports / NAME, elsewhere, settings.base_url or "")


class MergedSource:
    """The answers of all shards; what no shard could know of is asked of `live`, unless `offline`.

    That is what depends on the answers of several shards, and what must be read again. What a shard was to ask and has
    not asked is a failure that names the shard.
    """

    def __init__(self, shards: Sequence[Answers], contract: Contract, live: Source, *, offline: bool = False) -> None:
        self._shards = {one.origin.shard: one for one in shards}
        self._split = split_of(contract, shards[0].origin.shards)
        self._live = live
        self._offline = offline
        self._base = shards[0].origin.base_url
        self.label = f"live {self._base}"

    def close(self) -> None:
        """Close the live service."""
        self._live.close()

    def fetch(self, request: Request) -> Exchange:
        """The answer of the shard that asked, else one asked now."""
        owner = self._split.owner(request)
        stored = self._shards.get(owner.shard)
        found = stored.find(request) if stored else None
        cut_short = found is not None and (found.failure or "").startswith(NOT_ASKED)
        if found is not None and (owner.planned or not cut_short):
            return found
        if owner.planned:
            lacks = "has not asked it" if stored else "is missing"
            return self._not_asked(request, f"shard {owner.shard} of {self._split.shards} {lacks}")
        if self._offline:
            return self._not_asked(request, "no shard could know of this request; merge asks it without --offline")
        return self._live.fetch(request)

    def _not_asked(self, request: Request, why: str) -> Exchange:
        return Exchange(request, self._base + request.target, failure=f"{NOT_ASKED}{why}")


def stored_answers(settings: Settings, contract: Contract) -> list[Answers]:
    """The answers of the shards to merge, in the order of the shards; none for a run of one machine."""
    most = int(contract.transport.body_cap_megabytes * 1_000_000) + 65_536
    return sorted((Answers(folder / NAME, most) for folder in settings.merge), key=lambda one: one.origin.shard)


def rest(transport: Transport, shards: Sequence[Answers]) -> Transport:
    """What is left to the merge of the requests that one run may make."""
    return replace(transport, maximum_requests=max(0, transport.maximum_requests - sum(one.sent for one in shards)))


def reported(shards: Sequence[Answers]) -> str:
    """Where the answers of a merge come from, in a line."""
    of, sent = shards[0].origin.shards, sum(one.sent for one in shards)
    there = {one.origin.shard for one in shards}
    missing = [str(number) for number in range(1, of + 1) if number not in there]
    lacking = f"; missing: {first_few(missing, of)}" if missing else ""
    who = f"{counted(len(there), 'shard')} of {of}"
    return f"read by {who} from {begun(shards)} on, {counted(sent, 'request')}{lacking}"


def origin(settings: Settings, stored: Sequence[Answers]) -> str:
    """What is to be reported of where the answers of a run come from; empty for a run of one machine."""
    if settings.shard:
        return f"shard {settings.shard[0]} of {settings.shard[1]}: what it does not ask is judged by merge"
    return reported(stored) if stored else ""


def began(settings: Settings) -> str:
    """When the run began: a merge with its first shard; empty for a run that begins now."""
    return begun([Answers(folder / NAME) for folder in settings.merge]) if settings.merge else ""


def header(settings: Settings) -> str:
    """What a run says of shards before anything is asked."""
    if settings.merge:
        return f", read by {counted(len(settings.merge), 'shard')}"
    return ", shard {} of {}".format(*settings.shard) if settings.shard else ""


def begun(shards: Sequence[Answers]) -> str:
    """When the first shard began, as a run says it."""
    first = min(one.origin.started for one in shards)
    return datetime.fromtimestamp(first, UTC).isoformat(timespec="seconds")
