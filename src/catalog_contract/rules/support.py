"""What a contract may say and the rulebook cannot judge yet: refused before the first request, never judged wrongly."""

from collections.abc import Iterator
from dataclasses import fields

from catalog_contract.model.contract import Contract, Paging
from catalog_contract.model.place import Place
from catalog_contract.model.words import RequestWords

JUDGED = ("items", "total", "returned", "offset", "limit", "collection", "has_more", "next_offset")
"""The words of the envelope that the rulebook reads, where they stand at the top level of the body."""

PAGING = ("starts_at", "full_pages", "past_the_end", "deepest", "limit_zero", "churn")
"""The words of paging that no rule knows yet."""


def unsupported(contract: Contract) -> str:
    """The keys of a contract that the rulebook cannot judge yet, in one line; empty where there are none."""
    keys = list(_keys(contract))
    if not keys:
        return ""
    more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    return f"contract {contract.name}: the rulebook cannot judge {', '.join(keys[:3])}{more} yet; no request was made"


def _keys(contract: Contract) -> Iterator[str]:
    if contract.paging.style != "offset":
        yield f'paging.style = "{contract.paging.style}"'
    given = RequestWords()
    words = (field.name for field in fields(given))
    yield from (f"request.{word}" for word in words if getattr(contract.request, word) != getattr(given, word))
    yield from (f"envelope.{word}" for word, place in contract.envelope.places.items() if not _plain(word, place))
    if contract.item.id.composed or not contract.item.id.isidentifier():
        yield "item.id"
    usual = {field.name: field.default for field in fields(Paging)}
    yield from (f"paging.{word}" for word in PAGING if getattr(contract.paging, word) != usual[word])
    yield from (word for word in ("filters", "sorts") if getattr(contract, word))


def _plain(word: str, place: Place) -> bool:
    """Whether a place is a key of the body, or the list of items the whole body."""
    return word in JUDGED and (place.key is not None or (word == "items" and not place))
