"""Service: all collections of a contract, asked over one source."""

from catalog_contract.catalog.catalog import Catalog
from catalog_contract.catalog.sampled import SampledCatalog
from catalog_contract.model.contract import FULL, Contract
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.verdict import NotJudged
from catalog_contract.transport.base import Source


class Service:
    """All collections of a contract over one source; `other` is that of the deployment to compare with, if any."""

    def __init__(self, contract: Contract, source: Source, other: Source | None = None) -> None:
        self.contract = contract
        self.source = source
        self._other = Service(contract, other) if other else None
        self.catalogs = tuple(
            (SampledCatalog if collection.name in contract.sample else Catalog)(contract, collection, source)
            for collection in contract.collections
            if not collection.retired
        )
        self._by_name = {catalog.name: catalog for catalog in self.catalogs}

    def catalog(self, name: str) -> Catalog:
        """The catalog of a collection. Raises KeyError for one the contract does not have or has retired."""
        return self._by_name[name]

    @property
    def other(self) -> "Service":
        """The other deployment. Raises NotJudged where none is given."""
        if self._other is None:
            raise NotJudged("no other deployment is given (--against URL)")
        return self._other

    @property
    def full(self) -> tuple[Catalog, ...]:
        """The catalogs that are judged in full depth."""
        return tuple(catalog for catalog in self.catalogs if catalog.collection.depth == FULL)

    @property
    def parts(self) -> tuple[Catalog, ...]:
        """The catalogs that the merged one must hold."""
        return tuple(catalog for catalog in self.catalogs if not catalog.collection.merges)

    def compared(self) -> tuple[tuple[str, str], ...]:
        """What a comparison with another deployment has shown, for each collection that was compared."""
        return tuple((catalog.name, catalog.compared) for catalog in self.catalogs if catalog.compared is not None)

    def seen(self) -> tuple[PageSeen, ...]:
        """What was observed of every collection."""
        return tuple(page for catalog in self.catalogs for page in catalog.seen())
