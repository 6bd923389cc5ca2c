"""Contracts are read whole, and whatever is wrong with one is a single line that helps."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from catalog_contract import contract as model
from catalog_contract.contract_file import CONTRACTS, SCHEMAS, ContractError, contract_names, load_contract

MINIMAL = (CONTRACTS / "example-minimal.toml").read_text(encoding="utf-8")
GATEWAYZ = (CONTRACTS / "gatewayz.toml").read_text(encoding="utf-8")
NOT_IN_THE_FILE = {"path", "name", "baseline"}
TABLES = {
    "parameters": model.Parameters,
    "envelope": model.Envelope,
    "item": model.Item,
    "paging": model.Paging,
    "bad_queries": model.BadQuery,
    "detail": model.Detail,
    "caching": model.Caching,
    "collections": model.Collection,
    "times": model.Times,
    "transport": model.Transport,
}


def schema_of(name: str) -> dict[str, Any]:
    """A JSON Schema of the project."""
    schema: dict[str, Any] = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return schema


def refused(path: Path | str) -> str:
    """The one line with which a contract is refused."""
    with pytest.raises(ContractError) as caught:
        load_contract(str(path))
    line = str(caught.value)
    assert line.isprintable(), f"not one printable line: {line!r}"
    assert len(line) < 500, f"too long to read: {line}"
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    return line


# -- contracts that are right ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", contract_names())
def test_every_shipped_contract_loads_by_name_and_by_path(name: str) -> None:
    by_name, by_path = load_contract(name), load_contract(str(CONTRACTS / f"{name}.toml"))
    assert by_name == by_path
    assert by_name.name == name


def test_gatewayz_says_what_was_promised_in_2025() -> None:
    contract = load_contract("gatewayz")
    assert (contract.base_url, contract.list_path) == ("https://api.gatewayz.ai", "/v1/models")
    paging = contract.paging
    assert (paging.page_size, paging.bulk_limit, paging.default_limit) == (100, 50000, "all")
    assert paging.offsets == (0, 100, 200, 400, 500, 1000, 1300)
    assert contract.envelope.has_more is None and contract.envelope.next_offset is None
    face = contract.collection("huggingface")
    assert (face.depth, face.expected_total, face.below, face.above) == ("full", 1350, 0.05, 0.25)
    assert face.as_of == date(2025, 10, 18) and face.source
    assert "hug" in face.aliases and len(face.known_ids) == 16
    everything = contract.collection("all")
    assert (everything.merges, everything.minimum_total, everything.depth) == (True, 2000, "count")
    assert [bad.name for bad in contract.bad_queries if ("limit", "") in bad.query] == ["limit=empty"]
    assert contract.times.bulk_seconds == 70
    assert contract.envelope_schema and contract.item_schema


def test_gatewayz_2026_says_what_changed() -> None:
    contract = load_contract("gatewayz-2026")
    paging = contract.paging
    assert (paging.maximum_limit, paging.above_maximum, paging.default_limit) == (1000, "refused", 100)
    assert paging.bulk_limit == 1000
    assert (contract.envelope.has_more, contract.envelope.next_offset) == ("has_more", "next_offset")
    assert contract.caching.validators == ("etag",)
    assert contract.unknown_collection
    before = {c.name: c.expected_total for c in load_contract("gatewayz").collections}
    assert {c.name: c.expected_total for c in contract.collections} == before


def test_the_least_contract_promises_nothing_more() -> None:
    contract = load_contract("example-minimal")
    assert contract.envelope == model.Envelope()
    assert contract.transport == model.Transport()
    assert contract.envelope_schema is None and contract.detail is None and contract.cassette is None
    assert [c.lowest_total for c in contract.collections] == [None]


def test_transport_defaults_are_written_out_in_the_default_contract() -> None:
    written = set(re.findall(r"^(\w+) =", GATEWAYZ.split("[transport]")[1].split("[incidents]")[0], re.MULTILINE))
    assert written == {field.name for field in fields(model.Transport)}
    assert load_contract("gatewayz").transport == model.Transport()


def test_a_contract_is_hashable_where_the_rulebook_needs_it_and_holds_no_list() -> None:
    contract = load_contract("gatewayz")
    for part in (contract.item, contract.paging, contract.collections, contract.bad_queries, contract.detail):
        hash(part)


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
    assert load_contract(str(path)).name == "mine"


def test_a_retired_collection_and_dates_in_quotes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL + 'retired = 2026-07-01\nas_of = "2025-10-18"\n')
    collection = load_contract(str(path)).collections[0]
    assert (collection.retired, collection.as_of) == (date(2026, 7, 1), date(2025, 10, 18))


@pytest.mark.parametrize("place", ["beside the contract", "in ../schemas", "absolute"])
def test_a_schema_is_found(tmp_path: Path, place: str) -> None:
    folder = {"beside the contract": "contracts", "in ../schemas": "schemas", "absolute": "elsewhere"}[place]
    for name in ("contracts", folder):
        (tmp_path / name).mkdir(exist_ok=True)
    schema = tmp_path / folder / "own.json"
    schema.write_text('{"required": ["id"]}')
    named = schema.as_posix() if place == "absolute" else "own.json"
    path = tmp_path / "contracts" / "mine.toml"
    path.write_text(MINIMAL.replace('title = "', f'item_schema = "{named}"\ntitle = "'))
    assert load_contract(str(path)).item_schema == {"required": ["id"]}


# -- contracts that are wrong ----------------------------------------------------------------------------------

# the windows as gatewayz.toml writes them today, and the first that is counted from the end
WINDOWS = re.findall(r"\{ \w+ = \d+, limit = \d+ \}", GATEWAYZ.split("\nwindows = [")[1].split("\n]")[0])
FROM_END = next(nth for nth, window in enumerate(WINDOWS) if "before_end" in window)
WINDOW = f"paging.windows[{FROM_END}]"

# what is replaced in gatewayz.toml, by what, the key that must be named, and words of the message
WRONG_VALUES = {
    "unknown key": ("page_size = 100", "page_sise = 100", "paging.page_sise", ["unknown key", "'page_size'"]),
    "unknown key at the top": ("base_url =", "base_ulr =", "base_ulr", ["'base_url'"]),
    "unknown table": ("[transport]", "[transprot]", "transprot", ["'transport'"]),
    "unknown key of a collection": ("below = 0.05", "belwo = 0.05",
        "collections[0].belwo", ["'below'", "'huggingface'"]),
    "unknown key of a window": ("before_end", "before_ned", f"{WINDOW}.before_ned", ["'before_end'"]),
    "unknown key far from all": ("[times]", "[times]\nxyzzy = 1", "times.xyzzy", ["bulk_seconds", "page_seconds"]),
    "key in the wrong table": ("[times]", "[times]\nbase_url = 'x'", "times.base_url", ["top of the file"]),
    "table key at the top": ("list_path =", "page_size = 3\nlist_path =", "page_size", ["[paging]"]),
    "missing key": ("page_size = 100\n", "#\n", "paging.page_size", ["missing"]),
    "missing title": ("title =", "# title =", "title", ["missing"]),
    "text for a number": ("page_size = 100", 'page_size = "100"', "paging.page_size", ["whole number", "'100'"]),
    "fraction for a whole number": ("page_size = 100", "page_size = 100.0",
        "paging.page_size", ["whole number", "100.0"]),
    "truth for a number": ("page_size = 100", "page_size = true", "paging.page_size", ["whole number", "true"]),
    "number for text": ("bad_queries]]\nname = \"limit=0\"\nquery = { limit = \"0\" }",
                        "bad_queries]]\nname = \"limit=0\"\nquery = { limit = 0 }",
        "bad_queries[0].query.limit", ["quotes"]),
    "list for a table": ("[times]", "[[times]]", "times", ["must be a table", "a list"]),
    "text for a list": ("offsets = [0, 100, 200, 400, 500, 1000, 1300]", "offsets = '0'", "paging.offsets", ["list"]),
    "no page": ("page_size = 100", "page_size = 0", "paging.page_size", ["at least 1", "0"]),
    "limit below one": ("limits = [1,", "limits = [0,", "paging.limits[0]", ["at least 1"]),
    "window limit below one": (WINDOWS[1], "{ offset = 500, limit = 0 }", "paging.windows[1].limit", ["at least 1"]),
    "negative offset": ("offsets = [0,", "offsets = [-1,", "paging.offsets[0]", ["at least 0", "-1"]),
    "offset twice": ("offsets = [0,", "offsets = [100,", "paging.offsets", ["100 twice"]),
    "limit twice": ("limits = [1, 2", "limits = [1, 1", "paging.limits", ["1 twice"]),
    "negative tolerance": ("below = 0.05", "below = -0.05", "collections[0].below", ["at least 0"]),
    "tolerance over one": ("below = 0.05", "below = 5", "collections[0].below", ["at most 1"]),
    "negative growth": ("above = 0.25", "above = -1", "collections[0].above", ["at least 0"]),
    "not a number": ("above = 0.25", "above = nan", "collections[0].above", ["a number", "nan"]),
    "infinity": ("bulk_seconds = 70.0", "bulk_seconds = inf", "times.bulk_seconds", ["a number", "inf"]),
    "no time": ("bulk_seconds = 70.0", "bulk_seconds = 0", "times.bulk_seconds", ["more than 0"]),
    "number over 64 bits": ("far_offset = 1_000_000", "far_offset = 99_000_000_000_000_000_000", "paging.far_offset",
        ["64 bits"]),
    "huge offset without quotes": ('huge_offset = "18446744073709551616"', "huge_offset = 5", "paging.huge_offset",
        ["text", "quotes"]),
    "huge offset in words": ('huge_offset = "18446744073709551616"', 'huge_offset = "very"', "paging.huge_offset",
        ["'very'", "18446744073709551616"]),
    "unknown default collection": ('default_collection = "openrouter"', 'default_collection = "openruter"',
        "default_collection", ["'openruter'", "'openrouter'"]),
    "number of a thousand digits": ("bulk_seconds = 70.0", "bulk_seconds = 1" + "0" * 1000,
        "times.bulk_seconds", ["64 bits"]),
    "hexadecimal monster": ("bulk_seconds = 70.0", "bulk_seconds = 0x" + "f" * 5000, "times.bulk_seconds", ["64 bits"]),
    "unknown depth": ('depth = "full"\n', 'depth = "ful"\n', "collections[0].depth", ["'ful'", "'full'"]),
    "depth in capitals": ('depth = "full"\n', 'depth = "FULL"\n', "collections[0].depth", ["'full'"]),
    "unknown style": ('style = "offset"', 'style = "ofset"', "paging.style", ["'offset'"]),
    "unknown style far from all": ('style = "offset"', 'style = "cursor"', "paging.style", ["'cursor'", "offset"]),
    "unknown above_maximum": ('= "served"', '= "serve"', "paging.above_maximum", ["'served'"]),
    "refused above nothing": ('= "served"', '= "refused"', "paging.maximum_limit", ["missing", "'refused'"]),
    "clamped above nothing": ('= "served"', '= "clamped"', "paging.maximum_limit", ["missing", "'clamped'"]),
    "served above a maximum": ('= "served"', '= "served"\nmaximum_limit = 9', "paging.maximum_limit", ["'served'"]),
    "limit over the maximum": ('= "served"', '= "refused"\nmaximum_limit = 1000\n#',
        "paging.bulk_limit", ["over maximum"]),
    "default limit": ('default_limit = "all"', 'default_limit = "any"',
        "paging.default_limit", ["'any'", "'all'", "100"]),
    "default limit zero": ('default_limit = "all"', "default_limit = 0", "paging.default_limit", ["0", "'all'"]),
    "same page size twice": ("other_page_size = 467", "other_page_size = 100",
        "paging.other_page_size", ["prove nothing"]),
    "far offset before the end": ("far_offset = 1_000_000", "far_offset = 2000", "paging.far_offset", ["2786"]),
    "window with both": (WINDOWS[FROM_END], "{ offset = 1, before_end = 1, limit = 1 }", WINDOW, ["both"]),
    "window with neither": (WINDOWS[FROM_END], "{ limit = 1 }", WINDOW, ["neither"]),
    "window twice": (WINDOWS[1], WINDOWS[0], "paging.windows[1]", ["twice"]),
    "no address": ('"https://api.gatewayz.ai"', '"api.gatewayz.ai"', "base_url", ["'https://api.example.org'"]),
    "another scheme": ('"https://api.gatewayz.ai"', '"ftp://api.gatewayz.ai"', "base_url", ["'ftp:"]),
    "no host": ('"https://api.gatewayz.ai"', '"https://:80"', "base_url", ["no address"]),
    "wrong port": ('"https://api.gatewayz.ai"', '"https://a:99999"', "base_url", ["no address"]),
    "login in the address": ('"https://api.gatewayz.ai"', '"https://me:pw@a.org"', "base_url", ["login"]),
    "query in the address": ('"https://api.gatewayz.ai"', '"https://a.org?key=1"', "base_url", ["query"]),
    "path without a slash": ('list_path = "/v1', 'list_path = "v1', "list_path", ["'v1/models'", "'/v1/models'"]),
    "detail without an id": ('"/v1/models/{id}"', '"/v1/models/id"', "detail.path", ["{id}"]),
    "known id twice": ('"jhgan/ko-sbert-sts"', '"ProsusAI/finbert"',
        "collections[0].known_ids", ["'ProsusAI/finbert' twice"]),
    "empty known id": ('"jhgan/ko-sbert-sts"', '""', "collections[0].known_ids[3]", ["empty"]),
    "collection twice": ('name = "groq"', 'name = "xai"', "collections[10].name", ["'xai'", "differ"]),
    "alias is a collection": ('aliases = ["hug"', 'aliases = ["groq"',
        "collections[10].name", ["'groq'", "'huggingface'"]),
    "alias is the name": ('aliases = ["hug"', 'aliases = ["huggingface"', "collections[0].aliases[0]", ["differ"]),
    "name with a space": ('name = "groq"', 'name = "gr oq"', "collections[10].name", ["'gr oq'"]),
    "unknown collection exists": ('"no-such-gateway"', '"groq"', "unknown_collection", ["does not exist"]),
    "both totals": ("below = 0.05", "minimum_total = 9",
        "collections[0].minimum_total", ["expected_total", "one of the two"]),
    "merges in full depth": ("merges = true", 'merges = true\ndepth = "full"', "collections[13].depth", ["'count'"]),
    "two that merge": ("expected_total = 5\n", "merges = true\n", "collections[13].merges", ["'novita'"]),
    "not a day": ("as_of = 2025-10-18\nsource = \"frontend team's report: about", "as_of = 'last week'\nsource = \"",
                  "collections[0].as_of", ["2025-10-18"]),
    "a time for a day": ("as_of = 2025-10-18\nsource = \"frontend team's report: about",
                         "as_of = 2025-10-18T10:00:00Z\nsource = \"", "collections[0].as_of", ["2025-10-18"]),
    "bad query twice": ('name = "limit=-1"', 'name = "limit=0"', "bad_queries[1].name", ["'limit=0'", "rename"]),
    "bad query that asks nothing": ('query = { limit = "abc" }', "query = {}", "bad_queries[2].query", ["empty"]),
    "no collection parameter": ('collection = "gateway"\nfilter', "filter",
        "default_collection", ["parameters.collection"]),
    "unknown validator": ("[times]", '[caching]\nvalidators = ["e-tag"]\n[times]', "caching.validators[0]", ["'etag'"]),
    "bulk read cut short": ("read_seconds = 75.0", "read_seconds = 30.0",
        "transport.read_seconds", ["70", "bulk_seconds"]),
    "bulk read longer than allowed": ("bulk_seconds = 70.0", "bulk_seconds = 80.0",
        "transport.read_seconds", ["75", "80"]),
    "incident of two lines": ('2025-10-17 = "Storm', '2025-10-17 = "Storm\\n',
        "incidents.2025-10-17", ["write it like"]),
    "no schema of that name": ('"gatewayz-model.json"', '"gatewayz-modle.json"',
        "item_schema", ["'gatewayz-model.json'"]),
    "schema with a null byte": ('"gatewayz-model.json"', '"a\\u0000b.json"', "item_schema", ["no file"]),
    "schema with an endless name": ('"gatewayz-model.json"', '"' + "a" * 300 + '"', "item_schema", ["cannot be read"]),
    "schema is a folder": ('"gatewayz-model.json"', '"."', "item_schema", ["no file"]),
    "key with a line break": ("[times]", '[times]\n"a\\nb" = 1', "times.a b", ["unknown key"]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_VALUES)
def test_a_wrong_value_is_one_line_with_file_line_and_key(case: str, tmp_path: Path) -> None:
    old, new, key, words = WRONG_VALUES[case]
    assert old in GATEWAYZ, "the test no longer fits the contract"
    path = tmp_path / "mine.toml"
    path.write_text(GATEWAYZ.replace(old, new, 1), encoding="utf-8")
    line = refused(path)
    assert re.match(rf"{re.escape(str(path))}:\d+: {re.escape(key)}: ", line), line
    assert [word for word in words if word not in line] == [], line


@pytest.mark.parametrize("case", ["unknown key", "no page", "unknown depth", "collection twice", "negative tolerance"])
def test_the_line_number_is_that_of_the_key(case: str, tmp_path: Path) -> None:
    old, new, _, _ = WRONG_VALUES[case]
    text = GATEWAYZ.replace(old, new, 1)
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    number = int(refused(path).removeprefix(f"{path}:").split(":")[0])
    where = GATEWAYZ.index(old)
    assert number == GATEWAYZ[:where].count("\n") + 1


def test_the_first_of_several_faults_is_told_and_the_others_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        MINIMAL.replace("page_size = 10", "page_size = 0", 1).replace("bulk_limit = 1000", "bulk_limit = 0")
    )
    line = refused(path)
    assert "paging.page_size" in line and line.endswith("(and 1 more fault)")


def test_a_misspelt_key_is_not_called_missing_as_well(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL.replace("bulk_limit", "bulk_limt"))
    line = refused(path)
    assert "paging.bulk_limt" in line and "more fault" not in line


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
    "dotted deep": (b".".join([b"a"] * 3000) + b" = 1", "", ["deep"]),
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
        ("xyzzy", ["example-minimal, gatewayz, gatewayz-2026"]),
        ("", ["example-minimal"]),
        ("gate\nwayz", ["'gatewayz'"]),
        ("\udcff", ["gatewayz-2026"]),
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
    assert "no regular file" in refused(tmp_path / "mine.toml")


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINIMAL)
    path.chmod(0)
    if os.geteuid() == 0:  # root may read everything: let the system call itself say no

        def denied(self: Path) -> bytes:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", denied)
    line = refused(path)
    assert "cannot be read (Permission denied)" in line and str(path) in line


WRONG_SCHEMAS: dict[str, tuple[bytes, list[str]]] = {
    "not JSON": (b'{"type":\n objct}', ["not JSON", "line 2"]),
    "empty": (b"", ["not JSON"]),
    "not UTF-8": (b'{"a": "\xff"}', ["UTF-8"]),
    "a list": (b"[]", ["no JSON Schema"]),
    "a truth": (b"true", ["no JSON Schema"]),
    "an unknown type": (b'{"properties": {"id": {"type": "text"}}}', ["properties/id/type", "'text'"]),
    "a pattern that is none": (b'{"pattern": "("}', ["no JSON Schema", "pattern"]),
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


# -- the schemas -----------------------------------------------------------------------------------------------


def test_schema_and_dataclasses_are_in_step() -> None:
    schema = schema_of("contract.json")
    assert set(schema["properties"]) == {field.name for field in fields(model.Contract)} - NOT_IN_THE_FILE
    assert _required(schema) == _without_default(model.Contract) - NOT_IN_THE_FILE - _tables_that_may_be_left_out()
    for name, kind in {**TABLES, "paging.windows": model.Window}.items():
        part = _table(schema, name)
        assert set(part["properties"]) == {field.name for field in fields(kind)}, name
        assert _required(part) == _without_default(kind), name
        assert part["additionalProperties"] is False, name


def _table(schema: dict[str, Any], name: str) -> dict[str, Any]:
    for step in name.split("."):
        schema = schema["properties"][step]
        schema = schema.get("items", schema)
    return schema


def _required(schema: dict[str, Any]) -> set[str]:
    return set(schema.get("required", ()))


def _without_default(kind: Any) -> set[str]:
    return {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}


def _tables_that_may_be_left_out() -> set[str]:
    """Tables without which the dataclass is made of defaults alone."""
    return {name for name, kind in TABLES.items() if not _without_default(kind)}


def test_every_default_in_the_reference_is_that_of_the_dataclass() -> None:
    for name, kind in TABLES.items():
        part = _table(schema_of("contract.json"), name)["properties"]
        for field in fields(kind):
            said = re.search(r"Default: ([^ ,(]+?)[.,]?(?: |$)", part[field.name]["description"])
            plain = field.default if isinstance(field.default, int | float | str) and field.default != "" else None
            if plain is not None:
                assert said, f"{name}.{field.name}: the reference does not say its default"
                assert said[1] == (str(plain).lower() if isinstance(plain, bool) else f"{plain}".removesuffix(".0")), (
                    name
                )


def test_every_value_of_the_reference_is_described_and_no_form_is_left_without_an_example() -> None:
    def walk(part: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
        yield where, part
        for name, inner in part.get("properties", {}).items():
            yield from walk(inner, f"{where}.{name}")
        if isinstance(part.get("items"), dict):
            yield from walk(part["items"], f"{where}[]")

    for where, part in walk(schema_of("contract.json"), ""):
        assert part.get("description") or where.endswith("[]"), where
        if {"pattern", "format", "anyOf"} & set(part):
            assert part.get("examples"), where


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_every_schema_is_one(path: Path) -> None:
    schema = schema_of(path.name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def faults(schema: str, value: object) -> list[str]:
    """What is wrong with a value by a schema of the project."""
    validator = jsonschema.Draft202012Validator(schema_of(schema), format_checker=jsonschema.FormatChecker())
    return [error.message for error in validator.iter_errors(value)]


MODEL = {
    "id": "katanemo/Arch-Router-1.5B", "slug": "a", "canonical_slug": "a", "hugging_face_id": "a",
    "name": "Arch Router", "created": "2025-10-18T07:00:00", "description": "", "context_length": 0,
    "architecture": {"modality": "text", "input_modalities": ["text"], "output_modalities": []},
    "pricing": {"prompt": "0", "completion": None}, "supported_parameters": [], "default_parameters": {},
    "provider_slug": "katanemo", "source_gateway": "huggingface",
    "huggingface_metrics": {"downloads": 1, "likes": 0, "pipeline_tag": None},
}  # fmt: skip
MODEL_2026 = {
    "id": "katanemo/Arch-Router-1.5B", "name": "Arch Router", "object": "model", "owned_by": "katanemo",
    "source_gateway": "huggingface", "provider_slug": "katanemo", "is_active": True, "supported_parameters": [],
    "capabilities": {}, "is_free": False,
}  # fmt: skip
ENVELOPE = {"data": [None, {"id": None}], "total": 0, "returned": 0, "offset": 0, "limit": None, "gateway": "groq"}
ENVELOPE_2026 = {**ENVELOPE, "object": "list", "limit": 100, "has_more": False}
GOOD = {
    "gatewayz-model.json": MODEL,
    "gatewayz-2026-model.json": MODEL_2026,
    "gatewayz-envelope.json": ENVELOPE,
    "gatewayz-2026-envelope.json": ENVELOPE_2026,
}


@pytest.mark.parametrize("schema", GOOD)
@pytest.mark.parametrize("more", [{}, {"new_field": [1]}], ids=["as promised", "with a new field"])
def test_what_is_promised_fits_its_schema(schema: str, more: dict[str, object]) -> None:
    assert faults(schema, {**GOOD[schema], **more}) == []


@pytest.mark.parametrize("schema", GOOD)
def test_no_required_field_may_be_missing_and_none_but_limit_null(schema: str) -> None:
    required = _required(schema_of(schema))
    assert required == set(GOOD[schema])
    for name in required:
        assert faults(schema, {key: value for key, value in GOOD[schema].items() if key != name}), f"{name} missing"
        null = faults(schema, {**GOOD[schema], name: None})
        assert bool(null) != (name == "limit" and "2026" not in schema), f"{name} null: {null}"


@pytest.mark.parametrize("schema", GOOD)
def test_every_other_field_may_be_null(schema: str) -> None:
    parts = schema_of(schema)
    for name in set(parts["properties"]) - _required(parts):
        assert faults(schema, {**GOOD[schema], name: None}) == []


@pytest.mark.parametrize(
    ("schema", "field", "value"),
    [
        ("gatewayz-model.json", "id", ""),
        ("gatewayz-model.json", "id", 7),
        ("gatewayz-model.json", "name", " "),
        ("gatewayz-model.json", "context_length", "4096"),
        ("gatewayz-model.json", "pricing", {"prompt": 0.1}),
        ("gatewayz-model.json", "created", 1760770800),
        ("gatewayz-model.json", "created", "yesterday"),
        ("gatewayz-model.json", "architecture", {"modality": "text"}),
        ("gatewayz-model.json", "huggingface_metrics", {"downloads": "1", "likes": 0}),
        ("gatewayz-2026-model.json", "pricing", {"prompt": 0.1}),
        ("gatewayz-2026-model.json", "is_active", "yes"),
        ("gatewayz-envelope.json", "data", {}),
        ("gatewayz-envelope.json", "total", "1350"),
        ("gatewayz-envelope.json", "timestamp", 1760770800),
        ("gatewayz-2026-envelope.json", "has_more", 1),
        ("gatewayz-2026-envelope.json", "next_offset", "100"),
        ("gatewayz-2026-envelope.json", "object", "model"),
    ],
)
def test_a_wrong_type_does_not_fit(schema: str, field: str, value: object) -> None:
    assert faults(schema, {**GOOD[schema], field: value})


@pytest.mark.parametrize("text", ["2025-10-18", "2025-10-18T07:00:00", "2025-10-18T07:00:00.123456",
                                  "2025-10-18T07:00Z", "2025-10-18 07:00:00+00:00"])  # fmt: skip
def test_every_spelling_of_an_iso_date_fits(text: str) -> None:
    assert faults("gatewayz-model.json", {**MODEL, "created": text}) == []
    assert faults("gatewayz-envelope.json", {**ENVELOPE, "timestamp": text}) == []


def test_the_verdict_schema_tells_a_verdict_from_something_else() -> None:
    rule = dict.fromkeys(("id", "case", "gateway", "message", "curl", "promise", "family", "incident"), "x")
    count = {"gateway": "groq", "total": 19, "unique": 19, "duplicates": 0, "expected": 19, "verdict": "HOLDS"}
    cause = dict.fromkeys(("name", "says", "evidence", "next_step"), "x")
    good: dict[str, Any] = {
        "verdict": "HOLDS", "rules": [{**rule, "verdict": "NOT JUDGED", "severity": "minor"}], "gateways": [count],
        "requests": [],
        "source": "cassette healthy", "contract": "gatewayz", "started": "2025-10-18T07:00:00Z", "seconds": 1.5,
        "diagnosis": [cause], "more": 1,
    }  # fmt: skip
    assert faults("verdict.json", good) == []
    assert faults("verdict.json", {**good, "verdict": "PASSED"})
    assert faults("verdict.json", {**good, "rules": [{**good["rules"][0], "verdict": "SKIPPED"}]})
    assert faults("verdict.json", {**good, "started": "yesterday"})
    for name in set(good) - {"more"}:
        assert faults("verdict.json", {key: value for key, value in good.items() if key != name}), name


@pytest.mark.parametrize("name", contract_names())
def test_every_figure_of_a_shipped_contract_has_its_day_and_its_source(name: str) -> None:
    dated = [c for c in load_contract(name).collections if c.lowest_total is not None]
    assert [c.name for c in dated if not (c.as_of and c.source)] == []
