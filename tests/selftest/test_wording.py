"""The contract's own names for an item and a collection."""

import pytest
from contracts import MINIMAL, refused

from catalog_contract.contracts.load import load_contract
from catalog_contract.model.wording import NEUTRAL, Words, words_of
from catalog_contract.util.text import plural

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
