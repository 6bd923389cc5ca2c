"""Diagnosis: each cause is named from its own evidence, and from nothing less."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from catalog_contract.contract import Collection, Contract, Envelope, Item, Paging, Parameters
from catalog_contract.diagnosis import diagnose, limits, names
from catalog_contract.verdict import Cause, Evidence, Judgement, PageSeen, Verdict

Rows = list[str | None]
Answer = Callable[[int, int], Rows]

HF = "huggingface"
IDS: Rows = [f"owner{i % 40}/model-{i}" for i in range(1352)]
CONTRACT = Contract(
    Path("x.toml"),
    "x",
    "X",
    "http://127.0.0.1",
    "/v1/models",
    Parameters(collection="gateway", filter="provider"),
    Envelope(total="total"),
    Item(ids_differ_by_more_than_case=True),
    Paging("offset", 100, 50000, "all", 331, "served"),
    (
        Collection(
            HF,
            depth="full",
            aliases=("hug",),
            expected_total=1350,
            as_of=date(2025, 10, 18),
            known_ids=("owner0/model-0", "owner37/model-77"),
        ),
        Collection("groq", expected_total=19),
        Collection("featherless", expected_total=2786),
        Collection("xai"),
        Collection("all", merges=True, minimum_total=2000),
    ),
    unknown_collection="no-such-gateway",
)
WALK = range(0, 1500, 100)
WINDOWS = ((1, 1), (2, 2), (97, 97), (250, 250), (130, 97), (500, 7), (777, 250))


def sliced(ids: Rows) -> Answer:
    return lambda offset, limit: ids[offset : offset + limit]


def page(
    offset: int | None,
    limit: int | None,
    ids: Iterable[str | None],
    *,
    gateway: str = HF,
    extra: str = "",
    **more: object,
) -> PageSeen:
    words = ("" if limit is None else f"&limit={limit}") + ("" if offset is None else f"&offset={offset}")
    name = more.pop("name", gateway)
    values: dict[str, object] = {"status": 200, **more}
    target = f"/v1/models?gateway={name}{extra}{words}"
    return PageSeen(gateway, target, offset, limit, ids=tuple(ids), **values)  # type: ignore[arg-type]


def run(answer: Answer, total: object = None, bulk: Rows | None = None) -> list[PageSeen]:
    """The pages of a whole run against an API that answers so."""
    everything = answer(0, 50000) if bulk is None else bulk
    said = len(everything) if total is None else total
    pages = [page(o, 100, answer(o, 100), total=said, walk=True) for o in WALK]
    pages += [page(o, limit, answer(o, limit), total=said) for o, limit in WINDOWS]
    pages += [page(o, 331, answer(o, 331), total=said) for o in range(0, 1655, 331)]
    pages.append(page(1_000_000, 100, answer(1_000_000, 100), total=said))
    return [*pages, page(0, 50000, everything, total=said, bulk=True)]


def judged(
    family: str = "windows",
    gateway: str = HF,
    verdict: Verdict = Verdict.BROKEN,
    says: str = "x",
    target: str = "",
) -> Judgement:
    evidence = Evidence(says, requests=(target,) if target else ())
    return Judgement("a_rule", "", gateway, verdict, family=family, evidence=evidence)


def named(pages: Iterable[PageSeen], *judgements: Judgement) -> list[str]:
    return [cause.name for cause in told(pages, *judgements)]


def told(pages: Iterable[PageSeen], *judgements: Judgement) -> tuple[Cause, ...]:
    found = diagnose(CONTRACT, tuple(pages), judgements or (judged("pages"), judged("totals"), judged("windows")))
    for cause in found:
        assert cause.says and cause.next_step
        assert 0 < len(cause.evidence) < 300, cause.evidence
        assert "\n" not in cause.evidence
    return found


def the(name: str, pages: Iterable[PageSeen], *judgements: Judgement) -> Cause:
    found = told(pages, *judgements)
    assert [cause.name for cause in found] == [name], found
    return found[0]


# Nothing is named without evidence


def test_a_healthy_catalogue_has_no_cause_whatever_is_broken() -> None:
    pages = run(sliced(IDS))
    for family in ("pages", "identity", "totals", "windows", "gateways", "schema", "detail", "service", ""):
        assert named(pages, judged(family)) == [], family


def test_nothing_is_named_when_every_promise_holds() -> None:
    for answer in (sliced(IDS[:101]), lambda o, limit: IDS[:limit], sliced([])):
        assert named(run(answer), judged(verdict=Verdict.HOLDS)) == []
        assert diagnose(CONTRACT, run(answer), ()) == ()


def test_nothing_is_named_without_pages() -> None:
    assert named([]) == []
    assert named([page(500, 100, IDS[500:600])]) == []


@pytest.mark.parametrize("at", [0, 1352])
def test_growth_during_the_run_is_not_taken_for_the_cause_of_something_else(at: int) -> None:
    grown = [*IDS[:at], "new/model", *IDS[at:]]
    pages = [page(o, 100, (IDS if o < 700 else grown)[o : o + 100], walk=True) for o in WALK]
    pages += [page(0, 50000, grown, bulk=True), page(0, 100, grown[:100], walk=True, reading=2)]
    for family in ("schema", "detail", "service", "counters", "bounds"):
        found = named(pages, judged(family, says="is answered 422 without a reason"))
        assert found == ([names.COUNTERS_ONLY] if family == "counters" else []), family


def test_a_schema_fault_alone_is_no_paging_cause() -> None:
    assert named(run(sliced(IDS[:101])), judged("schema")) == []


@pytest.mark.parametrize("seed", range(5))
def test_neither_the_order_of_the_pages_nor_their_choice_changes_what_is_true(seed: int) -> None:
    shuffle = random.Random(seed)
    pages = run(sliced(IDS[:101]))
    shuffle.shuffle(pages)
    assert named(pages) == [names.SHORT_PAGE, names.UPSTREAM]
    chosen = shuffle.sample(run(sliced(IDS)), 12)
    assert named(chosen) == []


# The catalogue as a whole


def test_the_storm_is_one_page_over_and_over() -> None:
    ids = IDS[:100] * 500
    cause = the(names.SAME_PAGE, run(sliced(ids)))
    assert "50,000 rows, 100 unique" in cause.evidence
    assert "period 100, factor 500" in cause.evidence
    assert "offset=1000000" in cause.next_step


def test_a_storm_that_does_not_end_with_a_whole_page_is_one_too() -> None:
    cause = the(names.SAME_PAGE, run(sliced((IDS[:100] * 14)[:1350])))
    assert "period 100, factor 13.5" in cause.evidence


def test_the_cut_to_101_names_both_and_what_tells_them_apart() -> None:
    found = told(run(sliced(IDS[:101])))
    assert [cause.name for cause in found] == [names.SHORT_PAGE, names.UPSTREAM]
    for cause in found:
        assert "101 models, at least 1,282 expected" in cause.evidence
        assert "0: 100, 100: 1, 200: 0" in cause.evidence
        for query in ("limit=100;", "limit=100&offset=100;", "limit=100&skip=100;", "Link", "offset=1000000"):
            assert query in cause.next_step
        assert "speaks" not in cause.says


def test_a_tail_that_changes_speaks_for_the_upstream() -> None:
    again = page(100, 100, ["late/comer"], walk=True, reading=2)
    found = {cause.name: cause for cause in told([*run(sliced(IDS[:101])), again])}
    assert "speaks for this" in found[names.UPSTREAM].says
    assert "speaks against this" in found[names.SHORT_PAGE].says
    assert "late/comer" in found[names.UPSTREAM].evidence


def test_the_cut_is_named_from_the_one_page_that_shows_it() -> None:
    assert named([page(100, 100, IDS[100:101])], judged("pages")) == [names.SHORT_PAGE, names.UPSTREAM]
    assert named([page(200, 100, [])], judged("pages")) == [names.ENDS_EARLY]


def test_the_first_page_alone_names_both() -> None:
    assert named(run(sliced(IDS[:100]))) == [names.FIRST_PAGE, names.UPSTREAM]


@pytest.mark.parametrize("size", [1, 9, 42])
def test_less_than_a_page_is_a_partial_crawl(size: int) -> None:
    assert f"{size} models" in the(names.PARTIAL, run(sliced(IDS[:size]))).evidence


def test_no_row_at_all_is_an_outage() -> None:
    the(names.EMPTY, run(sliced([])))


@pytest.mark.parametrize("size", [500, 1000])
def test_a_round_number_is_a_cap(size: int) -> None:
    assert f"exactly {size:,} models" in the(names.CAPPED, run(sliced(IDS[:size]))).evidence


def test_a_capped_bulk_read_is_told_from_a_capped_catalogue() -> None:
    cause = the(names.CAPPED, run(lambda o, limit: IDS[o : o + min(limit, 1000)], total=1352))
    assert "limit=50000 holds 1,000 rows; the walk finds 1,352" in cause.evidence


@pytest.mark.parametrize(("size", "name"), [(1204, names.MERGED), (1280, names.MERGED), (537, names.PART_MISSING)])
def test_a_consistent_catalogue_that_is_short(size: int, name: str) -> None:
    cause = the(name, run(sliced(IDS[:size])))
    assert f"{size:,} models, at least 1,282 expected" in cause.evidence
    assert "walk and bulk read hold the same models" in cause.evidence


def test_a_known_model_that_is_missing_within_the_tolerance() -> None:
    left = [id_ for id_ in IDS if id_ != "owner37/model-77"]
    assert "owner37/model-77" in the(names.KNOWN_MISSING, run(sliced(left)), judged("identity")).evidence


def test_duplicates_in_one_list_are_named_with_both_places() -> None:
    cause = the(names.DUPLICATES, run(sliced([*IDS[:40], IDS[3], *IDS[40:]])), judged("identity"))
    assert "owner3/model-3 at rows 3 and 40" in cause.evidence


def test_ids_that_differ_by_case_only() -> None:
    the(names.CASE_TWINS, run(sliced([*IDS, "Owner5/Model-5"])), judged("identity"))


@pytest.mark.parametrize("seed", range(3))
def test_rows_without_an_id(seed: int) -> None:
    at = random.Random(seed).randrange(1352)
    cause = the(names.NO_ID, run(sliced([*IDS[:at], None, *IDS[at + 1 :]])), judged("schema"))
    assert f"first at offset {at:,}" in cause.evidence


# Windows


def test_an_ignored_offset_while_the_bulk_read_is_fine() -> None:
    cause = the(names.OFFSET_IGNORED, run(lambda o, limit: IDS[:limit]))
    assert "the bulk read holds 1,352 rows, 1,352 unique" in cause.evidence
    assert "cache whose key lacks `offset`" in cause.next_step


def test_two_pages_are_enough_for_an_ignored_offset() -> None:
    pages = [page(o, 100, IDS[:100]) for o in (0, 200, 400)]
    assert "may be one page repeated" in the(names.OFFSET_IGNORED, pages, judged("pages")).says


def test_a_cache_that_ignores_the_offset() -> None:
    kept: dict[int, Rows] = {}
    pages = run(lambda o, limit: kept.setdefault(limit, IDS[o : o + limit]))
    assert named(pages) == [names.CACHE]


def test_a_cache_that_ignores_the_limit() -> None:
    pages = [page(300, 7, IDS[300:307]), page(0, 50000, IDS, bulk=True)]
    pages += [page(o, 100, IDS[o : o + (7 if o == 300 else 100)], walk=True) for o in WALK]
    assert "limit=7 and 100 hold the same 7 rows" in the(names.CACHE, pages).evidence


def test_an_ignored_limit() -> None:
    cause = the(names.LIMIT_IGNORED, run(lambda o, limit: IDS[o:]))
    assert "each holds all the rest" in cause.evidence


def test_one_row_more_than_the_limit() -> None:
    the(names.LIMIT_OFF, run(lambda o, limit: IDS[o : o + limit + 1]))


@pytest.mark.parametrize("seed", range(3))
def test_one_row_on_both_sides_of_a_boundary(seed: int) -> None:
    at = random.Random(seed).randrange(1, 13) * 100
    cause = the(names.BOUNDARY, run(lambda o, limit: IDS[o - ((o, limit) == (at, 100)) :][:limit]))
    assert f"both sides of offset {at:,}" in cause.evidence
    assert "1 of 13 boundaries" in cause.evidence


def test_one_row_on_both_sides_of_every_boundary() -> None:
    pages = run(lambda o, limit: IDS[o - o // limit :][:limit])
    assert "every boundary" in the(names.BOUNDARY, pages).says


@pytest.mark.parametrize("seed", range(3))
def test_one_row_lost_at_a_boundary(seed: int) -> None:
    at = random.Random(seed).randrange(1, 13) * 100
    pages = run(lambda o, limit: [id_ for id_ in IDS[o : o + limit] if limit != 100 or id_ != IDS[at]])
    cause = the(names.BOUNDARY, pages)
    assert f"{IDS[at]} is lost at offset {at:,}" in cause.evidence


def test_an_offset_rounded_to_whole_pages() -> None:
    the(names.ROUNDED, run(lambda o, limit: IDS[o // limit * limit :][:limit]))


def test_windows_that_all_begin_too_early() -> None:
    pages = run(lambda o, limit: IDS[max(0, o - 1) :][:limit])
    assert "1 row too early" in the(names.SHIFTED, pages).says


def test_windows_that_all_begin_too_late() -> None:
    answer: Answer = lambda o, limit: IDS[o + 2 : o + 2 + limit] if o else IDS[:limit]  # noqa: E731
    assert "2 rows too late" in the(names.SHIFTED, run(answer)).says


# Readings against each other


@pytest.mark.parametrize("seed", range(3))
def test_an_order_that_changes_with_every_request(seed: int) -> None:
    dice = random.Random(seed)
    the(names.ORDER, run(lambda o, limit: dice.sample(IDS, len(IDS))[o : o + limit]))


def test_one_page_read_twice_in_another_order() -> None:
    again = page(200, 100, reversed(IDS[200:300]), walk=True, reading=2)
    assert "read twice" in the(names.ORDER, [*run(sliced(IDS)), again]).evidence


def test_two_lists_for_one_request() -> None:
    again = page(200, 100, [f"other/{i}" for i in range(100)], walk=True, reading=2)
    the(names.VERSIONS, [*run(sliced(IDS)), again])


@pytest.mark.parametrize("seed", range(3))
def test_one_id_swapped_for_another(seed: int) -> None:
    at = random.Random(seed).randrange(1300)
    other: Rows = [*IDS[:at], "some/other", *IDS[at + 1 :]]
    cause = the(names.SWAPPED, run(lambda o, limit: (other if limit == 100 else IDS)[o : o + limit]))
    assert f"offset {at:,}: bulk read {IDS[at]}, page some/other" in cause.evidence


@pytest.mark.parametrize(("left", "name"), [(0, names.HOLE), (83, names.SHORT_MIDDLE)])
def test_a_page_in_the_middle_that_is_not_full(left: int, name: str) -> None:
    pages = run(lambda o, limit: IDS[o : o + limit][: left if (o, limit) == (500, 100) else None])
    assert f"offset 500 holds {left} of 100 rows" in the(name, pages).evidence


def test_a_last_page_that_is_dropped() -> None:
    pages = run(lambda o, limit: IDS[o : o + limit] if o + limit <= 1352 or limit == 50000 else [])
    assert "offset 1,300 is empty, the bulk read has 52 rows" in the(names.LAST_DROPPED, pages).evidence


def test_the_last_page_again_past_the_end() -> None:
    the(names.REPLAY, run(lambda o, limit: IDS[o : o + limit] if o < 1352 else IDS[1300:][-limit:]))


def test_the_catalogue_again_past_the_end() -> None:
    the(names.WRAPS, run(lambda o, limit: IDS[o : o + limit] if o < 1352 else IDS[:limit]))


@pytest.mark.parametrize("status", [404, 500])
def test_an_error_past_the_end(status: int) -> None:
    pages = [p if p.ids else replace(p, status=status, failure=f"answered {status}") for p in run(sliced(IDS))]
    assert f"answers {status}" in the(names.PAST_ERROR, pages).evidence


# Counters and bad queries


def test_a_total_that_counts_the_page() -> None:
    pages = [replace(p, total=len(p.ids)) for p in run(sliced(IDS))]
    the(names.TOTAL_IS_PAGE, pages, judged("totals"))


@pytest.mark.parametrize(("total", "name"), [(1360, names.BEFORE_FILTER), (1351, names.TOTAL_OFF)])
def test_a_total_that_is_not_the_rows(total: int, name: str) -> None:
    the(name, run(sliced(IDS), total=total), judged("totals"))


def test_counters_of_a_filtered_answer_that_are_those_of_the_whole() -> None:
    own = [id_ for id_ in IDS if str(id_).startswith("owner7/")]
    filtered = page(0, 100, own, extra="&provider=owner7", total=1352)
    the(names.BEFORE_FILTER, [*run(sliced(IDS)), filtered], judged("gateways"))
    honest = replace(filtered, total=len(own))
    assert named([*run(sliced(IDS)), honest], judged("gateways")) == []


def test_a_filter_without_effect() -> None:
    filtered = page(0, 100, IDS[:100], extra="&provider=owner7", total=1352)
    the(names.FILTER_IGNORED, [*run(sliced(IDS)), filtered], judged("gateways"))


def test_counters_alone() -> None:
    the(names.COUNTERS_ONLY, run(sliced(IDS)), judged("counters", says="has_more is False at offset 100"))
    assert named(run(sliced(IDS)), judged("counters"), judged("schema")) == []


def test_a_negative_offset_that_is_taken() -> None:
    says, target = "the query offset=-1 is answered 200, expected a refusal", "/v1/models?limit=100&offset=-1"
    negative = judged("bounds", says=says, target=target)
    assert "offset=-1" in the(names.NEGATIVE, run(sliced(IDS)), negative).evidence


@pytest.mark.parametrize("status", [200, 500])
def test_other_bad_queries_that_are_taken(status: int) -> None:
    bad = judged("bounds", says=f"the query limit=abc is answered {status}", target="/v1/models?limit=abc")
    assert ("crash" in the(names.UNCHECKED, run(sliced(IDS)), bad).says) == (status == 500)


def test_a_refusal_in_poor_words_is_no_unchecked_query() -> None:
    assert named(run(sliced(IDS)), judged("bounds", says="the query limit=0 is answered 422 without a reason")) == []


# The service and its gateways


def failing(status: int | None, failure: str, gateways: Iterable[str] = (HF, "groq")) -> list[PageSeen]:
    return [page(0, 50000, [], gateway=g, bulk=True, status=status, failure=failure) for g in gateways]


@pytest.mark.parametrize(
    ("status", "failure", "name"),
    [
        (None, "connection refused", names.SERVICE_DOWN),
        (404, "answered 404", names.ROUTE_DOWN),
        (500, "answered 500", names.SERVICE_DOWN),
        (401, "answered 401", names.KEY_REFUSED),
        (429, "answered 429", names.RATE_LIMITED),
        (200, "answered 200 with a body that is not JSON (Expecting value at character 0)", names.NO_LIST),
    ],
)
def test_a_service_of_which_nothing_can_be_read(status: int | None, failure: str, name: str) -> None:
    cause = the(name, failing(status, failure), judged("gateways", verdict=Verdict.NOT_JUDGED))
    assert failure in cause.evidence
    assert "2 gateways" in cause.evidence


def test_one_gateway_down_is_named_with_those_that_answer() -> None:
    pages = [*run(sliced(IDS)), *failing(503, "answered 503", ["groq", "xai"])]
    cause = the(names.ROUTE_DOWN, pages, judged("gateways", "groq"))
    assert "groq, xai" in cause.evidence
    assert "1 other gateways answer" in cause.evidence


def test_some_answers_that_failed() -> None:
    pages = [replace(p, ids=(), status=None, failure="timed out") if p.offset == 600 else p for p in run(sliced(IDS))]
    assert "timed out" in the(names.UNSTEADY, pages, judged(verdict=Verdict.NOT_JUDGED)).evidence


def test_a_cause_of_several_gateways_is_named_once() -> None:
    pages = [page(0, 50000, [f"{g}/{i}" for i in range(100)], gateway=g, bulk=True) for g in (HF, "featherless")]
    found = told(pages, judged("totals"), judged("gateways", "featherless"))
    assert [cause.name for cause in found] == [names.FIRST_PAGE, names.UPSTREAM]
    assert found[0].evidence.startswith("huggingface: ")
    assert found[0].evidence.endswith("likewise featherless")


def test_gateways_that_list_the_same_models() -> None:
    pages = [page(0, 50000, IDS, gateway=g, bulk=True) for g in (HF, "groq", "xai")]
    assert "3 of 3 gateways" in the(names.FILTER_IGNORED, pages, judged("gateways", "groq")).evidence


def test_an_alias_answered_from_elsewhere() -> None:
    pages = run(sliced(IDS))
    the(names.ALIAS, [*pages, page(0, 50000, [], name="hug")], judged("gateways"))
    assert named([*pages, page(0, 50000, IDS, name="hug")], judged("gateways")) == []


def test_an_unknown_gateway_that_is_answered() -> None:
    pages = run(sliced(IDS))
    taken = page(0, 100, IDS[:100], name="no-such-gateway")
    assert "everything" in the(names.UNKNOWN, [*pages, taken], judged("gateways", "")).says
    refused = page(0, 100, [], name="no-such-gateway", status=404, failure="answered 404")
    assert named([*pages, refused], judged("gateways", "")) == []


def test_a_merged_list_that_misses_a_gateway() -> None:
    own = [page(0, 50000, [f"{g}/{i}" for i in range(19)], gateway=g, bulk=True) for g in ("groq", "xai")]
    merged = page(0, 50000, [*own[0].ids, *(f"m/{i}" for i in range(2000))], gateway="all", bulk=True)
    assert "leaves out xai" in the(names.MERGE_MISSES, [*own, merged], judged("gateways", "all")).says


# What the run cannot see


def test_the_tolerance_and_its_date_are_stated() -> None:
    (note,) = limits(CONTRACT, [judged()], run(sliced(IDS)))
    assert note == "huggingface: the tolerance of 5 % cannot see fewer than 69 missing of 1,350 (as of 2025-10-18)."


def test_a_total_within_the_tolerance_is_stated() -> None:
    notes = limits(CONTRACT, [], run(sliced(IDS[:1300])))
    assert any("1,300 models seen, 50 under that figure" in note for note in notes)


def test_a_gateway_without_an_oracle_is_stated_loudly() -> None:
    bare = replace(CONTRACT, collections=(Collection(HF, depth="full"), Collection("xai")))
    notes = limits(bare, [judged(), judged(gateway="xai")], [])
    assert [note for note in notes if "no oracle given: a cut catalogue would pass" in note] == list(notes)
    assert len(notes) == 2


def test_a_floor_retirement_and_the_unjudged_are_stated() -> None:
    gone = replace(CONTRACT, collections=(*CONTRACT.collections, Collection("old", retired=date(2026, 7, 1))))
    notes = limits(gone, [judged(gateway="all", verdict=Verdict.NOT_JUDGED)], [])
    assert any("all: only a floor of 2,000" in note for note in notes)
    assert any("old: retired since 2026-07-01" in note for note in notes)
    assert any("1 case could not be judged" in note for note in notes)
