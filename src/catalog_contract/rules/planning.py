"""The plan: the requests a run will make, found by asking the rules of a service that keeps every promise."""

import contextlib
import gc
from collections.abc import Iterable
from dataclasses import replace

from catalog_contract.catalog.service import Service
from catalog_contract.model.contract import Contract
from catalog_contract.model.exchange import RECENT, Request
from catalog_contract.model.verdict import NotJudged
from catalog_contract.rules.cases import Case, bind
from catalog_contract.rules.ideal import IdealSource
from catalog_contract.rules.rule import Rule

LONG = 200
"""How many requests make a plan whose made-up pages are worth looking for once they are of no more use."""


def plan(contract: Contract, asked: Iterable[tuple[Rule, Case]]) -> tuple[Request, ...]:
    """The requests that these cases make of a service that keeps every promise, in order, each once.

    Offsets that count from the end and ids of detail pages stand as the contract expects them; a service that
    breaks a promise or grows during the run is asked more.
    """
    return plans(contract, asked)[0]


def plans(contract: Contract, asked: Iterable[tuple[Rule, Case]]) -> tuple[tuple[Request, ...], tuple[Request, ...]]:
    """The requests of the service that is judged, as `plan` gives them, and those of the other deployment."""
    here, there = IdealSource(contract), IdealSource(contract)
    _ask(here, contract, asked, there)
    planned = here.requests, there.requests
    if len(planned[0]) > LONG:  # or a long list would lie there through the whole run
        del here, there
        RECENT.forget()
        gc.collect()  # pages and their reader hold each other
    return planned


def known_beforehand(contract: Contract, asked: Iterable[tuple[Rule, Case]]) -> tuple[Request, ...]:
    """The requests of the plan that depend on no answer, in order: neither on a size, nor on an id, nor on a time.

    They are those that two services are both asked which keep every promise and yet differ in all of that.
    """
    asked = list(asked)
    # That many more that no window counted from one end lies where another lies, counted from the other end.
    more = 1 + max((window.before_end or 0 for window in contract.paging.windows), default=0)
    source = IdealSource(contract, more)
    _ask(source, contract, asked, IdealSource(contract, more))
    other = {request.key for request in source.requests}
    return tuple(r for r in plan(contract, asked) if r.key in other and r.reading == 1)


def _ask(here: IdealSource, contract: Contract, asked: Iterable[tuple[Rule, Case]], there: IdealSource) -> None:
    # The items are made up: to say of thousands in what they are not as their schema would take seconds.
    bare = tuple(replace(collection, item_schema=None) for collection in contract.collections)
    service = Service(replace(contract, item_schema={}, collections=bare), here, there)
    for rule, case in asked:
        with contextlib.suppress(AssertionError, NotJudged):
            rule.function(**bind(rule, case, service))
