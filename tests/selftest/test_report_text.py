"""What a report shows of a hostile text, and how it says numbers."""

import re

import pytest
from golden_runs import HOSTILE
from hidden import hidden_characters

from catalog_contract.util import text


def test_a_line_holds_nothing_that_acts_and_writes_it_out():
    shown = text.line(HOSTILE, 1_000)
    assert not hidden_characters(shown)
    for written in (r"\x1b[31mred", r"\x00", r"\u202e", r"\ud800", r"\r\n", r"\u2028"):
        assert written in shown


def test_a_block_keeps_its_line_breaks_and_nothing_else():
    assert text.block("a\r\nb\tc\x1b") == "a\nb    c\\x1b"


@pytest.mark.parametrize("limit", [12, 120, 400, 2_000])
@pytest.mark.parametrize("character", ["a", "\x1b", "\u202e", "\U000e0001"], ids=["letter", "escape", "bidi", "tag"])
def test_a_text_is_never_longer_than_its_limit(limit, character):
    assert len(text.line(character * 5_000, limit)) <= limit
    assert text.line(character * 5_000, limit).count("…") == 1


def test_a_text_within_its_limit_stays_whole():
    assert text.line("provider/model: 7B (ünïcode) 模型") == "provider/model: 7B (ünïcode) 模型"


def test_numbers_and_lists_are_said_as_a_person_says_them():
    assert [text.number(1350), text.number(None)] == ["1,350", text.DASH]
    assert [text.counted(1, "page"), text.counted(1350, "retry", "retries")] == ["1 page", "1,350 retries"]
    assert [text.seconds(0.042), text.seconds(41.7), text.seconds(200)] == ["0.04 s", "41.7 s", "3 min 20 s"]
    assert text.seconds(None) == text.DASH
    assert [text.size(900), text.size(150_400), text.size(2_034_511)] == ["900 B", "150.4 kB", "2.0 MB"]
    assert [text.first_few(["a", "b", "c"], shown=2), text.first_few([])] == ["a, b and 1 more", ""]


def test_a_sentence_begins_with_a_capital_unless_with_a_name():
    assert text.sentence("nothing was seen") == "Nothing was seen."
    assert text.sentence("meta/llama-3 stands twice") == "meta/llama-3 stands twice."
    assert text.sentence("") == ""


def test_columns_count_wide_and_combining_characters():
    assert text.columns("模型") == 4
    assert text.columns("e\u0301") == 1


def test_the_hostile_text_is_hostile():
    """The attacks that the other tests rely on are really in it."""
    assert hidden_characters(HOSTILE)
    assert re.search(r"<script>|\x1b\[|\u202e", HOSTILE)
