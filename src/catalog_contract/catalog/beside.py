"""Beside: the list of another deployment, compared with the one that is judged."""

from collections import Counter
from dataclasses import dataclass

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.compare import Changes, changes
from catalog_contract.catalog.fingerprint import without_volatile
from catalog_contract.catalog.ids import lost
from catalog_contract.catalog.items import json_equal
from catalog_contract.catalog.page import Page
from catalog_contract.catalog.walk import Walk
from catalog_contract.model.exchange import SERVICE_IS_DOWN
from catalog_contract.model.verdict import NotJudged
from catalog_contract.transport.secret import AGAINST_KEY_VARIABLE
from catalog_contract.util.text import counted, first_few

ASKS_FOR_A_KEY = frozenset({401, 403})


@dataclass(frozen=True)
class Beside:
    """What two deployments list of one collection: the reading of each, what differs, and how many may be missing."""

    here: Walk
    there: Walk
    found: Changes
    allowed: int


def beside(catalog: Catalog, other: Catalog) -> Beside:
    """Compare the whole list with that of another deployment; what differs is noted in `catalog.compared`.

    Where more is missing than may be, both lists are read again, the judged one first: what the other one dropped
    meanwhile is not missing, nor is what only one reading of a moving list passed over. Raises NotJudged where one of
    the lists could not be read, and where the other one is empty.
    """
    there, here = _read(other), catalog.bulk()
    allowed = catalog.collection.may_lose(len(there.unique))
    listed, ids = there.ids, here.ids
    if len(lost(listed, ids)) > allowed:
        again = catalog.bulk(there.finished).to_its_end()
        still = _read(other, again.finished).unique
        listed, ids = tuple(id for id in listed if id in still), (*again.ids, *ids)
        here = again
    found = changes(listed, ids)
    catalog.compared = _in_words(catalog, found, here, there)
    return Beside(here, there, found, allowed)


def _read(other: Catalog, after: float = 0.0) -> Walk:
    """The whole list of the other deployment. Raises NotJudged, with its address, where there is none."""
    try:
        read = other.bulk(after)
        unread = next((page for page in read.pages if page.fault), None)
        empty = unread is None and not read.unique
    except NotJudged as error:
        raise _not_compared(other, error.why, error.curl) from None
    if unread:
        raise _not_compared(other, _why(unread), unread.exchange.curl)
    if empty and not other.collection.may_be_empty:
        raise _not_compared(other, f"it lists nothing of {other.name}", read.pages[0].exchange.curl)
    return read


def _why(unread: Page) -> str:
    """Why a page could not be read: the same words for each collection of a service that is down."""
    if unread.fault.startswith(SERVICE_IS_DOWN):
        return unread.fault.removeprefix(SERVICE_IS_DOWN).strip(" ()")
    key = f"; a key for it goes into {AGAINST_KEY_VARIABLE}" if unread.exchange.status in ASKS_FOR_A_KEY else ""
    return f"{unread.fault}{key}"


def _not_compared(other: Catalog, why: str, curl: str) -> NotJudged:
    return NotJudged(f"no comparison with the deployment at {other.contract.against}: {why}", curl)


def _in_words(catalog: Catalog, found: Changes, here: Walk, there: Walk) -> str:
    """What differs, in a line; empty where nothing does."""
    changed, fields = _changed(here, there, catalog.contract.item.volatile)
    if not (found.lost or found.new or changed):
        return ""
    named = first_few([name for name, _ in fields.most_common()], shown=3)
    return f"{found}" + (f"; {counted(changed, 'other body', 'other bodies')} (in {named})" if changed else "")


def _changed(here: Walk, there: Walk, volatile: tuple[str, ...]) -> tuple[int, Counter[str]]:
    """How many items have another body there, and in which fields; bodies are read again only where prints differ."""
    places = [
        (here.last_index[id], there.last_index[id])
        for id in here.unique & there.unique
        if here.prints[here.last_index[id]] != there.prints[there.last_index[id]]
    ]
    ours, theirs = (_bodies(walk, {pair[side] for pair in places}) for side, walk in enumerate((here, there)))
    differing = [_fields(ours[one], theirs[two], volatile) for one, two in places]
    return sum(map(bool, differing)), Counter(name for names in differing for name in names)


def _bodies(walk: Walk, wanted: set[int]) -> dict[int, object]:
    """The items at some places of a reading: each page is read once."""
    found: dict[int, object] = {}
    first = 0
    for page in walk.pages:
        here = [at for at in range(first, first + page.count) if at in wanted]
        items = page.items if here else []
        found |= {at: items[at - first] for at in here}
        first += page.count
    return found


def _fields(item: object, other: object, volatile: tuple[str, ...]) -> list[str]:
    """The fields in which two bodies of one item differ."""
    if item is other:
        return []
    one, two = without_volatile(item, volatile), without_volatile(other, volatile)
    if not (isinstance(one, dict) and isinstance(two, dict)):
        return [] if json_equal(one, two) else ["(the whole item)"]
    return [key for key in {**one, **two} if not json_equal(one.get(key), two.get(key))]
