"""Diagnosis: each cause is named from its own evidence, and from nothing less."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

import pytest
from seen_pages import CONTRACT, HF, IDS, WALK, judged, named, page, reported, run, sliced, the

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.causes import diagnose
from catalog_contract.diagnosis.coverage import coverage_notes
from catalog_contract.model.contract import BadQuery, Collection
from catalog_contract.model.exchange import NOT_ASKED
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.verdict import Judgement, Kind, Verdict

# Nothing is named without evidence


def test_a_healthy_catalogue_has_no_cause_whatever_is_broken() -> None:
    pages = run(sliced(IDS))
    for family in ("pages", "identity", "windows", "collections", "schema", "detail", "service", ""):
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
    for family in ("schema", "detail", "service", "counters", "bounds", "windows", "identity"):
        found = named(pages, judged(family, message="is answered 422 without a reason"))
        assert set(found) <= ({names.COUNTERS_ONLY} if family == "counters" else set()), family


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
    assert "offset=1000000" in cause.steps[-1].command


def test_a_storm_that_does_not_end_with_a_whole_page_is_one_too() -> None:
    cause = the(names.SAME_PAGE, run(sliced((IDS[:100] * 14)[:1350])))
    assert "period 100, factor 13.5" in cause.evidence


def test_the_cut_to_101_names_both_and_what_tells_them_apart() -> None:
    found = reported(run(sliced(IDS[:101])))
    assert [cause.name for cause in found] == [names.SHORT_PAGE, names.UPSTREAM]
    for cause in found:
        assert "101 models, at least 1,282 expected" in cause.evidence
        assert "0: 100, 100: 1, 200: 0" in cause.evidence
        first, *by_hand = (step.command for step in cause.steps)
        assert first == "catalog-contract upstream-check URL"
        for command, query in zip(by_hand, ("", "&offset=100", "&offset=1000000"), strict=True):
            assert command == f"curl -sS 'URL?limit=100{query}'"
        assert "speaks" not in cause.message


def test_a_tail_that_changes_speaks_for_the_upstream() -> None:
    again = page(100, 100, ["late/comer"], walk=True, reading=2)
    found = {cause.name: cause for cause in reported([*run(sliced(IDS[:101])), again])}
    assert "speaks for this" in found[names.UPSTREAM].message
    assert "speaks against this" in found[names.SHORT_PAGE].message
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
    capped, missing = reported(run(sliced(IDS[:size])))
    assert (capped.name, missing.name) == (names.CAPPED, names.PART_MISSING)
    assert capped.alternatives == (names.PART_MISSING,)
    assert f"exactly {size:,}" in capped.message


def test_a_capped_bulk_read_is_told_from_a_capped_catalogue() -> None:
    cause = the(names.CAPPED, run(lambda o, limit: IDS[o : o + min(limit, 1000)], total=1352))
    assert "row 0, limit 50,000: 1,000 items" in cause.evidence


@pytest.mark.parametrize(("size", "name"), [(1204, names.MERGED), (1280, names.MERGED), (537, None)])
def test_a_consistent_catalogue_that_is_short(size: int, name: str | None) -> None:
    found = reported(run(sliced(IDS[:size])))
    assert [cause.name for cause in found] == [*([name] if name else []), names.PART_MISSING]
    cause = found[0]
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


def test_more_models_than_any_growth_explains() -> None:
    more = [*IDS, *(f"new/{i}" for i in range(400))]
    assert "at most 1,688 expected" in the(names.TOO_MANY, run(sliced(more)), judged("totals")).evidence


def test_ids_spelled_in_two_ways() -> None:
    upper = [str(id_).title() for id_ in IDS]
    the(names.SPELLING, run(lambda o, limit: (IDS if limit == 50000 else upper)[o : o + limit]), judged("windows"))


def test_collections_that_are_cut_at_the_same_figure() -> None:
    pages = [page(0, 50000, [f"{g}/{i}" for i in range(135)], collection=g, bulk=True) for g in (HF, "featherless")]
    assert "exactly 135 rows each" in the(names.CAPPED, pages, judged("totals")).evidence


# Counters and bad queries


def test_a_total_that_counts_the_page() -> None:
    pages = [replace(p, total=len(p.ids)) for p in run(sliced(IDS))]
    the(names.TOTAL_IS_PAGE, pages, judged("totals"))


@pytest.mark.parametrize(
    ("total", "found"), [(1360, [names.BEFORE_FILTER, names.TOTAL_OFF, names.WINDOW_ENDS]), (1351, [names.TOTAL_OFF])]
)
def test_a_total_that_is_not_the_rows(total: int, found: list[str]) -> None:
    assert named(run(sliced(IDS), total=total), judged("totals")) == found


def test_counters_of_a_filtered_answer_that_are_those_of_the_whole() -> None:
    own = [id_ for id_ in IDS if str(id_).startswith("owner7/")]
    filtered = page(0, 100, own, extra="&provider=owner7", total=1352)
    the(names.BEFORE_FILTER, [*run(sliced(IDS)), filtered], judged("collections"))
    honest = replace(filtered, total=len(own))
    assert named([*run(sliced(IDS)), honest], judged("collections")) == []


def test_a_filter_without_effect() -> None:
    filtered = page(0, 100, IDS[:100], extra="&provider=owner7", total=1352)
    the(names.FILTER_IGNORED, [*run(sliced(IDS)), filtered], judged("collections"))


def test_counters_alone() -> None:
    wrong = replace(judged("counters"), rule="has_more_is_true_exactly_when_more_follows")
    the(names.COUNTERS_ONLY, run(sliced(IDS)), wrong)
    assert named(run(sliced(IDS)), wrong, judged("schema")) == []


def test_models_that_are_gone_are_no_matter_of_counters() -> None:
    """Since the last good run, say, while rows and counters of this one agree."""
    gone = judged("totals", message="50 of 1,402 models are gone")
    gone = replace(gone, evidence=replace(gone.evidence, lost=("a/b",)))
    assert names.COUNTERS_ONLY not in named(run(sliced(IDS)), gone)


NEGATIVE = BadQuery("offset=-1", (("offset", "-1"),))
"""A bad query as the contract declares it."""


def bad_query(kind: Kind, name: str = "offset=-1") -> Judgement:
    return judged("bounds", message="x", target=f"/v1/models?limit=100&{name}", kind=kind, case=f"{HF}-{name}")


def of_bounds(judgement: Judgement) -> tuple[str, ...]:
    """The causes where the contract declares the bad query, without its words."""
    declaring = replace(CONTRACT, bad_queries=(NEGATIVE,))
    return tuple(cause.name for cause in diagnose(declaring, tuple(run(sliced(IDS))), (judgement,)))


def test_a_negative_offset_that_is_taken() -> None:
    assert of_bounds(bad_query(Kind.FROM_END)) == (names.NEGATIVE,)


def test_the_end_of_the_list_for_another_bad_query_is_no_negative_offset() -> None:
    assert of_bounds(bad_query(Kind.FROM_END, "limit=-1")) == (names.UNCHECKED,)


@pytest.mark.parametrize("kind", [Kind.SERVED, Kind.CRASHED])
def test_other_bad_queries_that_are_taken(kind: Kind) -> None:
    cause = the(names.UNCHECKED, run(sliced(IDS)), bad_query(kind))
    assert ("crash" in cause.message) == (kind is Kind.CRASHED)


def test_a_refusal_in_poor_words_is_no_unchecked_query() -> None:
    assert named(run(sliced(IDS)), bad_query(Kind.POOR_REFUSAL)) == []


def counting(printed: Callable[[int], int]) -> list[PageSeen]:
    """A run whose rows stand still, and whose total is a function of the turn; the first page is asked at both ends."""
    pages = [*run(sliced(IDS)), page(0, 100, IDS[:100], walk=True, reading=2)]
    return [replace(p, total=printed(turn)) for turn, p in enumerate(pages)]


def test_a_total_that_rises_with_every_request() -> None:
    cause = the(names.TOTAL_DRIFTS, counting(lambda turn: 1353 + turn), judged("totals"))
    assert "total 1353, then 1382, the same 100 items" in cause.evidence
    assert "where the items end at 1,352" in cause.evidence


def test_a_total_that_drops_once_while_the_rows_stand_still() -> None:
    """The end was read before, with the right total."""
    cause = the(names.TOTAL_DRIFTS, counting(lambda turn: 1352 - 5 * (turn > 20)), judged("totals"))
    assert "total 1352, then 1347" in cause.evidence


def test_a_total_that_drops_once_before_the_end_is_read_may_follow_a_list_that_shrinks() -> None:
    """Five items fewer, and a total that is five too low each time, look the same."""
    found = reported(counting(lambda turn: 1352 - 5 * (turn > 8)), judged("totals"))
    assert [cause.name for cause in found] == [names.TOTAL_DRIFTS, names.TOTAL_OFF]
    assert found[0].alternatives == (names.TOTAL_OFF,) and "5 below the number of items" in found[1].message


def test_totals_of_many_values_that_nothing_predicts_have_no_known_cause() -> None:
    pages = [replace(p, total=1400 + turn) for turn, p in enumerate(run(sliced(IDS)))]
    assert named(pages, judged("totals")) == []


def test_first_answers_of_a_catalogue_that_was_not_whole_are_no_wrong_counter() -> None:
    pages = counting(lambda turn: 676 if turn < 1 else 1352)
    short = judged("totals", message="676 models by total, expected about 1,350 (1,282 to 1,688)")
    assert named(pages, short) == []


# The service and its gateways


def failing(status: int | None, failure: str, collections: Iterable[str] = (HF, "groq")) -> list[PageSeen]:
    return [page(0, 50000, [], collection=g, bulk=True, status=status, failure=failure) for g in collections]


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
    cause = the(name, failing(status, failure), judged("collections", verdict=Verdict.NOT_JUDGED))
    assert failure in cause.evidence
    assert "2 gateways" in cause.evidence


def test_one_gateway_down_is_named_with_those_that_answer() -> None:
    pages = [*run(sliced(IDS)), *failing(503, "answered 503", ["groq", "xai"])]
    cause = the(names.ROUTE_DOWN, pages, judged("collections", "groq"))
    assert "groq, xai" in cause.evidence
    assert "1 other gateways answer" in cause.evidence


def test_some_answers_that_failed() -> None:
    pages = [replace(p, ids=(), status=None, failure="timed out") if p.row == 600 else p for p in run(sliced(IDS))]
    assert "timed out" in the(names.UNSTEADY, pages, judged(verdict=Verdict.NOT_JUDGED)).evidence


def test_a_cause_of_several_gateways_is_named_once() -> None:
    pages = [page(0, 50000, [f"{g}/{i}" for i in range(100)], collection=g, bulk=True) for g in (HF, "featherless")]
    found = reported(pages, judged("totals"), judged("collections", "featherless"))
    assert [cause.name for cause in found] == [names.FIRST_PAGE, names.UPSTREAM]
    assert found[0].evidence.startswith("huggingface: ")
    assert found[0].evidence.endswith("likewise featherless")


def test_collections_that_list_the_same_models() -> None:
    pages = [page(0, 50000, IDS, collection=g, bulk=True) for g in (HF, "groq", "xai")]
    assert "3 of 3 gateways" in the(names.GATEWAY_IGNORED, pages, judged("collections", "groq")).evidence


def test_an_alias_answered_from_elsewhere() -> None:
    pages = run(sliced(IDS))
    the(names.ALIAS, [*pages, page(0, 50000, [], name="hug")], judged("collections"))
    assert named([*pages, page(0, 50000, IDS, name="hug")], judged("collections")) == []


def test_an_alias_read_after_the_catalogue_has_grown() -> None:
    grown = [*IDS, *(f"new/{i}" for i in range(6))]
    late = [page(0, 50000, grown, total=1358, name="hug"), page(0, 100, IDS[:100], total=1358, walk=True, reading=2)]
    pages = run(sliced(IDS))
    assert named([*pages, *late], judged("collections")) == []
    the(names.ALIAS, [*pages, late[0]], judged("collections"))


def test_an_unknown_gateway_that_is_answered() -> None:
    pages = run(sliced(IDS))
    taken = page(0, 100, IDS[:100], name="no-such-gateway")
    assert "everything" in the(names.UNKNOWN, [*pages, taken], judged("collections", "")).message
    refused = page(0, 100, [], name="no-such-gateway", status=404, failure="answered 404")
    assert named([*pages, refused], judged("collections", "")) == []


def test_a_merged_list_that_misses_a_gateway() -> None:
    own = [page(0, 50000, [f"{g}/{i}" for i in range(19)], collection=g, bulk=True) for g in ("groq", "xai")]
    merged = page(0, 50000, [*own[0].ids, *(f"m/{i}" for i in range(2000))], collection="all", bulk=True)
    assert "leaves out xai" in the(names.MERGE_MISSES, [*own, merged], judged("collections", "all")).message


# What the run cannot see


def test_the_tolerance_and_its_date_are_stated() -> None:
    (note,) = coverage_notes(CONTRACT, [judged()], run(sliced(IDS)))
    assert note == "huggingface: the tolerance of 5 % cannot see fewer than 69 missing of 1,350 (as of 2025-10-18)."


def test_a_total_within_the_tolerance_is_stated() -> None:
    notes = coverage_notes(CONTRACT, [], run(sliced(IDS[:1300])))
    assert any("1,300 items seen, 50 under that figure" in note for note in notes)


def test_a_gateway_without_an_oracle_is_stated_loudly() -> None:
    bare = replace(CONTRACT, collections=(Collection(HF, depth="full"), Collection("xai")))
    notes = coverage_notes(bare, [judged(), judged(collection="xai")], [])
    output = "no expected total is given: a list that is cut short would pass"
    assert [note for note in notes if output in note] == list(notes)
    assert len(notes) == 2


def test_a_floor_retirement_and_the_unjudged_are_stated() -> None:
    gone = replace(CONTRACT, collections=(*CONTRACT.collections, Collection("old", retired=date(2026, 7, 1))))
    notes = coverage_notes(gone, [judged(collection="all", verdict=Verdict.NOT_JUDGED)], [])
    assert any("all: only a floor of 2,000" in note for note in notes)
    assert any("old: retired since 2026-07-01" in note for note in notes)
    assert any("1 case could not be judged" in note for note in notes)


def test_a_limit_of_the_run_is_no_fault_of_the_service() -> None:
    left = f"{NOT_ASKED}the run's time is up (1 s)"
    pages = [
        replace(p, ids=(), status=None, failure=left, not_asked="limit") if p.row == 600 else p
        for p in run(sliced(IDS))
    ]
    unjudged = replace(judged(), verdict=Verdict.NOT_JUDGED)
    assert [cause.name for cause in diagnose(CONTRACT, pages, [unjudged])] == [names.OWN_LIMIT]
