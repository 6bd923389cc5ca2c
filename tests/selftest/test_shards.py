"""A run on several machines: how it is split, and that the merge says what one run would say."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from runs import refused, run
from sharding import SEVERAL, AsSent, Sharded, judged, several

from catalog_contract.catalog.pagers import Asking, pager_of
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.verdict import Verdict
from catalog_contract.rules.shards import split
from catalog_contract.run.settings import Settings, SettingsError
from catalog_contract.run.shards import check, shard_of, share, with_shards
from catalog_contract.transport.answers import NAME, Answers, AnswersError, Origin, PartSource, begin
from fixtures.gateway.core import Answer, Gateway, Query, reference_gateway
from fixtures.gateway.server import serve

FAULTS = [
    (None, 0),
    ("boundary-row-twice", 0),
    ("empty-page-in-the-middle", 0),
    ("offset-ignored", 0),
    ("one-gateway-lists-anothers-models", 1),
    ("all-misses-a-gateway", 0),
]
SEEN_BY_THE_MERGE_ALONE = {"boundary-row-twice"}
SHARDS = 4


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    return load_contract(str(several(tmp_path_factory.mktemp("contract"))))


@pytest.fixture(scope="module")
def healthy(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Sharded:
    return Sharded(contract, reference_gateway(), SHARDS, tmp_path_factory.mktemp("healthy"))


def test_each_planned_request_belongs_to_one_shard_and_the_long_list_to_several(contract: Contract) -> None:
    found = split(contract, SHARDS)
    parts = [{request.key for request in found.part(number)} for number in range(1, SHARDS + 1)]
    assert sum(map(len, parts)) == len(found.planned) == len(set.union(*parts))
    assert sum(any("huggingface" in key for key in part) for part in parts) >= 3
    assert max(map(len, parts)) <= 2 * len(found.planned) / SHARDS


def test_what_is_behind_the_plan_belongs_to_the_last_stretch(contract: Contract) -> None:
    found, pager = split(contract, SHARDS), pager_of(Asking(contract, "huggingface"))
    last = max((r for r in found.planned if "huggingface&limit=100&" in r.key), key=lambda r: int(r.query[-1][1]))
    behind = pager.at(int(last.query[-1][1]) + 300, 100)
    assert behind is not None and found.owner(behind).shard == found.owner(last).shard
    assert not found.owner(behind).planned and found.owner(last).planned
    assert not found.owner(replace(last, reading=2)).planned


def test_what_a_shard_saw_of_a_failure_reaches_the_merge(tmp_path: Path) -> None:
    """That each try ended alike, too: so one page that always fails is distinguished from a service that is down."""

    class Failing:
        label = "one that fails"

        def fetch(self, request: Request) -> Exchange:
            return Exchange(request, "http://h" + request.target, 503, retries=("503, waited 1 s",), definite=True)

        def close(self) -> None: ...

    file, asked = tmp_path / NAME, Request("/items")
    begin(file, Origin("items", "", "http://h", 1, 2, 0.0, "1"))
    kept = PartSource(Failing(), file, lambda request: "").fetch(asked)
    assert Answers(file).find(asked) == kept


def test_a_list_without_positions_is_read_by_one_shard() -> None:
    found = split(load_contract("stripe-like"), 3)
    assert sorted(map(len, map(found.part, (1, 2, 3))))[:2] == [0, 0]


@pytest.mark.parametrize(("fault", "seed"), FAULTS)
def test_the_merge_says_what_one_run_says(contract: Contract, tmp_path: Path, fault: str | None, seed: int) -> None:
    """Word for word, with hardly more requests; offline it accuses nobody whom the run does not accuse."""
    service = AsSent(reference_gateway("2025", fault, seed))
    one = judged(contract, service)
    sharded = Sharded(contract, reference_gateway("2025", fault, seed), SHARDS, tmp_path)
    assert sharded.merged() == one
    assert len(sharded.service.asked) <= 1.1 * len(service.asked)
    offline = {(found.rule, found.case): found.verdict for found in sharded.merged(offline=True)}
    for found in one:
        assert offline[found.rule, found.case] in (found.verdict, Verdict.NOT_JUDGED)
    broken = any(found.verdict is Verdict.BROKEN for found in one)
    alone = any(found.verdict is Verdict.BROKEN for shard in sharded.alone for found in shard)
    assert broken == bool(fault) and alone == (broken and fault not in SEEN_BY_THE_MERGE_ALONE)


def test_what_a_shard_cannot_judge_is_judged_by_merge(healthy: Sharded) -> None:
    """Each case is NOT JUDGED for that reason in some shard, and none for another but what follows from it."""
    why = [found.why for shard in healthy.alone for found in shard if found.verdict is Verdict.NOT_JUDGED]
    assert "not asked: judged by merge (it belongs to shard 2 of 4)" in " ".join(why)
    assert {one for one in why if "judged by merge" not in one} <= {
        "no collection was seen to list an item that another one does not list"
    }


def test_a_missing_shard_is_not_judged(healthy: Sharded) -> None:
    found = healthy.merged(healthy.folders[:1] + healthy.folders[2:])
    why = {one.why for one in found if one.verdict is Verdict.NOT_JUDGED}
    assert any("not asked: shard 2 of 4 is missing" in one for one in why)
    assert not any(one.verdict is Verdict.BROKEN for one in found)
    assert sum(one.verdict is Verdict.HOLDS for one in found) > 20


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "killed": lambda text: text[: len(text) // 2],
    "damaged": lambda text: text.replace(b'"body": "', b'"body": "!'),
    "no-answers": lambda text: b'[1]\n{"key": 1}\n\xff\n',
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_an_answer_that_cannot_be_read_is_not_judged(
    healthy: Sharded, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """Of a shard that was killed while it wrote, or a file that was damaged later."""
    copy = tmp_path / "shard-2"
    copy.mkdir()
    head, _, rest = (healthy.folders[1] / NAME).read_bytes().partition(b"\n")
    (copy / NAME).write_bytes(head + b"\n" + damage(rest))
    found = healthy.merged([healthy.folders[0], copy, *healthy.folders[2:]])
    assert any("shard 2 of 4 has not asked it" in one.why for one in found)
    assert not any(one.verdict is Verdict.BROKEN for one in found)


def changed(sharded: Sharded, folder: Path, number: int, **words: object) -> Path:
    """A copy of a shard's answers whose first line says something else."""
    head, _, rest = (sharded.folders[number - 1] / NAME).read_text("utf-8").partition("\n")
    folder.mkdir(parents=True)
    (folder / NAME).write_text(json.dumps({**json.loads(head), **words}) + "\n" + rest, encoding="utf-8")
    return folder


STRANGERS: list[tuple[dict[str, object], str]] = [
    ({"contract": "gatewayz"}, "has another contract than"),
    ({"base_url": "http://other.invalid"}, "has another base URL than"),
    ({"shards": 5}, "has another number of shards than"),
    ({"version": "0.0.1"}, "has another version of catalog-contract than"),
    ({"promises": "0"}, "has another content of the contract than"),
    ({"shard": 1}, "shard 1 is given twice"),
    ({"shard": 9}, "does not hold the answers of a shard"),
    ({"kind": "cassette"}, "does not hold the answers of a shard"),
    ({"started": "now"}, "does not hold the answers of a shard"),
]


@pytest.mark.parametrize(("words", "why"), STRANGERS)
def test_a_shard_of_another_run_is_refused(
    healthy: Sharded, tmp_path: Path, words: dict[str, object], why: str
) -> None:
    other = changed(healthy, tmp_path / "other", 2, **words)
    with pytest.raises((SettingsError, AnswersError), match=why):
        with_shards(Settings(merge=(healthy.folders[0], other)))


def test_shards_too_far_apart_are_refused(healthy: Sharded, tmp_path: Path) -> None:
    """What lies further apart than one run may take is not a one run; more can be allowed."""
    old = changed(healthy, tmp_path / "old", 2, started=1_500_000_000.0)
    for offline in (False, True):
        settings = Settings(merge=(healthy.folders[0], old), offline=offline)
        with pytest.raises(SettingsError, match="s apart, a run of this contract may take 1,200 s: run the shards"):
            check(settings, healthy.contract)
    check(Settings(merge=(healthy.folders[0], old), offline=True, most_seconds=1e9), healthy.contract)


def test_a_contract_that_was_changed_meanwhile_is_refused(healthy: Sharded, tmp_path: Path) -> None:
    now = load_contract(str(several(tmp_path, "# changed\n")))
    with pytest.raises(SettingsError, match=r"is not the one that .* was read by: run the shards again"):
        check(Settings(merge=tuple(healthy.folders)), now)


@pytest.mark.parametrize("given", ["0/4", "5/4", "1", "a/b", "1/0", "1/999", "-1/4", ""])
def test_a_shard_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(SettingsError, match="--shard is I/N, from 1/N to N/N"):
        shard_of(given)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (Settings(shard=(1, 2)), "--shard splits a live run"),
        (Settings(shard=(1, 2), base_url="http://h", record="x"), "--shard splits a live run"),
        (Settings(shard=(1, 2), base_url="http://h", baseline=Path("b")), "--baseline belongs to the whole run"),
        (Settings(shard=(1, 5), base_url="http://h"), "5 shards ask 5 requests at a time, the contract allows 4"),
        (Settings(shard=(1, 3), base_url="http://h", concurrency=2), "3 shards ask 6 requests at a time"),
    ],
)
def test_what_does_not_go_with_a_shard_is_refused(contract: Contract, settings: Settings, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        check(settings, contract)


def test_all_shards_together_ask_as_one_run_may(contract: Contract) -> None:
    whole = replace(contract.transport, requests_per_second=5.0, maximum_requests=200)
    shares = [share(whole, contract, (number, SHARDS)) for number in range(1, SHARDS + 1)]
    assert sum(one.requests_per_second for one in shares) == pytest.approx(5.0)
    assert 200 - SHARDS <= sum(one.maximum_requests for one in shares) <= 200
    for number, one in enumerate(shares, 1):
        assert one.maximum_requests >= len(split(contract, SHARDS).part(number))


def telling(secret: str) -> Gateway:
    """A gateway that repeats the key in a header, and sets a cookie."""
    inner = reference_gateway()

    def gateway(query: Query) -> Answer:
        answer = inner(query)
        assert secret in query.headers["authorization"]
        return replace(answer, headers={**answer.headers, "X-Echo": secret, "Set-Cookie": "session=chocolate"})

    return gateway


def test_a_shard_and_the_merge_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One shard of one, with a key that must be in no file; the merge asks nothing more, and leaves its answers."""
    path = tmp_path / "tiny.toml"
    path.write_text(SEVERAL[: SEVERAL.index("[[coll")] + '[[collections]]\nname = "groq"\n')
    secret = "a-secret-that-nobody-may-see"
    monkeypatch.setenv("CATALOG_API_KEY", secret)
    with serve(telling(secret)) as (base_url, log):
        options = ("--contract", str(path), "--base-url", base_url, "--shard", "1/1")
        status, alone, printed = run(tmp_path / "alone", *options)
        asked = len(log)
        assert (status, alone["verdict"]) == (0, "HOLDS"), printed
        status, merged, printed = run(tmp_path / "merged", "--merge", str(tmp_path / "alone"))
        assert (status, merged["verdict"]) == (0, "HOLDS"), printed
        again = run(tmp_path / "alone", "--merge", str(tmp_path / "alone"), "--offline")
        assert again[0] == 0 and len(log) == asked, again[2]
    answers = (tmp_path / "alone" / NAME).read_text("utf-8")
    assert len(answers.splitlines()) == asked + 1 and "x-echo" in answers
    assert secret not in answers and "chocolate" not in answers
    assert merged["source"] == alone["source"] and merged["origin"].startswith("read by 1 shard of 1 from ")
    assert alone["started"] <= merged["started"]


def test_a_run_of_its_own_leaves_no_old_answers(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{}\n")
    assert run(tmp_path, "-k", "groq")[0] == 0
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--shard", "2/1", "--base-url", "http://127.0.0.1:9"), "--shard is I/N"),
        (("--merge", "nowhere"), "there are no answers of a shard in nowhere: name folders"),
        (("--offline",), "--offline is for catalog-contract merge"),
    ],
)
def test_a_mistake_is_one_line(options: tuple[str, ...], why: str) -> None:
    assert refused(*options).startswith(why)
