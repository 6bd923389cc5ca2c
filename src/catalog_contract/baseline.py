"""The baseline: what the last good run listed, by collection, and what is lost, new and renamed since then."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from catalog_contract.contract import Contract, Night
from catalog_contract.judging import bulk_reads
from catalog_contract.nights import changes
from catalog_contract.report.files import write
from catalog_contract.verdict import PageSeen, Run, Verdict


class BaselineError(ValueError):
    """A baseline cannot be used; the message is one line with the file, what is wrong, and what to do."""


def read(path: Path, contract: Contract) -> dict[str, Night]:
    """What the last good run saw of each collection; nothing when there is no such file yet.

    Raises BaselineError when the file cannot be read, is damaged, or is that of another contract.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BaselineError(f"baseline {path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise BaselineError(f"baseline {path}: is not whole JSON; {_REMEDY}") from None
    try:
        nights = {name: Night(data["started"], tuple(ids)) for name, ids in data["collections"].items()}
        sound = all(isinstance(id, str) for night in nights.values() for id in (night.started, *night.ids))
        owner = data["contract"]
    except (KeyError, TypeError, AttributeError):
        sound, owner, nights = False, "", {}
    if not sound or not nights:
        raise BaselineError(f"baseline {path}: holds no lists of ids; {_REMEDY}")
    if owner != contract.name:
        raise BaselineError(f"baseline {path}: is that of the contract {owner}, not of {contract.name}; name another")
    return nights


_REMEDY = "remove it, and the next good run writes it anew"


def keep(path: Path, contract: Contract, run: Run, pages: Sequence[PageSeen], *, whole: bool) -> str:
    """Make a good run the baseline; the line that says what was done. The file is written whole or not at all.

    Good is a run of the whole rulebook in which every promise was judged and none is broken, known or not.
    Raises ReportError when the file cannot be written.
    """
    why = _not_good(run, whole)
    if why:
        return f"baseline {path} " + ("stays as it was: " if path.exists() else "is not written: ") + why
    reads = bulk_reads(contract, pages)
    collections = {name: [id for page in read for id in page.ids if id is not None] for name, read in reads.items()}
    data = {"contract": contract.name, "started": run.started, "collections": collections}
    write(path, json.dumps(data, indent=1, ensure_ascii=True) + "\n")
    ids = sum(map(len, collections.values()))
    return f"baseline {path} written: {ids:,} ids in {len(collections)} collections"


def _not_good(run: Run, whole: bool) -> str:
    found = {judgement.verdict for judgement in run.judgements}
    if Verdict.BROKEN in found:
        return "a promise is broken"
    if Verdict.NOT_JUDGED in found:
        return "not every promise could be judged"
    return "" if whole else "only a part of the rulebook was asked"


def notes(contract: Contract, pages: Sequence[PageSeen]) -> Iterator[str]:
    """What is lost, new and renamed since the last good run, a line for each collection that changed."""
    reads = bulk_reads(contract, pages)
    seen = [name for name in reads if name in contract.baseline and not any(page.failure for page in reads[name])]
    changed = 0
    for name in seen:
        night = contract.baseline[name]
        found = changes(night.ids, [id for page in reads[name] for id in page.ids])
        if found.lost or found.new:
            changed += 1
            yield f"{name}: since the last good run ({night.started}) {found}"
    if seen and not changed:
        yield f"since the last good run ({contract.baseline[seen[0]].started}) no model is lost and none is new"
