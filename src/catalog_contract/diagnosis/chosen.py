"""Chosen: the pages of one filter or sort, against the whole list and what each item of it says there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from catalog_contract.diagnosis.known import ends_the_list
from catalog_contract.diagnosis.trail import Trail, first_readings, trail_of, walks_of, world_of
from catalog_contract.diagnosis.view import Ids, View, readable
from catalog_contract.diagnosis.world import World, seen_of
from catalog_contract.model.contract import Contract
from catalog_contract.model.observation import PageSeen, Purpose

Walk = Sequence[PageSeen]


@dataclass(frozen=True)
class Chosen:
    """The walks of one filter or sort, against the whole list and what each item of it says there."""

    contract: Contract
    rows: Ids
    values: Mapping[str, object]
    walks: tuple[Walk, ...]

    @property
    def pages(self) -> Iterator[PageSeen]:
        """Every page of every walk."""
        return chain.from_iterable(self.walks)

    def ids_of(self, walk: Walk) -> Ids:
        """All that a walk lists."""
        return tuple(chain.from_iterable(page.ids for page in walk))

    @cached_property
    def selection(self) -> Ids:
        """What the filter selects, in the order of the list."""
        return tuple(id for id in self.rows if self.values.get(str(id)))

    def lists(self, walk: Walk, listed: Ids) -> bool:
        """Whether a walk is one of that list: begins as it does, and misses none if it ended.

        Where pages are asked for by their position, each is the slice that a service without a fault would answer.
        """
        ids, paging = self.ids_of(walk), self.contract.paging
        sliced = paging.by_position and paging.full_pages
        if sliced:
            world = World(self.contract, listed, True, ())
            pages = (seen_of(self.contract, page, page.row or 0) for page in walk)
            if any(seen.fits(world.healthy(seen)) is False for seen in pages):
                return False
        if walk[0].row or (sliced and not self.contract.leads):
            return True
        return ids == listed[: len(ids)] and (len(ids) == len(listed) or not self.ended(walk))

    def ended(self, walk: Walk) -> bool:
        """Whether nothing follows a walk, as its last page says; where it says nothing, as it is not full."""
        return ends_the_list(self.contract, walk[-1])

    def room(self, page: PageSeen) -> int | None:
        """How many items a page may hold; where the contract documents short pages, as many as came."""
        return self.contract.paging.most(page.limit) if self.contract.paging.full_pages else len(page.ids)


def whole_list(view: View) -> Ids:
    """The list, where nothing that was read of it contradicts a service without a fault."""
    if view.contract.paging.by_position:
        world = world_of(view)
        return world.rows if world and world.complete and not world.contradictions else ()
    trail: Trail | None = trail_of(view)
    return trail.rows if trail and trail.complete and not trail.contradictions else ()


def marks_of(view: View) -> dict[str, dict[str, object]]:
    """For each filter, sort and owner what each item says there."""
    found: dict[str, dict[str, object]] = {}
    for page in view.pages:
        for name, values in page.marks:
            reported = zip(page.ids, values, strict=False)
            found.setdefault(name, {}).update((id, value) for id, value in reported if id is not None)
    return found


def chosen_of(
    view: View, purpose: Purpose, name: str, rows: Ids, marks: Mapping[str, Mapping[str, object]]
) -> Chosen | None:
    """The part of that name; None where not every item is known to say something there."""
    values = dict(marks.get("" if purpose == Purpose.OWNER else name, {}))
    if purpose == Purpose.OWNER:
        values = {id: value == name for id, value in values.items()}
    if not values.keys() >= {id for id in rows if id is not None} or None in rows:
        return None
    walks = _walks(view, purpose, name)
    return Chosen(view.contract, rows, values, walks) if walks else None


def _walks(view: View, purpose: Purpose, name: str) -> tuple[Walk, ...]:
    """The walks of one filter or sort; of a filter also each page that was asked for by its position alone."""
    known = first_readings(view.pages)
    begun = walks_of(known, lambda page: (page.purpose, page.chosen) == (purpose, name))
    own = [page for page in known.values() if (page.purpose, page.chosen) == (purpose, name) and readable(page)]
    if not view.contract.paging.by_position:
        return tuple(begun)
    if view.contract.leads:
        met = {page.key for walk in begun for page in walk}
        return (*begun, *([page] for page in own if page.key not in met and purpose != Purpose.SORT))
    by_limit: dict[int | None, list[PageSeen]] = {}
    for page in sorted(own, key=lambda page: page.row or 0):
        by_limit.setdefault(page.limit, []).append(page)
    return tuple(by_limit.values())
