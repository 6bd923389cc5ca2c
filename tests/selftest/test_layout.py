"""The house: imports run one way, and each library is spoken to in one place."""

import ast
from pathlib import Path

import pytest

from catalog_contract.rulebook import PROJECT

PACKAGE = PROJECT / "src" / "catalog_contract"
ORDER = (
    ("verdict", "contract", "json_body", "exchange", "quick_schema"),
    ("contract_faults",),
    ("contract_file",),
    ("laws",),
    ("source",),
    ("page",),
    ("items", "refusal", "nights"),
    ("catalog",),
    ("service",),
    ("rule",),
    ("cases",),
    ("rulebook", "planning", "judging", "strip", "selection"),
    ("diagnosis",),
    ("report",),
    ("manifest", "known", "baseline"),
    ("session",),
    ("changes", "recorded", "conclusion"),
    ("plugin", "cli"),
)
"""The layers, lowest first. A module imports what stands before it, or stands beside it in the same package."""

ALONE = {
    "requests": {"source"},
    "urllib3": {"source"},
    "vcr": {"source"},
    "filelock": {"source", "manifest"},
    "allure": {"report"},
    "allure_commons": {"report"},
    "jinja2": {"report"},
    "junitparser": {"report"},
    "pytest": {"plugin"},
    "pytest_socket": {"plugin"},
}
"""Who may import what; anybody else may not."""


def unit_of(path: Path) -> str:
    """The module or package directly under the package that a file belongs to; `plugin_x` belongs to `plugin`."""
    name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "plugin" if name.startswith("plugin") else "cli" if name.startswith("cli") else name


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
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    """Nothing imports what stands above it."""
    own = unit_of(path)
    assert own in LEVEL, f"{own} has no place in ORDER"
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "catalog_contract" and len(parts) > 1:
            other = unit_of(PACKAGE / parts[1])
            if other in LEVEL and other != own:
                assert LEVEL[other] < LEVEL[own] or (LEVEL[other] == LEVEL[own] and other != own), (
                    f"{own} imports {other}"
                )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_library_is_spoken_to_in_one_place(path: Path) -> None:
    """HTTP in `source`, Allure in `report`, pytest in the plugin."""
    for name in imports(path):
        allowed = ALONE.get(name.split(".")[0])
        assert allowed is None or unit_of(path) in allowed, f"{unit_of(path)} imports {name}"


def test_the_machinery_knows_no_fixture() -> None:
    """The package imports neither the fixtures nor the rulebook."""
    strays = {str(path) for path in FILES for name in imports(path) if name.split(".")[0] in ("fixtures", "tests")}
    assert strays == set()


def test_the_rulebook_imports_the_vocabulary_and_nothing_below_it() -> None:
    """Rules speak of catalogs and pages, never of sources and sockets."""
    below = ("catalog_contract.source", "catalog_contract.session", "catalog_contract.plugin", "requests", "pytest")
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
