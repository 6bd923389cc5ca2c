"""`catalog-contract`: the real command on the shipped recordings and on a reference gateway over HTTP."""

import json
import signal
import subprocess
import sys
import time

import pytest
from test_report_text import hidden_characters

from catalog_contract import manifest
from catalog_contract.cases import words
from catalog_contract.cli import EXIT_CLOSED_PIPE, EXIT_INTERRUPTED, explain, main
from catalog_contract.contract_file import CONTRACTS, contract_names
from catalog_contract.exchange import Exchange, Request
from catalog_contract.report.text import DASH, columns
from catalog_contract.rulebook import PROJECT, rulebook
from catalog_contract.source import write_cassette
from catalog_contract.verdict import EXIT_BROKEN, EXIT_HOLDS, EXIT_NOT_JUDGED, EXIT_USAGE
from fixtures.gateway.core import Answer, reference_gateway
from fixtures.gateway.server import serve

COMMAND = [sys.executable, "-m", "catalog_contract.cli"]
LISTED = {"data": [{"id": "a/one"}, {"id": "a/two"}, {"id": "a/one"}]}


@pytest.fixture
def run(capsys):
    """Run a command in this process: its exit status and what it printed, which never acts and fits 80 columns."""

    def command(*arguments):
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert not hidden_characters(out + err, allowed="\n")
        wide = [line for line in out.splitlines() if columns(line) > 80 and "://" not in line]
        assert "--json" in arguments or not wide
        assert err.count("\n") == (status == EXIT_USAGE)
        return status, out, err

    return command


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
    told = json.loads(out)
    row = next(row for row in told["gateways"] if row["gateway"] == "huggingface")
    assert status == told["exit_status"] == EXIT_BROKEN and told["verdict"] == "BROKEN"
    assert (row["total"], row["unique"], row["duplicates"], row["expected"]) == (1_204, 1_204, 0, 1_350)
    assert told["grand_total"]["total"] == sum(row["total"] for row in told["gateways"] if not row["merges"])
    broken = {rule["id"] for rule in told["rules"] if rule["verdict"] == "BROKEN"}
    assert "the_catalogue_holds_the_expected_number_of_models" in broken


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
    lines = out[out.index("    offset ") :].split("\n\n")[0].splitlines()[1:]
    return {cells[0]: cells[1:3] for line in lines if (cells := line.split()) and cells[0].replace(",", "").isdigit()}


def test_pages_prints_each_declared_offset_and_the_bulk_read(run):
    status, out, _ = run("pages")
    full = {offset: ["100", "0"] for offset in ("0", "100", "200", "400", "500", "1,000")}
    assert status == EXIT_HOLDS and offsets_of(out) == full | {"1,300": ["52", "0"]}
    assert "google/embeddinggemma-300m\n" in out and "katanemo/Arch-Router-1.5B\n" in out
    assert "bulk read: 1,352 rows, 1,352 unique, 0 duplicates (limit 50,000)" in out


def test_pages_of_the_cut(run):
    status, out, _ = run("pages", "--cassette", "incident-cut-to-101")
    seen = {"0": "100", "100": "1", "200": "0", "400": "0", "500": "0", "1,000": "0", "1,300": "0"}
    assert status == EXIT_BROKEN and {offset: cells[0] for offset, cells in offsets_of(out).items()} == seen
    assert "bulk read: 101 rows, 101 unique, 0 duplicates" in out
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
    told = json.loads(out)
    (collection,) = told["collections"]
    assert status == told["exit_status"] == EXIT_BROKEN and collection["gateway"] == "huggingface"
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
    assert status == EXIT_HOLDS and "groq, pages of 100" in out and "bulk read: 19 rows" in out
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


# explain


@pytest.mark.parametrize("rule", rulebook(), ids=lambda rule: rule.name)
def test_every_rule_is_explained(run, rule):
    status, out, _ = run("explain", rule.name)
    said = " ".join(out.split())
    assert status == 0 and rule.promise in said and rule.family in said and rule.severity.name.lower() in said
    assert rule.cannot_see[1:] in said and rule.why[1:] in said and rule.incident in said


def test_every_word_that_a_rule_may_ask_for_has_a_meaning():
    assert set(explain.MEANINGS) == words()


def test_explain_alone_lists_every_rule(run):
    status, out, _ = run("explain")
    listed = [line.strip() for line in out.splitlines() if line.startswith("  ") and not line.startswith("   ")]
    assert status == 0 and listed == [rule.name for rule in rulebook()]


def test_a_rule_is_found_by_what_pytest_calls_it(run):
    written = "tests/contract/test_pages.py::test_a_page_before_the_end_is_full[huggingface-offset=100]"
    assert run("explain", written) == run("explain", "a_page_before_the_end_is_full")


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
        '["one"."2025"]\nbreaks = ["r"]\n["one"."2026"]\nbreaks = []\n["two"."2026"]\nbreaks = ["r"]\n'
        '[three]\nalways = []\nat_times = ["r"]\n',
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


# mistakes, Ctrl-C, closed pipes


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "required"),
        (["count"], "invalid choice"),
        (["counts", "--cassete", "healthy"], "unrecognized"),
        (["counts", "--cassette", "helthy"], "did you mean healthy?"),
        (["counts", "--cassette", "healthy", "--base-url", "http://127.0.0.1:9"], "give one of them"),
        (["counts", "--base-url", "ftp://127.0.0.1"], "http"),
        (["counts", "--contract", "gatewyz"], "did you mean 'gatewayz'?"),
        (["counts", "--contract", "example-minimal"], "names no cassette"),
        (["counts", "--rate", "fast"], "invalid float"),
        (["pages", "--collection", "hugginface"], "did you mean huggingface?"),
        (["explain", "known_models_are_listd"], "did you mean known_models_are_listed?"),
        (["explain", "\x1b[2J"], "there is no rule"),
        (["show"], "required"),
        (["show", "no-such-cassette"], "there is no cassette"),
        (["show", "README.md"], "there is no cassette"),
        (["show", "healthy", "--body", "one"], "invalid int"),
        (["contract", "no/such.toml"], "no such file"),
        (["contract", "pyproject.toml"], "pyproject.toml"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_line_and_status_4(run, monkeypatch, arguments, told):
    monkeypatch.chdir(PROJECT)
    status, out, err = run(*arguments)
    assert (status, out) == (EXIT_USAGE, "") and told in err and err.startswith("catalog-contract: ")


def test_a_damaged_cassette_is_one_line(run, tmp_path):
    damaged = tmp_path / "damaged.json.xz"
    damaged.write_bytes(manifest.path_of("healthy").read_bytes()[:5_000])
    for command in (["counts", "--cassette", damaged], ["pages", "--cassette", damaged], ["show", damaged]):
        status, _, err = run(*command)
        assert status == EXIT_USAGE and "is cut off: it ends after 5,000 bytes" in err


def test_help_is_no_mistake(run):
    for command in ([], ["counts"], ["pages"], ["explain"], ["show"], ["contract"]):
        assert run(*command, "--help")[0] == 0


def test_the_command_as_a_process_from_anywhere_to_an_output_without_utf_8():
    arguments, ascii_only = ["counts", "--cassette", "incident-not-found"], {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, cwd="/", env=ascii_only)
    assert (done.returncode, done.stderr) == (EXIT_BROKEN, b"")
    assert done.stdout.isascii() and b"\x1b" not in done.stdout


def test_a_mistake_as_a_process():
    done = subprocess.run([*COMMAND, "show", "nothing"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (EXIT_USAGE, "") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["show", "healthy"], ["explain"]], ids=" ".join)
def test_a_reader_that_goes_away_is_no_error(arguments):
    child = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(20) == EXIT_CLOSED_PIPE


def test_ctrl_c_ends_quietly():
    asked = []

    def slow(query):
        asked.append(query)
        return Answer(200, {"Content-Type": "application/json"}, {"data": []}, seconds=30)

    # A shell in the background ignores Ctrl-C, and so would its children.
    script = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from catalog_contract.cli import main; sys.exit(main())"
    )
    with serve(slow) as (base_url, _):
        command = [sys.executable, "-c", script, "counts", "--base-url", base_url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            deadline = time.monotonic() + 20
            while not asked and child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=10)
    assert (child.returncode, out, err) == (EXIT_INTERRUPTED, b"", b"")
