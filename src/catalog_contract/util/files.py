"""Files are written whole or not at all, and where that cannot be is told before anything is asked."""

import errno
import os
import tempfile
from pathlib import Path


class ReportError(Exception):
    """A report could not be written; the message is one line that names the file and the reason."""


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
        why = "" if path.is_file() or not path.exists() else "it is no file"
        if not why and path.exists():
            path.open("ab").close()
        if not why and (renamed or not path.exists()):
            _try(path.parent)
    except OSError as error:
        why = error.strerror or str(error)
    if why:
        raise ReportError(f"{option} {path} cannot be written: {why}; name a file in a folder that you may write to")


def _try(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
    tempfile.TemporaryFile(dir=directory).close()


def write(path: Path, content: str | bytes) -> Path:
    """Write a file aside and rename it into place, making its directory. Raises ReportError."""
    data = content.encode("utf-8", errors="backslashreplace") if isinstance(content, str) else content
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.write_bytes(data)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise ReportError(f"cannot write {path}: {error.strerror or error}") from None
    return path
