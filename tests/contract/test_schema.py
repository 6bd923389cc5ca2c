"""Schema: the shape of answers and of items. (PYTEST_DONT_REWRITE: the message is the evidence.)"""

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.page import Page, readable, some
from catalog_contract.contracts.schema import Schema, schema_of
from catalog_contract.model.exchange import JSON
from catalog_contract.model.verdict import Severity
from catalog_contract.rules.rule import rule


@rule(Severity.CRITICAL, needs=("envelope_schema",), of_items=False)
def test_the_envelope_matches_its_schema(any_catalog: Catalog) -> None:
    """The envelope of every page, window and bulk read matches its JSON Schema.

    Why: clients are typed by it.

    Cannot see: fields that the schema does not name; those are allowed.
    """
    schema = schema_of(any_catalog.contract.envelope_schema or {})
    for page in readable(any_catalog.planned_pages()):
        fault = schema.fault(page.bare)
        assert not fault, page.evidence(f"the envelope at {page.window} is not as its schema: {fault}")


@rule(Severity.CRITICAL, needs=("item_schema",))
def test_every_item_matches_its_schema(any_catalog: Catalog) -> None:
    """Every item of every list answer matches its JSON Schema.

    Why: one item with a null where a number belongs takes a whole list down in a typed client.

    Cannot see: fields that the schema does not name; each distinct body is validated once.
    """
    schema = schema_of(any_catalog.contract.schema_of(any_catalog.collection) or {})
    for page in readable(any_catalog.planned_pages()):
        wrong = page.once(schema_errors, schema)
        faults = [f"index {at} ({some([page.ids[at]])}): {schema.fault(page.items[at])}" for at in wrong[:2]]
        message = f"{len(wrong)} of {page.count} {any_catalog.nouns} are not as their schema: {'; '.join(faults)}"
        assert not wrong, page.evidence(message)


def schema_errors(page: Page, schema: Schema) -> list[int]:
    """The index of every item of a page that does not match its schema."""
    return schema.schema_errors(page.items, keep=not page.stored)


@rule(Severity.CRITICAL, of_items=False)
def test_a_response_is_json_and_declares_it(any_catalog: Catalog) -> None:
    """Every answer with status 200 is JSON, and its Content-Type says so.

    Why: an HTML page of a proxy with status 200 passes every check that looks at the status alone.
    """
    pages = any_catalog.planned_pages()
    answered = [page for page in pages if page.exchange.failure is None and page.exchange.status == 200]
    if not answered:
        raise pages[0].not_judged()
    for page in answered:
        assert page.exchange.is_json, page.evidence(f"the page at {page.where} {page.fault}")
        message = f"the page at {page.where} says Content-Type {page.exchange.kind or '(none)'}, expected {JSON}"
        assert page.exchange.says_json, page.evidence(message)


@rule(Severity.CRITICAL, of_items=False)
def test_an_error_never_has_status_200(any_catalog: Catalog) -> None:
    """An answer with status 200 is a list of items, never an error in its place.

    Why: a monitor that counts statuses sees nothing; a client sees an empty list.
    """
    catalog = any_catalog
    pages = catalog.planned_pages()
    for page in pages:
        if page.exchange.status == 200 and page.exchange.failure is None and page.exchange.is_json:
            assert not page.fault or page.unavailable, page.evidence(f"the page at {page.window}, {page.fault}")
    list(readable(pages))
