"""The end of the list: how many items there are in all, and what a page says that is full and the last one."""

from collections.abc import Callable, Mapping

from catalog_contract.drafting import limits
from catalog_contract.drafting.counters import NAMES, Known, Seen, plain_key, total_of
from catalog_contract.drafting.explore import Explored
from catalog_contract.drafting.onward import onward, scalars
from catalog_contract.drafting.probe import Probe
from catalog_contract.drafting.seen import seen_of

Ask = Callable[[dict[str, str]], Probe | None]
"""One more answer to these parameters; None where no request is left."""

MAX_PAGES = 4
"""How many more pages are followed to see the end."""


def find_end(found: Explored, ask: Ask) -> None:
    """Look at the end of the list, in a few requests, and note what was seen in `found`."""
    stated = total_of(seen_of(found), found.shape, Known())
    total = stated[1] if stated else None
    found.count = counted(found)
    if found.count is None and total:
        if found.named.position:
            _ask_for_the_last(found, ask, total)
        else:
            _follow(found, ask, total)
    if found.leads_at_end is None and found.count:
        _ask_for_a_full_last_page(found, ask, found.count)


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


def says_more(found: Explored, probe: Probe) -> bool | None:
    """Whether an answer says that more follows; None where such answers say nothing of it."""
    if found.lead is not None:
        return onward(probe, found.shape) is not None
    for path, value in scalars(probe.exchange.data, found.shape.items):
        if type(value) is bool and plain_key(path) in (*NAMES["has_more"], *NAMES["last"]):
            return value == (plain_key(path) in NAMES["has_more"])
    return None


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
            return
        rest = total % size
        probe = ask({**_sized(found, size), named.position: str(total // size + named.starts_at)})
    if probe is not None and len(found.shape.ids(probe) or ()) == rest:
        found.count = total


def _not_a_divisor(found: Explored, total: int) -> int | None:
    """A page size that leaves room on the last page; None where there is none."""
    if not found.named.limit:
        return found.default if found.default and total % found.default else None
    most = min(found.ceiling.maximum or found.size, max(found.size, 2))
    return next((size for size in range(most, 1, -1) if total % size), None)


def _sized(found: Explored, size: int) -> dict[str, str]:
    return {found.named.limit: str(size)} if found.named.limit else {}


def _follow(found: Explored, ask: Ask, total: int) -> None:
    """Walk on to the end in large pages, where that is near."""
    maximum = found.ceiling.maximum or found.default or 0
    if not maximum or total > MAX_PAGES * maximum:
        return
    largest = _sized(found, maximum) if found.ceiling.maximum else {}
    probe, row = ask(largest), 0
    while probe is not None:
        row += len(found.shape.ids(probe) or ())
        query = _query_after(found, probe, largest)
        if query is None:
            break
        if row > total + maximum:
            return
        probe = ask(query)
    if probe is not None and says_more(found, probe) is False:
        found.count = row


def _query_after(found: Explored, probe: Probe, largest: Mapping[str, str]) -> dict[str, str] | None:
    """The parameters of the page after one; None where there is none."""
    if found.cursor and found.place is not None:
        value = found.place.read(probe.exchange) if says_more(found, probe) else None
        return {**largest, found.cursor: str(value)} if type(value) in (str, int) and value != "" else None
    lead = onward(probe, found.shape)
    fixed = dict(found.target.query)
    own = {name: value for name, value in lead.query.items() if fixed.get(name) != value} if lead else {}
    return own or None


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
