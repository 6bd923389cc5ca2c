"""What the law of a list says of one response: explained, contradicted, or not to be judged."""

from dataclasses import dataclass
from enum import StrEnum

Id = str | int | None
"""The id of an item: a text or a whole number; None where it is unusable."""


class Kind(StrEnum):
    """In what way a response contradicts the law."""

    REPEATED = "an item stands twice in one response"
    ORDER = "the order differs"
    LOST = "an item is missing in the middle"
    SHIFTED = "the response begins at another position"
    OVERFULL = "the response holds more items than its limit"
    SHORT = "the response ends before its limit and before the end of the list"
    RETURNED = "an item went and came back"
    FOREIGN = "an item is of no state of the list"
    TOTAL = "the total is of no state of the list"
    UNUSABLE = "an item has no usable id"


@dataclass(frozen=True)
class Sighting:
    """One response of a list as the law sees it.

    `offset` counts the items before it (None: not known), `limit` is the most it may hold (None: no
    bound), `total` what its counter says (None: nothing). `started` and `finished` are seconds on one clock; the
    response shows one state of the list that was in force between the two. Where it is not `full`, it may hold fewer
    items than follow. `after` is the item behind which it begins where no position was asked for: it may then begin
    behind that item, or at its `offset`.
    """

    ids: tuple[Id, ...]
    offset: int | None
    limit: int | None
    started: float
    finished: float
    total: int | None = None
    full: bool = True
    after: Id = None

    @property
    def ends(self) -> bool:
        """Whether nothing may follow it: it holds fewer items than it could."""
        return self.full and (self.limit is None or len(self.ids) < self.limit)


@dataclass(frozen=True)
class Contradiction:
    """The first place at which a response contradicts the law.

    `index` counts within the response; `expected` is the id that the law demands there (None: nothing more), `actual`
    the one that stands there (None: nothing).
    """

    kind: Kind
    sighting: Sighting
    index: int
    expected: Id = None
    actual: Id = None


class TooMuchChurn(Exception):
    """More items came or went than a run may see: nothing can be distinguished from a fault."""

    def __init__(self, moved: int, churn: int) -> None:
        super().__init__(
            f"{moved:,} items came or went during the run, at most {churn:,} can be distinguished from a fault"
        )
        self.moved = moved


class CameAndWent(Exception):
    """An item came and went again within the run; another reading of the same response would tell more."""

    def __init__(self, item: Id) -> None:
        super().__init__(f"{item!r} came and went again during the run")
        self.item = item
