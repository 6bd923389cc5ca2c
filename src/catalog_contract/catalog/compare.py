"""Two runs of one list, compared: what is lost, new and renamed."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catalog_contract.catalog.ids import Id, lost

SHOWN = 3
"""How many renamed items are named."""


@dataclass(frozen=True)
class Changes:
    """What differs between two lists of ids.

    `lost` are all that are gone and `new` all that came; `renamed` the pairs among both (old, new) that seem to
    be one item: alike but for the case of letters, or the same item of another owner.
    """

    lost: tuple[str, ...]
    new: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        names = ", ".join(f"{old} is now {now}" for old, now in self.renamed[:SHOWN])
        more = f" and {len(self.renamed) - SHOWN:,} more" if len(self.renamed) > SHOWN else ""
        renamed = f"; {len(self.renamed):,} of them only renamed, it seems: {names}{more}" if self.renamed else ""
        return f"{len(self.lost):,} lost, {len(self.new):,} new{renamed}"


def changes(before: Sequence[Id], now: Sequence[Id]) -> Changes:
    """What happened to a list of ids. Two that could each be several others are not called renamed."""
    gone, came = lost(before, now), lost(now, before)
    renamed: dict[str, str] = {}
    for looks in (str.casefold, _model):
        old = _by_looks([id for id in gone if id not in renamed], looks)
        new = _by_looks([id for id in came if id not in renamed.values()], looks)
        renamed |= {id: new[look] for look, id in old.items() if look in new}
    return Changes(gone, came, tuple(renamed.items()))


def _model(id: str) -> str:
    """The part of an id that names the item, without its owner."""
    return id.partition("/")[2].casefold()


def _by_looks(ids: list[str], looks: Callable[[str], str]) -> dict[str, str]:
    """Each id by its looks; without those that look like nothing or like one another."""
    amounts = Counter(looks(id) for id in ids)
    return {look: id for id in ids if (look := looks(id)) and amounts[look] == 1}
