"""`catalog-contract counts` and `pages`, on the shipped recordings and on a reference gateway over HTTP."""

import json

import pytest

from catalog_contract.contracts.load import CONTRACTS, load_contract
from catalog_contract.model.verdict import EXIT_BROKEN, EXIT_HOLDS, EXIT_NOT_JUDGED, EXIT_USAGE
from catalog_contract.util.text import DASH
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve


def live(run, command, *arguments, fault=None, era="2025"):
    """Run a command against a reference gateway of its own; what it gave, and the requests it made."""
    with serve(reference_gateway(era, fault)) as (base_url, log):
        return *run(command, "--base-url", base_url, "--rate", 1000, *arguments), log


def rows_of(out):
    """The gateway table as printed: name to the cells after it."""
    lines = out[out.index("\ngateway ") :].split("\n\n")[0].splitlines()[2:]
    return {line[:20].strip(): line[20:].split() for line in lines if line[:1].isalpha()}


# counts


def test_counts_prints_every_gateway_sorted_with_a_grand_total(run):
    status, out, _ = run("counts")
    rows = rows_of(out)
    totals = [int(cells[0].replace(",", "")) for name, cells in rows.items() if name != "all gateways togethe"]
    assert status == EXIT_HOLDS and len(totals) == 14 and totals == sorted(totals, reverse=True)
    assert rows["huggingface"] == ["1,352", "1,352", "0", "1,350", "HOLDS"]
    assert "all gateways together    5,082   5,082       0     5,080  HOLDS" in out
    assert "recorded from the reference gateway" in out


@pytest.mark.parametrize(
    ("cassette", "row"),
    [
        ("incident-cut-to-101", "101 101 0 1,350 BROKEN"),
        ("incident-storm", "50,000 100 49,900 1,350 BROKEN"),
        ("incident-not-found", f"{DASH} {DASH} {DASH} 1,350 BROKEN"),
    ],
)
def test_counts_of_an_incident(run, cassette, row):
    status, out, _ = run("counts", "--cassette", cassette)
    assert status == EXIT_BROKEN
    assert rows_of(out)["huggingface"] == row.split()
    assert out.splitlines()[-1].startswith("BROKEN: ")


def test_counts_as_json_says_the_same_as_the_table(run):
    status, out, _ = run("counts", "--cassette", "incident-merged-top-lists", "--json")
    reported = json.loads(out)
    row = next(row for row in reported["collections"] if row["collection"] == "huggingface")
    assert status == reported["exit_status"] == EXIT_BROKEN and reported["verdict"] == "BROKEN"
    assert (row["total"], row["unique"], row["duplicates"], row["expected"]) == (1_204, 1_204, 0, 1_350)
    assert reported["grand_total"]["total"] == sum(row["total"] for row in reported["collections"] if not row["merges"])
    broken = {rule["id"] for rule in reported["rules"] if rule["verdict"] == "BROKEN"}
    assert "every_full_read_holds_the_expected_number_of_items" in broken


def test_counts_asks_a_live_service_for_each_gateway_once(run):
    status, out, _, log = live(run, "counts")
    assert status == EXIT_HOLDS and "source live http://127.0.0.1" in out
    assert len(log) == 14 and all("limit=50000" in request["target"] for request in log)


def test_counts_reads_the_2026_api_page_by_page(run):
    status, out, _, log = live(run, "counts", "--contract", "gatewayz-2026", era="2026")
    assert status == EXIT_HOLDS and rows_of(out)
    assert all("limit=1000" in request["target"] for request in log)


@pytest.mark.parametrize("fault", ["capped-at-1000", "one-gateway-404", "all-misses-a-gateway"])
def test_counts_is_not_green_for_a_fault_of_the_counts(run, fault):
    status, out, _, _ = live(run, "counts", fault=fault)
    assert status == EXIT_BROKEN and "BROKEN" in {cells[-1] for cells in rows_of(out).values()}


@pytest.mark.parametrize("command", ["counts", "pages"])
def test_a_service_that_is_not_there_is_not_judged(run, command):
    with serve(reference_gateway()) as (base_url, _):
        pass
    status, out, _ = run(command, "--base-url", base_url)
    assert status == EXIT_NOT_JUDGED and "refused" in out
    assert out.splitlines()[-1].startswith("NOT JUDGED: ")


# pages


def offsets_of(out):
    """The table of pages as printed: offset to count and duplicates."""
    lines = out[out.index("  page ") :].split("\n\n")[0].splitlines()[1:]
    return {cells[1]: cells[2:4] for line in lines if (cells := line.split()) and cells[0] == "offset"}


def test_pages_prints_each_declared_offset_and_the_bulk_read(run):
    status, out, _ = run("pages")
    full = {offset: ["100", "0"] for offset in ("0", "100", "200", "400", "500", "1000")}
    assert status == EXIT_HOLDS and offsets_of(out) == full | {"1300": ["52", "0"]}
    assert "google/embeddinggemma-300m\n" in out and "katanemo/Arch-Router-1.5B\n" in out
    assert "bulk read: 1,352 models, 1,352 unique, 0 duplicates (limit 50,000)" in out


def test_pages_of_the_cut(run):
    status, out, _ = run("pages", "--cassette", "incident-cut-to-101")
    seen = {"0": "100", "100": "1", "200": "0", "400": "0", "500": "0", "1000": "0", "1300": "0"}
    assert status == EXIT_BROKEN and {offset: cells[0] for offset, cells in offsets_of(out).items()} == seen
    assert "bulk read: 101 models, 101 unique, 0 duplicates" in out
    assert "a_page_before_the_end_is_full" in out


@pytest.mark.parametrize("cassette", ["not-found", "limit-ignored", "merged-top-lists"])
def test_pages_is_red_for_every_incident(run, cassette):
    status, out, _ = run("pages", "--cassette", f"incident-{cassette}")
    assert status == EXIT_BROKEN and "broken promise" in out


@pytest.mark.parametrize("fault", ["duplicate-within-a-page", "offset-ignored"])
def test_pages_is_red_for_a_fault_of_the_pages(run, fault):
    status, out, _, _ = live(run, "pages", fault=fault)
    assert status == EXIT_BROKEN and "bulk read: " in out


def test_pages_as_json(run):
    status, out, _ = run("pages", "--cassette", "incident-storm", "--json")
    reported = json.loads(out)
    (collection,) = reported["collections"]
    assert status == reported["exit_status"] == EXIT_BROKEN and collection["collection"] == "huggingface"
    assert [page["offset"] for page in collection["pages"]] == [0, 100, 200, 400, 500, 1000, 1300]
    assert {tuple(page["first_ids"]) for page in collection["pages"]} == {tuple(collection["pages"][0]["first_ids"])}
    assert (collection["bulk"]["total"], collection["bulk"]["duplicates"]) == (50_000, 49_900)


def test_pages_as_json_says_why_a_page_is_missing(run):
    _, out, _ = run("pages", "--cassette", "incident-not-found", "--json")
    (collection,) = json.loads(out)["collections"]
    assert {(page["status"], page["count"], page["failure"]) for page in collection["pages"]} == {
        (404, None, "answered 404")
    }


@pytest.mark.parametrize("name", ["groq", "GROQ"])
def test_pages_of_a_collection_that_the_contract_only_counts(run, name):
    status, out, _, log = live(run, "pages", "--collection", name)
    assert status == EXIT_HOLDS and "groq, pages of 100" in out and "bulk read: 19 models" in out
    assert all("gateway=groq" in request["target"] for request in log)


def test_pages_takes_an_alias(run):
    assert run("pages", "--collection", "hug")[:2][0] == EXIT_HOLDS


def test_a_retired_collection_has_no_pages(run, tmp_path):
    contract = tmp_path / "own.toml"
    text = (CONTRACTS / "gatewayz.toml").read_text(encoding="utf-8")
    text = text.replace('name = "groq"', 'name = "groq"\nretired = 2026-07-01')
    contract.write_text(text.replace('_schema = "', f'_schema = "{CONTRACTS.parent}/schemas/'), encoding="utf-8")
    status, _, err = run("pages", "--contract", contract, "--cassette", "healthy", "--collection", "groq")
    assert status == EXIT_USAGE and "groq is retired since 2026-07-01" in err


def test_the_text_of_a_contract_is_there_to_begin_with(run, tmp_path):
    """It is a contract again where it is written into a file."""
    status, text, _ = run("contract", "graphql-connection", "--toml")
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    assert (status, run("contract", own)[0]) == (EXIT_HOLDS, EXIT_HOLDS)
    assert load_contract(str(own)).list_path == load_contract("graphql-connection").list_path


def test_a_contract_that_lies_elsewhere_is_named(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "orders.toml").touch()
    assert "did you mean 'contracts/orders.toml'?" in run("contract", "orders")[2]
    assert "catalog-contract init http://h/orders?token=***" in run("contract", "http://h/orders?token=abc")[2]
