"""Places: where a value stands in an answer, and what names an item."""

import json
import time

import pytest

from catalog_contract.model.exchange import MISSING, Exchange, Request
from catalog_contract.model.place import Identity, Place, PlaceError


def answer(body: object = None, **headers: str) -> Exchange:
    """An answer with a body and headers (underscores for hyphens)."""
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return Exchange(Request("/"), "http://h/", 200, named, json.dumps(body).encode())


BODY = {
    "total": 7,
    "meta": {"total_count": 8, "page.size": 9},
    "meta.total": 10,
    "@odata.nextLink": "https://h/next",
    "@odata": {"nextLink": "not this one", "count": 11},
    "data": [{"id": "a"}, {"id": "b", "sort": [3, "x"]}],
    "link": [{"relation": "self", "url": "/1"}, {"relation": "next", "url": "/2"}, {"relation": "next", "url": "/3"}],
    "hits": {"hits": [{"_id": 1}]},
    "null": None,
    "numbered": [{"nth": 1, "is": "one"}, {"nth": True, "is": "true"}],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("total", 7),
        ("meta.total_count", 8),
        ("meta.page.size", 9),
        ("meta.total", 10),
        ("@odata.nextLink", "https://h/next"),
        ("@odata.count", 11),
        ("data[0].id", "a"),
        ("data[-1].id", "b"),
        ("data[-1].sort", [3, "x"]),
        ("data[-1].sort[0]", 3),
        ("link[relation=next].url", "/2"),
        ("hits.hits[-1]._id", 1),
        ("numbered[nth=true].is", "true"),
        ("numbered[nth=1].is", "one"),
        ("null", None),
        ("", BODY),
        ("nowhere", MISSING),
        ("meta.nowhere", MISSING),
        ("total.deeper", MISSING),
        ("data[2].id", MISSING),
        ("data[-3].id", MISSING),
        ("total[0]", MISSING),
        ("link[relation=last].url", MISSING),
        ("data.id", MISSING),
        ("null.key", MISSING),
    ],
)
def test_a_place_in_the_body(text: str, value: object) -> None:
    assert Place(text).read(answer(BODY)) == value
    assert str(Place(text)) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("header:X-Total-Count", 1352),
        ("header:x-total-count", 1352),
        ("header:Next-Page", "http://h/x?a=1,2"),
        ("header:Has-More", True),
        ("header:Code", "007"),
        ("header:Absent", MISSING),
    ],
)
def test_a_place_in_a_header_needs_no_body(text: str, value: object) -> None:
    reported = answer(X_Total_Count="1352", Next_Page=" http://h/x?a=1,2", Has_More="True", Code="007")
    assert Place(text).read(Exchange(reported.request, reported.url, 200, reported.headers, b"no JSON")) == value


@pytest.mark.parametrize(
    ("header", "next_", "last"),
    [
        ('<http://h/?page=2>; rel="next", <http://h/?page=9>; rel="last"', "http://h/?page=2", "http://h/?page=9"),
        ("<http://h/?ids=1,2;3&page=2>; rel=next", "http://h/?ids=1,2;3&page=2", None),
        ('</x?page=2>;title="a, b; rel=last";REL="NEXT"', "/x?page=2", None),
        ('</x>; rel="first next last"', "/x", "/x"),
        ("junk, </x>; rel=next,", "/x", None),
        ('</x>; rel=next; anchor="/other"', None, None),
        ('</x>; rel="prev"', None, None),
        ("", None, None),
    ],
)
def test_a_relation_of_the_link_header(header: str, next_: str | None, last: str | None) -> None:
    """Commas and semicolons in a URL, parameters in any case, unquoted, and links of something else."""
    found = [Place(f"link:{relation}").read(answer(link=header)) for relation in ("next", "last")]
    assert found == [MISSING if wanted is None else wanted for wanted in (next_, last)]


@pytest.mark.parametrize(
    "text",
    ["a..b", ".a", "a.", "a[", "a]", "a[b]", "a[=x]", "a[0]b", "a[0].", "[", "header:", "header:a b", "Header:X",
     "link:", "link: next", "LINK:next", "body:total", "a[0]..b"],
)  # fmt: skip
def test_what_is_no_place_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(PlaceError) as caught:
        Place(text)
    message = str(caught.value)
    assert message.isprintable() and repr(text) in message and ("write" in message or "like" in message)


@pytest.mark.parametrize(
    ("words", "items", "ids"),
    [
        ("id", [{"id": "a"}, {"id": "b"}], ("a", "b")),
        ("id", [{"id": 1}, {"id": 0}, {"id": -3}], ("1", "0", "-3")),
        ("id", [{"id": 1}, {"id": True}, {"id": 2}], ("1", None, "2")),
        ("id", [{"id": 1}, {"id": 2}, {"id": "3"}], ("1", "2", None)),
        ("id", [{"id": "1"}, {"id": "2"}, {"id": 3}], ("1", "2", None)),
        ("id", [{"id": 1.0}, {"id": ""}, {"id": None}, {}, [], "x", None, {"id": ["a"]}], (None,) * 8),
        ("id", [], ()),
        ("node.id", [{"node": {"id": "a"}}, {"node": None}], ("a", None)),
        ("resource.id", [{"resource.id": "long key first", "resource": {"id": "b"}}], ("long key first",)),
        ("_id", [{"_id": "\ud800x"}], ("\\ud800x",)),
        (["gateway", "id"], [{"gateway": "g", "id": "a"}, {"gateway": "g"}], ('["g", "a"]', None)),
        (["a", "b"], [{"a": "x", "b": 1}, {"a": "x", "b": 12}], ('["x", 1]', '["x", 12]')),
    ],
)  # fmt: skip
def test_ids_are_texts_or_whole_numbers_and_never_both(words: object, items: list, ids: tuple) -> None:
    assert Identity(words).of(items) == ids


def test_parts_of_a_composed_id_never_run_together() -> None:
    one, other = Identity(["a", "b"]).of([{"a": "x/y", "b": "z"}, {"a": "x", "b": "y/z"}])
    assert one != other


@pytest.mark.parametrize("words", ["", "header:X", "link:next", "a..b", ["id", ""]])
def test_an_id_stands_inside_the_item(words: object) -> None:
    with pytest.raises(PlaceError):
        Identity(words)


def test_a_hundred_thousand_ids_are_read_in_a_moment() -> None:
    items = [{"id": f"item-{nth}", "node": {"id": nth}} for nth in range(100_000)]
    for words in ("id", "node.id"):
        started = time.process_time()
        assert len(set(Identity(words).of(items))) == 100_000
        assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (Request("/x", (("limit", "1"),)), "curl -sS --compressed 'http://h/x?limit=1'"),
        (
            Request("/x", fixed=(("Accept", "a b"), ("Authorization", "Basic c2VjcmV0"))),
            "curl -sS --compressed -H 'Accept: a b' -H 'Authorization: REDACTED' http://h/x",
        ),
        (
            Request("/x", method="POST", body='{"a": "it\'s"}'),
            """curl -sS --compressed --json '{"a": "it'"'"'s"}' http://h/x""",
        ),
        (
            Request("/x", method="POST", body="{}", fixed=(("Content-Type", "application/x-amz-json-1.1"),)),
            "curl -sS --compressed -H 'Content-Type: application/x-amz-json-1.1' -d '{}' http://h/x",
        ),
        (Request("/x", (("q", "a,b"),), exact="/x?q=a,b"), "curl -sS --compressed 'http://h/x?q=a,b'"),
    ],
)
def test_curl_asks_the_same_again_and_shows_no_credential(request_: Request, line: str) -> None:
    assert Exchange(request_, "http://h" + request_.target).curl == line


def test_a_request_is_known_by_what_it_asks() -> None:
    plain = Request("/x", (("limit", "1"),))
    assert plain.key == "/x?limit=1 #1"
    assert Request("/x", (("limit", "1"),), fixed=(("Accept", "x"),)).key == plain.key
    posts = [Request("/x", method="POST", body=body) for body in ('{"after": 1}', '{"after": 2}')]
    assert len({plain.key, *(post.key for post in posts)}) == 3
    assert posts[0].label == 'POST /x {"after": 1}'
