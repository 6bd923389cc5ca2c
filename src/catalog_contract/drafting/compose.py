"""From a URL to the files of a contract: asked, recognised, drafted, proved; written by the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog_contract.drafting import beside, documented, prove, write
from catalog_contract.drafting.draft import Draft, amend, draft_of, oracle
from catalog_contract.drafting.ends import find_end
from catalog_contract.drafting.explore import MAX_REQUESTS, Explored, Explorer, Target
from catalog_contract.drafting.hints import Hints
from catalog_contract.drafting.openapi import Endpoint
from catalog_contract.drafting.probe import NoAnswer, Unknown
from catalog_contract.drafting.schema import item_schema
from catalog_contract.transport.base import Source


@dataclass(frozen=True)
class Wanted:
    """What to draft. `template` is the header that a key goes into, empty without one; `endpoint` what is documented
    of the list; the item schema is written beside `output`."""

    base_url: str
    target: Target
    hints: Hints
    template: str
    output: Path
    endpoint: Endpoint | None = None

    @property
    def schema_path(self) -> Path:
        """The file of the item schema."""
        return self.output.with_name(f"{self.output.stem}-item.json")


Files = dict[Path, str]


def drafted(wanted: Wanted, source: Source) -> tuple[Draft, Files]:
    """The draft and its files, the contract first. Raises DraftError where there is nothing to draft from."""
    endpoint = wanted.endpoint
    hints = wanted.hints.joined(endpoint.hints) if endpoint else wanted.hints
    most = MAX_REQUESTS - prove.REQUESTS - (1 if endpoint else 0)
    try:
        explorer = Explorer(source, wanted.target, hints, most)
        found = explorer.explore()
    except NoAnswer:
        if endpoint is None:
            raise
        return _documented(wanted, endpoint)
    find_end(found, explorer)
    explorer.find_refusals(found)
    draft = draft_of(found, wanted.base_url, wanted.template)
    if endpoint:
        documented.supplement(draft, endpoint)
    schema, seen = _schema(draft, found, endpoint)
    draft.unknown.insert(0, oracle(draft))
    proof = prove.prove(prove.loaded(_files(wanted, draft, schema, seen)), source)
    amend(draft, proof.full, proof.absent)
    draft.examples = beside.examples(draft, _items(found))
    draft.unknown.append(beside.NOT_ASKED)
    draft.asked = len(found.probes) + proof.answers
    draft.sources = f"the answers to {draft.asked} requests" + (" and an OpenAPI document" if endpoint else "")
    return draft, _files(wanted, draft, schema, seen)


def _documented(wanted: Wanted, endpoint: Endpoint) -> tuple[Draft, Files]:
    """The draft from a document alone."""
    draft = documented.documented_draft(endpoint, wanted.base_url, wanted.target, wanted.template)
    draft.unknown.insert(0, oracle(draft))
    draft.examples = beside.examples(draft, ())
    draft.sources = "an OpenAPI document alone"
    files = _files(wanted, draft, endpoint.item, "documented; NOT SEEN")
    prove.loaded(files)
    return draft, files


def _items(found: Explored) -> list[Any]:
    """Every item seen, once."""
    pages = [(found.shape.ids(probe) or (), found.shape.rows(probe)) for probe in found.probes]
    return list({id: item for ids, rows in pages for id, item in zip(ids, rows, strict=True)}.values())


def _schema(draft: Draft, found: Explored, endpoint: Endpoint | None) -> tuple[Mapping[str, Any], str]:
    """The item schema, and how sure it is: the documented one where all items seen fit it, else one inferred."""
    items = _items(found)
    if endpoint:
        schema, why = documented.fitting_schema(endpoint, items)
        if schema is not None:
            return schema, f"documented; all {len(items):,} items seen fit it"
        draft.unknown.append(Unknown("item_schema", f"{why}; it is inferred from the items instead"))
    title = f"One of the {draft.item_names}"
    if draft.tables["paging"]["style"].value == "none" or (draft.total is not None and len(items) >= draft.total):
        return item_schema(items, title), f"from all {len(items):,} items; required is what all of them have"
    known = [str(place).partition(".")[0] for place in found.shape.id.places]
    why = f"from {len(items):,} items; another may lack any field but the id, or have null: tighten what is promised"
    return item_schema(items, title, known), why


def _files(wanted: Wanted, draft: Draft, schema: Mapping[str, Any], seen: str) -> Files:
    text = write.contract_text(draft, wanted.schema_path.name, seen)
    return {wanted.output: text, wanted.schema_path: write.json_text(schema)}
