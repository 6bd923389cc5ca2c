"""Causes that concern the list as a whole: rows repeated, the tail cut off, a part missing."""

from collections.abc import Iterator

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.leading import as_alternatives
from catalog_contract.diagnosis.listing import ROUND
from catalog_contract.diagnosis.stability import moved, unsteady
from catalog_contract.diagnosis.view import Ids, View, counted, get, line, offset_of, rows, short, unique
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.run import Cause, Step

TOP_LIST = 1000
"""How long one sorted list of the upstream is at the most, in rows."""


def same_page_over_and_over(view: View) -> Iterator[Cause]:
    """The bulk read is one page again and again: what a crawl gives when its upstream ignores `offset`."""
    bulk = view.bulk or ()
    period = unique(view.different(bulk))
    if (
        not period
        or len(view.bulk_pages[0].ids) < 2 * period
        or any(id_ != bulk[i % period] for i, id_ in enumerate(bulk))
    ):
        return
    yield Cause(
        names.SAME_PAGE,
        "The catalogue is one page repeated. Most likely the upstream ignores `offset` and every request of the crawl"
        " brought page one again; nothing dropped the duplicates.",
        line(
            f"the bulk read holds {rows(len(bulk))}, {period:,} unique",
            f"every {period:,} rows repeat (period {period:,}, factor {_factor(len(bulk), period)})",
            _same_pages(view),
            f"total says {_total(view)}",
        ),
        ASK,
        steps=_asked_there(period, view.step),
    )


def _factor(length: int, period: int) -> str:
    return f"{length // period:,}" if length % period == 0 else f"{length / period:.1f}"


def _total(view: View) -> str:
    return short(view.bulk_pages[0].total) if view.bulk_pages else "nothing"


def _same_pages(view: View) -> str:
    filled = [page for page in view.walk if page.ids]
    same = [page for page in filled if page.ids == filled[0].ids]
    return f"{len(same)} of {len(filled)} pages of the walk are the same" if len(same) > 1 else ""


def cut_after_a_page(view: View) -> Iterator[Cause]:
    """One page of the upstream, and at most a few rows more: two causes that look alike from outside."""
    size, low, step = view.size, view.lowest, view.step
    if size is None or low is None or size >= low or not _about_a_page(view):
        return
    tail = _tail(view)
    facts = line(f"{size:,} models, at least {low:,} expected", counted(view.walk or view.sized), _bulk(view), tail)
    first, message = (
        (
            names.FIRST_PAGE,
            "The crawl of the upstream ended after its first page: it asked for no second, or got none.",
        )
        if size == step
        else (names.SHORT_PAGE, "The crawl of the upstream stopped at the first page that was not full.")
    )
    steps = _asked_there(size, step)
    weaker = " The changed tail speaks against this." if tail else ""
    stronger = " The changed tail speaks for this." if tail else ""
    yield Cause(first, f"{message}{weaker}", facts, ASK, steps=steps)
    yield Cause(
        names.UPSTREAM,
        "Every request of the crawl brought page one again, and the duplicates were dropped; rows beyond the first"
        f" page are newcomers that entered it meanwhile.{stronger}",
        facts,
        ASK,
        steps=steps,
    )


ASK = "Ask the upstream itself, with the URL of its list for URL: the first command does all, the others are by hand."


def _asked_there(size: int, step: int) -> tuple[Step, ...]:
    """The commands that decide whether an upstream ignores `offset` or a crawl stopped too early."""
    more = f" Rows after {step:,} that change when the gateway is refreshed say the same." if size > step else ""
    same = (
        "The same rows: the upstream ignores `offset`; page by `Link`, as a crawl until an empty page would never end."
    )
    return (
        Step("catalog-contract upstream-check URL", "Five requests, and what follows from them:"),
        Step(f"curl -sS 'URL?limit={step}'", "The first page:"),
        Step(
            f"curl -sS 'URL?limit={step}&offset={step}'",
            f"The second. {same}{more} Other rows: the crawl stopped too early; go on until a page is empty.",
        ),
        Step(
            f"curl -sS 'URL?limit={step}&offset=1000000'",
            f"Far past the end. {step} rows: `offset` is ignored; none: it is not.",
        ),
    )


def _bulk(view: View) -> str:
    return "" if view.bulk is None else f"the bulk read holds {rows(len(view.bulk))}, total says {_total(view)}"


def _tail(view: View) -> str:
    """What two readings of the tail disagree in; empty when none was read twice, or it did not change."""
    for before, after in view.readings:
        reaches = offset_of(before) + len(before.ids) > view.step and before.ids and after.ids
        if reaches and before.ids[-1] != after.ids[-1]:
            return f"the last row changed between two readings: {short(before.ids[-1])}, then {short(after.ids[-1])}"
    return ""


def ends_early(view: View) -> Iterator[Cause]:
    """Some page came back empty far before the expected end, and nothing shows where the list ends."""
    low = view.lowest
    if view.size is not None or low is None:
        return
    empty = next((page for page in view.sized if not page.ids and offset_of(page) < low), None)
    if empty is None or any(page.ids and offset_of(page) > offset_of(empty) for page in view.sized):
        return
    yield Cause(
        names.ENDS_EARLY,
        "The catalogue ends before it should; this run read too little to say where, and so why.",
        f"offset {offset_of(empty):,} is empty, at least {low:,} models are expected",
        "Run the whole rulebook for this gateway: the walk and the bulk read show where the catalogue ends.",
    )


def empty_catalogue(view: View) -> Iterator[Cause]:
    """A good answer without a row where items are expected."""
    if view.size != 0 or not view.lowest:
        return
    yield Cause(
        names.EMPTY,
        "An outage is shown as an empty catalogue: the fetch failed (upstream down, key refused) and its nothing was"
        " kept and served as a good result.",
        line("200 with no row", _bulk(view), f"at least {view.lowest:,} models expected"),
        "Look in the gateway's log for the last fetch from this upstream. Keep the last good list when a fetch fails,"
        " or answer 503.",
    )


def partial_crawl(view: View) -> Iterator[Cause]:
    """Less than one page of a list that should hold much more."""
    size, low = view.size, view.lowest
    if not size or low is None or not _less_than_a_page(view):
        return
    yield Cause(
        names.PARTIAL,
        "A crawl that failed on the way was kept as a good result: the upstream refused (429, rate limit) or timed"
        " out after the first few models.",
        line(f"{size:,} models, at least {low:,} expected", _bulk(view), counted(view.walk) if view.walk else ""),
        "Look in the gateway's log for 429 or time-outs during the last refresh, then read again after the next one:"
        " a number that moves from refresh to refresh confirms it. Never store a crawl that ended with an error.",
    )


def part_missing(view: View) -> Iterator[Cause]:
    """Unique, consistent, and short: only the figure from outside shows it. What may have cut it predicts the same."""
    size, low = view.size, view.lowest
    if not size or low is None or size >= low or _less_than_a_page(view) or _about_a_page(view):
        return
    facts = line(f"{size:,} models, at least {low:,} expected", _bulk(view), _agreement(view), _unlisted(view))
    next_step = (
        "Compare the ids with the last good run's: a merge of top lists loses the least used models, wherever they"
        " stood; an early stop loses all after one row; a lost page loses a run of rows. Then follow the upstream's"
        ' Link header (rel="next") to its end and count.'
    )
    message = "Part of the catalogue is missing, everything else is consistent."
    found = [
        (
            names.PART_MISSING,
            "The crawl of the upstream may have stopped early or lost a page, or a filter dropped rows.",
        )
    ]
    if TOP_LIST < size < 2 * TOP_LIST:
        merged = f"Sorted top lists of {TOP_LIST:,} may have been merged: what stands in none of them is gone."
        found.insert(0, (names.MERGED, merged))
    if size in ROUND:
        found.insert(0, (names.CAPPED, f"A limit on rows may cut it at exactly {size:,}, somewhere on its way."))
    yield from as_alternatives(Cause(name, f"{message} {how}", facts, next_step) for name, how in found)


def _less_than_a_page(view: View) -> bool:
    return (view.size or 0) < view.step < (view.lowest or 0)


def _about_a_page(view: View) -> bool:
    """Whether there is one page of the upstream, and no more items besides than may come in during a crawl."""
    return view.step <= (view.size or 0) <= view.step + min(view.contract.paging.churn, view.step // 2)


def too_many(view: View) -> Iterator[Cause]:
    """More different items than any growth that the contract allows for."""
    high = view.collection.highest_total if view.collection else None
    if view.size is None or high is None or view.size <= high:
        return
    yield Cause(
        names.TOO_MANY,
        "The catalogue is larger than expected: models of other gateways came in (a filter that is not applied), or it"
        " has grown and the contract's figure is out of date.",
        line(f"{view.size:,} models, at most {high:,} expected", _bulk(view)),
        "Look at the ids that the last good run did not have: whose are they? If they belong here, renew the figure.",
    )


def _agreement(view: View) -> str:
    same = view.walk_complete and view.bulk is not None and view.different(view.bulk) == view.different(view.walk_ids)
    return "walk and bulk read hold the same models, each once" if same and len(view.walk_ids) == view.size else ""


def _unlisted(view: View) -> str:
    known = view.collection.known_ids if view.collection else ()
    unmet = set(known) - view.different(view.bulk or ())
    if unmet:
        unmet.difference_update(*(page.ids for page in view.good))
    missing = [id_ for id_ in known if id_ in unmet]
    return f"{len(missing)} of {len(known)} known models missing, first {short(missing[0])}" if missing else ""


def known_models_missing(view: View) -> Iterator[Cause]:
    """The figure is right and documented items are not there."""
    whole = view.bulk is not None or view.walk_complete
    if not whole or view.size is None or view.size < (view.lowest or 1) or not _unlisted(view):
        return
    yield Cause(
        names.KNOWN_MISSING,
        "Documented models are missing though the number is within tolerance: part of the catalogue was lost or left"
        " out, or these models were withdrawn upstream.",
        line(f"{view.size:,} models, at least {view.lowest or 0:,} expected", _unlisted(view)),
        "Ask the upstream for these ids. If it still has them, the gateway lost them (a filter, a merge, an early"
        " stop); if not, correct the contract's known ids.",
    )


def duplicates(view: View) -> Iterator[Cause]:
    """Ids that stand twice in one list: in one answer, or in several of a bulk read while the list did not change."""
    bulk = view.bulk or ()
    repeats = len(view.different(bulk)) < len(bulk)
    still = repeats and (len(view.bulk_pages) == 1 or not (moved(view) or unsteady(view)))
    lists = [(bulk, view.bulk_pages[0])] if still else []
    pages = view.sized if repeats else [page for page in view.sized if not view.in_bulk(page)]
    known = [(view.listed, view.good[0])] if view.listed is not None and view.good else None
    for ids, page in known or (*lists, *((page.ids, page) for page in pages)):
        if len(view.different(ids)) < len(ids) and (twice := _first_twice(ids)):
            yield _duplicates(ids, page, *twice)
            return


def _duplicates(ids: Ids, page: PageSeen, id_: str, first: int, second: int) -> Cause:
    extra = sum(1 for i in ids if i is not None) - unique(ids)
    where = "the bulk read" if page.bulk else short(get(page))
    return Cause(
        names.DUPLICATES,
        "One list holds the same model more than once: lists were joined, or crawled pages overlapped, without"
        " dropping duplicates.",
        line(f"{rows(len(ids))}, {extra:,} of them repeated, in {where}", f"{short(id_)} at rows {first} and {second}"),
        f"Compare both rows of {id_} in {get(page)}: equal fields mean the same row twice, others two sources.",
    )


def _first_twice(ids: Ids) -> tuple[str, int, int] | None:
    where: dict[str, int] = {}
    for i, id_ in enumerate(ids):
        if id_ is not None and where.setdefault(id_, i) != i:
            return id_, where[id_], i
    return None


def case_twins(view: View) -> Iterator[Cause]:
    """Ids that differ by case only, where the contract forbids it."""
    if not view.contract.item.ids_differ_by_more_than_case:
        return
    ids = view.bulk or view.walk_ids
    different = [id_ for id_ in view.different(ids) if id_]
    if len(set(map(str.lower, different))) == len(different):
        return
    where: dict[str, str] = {}
    for id_ in ids:
        if id_ is not None and where.setdefault(id_.lower(), id_) != id_:
            yield Cause(
                names.CASE_TWINS,
                "The same model is listed under two spellings: duplicates were dropped by exact id, before ids were"
                " brought to one case.",
                f"{short(where[id_.lower()])} and {short(id_)} differ by case only",
                "Ask the upstream which spelling is its own, and drop duplicates by the folded id.",
            )
            return


def spelling(view: View) -> Iterator[Cause]:
    """Bulk read and walk spell the same items in different case."""
    pairs = zip(view.bulk or (), view.walk_ids, strict=False)
    other = [(a, b) for a, b in pairs if a and b and a != b and a.lower() == b.lower()]
    if other:
        a, b = other[0]
        yield Cause(
            names.SPELLING,
            "Pages and bulk read spell ids in different case: one of the two is built from folded ids.",
            line(f"bulk read {short(a)}, page {short(b)}", f"{len(other):,} of {rows(len(view.bulk or ()))} differ so"),
            "Ask the upstream which spelling is its own; a client that looks up the other finds nothing.",
        )


def rows_without_id(view: View) -> Iterator[Cause]:
    """Rows that no client can use."""
    bulk = view.bulk_pages if None in view.different(view.bulk or ()) else ()
    others = (page for page in view.good if not view.in_bulk(page))
    page = next((page for page in (*bulk, *others) if None in page.ids), None)
    if page is None:
        return
    bad = [i for i, id_ in enumerate(page.ids) if id_ is None]
    yield Cause(
        names.NO_ID,
        "Rows without a usable id (missing, null, or no text) reach the list: a row that could not be read upstream"
        " is passed on instead of dropped or repaired.",
        line(
            f"{len(bad):,} of {rows(len(page.ids))} in {short(get(page))}",
            f"first at offset {offset_of(page) + bad[0]:,}",
        ),
        f"Look at row {bad[0]} of {get(page)} and its neighbours, and find its source upstream.",
    )


CAUSES = (
    same_page_over_and_over,
    empty_catalogue,
    partial_crawl,
    cut_after_a_page,
    part_missing,
    too_many,
    ends_early,
    known_models_missing,
    duplicates,
    case_twins,
    spelling,
)
