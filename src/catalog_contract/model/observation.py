"""What was observed: every listing answer, and every request."""

from dataclasses import dataclass

from catalog_contract.model.exchange import resent


@dataclass(frozen=True)
class PageSeen:
    """One listing answer as observed: where it lies in the list and what it held.

    `ids` has one entry a row, None for a row without a usable id. `total` is what the answer's counter
    said. `plain` tells whether the collection was asked for by its own name, without filter and further headers.
    """

    collection: str
    target: str
    row: int | None
    limit: int | None
    status: int | None
    ids: tuple[str | None, ...]
    total: object = None
    walk: bool = False
    bulk: bool = False
    reading: int = 1
    failure: str = ""
    plain: bool = True


@dataclass(frozen=True)
class RequestSeen:
    """One request of the run as the reports list it.

    `seconds` is None for a recording, `size` in bytes. `added` are the headers that this request adds.
    """

    target: str
    status: int | None
    seconds: float | None
    size: int
    retries: tuple[str, ...] = ()
    failure: str = ""
    reading: int = 1
    added: str = ""

    @property
    def resent(self) -> int:
        """How often it was sent again."""
        return resent(self.retries)
