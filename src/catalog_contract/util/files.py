"""Files are written whole or not at all, and where that cannot be, it is reported before anything is asked."""

import errno
import glob
import os
import re
import stat
import tempfile
from pathlib import Path

from catalog_contract.util.refusal import Refusal

MAX_BYTES = 2**28
"""The largest file that is read, where no smaller limit is given."""


class ReportError(Refusal):
    """A report could not be written; the message is one line that names the file and the reason."""


def is_folder(path: Path) -> bool:
    """Whether a folder is there. A name that no file can have, or a place that cannot be looked into, is not one."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_there(path: Path) -> bool:
    """Whether anything is there. The same holds for what cannot be looked at as for `is_folder`."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def usable(directory: Path) -> None:
    """Make a directory for reports, and try to write there. Raises ReportError when that cannot be."""
    try:
        _try(directory)
    except OSError as error:
        raise ReportError(
            f"cannot write reports into {directory}: {error.strerror or error}; name another folder"
        ) from None


def writable(path: Path, option: str, *, renamed: bool = False) -> None:
    """Make the directory of a file that an option names, and try whether the file can be written; it stays as it is.

    `renamed` says that it is written aside and renamed. Raises ReportError when it cannot be written.
    """
    try:
        why = "" if path.is_file() or not path.exists() else "it is not a file"
        if not why and path.exists():
            path.open("ab").close()
        if not why and (renamed or not path.exists()):
            _try(path.parent)
    except OSError as error:
        why = error.strerror or str(error)
    if why:
        raise ReportError(f"{option} {path} cannot be written: {why}; name a file in a folder that you may write to")


def read_regular(path: Path, most: int = MAX_BYTES) -> bytes:
    """What a file holds. It is looked at before it is opened: a pipe would wait for ever, a device would never end.

    Raises OSError, with the reason as its `strerror`, also for more than `most` bytes.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    if found.st_size > most:
        raise OSError(errno.EFBIG, f"it is larger than {most // 2**20} MB")
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:  # files of /proc say that they are empty
        raise OSError(errno.EFBIG, f"it is larger than {most // 2**20} MB")
    return content


def _try(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
    tempfile.TemporaryFile(dir=directory).close()


def write(path: Path, content: str | bytes, *, tidy: bool = True) -> Path:
    """Write a file aside and rename it into place, making its directory. Raises ReportError.

    `tidy` looks through the directory for what was left aside of this file; who writes many files leaves it out.
    """
    data = content.encode("utf-8", errors="backslashreplace") if isinstance(content, str) else content
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if tidy:
            remove_left_aside(path)
        try:
            aside.write_bytes(data)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise ReportError(f"cannot write {path}: {error.strerror or error}") from None
    return path


def remove_left_aside(path: Path, suffix: str = "tmp") -> None:
    """Remove what a process that was killed wrote aside for the same file, and never renamed. Raises OSError."""
    pattern = re.compile(rf"\.{re.escape(path.name)}\.([0-9]{{1,9}})\.{suffix}")
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.{suffix}"):
        found = pattern.fullmatch(left.name)
        if found and not _lives(int(found[1])):
            left.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    """Whether a process of that number may be there; elsewhere than on POSIX it is taken for granted."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return process != os.getpid()
