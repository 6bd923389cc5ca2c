"""The walk to the end of a list that is read by cursors or links: in its largest pages, as far as requests are left."""

from collections.abc import Mapping

from catalog_contract.drafting.counters import NAMES, plain_key
from catalog_contract.drafting.explore import Explored, Explorer
from catalog_contract.drafting.onward import onward, scalars
from catalog_contract.drafting.probe import Probe
from catalog_contract.model.place import Id


def says_more(found: Explored, probe: Probe) -> bool | None:
    """Whether an answer says that more follows; None where such answers say nothing of it."""
    if found.lead is not None:
        return onward(probe, found.shape) is not None
    for path, value in scalars(probe.exchange.data, found.shape.items):
        if type(value) is bool and plain_key(path) in (*NAMES["has_more"], *NAMES["last"]):
            return value == (plain_key(path) in NAMES["has_more"])
    return None


def beyond(found: Explored, total: int, left: int) -> int:
    """How many of the items that the list says it has lie beyond that many further requests; 0 where none do."""
    largest = _largest(found)
    pages = left + (_known_page(found, largest) is not None)
    return max(0, total - pages * largest)


def _largest(found: Explored) -> int:
    """The most items that one request brings, as far as answers have shown."""
    if not found.named.limit:
        return found.size
    return found.ceiling.maximum or max(len(found.shape.ids(probe) or ()) for probe in found.probes)


def _known_page(found: Explored, size: int) -> Probe | None:
    """The first page of that size, where an answer is one: a larger limit that was clamped is."""
    if not found.named.limit:
        return found.first
    asked = [probe for probe in found.probes if set(probe.asked) == {found.named.limit}]
    by_size = (probe for probe in asked if probe.asked[found.named.limit].isdigit())
    return next((probe for probe in by_size if len(found.shape.ids(probe) or ()) == size
                 and int(probe.asked[found.named.limit]) >= size), None)  # fmt: skip


class Walk:
    """Follows a list to its end and notes in `found.rows` where each answer stands.

    The last two pages share what is left, so that the last one is full: it shows whether a full last page leads on. No
    page is smaller than the one before it from there on, for some services keep the size in the cursor.
    """

    def __init__(self, found: Explored, explorer: Explorer, total: int) -> None:
        self._found = found
        self._ask = explorer.ask
        self._total = total
        self._largest = _largest(found)
        self._even = bool(found.named.limit)
        self._size = 0
        self._row = 0
        self._ids: set[Id] = set()

    def to_the_end(self) -> None:
        """Walk on until nothing follows, an answer is no further page, or no request is left."""
        size = self._size = self._next_size()
        known = _known_page(self._found, size) if size == self._largest else None
        probe = known or self._ask(self._sized({}, size))
        query: Mapping[str, str] | None = {}
        while probe is not None and query is not None and self._row <= self._total + self._largest:
            if self._takes(probe):
                query = self._query_after(probe)
                self._size = self._next_size()
            elif self._even and self._size < self._largest:
                self._even, self._size = False, self._largest  # no other size within a walk
            else:
                self._found.unseen = f"after {self._row:,} items the next answer repeats items, or is no list"
                return
            probe = self._ask(self._sized(query, self._size)) if query is not None else None

    def _takes(self, probe: Probe) -> bool:
        """Note an answer, if it is the next page: a list of items that did not come before."""
        ids = self._found.shape.ids(probe)
        if ids is None or self._ids & set(ids):
            return False
        self._found.rows.append((probe, self._row))
        self._row += len(ids)
        self._ids |= set(ids)
        return True

    def _next_size(self) -> int:
        left = self._total - self._row
        if not self._even or left <= 0 or left >= 2 * self._largest:
            return self._largest
        return left // 2 if left > self._largest else max(left, self._size)

    def _sized(self, query: Mapping[str, str], size: int) -> dict[str, str]:
        """The parameters of a page of that size; a link that names no size keeps its own."""
        name = self._found.named.limit
        if not name or (query and not self._found.cursor and name not in query):
            return dict(query)
        return {**query, name: str(size)}

    def _query_after(self, probe: Probe) -> dict[str, str] | None:
        """The parameters of the page after one; None where there is none."""
        found = self._found
        if says_more(found, probe) is False or not found.shape.ids(probe):
            return None
        if found.cursor and found.place is not None:
            value = found.place.read(probe.exchange)
            return {found.cursor: str(value)} if type(value) in (str, int) and value != "" else None
        lead = onward(probe, found.shape)
        fixed = dict(found.target.query)
        return {name: value for name, value in lead.query.items() if fixed.get(name) != value} or None if lead else None
