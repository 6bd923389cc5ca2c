"""Listing: one answer read as a list by the places of its contract."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog_contract.catalog.fit import nearest_fit
from catalog_contract.model.exchange import MISSING, Exchange
from catalog_contract.model.json_body import NotJson
from catalog_contract.model.place import Id, Identity
from catalog_contract.model.words import Envelope


@dataclass(frozen=True, eq=False)
class Listing:
    """One answer. `row` is how many items a reading met before it, `limit` as asked; None where none was."""

    exchange: Exchange
    envelope: Envelope
    identity: Identity
    row: int = 0
    limit: int | None = None

    @cached_property
    def fault(self) -> str:
        """Why this answer is not a list of items, with the nearest fit; empty when it is one."""
        exchange = self.exchange
        if exchange.failure is not None:
            return exchange.failure
        if exchange.status != 200:
            return f"answered {exchange.status}"
        try:
            data = exchange.data
        except NotJson as error:
            return f"answered 200 with a body that is not JSON ({error})"
        if isinstance(self._found, list):
            return ""
        where = f"a list under {str(self.envelope.items)!r}" if self.envelope.items else "a list"
        fit = nearest_fit(data, self.identity)
        return f"answered 200 without {where}" + (f"; {fit}" if fit else "")

    @cached_property
    def _found(self) -> Any:
        """What stands where the items should; an empty list where they may be left out and are."""
        found = self.envelope.items.read(self.exchange)
        left_out = found is MISSING or found is None
        return [] if left_out and "items" in self.envelope.optional and isinstance(self.exchange.data, dict) else found

    @property
    def items(self) -> list[Any]:
        """The items as answered; none where the answer is no list."""
        return [] if self.fault else list(self._found)

    @cached_property
    def ids(self) -> tuple[Id, ...]:
        """The id of every item; None for one that has no usable id."""
        return self.identity.of(self.items)

    @cached_property
    def count(self) -> int:
        """How many items the answer holds."""
        return 0 if self.fault else len(self._found)
