"""The baseline: what the last good run listed, by collection, and what is lost, new and renamed since then."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog_contract.catalog.compare import changes
from catalog_contract.model.contract import Contract, Snapshot
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Verdict
from catalog_contract.run.counts import bulk_reads
from catalog_contract.run.verdict_file import refuse_verdict
from catalog_contract.util.fields import DateError, amount, when
from catalog_contract.util.files import read_regular, write
from catalog_contract.util.refusal import Refusal
from catalog_contract.util.text import counted, first_few, line


class BaselineError(Refusal, ValueError):
    """A baseline cannot be used; the message is one line with the file, what is wrong, and what to do."""


class _Damage(ValueError):
    """A file is not what a good run has written; the message says of the file what is wrong."""


def read(path: Path, contract: Contract, source: str = "", now: datetime | None = None) -> dict[str, Snapshot]:
    """What the last good run saw of each collection; nothing when there is no such file yet.

    `source` is where the answers of this run come from, `now` when it begins: neither is compared when left out.
    That the file is of another source stands in every snapshot: it may be that of another deployment. Raises
    BaselineError when the file cannot be read, is damaged, or is that of another contract.
    """
    try:
        data = _loaded(path)
        snapshots = _snapshots(data, now) if data else {}
    except OSError as error:
        raise BaselineError(f"baseline {path}: cannot be read ({error.strerror})") from None
    except (_Damage, DateError) as error:
        if why := refuse_verdict(path, "--baseline"):
            raise BaselineError(why) from None
        raise BaselineError(f"baseline {path}: {error}; remove it, and the next good run writes a new one") from None
    if (theirs := data.get("contract", contract.name)) != contract.name:
        message = f"is that of the contract {line(theirs)}, not of {contract.name}; name another, or remove it"
        raise BaselineError(f"baseline {path}: {message}")
    # Files of before the source was kept have none.
    theirs = str(data.get("source") or source)
    if source and theirs != source:
        return {name: replace(snapshot, source=line(theirs)) for name, snapshot in snapshots.items()}
    return snapshots


def _loaded(path: Path) -> dict[str, Any]:
    """What the file holds; nothing when there is none."""
    try:
        data = json.loads(read_regular(path).decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError):
        raise _Damage("is not whole JSON") from None
    if not isinstance(data, dict) or not {"contract", "started", "collections"} <= data.keys():
        raise _Damage("holds no lists of ids")
    return data


def _snapshots(data: dict[str, Any], now: datetime | None) -> dict[str, Snapshot]:
    lists, started = data["collections"], data["started"]
    when(started, now)
    if not lists or not isinstance(lists, dict) or not all(map(_are_ids, lists.values())):
        raise _Damage("holds no lists of ids")
    snapshots = {name: Snapshot(started, tuple(dict.fromkeys(ids))) for name, ids in lists.items()}
    try:
        # Files of before the highest totals were kept have none.
        for name, (most, day) in data.get("most", {}).items():
            when(day, now)
            if name in snapshots:
                snapshots[name] = replace(snapshots[name], most=amount(most), most_on=day)
    except (TypeError, AttributeError, ValueError) as error:
        raise error if isinstance(error, DateError) else _Damage("holds highest totals that are none") from None
    return snapshots


def _are_ids(ids: object) -> bool:
    return isinstance(ids, list) and all(isinstance(id, str) for id in ids)


def keep(path: Path, contract: Contract, run: Run, pages: Sequence[PageSeen], *, whole: bool) -> str:
    """Make a good run the baseline; the line that says what was done. The file is written whole or not at all.

    Good is a run of the whole rulebook in which every promise was judged and none is broken, known or not.
    Raises ReportError when the file cannot be written.
    """
    why = _not_good(run, whole) or _elsewhere(contract)
    if why:
        return f"baseline {path} " + ("stays as it was: " if path.exists() else "is not written: ") + why
    reads = bulk_reads(contract, pages)
    snapshots = {name: Snapshot(run.started, _ids(read), *_most(contract, name)) for name, read in reads.items()}
    data = {
        "contract": contract.name,
        "source": run.source,
        "started": run.started,
        "collections": {name: snapshot.ids for name, snapshot in snapshots.items()},
        "most": {name: snapshot.highest for name, snapshot in snapshots.items()},
    }
    write(path, json.dumps(data, indent=1, ensure_ascii=True) + "\n")
    ids = sum(len(snapshot.ids) for snapshot in snapshots.values())
    return f"baseline {path} written: {counted(ids, 'id')} in {counted(len(snapshots), 'collection')}"


def _ids(read: Sequence[PageSeen]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for page in read for id in page.ids if id is not None))


def _most(contract: Contract, name: str) -> tuple[int, str]:
    """The highest total that the baseline knows of a collection."""
    return contract.baseline[name].highest if name in contract.baseline else (0, "")


def _not_good(run: Run, whole: bool) -> str:
    found = {judgement.verdict for judgement in run.judgements}
    if Verdict.BROKEN in found:
        return "a promise is broken"
    if Verdict.NOT_JUDGED in found:
        return "not every promise could be judged"
    return "" if whole else "only a part of the rulebook was asked"


def _elsewhere(contract: Contract) -> str:
    """That the baseline is of another source, in words; empty where it is not."""
    source = next((snapshot.source for snapshot in contract.baseline.values() if snapshot.source), "")
    return f"it is that of {source}" if source else ""


def gaps(contract: Contract, pages: Sequence[PageSeen]) -> Iterator[str]:
    """What the baseline does not cover, and what has gone gradually, more than one run may lose."""
    reads = bulk_reads(contract, pages)
    if elsewhere := _elsewhere(contract):
        yield f"the baseline is of another source: {elsewhere}; compared all the same, and left as it was"
    left = [name for name in reads if name not in contract.baseline]
    if contract.baseline and left:
        message = f"the baseline does not cover {len(left)} of {counted(len(reads), 'collection')}"
        yield f"{message} ({first_few(left, 20)}): no loss since an earlier run can be seen there"
    for name in _compared(contract, reads):
        now, (most, day) = len(_ids(reads[name])), contract.baseline[name].highest
        collection = contract.collection(name)
        low = collection.lowest_after(most)
        if low <= now < most - collection.may_lose(most):
            shrunk = f"{name} has shrunk: {contract.words.items(most)} on {day[:10]}, {now:,} now"
            yield shrunk + (f"; fewer than {low:,} is a broken promise" if low else "")


def _compared(contract: Contract, reads: dict[str, list[PageSeen]]) -> list[str]:
    """The collections that could be read and that the baseline covers."""
    return [name for name in reads if name in contract.baseline and not any(page.failure for page in reads[name])]


def notes(contract: Contract, pages: Sequence[PageSeen]) -> Iterator[str]:
    """What is lost, new and renamed since the last good run, a line for each collection that changed."""
    reads = bulk_reads(contract, pages)
    seen = _compared(contract, reads)
    changed = 0
    for name in seen:
        snapshot = contract.baseline[name]
        found = changes(snapshot.ids, _ids(reads[name]))
        if found.lost or found.new:
            changed += 1
            yield f"{name}: since the last good run ({snapshot.started}) {found}"
    if seen and not changed:
        where = "" if len(seen) == len(reads) else f" in {counted(len(seen), 'collection')}"
        since = f"since the last good run ({contract.baseline[seen[0]].started})"
        yield f"{since} no {contract.words.item} is lost and none is new{where}"
