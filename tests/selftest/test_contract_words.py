"""The words for requests, answers and styles: what a short contract leaves out, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from contracts import MINIMAL, refused

from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.place import Place
from catalog_contract.model.wording import Words

TEN_LINES = """\
title = "Invoices"
base_url = "http://127.0.0.1:8950"
list_path = "/v1/invoices"
[paging]
style = "offset"
{paging}
[[collections]]
name = "all"
depth = "full"
{collection}
"""


def loaded(folder: Path, text: str) -> Contract:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_contract(str(path))


@pytest.mark.parametrize(
    ("paging", "collection", "sizes"),
    [
        ("", "", (100, 97, 100)),
        ("maximum_limit = 1000", "", (100, 97, 1000)),
        ("maximum_limit = 100", "", (100, 97, 100)),
        ("maximum_limit = 1", "", (1, 1, 1)),
        ("maximum_limit = 2", "", (2, 1, 2)),
        ('above_maximum = "served"', "", (100, 97, 10_000)),
        ('above_maximum = "served"', "expected_total = 90000", (100, 691, 180_000)),
        ("maximum_limit = 1000", "expected_total = 1352", (100, 673, 1000)),
        ("maximum_limit = 1000", "expected_total = 41", (11, 19, 1000)),
        ("maximum_limit = 1000", "expected_total = 1", (1, 2, 1000)),
        ("default_limit = 20", "", (20, 19, 20)),
        ("default_limit = 20\nmaximum_limit = 50", "minimum_total = 500", (50, 47, 50)),
        ("page_size = 7\nmaximum_limit = 1000", "", (7, 5, 1000)),
        ("page_size = 97\nother_page_size = 12\nbulk_limit = 300", "", (97, 12, 300)),
    ],
)
def test_page_sizes_follow_from_the_maximum_and_the_expected_total(
    tmp_path: Path, paging: str, collection: str, sizes: tuple[int, int, int]
) -> None:
    reported = loaded(tmp_path, TEN_LINES.format(paging=paging, collection=collection)).paging
    assert (reported.page_size, reported.other_page_size, reported.bulk_limit) == sizes


def test_one_answer_that_holds_the_whole_list_has_no_limit(tmp_path: Path) -> None:
    text = TEN_LINES.format(paging="", collection="").replace('"offset"', '"none"')
    assert loaded(tmp_path, text).parameters.limit is None
    (tmp_path / "limited.toml").write_text(text + '[parameters]\nlimit = "limit"\n', encoding="utf-8")
    assert "parameters.limit: has no use" in refused(tmp_path / "limited.toml")


def test_a_contract_of_ten_lines_promises_nothing_that_it_does_not_say(tmp_path: Path) -> None:
    contract = loaded(tmp_path, TEN_LINES.format(paging="", collection=""))
    assert (contract.parameters.offset, contract.parameters.limit) == ("offset", "limit")
    assert contract.envelope.places == {"items": Place("data")}
    paging = contract.paging
    assert (paging.default_limit, paging.above_maximum, paging.maximum_limit, paging.limit_zero) == (None,) * 4
    assert (paging.starts_at, paging.full_pages, paging.past_the_end) == (0, True, "empty")
    assert paging.most(None) is None
    assert contract.words == Words()


@pytest.mark.parametrize(
    ("style", "more", "parameters", "starts_at"),
    [
        ("page", "", {"page": "page"}, 1),
        ("page", "starts_at = 0", {"page": "page"}, 0),
        ("page", "[parameters]\npage = 'p'\nlimit = 'n'", {"page": "p", "limit": "n"}, 1),
        ("cursor", "[parameters]\ncursor = 'after'\n[envelope]\nnext = 'next'", {"cursor": "after"}, 0),
        ("link", "[envelope]\nnext = 'link:next'", {}, 0),
        ("none", "", {}, 0),
        ("offset", "[parameters]\nlimit = 'n'", {"offset": "offset", "limit": "n"}, 0),
    ],
)
def test_a_style_has_its_own_parameters_and_no_others(
    tmp_path: Path, style: str, more: str, parameters: dict[str, str], starts_at: int
) -> None:
    more, table, tables = more.partition("[")
    text = MINIMAL.replace('"offset"', f'"{style}"').replace(
        "[[collections]]", f"{more}\n{table}{tables}\n[[collections]]"
    )
    contract = loaded(tmp_path, text)
    assert {key: name for key, name in vars(contract.parameters).items() if name} == parameters
    assert contract.paging.starts_at == starts_at


def test_everything_can_be_written(tmp_path: Path) -> None:
    contract = loaded(tmp_path, EVERYTHING)
    assert contract.request.headers == (("Accept", "application/json"),)
    assert (contract.request.key, contract.request.body) == ("x-api-key: {key}", {"variables": {"n": 1}})
    assert contract.envelope.optional == ("total",) and contract.envelope.total_is == "estimate"
    assert contract.cursor.bound_to == ("filter", "sort") and contract.cursor.public_origin == "https://api.example.org"
    assert [(one.name, dict(one.query), one.place, one.value, one.partition) for one in contract.filters] == [
        ("family", {"family": "kinase"}, "family", "kinase", True),
        ("family", {"family": "other"}, "family", "other", True),
    ]
    assert [(one.name, one.place, one.order) for one in contract.sorts] == [("by-age", "meta.age", "descending")]
    assert (contract.words.several_items, contract.words.collection) == ("invoices", "ledger")
    one, everything = contract.collections
    assert contract.identity(one).of([{"id": 7}]) == ("7",)
    assert contract.identity(everything).of([{"ledger": "a", "id": 7}]) == ('["a", 7]',)
    assert contract.schema_of(one) == {"required": ["id"]} and contract.schema_of(everything) is None
    assert everything.merges == "flat" and not one.merges


EVERYTHING = """\
title = "Invoices"
base_url = "http://127.0.0.1:8950"
list_path = "/v1/invoices"
item_name = "invoice"
collection_name = "ledger"
[request]
headers = { Accept = "application/json" }
query = { view = "full" }
key = "x-api-key: {key}"
body = { variables = { n = 1 } }
[parameters]
limit = "body:variables.n"
cursor = "header:X-After"
collection = "ledger"
[envelope]
items = "data.edges"
total = "data.total"
next = "data.edges[-1].cursor"
optional = ["total"]
total_is = "estimate"
[paging]
style = "cursor"
full_pages = false
past_the_end = "last"
deepest = 10000
limit_zero = "count"
churn = 3
[cursor]
bad = "refused"
bound_to = ["filter", "sort"]
reusable = false
url_safe = true
lives_seconds = 60
empty_last_page = true
empty_pages = true
public_origin = "https://api.example.org"
page_zero = "first"
[[filters]]
name = "family"
query = { family = "kinase" }
place = "family"
value = "kinase"
partition = true
[[filters]]
name = "family"
query = { family = "other" }
place = "family"
value = "other"
partition = true
[[sorts]]
name = "by-age"
query = { sort = "-age" }
place = "meta.age"
order = "descending"
[[collections]]
name = "one"
depth = "full"
item_schema = "own.json"
[[collections]]
name = "all"
merges = "flat"
id = ["ledger", "id"]
"""


@pytest.fixture(autouse=True)
def _own_schema(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text('{"required": ["id"]}')


WRONG: dict[str, tuple[str, str, str, list[str]]] = {
    "no place": ("data.edges[-1].cursor", "data.edges[last]", "envelope.next", ["data[-1].id"]),
    "a place in a list that is open": ('"meta.age"', '"meta["', "sorts[0].place", ["like"]),
    "an id outside the item": ('id = ["ledger", "id"]', 'id = "header:X"', "collections[1].id", ["inside an item"]),
    "an optional word that is not declared": ('optional = ["total"]', 'optional = ["pages"]', "envelope.optional[0]",
        ["'pages'", "next"]),
    "a parameter in no body": ("body = { variables = { n = 1 } }\n", "", "parameters.limit", ["[request]"]),
    "a parameter nowhere in the body": ("body:variables.n", "body:", "parameters.limit", ["body:variables.after"]),
    "a header of two words": ("header:X-After", "header:X After", "parameters.cursor", ["header:X-Page"]),
    "a key in no header": ("x-api-key: {key}", "x-api-key: key", "request.key", ["'x-api-key: {key}'"]),
    "a header that cannot be sent": ('"application/json"', '"b\\u00fc"', "request.headers.Accept", ["ASCII"]),
    "a cursor without its parameter": ('cursor = "header:X-After"\n', "", "parameters.cursor", ["missing", "'cursor'"]),
    "a cursor that leads nowhere": ('next = "data.edges[-1].cursor"\n', "", "envelope.next", ["missing"]),
    "a login in the public address": ("https://api.example.org", "https://me:pw@api.example.org",
        "cursor.public_origin", ["login"]),
    "an unknown style": ('"cursor"\nfull', '"cursors"\nfull', "paging.style", ["'cursor'"]),
    "an unknown order": ('"descending"', '"down"', "sorts[0].order", ["ascending, descending"]),
    "a filter without a value": ('value = "other"\n', "", "filters[1].value", ["missing"]),
    "a merge of another kind": ('"flat"', '"round"', "collections[1].merges", ["'flat'"]),
    "a schema that is nowhere": ('"own.json"', '"owm.json"', "collections[0].item_schema", ["'own.json'"]),
    "a body that is not a table": ("body = { variables = { n = 1 } }", "body = 1", "request.body", ["a table"]),
    "a maximum to nothing": ("churn = 3", 'churn = 3\nabove_maximum = "refused"', "paging.maximum_limit", ["missing"]),
    "one parameter for two things": ('cursor = "header:X-After"', 'cursor = "body:variables.n"', "parameters.cursor",
        ["parameters.limit"]),
    "a composed id that is looked up": ("[[sorts]]", "[detail]\npath = '/x/{id}'\n[item]\nid = ['a', 'b']\n[[sorts]]",
        "item.id", ["composed"]),
    "a template of another kind": ("[[sorts]]", "[detail]\npath = '/x/{id}/{y}'\n[[sorts]]", "detail.path", ["{+id}"]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_word_is_one_line(case: str, tmp_path: Path) -> None:
    old, new, key, words = WRONG[case]
    assert old in EVERYTHING
    path = tmp_path / "mine.toml"
    path.write_text(EVERYTHING.replace(old, new, 1), encoding="utf-8")
    line = refused(path)
    assert f": {key}: " in line, line
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    ("path", "id", "made"),
    [
        ("/m/{id}", "a/b c", "/m/a%2Fb%20c"),
        ("/m/{+id}", "a/b c", "/m/a/b%20c"),
        ("/m/{+id}", "meta/llama-3.1:free", "/m/meta/llama-3.1:free"),
        ("/m/{+id}/full", "a?b#c%2F", "/m/a%3Fb%23c%252F/full"),
        ("/m/{id}", "ü", "/m/%C3%BC"),
        ("/m/{+id}", "日本/モ ü", "/m/%E6%97%A5%E6%9C%AC/%E3%83%A2%20%C3%BC"),
        ("/m/{id}", "42", "/m/42"),
    ],
)
def test_the_path_of_a_detail_page(tmp_path: Path, path: str, id: str, made: str) -> None:
    contract: Any = loaded(tmp_path, MINIMAL.replace("[[coll", f"[detail]\npath = '{path}'\n[[coll"))
    assert contract.detail.path_of(id) == made


def test_a_promise_of_secrecy_that_is_not_kept_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(MINIMAL + "[cursor]\nsecret = true\n")
    assert "cursor.secret: cannot be kept" in refused(path)
