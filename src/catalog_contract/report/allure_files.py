"""The files of Allure's results that a run of ours wrote: these alone are ever removed."""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOOL = ("tool", "catalog-contract")
"""The label by which a result is known for ours."""

BEFORE_THE_LABEL = "tests.contract."
"""How the full name of a result began before there was the label."""

_OURS = re.compile(
    r"\.?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-(result\.json|container\.json|attachment(\.\w+)?)"
    r"((\.[0-9]{1,9})?\.tmp)?"
)


def clear(directory: Path, killed: float | None = None) -> None:
    """Remove the results of earlier runs of ours: each run is a report of its own.

    `killed` is when a run began that was killed, in seconds since 1970: whatever Allure wrote since then is removed
    too, half files and attachments of no result.
    """
    ours = dict(results(directory))
    names = {name for data in ours.values() for name in _attachments(data)}
    tests = {data.get("uuid") for data in ours.values()}
    for path, data in _read(directory, "*-container.json"):
        children = data.get("children")
        if isinstance(children, list) and children and all(child in tests for child in children):
            names |= {path.name, *_attachments(data)}
    for path in [*ours, *(directory / name for name in names), *_since(directory, killed)]:
        if _OURS.fullmatch(path.name):
            path.unlink(missing_ok=True)


def results(directory: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The results of runs of ours, each with its file."""
    for path, data in _read(directory, "*-result.json"):
        labels = data.get("labels")
        named = isinstance(labels, list) and {"name": TOOL[0], "value": TOOL[1]} in labels
        if named or str(data.get("fullName", "")).startswith(BEFORE_THE_LABEL):
            yield path, data


def _read(directory: Path, pattern: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in directory.glob(pattern):
        if not _OURS.fullmatch(path.name) or not path.is_file():
            continue
        with contextlib.suppress(OSError, ValueError, RecursionError):
            data = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(data, dict):
                yield path, data


def _attachments(data: Any) -> Iterator[str]:
    """The files that a result names, in its steps too."""
    waiting = [data]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if isinstance(source := part.get("source"), str):
                yield source
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _since(directory: Path, killed: float | None) -> Iterator[Path]:
    if killed is not None:
        yield from (path for path in directory.iterdir() if path.is_file() and path.stat().st_mtime >= killed)
