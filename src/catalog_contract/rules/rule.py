"""What a rule is: a plain test function with a mark and a docstring, and what the reports know of it."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

from catalog_contract.model.contract import Contract
from catalog_contract.model.verdict import Severity
from catalog_contract.util.paths import INSTALLED, PACKAGE, PROJECT
from catalog_contract.util.refusal import Refusal

MARK = "contract_rule"
PLAIN_ASSERTS = "PYTEST_DONT_REWRITE"
SECTIONS = ("Why", "Cannot see")


class RuleError(Refusal):
    """A function of the rulebook is not a rule; the message says which and what it lacks."""


@dataclass(frozen=True)
class Rule:
    """One promise of the rulebook.

    `needs` are dotted names of the contract that must be set for the rule to apply, `live` marks a rule that
    only a live service can be asked (time, concurrency), `of_items` one that an empty list says nothing of,
    `once` one that says that an item is listed once: a flat merged collection promises no such thing;
    `compares` one that compares two readings of the list; `first` one that a live run judges before all others;
    `arguments` are the words its cases fill.
    """

    name: str
    family: str
    promise: str
    why: str
    cannot_see: str
    severity: Severity
    needs: tuple[str, ...]
    live: bool
    of_items: bool
    once: bool
    compares: bool
    first: bool
    arguments: tuple[str, ...]
    function: Callable[..., None]

    @cached_property
    def file(self) -> str:
        """The file of the rulebook, as seen from the root of a clone; of an installed package, from where it lies."""
        return _seen_from_the_root(self.function.__code__.co_filename)

    @cached_property
    def line(self) -> int:
        """The line on which the rule begins."""
        return self.function.__code__.co_firstlineno

    def not_promised_by(self, contract: Contract) -> str:
        """Why the contract gives this rule nothing to judge; empty when it does promise what the rule needs."""
        missing = [need for need in self.needs if not attrgetter(need)(contract)]
        return f"the contract does not declare {' and '.join(missing)}" if missing else ""


@cache
def _seen_from_the_root(file: str) -> str:
    path, root = Path(file), PACKAGE.parent if INSTALLED else PROJECT
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


Function = Callable[..., None]


def rule(
    severity: Severity = Severity.NORMAL,
    *,
    needs: tuple[str, ...] = (),
    live: bool = False,
    of_items: bool = True,
    once: bool = False,
    compares: bool = False,
    first: bool = False,
) -> Callable[[Function], Function]:
    """Mark a test function as a rule of the rulebook; see `Rule` for the words.

    pytest, which would take its arguments for fixtures, sees none: they are bound when a case is judged.
    """

    def mark(function: Function) -> Function:
        words: dict[str, Any] = {"severity": severity, "needs": needs, "live": live, "of_items": of_items, "once": once}
        words |= {"compares": compares, "first": first}
        words["arguments"] = tuple(inspect.signature(function).parameters)
        setattr(function, MARK, words)
        function.__signature__ = inspect.Signature()  # type: ignore[attr-defined]
        return function

    return mark


def rule_of(function: Function) -> Rule:
    """The rule that a test function is. Raises RuleError when it lacks `@rule` or a promise in its docstring."""
    where = f"{function.__module__}.{function.__name__}"
    marks: dict[str, Any] | None = getattr(function, MARK, None)
    if marks is None:
        raise RuleError(f"{where} is not marked: every test of the rulebook carries @rule(...)")
    promise, sections = _read_docstring(inspect.getdoc(function) or "")
    if not promise:
        raise RuleError(f"{where} has no docstring: its first line is the promise, in the present tense")
    module = inspect.getmodule(function)
    if PLAIN_ASSERTS not in (getattr(module, "__doc__", None) or ""):
        raise RuleError(f"{where}: the docstring of its module must name {PLAIN_ASSERTS}, or the evidence is lost")
    return Rule(
        name=function.__name__.removeprefix("test_"),
        family=function.__module__.rpartition(".")[2].removeprefix("test_"),
        promise=promise,
        why=sections.get("Why", ""),
        cannot_see=sections.get("Cannot see", ""),
        function=function,
        **marks,
    )


def _read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """The promise (first line) and the named paragraphs of a rule's docstring."""
    promise, *paragraphs = re.split(r"\n\s*\n", text.strip())
    named = (paragraph.partition(":") for paragraph in paragraphs)
    return " ".join(promise.split()), {
        name: " ".join(message.split()) for name, colon, message in named if colon and name in SECTIONS
    }
