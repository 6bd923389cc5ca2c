"""What becomes of a recording at the end of a run: kept, or the old cassette left as it was, and why."""

from datetime import UTC, datetime

from catalog_contract import manifest
from catalog_contract.manifest import Entry
from catalog_contract.session import Session, Settings
from catalog_contract.source import CassetteError
from catalog_contract.verdict import Run, Verdict


def keep(session: Session, settings: Settings, run: Run) -> str:
    """Put the recording of a run in place and into the MANIFEST; the line that says what was done.

    A recording is kept only when every answer could be had: what broke a promise is worth keeping, what could
    not be observed is not.
    """
    recording, name = session.recording, settings.record or ""
    assert recording is not None
    why = "; ".join(recording.unrecorded[:3]) or _defect(run)
    if why:
        recording.discard()
        return f"not recorded, {name} stays as it was: {why}"
    try:
        changed = recording.commit()
    except (CassetteError, ValueError, OSError) as error:
        return f"not recorded: {error}"
    path = manifest.path_of(name)
    if path.parent != manifest.CASSETTES:
        return f"recorded {len(recording.exchanges)} answers in {path}"
    plain = path.name.removesuffix(manifest.SUFFIX)
    known = manifest.entry(plain)
    if changed or known is None:
        day = datetime.now(UTC).date().isoformat()
        contract = str(session.contract.path) if "/" in (settings.contract or "") else session.contract.name
        manifest.put(Entry(plain, settings.base_url or "", day, contract, manifest.sha256_of(path)))
    return f"recorded {len(recording.exchanges)} answers as {plain}" + ("" if changed else ": nothing has changed")


def _defect(run: Run) -> str:
    """A defect of the suite among the judgements, which makes a recording incomplete."""
    found = (j for j in run.judgements if j.verdict is Verdict.NOT_JUDGED and j.why.startswith("defect"))
    return next((f"{judgement.rule}: {judgement.why}" for judgement in found), "")
