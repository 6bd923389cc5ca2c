"""Which parameters have an effect: candidates are asked together, each with a value of its own, so the answer tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog_contract.drafting.probe import Probe, Shape, kind_of
from catalog_contract.model.place import Id

GROUPS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("limit", "per_page", "page_size", "size"), ("offset", "page", "skip")),
    (("pageSize", "rows", "_limit", "count", "maxResults", "take", "perPage"),
     ("start", "startIndex", "_start", "_page", "startAt", "pageNumber")),
    (("$top", "page[size]", "max_results", "page[limit]", "_size", "_count", "per-page", "first"),
     ("$skip", "page[number]", "page_number", "from", "page[offset]", "pageIndex", "p")),
)  # fmt: skip
"""Parameters that are asked together: those of many products first."""

ROOM = 10
"""The values of candidates lie below the length of the first page, so that every effect can be located in it."""


@dataclass(frozen=True)
class Named:
    """The parameters found: `limit` sets the page size, `position` is an offset or a page, counted from `starts_at`."""

    limit: str | None = None
    position: str | None = None
    style: str = ""
    starts_at: int = 0


@dataclass(frozen=True)
class Effect:
    """What an answer shows beside the first page: its length, and the index of its first item in the first page.

    `start` is None where its items are not in the first page, or it has none. `refused` where it is not a list.
    """

    refused: bool = False
    count: int = 0
    start: int | None = None
    shorter: bool = False

    @property
    def moved(self) -> bool:
        """Whether the page begins elsewhere."""
        return not self.refused and self.start != 0


def effect_of(probe: Probe, shape: Shape, first: Sequence[Id]) -> Effect:
    """The effect of a request's parameters."""
    ids = shape.ids(probe)
    if ids is None:
        return Effect(refused=True)
    start = first.index(ids[0]) if ids and ids[0] in first else None
    rest = len(first) - (start or 0)
    # Fewer than came first although they reach beyond those: a limit, or the end of the list.
    beyond = start is not None and rest < len(ids) < len(first)
    return Effect(count=len(ids), start=start, shorter=0 < len(ids) < rest or beyond)


def values_for(limits: Sequence[str], positions: Sequence[str], size: int) -> dict[str, str]:
    """A value for each candidate, different among the limits and among the offsets as far as the page allows.

    Two pages of the limit and the offset fit into a first page of `size` items, where it has enough.
    """
    most = max(1, min(ROOM, size) // 3)
    values = {name: str(max(1, most + nth) if size > len(limits) + most else most) for nth, name in enumerate(limits)}
    offsets = [name for name in positions if kind_of(name) != "page"]
    highest = max(1, min(size - 1, ROOM + len(offsets)))
    values |= {name: str(max(1, highest - nth)) for nth, name in enumerate(offsets)}
    return values | {name: "2" for name in positions if kind_of(name) == "page"}


def suspects(asked: Mapping[str, str], effect: Effect, known: Named) -> list[Named]:
    """The parameters that explain an effect, the likeliest first; each is a guess that must be asked by itself."""
    limits: list[str | None] = [known.limit]
    if effect.shorter and not known.limit:
        sizes = (name for name in asked if kind_of(name) == "limit")
        limits = [*sorted(sizes, key=lambda name: _off(asked[name], effect.count))]
        limits = [name for name in limits if name and int(asked[name]) >= effect.count] or limits
    positions: list[str | None] = [known.position]
    if effect.moved and not known.position:
        positions = [*_positions(asked, effect)] or [None]
    return [Named(limit, position) for position in positions for limit in limits]


def _off(value: str, count: int) -> int:
    return abs(int(value) - count)


def _positions(asked: Mapping[str, str], effect: Effect) -> list[str]:
    """Offsets and pages that would begin there, exact ones first."""
    size = effect.count
    pages = [name for name in asked if kind_of(name) == "page"]
    offsets = [name for name in asked if kind_of(name) == "offset"]
    if effect.start is None:
        return [*pages, *offsets]
    exact = [name for name in offsets if int(asked[name]) == effect.start]
    one_off = [name for name in offsets if int(asked[name]) - 1 == effect.start]
    by_page = pages if size and effect.start in (size, 2 * size) else []
    return list(dict.fromkeys([*exact, *by_page, *one_off, *pages]))


def proof_values(guess: Named, size: int) -> dict[str, str]:
    """The request that proves a guess: other values than those that raised it."""
    limit = max(1, min(4, (size - 1) // 2))
    asked = {guess.limit: str(limit)} if guess.limit else {}
    if guess.position:
        page = kind_of(guess.position) == "page"
        asked[guess.position] = "2" if page else str(max(1, min(limit + 1, size - 1)))
    return asked


def proved(guess: Named, asked: Mapping[str, str], effect: Effect, size: int) -> Named:
    """What of a guess its own request has shown; with neither parameter where nothing."""
    limit = guess.limit if guess.limit and 0 < effect.count <= int(asked[guess.limit]) < size else None
    if effect.refused or not guess.position or not effect.moved:
        return Named(None if effect.refused else limit)
    number, count = int(asked[guess.position]), effect.count
    if kind_of(guess.position) == "page":
        return _proved_page(guess.position, limit, asked, effect, size)
    starts = {number: 0, number - 1: 1}
    if effect.start in starts and count:
        return Named(limit, guess.position, "offset", starts[effect.start])
    return Named(limit)


def _proved_page(name: str, limit: str | None, asked: Mapping[str, str], effect: Effect, size: int) -> Named:
    """A page number counts from 0 or 1: by where page 2 begins. -1 where that is outside the first page."""
    step = int(asked[limit]) if limit else size
    if effect.start is None:
        return Named(limit, name, "page", -1) if effect.count or not limit else Named(limit)
    starts = {step: 1, 2 * step: 0}
    return Named(limit, name, "page", starts[effect.start]) if effect.start in starts else Named(limit)
