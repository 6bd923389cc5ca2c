"""The contract: what a list API promises, read from a TOML file into frozen dataclasses."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from stduritemplate import StdUriTemplate

from catalog_contract.model.incident import Incident
from catalog_contract.model.paging import Paging, Window
from catalog_contract.model.place import Identity
from catalog_contract.model.sample import Sample
from catalog_contract.model.wording import Words, words_of
from catalog_contract.model.words import Cursor, Envelope, Filter, Item, Parameters, RequestWords, Sort

FULL, COUNT = "full", "count"
UNIQUE, FLAT = "unique", "flat"


@dataclass(frozen=True)
class BadQuery:
    """A query that must be refused with a 4xx; the values replace those of a good first page."""

    name: str
    query: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__


@dataclass(frozen=True)
class Detail:
    """The page of a single item. `item` is the key that wraps it.

    In `path`, an RFC 6570 template, `{id}` stands for the id percent-encoded and `{+id}` for the id with its slashes.
    """

    path: str
    item: str | None = None
    sample: int = 6
    agree: tuple[str, ...] = ()
    unknown_id: str = "no-such-provider/no-such-model"

    def path_of(self, id: str) -> str:
        """The path of an item's own page."""
        if "{+id}" in self.path:
            # RFC 6570 leaves alone what would begin a query or pass for encoded already.
            id = id.replace("%", "%25").replace("?", "%3F").replace("#", "%23")
        return _expanded(self.path, id)


@lru_cache(maxsize=1024)
def _expanded(template: str, id: str) -> str:
    return StdUriTemplate.expand(template, {"id": id})


@dataclass(frozen=True)
class Caching:
    """Which caching headers the API declares (lower case); an empty tuple promises nothing.

    `one_per_answer` promises that answers with different items carry different validators. An API that uses one
    validator for the state of the whole list does not promise it.
    """

    validators: tuple[str, ...] = ()
    one_per_answer: bool = False


@dataclass(frozen=True)
class Collection:
    """One collection (here: a collection) and what is known of it from outside: the oracle.

    `expected_total` is a dated figure; `below` and `above` are the shares that a total may lie under or over
    it (0.05 = 5 %). `minimum_total` is a floor without an upper bound. `merges` marks the collection that
    holds every item of all the others: "unique" each item once, "flat" once for each collection that has it. `id` and
    `item_schema` are its own, where they differ from those of the contract. `lost_share` is the share of the last good
    run's items that may be missing, see `may_lose`. `windows` are read beside the bulk read where it is only
    counted. `retired` is the date since which the collection is no longer served.
    """

    name: str
    depth: str = COUNT
    aliases: tuple[str, ...] = ()
    expected_total: int | None = None
    minimum_total: int | None = None
    below: float = 0.05
    above: float = 0.25
    lost_share: float = 0.02
    as_of: date | None = None
    source: str = ""
    known_ids: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    may_be_empty: bool = False
    merges: str = ""
    retired: date | None = None
    id: Identity | None = None
    item_schema: dict[str, object] | None = field(default=None, hash=False)

    @property
    def names(self) -> tuple[str, ...]:
        """All its names, the canonical one first."""
        return (self.name, *self.aliases)

    @property
    def lowest_total(self) -> int | None:
        """The smallest total within tolerance, rounded down to a whole item; None without an oracle."""
        if self.expected_total is None:
            return self.minimum_total
        return int(self.expected_total * (1 - self.below))

    @property
    def highest_total(self) -> int | None:
        """The largest total within tolerance, rounded up to a whole item; None without an upper bound."""
        return None if self.expected_total is None else -int(-self.expected_total * (1 + self.above) // 1)

    def may_lose(self, listed: int) -> int:
        """How many of that many items may be gone after a run: the `lost_share` of them, and one in any case.

        The only item of a collection may not go; with a share of 0 none may.
        """
        return max(int(listed * self.lost_share), min(1, listed - 1) if self.lost_share else 0)

    def lowest_after(self, most: int) -> int:
        """The smallest total that this many items may shrink to, however slowly.

        The share `below` of them may go, and twice what one run may lose in any case.
        """
        return min(int(most * (1 - self.below)), most - 2 * self.may_lose(most))


@dataclass(frozen=True)
class Times:
    """How long an answer may take, in seconds."""

    page_seconds: float = 10.0
    bulk_seconds: float = 70.0


@dataclass(frozen=True)
class Transport:
    """How to ask a live service: politely, and never for ever. Times in seconds, sizes in megabytes (10**6)."""

    connect_seconds: float = 5.0
    read_seconds: float = 75.0
    answer_seconds: float = 90.0
    tries: int = 3
    retry_after_cap_seconds: float = 10.0
    body_cap_megabytes: float = 100.0
    decoded_cap_megabytes: float = 500.0
    id_cap_characters: int = 1_000
    run_cap_megabytes: float = 1_000.0
    requests_per_second: float = 5.0
    maximum_requests: int = 200
    maximum_seconds: float = 1_200.0
    maximum_concurrency: int = 4


@dataclass(frozen=True)
class Snapshot:
    """What an earlier good run saw of one collection: when that run started, and the ids listed, in order, each once.

    `most` is the highest total of all good runs up to that one, and `most_on` when that was; 0 where only its own
    total is known. `source` is where that run read, where it is another source than this run's.
    """

    started: str
    ids: tuple[str, ...]
    most: int = 0
    most_on: str = ""
    source: str = ""

    @property
    def highest(self) -> tuple[int, str]:
        """The highest total of any good run, and when that was."""
        return (self.most, self.most_on) if self.most > len(self.ids) else (len(self.ids), self.started)


@dataclass(frozen=True)
class Contract:
    """Everything that is promised. `path` is the file it was read from, `name` its name without
    `.toml`, `envelope_schema` and `item_schema` JSON Schemas as plain dictionaries (None where none is declared).
    `item_name`, `item_names` and `collection_name` are what reports call an item, several, and a collection.
    Four words are no part of the file, and empty at first: `baseline` is what the last good run saw of each collection,
    `against` the address of another deployment, `sample` how much of each collection is read. `followed` says that the
    pages are those that another client asked for: a walk goes as far as that client had reason to.
    """

    path: Path
    name: str
    title: str
    base_url: str
    list_path: str
    parameters: Parameters
    envelope: Envelope
    item: Item
    paging: Paging
    collections: tuple[Collection, ...]
    envelope_schema: dict[str, object] | None = None
    item_schema: dict[str, object] | None = None
    bad_queries: tuple[BadQuery, ...] = ()
    default_collection: str | None = None
    unknown_collection: str | None = None
    detail: Detail | None = None
    caching: Caching = Caching()
    times: Times = Times()
    transport: Transport = Transport()
    cassette: str | None = None
    request: RequestWords = RequestWords()
    cursor: Cursor = Cursor()
    filters: tuple[Filter, ...] = ()
    sorts: tuple[Sort, ...] = ()
    item_name: str = ""
    item_names: str = ""
    collection_name: str = ""
    incidents: tuple[Incident, ...] = ()
    baseline: dict[str, Snapshot] = field(default_factory=dict)
    against: str = ""
    followed: bool = False
    sample: dict[str, Sample] = field(default_factory=dict)

    @cached_property
    def words(self) -> Words:
        """What reports call an item and a collection."""
        return words_of(self.item_name, self.item_names, self.collection_name)

    @property
    def declared_fields(self) -> frozenset[str]:
        """The fields of the envelope that the contract speaks of: by its own words, or in the schema."""
        named = {place.root for place in self.envelope.places.values() if place.root}
        properties = (self.envelope_schema or {}).get("properties", {})
        return frozenset(named | set(properties if isinstance(properties, dict) else ()))

    def identity(self, collection: Collection) -> Identity:
        """What names an item of a collection."""
        return collection.id or self.item.id

    def schema_of(self, collection: Collection) -> dict[str, object] | None:
        """The schema that items of a collection promise to fit; None where there is none."""
        return self.item_schema if collection.item_schema is None else collection.item_schema

    @property
    def windows(self) -> tuple[Window, ...]:
        """The windows that are asked for beside the walks; none where no limit can be asked for."""
        if self.followed:
            return self.paging.windows
        return self.paging.every_window if self.parameters.limit else ()

    @property
    def leads(self) -> bool:
        """Whether the responses say by themselves what follows."""
        return bool(self.paging.leads_by) and (self.envelope.next is not None or self.envelope.next_offset is not None)

    @property
    def both_ways(self) -> bool:
        """Whether the list can be read by position and along what the responses say."""
        return self.paging.by_position and self.leads

    @property
    def paged(self) -> bool:
        """Whether there is more than one page: by position, or as the responses lead on."""
        return self.paging.by_position or self.leads

    @property
    def size_known(self) -> bool:
        """Whether the contract says how many pages there are: by position, of lists whose size it expects."""
        return self.paging.by_position and self.size_expected

    @property
    def size_expected(self) -> bool:
        """Whether the contract expects a size of every list that is read page by page."""
        read = (one for one in self.collections if one.depth == FULL and not one.retired)
        return all(one.expected_total is not None for one in read)

    @property
    def filterable(self) -> bool:
        """Whether a filter is declared: of a name of its own, or by the owner of an item."""
        return bool(self.filters) or bool(self.parameters.filter and self.item.owner)

    @property
    def chosen(self) -> tuple[Filter | Sort, ...]:
        """The declared filters and sorts."""
        return (*self.filters, *self.sorts)

    @property
    def several_collections(self) -> bool:
        """Whether more than one collection is served, beside the one that merges them."""
        return sum(not c.retired and not c.merges for c in self.collections) > 1

    @property
    def ends_by_an_empty_page(self) -> bool:
        """Whether only an empty page can say that the list ends: what leads on stands in the items themselves."""
        envelope = self.envelope
        inside = envelope.next is not None and envelope.next.startswith(f"{envelope.items}[")
        return inside and envelope.has_more is None and envelope.last is None

    def least_on_first_page(self, collection: Collection, limit: int | None) -> int:
        """How many items the first page of a limit holds at least, by what is expected; 0 where it may hold none."""
        lowest = 0 if self.cursor.empty_pages else collection.lowest_total or 0
        most = self.paging.most(limit) or lowest
        return min(lowest, most if self.paging.full_pages else 1)

    def collection(self, name: str) -> Collection:
        """The collection of that name. Raises KeyError when there is none."""
        return next(c for c in self.collections if c.name == name)
