"""The proof of a draft: it loads, and its own words lead from the first page to a second one."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from catalog_contract.catalog.listing import Listing
from catalog_contract.catalog.pagers import Asking, Pager, pager_of
from catalog_contract.contracts.load import ContractError, load_contract
from catalog_contract.drafting.probe import DraftError
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import Request
from catalog_contract.transport.base import Source

REQUESTS = 2
"""How many requests the proof takes."""

LIMIT = 5


def loaded(files: Mapping[Path, str]) -> Contract:
    """The contract of the first file, read as any other; nothing is left behind. Raises DraftError."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / path.name for path in files]
        for path, text in zip(paths, files.values(), strict=True):
            path.write_text(text, encoding="utf-8")
        try:
            return load_contract(str(paths[0]))
        except ContractError as error:
            raise DraftError(f"the drafted contract would not load ({error}); nothing was written") from None


def prove(contract: Contract, source: Source) -> bool:
    """Ask for two pages by the words of the contract; whether each was as full as its limit, but for the last one.

    Raises DraftError where they are not two pages of one list.
    """
    pager = pager_of(Asking(contract))
    limit = min(LIMIT, contract.paging.maximum_limit or LIMIT) if contract.parameters.limit else None
    first = _read(contract, source, pager.first(limit), limit)
    onward = pager.next(first)
    if onward.request is None:
        if onward.problem:
            raise _failed(contract, pager, onward.problem)
        return True
    second = _read(contract, source, onward.request, limit)
    if set(first.ids) & set(second.ids):
        raise _failed(contract, pager, "the second page repeats items of the first")
    return limit is None or all(page.count >= limit or pager.says_last(page) for page in (first, second))


def _read(contract: Contract, source: Source, request: Request, limit: int | None) -> Listing:
    envelope, identity = contract.envelope, contract.item.id
    listing = Listing(source.fetch(request), envelope, identity, limit=limit)
    if listing.fault and not (contract.paging.past_the_end == "refused" and listing.exchange.status):
        raise DraftError(f"{request.target}: {listing.fault}; nothing was written, try again")
    return listing


def _failed(contract: Contract, pager: Pager, why: str) -> DraftError:
    style = contract.paging.style
    return DraftError(f"{contract.list_path}: recognised as style {style!r}, but {why}; nothing was written")
