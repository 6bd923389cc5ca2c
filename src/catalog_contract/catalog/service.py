"""Service: all collections of a contract, asked over one source."""

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.model.contract import FULL, Contract
from catalog_contract.model.observation import PageSeen
from catalog_contract.transport.base import Source


class Service:
    """All collections of a contract over one source."""

    def __init__(self, contract: Contract, source: Source) -> None:
        self.contract = contract
        self.source = source
        self.catalogs = tuple(
            Catalog(contract, collection, source) for collection in contract.collections if not collection.retired
        )
        self._by_name = {catalog.name: catalog for catalog in self.catalogs}

    def catalog(self, name: str) -> Catalog:
        """The catalog of a collection. Raises KeyError for one the contract does not have or has retired."""
        return self._by_name[name]

    @property
    def full(self) -> tuple[Catalog, ...]:
        """The catalogs that are judged in full depth."""
        return tuple(catalog for catalog in self.catalogs if catalog.collection.depth == FULL)

    @property
    def parts(self) -> tuple[Catalog, ...]:
        """The catalogs that the merged one must hold."""
        return tuple(catalog for catalog in self.catalogs if not catalog.collection.merges)

    def seen(self) -> tuple[PageSeen, ...]:
        """What was observed of every collection."""
        return tuple(page for catalog in self.catalogs for page in catalog.seen())
