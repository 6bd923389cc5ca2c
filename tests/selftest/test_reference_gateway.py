"""The reference gateway keeps what the API promises, and each of its variants really differs from it."""

import contextlib
import itertools
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from fixtures.gateway import catalog
from fixtures.gateway.core import Answer, Gateway, Query, reference_gateway
from fixtures.gateway.encoding import Encoder
from fixtures.gateway.faults import FAMILIES, FAULTS
from fixtures.gateway.harmless import HARMLESS
from fixtures.gateway.server import WIRES, serve

ERAS = ("2025", "2026")
VARIANTS = {name: variant.eras for name, variant in (FAULTS | HARMLESS).items()}


def query(path: str = "/v1/models", headers: dict[str, str] | None = None, /, **params: object) -> Query:
    return Query(path, tuple((name, str(value)) for name, value in params.items()), headers or {})


def page(gateway: Gateway, offset: int, limit: int = 100, /, **more: object) -> Any:
    return gateway(query(**({"gateway": "huggingface", "offset": offset, "limit": limit} | more))).payload


def ids(payload: Any) -> list[str]:
    return [model["id"] for model in payload["data"]]


@pytest.mark.parametrize(("offset", "count"), [(0, 100), (100, 100), (200, 100), (500, 100), (1000, 100), (1300, 52)])
def test_pages_hold_what_the_seed_states(offset: int, count: int) -> None:
    payload = page(reference_gateway(), offset)
    assert (payload["returned"], len(payload["data"]), payload["offset"]) == (count, count, offset)


def test_the_bulk_read_is_the_whole_catalogue_once() -> None:
    payload = page(reference_gateway(), 0, 50000)
    assert payload["total"] == payload["returned"] == len(set(ids(payload))) == 1352


def test_first_ids_and_index_100_are_the_documented_ones() -> None:
    listed = ids(page(reference_gateway(), 0, 50000))
    assert len({listed[0], listed[200], listed[400]}) == 3
    first = ["google/embeddinggemma-300m", "sentence-transformers/all-MiniLM-L6-v2", "katanemo/Arch-Router-1.5B"]
    assert (listed[:3], listed[100]) == (first, "jhgan/ko-sbert-sts")


@pytest.mark.parametrize("name", catalog.GATEWAYS)
def test_every_gateway_has_its_documented_total_and_only_its_own(name: str) -> None:
    payload = page(reference_gateway(), 0, 50000, gateway=name)
    assert payload["total"] == len({one.lower() for one in ids(payload)}) == catalog.TOTALS[name]
    assert {model["source_gateway"] for model in payload["data"]} == {name}


def test_all_holds_every_model_of_every_gateway_once() -> None:
    gateway = reference_gateway()
    listed = ids(page(gateway, 0, 50000, gateway="all"))
    each = {one for name in catalog.GATEWAYS for one in ids(page(gateway, 0, 50000, gateway=name))}
    assert len(listed) == len({one.lower() for one in listed}) >= 2000
    assert set(listed) == each
    assert len(each) < sum(catalog.TOTALS.values()), "gateways should share some models"


def test_models_weigh_about_one_and_a_half_kilobytes() -> None:
    sizes = [len(json.dumps(model)) for name in ("huggingface", "all") for model in catalog.rows("2025", name)]
    assert min(sizes) >= 1200
    assert max(sizes) <= 1800


@pytest.mark.parametrize("alias", ["hug", "HUG", "HuggingFace"])
def test_aliases_list_the_same_under_one_name(alias: str) -> None:
    gateway = reference_gateway()
    assert page(gateway, 300, gateway=alias) == page(gateway, 300)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(("name", "value"), [*(("limit", v) for v in ("0", "-1", "abc", "1.5", "")), ("offset", "-1")])
def test_bad_queries_are_refused_with_a_list_of_reasons(era: str, name: str, value: str) -> None:
    answer = reference_gateway(era)(query(gateway="huggingface", **{name: value}))
    assert answer.status == 422
    assert [set(reason) for reason in answer.payload["detail"]] == [{"loc", "msg", "type"}]
    assert answer.payload["detail"][0]["loc"] == ["query", name]


def test_unknown_things_are_404_in_the_shape_of_their_era() -> None:
    for asked in (query(gateway="nowhere"), query("/v1/modells"), query("/v1/models/no/such", gateway="groq")):
        old, new = reference_gateway("2025")(asked), reference_gateway("2026")(asked)
        assert (old.status, new.status) == (404, 404)
        assert isinstance(old.payload["detail"], str)
        assert set(new.payload["error"]) == {"type", "message", "code"}


@pytest.mark.parametrize("offset", [1352, 10**6, 2**63 - 1, 10**30])
def test_an_offset_past_the_end_is_an_empty_page(offset: int) -> None:
    answer = reference_gateway()(query(gateway="huggingface", offset=offset, limit=100))
    assert (answer.status, answer.payload["data"], answer.payload["total"]) == (200, [], 1352)


def test_the_filter_comes_before_the_window() -> None:
    payload = page(reference_gateway(), 50, provider="timm")
    assert {model["provider_slug"] for model in payload["data"]} == {"timm"}
    assert len(payload["data"]) == 100 < payload["total"] < 1352


def test_defaults_of_2025() -> None:
    payload = reference_gateway()(query()).payload
    assert (payload["gateway"], payload["limit"], payload["returned"]) == ("openrouter", None, 340)


def test_defaults_and_bounds_of_2026() -> None:
    gateway = reference_gateway("2026")
    payload = gateway(query()).payload
    assert (payload["gateway"], payload["limit"], payload["object"]) == ("all", 100, "list")
    assert (payload["has_more"], payload["next_offset"]) == (True, 100)
    assert "include_huggingface" not in payload
    assert gateway(query(limit=1001)).status == 422
    last = page(gateway, 1300)
    assert (last["has_more"], last["next_offset"]) == (False, None)
    assert page(gateway, 1252)["has_more"] is False


@pytest.mark.parametrize("era", ERAS)
def test_every_listed_model_has_a_detail_page_that_agrees(era: str) -> None:
    gateway = reference_gateway(era)
    for name in ("huggingface", "openrouter", "fireworks"):
        for model in catalog.rows(era, name)[:: max(1, catalog.TOTALS[name] // 7)]:
            answer = gateway(query(f"/v1/models/{model['id'].replace(':', '%3A')}", gateway=name))
            assert answer.payload["data"] is model
            assert answer.payload["provider"] + "/" + answer.payload["model"] == model["id"]


def test_a_validator_of_2026_names_one_body() -> None:
    gateway = reference_gateway("2026")
    first, second = (gateway(query(gateway="huggingface", limit=100, offset=offset)) for offset in (0, 100))
    assert first.headers["ETag"] != second.headers["ETag"]
    for answer, status in ((first, 304), (second, 200)):
        held = {"if-none-match": "W/" + answer.headers["ETag"]}
        assert gateway(query("/v1/models", held, gateway="huggingface", limit=100, offset=0)).status == status


@cache
def questions(era: str) -> tuple[Query, ...]:
    """What a client may ask: enough for every variant to show itself."""
    return tuple(_questions(era))


def _questions(era: str) -> Iterator[Query]:
    bulk, hug = 50000 if era == "2025" else 1000, {"gateway": "huggingface"}
    yield query(**hug, limit=bulk)
    yield query(**hug, limit=bulk, offset=1000)
    yield query(**hug)
    for step, end in ((100, 1500), (331, 1656)):
        yield from (query(**hug, limit=step, offset=offset) for offset in range(0, end, step))
    windows = ((0, 1), (0, 97), (0, 250), (130, 97), (777, 250), (1315, 37), (1352, 100), (2**63 - 1, 100))
    yield from (query(**hug, limit=limit, offset=offset) for offset, limit in (*windows, (300, 100), (0, 100)))
    yield from (query(**hug, limit=value) for value in ("0", "-1", "abc", "1.5", "", 1001))
    yield from (query(**hug, offset=value) for value in ("-1", "abc", "1.5"))
    yield from (query(gateway=name, limit=bulk) for name in ("hug", "HuggingFace", "nowhere", "all", *catalog.GATEWAYS))
    yield from (query(**hug, limit=bulk, provider=name) for name in ("facebook", "google"))
    yield query(**hug, limit=20, provider="facebook")
    yield from (query(**hug, limit=2, offset=3, provider=name) for name in ("Qdrant", "nobody"))
    yield from (query(gateway="hug", limit=100, offset=200), query(limit=100), query(**hug, limit=9, offset=2**64))
    yield query(gateway="featherless", limit=23, offset=1337)
    names = [catalog.rows(era, "huggingface")[place]["id"] for place in (0, 3, 7, 700, 1351)]
    strangers = ("no/such", "no/" + names[0].rpartition("/")[2], catalog.rows(era, "groq")[0]["id"])
    yield from (query("/v1/models/" + name, **hug) for name in (*names, *strangers))
    yield query("/v1/models", {"accept-encoding": "identity"}, **hug, limit=100, offset=0)
    yield query("/v1/models", {"if-none-match": '"x"'}, **hug, limit=100, offset=200)
    other = reference_gateway(era)(query(**hug, limit=100, offset=100)).headers.get("ETag", "")
    yield query("/v1/models", {"if-none-match": other}, **hug, limit=100, offset=200)


def answers(era: str, variant: str | None, seed: int) -> Iterator[Answer]:
    gateway = reference_gateway(era, variant, seed)
    return (gateway(asked) for asked in questions(era))


def differs(one: Answer, other: Answer) -> bool:
    """Whether two answers differ; the order of keys counts."""
    return one != other or (one.payload is not other.payload and _keys(one) != _keys(other))


def _keys(answer: Answer) -> list[str]:
    payload = answer.payload if isinstance(answer.payload, dict) else {}
    return [*payload, *next((model for model in payload.get("data") or [] if isinstance(model, dict)), {})]


@pytest.fixture(scope="module")
def right() -> dict[str, list[Answer]]:
    return {era: list(answers(era, None, 0)) for era in ERAS}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_changes_an_answer_and_is_the_same_for_a_seed(right: dict[str, list[Answer]], name: str) -> None:
    for era in VARIANTS[name]:
        for seed in range(2):
            changed = zip(right[era], answers(era, name, seed), strict=True)
            seen = next(((place, wrong) for place, (held, wrong) in enumerate(changed) if differs(held, wrong)), None)
            assert seen, f"{era}, seed {seed}: no answer differs"
        again = itertools.islice(answers(era, name, seed), seen[0], None)
        assert next(again) == seen[1], f"{era}, seed {seed}: another answer the second time"


def test_variants_leave_the_shared_models_alone() -> None:
    for name, eras in VARIANTS.items():
        gateway = reference_gateway(eras[-1], name, 1)
        for asked in questions(eras[-1])[::7]:
            gateway(asked)
    for era in ERAS:
        assert catalog.rows(era, "huggingface") == catalog.rows.__wrapped__(era, "huggingface")


def test_names_are_unique_and_say_what_a_client_sees() -> None:
    variants = [variant for family in FAMILIES for variant in family.values()] + list(HARMLESS.values())
    assert len({variant.name for variant in variants}) == len(variants) == len(FAULTS) + len(HARMLESS)
    for variant in variants:
        assert re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", variant.name), variant.name
        assert variant.message.endswith("."), variant.name


def test_an_unknown_variant_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean storm"):
        reference_gateway(variant="strom")
    with pytest.raises(ValueError, match="only of 2026"):
        reference_gateway(variant="has-more-stuck")
    with pytest.raises(ValueError, match="unknown era"):
        reference_gateway("1999")


@pytest.mark.parametrize(
    ("variant", "counts", "bulk"),
    [
        ("stops-at-first-short-page", [100, 1, 0, 0, 0], 101),
        ("upstream-ignores-offset", [100, 1, 0, 0, 0], 101),
        ("first-page-only", [100, 0, 0, 0, 0], 100),
        ("storm", [100, 100, 100, 100, 100], 50000),
        ("limit-ignored", [1352, 1252, 1152, 852, 352], 1352),
        ("merged-top-lists", [100, 100, 100, 100, 100], 1204),
        ("capped-at-1000", [100, 100, 100, 100, 0], 1000),
        ("nine-models-after-a-rate-limit", [9, 0, 0, 0, 0], 9),
        ("holds-1280", [100, 100, 100, 100, 100], 1280),
        ("holds-1300", [100, 100, 100, 100, 100], 1300),
    ],
)
def test_the_incidents_look_as_documented(variant: str, counts: list[int], bulk: int) -> None:
    gateway = reference_gateway(variant=variant)
    assert [len(page(gateway, offset)["data"]) for offset in (0, 100, 200, 500, 1000)] == counts
    assert page(gateway, 0, 50000)["total"] == page(gateway, 0, 50000)["returned"] == bulk


def test_the_storm_repeats_one_hundred_models() -> None:
    gateway = reference_gateway(variant="storm")
    assert len(set(ids(page(gateway, 0, 50000)))) == 100
    assert ids(page(gateway, 0)) == ids(page(gateway, 700))


def test_the_two_cuts_to_101_differ_in_their_last_model() -> None:
    last = {seed: ids(page(reference_gateway(variant="upstream-ignores-offset", seed=seed), 100)) for seed in range(3)}
    assert len({tuple(tail) for tail in last.values()}) == 3
    assert ids(page(reference_gateway(variant="stops-at-first-short-page"), 100)) == ["jhgan/ko-sbert-sts"]


def test_a_negative_offset_looks_as_in_the_incident() -> None:
    payload = page(reference_gateway("2026", "negative-offset-accepted"), -1)
    assert (len(payload["data"]), payload["has_more"], payload["next_offset"]) == (1, True, 0)


@pytest.mark.parametrize("era", ERAS)
def test_eighty_answers_take_a_moment(era: str) -> None:
    times = [time.perf_counter() for _ in range(5) for _ in [list(answers(era, None, 0))]]
    fastest = min(after - before for before, after in itertools.pairwise(times))
    assert fastest < 0.2, f"{fastest:.3f} s: the self-test asks thousands of times"


def test_threads_may_share_a_gateway() -> None:
    gateway = reference_gateway(variant="timestamps-and-request-ids")
    turns: list[str] = []

    def ask() -> None:
        turns.extend(page(gateway, 0, 1)["request_id"] for _ in range(50))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(turns)) == 200


@pytest.mark.parametrize("indent", [None, 2])
def test_bodies_are_the_payload_as_json(indent: int | None) -> None:
    answer = reference_gateway("2026", "null-among-the-models")(query(gateway="huggingface", limit=1000))
    assert json.loads(Encoder(indent).body(answer)) == answer.payload


pytestmark = pytest.mark.enable_socket


@pytest.mark.parametrize("wire", list(WIRES))
def test_answers_travel_unchanged(wire: str) -> None:
    with serve(reference_gateway(), WIRES[wire]) as (url, log), requests.Session() as session:
        for asked in ("limit=50000", "limit=100&offset=1300", "limit=0"):
            for _ in range(2 if wire == "one-reset" else 1):
                with contextlib.suppress(requests.ConnectionError):
                    answer = session.get(f"{url}/v1/models?gateway=huggingface&{asked}", timeout=20)
            pairs = tuple(parse_qsl(f"gateway=huggingface&{asked}"))
            assert answer.json() == reference_gateway()(Query("/v1/models", pairs)).payload
    if wire in ("keep-alive", "plain", "chunked"):
        assert len(log) == 3
        assert len({entry["connection"] for entry in log}) == 1, "one connection serves all requests"


def test_headers_on_the_wire() -> None:
    with serve(reference_gateway("2026")) as (url, log):
        target = f"{url}/v1/models?gateway=hug&limit=10"
        packed = requests.get(target, timeout=20)
        plain = requests.get(target, timeout=20, headers={"Accept-Encoding": "identity"})
        assert (packed.headers["Content-Encoding"], "Content-Encoding" in plain.headers) == ("gzip", False)
        assert packed.json() == plain.json()
        again = requests.get(target, timeout=20, headers={"If-None-Match": packed.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert requests.post(target, timeout=20).status_code == 405
        assert [entry["status"] for entry in log] == [200, 200, 304, 405]


def test_a_redirect_keeps_the_query() -> None:
    with serve(reference_gateway(variant="redirect-to-a-trailing-slash")) as (url, _):
        answer = requests.get(f"{url}/v1/models?gateway=groq&limit=3&offset=1", timeout=20)
    assert ([step.status_code for step in answer.history], answer.json()["returned"]) == ([307], 3)


def test_a_client_that_goes_away_leaves_no_trace(capfd: pytest.CaptureFixture[str]) -> None:
    with serve(reference_gateway(variant="storm"), WIRES["plain"]) as (url, _):
        port = int(url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /v1/models?gateway=huggingface&limit=50000 HTTP/1.1\r\nHost: x\r\n\r\n")
            client.recv(1000)
        assert requests.get(f"{url}/health", timeout=20).status_code == 200
    assert capfd.readouterr().err == ""
