"""The end of the list: how many items there are in all, and what a page says that is full and the last one."""

from catalog_contract.drafting import limits, walk
from catalog_contract.drafting.counters import Known, Seen, total_of
from catalog_contract.drafting.explore import MAX_REQUESTS, Ask, Explored, Explorer
from catalog_contract.drafting.seen import seen_of
from catalog_contract.drafting.walk import Walk, says_more
from catalog_contract.util import text


def find_end(found: Explored, explorer: Explorer) -> None:
    """Look at the end of the list, as far as requests are left, and note what was seen in `found`."""
    found.stated = total_of(seen_of(found), found.shape, Known())
    total = found.stated[1] if found.stated else None
    found.count = counted(found)
    if found.count is None and total:
        if found.named.position:
            _ask_for_the_last(found, explorer.ask, total)
        elif found.cursor or (found.lead and found.lead.kind == "link"):
            _walk(found, explorer, total)
    if found.leads_at_end is None and found.count:
        _ask_for_a_full_last_page(found, explorer.ask, found.count)


def _walk(found: Explored, explorer: Explorer, total: int) -> None:
    """Walk on to the end, where it is within reach of the requests that are left."""
    beyond = walk.beyond(found, total, explorer.left)
    if beyond:
        found.unseen = f"{beyond:,} of the items lie beyond {MAX_REQUESTS} requests"
        return
    Walk(found, explorer, total).to_the_end()
    found.count = counted(found)


def counted(found: Explored) -> int | None:
    """How many items there are, by the answers that show the end; None where none does, or they disagree."""
    seen = [one for one in seen_of(found) if one.row is not None]
    ends = {(one.row or 0) + one.count for one in seen if one.count and _is_last(found, one)}
    reach = max(((one.row or 0) + one.count for one in seen if one.count), default=0)
    if not ends and any(one.row == reach and not one.count for one in seen):
        ends = {reach}
    return ends.pop() if len(ends) == 1 and max(ends) >= reach else None


def _is_last(found: Explored, one: Seen) -> bool:
    """Whether nothing follows a page: it says so where other pages lead on, else it is shorter than was asked for."""
    if found.lead is not None or found.place is not None:
        sign = says_more(found, one.probe)
        if sign is not None:
            return not sign
    asked = one.limit if one.limit is not None else found.default
    return asked is not None and one.count < asked


def _ask_for_the_last(found: Explored, ask: Ask, total: int) -> None:
    """One page that holds the last item and has room for one more, by the total."""
    named = found.named
    assert named.position is not None
    if named.style == "offset":
        probe = ask({**_sized(found, 2), named.position: str(total - 1 + named.starts_at)})
        rest = 1
    else:
        size = _not_a_divisor(found, total)
        if not size:
            _ask_past_a_full_last_page(found, ask, total)
            return
        rest = total % size
        probe = ask({**_sized(found, size), named.position: str(total // size + named.starts_at)})
    ids = found.shape.ids(probe) if probe is not None else None
    if ids is None:
        return
    came = text.counted(len(ids), "item")
    if len(ids) == rest:
        found.count = total
    elif named.style == "offset":
        found.otherwise = f"{came} came from offset {total - 1:,} on"
    else:
        found.otherwise = f"{came} came where {rest:,} should be the last"


def _ask_past_a_full_last_page(found: Explored, ask: Ask, total: int) -> None:
    """Where every page is full: the last one by the total, and that nothing follows it."""
    size, name = found.default, found.named.position
    if not size or found.named.limit or not name:
        return
    last, after = (ask({name: str(total // size + found.named.starts_at - back)}) for back in (1, 0))
    if last is None or after is None or len(found.shape.ids(last) or ()) != size:
        return
    ids = found.shape.ids(after)
    nothing = limits.is_refusal(after.exchange) if ids is None else not ids
    if nothing or (found.past == "last" and ids == found.shape.ids(last)):
        found.count = total


def _not_a_divisor(found: Explored, total: int) -> int | None:
    """A page size that leaves room on the last page; None where there is none."""
    if not found.named.limit:
        return found.default if found.default and total % found.default else None
    most = min(found.ceiling.maximum or found.size, max(found.size, 2))
    return next((size for size in range(most, 1, -1) if total % size), None)


def _sized(found: Explored, size: int) -> dict[str, str]:
    return {found.named.limit: str(size)} if found.named.limit else {}


def _ask_for_a_full_last_page(found: Explored, ask: Ask, count: int) -> None:
    """A page that holds the end of the list and as many items as were asked for: whether it leads on."""
    named, maximum = found.named, found.ceiling.maximum
    for one in seen_of(found):
        if one.row is not None and one.count == one.limit and one.row + one.count == count:
            found.leads_at_end = says_more(found, one.probe)
            return
    if says_more(found, found.first) is None or not named.limit:
        return
    if count <= (maximum or (limits.OVER[0] if found.ceiling.why else found.size)):
        probe, expected = ask({named.limit: str(count)}), count
    elif named.style == "offset" and named.position:
        probe, expected = ask({named.limit: "2", named.position: str(count - 2 + named.starts_at)}), 2
    elif named.style == "page" and named.position:
        probe, expected = ask({named.limit: "1", named.position: str(count - 1 + named.starts_at)}), 1
    else:
        return
    if probe is not None and len(found.shape.ids(probe) or ()) == expected:
        found.leads_at_end = says_more(found, probe)
