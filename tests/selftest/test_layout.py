"""The house: what import-linter cannot say (see pyproject.toml) of rooms, the rulebook and sizes."""

import ast
from pathlib import Path

import pytest

from catalog_contract.util.paths import PROJECT

PACKAGE = PROJECT / "src" / "catalog_contract"


def imports(path: Path) -> set[str]:
    """The dotted names that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def test_the_package_root_holds_no_loose_modules() -> None:
    """Beside `__init__` and `__main__` there are rooms only."""
    assert {path.name for path in PACKAGE.glob("*.py")} <= {"__init__.py", "__main__.py"}


def test_the_machinery_knows_no_fixture() -> None:
    """The package imports neither the fixtures nor the rulebook."""
    inconsistent_totals = {
        str(path) for path in FILES for name in imports(path) if name.split(".")[0] in ("fixtures", "tests")
    }
    assert inconsistent_totals == set()


def test_the_rulebook_imports_the_vocabulary_and_nothing_below_it() -> None:
    """Rules speak of catalogs and pages, never of sources and sockets."""
    below = (
        "catalog_contract.transport",
        "catalog_contract.run",
        "catalog_contract.pytest_plugin",
        "requests",
        "pytest",
    )
    for path in (PROJECT / "tests" / "contract").glob("test_*.py"):
        assert [name for name in imports(path) if name.startswith(below)] == [], path.name


@pytest.mark.parametrize(
    "path",
    [*FILES, *PROJECT.glob("fixtures/**/*.py"), *PROJECT.glob("tests/**/*.py")],
    ids=lambda path: str(path.relative_to(PROJECT)),
)
def test_modules_are_small(path: Path) -> None:
    """At most 400 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
