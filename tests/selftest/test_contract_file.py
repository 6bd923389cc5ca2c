"""Contracts are read whole, and whatever is wrong with one is a single line that helps."""

import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from contracts import GATEWAYZ, MINIMAL, refused

from catalog_contract.contracts.load import CONTRACTS, contract_names, load_contract
from catalog_contract.model import contract as model

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
    assert (everything.merges, everything.minimum_total, everything.depth) == ("unique", 2000, "count")
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
    before["google-vertex"] = before.pop("google")  # an alias since then
    assert {c.name: c.expected_total for c in contract.collections} == before


def test_the_least_contract_promises_nothing_more() -> None:
    contract = load_contract("example-minimal")
    assert contract.envelope == model.Envelope()
    assert contract.transport == model.Transport()
    assert contract.envelope_schema is None and contract.detail is None and contract.cassette is None
    assert [c.lowest_total for c in contract.collections] == [None]


def test_transport_defaults_are_written_out_in_the_default_contract() -> None:
    written = set(re.findall(r"^(\w+) =", GATEWAYZ.split("[transport]")[1].split("[[incidents]]")[0], re.MULTILINE))
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
ALL = 13
"""Which collection merges all."""
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
    "missing key": ('style = "offset"\n', "#\n", "paging.style", ["missing"]),
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
    "no time": ("bulk_seconds = 70.0", "bulk_seconds = 0", "times.bulk_seconds", ["at least 0.001"]),
    "number over 64 bits": ("far_offset = 1_000_000", "far_offset = 99_000_000_000_000_000_000", "paging.far_offset",
        ["64 bits"]),
    "huge offset without quotes": ('huge_offset = "18446744073709551616"', "huge_offset = 5", "paging.huge_offset",
        ["text", "quotes"]),
    "huge offset in words": ('huge_offset = "18446744073709551616"', 'huge_offset = "very"', "paging.huge_offset",
        ["'very'", "18446744073709551616"]),
    "huge offset in the catalogue": ('huge_offset = "18446744073709551616"', 'huge_offset = "1300"',
        "paging.huge_offset", ["1300", "too large"]),
    "window of a collection twice": ("windows = [{ offset = 777, limit = 50 }]",
        "windows = [{ offset = 777, limit = 50 }, { offset = 777, limit = 50 }]", f"collections[{ALL}].windows[1]",
        ["twice"]),
    "window of a collection without a place": ("windows = [{ offset = 777, limit = 50 }]", "windows = [{ limit = 50 }]",
        f"collections[{ALL}].windows[0]", ["neither offset nor before_end"]),
    "windows of a collection in full depth": ('depth = "full"\n',
        'depth = "full"\nwindows = [{ offset = 1, limit = 5 }]\n', "collections[0].windows", ["[paging]"]),
    "two parameters of one name": ('filter = "provider"', 'filter = "limit"', "parameters.filter", ["'limit'", "own"]),
    "unknown default collection": ('default_collection = "openrouter"', 'default_collection = "openruter"',
        "default_collection", ["'openruter'", "'openrouter'"]),
    "number of a thousand digits": ("bulk_seconds = 70.0", "bulk_seconds = 1" + "0" * 1000,
        "times.bulk_seconds", ["64 bits"]),
    "hexadecimal monster": ("bulk_seconds = 70.0", "bulk_seconds = 0x" + "f" * 5000, "times.bulk_seconds", ["64 bits"]),
    "unknown depth": ('depth = "full"\n', 'depth = "ful"\n', "collections[0].depth", ["'ful'", "'full'"]),
    "depth in capitals": ('depth = "full"\n', 'depth = "FULL"\n', "collections[0].depth", ["'full'"]),
    "unknown style": ('style = "offset"', 'style = "ofset"', "paging.style", ["'offset'"]),
    "unknown style far from all": ('style = "offset"', 'style = "xyzzy"', "paging.style", ["'xyzzy'", "offset"]),
    "unknown above_maximum": ('= "served"', '= "serve"', "paging.above_maximum", ["'served'"]),
    "refused above nothing": ('= "served"', '= "refused"', "paging.maximum_limit", ["missing", "'refused'"]),
    "clamped above nothing": ('= "served"', '= "clamped"', "paging.maximum_limit", ["missing", "'clamped'"]),
    "served above a maximum": ('= "served"', '= "served"\nmaximum_limit = 9', "paging.maximum_limit", ["'served'"]),
    "limit over the maximum": ('= "served"', '= "refused"\nmaximum_limit = 1000\n#',
        "paging.bulk_limit", ["over maximum"]),
    "default limit": ('default_limit = "all"', 'default_limit = "any"',
        "paging.default_limit", ["'any'", "'all'", "100"]),
    "default limit zero": ('default_limit = "all"', "default_limit = 0", "paging.default_limit", ["0", "'all'"]),
    "same page size twice": ("other_page_size = 701", "other_page_size = 100",
        "paging.other_page_size", ["prove nothing"]),
    "far offset before the end": ("far_offset = 1_000_000", "far_offset = 2000", "paging.far_offset", ["2786"]),
    "window with both": (WINDOWS[FROM_END], "{ offset = 1, before_end = 1, limit = 1 }", WINDOW, ["both"]),
    "window with neither": (WINDOWS[FROM_END], "{ limit = 1 }", WINDOW, ["neither"]),
    "window twice": (WINDOWS[1], WINDOWS[0], "paging.windows[1]", ["twice"]),
    "no address": ('"https://api.gatewayz.ai"', '"api.gatewayz.ai"', "base_url", ["'https://api.example.org'"]),
    "another scheme": ('"https://api.gatewayz.ai"', '"ftp://api.gatewayz.ai"', "base_url", ["'ftp:"]),
    "no host": ('"https://api.gatewayz.ai"', '"https://:80"', "base_url", ["not an address"]),
    "wrong port": ('"https://api.gatewayz.ai"', '"https://a:99999"', "base_url", ["not an address"]),
    "login in the address": ('"https://api.gatewayz.ai"', '"https://me:pw@a.org"', "base_url", ["login"]),
    "query in the address": ('"https://api.gatewayz.ai"', '"https://a.org?key=1"', "base_url", ["query"]),
    "path without a slash": ('list_path = "/v1', 'list_path = "v1', "list_path", ["'v1/models'", "'/v1/models'"]),
    "detail without an id": ('"/v1/models/{+id}"', '"/v1/models/id"', "detail.path", ["{id}"]),
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
    "incident of two lines": ('story = "The bulk', 'story = "The\\nbulk',
        "incidents[0].story", ["write it like"]),
    "incident without a rule": ('rules = ["the_collection_answers"]', "rules = []", "incidents[4].rules", ["empty"]),
    "two incidents of one key": ('key = "cut-to-101"', 'key = "storm"', "incidents[2].key", ["'storm'", "another"]),
    "incidents from nowhere": ('cassette = "healthy"', 'incidents_from = ["gatewyz"]\ncassette = "healthy"',
        "incidents_from[0]", ["did you mean 'gatewayz'?"]),
    "no schema of that name": ('"gatewayz-any-model.json"', '"gatewayz-any-modle.json"',
        "item_schema", ["'gatewayz-any-model.json'"]),
    "schema with a null byte": ('"gatewayz-any-model.json"', '"a\\u0000b.json"', "item_schema", ["no file"]),
    "schema with an endless name": ('"gatewayz-any-model.json"', '"' + "a" * 300 + '"',
        "item_schema", ["cannot be read"]),
    "schema is a folder": ('"gatewayz-any-model.json"', '"."', "item_schema", ["no file"]),
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


@pytest.mark.parametrize("name", contract_names())
def test_every_figure_of_a_shipped_contract_has_its_day_and_its_source(name: str) -> None:
    dated = [c for c in load_contract(name).collections if c.lowest_total is not None]
    assert [c.name for c in dated if not (c.as_of and c.source)] == []
