"""The words of a contract for what is asked and what is answered: requests, parameters, envelopes, items, cursors."""

from dataclasses import dataclass, field, fields
from functools import cached_property

from catalog_contract.model.place import Identity, Place


@dataclass(frozen=True)
class RequestWords:
    """What every request carries: headers, query parameters, the header that the key goes into (`{key}` stands for
    it), and a JSON body, with which requests are POSTs.
    """

    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    key: str = "Authorization: Bearer {key}"
    body: dict[str, object] | None = field(default=None, hash=False)


@dataclass(frozen=True)
class Parameters:
    """The names of the parameters; None where the API has none of the kind.

    A name is one of the query; `body:variables.after` stands in the body of the request, `header:X-Page` in a header.
    """

    offset: str | None = "offset"
    limit: str | None = "limit"
    page: str | None = None
    cursor: str | None = None
    collection: str | None = None
    filter: str | None = None


COUNTERS = ("total", "returned", "offset", "limit", "collection", "has_more", "last", "next_offset", "page", "pages")
"""The words of what a response says of itself; whether it is the first page is not compared."""


@dataclass(frozen=True)
class Envelope:
    """Where each thing stands in an answer; None where the API does not promise it.

    `next` and `previous` are links, cursors or page numbers; `last` is the opposite of `has_more`. `optional` are those
    of these words that an answer may leave out when there is nothing to say. `total_is` exact or estimate.
    Raises PlaceError for a text that is not a place.
    """

    items: Place = Place("data")
    total: Place | None = None
    returned: Place | None = None
    offset: Place | None = None
    limit: Place | None = None
    collection: Place | None = None
    has_more: Place | None = None
    next_offset: Place | None = None
    next: Place | None = None
    previous: Place | None = None
    last: Place | None = None
    first: Place | None = None
    page: Place | None = None
    pages: Place | None = None
    optional: tuple[str, ...] = ()
    total_is: str = "exact"

    def __post_init__(self) -> None:
        for word, place in self._declared().items():
            object.__setattr__(self, word, Place(place))

    @property
    def exact_total(self) -> bool:
        """Whether a total is promised that counts exactly."""
        return self.total is not None and self.total_is == "exact"

    @property
    def headers(self) -> tuple[str, ...]:
        """The names of the headers that declared places stand in."""
        return tuple(header for place in self.places.values() if (header := place.header))

    @cached_property
    def places(self) -> dict[str, Place]:
        """The declared places by their words, the list of items among them."""
        return self._declared()

    @cached_property
    def counters(self) -> tuple[tuple[str, Place], ...]:
        """The declared places of what a response says of itself, by their words; where it leads is not among them."""
        return tuple((word, place) for word, place in self.places.items() if word in (*COUNTERS, "first"))

    def _declared(self) -> dict[str, Place]:
        words = (word.name for word in fields(self) if word.name not in ("optional", "total_is"))
        return {word: place for word in words if (place := getattr(self, word)) is not None}


@dataclass(frozen=True)
class Item:
    """The fields of one item that the rules speak of.

    `id` is the place, or the places, that name an item. `collection` is the field that tells an item's collection,
    `owner` the one that the filter selects by. `volatile` are dotted paths of fields that may change from read to read.
    Raises PlaceError for a text that is not a place.
    """

    id: Identity = Identity("id")
    collection: str | None = None
    owner: str | None = None
    volatile: tuple[str, ...] = ()
    ids_differ_by_more_than_case: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.id, Identity):
            object.__setattr__(self, "id", Identity(self.id))


@dataclass(frozen=True)
class Cursor:
    """What is documented of cursors, links and tokens; None where nothing is.

    `bad` says what a garbled one does: "refused" or "ignored". `bound_to` are the words whose change makes a cursor
    another one's. `empty_last_page`: the last page may lead to an empty one; `empty_pages`: there may be such in the
    middle. `public_origin` is the address that links name; they are asked at the base URL all the same. `page_zero` is
    "refused" or the "first". `secret` ones are shown nowhere.
    """

    bad: str | None = None
    bound_to: tuple[str, ...] = ()
    reusable: bool = True
    url_safe: bool = False
    lives_seconds: float | None = None
    empty_last_page: bool = False
    empty_pages: bool = False
    public_origin: str | None = None
    page_zero: str | None = None
    secret: bool = False

    @property
    def no_empty_pages(self) -> bool:
        """Whether no page in the middle may be empty: the contract does not speak of such."""
        return not self.empty_pages


@dataclass(frozen=True)
class Filter:
    """A query that selects the items with `value` at `place`. The filters of one name with `partition` make the whole
    together, none twice."""

    name: str
    query: tuple[tuple[str, str], ...]
    place: Place
    value: str | int | float | bool
    partition: bool = False

    def selects(self, item: object) -> bool:
        """Whether an item is one of those that it selects: what stands there is the value, or a list that holds it."""
        found = self.place.within(item)
        return self.value in found if isinstance(found, list) else found == self.value

    def may_select(self, item: object) -> bool:
        """Whether a filter that does not tell upper from lower case selects an item."""
        found = self.place.within(item)
        values = found if isinstance(found, list) else [found]
        return str(self.value).casefold() in {str(value).casefold() for value in values}


@dataclass(frozen=True)
class Sort:
    """A query that orders the items by what stands at `place`: "ascending" or "descending"."""

    name: str
    query: tuple[tuple[str, str], ...]
    place: Place
    order: str = "ascending"
