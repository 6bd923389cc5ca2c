"""The house: what import-linter cannot say (see pyproject.toml) of rooms, the rulebook and sizes."""

import ast
import sys
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
    """Beside `__init__` and `__main__` there are rooms only, and at most three modules in all."""
    assert {path.name for path in PACKAGE.glob("*.py")} <= {"__init__.py", "__main__.py"}


def test_the_machinery_knows_no_fixture() -> None:
    """The package imports neither the fixtures nor the rulebook."""
    inconsistent_totals = {
        str(path) for path in FILES for name in imports(path) if name.split(".")[0] in ("fixtures", "tests")
    }
    assert inconsistent_totals == set()


def test_the_rulebook_imports_its_vocabulary_and_nothing_else_of_the_package() -> None:
    """Rules speak of catalogs and pages, never of sources, sockets, reports or pytest."""
    rooms = ("catalog", "model", "rules.rule", "contracts.schema")
    allowed = tuple(f"catalog_contract.{room}." for room in rooms)
    for path in (PROJECT / "tests" / "contract").glob("*.py"):
        others = [name for name in imports(path) if name.partition(".")[0] not in sys.stdlib_module_names]
        assert [name for name in others if not f"{name}.".startswith(allowed)] == [], path.name


AROUND = [
    path
    for room in ("benchmarks", "fixtures", "tools", "tests", ".github")
    for path in sorted((PROJECT / room).rglob("*.py"))
    if "node_modules" not in path.parts
]


@pytest.mark.parametrize("path", [*FILES, *AROUND], ids=lambda path: str(path.relative_to(PROJECT)))
def test_modules_are_small(path: Path) -> None:
    """At most 400 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_functions_are_small() -> None:
    """At most 40 lines."""
    functions = [
        (f"{path.name}:{node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for path in (*FILES, *AROUND)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    assert [name for name, length in functions if length > 40] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_evidence_reaches_the_judge(path: Path) -> None:
    """pytest rewrites the asserts of every package with a plugin, and makes a text of what an assert carries."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    carries = any(isinstance(node, ast.Assert) and node.msg for node in ast.walk(tree))
    assert not carries or "PYTEST_DONT_REWRITE" in (ast.get_docstring(tree) or "")


def test_doubles_need_no_generator() -> None:
    """`tools` imports `fixtures`, never the other way round."""
    doubles = PROJECT.glob("fixtures/**/*.py")
    assert [str(path) for path in doubles for name in imports(path) if name.split(".")[0] == "tools"] == []


def test_the_architecture_page_names_every_room() -> None:
    """The table of rooms is that of the tree."""
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("| room | what it holds |")[2].partition("\n\n")[0]
    named = {name.strip("` ") for row in table.splitlines()[2:] for name in row.split("|")[1].split(",")}
    assert named == {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
