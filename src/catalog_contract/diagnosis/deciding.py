"""Deciding: the request on which causes that predict the same so far would answer differently."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog_contract.catalog.pagers import Asking, pager_of
from catalog_contract.diagnosis.hypotheses import Hypothesis
from catalog_contract.diagnosis.known import HOLE
from catalog_contract.diagnosis.world import CutShort, Failure, Fresh, Opening, Prediction, Seen, World
from catalog_contract.model.exchange import curl
from catalog_contract.model.observation import PageSeen
from catalog_contract.model.run import Step


@dataclass(frozen=True)
class Probe:
    """A request that decides: the page of a collection at a row, and its limit, and what each cause would answer."""

    collection: str
    row: int
    limit: int
    answers: tuple[tuple[str, str], ...]

    @property
    def tells(self) -> str:
        """What each cause would answer, in words."""
        return "; ".join(f"`{name}` answers {answer}" for name, answer in self.answers)


def deciding(world: World, collection: str, left: Sequence[Hypothesis]) -> Probe | None:
    """The request on which most of the causes that are left disagree; None where all that can be asked is alike."""
    asked = {(seen.row, seen.page.limit) for seen in world.seen}
    best: tuple[int, Probe] | None = None
    for row, limit in _windows(world):
        if (row, limit) in asked:
            continue
        seen = _unseen(world, collection, row, limit)
        predictions = [hypothesis.answer(world, seen) for hypothesis in left]
        if any(_unknown(prediction) for prediction in predictions):
            continue
        reported = [*zip([each.name for each in left], predictions, strict=True)]
        amount = len(set(predictions))
        if amount > 1 and (best is None or amount > best[0]):
            answers = [*reported, ("a service without a fault", world.healthy(seen))]
            best = amount, Probe(collection, row, limit, tuple((name, _words(answer)) for name, answer in answers))
    return best[1] if best else None


def step_of(world: World, probe: Probe) -> Step:
    """The probe as a line for a shell, and what it tells."""
    contract = world.contract
    asking = Asking(contract, probe.collection if contract.parameters.collection else None)
    request = pager_of(asking).at(probe.row, probe.limit)
    assert request is not None
    url = contract.base_url.rstrip("/") + request.target
    return Step(curl(url, (*request.fixed, *request.headers), request.body), probe.tells)


def _windows(world: World) -> Iterator[tuple[int, int]]:
    """The windows that may be asked for, the cheapest first."""
    paging, size = world.contract.paging, world.size
    if not paging.by_position or not world.contract.parameters.limit:
        return
    limits = [limit for limit in (1, 2, 3, 10, paging.page_size) if limit <= (paging.maximum_limit or limit)]
    for limit in limits:
        rows = (0, 1, 2, 3, 5, limit, 2 * limit, size // 2, size - limit, size - 1, size, size + limit)
        yield from ((row, limit) for row in rows if row >= 0 and (paging.random_access or row % limit == 0))


def _unseen(world: World, collection: str, row: int, limit: int) -> Seen:
    page = PageSeen(collection, "", row, limit, None, ())
    return Seen(row, world.contract.paging.most(limit), (), False, page)


def _unknown(prediction: Prediction) -> bool:
    return prediction is None or isinstance(prediction, Opening | CutShort | Fresh)


def _words(prediction: Prediction) -> str:
    if isinstance(prediction, Failure):
        return "an error"
    if prediction is None or isinstance(prediction, Opening | CutShort | Fresh):
        return "what is not known"
    ids = sorted(map(str, prediction)) if isinstance(prediction, frozenset) else prediction
    if not ids:
        return "nothing"
    first = "" if str(ids[0]).startswith(HOLE) else f", the first {ids[0]}"
    return f"{len(ids):,} item{'s' * (len(ids) != 1)}{first}"
