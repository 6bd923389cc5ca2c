"""How many hostile inputs each class of the self-test tries: `python -m tools.hostile` prints the table.

The numbers are counted from the drivers themselves. That each class has no failure is what its test asserts.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from catalog_contract.util.paths import PROJECT
from fixtures.wire import NAMES
from fixtures.wire.faults import FAULTS

sys.path.insert(0, str(PROJECT / "tests" / "selftest"))

import hostile_kinds
import hostile_texts
import key_forms
import mutations
import test_hostile_cassettes as cassettes
import test_hostile_contracts as contracts
import test_hostile_options as options
import test_kills as kills
import test_secret_forms as forms_test
import test_secret_modes as modes
import test_wire_settings as wire_settings
import test_worst_case as worst_case

Row = tuple[str, int, int, str]


def _contracts() -> Row:
    data, ships = mutations.every_key(), mutations.shipped()
    quick = sum(1 for _ in mutations.spoilt(data, contracts.SEED, 0.06)) + sum(1 for _ in mutations.bloated(data))
    more = sum(1 for seed in range(4) for _ in mutations.spoilt(data, seed, 0.3))
    more += sum(1 for one in ships.values() for _ in mutations.spoilt(one, contracts.SEED, 0.05))
    return "contracts: any value under any key, lists of thousands", quick, more, "test_hostile_contracts.py"


def _cassettes() -> Row:
    quick = sum(1 for _ in cassettes.spoilt(cassettes.SEED, 0.25))
    more = sum(1 for seed in range(4) for _ in cassettes.spoilt(seed, 1.0))
    return "cassettes: wrong values, bytes, ends", quick, more, "test_hostile_cassettes.py"


@contextmanager
def counting_only() -> Iterator[None]:
    """The drivers choose what they try and make none of it: to make it all takes minutes."""
    with (
        mock.patch.object(mutations, "put", return_value={}),
        mock.patch.object(cassettes, "put", return_value={}),
        mock.patch.object(cassettes, "packed", return_value=bytes(400)),
    ):
        yield


def rows() -> Iterator[Row]:
    """Each class: what it is, how many tries `make test` makes, how many more `make prove` makes, and where."""
    yield _contracts()
    yield _cassettes()
    many = options.SEEDS * options.COUNT
    yield "command lines: our options and those of pytest", options.FEW, many, "test_hostile_options.py"
    more = 30 * len(mutations.shipped())
    yield "answers: whole runs with two answers in three spoilt", 16, more, "test_hostile_answers.py"
    forms = len(key_forms.FORMS) + len(key_forms.COMPOSED)
    pairs = forms_test.MORE_SEEDS * forms_test.MORE_PAIRS
    yield (
        "forms of the key, each in every answer, and seeded pairs",
        forms + forms_test.PAIRS,
        pairs,
        "test_secret_forms.py",
    )
    yield "ways to run with a key, quiet and loud", *_ways(), "test_secret_modes.py"
    yield (
        "hostile texts, each in every sink",
        len(hostile_texts.TEXTS),
        len(hostile_kinds.MADE),
        "test_hostile_texts.py",
    )
    yield "faults of the wire", len(NAMES), 0, "test_reliability.py"
    workers = len(wire_settings.WITH_WORKERS)
    yield "faults of the wire, four at a time and with workers", 1, len(NAMES) + workers - 1, "test_wire_settings.py"
    yield "whole runs killed at a seeded moment", kills.FEW, len(kills.SEEDS) * kills.MANY, "test_kills.py"
    quick = len(worst_case.ALWAYS)
    stalls = len(FAULTS) + len(worst_case.OWN) - quick
    yield "stalls, each against the budget of a run", quick, stalls, "test_worst_case.py"


def _ways() -> tuple[int, int]:
    """How many runs with a key there are of each part: all that are there, less those that `make test` makes."""
    plain = len(modes.WAYS) * len(modes.VOLUME)
    ended = len(modes.SIGNALS) * len(modes.WORKERS) * len(modes.VOLUME)
    others = (1 + len(modes.KINDS)) * len(modes.VOLUME)
    quick = len(modes.QUICK) * len(modes.VOLUME)
    return quick, plain + ended + others - quick


def table() -> str:
    """The table as Markdown."""
    with counting_only():
        lines = [f"| {what} | {quick:,} | {more:,} | `{where}` |" for what, quick, more, where in rows()]
    head = ["| class | `make test` | `make prove`, more | in `tests/selftest` |", "|---|---|---|---|"]
    return "\n".join([*head, *lines]) + "\n"


if __name__ == "__main__":
    print(table(), end="")
