"""What the answers have shown together: the paging style, and where in its list each one stands."""

from catalog_contract.drafting.counters import Seen
from catalog_contract.drafting.explore import Explored
from catalog_contract.drafting.probe import DraftError, Probe, asked_at, kind_of


def seen_of(found: Explored) -> list[Seen]:
    """The list answers with the place of each in the list; those to values that are no numbers are left out."""
    first = list(found.first_ids)
    seen = []
    for probe in found.probes:
        ids = found.shape.ids(probe)
        odd = any(not value.isdigit() for name, value in probe.asked.items() if name != found.cursor)
        if ids is None or odd:
            continue
        limit = _number(probe, found.named.limit)
        if limit is not None and found.ceiling.above == "clamped" and found.ceiling.maximum:
            limit = min(limit, found.ceiling.maximum)
        position = _number(probe, found.named.position)
        row = first.index(ids[0]) if ids and ids[0] in first else _row(found, position, limit)
        if found.cursor and found.cursor in probe.asked:
            row = first.index(ids[0]) if ids and ids[0] in first else None
        row = next((row for walked, row in found.rows if walked is probe), row)
        page = position if found.named.style == "page" else None
        offset = position if found.named.style == "offset" else None
        seen.append(Seen(probe, len(ids), row, limit, page, offset))
    return seen


def _row(found: Explored, position: int | None, limit: int | None) -> int | None:
    if position is None:
        return None
    before = position - found.named.starts_at
    size = limit or found.default
    if found.named.style == "offset":
        return before
    return before * size if size else None


def _number(probe: Probe, name: str | None) -> int | None:
    text = probe.asked.get(name or "", "")
    return int(text) if text.isdigit() else None


def require_way(found: Explored, total: int | None) -> None:
    """Raise DraftError where the list goes on and no way to the next page was recognised."""
    known = found.named.position or found.cursor or (found.lead and found.lead.kind == "link")
    longest = max(len(found.shape.ids(probe) or ()) for probe in found.probes)
    more = found.lead is not None or (total is not None and total > found.size) or longest > found.size
    if known or not more:
        return
    of = f" of {total:,}" if total else f" of at least {longest:,}" if longest > found.size else ""
    tried = f"{len(found.probes)} requests with the usual parameter names showed no second page"
    raise DraftError(
        f"{asked_at(found.first.exchange)}: lists {found.size}{of} items, but {tried}; "
        "add its parameters to the URL (?skip=0&take=10), or give --openapi"
    )


def seen_style(found: Explored) -> str:
    """The paging style that the answers have shown."""
    if found.named.position and kind_of(found.named.position) and found.named.style:
        return found.named.style
    if found.cursor:
        return "cursor"
    return "link" if found.lead and found.lead.kind == "link" else "none"
