"""Two of the shipped contracts as text, the schemas of the project, and the line of a refusal."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog_contract.contracts.load import CONTRACTS, SCHEMAS, ContractError, load_contract

MINIMAL = (CONTRACTS / "example-minimal.toml").read_text(encoding="utf-8")
GATEWAYZ = (CONTRACTS / "gatewayz.toml").read_text(encoding="utf-8")


def schema_of(name: str) -> dict[str, Any]:
    """A JSON Schema of the project."""
    schema: dict[str, Any] = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return schema


def refused(path: Path | str) -> str:
    """The one line with which a contract is refused."""
    with pytest.raises(ContractError) as caught:
        load_contract(str(path))
    line = str(caught.value)
    assert line.isprintable(), f"not one printable line: {line!r}"
    assert len(line) < 500, f"too long to read: {line}"
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    return line
