"""Files are written whole or not at all."""

import os
from pathlib import Path


class ReportError(Exception):
    """A report could not be written; the message is one line that names the file and the reason."""


def usable(directory: Path) -> None:
    """Make a directory for reports. Raises ReportError, before anything is asked, when that cannot be."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(f"cannot write reports into {directory}: {error.strerror or error}") from None


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
