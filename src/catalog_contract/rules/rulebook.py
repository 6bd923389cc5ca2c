"""The rulebook as data: every rule of a folder of plain test modules, found without pytest."""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from catalog_contract.rules.cases import words
from catalog_contract.rules.rule import Rule, RuleError, rule_of
from catalog_contract.util.paths import INSTALLED, RULEBOOK, RULEBOOK_NAME


def rulebook(folder: Path = RULEBOOK) -> tuple[Rule, ...]:
    """Every rule of the folder, by family and in the order written. Raises RuleError for what is not a rule."""
    return tuple(rule for path in sorted(folder.glob("test_*.py")) for rule in _rules_in(_module(path)))


@cache
def checked(function: object) -> Rule:
    """The rule that a test function is. Raises RuleError also for an argument that no contract can fill."""
    assert callable(function)
    rule = rule_of(function)
    strange = [word for word in rule.arguments if word not in words()]
    if strange:
        known = ", ".join(sorted(words()))
        raise RuleError(f"{rule.family}: {rule.name} asks for {', '.join(strange)}; a contract fills {known}")
    return rule


def _rules_in(module: ModuleType) -> list[Rule]:
    tests = [value for name, value in vars(module).items() if name.startswith("test_") and callable(value)]
    return [checked(function) for function in tests]


def _module(path: Path) -> ModuleType:
    """The module at a path; one that pytest has imported already is taken as it is."""
    name = f"{RULEBOOK_NAME}.{path.stem}" if INSTALLED and path.parent == RULEBOOK else path.stem
    loaded = sys.modules.get(name)
    if loaded is not None and getattr(loaded, "__file__", None) == str(path):
        return loaded
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
