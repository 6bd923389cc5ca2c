"""`--against URL`: the list of another deployment, which one may be given, and what is stated of it."""

import json
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from runs import SMALL, refused, run
from test_secrets import KEY, echoing, key_in, leaks

from catalog_contract.catalog.service import Service
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.contract import Contract
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.rules.cases import cases_of
from catalog_contract.rules.judge import judge
from catalog_contract.rules.planning import plans
from catalog_contract.rules.rule import Rule
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.rules.selection import why_not
from catalog_contract.run import against
from catalog_contract.transport.secret import AGAINST_KEY_VARIABLE, KEY_VARIABLE
from fixtures.gateway.catalog import Rows
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.memory import MemorySource
from fixtures.gateway.pipeline import ERAS, Answer, Gateway, Query, healthy, respond
from fixtures.gateway.server import serve
from fixtures.gateway.variants import with_rows
from fixtures.wire import wire
from fixtures.wire.service import answer
from fixtures.wire.suite import run_suite

NAME = "no_item_of_the_other_deployment_is_missing"
THERE = "http://there.invalid"
OTHER_KEY = "other-canary-9c+2/1=q"
NO_FIGURE = (
    SMALL.replace('name = "together"', 'name = "huggingface"')
    .replace("expected_total = 97\nas_of = 2025-10-15\n", "")
    .replace('[[collections]]\nname = "groq"\nmay_be_empty = true\n', "")
    .replace("page_size = 20", "page_size = 100")
    .replace("other_page_size = 33", "other_page_size = 701")
    .replace("offsets = [0, 20, 40]", "offsets = [0, 100, 200]")
)
"""A contract that expects no total at all."""


def the_rule() -> Rule:
    """The rule that compares two deployments."""
    return next(rule for rule in rulebook() if rule.name == NAME)


def contract_of(folder: Path, text: str = NO_FIGURE) -> Contract:
    """The contract, with another deployment to compare with."""
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return replace(load_contract(str(path)), against=THERE)


def without(lost: int) -> Gateway:
    """The reference gateway without some models from all over one collection, in itself without any fault."""

    def thinned(rows: Rows, turn: int) -> Rows:
        return [row for place, row in enumerate(rows) if place % 45 or place >= 45 * lost]

    steps = with_rows(healthy(ERAS["2025"]), thinned)
    return lambda query: respond(steps, query)


def listing(*states: tuple[str, ...]) -> tuple[Gateway, list[Query]]:
    """A gateway that lists one state of a list after the other, the last one ever after; and what it was asked."""
    asked: list[Query] = []

    def gateway(query: Query) -> Answer:
        asked.append(query)
        ids = states[min(len(asked), len(states)) - 1]
        return Answer(payload={"data": [{"id": id} for id in ids], "total": len(ids), "returned": len(ids)})

    return gateway, asked


def judged(contract: Contract, here: Gateway, there: Gateway) -> Judgement:
    """What the rule says of one deployment beside another."""
    (case,) = cases_of(the_rule(), contract)
    return judge(the_rule(), case, Service(contract, MemorySource(here), MemorySource(there)))


def ids(first: int, last: int) -> tuple[str, ...]:
    """That many ids."""
    return tuple(f"a/{number}" for number in range(first, last))


def test_without_another_deployment_there_is_no_case_and_the_report_says_why(tmp_path: Path) -> None:
    contract = replace(contract_of(tmp_path), against="")
    assert cases_of(the_rule(), contract) == []
    why = why_not(the_rule(), contract, live=True)
    assert why == "no other deployment given: what is listed elsewhere is not known"


@pytest.mark.parametrize(("lost", "verdict"), [(0, Verdict.HOLDS), (27, Verdict.HOLDS), (28, Verdict.BROKEN)])
def test_a_loss_beyond_the_declared_share_is_broken(lost: int, verdict: Verdict, tmp_path: Path) -> None:
    """2 % of 1,352 are 27: the share that a run may lose goes for another deployment too."""
    judgement = judged(contract_of(tmp_path), without(lost), reference_gateway())
    assert judgement.verdict is verdict, judgement.message
    if verdict is Verdict.BROKEN:
        assert judgement.evidence is not None and len(judgement.evidence.lost) == 28
        reported = f"28 of 1,352 items that huggingface lists at {THERE} are missing here, 27 may be: "
        assert judgement.message.startswith(reported)
        assert "\nthere: curl -sS --compressed 'http://reference.invalid/v1/models?" in judgement.message


GROWTH = (
    "grows-at-the-end", "grows-at-the-front", "grows-twice-at-the-front", "shrinks-at-the-end", "shrinks-at-the-front",
    "a-newcomer-for-an-old-one",
)  # fmt: skip


@pytest.mark.parametrize("there", ["grows-twice-at-the-front", "shrinks-at-the-front"])
@pytest.mark.parametrize("here", GROWTH)
def test_deployments_that_grow_differently_raise_no_alarm(here: str, there: str, tmp_path: Path) -> None:
    """Each legally, each in its own way, over several seeds."""
    contract = contract_of(tmp_path)
    for seed in range(2):
        gateways = (reference_gateway("2025", here, seed), reference_gateway("2025", there, seed + 10))
        assert judged(contract, *gateways).verdict is Verdict.HOLDS


def test_what_is_deleted_everywhere_while_it_is_read_is_not_missing(tmp_path: Path) -> None:
    """Both deployments look into one database, which forgets half of the list between the two readings."""
    there, asked = listing(ids(0, 100), ids(0, 50))
    here, _ = listing(ids(0, 50))
    assert judged(contract_of(tmp_path), here, there).verdict is Verdict.HOLDS
    assert len(asked) == 2
    there, _ = listing(ids(0, 100))
    assert judged(contract_of(tmp_path), here, there).verdict is Verdict.BROKEN


def test_an_empty_list_elsewhere_proves_nothing(tmp_path: Path) -> None:
    """Nothing was compared, so nothing is held; where the contract allows it, the collection may be empty."""
    nothing, something = listing(())[0], listing(ids(0, 9))[0]
    judgement = judged(contract_of(tmp_path), something, nothing)
    assert judgement.verdict is Verdict.NOT_JUDGED
    assert judgement.why == f"no comparison with the deployment at {THERE}: it lists nothing of huggingface"
    contract = contract_of(tmp_path)
    empty = replace(contract, collections=(replace(contract.collections[0], may_be_empty=True),))
    assert judged(empty, something, nothing).verdict is Verdict.HOLDS
    assert judged(contract_of(tmp_path), nothing, something).verdict is Verdict.BROKEN


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (Answer(500, payload={}), "answered 500"),
        (Answer(401, payload={}), f"answered 401; a key for it goes into {AGAINST_KEY_VARIABLE}"),
        (Answer(payload={"rows": []}), "answered 200 without a list under 'data'"),
        (Answer(payload={"data": [{"name": "a"}, {"name": "b"}]}), "id"),
    ],
    ids=["broken", "closed", "another-shape", "no-ids"],
)
def test_a_deployment_that_does_not_answer_accuses_nobody(given: Answer, why: str, tmp_path: Path) -> None:
    judgement = judged(contract_of(tmp_path), reference_gateway(), lambda query: given)
    assert judgement.verdict is Verdict.NOT_JUDGED
    assert judgement.why.startswith(f"no comparison with the deployment at {THERE}: ")
    assert why in judgement.why


def test_what_differs_is_noted_as_with_a_baseline(tmp_path: Path) -> None:
    """Lost, new, renamed, and other bodies; volatile fields do not count."""

    def bodies(*items: dict[str, object]) -> Gateway:
        return lambda query: Answer(payload={"data": list(items), "total": len(items), "returned": len(items)})

    contract = contract_of(tmp_path)
    contract = replace(contract, item=replace(contract.item, volatile=("likes",)))
    here = bodies({"id": "a/1", "price": 2, "likes": 3}, {"id": "A/2"}, {"id": "a/4"})
    there = bodies({"id": "a/1", "price": 1, "likes": 1}, {"id": "a/2"}, {"id": "a/4", "note": None})
    service = Service(contract, MemorySource(here), MemorySource(there))
    (case,) = cases_of(the_rule(), contract)
    judge(the_rule(), case, service)
    (line,) = against.notes(contract, service.compared())
    assert line == (
        f"huggingface: compared with {THERE} 1 lost, 1 new; 1 of them only renamed, it seems: a/2 is now A/2; "
        "1 other body (in price)"
    )
    same = list(against.notes(contract, (("huggingface", ""), ("groq", ""))))
    assert same == [f"compared with {THERE} no item is lost and none is new in 2 collections"]
    assert list(against.notes(contract, ())) == []


def test_the_plan_has_the_requests_of_the_other_deployment(tmp_path: Path) -> None:
    """Those of its bulk reads alone; none without it."""
    contract = contract_of(tmp_path)
    asked = [(rule, case) for rule in rulebook() for case in cases_of(rule, contract)]
    here, there = plans(contract, asked)
    assert [request.target for request in there] == ["/v1/models?gateway=huggingface&limit=50000&offset=0"]
    assert there[0] in here
    alone = replace(contract, against="")
    assert plans(alone, [(rule, case) for rule in rulebook() for case in cases_of(rule, alone)])[1] == ()


REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("--against", "http://a.invalid"), "--against compares a live service with another one: give --base-url too"),
    (
        ("--base-url", "http://a.invalid", "--against", "http://a.invalid/"),
        "--against names the service that is judged: give another deployment of it",
    ),
    (
        ("--base-url", "http://a.invalid", "--against", "http://b.invalid", "--record", "own"),
        "--record writes what one service answers: leave --against out",
    ),
    (
        ("--base-url", "http://a.invalid", "--against", "b.invalid"),
        "--against: 'b.invalid' is not a base URL: expected http://host or https://host",
    ),
    (
        ("--base-url", "http://a.invalid", "--against", "http://me:secret99@b.invalid"),
        "--against: the base URL holds a user or password: give a key in the environment instead",
    ),
    (("--base-url", "http://a.invalid", "--against="), "--against is empty: give it a value, or leave it out for the"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("options", "line"), REFUSED, ids=[line[:40] for _, line in REFUSED])
def test_what_cannot_be_compared_is_refused_in_a_line(options: tuple[str, ...], line: str) -> None:
    assert refused(*options).startswith(line)


@pytest.mark.thorough
def test_a_key_that_cannot_be_one_names_its_variable() -> None:
    options = ("--base-url", "http://a.invalid", "--against", "http://b.invalid")
    line = refused(*options, **{AGAINST_KEY_VARIABLE: "short"})
    assert line == f"{AGAINST_KEY_VARIABLE} is not a usable key: 8 or more ASCII characters, no spaces"


@pytest.mark.thorough
def test_a_list_that_lost_30_of_1352_is_broken_without_any_expected_total(tmp_path: Path) -> None:
    """End to end over HTTP: by itself it looks healthy; beside a healthy deployment it does not, and no other rule
    is broken. Healthy beside healthy holds. Workers ask the other deployment once."""
    contract_of(tmp_path)
    options = ("--contract", str(tmp_path / "own.toml"))
    with (
        serve(without(30)) as (cut, _),
        serve(reference_gateway()) as (good, asked),
        serve(reference_gateway()) as (
            twin,
            _,
        ),
    ):
        alone, _, _ = run(tmp_path / "alone", *options, "--base-url", cut)
        assert asked == []
        planned, _, output = run(tmp_path / "plan", *options, "--base-url", cut, "--against", good, "--plan")
        assert asked == []
        beside, reported, printed = run(tmp_path / "beside", *options, "--base-url", cut, "--against", good)
        first = len(asked)
        spread, again, _ = run(tmp_path / "spread", *options, "--base-url", cut, "--against", good, "-n", "2")
        healthy, fine, _ = run(tmp_path / "healthy", *options, "--base-url", twin, "--against", good)
    assert (alone, planned, beside, spread, healthy) == (0, 0, 1, 1, 0)
    for verdict in (reported, again):
        (broken,) = (rule for rule in verdict["rules"] if rule["verdict"] == "BROKEN")
        assert (broken["id"], len(broken["lost"])) == (NAME, 30)
        assert f"huggingface: compared with {good} 30 lost, 0 new" in verdict["notes"]
        assert f"{good}/v1/models?gateway=huggingface&limit=50000&offset=0" in json.dumps(verdict["requests"])
    assert f"compared with {good} no item is lost and none is new in 1 collection" in fine["notes"]
    assert f"GET /v1/models?gateway=huggingface&limit=50000&offset=0 of {good}" in output
    assert f"and 1 of {good}, none made" in output
    assert f"compared with: live {good}" in printed or "requests planned, and 1 of" in printed
    assert first == 2, "read once, and once more because something is missing"


@pytest.mark.thorough
def test_a_deployment_that_is_not_there_is_not_judged_in_one_line(tmp_path: Path) -> None:
    contract_of(tmp_path)
    with serve(reference_gateway()) as (gone, _):
        pass
    with serve(reference_gateway()) as (here, _):
        options = ("--contract", str(tmp_path / "own.toml"), "--base-url", here, "--against", gone)
        status, reported, output = run(tmp_path / "run", *options)
    assert status == 16
    assert {rule["verdict"] for rule in reported["rules"] if rule["id"] != NAME} == {"HOLDS"}
    assert "Not judged: 1 case\n" in output
    assert f"no comparison with the deployment at {gone}: connection refused" in " ".join(output.split())


@pytest.mark.thorough
def test_neither_key_goes_to_the_host_of_the_other(tmp_path: Path) -> None:
    """Each deployment gets its own key, or none, and none of them is shown, also where both send them back."""
    with wire("none", echoing) as here, wire("none", echoing) as there:
        options = ["--base-url", here, "--against", there, "-n", "2", "-vv", "--tb=long", "-l"]
        ran = run_suite(tmp_path, options, {KEY_VARIABLE: KEY})
        assert {key_in(asked) for asked in here.asked} == {KEY}
        assert {key_in(asked) for asked in there.asked} == {""}
        assert list(leaks(tmp_path, ran)) == []
        here.asked.clear(), there.asked.clear()
        ran = run_suite(tmp_path, options, {KEY_VARIABLE: KEY, AGAINST_KEY_VARIABLE: OTHER_KEY})
    assert {key_in(asked) for asked in here.asked} == {KEY}
    assert {key_in(asked) for asked in there.asked} == {OTHER_KEY}
    assert list(leaks(tmp_path, ran)) == []
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert OTHER_KEY.encode() not in written + ran.printed.encode()
    assert ran.status == 1, ran.printed


@pytest.mark.thorough
def test_the_other_deployment_is_asked_at_the_given_rate(tmp_path: Path) -> None:
    """As politely as the one that is judged."""
    started: list[float] = []

    def timed(asked: object) -> object:
        started.append(time.monotonic())
        return answer(asked)  # type: ignore[arg-type]

    with wire("none") as here, wire("none", timed) as there:  # type: ignore[arg-type]
        run_suite(tmp_path, ["--base-url", here, "--against", there, "--rate", "20", "-k", "other_deployment"])
    assert all(later - earlier >= 0.04 for earlier, later in pairwise(started))
