"""A folder that one run at a time uses; and what a run that was killed has left."""

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

from catalog_contract.util.files import ReportError

LOCK = ".catalog-contract.lock"
RUNNING = "running"
PREFIX = "catalog-contract-"
OLD_SECONDS = 60
"""A younger folder that nobody has claimed yet may be that of a run which is just being started."""


class Claim:
    """A folder in which no other run writes until `release`.

    `killed` is when a run began (seconds since 1970) that claimed the folder before and never released it; None where
    there was none. Raises ReportError while another run has the folder, and where it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / LOCK
        self._lock = FileLock(self._file, timeout=0)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            left = self._file.read_text(encoding="utf-8", errors="replace") == RUNNING
            self.killed = self._file.stat().st_mtime if left else None
            self._file.write_text(RUNNING, encoding="utf-8")
        except Timeout:
            raise ReportError(f"another run is writing into {folder}: wait for it, or name another folder") from None
        except OSError as error:
            raise ReportError(f"cannot write into {folder}: {error.strerror or error}; name another folder") from None

    def release(self) -> None:
        """Let others in."""
        with contextlib.suppress(OSError):
            self._file.write_text("", encoding="utf-8")
        self._lock.release()


def shared_folder() -> tuple[Path, Claim]:
    """A new folder for the processes of this run; those of runs that were killed are removed.

    Raises OSError and ReportError.
    """
    _remove_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    return folder, Claim(folder)


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, Timeout):
            lock = folder / LOCK
            mine = not folder.is_symlink() and folder.stat().st_uid == os.getuid() and lock.is_file()
            claimed = mine and lock.read_text(encoding="utf-8", errors="replace") == RUNNING
            if claimed or (mine and time.time() - lock.stat().st_mtime > OLD_SECONDS):
                with FileLock(lock, timeout=0):
                    shutil.rmtree(folder, ignore_errors=True)
