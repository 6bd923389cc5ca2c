"""The schema of contracts, and what in the data of one does not fit it."""

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

import jsonschema_rs

from catalog_contract.util.paths import FIXTURES

SCHEMA = FIXTURES / "schemas" / "contract.json"

LARGEST = 2**63 - 1

FRACTIONS_END = 2.0**52
"""From here on each float is a whole number."""

DAYS = ("as_of", "retired")
"""The keys that hold a day, which TOML knows."""


@cache
def contract_schema() -> dict[str, Any]:
    """The schema itself."""
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


def errors_of(data: Mapping[str, Any]) -> Iterable[Any]:
    """Each error of jsonschema where data of a contract does not fit; jsonschema is imported for them alone.

    To load it takes longer than to read most contracts.
    """
    given = _as_json(data)
    return () if _surely_fits(given) else _validator().iter_errors(given)


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator, validators

    base: Any = Draft202012Validator
    types = base.TYPE_CHECKER.redefine("integer", _is_whole).redefine("number", _is_number)
    kind: Any = validators.extend(base, type_checker=types)  # type: ignore[no-untyped-call]
    return kind(contract_schema(), format_checker=base.FORMAT_CHECKER)


@cache
def _quick() -> Any:
    return jsonschema_rs.Draft202012Validator(contract_schema(), validate_formats=True)


def _surely_fits(data: Any) -> bool:
    """Whether data fits without doubt, as it is and with no float that JSON Schema takes for a whole number."""
    try:
        return bool(_quick().is_valid(data) and _quick().is_valid(_moved(data)))
    except (TypeError, ValueError):  # what JSON does not have
        return False


def _moved(value: Any) -> Any:
    """The same data with each float moved by the least there is: 100.0 is no whole number then.

    Raises ValueError for one that is not finite, or so large that it stays whole.
    """
    if isinstance(value, dict):
        return {name: _moved(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_moved(part) for part in value]
    if not isinstance(value, float):
        return value
    if not abs(value) < FRACTIONS_END:
        raise ValueError(f"{value} is whole, or no number")
    return math.nextafter(value, math.inf)


def _is_whole(_: object, value: object) -> bool:
    """JSON Schema alone would take 100.0 for a whole number too."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(checker: object, value: object) -> bool:
    return _is_whole(checker, value) or (isinstance(value, float) and math.isfinite(value))


class _TooLarge:
    """A whole number of more than 64 bits, which TOML does not have and Python may refuse to print."""

    def __repr__(self) -> str:
        return "a number of more than 64 bits"


def _as_json(value: Any, key: str = "") -> Any:
    """A day is text for JSON where the schema wants a day, and nowhere else: what is used later is the value itself."""
    if isinstance(value, int) and abs(value) > LARGEST:
        return _TooLarge()
    if isinstance(value, dict):
        return {name: _as_json(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_as_json(part) for part in value]
    return value.isoformat() if type(value) is date and key in DAYS else value
