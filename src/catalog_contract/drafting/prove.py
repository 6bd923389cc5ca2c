"""The proof of a draft: it loads, and its own words lead from the first page to a second one."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog_contract.catalog.page import Page
from catalog_contract.catalog.pagers import Asking, Pager, pager_of
from catalog_contract.contracts.load import ContractError, load_contract
from catalog_contract.drafting.limits import is_refusal
from catalog_contract.drafting.probe import DraftError, asked_at
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import MISSING, Request
from catalog_contract.model.words import COUNTERS
from catalog_contract.transport.base import Source
from catalog_contract.util.urls import shown_url

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


@dataclass(frozen=True)
class Proof:
    """What two pages have shown beside that they follow each other: whether both were `full`, but for the last one, and
    the words of the envelope that were `absent` on the second. `answers` is how many pages were asked for."""

    full: bool = True
    absent: tuple[str, ...] = ()
    answers: int = 2


def prove(contract: Contract, source: Source) -> Proof:
    """Ask for two pages by the words of the contract.

    Raises DraftError where they are not two pages of one list.
    """
    pager = pager_of(Asking(contract))
    limit = min(LIMIT, contract.paging.maximum_limit or LIMIT) if contract.parameters.limit else None
    first = _read(contract, source, pager.first(limit), limit)
    onward = pager.next(first)
    if onward.request is None:
        if onward.problem:
            raise _failed(contract, pager, onward.problem)
        return Proof(answers=1)
    second = _read(contract, source, onward.request, limit)
    if second.fault:  # past the end, where that is refused
        return Proof()
    if set(first.ids) & set(second.ids):
        raise _failed(contract, pager, "the second page repeats items of the first")
    full = limit is None or all(page.count >= limit or pager.says_last(page) for page in (first, second))
    places = contract.envelope.places.items()
    absent = (word for word, place in places if word in COUNTERS and place.read(second.exchange) in (MISSING, None))
    return Proof(full, tuple(absent))


def _read(contract: Contract, source: Source, request: Request, limit: int | None) -> Page:
    page = Page(source.fetch(request), contract.envelope, contract.item.id, limit=limit)
    if page.fault and not (contract.paging.past_the_end == "refused" and is_refusal(page.exchange)):
        raise DraftError(f"{asked_at(page.exchange)}: {page.fault}; nothing was written, try again")
    return page


def _failed(contract: Contract, pager: Pager, why: str) -> DraftError:
    style = contract.paging.style
    at = shown_url(contract.base_url) + contract.list_path
    return DraftError(f"{at}: recognised as style {style!r}, but {why}; nothing was written")
