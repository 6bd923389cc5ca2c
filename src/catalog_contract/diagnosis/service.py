"""Causes that concern several collections or the service itself: down, refused, mixed up."""

from collections.abc import Iterator, Sequence

from catalog_contract.catalog.ids import in_order
from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.known import tells
from catalog_contract.diagnosis.stability import growth_explains, moved
from catalog_contract.diagnosis.view import View, get, line, offset_of, readable, rows, short
from catalog_contract.model.contract import Contract
from catalog_contract.model.observation import PageSeen, Purpose
from catalog_contract.model.run import Cause

MIN_ROWS = 3
"""How many rows two lists must have before being equal means anything."""


def all_down(contract: Contract, views: Sequence[View]) -> Iterator[Cause]:
    """No listing answer of any collection could be read, or none of one collection while others answer."""
    asked = [view for view in views if view.asked]
    dead = [view for view in asked if _dead(view)]
    if not dead:
        return
    if len(dead) == len(asked):
        pages = [page for view in dead for page in view.asked]
        of_all = f" of {len(dead)} gateways" if len(dead) > 1 else ""
        yield _cause(pages, f"all {len(pages)} listing requests{of_all}")
        return
    alive = [view for view in asked if view not in dead]
    kinds: dict[int | None, list[View]] = {}
    for view in dead:
        if _fails_alike(view, alive):
            continue
        kinds.setdefault(view.asked[0].status, []).append(view)
    for alike in kinds.values():
        which = f"every listing request of {', '.join(view.name for view in alike[:5])}"
        more = f" and {len(alike) - 5} more" if len(alike) > 5 else ""
        pages = [page for view in alike for page in view.asked]
        yield _cause(pages, which + more, f"{len(asked) - len(dead)} other gateways answer")


def _fails_alike(view: View, alive: Sequence[View]) -> bool:
    """Whether a request of a collection fails just so in one that answers others, and no request of it fails that all
    the others answer: then something else than the collection is down."""
    answered, failing = set[tuple[int | None, ...]](), set[tuple[int | None, ...]]()
    for other in alive:
        good = {page.key for page in other.good}
        answered |= {(page.row, page.limit) for page in other.good}
        failing |= {(page.row, page.limit, page.status) for page in other.asked if tells(page) and page.key not in good}
    shared = [(page.row, page.limit, page.status) in failing for page in view.asked]
    own = (page for page, alike in zip(view.asked, shared, strict=True) if not alike)
    return any(shared) and not any((page.row, page.limit) in answered for page in own)


def _dead(view: View) -> bool:
    retired = view.collection is not None and view.collection.retired is not None
    near = [page for page in view.asked if offset_of(page) < (view.lowest or 1)]
    return not retired and bool(near) and not any(readable(page) for page in view.asked)


def _cause(pages: list[PageSeen], which: str, alive: str = "") -> Cause:
    page = next((p for p in pages if p.status is not None), pages[0])
    name, message, next_step = _sort(page, bool(alive))
    alike = sum(1 for p in pages if (p.status, p.failure) == (page.status, page.failure))
    got = f"status {page.status}" if page.status is not None else "no answer"
    facts = line(f"{which}: {got}", page.failure[:140], f"{alike} of {len(pages)} alike", alive)
    return Cause(name, message, facts, f"{next_step} Ask: {get(page)}.")


def _sort(page: PageSeen, others_answer: bool) -> tuple[str, str, str]:
    status = page.status
    if status is None:
        return (
            names.SERVICE_DOWN,
            "Nothing answers: the service is down, or the address is wrong or not reachable from here.",
            "Check the base URL, DNS and proxy, and whether the process runs.",
        )
    if status in (401, 403):
        return names.KEY_REFUSED, "The service refuses the caller.", "Set CATALOG_API_KEY to a key that is valid there."
    if status == 429:
        return names.RATE_LIMITED, "The service limits this client's rate.", "Wait, or ask more slowly."
    if status == 200:
        return _no_list()
    if 300 <= status < 400:
        return (
            names.ROUTE_DOWN,
            "The list is answered with a redirect that is not followed (to another host or path), or without end.",
            "Ask with curl -i and look where `Location` points.",
        )
    if status == 404 and not others_answer:
        return (
            names.ROUTE_DOWN,
            "The catalogue's routes are not there: they were not registered (a module that failed to import at start-up"
            " takes its routes with it), the path changed, or the base URL is wrong.",
            "Look for an import error in the start-up log, and ask another route, such as a health check.",
        )
    if others_answer:
        return (
            names.ROUTE_DOWN,
            "A gateway does not answer while others do: its upstream is down or refuses, or it was renamed or retired.",
            "Look for this gateway in the service's log, and ask its upstream directly.",
        )
    return (
        names.SERVICE_DOWN,
        "The service answers nothing but errors.",
        "Look for the first error after the last start in the service's log.",
    )


def _no_list() -> tuple[str, str, str]:
    return (
        names.NO_LIST,
        "Answers with status 200 are no list of models: the page of a proxy or a log-in (HTML), an error object, a body"
        " cut off, or another envelope.",
        "Read the first 300 characters of the body with curl -i.",
    )


def some_failed(contract: Contract, views: Sequence[View]) -> Iterator[Cause]:
    """Single answers failed, or were no list, while the collection answered others."""
    for view in views:
        if _dead(view):
            continue
        failed = [page for page in view.asked if not readable(page) and not _past_the_end(view, page)]
        own = [page for page in failed if page.not_asked]
        failed = [page for page in failed if page not in own]
        if not failed:
            yield from _own_limit(view, [page for page in own if page.not_asked == "limit"])
            continue
        page = failed[0]
        why = (page.failure or f"status {page.status}")[:140]
        facts = line(f"{view.name}: {len(failed)} of {len(view.asked)} answers", why, short(get(page)))
        if page.status == 200:
            name, message, step = _no_list()
            yield Cause(name, message, facts, f"{step} Ask: {get(page)}.")
        else:
            message = (
                "Some requests failed while others were answered: overload, time-outs, a page that cannot be built."
            )
            yield Cause(
                names.UNSTEADY, message, facts, f"Ask {get(page)} again: a failure that stays is that page's own."
            )


def _own_limit(view: View, pages: list[PageSeen]) -> Iterator[Cause]:
    """The run stopped asking at a limit of its own: that says nothing of the service."""
    if pages:
        facts = line(f"{view.name}: {len(pages)} of {len(view.asked)} requests", pages[0].failure, short(get(pages[0])))
        message = "The run reached a limit of its own. The service is not to blame."
        step = "Raise --max-requests, --max-seconds or the word of the contract that is named, or choose cases with -k."
        yield Cause(names.OWN_LIMIT, message, facts, step)


def _past_the_end(view: View, page: PageSeen) -> bool:
    return offset_of(page) >= (view.end or view.lowest or 0) and page.status is not None and page.status != 200


def gateway_ignored(contract: Contract, views: Sequence[View]) -> Iterator[Cause]:
    """Two collections list the same items."""
    key = contract.parameters.collection or "collection"
    lists = {v.name: v.bulk for v in views if v.bulk and not (v.collection and v.collection.merges)}
    groups: dict[tuple[str | None, ...], list[str]] = {}
    for collection, ids in lists.items():
        if len(ids) >= MIN_ROWS:
            groups.setdefault(ids, []).append(collection)
    for ids, alike in groups.items():
        if len(alike) > 1:
            yield Cause(
                names.GATEWAY_IGNORED,
                f"`{key}` has no effect for these: not applied, left out of a cache key, or one is mapped to another.",
                f"{', '.join(alike[:5])} list the same {rows(len(ids))} ({len(alike)} of {len(lists)} gateways)",
                f"Ask {alike[0]} and {alike[1]} with a limit not asked before: other rows mean a cache whose key lacks"
                f" `{key}`.",
            )


def capped_alike(contract: Contract, views: Sequence[View]) -> Iterator[Cause]:
    """Several collections that should hold more all give the same number of rows."""
    short_ones = [v for v in views if v.bulk and v.lowest is not None and v.lowest > len(v.bulk) != v.step]
    sizes = {len(v.bulk or ()) for v in short_ones}
    if len(short_ones) < 2 or len(sizes) != 1:
        return
    size, page = sizes.pop(), short_ones[0].bulk_pages[0]
    yield Cause(
        names.CAPPED,
        f"No answer holds more than {size:,} rows, whatever its limit.",
        line(
            f"{', '.join(view.name for view in short_ones[:5])} give exactly {rows(size)} each",
            f"limit={page.limit}, total says {short(page.total)}",
        ),
        f"Search the service for the figure {size}; ask {get(page)} with limit={size + 1}.",
    )


def alias_differs(contract: Contract, views: Sequence[View]) -> Iterator[Cause]:
    """A collection's other name lists other items than its own name."""
    for view in views:
        aliases = view.collection.aliases if view.collection else ()
        if not any(judgement.family in ("collections", "") for judgement in view.bad):
            continue
        for page in view.pages:
            name = page.name
            if page.purpose != Purpose.ALIAS or name not in aliases or not (readable(page) or page.status):
                continue
            twins = [p for p in view.good if (offset_of(p), p.limit) == (offset_of(page), page.limit)]
            if twins and not any(_as_one(view, twin, page) for twin in twins):
                yield _alias(view, name, page, twins[0])
                break


def by_alias(contract: Contract, views: Sequence[View]) -> Iterator[Cause]:
    """Every response of a collection echoes one of its aliases, by whichever name it was asked for."""
    for view in views:
        aliases = view.collection.aliases if view.collection else ()
        if not aliases:
            continue
        echoes = {dict(page.reported).get("collection") for page in view.good}
        if len(echoes) == 1 and echoes <= {*aliases}:
            (alias,) = echoes
            page = view.good[0]
            yield Cause(
                names.BY_ALIAS,
                f"{view.name} goes by its alias {alias}: the name that was asked for is resolved to the alias, or the"
                " contract has the two the wrong way round.",
                line(f"{view.name}: all {len(view.good)} responses echo {alias!r}", short(get(page))),
                f"Ask {get(page)}. Let all names of {view.name} resolve to {view.name}; if {alias} is the name by now,"
                " make it the `name` of the collection in the contract.",
            )


def _as_one(view: View, twin: PageSeen, page: PageSeen) -> bool:
    """Whether two answers may be of one list that grows: more may lie between them where growth was seen."""
    return twin.ids == page.ids or (moved(view) and growth_explains(twin.ids, page.ids, view.contract.paging.churn))


def _alias(view: View, name: str, page: PageSeen, twin: PageSeen) -> Cause:
    front = bool(offset_of(page)) and page.ids[:1] == (view.bulk or ())[:1] != ()
    if front or len(page.ids) > (page.limit or len(page.ids)):
        lost = "offset" if front else "limit"
        return Cause(
            names.ALIAS_PAGING,
            f"Under {name}, an alias of {view.name}, `{lost}` has no effect: the alias takes a way of its own.",
            line(
                f"{short(get(page))}: {rows(len(page.ids))}, the first {page.ids[0]}",
                f"by the name {view.name}: {rows(len(twin.ids))}, the first {(*twin.ids, 'none')[0]}",
            ),
            f"Compare {get(page)} with {get(twin)}. Resolve the alias first, then go one way for both names.",
        )
    return Cause(
        names.ALIAS,
        f"{name} is an alias of {view.name}, but answered from elsewhere: names are looked up before aliases are"
        " resolved, or its cache entry is another.",
        line(
            f"{name}: {rows(len(page.ids))} (status {page.status}), {view.name}: {rows(len(twin.ids))}",
            f"same window, {len(set(twin.ids) ^ set(page.ids))} models in one of them only",
            "" if in_order(twin.ids, page.ids) else "another order",
        ),
        f"Compare {get(page)} with {get(twin)}. Resolve the alias before anything else.",
    )


def unknown_answered(contract: Contract, views: Sequence[View]) -> Iterator[Cause]:
    """A collection that does not exist is answered as if it did."""
    pages = (page for view in views for page in view.pages if page.purpose == Purpose.UNKNOWN)
    page = next((page for page in pages if page.status == 200 or (page.status or 0) >= 500), None)
    if page is None:
        return
    if page.status == 200:
        how = "everything" if page.ids else "nothing"
        message = f"An unknown gateway is answered with {how}: the name is not checked, a slip looks like a result."
    else:
        message = "An unknown gateway crashes the server: the name is used before it is checked."
    yield Cause(
        names.UNKNOWN,
        message,
        line(f"status {page.status}, {page.failure or rows(len(page.ids))}", short(get(page))),
        f"Ask {get(page)}; refuse names that are not known with 4xx.",
    )


def merged_misses(contract: Contract, views: Sequence[View]) -> Iterator[Cause]:
    """The list that merges all collections lacks the items of one."""
    merged = next((v for v in views if v.collection and v.collection.merges and v.bulk), None)
    if merged is None:
        return
    there = merged.different(merged.bulk or ())
    single = [v for v in views if v is not merged and v.bulk and not there.issuperset(v.bulk)]
    folded = {str(id_).lower() for id_ in there} if single else set[str]()
    gone = [(v, sum(1 for id_ in v.bulk or () if str(id_).lower() not in folded)) for v in single]
    missed = [(v, lacks) for v, lacks in gone if lacks > len(v.bulk or ()) / 2]
    if missed:
        view, lacks = missed[0]
        yield Cause(
            names.MERGE_MISSES,
            f"{merged.name} leaves out {', '.join(v.name for v, _ in missed[:5])}: not among the lists merged, or"
            " its fetch failed and the merge went on without it.",
            f"{lacks:,} of the {len(view.bulk or ()):,} models of {view.name} are not among the"
            f" {rows(len(merged.bulk or ()))} of {merged.name}",
            f"Look in the service's log for {view.name} at the last merge; read {merged.name} after the next.",
        )


CAUSES = (all_down, some_failed, alias_differs, by_alias)
MIXED_UP = (gateway_ignored, unknown_answered)
OF_LISTS = (capped_alike, merged_misses)
"""What is reported of whole lists: only of those that no wrong page leaves in doubt."""
