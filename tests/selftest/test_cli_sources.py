"""`counts` and `pages`: whom they ask, what they never pass off as the service, and the forms of their output."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from catalog_contract.cli import judged
from catalog_contract.model.verdict import EXIT_BROKEN, EXIT_HOLDS, EXIT_USAGE
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve

HEADLINE = re.compile(r"RECORDING of 20\d\d-\d\d-\d\d, not the service\n\n")
OWN = """
title = "A list"
base_url = "BASE_URL"
list_path = "/v1/models"

[parameters]
collection = "gateway"

[envelope]
items = "data"
total = "total"

[item]
id = "id"

[paging]
style = "offset"
page_size = 25
bulk_limit = 50000
default_limit = "all"

[[collections]]
name = "together"
depth = "full"
expected_total = 97
as_of = 2025-10-15
"""


def own(folder: Path, base_url: str) -> Path:
    """A contract of that service, without a recording and without declared offsets."""
    path = folder / "own.toml"
    path.write_text(OWN.replace("BASE_URL", base_url), encoding="utf-8")
    return path


@pytest.mark.parametrize("command", ["counts", "pages"])
def test_a_recording_is_named_first(run, command):
    """Also where it is the default, and also where nobody knows its day."""
    for options in ((), ("--cassette", "incident-cut-to-101")):
        assert HEADLINE.match(run(command, *options)[1])
    assert json.loads(run(command, "--json")[1])["recording"].startswith("RECORDING of 20")


@pytest.mark.parametrize("command", ["counts", "pages"])
def test_the_service_of_a_contract_is_asked_only_when_told_to(run, tmp_path, command):
    with serve(reference_gateway()) as (base_url, log):
        contract = own(tmp_path, base_url)
        status, out, err = run(command, "--contract", contract)
        assert (status, out, log) == (EXIT_USAGE, "", [])
        reported = (
            f"the contract own names no cassette: give --live to ask {base_url}, --base-url URL or --cassette NAME"
        )
        assert reported in err
        status, out, _ = run(command, "--contract", contract, "--live")
        assert (status, bool(log)) == (EXIT_HOLDS, True)
        assert "RECORDING" not in out and f"source live {base_url}" in out
        assert json.loads(run(command, "--contract", contract, "--live", "--json")[1])["recording"] is None


@pytest.mark.parametrize("options", [("--base-url", "http://127.0.0.1:9"), ("--cassette", "healthy")])
def test_two_sources_are_refused(run, options):
    status, _, err = run("counts", "--live", *options)
    assert status == EXIT_USAGE and "leave --base-url and --cassette out" in err


@pytest.mark.parametrize("command", ["counts", "pages"])
def test_an_installed_package_shows_no_list_of_others(run, monkeypatch, command):
    """Without any contract there is nobody to ask."""
    monkeypatch.setattr(judged, "INSTALLED", True)
    status, out, err = run(command)
    assert (status, out) == (EXIT_USAGE, "") and "whom to ask?" in err
    assert run(command, "--contract", "gatewayz")[0] == EXIT_HOLDS


def test_json_begins_with_the_collections(run):
    for command in ("counts", "pages"):
        assert next(iter(json.loads(run(command, "--json")[1]))) == "collections"


def test_csv_says_the_same_as_json(run):
    status, out, _ = run("counts", "--cassette", "incident-cut-to-101", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    reported = json.loads(run("counts", "--cassette", "incident-cut-to-101", "--json")[1])
    assert status == EXIT_BROKEN
    assert [row["collection"] for row in rows] == [row["collection"] for row in reported["collections"]]
    cut = next(row for row in rows if row["collection"] == "huggingface")
    assert (cut["total"], cut["expected"], cut["verdict"]) == ("101", "1350", "BROKEN")
    assert all(row["source"].startswith("RECORDING of ") for row in rows)
    _, out, _ = run("pages", "--cassette", "incident-cut-to-101", "--csv")
    pages = list(csv.DictReader(io.StringIO(out)))
    assert [(page["offset"], page["count"]) for page in pages[:3]] == [("0", "100"), ("100", "1"), ("200", "0")]
    assert len(pages[0]["first_ids"].split()) == 3


def test_one_form_at_a_time(run):
    status, _, err = run("counts", "--json", "--csv")
    assert status == EXIT_USAGE and "not allowed with" in err


def test_pages_without_declared_offsets_are_those_of_the_walk(run, tmp_path):
    """All of them, not the first two."""
    with serve(reference_gateway()) as (base_url, _):
        out = run("pages", "--contract", own(tmp_path, base_url), "--live", "--json")[1]
    (collection,) = json.loads(out)["collections"]
    pages = [(page["offset"], page["count"]) for page in collection["pages"]]
    assert pages[:4] == [(0, 25), (25, 25), (50, 25), (75, 22)]


def test_single_pages_cost_few_requests(run, tmp_path):
    """The pages that are asked for, and the bulk read beside them; what they are enough for is judged."""
    with serve(reference_gateway("2025", "stops-at-first-short-page")) as (base_url, log):
        options = ("--base-url", base_url, "--contract", "gatewayz", "--offset", 100, "--offset", 1300)
        status, out, _ = run("pages", *options)
    assert status == EXIT_BROKEN
    assert len(log) == 3
    assert re.search(r"offset 100 +1 +0 ", out) and re.search(r"offset 1300 +0 +0", out)
    assert "a_page_before_the_end_is_full" in out


@pytest.mark.parametrize("offset", [-1, "ten"])
def test_an_offset_is_a_number_of_items(run, offset):
    status, _, err = run("pages", f"--offset={offset}")
    assert status == EXIT_USAGE and "--offset" in err


def test_counts_with_a_history_show_the_trend(run, tmp_path):
    """Each run is appended; a file that holds something else is refused before anything is asked."""
    path = tmp_path / "counts.jsonl"
    with serve(reference_gateway()) as (base_url, log):
        options = ("--base-url", base_url, "--history", path)
        assert "the last" not in run("counts", *options)[1]
        assert "the last 2 runs" in run("counts", *options)[1]
        assert len(path.read_text().splitlines()) == 2
        path.write_text("no run\n")
        asked = len(log)
        status, _, err = run("counts", *options)
        assert (status, len(log)) == (EXIT_USAGE, asked)
    assert "not whole JSON" in err
    assert "--history is empty" in run("counts", "--history=")[2]
