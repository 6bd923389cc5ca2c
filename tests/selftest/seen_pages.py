"""What a run sees of an API that answers so or so, for the tests of the diagnosis."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from catalog_contract.diagnosis.causes import diagnose
from catalog_contract.model.contract import Collection, Contract, Envelope, Item, Parameters
from catalog_contract.model.observation import PageSeen, Purpose
from catalog_contract.model.paging import Paging
from catalog_contract.model.run import NO_KNOWN_CAUSE, Cause
from catalog_contract.model.verdict import Evidence, Judgement, Verdict

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
    collection: str = HF,
    extra: str = "",
    **more: object,
) -> PageSeen:
    words = ("" if limit is None else f"&limit={limit}") + ("" if offset is None else f"&offset={offset}")
    name = more.pop("name", collection)
    values: dict[str, object] = {"status": 200, **more}
    target = f"/v1/models?gateway={name}{extra}{words}"
    purpose = purpose_of(str(name), collection, extra)
    values = {"purpose": purpose, "plain": purpose == Purpose.WHOLE, "name": name, "key": target, **values}
    return PageSeen(collection, target, offset, limit, ids=tuple(ids), **values)  # type: ignore[arg-type]


def purpose_of(name: str, collection: str, extra: str) -> Purpose:
    """Why a page was asked for: by another name, by an owner, or as it is."""
    if name == CONTRACT.unknown_collection:
        return Purpose.UNKNOWN
    return Purpose.ALIAS if name != collection else Purpose.OWNER if extra else Purpose.WHOLE


def run(answer: Answer, total: object = None, bulk: Rows | None = None) -> list[PageSeen]:
    """The pages of a whole run against an API that answers so."""
    everything = answer(0, 50000) if bulk is None else bulk
    printed = len(everything) if total is None else total
    pages = [page(o, 100, answer(o, 100), total=printed, walk=True) for o in WALK]
    pages += [page(o, limit, answer(o, limit), total=printed) for o, limit in WINDOWS]
    pages += [page(o, 331, answer(o, 331), total=printed) for o in range(0, 1655, 331)]
    pages.append(page(1_000_000, 100, answer(1_000_000, 100), total=printed))
    return [*pages, page(0, 50000, everything, total=printed, bulk=True)]


def judged(
    family: str = "windows",
    collection: str = HF,
    verdict: Verdict = Verdict.BROKEN,
    message: str = "x",
    target: str = "",
    kind: str = "",
    case: str = "",
) -> Judgement:
    evidence = Evidence(message, requests=(target,) if target else (), kind=kind)
    return Judgement("a_rule", case, collection, verdict, family=family, evidence=evidence)


def named(pages: Iterable[PageSeen], *judgements: Judgement) -> list[str]:
    return [cause.name for cause in reported(pages, *judgements)]


def reported(pages: Iterable[PageSeen], *judgements: Judgement) -> tuple[Cause, ...]:
    found = diagnose(CONTRACT, tuple(pages), judgements or (judged("pages"), judged("totals"), judged("windows")))
    for cause in found:
        assert cause.message
        assert cause.next_step
        assert 0 < len(cause.evidence) < 300, cause.evidence
        assert "\n" not in cause.evidence
    return tuple(cause for cause in found if cause.name != NO_KNOWN_CAUSE)


def the(name: str, pages: Iterable[PageSeen], *judgements: Judgement) -> Cause:
    found = reported(pages, *judgements)
    assert [cause.name for cause in found] == [name], found
    return found[0]
