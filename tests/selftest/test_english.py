"""One word a thing, in plain English: words that were dropped do not come back, in code, messages or documents."""

import re
import subprocess
from pathlib import Path

import pytest

from catalog_contract.util.paths import PROJECT

READ = ("src", "tests", "docs", "tools", "fixtures", "benchmarks", ".github", "README.md", "CHANGELOG.md", "action.yml")
KINDS = frozenset({".py", ".md", ".toml", ".j2", ".yml", ".sh", ".css", ".js"})
NOT_OURS = ("fixtures/contracts/", "tools/node_modules/", "docs/comparison/")
"""Contracts quote the words of other APIs."""

DROPPED = {
    r"_?told|told_\w+|\w+_told|NotTold|foretold": "report, give, distinguish",
    r"_?said|said_\w+|\w+_said": "report, print, state",
    r"_?nights?|nights?_\w+|\w+_nights?": "run; day, where the calendar is meant",
    r"(?<!here )(?<!as )is none(?! else)": "is not ...",
    r"(?<!here )is no (?!longer|larger|smaller|shorter|more|less|better|worse|earlier|later|other)": "is not a ...",
    r"so many": "that many, N",
    r"anew": "again",
    r"hangs? on": "depends on",
    r"in the midst": "in the middle",
    r"little by little": "gradually",
    r"stood still": "was stable, did not change",
    r"fares?": "is treated",
    r"trouble": "problem, error",
    r"_?misfits?": "schema_errors",
    r"_?strays": "misplaced, inconsistent_totals",
    r"telling_owners": "filter_probe_values",
    r"whole_readings": "full_reads",
    r"still_bulk": "stable_bulk",
    r"against_bulk": "compared_with_bulk",
    r"\w*_?in_a_row": "reread",
    r"flaps": "oscillates",
    r"OnceSource": "CachingSource",
    r"HIDES": "supersedes",
    r"vain|hopeful": "failed_retries, may_retry",
    r"(MOST|FEWEST)(_\w+)?": "MAX, MIN",
    r"the_gateway_answers|a_listed_model_\w+": "the_collection_answers, a_listed_item_...",
}
"""What was dropped, each with what stands in its place. Words of code and of sentences, matched whole."""


def files() -> list[Path]:
    """The files of this project that people read."""
    listed = subprocess.run(
        ["git", "ls-files", *READ], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    chosen = [name for name in listed if Path(name).suffix in KINDS and not name.startswith(NOT_OURS)]
    return [PROJECT / name for name in chosen if (PROJECT / name) != Path(__file__).resolve()]


@pytest.mark.parametrize("dropped", DROPPED)
def test_a_dropped_word_does_not_come_back(dropped: str) -> None:
    word = re.compile(rf"(?<![\w-])(?:{dropped})(?![\w-])")
    found = [
        f"{path.relative_to(PROJECT)}:{number}: {text.strip()[:100]}"
        for path in files()
        for number, text in enumerate(path.read_text("utf-8").splitlines(), 1)
        if word.search(text)
    ]
    assert found == [], f"write instead: {DROPPED[dropped]}"


def test_the_words_are_found_where_they_are() -> None:
    """The test reads what it is meant to read."""
    names = {str(path.relative_to(PROJECT)) for path in files()}
    assert {
        "README.md",
        "docs/index.md",
        "src/catalog_contract/catalog/law.py",
        ".github/workflows/nightly.yml",
    } <= names
