"""A file that is not a contract, or names a schema that is not one, is refused in one line."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts import MINIMAL, refused

from catalog_contract.contracts.load import ContractError, load_contract

WRONG_FILES: dict[str, tuple[bytes, str, list[str]]] = {
    "empty": (b"", "", ["empty", "example-minimal.toml"]),
    "comments alone": (b"# nothing\n", "", ["empty"]),
    "not UTF-8": (b'title = "\xff"', "", ["byte 9", "UTF-8"]),
    "UTF-16": ("title".encode("utf-16"), "", ["UTF-8"]),
    "text without quotes": (b"# one\ntitle = Gatewayz\n", ":2", ["not TOML", "quotes"]),
    "open text": (b'a = 1\ntitle = "Gatewayz\n', ":2", ["not TOML"]),
    "open list": (b"a = [1,\n2,\n", ":2", ["not TOML"]),
    "key twice": (b"a = 1\na = 2\n", ":2", ["not TOML"]),
    "JSON": (b'{"title": "Gatewayz"}', ":1", ["not TOML"]),
    "binary": (bytes(range(32)), ":1", ["not TOML"]),
    "nested deep": (b"a = " + b"[" * 9000 + b"]" * 9000, "", ["deep"]),
    "dotted deep": (b".".join([b"a"] * 3000) + b" = 1", ":1", ["deep"]),
    "endless number": (b"a = " + b"9" * 9000, "", ["thousands of digits"]),
}


@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_file_that_is_no_contract_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    body, line_number, words = WRONG_FILES[case]
    path = tmp_path / "mine.toml"
    path.write_bytes(body)
    line = refused(path)
    assert line.startswith(f"{path}{line_number}: "), line
    assert [word for word in words if word not in line] == [], line


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gatewyaz", ["'gatewyaz'", "did you mean 'gatewayz'"]),
        ("Gatewayz-2026", ["'gatewayz-2026'"]),
        ("xyzzy", ["anthropic, datasette, ", " more"]),
        ("", ["anthropic, datasette, "]),
        ("gate\nwayz", ["'gatewayz'"]),
        ("\udcff", ["anthropic, datasette, "]),
        ("fixtures/contracts/nowhere/gatewyaz.toml", ["no such file", "'gatewayz'"]),
        ("a\0b.toml", ["no such file"]),
        ("a" * 5000 + ".toml", ["cannot be read"]),
    ],
)  # fmt: skip
def test_a_contract_that_is_not_there_is_answered_with_the_nearest(name: str, words: list[str]) -> None:
    if len(name) > 500:
        with pytest.raises(ContractError, match="cannot be read"):
            load_contract(name)
        return
    line = refused(name)
    assert [word for word in words if word not in line] == [], line


def test_a_missing_path_is_answered_with_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "staging.toml").write_text(MINIMAL)
    line = refused(tmp_path / "stagign.toml")
    assert str(tmp_path / "stagign.toml") in line and "staging.toml'?" in line


def test_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").mkdir()
    assert "is a directory" in refused(tmp_path / "mine.toml")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.toml")
    assert "not a regular file" in refused(tmp_path / "mine.toml")


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL)
    path.chmod(0)
    if os.geteuid() == 0:  # root may read everything: let the system call itself say no

        def denied(self: Path, mode: str = "r") -> bytes:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", denied)
    line = refused(path)
    assert "cannot be read (Permission denied)" in line and str(path) in line


WRONG_SCHEMAS: dict[str, tuple[bytes, list[str]]] = {
    "not JSON": (b'{"type":\n objct}', ["not JSON", "line 2"]),
    "empty": (b"", ["not JSON"]),
    "not UTF-8": (b'{"a": "\xff"}', ["UTF-8"]),
    "a list": (b"[]", ["not a JSON Schema"]),
    "a truth": (b"true", ["not a JSON Schema"]),
    "an unknown type": (b'{"properties": {"id": {"type": "text"}}}', ["properties/id/type", "'text'"]),
    "a broken pattern": (b'{"pattern": "("}', ["not a JSON Schema", "pattern"]),
    "NaN": (b'{"minimum": NaN}', ["NaN"]),
    "a reference to nowhere": (b'{"items": {"$ref": "#/$defs/modle"}}', ["'#/$defs/modle'"]),
    "a reference to the network": (
        b'{"items": {"$ref": "https://example.org/a.json"}}',
        ["'https://example.org/a.json'"],
    ),
    "a reference to itself": (b'{"$ref": "#"}', ["itself"]),
    "depth": (b'{"not":' * 9000 + b"{}" + b"}" * 9000, ["deep"]),
}


@pytest.mark.parametrize("case", WRONG_SCHEMAS)
def test_a_schema_that_cannot_be_used_is_refused_at_its_key(case: str, tmp_path: Path) -> None:
    body, words = WRONG_SCHEMAS[case]
    (tmp_path / "own.json").write_bytes(body)
    path = tmp_path / "mine.toml"
    path.write_text('envelope_schema = "own.json"\n' + MINIMAL)
    line = refused(path)
    assert line.startswith(f"{path}:1: envelope_schema: 'own.json'") or case == "NaN", line
    assert [word for word in words if word not in line] == [], line


def damaged(text: str) -> Iterator[str]:
    """The text with one line left out, doubled, or its value replaced by one of another kind, for every line."""
    lines = text.splitlines(keepends=True)
    for nth, line in enumerate(lines):
        for instead in ("", line + line, *(re.sub(r"=.*", f"= {value}", line) for value in ("{}", "[[]]", '""', "-1"))):
            yield "".join([*lines[:nth], instead, *lines[nth + 1 :]])


def refusal(path: Path) -> str:
    """The line with which a contract is refused; empty when it is read."""
    try:
        load_contract(str(path))
    except ContractError as error:
        return str(error)
    return ""


def test_no_damage_to_a_contract_ends_in_anything_but_one_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    refusals = 0
    for text in dict.fromkeys(
        damaged(MINIMAL + "[item]\nid = 'id'\nvolatile = ['a.b']\n[times]\npage_seconds = 1.5\n")
    ):
        path.write_text(text)
        line = refusal(path)
        if line:
            refusals += 1
            assert line.isprintable() and line.startswith(str(path))
    assert refusals > 50
