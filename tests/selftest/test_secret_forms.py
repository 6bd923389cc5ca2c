"""The key is found by what it is: what is left of an answer is the same whatever the key was."""

import random

import pytest
from key_forms import FORMS, key_forms

from catalog_contract.transport import redact
from catalog_contract.transport.redact import REDACTED, Redactor
from catalog_contract.transport.secret import Key

SAME_LOOK = (
    ("canary-3f/9+7=d", "ferret_8b+2/4=k"),
    ("sk-proj-AbCdEf0123456789", "tm_lqok_ZyXwVu9876543210"),
    ("0123456789abcdef", "fedcba9876543210"),
    ("a%2Fb&amp;c\\u0041zz", "d%2Be&amp;f\\u0042yy"),
)
"""Pairs of keys that no encoding tells apart by its length."""

PAIRS = 150
MORE_SEEDS, MORE_PAIRS = 20, 400
SEED = 20261125


@pytest.mark.parametrize(("key", "other"), SAME_LOOK)
def test_nothing_of_the_key_is_left_in_any_form(key: str, other: str) -> None:
    texts = zip(key_forms(key, PAIRS, SEED), key_forms(other, PAIRS, SEED), strict=True)
    left = [
        (name, Redactor(key)(f"<before {one} after>"), Redactor(other)(f"<before {two} after>"))
        for (name, one), (_, two) in texts
    ]
    assert [(name, one, two) for name, one, two in left if one != two or REDACTED not in one] == []


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(MORE_SEEDS))
def test_nothing_of_the_key_is_left_in_many_more_forms(seed: int) -> None:
    draw = random.Random(seed)
    signs = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+=~:!$*"
    key = "".join(draw.choices(signs, k=draw.randint(8, 80)))
    redactor = Redactor(key)
    for name, text in key_forms(key, MORE_PAIRS, seed):
        again = redactor(f'{{"a": "{text}", "b": 1}}')
        assert REDACTED in again, (name, key, text)
        assert again.startswith('{"a": "') and again.endswith('", "b": 1}'), (name, key, again)
        assert key.lower() not in again.lower(), (name, key, again)


@pytest.mark.parametrize("form", FORMS)
def test_a_header_name_in_any_form(form: str) -> None:
    key = "canary-3f9b7d2c"
    headers = Key(key).hide_in_headers({f"X-{FORMS[form](key)}": FORMS[form](key), "Date": "today"})
    assert headers["date"] == "today"
    (name,) = headers.keys() - {"date"}
    assert REDACTED.lower() in name and REDACTED in headers[name]
    assert not any(piece in repr(headers).lower() for piece in ("canary", "3f9b7d"))


def test_the_login_that_a_key_for_basic_stands_for() -> None:
    redactor = Redactor("c29tZWJvZHk6Y2FuYXJ5LTNmOWI=")  # somebody:canary-3f9b
    assert redactor("user somebody:canary-3f9b, password canary-3f9b") == "user REDACTED, password REDACTED"


@pytest.mark.parametrize("at", [0, 3, 200, 250, 255, 256, 300, 1000])
def test_a_key_on_the_border_of_what_is_searched_at_a_time(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    monkeypatch.setattr(redact, "WINDOW", 256)
    text = "." * at + "%63anary-3f%2F9%2B7%3Dd" + "." * 700
    assert Redactor("canary-3f/9+7=d")(text) == "." * at + REDACTED + "." * 700


@pytest.mark.parametrize("seed", range(10))
def test_a_text_without_the_key_stays_as_it_is(seed: int) -> None:
    draw = random.Random(seed)
    pieces = [
        "canary",
        "-3f/",
        "9+7",
        "=d",
        "%2F",
        "\\u0041",
        "&amp;",
        "&#47;",
        "%",
        "&",
        "\\",
        "é",
        "\0",
        " ",
        "\n",
        "00",
    ]
    redactor = Redactor("canary-3f/9+7=d-not-there")
    text = "".join(draw.choices(pieces, k=5_000))
    assert redactor(text) == text
    assert Redactor("")(text) == text
