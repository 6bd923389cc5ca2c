"""A HAR file judged by a contract: whose answers are in it, and which pages of the list another client asked for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product
from pathlib import Path
from urllib.parse import urlsplit

from catalog_contract.catalog.pagers import Asking, pager_of
from catalog_contract.model.contract import FULL, Collection, Contract
from catalog_contract.model.exchange import Request
from catalog_contract.model.paging import Window
from catalog_contract.transport.har.source import HarSource, dropped
from catalog_contract.transport.har.storage import Entry, HarError, hiding, read_har
from catalog_contract.util.text import counted, first_few, line

MAX_ROW = 10**9
"""A page that begins further on is a probe of its own, no page of a walk."""


@dataclass(frozen=True)
class Har:
    """What a file holds of the service of a contract: the entries of its paths, and what else to report of it."""

    path: Path
    base: str
    prefix: str
    entries: tuple[Entry, ...]
    origin: str


@dataclass(frozen=True)
class _Asked:
    """A page as another client asked for it: of which collection, from which item on, of at most how many."""

    collection: str
    row: int | None
    limit: int | None


def found(path: Path, contract: Contract) -> Har:
    """What a file holds of the service. Raises HarError when there is no answer of the list in it, or of several."""
    entries, unread = read_har(path, _own_names(contract))
    lists = [entry for entry in entries if _is_list(entry, contract)]
    base, prefix = _service(path, contract, lists)
    of_service = [entry for entry in entries if entry.origin == base and entry.path.startswith(prefix)]
    ours = [entry for entry in of_service if _is_ours(entry, contract, prefix)]
    kept, strange = _known(ours, contract)
    of_the_list = sum(_path(entry, prefix) == contract.list_path for entry in kept)
    if not of_the_list:
        names = f" (all carry {first_few(strange, 3, 40)})" if strange else ""
        message = f"no answer of {contract.list_path} that the contract {contract.name} knows how to ask for{names}"
        raise HarError(f"HAR {line(path)}: {message}; name such parameters under [request] query")
    days = sorted({entry.day for entry in kept if entry.day})
    reported = [
        f"recorded by another client{f' on {days[0]}' if days else ''}",
        f"{counted(of_the_list, 'answer')} of {base}{prefix}{contract.list_path}",
    ]
    others = len(entries) - len(kept)
    reported += [f"{counted(others, 'other request')} in the file not judged"] if others else []
    if strange:
        reported.append(f"not judged for parameters that the contract does not know: {first_few(strange, 5, 40)}")
    reported += [f"{counted(unread, 'entry', 'entries')} that cannot be read"] if unread else []
    hide = hiding(secret for entry in ours for secret in entry.secrets)
    return Har(path, hide(base), hide(prefix), tuple(kept), hide("; ".join(reported)))


def source_of(har: Har, contract: Contract) -> HarSource:
    """The answers of a file, found by what they were asked for."""
    return HarSource(
        f"HAR {line(har.path.name)}",
        har.base,
        har.prefix,
        har.entries,
        _named_headers(contract),
        lambda request: _spellings(request, contract),
    )


def followed(contract: Contract, har: Har) -> Contract:
    """The contract with the pages, sizes and collections of a file in place of those that a run would ask for."""
    asked = list(_asked(contract, har))
    names = dict.fromkeys(one.collection for one in asked)
    collections = tuple(
        replace(c, depth=FULL, windows=()) for c in contract.collections if c.name in names and not c.retired
    )
    if not collections:
        raise HarError(f"HAR {line(har.path)}: no collection of the contract {contract.name} is listed in it")
    sizes = _sizes(contract, asked)
    size = sizes[0] if sizes else contract.paging.page_size
    starts = {one.limit for one in asked if not one.row and one.limit}
    others = [other for other in sizes[1:] if other in starts]
    whole = contract.paging.answers_all and any(one.limit is None and not one.row for one in asked)
    bulk = contract.paging.bulk_limit if whole else others[0] if others else size
    rows = sorted({one.row for one in asked if one.limit == size and one.row is not None})
    beside = (one for one in asked if one.row is not None and not _on_a_walk(one, (size, bulk)))
    windows = dict.fromkeys(Window(one.limit, one.row) for one in beside)
    paging = replace(
        contract.paging,
        page_size=size,
        bulk_limit=bulk,
        other_page_size=bulk,
        offsets=tuple(rows),
        first_ids_differ_at=tuple(rows[:3]) if len(rows) > 1 else (),
        limits=tuple(sorted(starts)),
        windows=tuple(windows),
    )
    default = contract.default_collection if contract.default_collection in names else None
    return replace(
        contract, paging=paging, collections=collections, default_collection=default, cassette=None, followed=True
    )


def _on_a_walk(one: _Asked, sizes: tuple[int, ...]) -> bool:
    """Whether a page is one of those that a reading in steps of one of these sizes asks for."""
    return not one.row if one.limit is None else one.limit in sizes and (one.row or 0) % one.limit == 0


def _sizes(contract: Contract, asked: Iterable[_Asked]) -> list[int]:
    """The page sizes that were asked for, the one with the most pages first."""
    pages: dict[int, set[tuple[str, int | None]]] = defaultdict(set)
    for one in asked:
        if one.limit:
            pages[one.limit].add((one.collection, one.row))
    return sorted(pages, key=lambda size: (-len(pages[size]), size))


def _asked(contract: Contract, har: Har) -> Iterator[_Asked]:
    """The pages of whole collections that were asked for."""
    asking = Asking(contract)
    pager, words = pager_of(asking), contract.parameters
    by_name = {
        name: collection.name for collection in contract.collections for name in (collection.name, *collection.aliases)
    }
    default = contract.paging.default_limit
    for entry in har.entries:
        request = _request(entry, har.prefix, contract)
        if request.path != contract.list_path or set(request.query) - set(_plain_pairs(request, contract)):
            continue
        if any(set(bad.query) <= set(request.query) for bad in contract.bad_queries):
            continue
        if words.filter and asking.value(request, words.filter) is not None:
            continue
        name = str(asking.value(request, words.collection) or "") if words.collection else ""
        collection = by_name.get(name or contract.default_collection or "") if words.collection else _only(contract)
        limit = _whole(asking.value(request, words.limit)) if words.limit else None
        if limit is None and isinstance(default, int):
            limit = default
        elif limit is None and not words.limit and not contract.paging.answers_all:
            limit = contract.paging.page_size
        too_large = limit is not None and limit > (contract.paging.maximum_limit or limit)
        if collection is not None and limit != 0 and not too_large:
            row = pager.row_of(request, limit)
            if row is not None and not 0 <= row < MAX_ROW:
                continue
            asked_on = words.cursor and asking.value(request, words.cursor) is not None
            yield _Asked(collection, row if row is not None else None if asked_on else 0, limit)


def _only(contract: Contract) -> str:
    return contract.collections[0].name


def _whole(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


def _spellings(request: Request, contract: Contract) -> Iterator[Request]:
    """Other requests that ask for the same page: by an alias, and without what only says a default."""
    words, paging = contract.parameters, contract.paging
    defaults = [(name, str(paging.starts_at)) for name in (words.offset, words.page) if name]
    if words.limit and paging.default_limit is not None:
        limit = paging.bulk_limit if paging.answers_all else paging.default_limit
        defaults.append((words.limit, str(limit)))
    if words.collection and contract.default_collection:
        defaults.append((words.collection, contract.default_collection))
    aliases = _aliases(request, contract)
    for alias, query in product((None, *aliases), (request.query, *dropped(request, defaults))):
        renamed = [(name, alias if alias and name == words.collection else value) for name, value in query]
        yield replace(request, query=tuple(renamed))


def _aliases(request: Request, contract: Contract) -> tuple[str, ...]:
    """The other names of the collection that a request names; a request by an alias is found by that alone."""
    asked = dict(request.query).get(contract.parameters.collection or "")
    return next((c.aliases for c in contract.collections if c.name == asked), ())


def _service(path: Path, contract: Contract, lists: Sequence[Entry]) -> tuple[str, str]:
    """The address of the service in a recording, and the path in front of those of the contract. Raises HarError."""
    home = urlsplit(contract.base_url)
    places = Counter((entry.origin, entry.path.removesuffix(contract.list_path)) for entry in lists)
    ours = (f"{home.scheme}://{home.netloc}", home.path.rstrip("/"))
    if not places:
        raise HarError(f"HAR {line(path)}: holds no answer of {contract.list_path}; is it a recording of that list?")
    if ours in places or len(places) == 1:
        return ours if ours in places else next(iter(places))
    names = first_few([f"{origin}{prefix}" for origin, prefix in places], 3, 60)
    raise HarError(f"HAR {line(path)}: holds lists of several services ({names}); name one as base_url in the contract")


def _is_list(entry: Entry, contract: Contract) -> bool:
    method = "GET" if contract.request.body is None else "POST"
    return entry.method == method and entry.path.endswith(contract.list_path)


def _is_ours(entry: Entry, contract: Contract, prefix: str) -> bool:
    return _path(entry, prefix) == contract.list_path or _is_detail(entry, contract, prefix)


def _is_detail(entry: Entry, contract: Contract, prefix: str) -> bool:
    if contract.detail is None or entry.method != "GET":
        return False
    before, _, after = contract.detail.path.partition("{")
    return _path(entry, prefix).startswith(before) and entry.path.endswith(after.partition("}")[2])


def _path(entry: Entry, prefix: str) -> str:
    return entry.path.removeprefix(prefix)


def _known(entries: Iterable[Entry], contract: Contract) -> tuple[list[Entry], list[str]]:
    """The entries that ask for nothing but what the contract knows, and the names of what the others ask for."""
    kept, strange = list[Entry](), Counter[str]()
    method = "GET" if contract.request.body is None else "POST"
    for entry in entries:
        of_list = entry.path.endswith(contract.list_path)
        if of_list and entry.method != method:
            continue
        unknown = _unknown(entry.query, contract) if of_list else []
        strange.update(set(unknown))
        if not unknown and set(contract.request.query) <= set(entry.query):
            kept.append(entry)
    return kept, [name for name, _ in strange.most_common()]


def _unknown(query: Sequence[tuple[str, str]], contract: Contract) -> list[str]:
    words = contract.parameters
    names = {words.offset, words.limit, words.page, words.cursor, words.collection, words.filter}
    pairs = set(_declared_pairs(contract))
    return [name for name, value in query if name not in names and (name, value) not in pairs]


def _declared_pairs(contract: Contract) -> Iterator[tuple[str, str]]:
    """The parameters with values that the contract speaks of."""
    chosen = (one.query for one in contract.chosen)
    yield from chain(contract.request.query, *chosen, *(bad.query for bad in contract.bad_queries))


def _plain_pairs(request: Request, contract: Contract) -> list[tuple[str, str]]:
    """The parameters of a request that choose a page of a whole collection, and no part of it."""
    words = contract.parameters
    names = {words.offset, words.limit, words.page, words.cursor, words.collection}
    return [pair for pair in request.query if pair[0] in names or pair in contract.request.query]


def _request(entry: Entry, prefix: str, contract: Contract) -> Request:
    headers = tuple((name, value) for name, value in entry.headers.items() if name in _named_headers(contract))
    return Request(_path(entry, prefix), entry.query, headers, method=entry.method, body=entry.sent)


def _parameters(contract: Contract) -> list[str]:
    words = contract.parameters
    named = (words.offset, words.limit, words.page, words.cursor, words.collection, words.filter)
    return [name for name in named if name]


def _named_headers(contract: Contract) -> frozenset[str]:
    """The headers that a request of the contract is reported by, in lower case."""
    headers = (name.removeprefix("header:") for name in _parameters(contract) if name.startswith("header:"))
    return frozenset(name.lower() for name in headers)


def _own_names(contract: Contract) -> frozenset[str]:
    pairs = (name for name, _ in _declared_pairs(contract))
    return frozenset(name.lower() for name in (*_parameters(contract), *_named_headers(contract), *pairs))


def left_out(contract: Contract, collections: Sequence[Collection]) -> str:
    """What is stated of the collections that a file does not list; empty where it lists all."""
    listed = {collection.name for collection in collections}
    missing = [c.name for c in contract.collections if c.name not in listed and not c.retired]
    return f"not in the recording: {first_few(missing, 5)}" if missing else ""
