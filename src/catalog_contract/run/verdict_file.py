"""What others need to know of a verdict.json before they use it: whether it is one, and whether its run finished."""

import json
from pathlib import Path
from typing import Any

from catalog_contract.model.run import State
from catalog_contract.util.files import read_regular
from catalog_contract.util.text import line

NAME = "verdict.json"


def verdict_in(path: Path) -> dict[str, Any]:
    """The verdict.json at a path, or in a folder; nothing where there is none, or it cannot be read."""
    try:
        data = json.loads(read_regular(path / NAME if path.is_dir() else path))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) and {"version", "verdict", "rules"} <= data.keys() else {}


def not_finished(path: Path) -> str:
    """In one line, that the run which wrote its reports there did not finish, and why; empty where it did."""
    data = verdict_in(path)
    if data.get("state") != State.NOT_FINISHED:
        return ""
    notes = data.get("notes")
    why = line(notes[0], 300) if isinstance(notes, list) and notes and isinstance(notes[0], str) else "no reason given"
    return f"{path} holds no verdict: the run that began at {line(data.get('started'), 40)} did not finish ({why})"


def refuse_verdict(path: Path, option: str) -> str:
    """Why a file that an option names is not what the option needs, where it is a verdict.json; else empty."""
    if not verdict_in(path):
        return ""
    found = not_finished(path) or f"{path} is the verdict.json of a run"
    return f"{option}: {found}; name the file that {option} wrote"
