"""The contract's own names for an item and a collection."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from contracts import MINIMAL, refused
from small_servers import api_of, serving

from catalog_contract.cli import main
from catalog_contract.contracts.load import load_contract
from catalog_contract.model.wording import NEUTRAL, Words, words_of
from catalog_contract.util.text import plural
from fixtures.apis.api import Asked, Response, number

MODELS = words_of("model", collection="gateway")
INVOICES = words_of("invoice", collection="account")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Every item of the collection is listed.", "Every invoice of the account is listed."),
        ("Items and Collections", "Invoices and Accounts"),
        ("an item of a collection", "an invoice of an account"),
        ("An item, a collection.", "An invoice, an account."),
        ("an empty collection, a listed item", "an empty account, a listed invoice"),
        ("items: 3 (item)", "invoices: 3 (invoice)"),
        ("the item's page", "the invoice's page"),
        ("`items` in items", "`items` in invoices"),
        ("the contract does not declare item.collection and envelope.items", None),
        ("an_item and itemised, collection=x, /items, item-7, x/item, #item, item@x", None),
        ("pages and windows", None),
    ],
)
def test_whole_words_of_ours_become_those_of_the_contract(text, shown):
    assert INVOICES.render(text) == (shown or text)
    assert NEUTRAL.render(text) == text


@pytest.mark.parametrize(
    ("name", "article"),
    [
        ("user", "a"),
        ("order", "an"),
        ("unit", "a"),
        ("hour", "an"),
        ("model", "a"),
        ("EU country", "a"),
        ("e-mail", "an"),
    ],
)
def test_the_article_fits_the_name(name, article):
    assert words_of(name).render("an item") == f"{article} {name}"


def test_amounts_are_counted_in_the_names():
    assert [MODELS.items(1), MODELS.items(1350), MODELS.collections(2)] == ["1 model", "1,350 models", "2 gateways"]


@pytest.mark.parametrize(
    ("one", "several"),
    [
        ("model", "models"),
        ("entry", "entries"),
        ("key", "keys"),
        ("box", "boxes"),
        ("batch", "batches"),
        ("bus", "buses"),
    ],
)
def test_the_plural_is_the_regular_one(one, several):
    assert plural(one) == several


def test_a_contract_gives_the_names_and_has_neutral_ones_without(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(MINIMAL)
    assert load_contract(str(path)).words == NEUTRAL == Words()
    path.write_text('item_name = "person"\nitem_names = "people"\ncollection_name = "country"\n' + MINIMAL)
    assert load_contract(str(path)).words == Words("person", "people", "country", "countries")
    assert load_contract("gatewayz").words == load_contract("gatewayz-2026").words == MODELS


@pytest.mark.parametrize("name", ["", " model", "a\\nb", "`x`", "<b>", "x" * 41, "::error::", "\\u202e"])
def test_a_name_that_is_no_word_is_refused(name, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(f'item_name = "{name}"\n{MINIMAL}')
    assert "item_name" in refused(path)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("237 models, at least 1,282 expected", "237 invoices, at least 1,282 expected"),
        ("A gateway does not answer: a model", "An account does not answer: an invoice"),
        ("Look in the gateway's log for 429", "Look in the service's log for 429"),
        ("Search the gateway for the figure 100.", "Search the service for the figure 100."),
        ("GET `/v1/models?gateway=a`: models", "GET `/v1/models?gateway=a`: invoices"),
        ("first owner/model-0; models: 3 rows", "first owner/model-0; models: 3 rows"),
    ],
)
def test_causes_speak_the_words_of_the_contract(text: str, shown: str) -> None:
    names = ["models"] if "models: 3 rows" in text else []
    assert INVOICES.render_cause(text, names) == shown
    assert MODELS.render_cause(text) == text


def test_a_broken_invoice_list_speaks_of_invoices_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminal, page and summary, with causes that see the length, repeats and refusals."""
    monkeypatch.chdir(tmp_path)
    listed = [{"id": f"inv-{nth:04}", "amount": nth} for nth in range(237)]
    state = {"broken": False}

    def answer(asked: Asked) -> Response:
        limit, offset = number(asked, "limit", 20, 1, 50), number(asked, "offset", 0)
        rows = (listed + listed[40:90])[:270] if state["broken"] else listed
        return Response({"items": rows[offset : offset + limit], "total": len(rows)})

    with serving(api_of("/invoices", answer)) as (url, _):
        assert main(["init", f"{url}/invoices"]) == 0
        contract = Path("contracts/invoices.toml")
        contract.write_text(
            contract.read_text("utf-8") + "expected_total = 900\nas_of = 2026-01-31\n", encoding="utf-8"
        )
        state["broken"] = True
        command = [sys.executable, "-m", "catalog_contract.cli", "check", str(contract)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    reported = [done.stdout, *(Path("reports", name).read_text("utf-8") for name in ("verdict.html", "summary.md"))]
    for text in reported:
        assert "invoices" in text and "Probably: duplicates in one list" in text
        assert re.findall(r"(?i)\b(?:models?|gateways?)\b", text) == []
