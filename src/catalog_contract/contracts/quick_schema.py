"""A quick yes for what a JSON Schema allows, thirty times faster than asking the validator.

Only a yes is an answer: whatever is not surely allowed goes to the validator, which also says why not.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import Draft202012Validator

Sure = Callable[[Any], bool]

_SAYS_NOTHING = frozenset({"$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated"})

_TYPES: dict[str, Sure] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


def surely(schema: object) -> Sure:
    """A function that tells whether a value surely fits the schema; False also where it cannot tell."""
    if isinstance(schema, bool):
        return lambda value: schema
    if not isinstance(schema, dict) or any(word not in _WORDS and word not in _SAYS_NOTHING for word in schema):
        return lambda value: False
    checks = [_WORDS[word](schema[word], schema) for word in schema if word in _WORDS]
    return checks[0] if len(checks) == 1 else _all_of(checks)


def _all_of(checks: list[Sure]) -> Sure:
    # Loops, here and below: a generator in `all` takes twice the time.
    def fits(value: Any) -> bool:
        for check in checks:  # noqa: SIM110
            if not check(value):
                return False
        return True

    return fits


Word = Callable[[Any, Mapping[str, Any]], Sure]


def _type(said: Any, _: Mapping[str, Any]) -> Sure:
    kinds = [_TYPES[name] for name in ([said] if isinstance(said, str) else said)]
    return kinds[0] if len(kinds) == 1 else lambda value: any(kind(value) for kind in kinds)


def _required(names: Any, _: Mapping[str, Any]) -> Sure:
    needed = frozenset(names)
    return lambda value: not isinstance(value, dict) or needed <= value.keys()


def _properties(schemas: Any, _: Mapping[str, Any]) -> Sure:
    known = [(name, surely(schema)) for name, schema in schemas.items()]

    def fits(value: Any) -> bool:
        if isinstance(value, dict):
            for name, check in known:
                if name in value and not check(value[name]):
                    return False
        return True

    return fits


def _additional(schema: Any, whole: Mapping[str, Any]) -> Sure:
    named, check = frozenset(whole.get("properties", ())), surely(schema)
    return lambda value: not isinstance(value, dict) or all(check(value[name]) for name in value.keys() - named)


def _items(schema: Any, _: Mapping[str, Any]) -> Sure:
    check = surely(schema)
    return lambda value: not isinstance(value, list) or all(map(check, value))


def _pattern(text: Any, _: Mapping[str, Any]) -> Sure:
    search = re.compile(text).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _shortest(length: Any, _: Mapping[str, Any]) -> Sure:
    return lambda value: not isinstance(value, str) or len(value) >= length


def _least(number: Any, _: Mapping[str, Any]) -> Sure:
    # NaN and the like are no JSON; a boolean is no number for JSON Schema.
    return lambda value: not isinstance(value, int | float) or isinstance(value, bool) or value >= number


def _words(allowed: Any, _: Mapping[str, Any]) -> Sure:
    texts = frozenset(one for one in allowed if isinstance(one, str))
    return lambda value: isinstance(value, str) and value in texts


def _format(name: Any, _: Mapping[str, Any]) -> Sure:
    conforms = Draft202012Validator.FORMAT_CHECKER.conforms
    return lambda value: conforms(value, name)


_WORDS: dict[str, Word] = {
    "type": _type,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "pattern": _pattern,
    "minLength": _shortest,
    "minimum": _least,
    "enum": _words,
    "const": lambda value, whole: _words([value], whole),
    "format": _format,
}
