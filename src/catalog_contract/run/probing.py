"""Probing: a live run asks by itself what decides between causes that predict the same so far."""

from collections.abc import Sequence

from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.run.observed import Observed, merged
from catalog_contract.run.session import Session
from catalog_contract.run.settings import Settings


def probed(session: Session, settings: Settings, judgements: Sequence[Judgement], observed: Observed) -> Observed:
    """What was observed, with the answers to the requests that decide between the causes that are left.

    At most that many as `--probes` allows, and none beyond the limit of requests; none of a recording.
    """
    left = settings.most_probes
    budget = settings.most_requests or session.contract.transport.maximum_requests
    new = [judgement for judgement in judgements if not judgement.known]
    if not settings.live or all(judgement.verdict is Verdict.HOLDS for judgement in new):
        return observed
    from catalog_contract.diagnosis.causes import deciding_probes  # most runs hold, and need none of it

    while left > 0 and len(observed.requests) < budget:
        wanted = deciding_probes(session.contract, observed.pages, new)[: min(left, budget - len(observed.requests))]
        if not wanted:
            break
        pages = [session.service.catalog(each.collection).page(each.row, each.limit) for each in wanted]
        left -= len(pages)
        observed = merged([observed, session.observed()], session.contract)
        if any(page.unavailable for page in pages):
            break
    return observed
