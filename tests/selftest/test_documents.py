"""The generated documents say what the rulebook and the gallery say now."""

from pathlib import Path

import pytest

from catalog_contract.rules.rulebook import rulebook
from tools.documents import documents

DOCUMENTS = documents()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_generated_document_is_fresh(path: Path) -> None:
    """`make docs` would change nothing."""
    assert path.read_text(encoding="utf-8") == DOCUMENTS[path]


def test_every_rule_says_why() -> None:
    """A promise without a reason invites its removal."""
    assert [rule.name for rule in rulebook() if not rule.why] == []
