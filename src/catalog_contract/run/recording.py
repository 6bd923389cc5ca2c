"""What becomes of a recording at the end of a run: kept, or the old cassette left as it was, and why."""

from datetime import UTC, datetime
from pathlib import Path

from catalog_contract.catalog.pagers import Asking
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import Request
from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Verdict
from catalog_contract.run.session import Session
from catalog_contract.run.settings import Settings
from catalog_contract.transport.cassette import manifest
from catalog_contract.transport.cassette.diff import Shape, changes
from catalog_contract.transport.cassette.manifest import Entry
from catalog_contract.transport.cassette.recorder import RecordingSource, recorded_before
from catalog_contract.transport.cassette.storage import CassetteError
from catalog_contract.util import paths
from catalog_contract.util.files import ReportError, writable
from catalog_contract.util.text import line


def check(settings: Settings) -> None:
    """Refuse a recording that could not be kept: over a cassette or into a MANIFEST that cannot be read, or where
    nothing can be written. To be called before anything is asked.

    Raises CassetteError or ReportError with one line; no file is touched.
    """
    if settings.record:
        path = manifest.path_of(settings.record)
        recorded_before(path)
        writable(path, "--record", renamed=True)
        if path.parent == paths.CASSETTES:
            manifest.entries()


def answers_lost(session: Session, settings: Settings) -> int:
    """How many answers of the old cassette the new recording does not have."""
    assert session.recording is not None
    asked = {exchange.request.key for exchange in session.recording.exchanges}
    return sum(old.request.key not in asked for old in recorded_before(manifest.path_of(settings.record or "")) or ())


def keep(session: Session, settings: Settings, run: Run) -> str:
    """Put the recording of a run in place and into the MANIFEST; what was done, and what has changed, in lines.

    A recording is kept only when every answer could be had: what broke a promise is worth keeping, what could
    not be observed is not.
    """
    recording, name = session.recording, settings.record or ""
    assert recording is not None
    why = "; ".join(recording.unrecorded[:3]) or _defect(run)
    if why:
        recording.discard()
        return f"not recorded, {name} stays as it was: {line(why, 400)}"
    path = manifest.path_of(name)
    try:
        changed = recording.commit()
        if path.parent == paths.CASSETTES:
            _enter(path, changed, _contract_of(session, settings), settings.base_url or "")
    except (CassetteError, ReportError, ValueError, OSError) as error:
        return f"not recorded: {line(str(error), 400)}"
    shown = path.name.removesuffix(manifest.SUFFIX) if path.parent == paths.CASSETTES else str(path)
    return "\n".join(
        [f"recorded {len(recording.exchanges)} answers as {shown}", *_reported(recording, session.contract)]
    )


def _enter(path: Path, changed: bool, contract: str, origin: str) -> None:
    """Bring the MANIFEST up to date; the date stays where nothing has changed."""
    name, sha256 = path.name.removesuffix(manifest.SUFFIX), manifest.sha256_of(path)
    known = manifest.entries().get(name)
    if changed or known is None or known.sha256 != sha256:
        day = datetime.now(UTC).date().isoformat()
        manifest.put(Entry(name, origin, day, contract, sha256))


def _contract_of(session: Session, settings: Settings) -> str:
    """The contract as a later run can name it."""
    return str(session.contract.path) if "/" in (settings.contract or "") else session.contract.name


def _reported(recording: RecordingSource, contract: Contract) -> list[str]:
    """What has changed against the old cassette, in lines."""
    if not recording.old:
        return ["  a new cassette"]
    asking = Asking(contract)

    def collection(request: Request) -> str:
        return str(asking.value(request, contract.parameters.collection) or "")

    shape = Shape(contract.envelope.items, contract.item.id, contract.words.several_items, collection)
    reported = changes(recording.old, recording.exchanges, shape)
    return [f"  {line(one, 400)}" for one in reported] or ["  nothing has changed"]


def _defect(run: Run) -> str:
    """A defect of the suite among the judgements, which makes a recording incomplete."""
    found = (j for j in run.judgements if j.verdict is Verdict.NOT_JUDGED and j.why.startswith("defect"))
    return next((f"{judgement.rule}: {judgement.why}" for judgement in found), "")
