"""Another deployment of the same service, to compare with: which one may be given, and what is to be reported of it."""

from collections.abc import Iterator, Sequence

from catalog_contract.model.contract import Contract
from catalog_contract.util.text import counted


def notes(contract: Contract, compared: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What is lost, new and renamed beside the other deployment, a line for each collection that differs."""
    for name, found in compared:
        if found:
            yield f"{name}: compared with {contract.against} {found}"
    if compared and not any(found for _, found in compared):
        where = f" in {counted(len(compared), 'collection')}"
        yield f"compared with {contract.against} no {contract.words.item} is lost and none is new{where}"
