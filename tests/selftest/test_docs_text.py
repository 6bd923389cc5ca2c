"""The text of the documents: links lead somewhere, what is named is there, lines fit a terminal."""

import re
from pathlib import Path

import pytest

from catalog_contract.util.paths import PROJECT

PAGES = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *sorted((PROJECT / "docs").glob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text("utf-8")) if not link.startswith(("http://", "https://"))]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    roots = ("src/", "tests/", "fixtures/", "docs/", "cassettes/", "benchmarks/", ".github/", ".ci/")
    named = [word for word in re.findall(r"`([^`\s]+)`", page.read_text("utf-8")) if word.startswith(roots)]
    made_by_the_user = {"fixtures/known-breakages.toml", "tests/contract/test_<family>.py"}
    assert [word for word in named if word not in made_by_the_user and not (PROJECT / word).exists()] == []


def test_a_page_with_commands_of_the_environment_says_how_to_activate_it() -> None:
    def bare(page: Path) -> list[str]:
        lines = "".join(re.findall(r"^```(?:console|sh)[^\n]*\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S))
        return re.findall(r"^(?:\$ )?(?:catalog-contract|pytest)\b.*$", lines, re.M)

    needing = [page for page in PAGES if bare(page)]
    assert len(needing) > 8
    assert [page.name for page in needing if ". .venv/bin/activate" not in page.read_text("utf-8")] == []
    assert [page.name for page in needing if ".venv\\Scripts\\activate" not in page.read_text("utf-8")] == []


def test_the_commands_of_the_clone_stand_within_the_first_screen() -> None:
    assert (PROJECT / "README.md").read_text("utf-8").splitlines().index("$ make test") < 32


def test_every_make_target_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([\w-]+)", page.read_text("utf-8"))}
    assert named - targets == set()


def test_every_guide_is_in_the_index() -> None:
    index = (PROJECT / "docs" / "index.md").read_text("utf-8")
    assert [page.name for page in PAGES[2:] if page.name != "index.md" and f"({page.name})" not in index] == []


def test_every_option_of_the_suite_is_in_the_readme(pytestconfig: pytest.Config) -> None:
    group = pytestconfig._parser.getgroup("catalog contract")  # the conftest of the project has declared it
    readme = (PROJECT / "README.md").read_text("utf-8")
    options = [name for option in group.options for name in option.names()]
    assert len(options) > 8
    own = {"--merge"}  # what `catalog-contract merge` passes on
    assert [option for option in options if option not in own and f"`{option}" not in readme] == []


def test_every_family_is_in_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    families = [path.stem.removeprefix("test_") for path in (PROJECT / "tests/contract").glob("test_*.py")]
    assert [family for family in families if f"\n| {family} |" not in readme] == []


def test_the_pictures_are_small() -> None:
    pictures = list((PROJECT / "docs" / "img").glob("*.png"))
    assert len(pictures) >= 2
    assert [picture.name for picture in pictures if picture.stat().st_size > 200_000] == []


def test_the_documents_are_readable_in_a_terminal() -> None:
    def too_long(page: Path) -> list[str]:
        lines = page.read_text("utf-8").splitlines()
        return [line for line in lines if len(line) > 125 and not line.startswith("|") and "http" not in line]

    made = {"rules.md", "faults.md", "reliability.md"}
    assert {page.name: too_long(page) for page in PAGES if page.name not in made and too_long(page)} == {}
