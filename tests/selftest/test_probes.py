"""Probes: a live run asks what decides between causes that predict the same, and no more than it may."""

from dataclasses import replace

import pytest

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.causes import deciding_probes, diagnose
from catalog_contract.model.contract import Transport
from catalog_contract.rules.judge import judge
from catalog_contract.run.probing import probed
from catalog_contract.run.session import Session
from catalog_contract.run.settings import MAX_PROBES, Settings, SettingsError, probes
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.shared import CachingSource
from fixtures.gateway import gallery
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve

FAST = Transport(requests_per_second=100_000, maximum_requests=1000, connect_seconds=60)
WALKED = "the_walk_equals_the_bulk_read"
LIVE = Settings(base_url="http://127.0.0.1:1")


def judged(url: str, most: int = 1000) -> tuple[Session, list]:
    """A session that has read a walk and the bulk read, too little to tell the causes apart; and what a run that reads
    more says of both."""
    contract = replace(gallery.contract_of("2025"), transport=replace(FAST, maximum_requests=most))
    session, other = (
        Session(contract, CachingSource(LiveSource(url, FAST)), "live", "", base_url=url) for _ in range(2)
    )
    asked = [(rule, case) for rule, case in gallery.asked("2025") if rule.name == WALKED]
    judgements = [judge(rule, case, other.service) for rule, case in asked if case.collection == "huggingface"]
    other.close()
    session.service.catalog("huggingface").walk()
    session.service.catalog("huggingface").bulk()
    return session, judgements


@pytest.mark.parametrize(
    ("fault", "cause"),
    [("offset-read-as-page-number", names.OFFSET_IN_PAGES), ("limit-read-as-end", names.LIMIT_IS_END)],
)
def test_a_probe_leaves_one_cause(fault: str, cause: str) -> None:
    with serve(reference_gateway("2025", fault)) as (url, _):
        session, judgements = judged(url)
        before = session.observed()
        found = diagnose(replace(session.contract, base_url=url), before.pages, judgements)
        assert {each.name for each in found} == {names.OFFSET_IN_PAGES, names.LIMIT_IS_END}
        assert found[0].alternatives == (found[1].name,)
        (step,) = found[0].steps
        assert step.command.startswith("curl -sS ")
        assert url in step.command
        assert all(each.name in step.tells for each in found)
        after = probed(session, LIVE, judgements, before)
        session.close()
    assert len(after.requests) == len(before.requests) + 1
    assert [each.name for each in diagnose(session.contract, after.pages, judgements)] == [cause]
    assert deciding_probes(session.contract, after.pages, judgements) == ()


@pytest.mark.parametrize("settings", [replace(LIVE, probes=0), Settings(cassette="healthy")])
def test_none_is_asked_where_none_may_be(settings: Settings) -> None:
    with serve(reference_gateway("2025", "limit-read-as-end")) as (url, _):
        session, judgements = judged(url)
        before = session.observed()
        assert probed(session, settings, judgements, before) is before
        session.close()


def test_none_is_asked_beyond_the_limit_of_requests() -> None:
    with serve(reference_gateway("2025", "limit-read-as-end")) as (url, _):
        session, judgements = judged(url, most=1)
        before = session.observed()
        assert probed(session, LIVE, judgements, before) is before
        session.close()


@pytest.mark.parametrize("text", ["-1", "x", "1.5", str(MAX_PROBES + 1), ""])
def test_a_number_of_probes_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="--probes must be a whole number"):
        probes(text)
