"""Runs with known content, for the tests of the reports: healthy, the incidents, nothing judged, everything hostile."""

from dataclasses import replace

from golden_parts import (
    BASE,
    INCIDENTS,
    NOT_PROMISED,
    TOLERANCE,
    C,
    counts,
    curl,
    gateway_judgements,
    ids,
    judgements,
    past,
    requests,
    strip,
    target,
)

from catalog_contract.model.incident import Incident
from catalog_contract.model.observation import RequestSeen
from catalog_contract.model.run import Cause, Count, Past, Run
from catalog_contract.model.verdict import Evidence, Judgement, Severity, Verdict
from catalog_contract.model.wording import words_of


def healthy() -> Run:
    """Everything holds, recorded."""
    return Run(
        words=words_of("model", collection="gateway"),
        contract="gatewayz",
        title="Gatewayz model catalogue",
        source="cassette gatewayz-healthy",
        started="2026-11-01T02:00:04+00:00",
        seconds=3.42,
        judgements=judgements(),
        counts=counts((1352, 1352), Verdict.HOLDS),
        requests=requests(),
        planned=16,
        origin="recorded from the reference gateway on 2026-10-31",
        strips=(strip([("full", 100)] * 13 + [("short", 52), ("empty", 0)]),),
        not_promised=NOT_PROMISED,
        notes=(TOLERANCE,),
        incidents=INCIDENTS,
    )


def _cut_evidence() -> dict[str, dict[str, Evidence]]:
    def page(offset: int, held: str) -> Evidence:
        message = f"the page at offset {offset} holds {held}, expected 100"
        return Evidence(message, curl(offset), (target(offset),))

    total = "the bulk read holds 101 models, expected 1,282 to 1,688 (1,350 as of 2025-10-18)"
    missing = "4 of 16 known models are not listed: BAAI/bge-large-en-v1.5, openai/whisper-large-v3 and 2 more"
    number = {"huggingface": Evidence(total, curl(0, 50000))}
    return {
        "a_page_before_the_end_is_full": {
            "offset=100": page(100, "1 model"),
            **{f"offset={offset}": page(offset, "0 models") for offset in (200, 400, 500, 1000)},
        },
        "the_known_items_are_listed": {"": Evidence(missing, curl(0, 50000), lost=ids(1300, 1304))},
        "the_bulk_read_holds_the_expected_number": {"": Evidence(total, curl(0, 50000))},
        "each_gateway_holds_its_expected_number": number,
    }


def cut() -> Run:
    """The cut to 101 models, live, the third run in a row."""
    run = replace(
        healthy(),
        source=BASE,
        origin="",
        seconds=41.7,
        judgements=judgements(_cut_evidence()),
        counts=counts((101, 101), Verdict.BROKEN),
        requests=requests(recorded=False),
        strips=(strip([("full", 100), ("short", 1)] + [("empty", 0)] * 13),),
        diagnosis=CUT_CAUSES,
        notes=(),
        past=past([1349, 1349, 1350, 1351, 1351, 1352, 1352, 1352, 1353, None, 101, 101], broken_last=2),
    )
    aged = tuple(
        replace(j, first_broken="2026-10-11T02:00:00+00:00", broken_runs=3) if j.verdict is Verdict.BROKEN else j
        for j in run.judgements
    )
    return replace(run, judgements=aged)


CUT_CAUSES = (
    Cause(
        "stops at a short page",
        "The gateway reads its upstream page by page and ends at the first page that is not full.",
        "offset 0 holds 100, offset 100 holds 1, all 12 pages behind hold none; total says 101",
        "Ask the upstream itself for `limit=100&offset=1000000`: an empty page speaks for this cause.",
        ("upstream ignores offset",),
    ),
    Cause(
        "upstream ignores offset",
        "The upstream answers every offset with page one; 100 remain after duplicates are dropped, and one newcomer.",
        "offset 0 holds 100, offset 100 holds 1, all 12 pages behind hold none; total says 101",
        "Ask the upstream itself for `limit=100&offset=1000000`: 100 models there speak for this cause.",
        ("stops at a short page",),
    ),
)


def storm() -> Run:
    """The storm: 50,000 rows, 100 of them unique, every page the same."""
    page_one = "provider-0/model-0"
    same = Evidence(
        f"offsets 0 and 100 both begin with {page_one}; 500 pages repeat the 100 models of the first",
        curl(100),
        (target(0), target(100)),
        repeated=ids(0, 100),
    )
    rows = Evidence(
        f"{page_one} stands at index 0 and again at index 100; 49,900 of 50,000 rows repeat an earlier one",
        curl(0, 50000),
        repeated=ids(0, 100),
    )
    past_end = Evidence("the page at offset 1000000 holds 100 models, expected none", curl(1_000_000))
    broken = {
        "pages_at_different_offsets_begin_with_different_items": {"": same},
        "ids_are_unique_in_the_bulk_read": {"": rows},
        "a_page_past_the_end_is_empty": {"end": past_end, "offset=1000000": past_end},
        "every_window_is_the_slice_it_names": {
            words: replace(same, message=f"{words}: the first wrong index is 0") for words in ("offset=93-limit=17",)
        },
        "each_gateway_holds_its_expected_number": {"huggingface": rows},
    }
    cause = Cause(
        "the same page over and over",
        "Every request to the upstream returned page one, and the gateway appended it each time.",
        "50,000 rows = 500 x 100 unique ids; period 100",
        "Follow the upstream's `Link` header instead of counting an offset up.",
    )
    return replace(
        healthy(),
        source="cassette incident-2025-10-17-storm",
        judgements=judgements(broken),
        counts=counts((50000, 100), Verdict.BROKEN),
        strips=(strip([("full", 100)] + [("repeated", 100)] * 499),),
        diagnosis=(cause,),
        notes=(),
    )


def not_judged() -> Run:
    """A dead service: nothing could be seen."""
    refused = "could not connect to api.gatewayz.ai: connection refused"
    unseen = tuple(
        replace(j, verdict=Verdict.NOT_JUDGED, why=f"{target(index)}: {refused}" if index % 2 else refused)
        for index, j in enumerate(judgements())
    )
    cause = Cause("service down", "No request was answered.", f"2 of 2 requests: {refused}", "Is the service running?")
    return replace(
        healthy(),
        source=BASE,
        origin="",
        judgements=unseen,
        counts=tuple(replace(row, total=None, unique=None, verdict=Verdict.NOT_JUDGED) for row in healthy().counts),
        requests=(RequestSeen(target(0), None, 0.02, 0, ("connection refused",), refused),),
        strips=(),
        diagnosis=(cause,),
        notes=(),
    )


def mixed() -> Run:
    """Broken, holding and unseen promises on several gateways in one run."""
    base = cut()
    unseen = {"groq": "answered 503 after 3 tries", "xai": "answered 429 after 3 tries, asked to wait 3,600 s"}
    found = tuple(
        replace(j, verdict=Verdict.NOT_JUDGED, why=unseen[j.collection]) if j.collection in unseen else j
        for j in base.judgements
    )
    duplicate = Evidence("meta/llama-3 stands at index 3 and again at index 77", curl(0), repeated=("meta/llama-3",))
    more = Judgement(
        "each_gateway_holds_its_expected_number", "together", "together", Verdict.BROKEN,
        "Each gateway holds its expected number of models, all unique.", "collections", C, duplicate,
    )  # fmt: skip
    rows = tuple(
        replace(row, total=None, unique=None, verdict=Verdict.NOT_JUDGED, note=unseen[row.collection])
        if row.collection in unseen
        else replace(row, unique=96, verdict=Verdict.BROKEN)
        if row.collection == "together"
        else row
        for row in base.counts
    )
    kept = tuple(j for j in found if j.collection != "together")
    return replace(base, judgements=(*kept, more), counts=rows, notes=(TOLERANCE, "2 gateways were not seen"))


def not_found() -> Run:
    """Every gateway answers 404."""
    found = tuple(
        replace(
            j,
            rule="the_collection_answers",
            verdict=Verdict.BROKEN,
            evidence=Evidence(
                f"{j.collection} answered 404, expected a list of models\nin {target(0, 50000, j.collection)}",
                f"curl -sS --compressed '{BASE}{target(0, 50000, j.collection)}'",
            ),
        )
        for j in gateway_judgements()
    )
    cause = Cause("route down", "The list is not served.", "13 of 13 lists answered 404", "Is the route registered?")
    rows = tuple(replace(row, total=None, unique=None, verdict=Verdict.BROKEN) for row in healthy().counts)
    return replace(healthy(), judgements=found, counts=rows, strips=(), diagnosis=(cause,))


def nothing() -> Run:
    """Not one promise was asked."""
    return Run(
        "gatewayz", "Gatewayz model catalogue", "cassette gatewayz-healthy", "2026-11-01T02:00:04+00:00", 0.0, ()
    )


def many(amount: int = 300) -> Run:
    """A run with that many different broken promises."""
    found = tuple(
        Judgement(
            f"promise_number_{index}", f"huggingface-offset={index}", "huggingface", Verdict.BROKEN,
            f"Promise number {index} holds.", f"family-{index % 7}", Severity(index % 4 + 1),
            Evidence(f"finding {index}", curl(index), lost=ids(index, index + 40)),
        )
        for index in range(amount)
    )  # fmt: skip
    return replace(healthy(), judgements=found, counts=counts((1, 1), Verdict.BROKEN), notes=())


def many_gateways(amount: int) -> Run:
    """A run with that many gateways, of which the smallest is broken."""
    rows = tuple(
        Count(f"gateway-{i}", size, size, size, 0, 1000, Verdict.BROKEN if size == 1 else Verdict.HOLDS)
        for i, size in enumerate(range(amount, 0, -1))
    )
    return replace(cut(), counts=rows)


HOSTILE = (
    "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>\x1b[31mred\x1b[0m\x00\x07\r\n\x9b\u202egnp.exe"
    "\u2066|`@everyone` #1 https://evil.example ]]> {{7*7}} \ud800 \u2028 [x](javascript:alert(1)) =HYPERLINK(1)"
)


def hostile() -> Run:
    """Every text that a service can influence is an attack, and long."""
    text = HOSTILE + "A" * 5_000
    evidence = Evidence(text, f"curl -sS 'https://api.gatewayz.ai/{text}'", (text,), (text,), (text, "=1+1"), (text,))
    judgement = replace(judgements()[0], case=f"huggingface-{text}", verdict=Verdict.BROKEN, evidence=evidence)
    unseen = replace(judgements()[1], case=text, verdict=Verdict.NOT_JUDGED, why=text)
    return replace(
        healthy(),
        source=f"https://api.gatewayz.ai/{text}",
        origin=text,
        judgements=(judgement, unseen, replace(judgement, collection=text, rule="another")),
        counts=(Count(text, 1, 1, 2, 2, 2, Verdict.BROKEN, note=text), *healthy().counts),
        requests=(RequestSeen(text, 500, 0.1, 10, (text,), text),),
        diagnosis=(Cause(text, text, text, text),),
        strips=(replace(strip([("full", 100), ("short", 1)]), collection=text),),
        not_promised=((text, text),),
        notes=(text,),
        incidents=(Incident(text, text, text, text, (judgement.rule,), text, text, text, text),),
        past=(Past(text, text, Verdict.BROKEN, ((text, 1), ("huggingface", 1350)), 1, 0),),
    )


ALL = {
    "healthy": healthy,
    "cut": cut,
    "storm": storm,
    "not_judged": not_judged,
    "mixed": mixed,
    "not_found": not_found,
    "nothing": nothing,
    "many": many,
    "hostile": hostile,
}
