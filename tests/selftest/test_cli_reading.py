"""`catalog-contract explain`, `show` and `contract`: what is written down, made readable."""

import json

import pytest

from catalog_contract.cli import explain
from catalog_contract.contracts.load import contract_names
from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.model.verdict import EXIT_USAGE
from catalog_contract.rules.cases import words
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.transport.cassette import manifest
from catalog_contract.transport.cassette.source import write_cassette

LISTED = {"data": [{"id": "a/one"}, {"id": "a/two"}, {"id": "a/one"}]}


# explain


@pytest.mark.parametrize("rule", rulebook(), ids=lambda rule: rule.name)
def test_every_rule_is_explained(run, rule):
    status, out, _ = run("explain", rule.name)
    printed = " ".join(out.split())
    assert status == 0 and rule.promise in printed and rule.family in printed and rule.severity.name.lower() in printed
    assert rule.cannot_see[1:] in printed and rule.why[1:] in printed


def test_every_word_that_a_rule_may_ask_for_has_a_meaning():
    assert set(explain.MEANINGS) == words()


def test_explain_alone_lists_every_rule(run):
    status, out, _ = run("explain")
    rules = out.partition("\ncauses\n")[0].splitlines()
    listed = [line.strip() for line in rules if line.startswith("  ") and not line.startswith("   ")]
    assert status == 0 and listed == [rule.name for rule in rulebook()]


def test_a_rule_is_found_by_what_pytest_calls_it(run):
    written = "tests/contract/test_pages.py::test_a_page_before_the_end_is_full[huggingface-offset=100]"
    assert run("explain", written) == run("explain", "a_page_before_the_end_is_full")


def test_a_family_is_listed_by_its_name(run):
    """Its rules and no others."""
    status, out, _ = run("explain", "filters")
    listed = {line.strip() for line in out.splitlines() if line.strip().replace("_", "").isalpha() and "_" in line}
    assert (status, listed) == (0, {rule.name for rule in rulebook() if rule.family == "filters"})


def test_explain_names_the_faults_of_the_gallery(run):
    always = explain.caught_by("ids_are_unique_in_the_bulk_read")["always"]
    assert "storm" in always and "total-off-by-one" not in always
    assert "storm" in run("explain", "ids_are_unique_in_the_bulk_read")[1]


@pytest.mark.parametrize("content", [None, "", "not TOML", "storm = 3", "[storm]\nbreaks = 3"])
def test_a_gallery_that_cannot_be_read_is_not_known(run, monkeypatch, tmp_path, content):
    gallery = tmp_path / "breaks.toml"
    if content is not None:
        gallery.write_text(content, encoding="utf-8")
    assert explain.caught_by("any", gallery) == ({"always": [], "at times": []} if content == "" else None)


def test_the_gallery_tells_eras_and_how_often_apart(tmp_path):
    gallery = tmp_path / "breaks.toml"
    gallery.write_text(
        '[one.2025]\nbreaks = ["r"]\n[two]\nbreaks = ["r"]\n[two.2025]\nbreaks = ["other"]\n'
        '[three]\nat_times = ["r"]\n',
        encoding="utf-8",
    )
    assert explain.caught_by("r", gallery) == {"always": ["one (2025 only)", "two"], "at times": ["three"]}


# show


@pytest.mark.parametrize("name", manifest.entries())
def test_every_shipped_cassette_can_be_shown(run, name):
    status, out, _ = run("show", name)
    assert status == 0 and manifest.entries()[name].date in out and "sha256 as the MANIFEST says" in out


def test_show_lists_each_request_with_what_it_gave(run):
    _, out, _ = run("show", "incident-merged-top-lists")
    assert "1,204  google/embeddinggemma-300m" in out
    assert "/v1/models?gateway=huggingface&limit=50000&offset=0\n" in out
    assert "(reading 2)" in out and "(accept-encoding:" in " ".join(out.split())


@pytest.fixture
def own_cassette(tmp_path):
    """A function that writes a cassette of the given bodies and returns its path."""

    def make(*bodies):
        path = tmp_path / "own.json.xz"
        requests = (Request("/v1/models", (("offset", str(place)),)) for place, _ in enumerate(bodies))
        write_cassette(path, [Exchange(r, "", 200, {}, body) for r, body in zip(requests, bodies, strict=True)])
        return path

    return make


def test_a_cassette_of_unknown_origin_says_so(run, own_cassette):
    status, out, _ = run("show", own_cassette(json.dumps(LISTED).encode()))
    assert status == 0 and "not in the MANIFEST" in out and "a/one, a/two and 1 more" in out


def test_what_a_cassette_holds_never_acts_on_the_terminal(run, own_cassette):
    evil = "\x1b[2J\x9b31m\u202egpj.exe\r\n\x07"
    path = own_cassette(json.dumps({"data": [{"id": evil, evil: evil}]}).encode(), evil.encode())
    assert run("show", path)[0] == 0  # the fixture looks for what acts
    assert "\\u001b" in run("show", path, "--body", 1)[1]
    assert "not JSON" in run("show", path, "--body", 2)[1]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"data": [{"id": "x" * 10_000}] * 1_000}),
        json.dumps({f"key {n}": {str(n): list(range(n))} for n in range(2_000)}),
        "[" * 200 + "]" * 200,
        "<p>" + "word " * 100_000,
    ],
    ids=["long", "wide", "deep", "html"],
)
def test_a_body_is_shown_bounded(run, own_cassette, body):
    status, out, _ = run("show", own_cassette(body.encode()), "--body", 1)
    assert status == 0 and 0 < len(out) < 8_000


def test_the_body_shown_is_the_one_asked_for(run, own_cassette):
    path = own_cassette(b'{"data": []}', json.dumps(LISTED).encode())
    assert '"a/two"' in run("show", path, "--body", 2)[1] and '"a/two"' not in run("show", path, "--body", 1)[1]
    assert run("show", path, "--body", 3)[0] == run("show", path, "--body", 0)[0] == EXIT_USAGE


# contract


@pytest.mark.parametrize("name", contract_names())
def test_every_shipped_contract_is_summed_up(run, name):
    status, out, _ = run("contract", name)
    assert status == 0 and f"{name} is sound" in " ".join(out.split()) and "Promises: " in out


def test_the_summary_names_what_is_not_promised_and_what_has_no_oracle(run):
    _, out, _ = run("contract", "example-minimal")
    assert "NO ORACLE" in out and "without envelope.has_more: has_more_is_true_exactly_when_more_follows" in out
    _, out, _ = run("contract", "gatewayz")
    assert "NO ORACLE" not in out and "without envelope.total" not in out


def test_contract_alone_lists_what_is_shipped(run):
    assert [line.split()[0] for line in run("contract")[1].splitlines()] == contract_names()
