"""The sample of a list: how many requests are left for pages, once the probes of the contract are counted."""

from collections import Counter
from dataclasses import replace

from catalog_contract.model.contract import FULL, Contract
from catalog_contract.model.sample import Sample
from catalog_contract.rules.planning import plan
from catalog_contract.rules.selection import every_case
from catalog_contract.rules.shards import collection_of


def sampled(contract: Contract, requests: int, seed: int) -> Contract:
    """The contract with a sample of at most that many requests for each collection.

    Raises ValueError where the probes of a collection alone take as many; the message says how many are needed.
    """
    served = [collection for collection in contract.collections if not collection.retired]
    probing = replace(contract, sample={collection.name: Sample(0, 0, seed) for collection in served})
    asked = plan(probing, every_case(contract, live=True))
    probes = Counter(collection_of(contract, request).name for request in asked)
    for collection in served:
        pages = (collection.expected_total or requests * contract.paging.bulk_limit) // contract.paging.bulk_limit
        if collection.depth == FULL and pages + probes[collection.name] > requests <= probes[collection.name]:
            least = probes[collection.name] + 1
            raise ValueError(f"the contract asks {least - 1} requests of {collection.name} beside its pages, {least}")
    samples = {c.name: Sample(requests, probes[c.name], seed) for c in served}
    return replace(contract, sample=samples)
