"""Bodies as JSON: as strict as the standard, and each distinct body and row decoded once."""

import json
import random

import pytest

from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.json_body import KEPT_BODIES, NotJson, SharedBodies, plain_json, strict_json

ROW = b'{"id": "a/b", "n": [1, {}], "t": "\\u00fc", "long": "enough to be looked up by its first letters"}'
PAGE = b'{"data": [%b, %b , {"id": "c"}, null, "s", 1.5e3, []], "total" : 2, "o": {"p": [{}]}, "e": []} ' % (ROW, ROW)

REFUSED = {
    b"": "Expecting value at character 0 of 0",
    b"{": "Expecting property name enclosed in double quotes at character 1 of 1",
    b"[1,]": "Expecting value at character 3 of 4",
    b'{"a": [{"b": 1}, {"b": NaN}]}': "NaN is not a JSON value",
    b"[-Infinity]": "-Infinity is not a JSON value",
    b"[1] 2": "Extra data at character 4 of 5",
    b'["\xff"]': "byte 2 is not UTF-8",
    b"[" * 100_000: "nested deeper than a client can read",
    b"[%b]" % (b"9" * 5_000): "it holds a number of more digits than a client can read",
    "[1]".encode("utf-16"): "byte 0 is not UTF-8",
}


@pytest.mark.parametrize("body", REFUSED, ids=range(len(REFUSED)))
def test_what_is_not_json_is_refused_with_the_reason(body):
    for decode in (strict_json, plain_json, SharedBodies().decoded):
        with pytest.raises(NotJson) as caught:
            decode(body)
        assert str(caught.value) == REFUSED[body]


@pytest.mark.parametrize("body", [b"null", b" 3 ", b'"x"', b"[]", b"{}", b"\xef\xbb\xbf[1]", b'{"a": 1, "a": 2}', PAGE])
def test_json_is_decoded_as_python_does(body):
    assert strict_json(body) == SharedBodies().decoded(body) == json.loads(body.decode("utf-8-sig"))


NUMBERS = [
    b"-0", b"-0.0", b"0e1", b"1E5", b"1.0", b"1e16", b"10000000000000000", b"0.1e-7", b"123456789012345678",
    b"9223372036854775808", b"18446744073709551616", b"-9223372036854775809", b"1" * 40, b"1e400", b"-1e400", b"5e-324",
    b"0.30000000000000004", b"123456789.123456789123456789", b"1.7976931348623159e308", b"2.2250738585072011e-308",
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_of_a_stored_body_is_what_python_reads(number):
    for body in (number, b'{"a": [%b, "x"]}' % number, b" [ %b ] " % number):
        assert repr(plain_json(body)) == repr(json.loads(body))


TEXTS = [b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\xc3\xa9"', b'"\\u0000"', b'{"a": 1, "a": 2}', b"[" * 900 + b"]" * 900]


@pytest.mark.parametrize("body", TEXTS, ids=range(len(TEXTS)))
def test_a_text_of_a_stored_body_is_what_python_reads(body):
    assert plain_json(body) == json.loads(body)


def spoiled(chance: random.Random) -> bytes:
    """A page with a few bytes lost, put in or repeated."""
    body = bytearray(PAGE)
    for _ in range(chance.randint(0, 3)):
        at, other = chance.randrange(len(body)), chance.randrange(len(body))
        match chance.randrange(3):
            case 0:
                del body[at : at + chance.randint(1, 4)]
            case 1:
                body[at:at] = chance.choice([b",", b"{", b"}", b"[", b"]", b'"', b" ", b"NaN", b"\n", b"1", b":"])
            case _:
                body[at:at] = body[other : other + chance.randint(1, 30)]
    return bytes(body)


def outcome(decode, body):
    try:
        return json.dumps(decode(body))
    except ValueError:
        return "refused"


def no_constant(name):
    raise ValueError(name)


def test_no_body_is_read_otherwise_than_python_reads_it():
    shared, chance, good = SharedBodies(), random.Random(7), 0
    for _ in range(8_000):
        body = spoiled(chance)
        expected = outcome(lambda body: json.loads(body.decode(), parse_constant=no_constant), body)
        assert outcome(shared.decoded, body) == outcome(plain_json, body) == expected, body
        good += expected != "refused"
    assert 1_600 < good < 6_400


def test_equal_bodies_and_equal_rows_are_one_value():
    shared = SharedBodies()
    value = shared.decoded(PAGE)
    assert shared.decoded(bytes(bytearray(PAGE))) is value
    assert value["data"][0] is value["data"][1]
    assert shared.decoded(b"[%b]" % ROW)[0] is value["data"][0]
    assert shared.decoded(b'[{"id": "a/b"}]')[0] == {"id": "a/b"}


def test_exchanges_with_one_body_share_its_value():
    one, other = (Exchange(Request(f"/{name}"), "", 200, body=bytes(bytearray(PAGE))) for name in "ab")
    assert one.body is not other.body
    assert one.data is other.data


def test_what_is_remembered_is_bounded():
    shared = SharedBodies()
    first = shared.decoded(b"[0]")
    for number in range(1, KEPT_BODIES + 1):
        shared.decoded(b"[%d]" % number)
    assert shared.decoded(b"[0]") is not first
