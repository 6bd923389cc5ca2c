"""Choosing cases with `-k`: pytest refuses `=` in an expression, and the ids of the cases have it."""

import re

_VALUE = re.compile(r"(?<![\w.:/+-])((?:[\w.:/+-]+=[\w.+-]*)+)")


def keyword(expression: str) -> str:
    """A `-k` expression as pytest can read it: `huggingface-offset=100` means that value and no longer one."""
    return _VALUE.sub(lambda found: found[1].replace("=", ":") + "]", expression)


def keywords(case_id: str) -> set[str]:
    """What `keyword` finds a case by: its id up to the end of each of its values."""
    text = case_id.replace("=", ":")
    ends = [place for place, sign in enumerate(text) if sign == "-" and ":" in text[:place]]
    return {text[:end] + "]" for end in (*ends, len(text))}
