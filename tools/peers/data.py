"""The items that every peer lists: 1,352, the first ones of the catalogue of the reference gateway."""

import json
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).resolve().parents[2] / "fixtures" / "catalog" / "models.jsonl"
COUNT = 1352


def items() -> list[dict[str, Any]]:
    """The items, each an object with a text `id` and a few fields."""
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()[:COUNT]
    listed = [json.loads(line) for line in lines]
    assert len({item["id"] for item in listed}) == COUNT, "the ids of the catalogue are not unique"
    return listed
