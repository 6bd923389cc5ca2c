"""What the known runs are made of: a rulebook, its judgements, gateways, requests, strips, earlier runs."""

from collections.abc import Iterable
from dataclasses import replace

from catalog_contract.model.incident import Incident
from catalog_contract.model.observation import RequestSeen
from catalog_contract.model.run import Count, Past, Segment, Strip
from catalog_contract.model.verdict import Evidence, Judgement, Severity, Verdict

BASE = "https://api.gatewayz.ai"
OFFSETS = (0, 100, 200, 400, 500, 1000)
STORM = ("a_page_past_the_end_is_empty", "ids_are_unique_in_the_bulk_read")
CUT = ("a_page_before_the_end_is_full", "the_known_items_are_listed")
INCIDENTS = (
    Incident(
        "storm", "2025-10-17", "Storm", "The bulk read gave 50,000 rows, the same 100 models over and over.", STORM
    ),
    Incident("cut-to-101", "2025-10-18", "Cut to 101", "Offset 100 gave one model, every later offset none.", CUT),
)
TOTALS = (
    ("huggingface", 1350),
    ("featherless", 2786),
    ("openrouter", 340),
    ("deepinfra", 215),
    ("chutes", 104),
    ("together", 97),
    ("google", 71),
    ("fireworks", 38),
    ("xai", 23),
    ("nebius", 21),
    ("groq", 19),
    ("cerebras", 11),
    ("novita", 5),
)
B, C, N, M = Severity.BLOCKER, Severity.CRITICAL, Severity.NORMAL, Severity.MINOR
FULL_DEPTH = tuple(f"offset={offset}" for offset in OFFSETS)
RULEBOOK: tuple[tuple[str, str, Severity, str, tuple[str, ...]], ...] = (
    ("pages", "a_page_before_the_end_is_full", B,
     "Every page that ends before the end of the catalogue holds exactly `limit` models.", FULL_DEPTH),
    ("pages", "every_page_of_the_walk_but_the_last_is_full", B,
     "Every page of the walk before the last one with models holds exactly `limit` models.", ("",)),
    ("pages", "a_page_past_the_end_is_empty", C,
     "A page that begins at the end of the catalogue or far past it is answered, and empty.",
     ("end", "offset=1000000")),
    ("pages", "pages_at_different_offsets_begin_with_different_items", B,
     "Pages at different offsets begin with different models.", ("",)),
    ("identity", "ids_are_unique_in_the_bulk_read", B,
     "No id stands twice in the bulk read.", ("",)),
    ("identity", "the_known_items_are_listed", B,
     "Every model that is documented as listed is listed.", ("",)),
    ("totals", "the_bulk_read_holds_the_expected_number", B,
     "The bulk read holds the expected number of models, within the tolerance of the contract.", ("",)),
    ("totals", "total_equals_the_items_walked", C, "`total` equals the models walked.", ("",)),
    ("windows", "every_window_is_the_slice_it_names", B,
     "Every window is the slice of the bulk read that it names.",
     ("offset=0-limit=1", "offset=93-limit=17", "offset=1299-limit=250")),
    ("windows", "reading_a_page_twice_gives_the_same_page", C,
     "Reading a page twice gives the same page.", ("",)),
    ("counters", "returned_counts_the_items", N, "`returned` counts the items.", ("",)),
    ("bounds", "a_bad_query_is_refused", N,
     "A bad query is refused with a 4xx and a machine-readable reason.",
     ("limit=0", "limit=-1", "limit=abc", "offset=-1", "offset=abc")),
    ("schema", "every_item_matches_its_schema", C, "Every model of the walk matches its schema.", ("",)),
)  # fmt: skip
NOT_PROMISED = (
    ("has_more_is_true_exactly_when_more_follows", "the contract does not declare envelope.has_more"),
    ("next_offset_names_the_next_unread_row", "the contract does not declare envelope.next_offset"),
    ("the_caching_headers_tell_the_truth", "the contract does not declare caching.validators"),
)
TOLERANCE = "the tolerance of huggingface cannot see fewer than 68 missing models (1,282 of 1,350 still hold)"


def target(offset: int, limit: int = 100, collection: str = "huggingface") -> str:
    """Path and query of a listing request."""
    return f"/v1/models?gateway={collection}&limit={limit}&offset={offset}"


def curl(offset: int, limit: int = 100) -> str:
    """The line that asks for a page again."""
    return f"curl -sS --compressed '{BASE}{target(offset, limit)}'"


def ids(start: int, stop: int) -> tuple[str, ...]:
    """Made-up model ids by index."""
    return tuple(f"provider-{index % 37}/model-{index}" for index in range(start, stop))


def judgements(broken: dict[str, dict[str, Evidence]] | None = None) -> tuple[Judgement, ...]:
    """The rulebook with every case holding, but for `broken`: rule -> case words -> evidence."""
    found = []
    for family, rule, severity, promise, cases in RULEBOOK:
        for words in cases:
            evidence = (broken or {}).get(rule, {}).get(words)
            found.append(
                Judgement(
                    rule=rule,
                    case=f"huggingface-{words}" if words else "huggingface",
                    collection="huggingface",
                    verdict=Verdict.BROKEN if evidence else Verdict.HOLDS,
                    promise=promise,
                    family=family,
                    severity=severity,
                    evidence=evidence,
                    seconds=0.01,
                )
            )
    return (*found, *gateway_judgements(broken))


def gateway_judgements(broken: dict[str, dict[str, Evidence]] | None = None) -> tuple[Judgement, ...]:
    """One judgement a gateway: it answers with its expected number."""
    rule = "each_gateway_holds_its_expected_number"
    promise = "Each gateway holds its expected number of models, all unique."
    return tuple(
        Judgement(rule, name, name, Verdict.BROKEN if evidence else Verdict.HOLDS, promise, "collections", C, evidence)
        for name, _ in TOTALS
        for evidence in [(broken or {}).get(rule, {}).get(name)]
    )


def counts(huggingface: tuple[int | None, int | None], verdict: Verdict) -> tuple[Count, ...]:
    """The gateway table, healthy but for huggingface's (total, unique)."""
    rows = [Count("huggingface", *huggingface, 1350, 1282, 1688, verdict)]
    rows += [
        Count(name, total, total, total, int(total * 0.95), int(total * 1.25) + 1, Verdict.HOLDS)
        for name, total in TOTALS[1:]
    ]
    return tuple(rows)


def strip(states: Iterable[tuple[str, int]], expected: int | None = 1350) -> Strip:
    """A strip of pages of 100: (state, count) for each."""
    return Strip(
        "huggingface",
        tuple(Segment(index * 100, 100, count, state) for index, (state, count) in enumerate(states)),
        expected,
    )


def requests(recorded: bool = True) -> tuple[RequestSeen, ...]:
    """The bulk read and a walk; a live run knows times and one retry."""
    bulk = RequestSeen(target(0, 50000), 200, None if recorded else 2.31, 2_034_511)
    pages = [
        RequestSeen(target(offset), 200, None if recorded else 0.05 + offset / 10_000, 150_400)
        for offset in range(0, 1500, 100)
    ]
    if not recorded:
        pages[3] = replace(pages[3], retries=("answered 503, waited 1 s",), seconds=1.42)
    return (bulk, *pages)


def past(totals: Iterable[int | None], broken_last: int = 0) -> tuple[Past, ...]:
    """Earlier runs; the last `broken_last` of them broken."""
    listed = list(totals)
    return tuple(
        Past(
            started=f"2026-10-{index + 1:02}T02:00:00+00:00",
            source=BASE,
            verdict=Verdict.BROKEN if index >= len(listed) - broken_last else Verdict.HOLDS,
            totals=(("huggingface", total), ("openrouter", 340 + index % 3), ("groq", 19)),
            broken=14 if index >= len(listed) - broken_last else 0,
            not_judged=0,
        )
        for index, total in enumerate(listed)
    )
