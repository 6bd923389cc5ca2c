"""Causes that a broken promise shows by itself: what it promises is what is at fault.

They follow from the broken rule, never from its words, and only where no other cause was found: a page that holds
the wrong items breaks many promises that are not its cause.
"""

from collections.abc import Iterator

from catalog_contract.diagnosis import names
from catalog_contract.diagnosis.listing import COUNTER_RULES
from catalog_contract.diagnosis.view import View, line
from catalog_contract.model.run import Cause, Step
from catalog_contract.model.verdict import Judgement

BY_RULE: dict[str, tuple[str, str, str]] = {
    "a_garbled_cursor_is_refused": (
        names.GARBLED,
        "A cursor that was never given is not refused: a client with a broken cursor reads on and notices nothing.",
        "Check a cursor before it is used, and answer 4xx with a reason.",
    ),
    "previous_leads_back_to_the_page_before": (
        names.PREVIOUS,
        "What leads back does not lead to the page before.",
        "Follow `previous` from the third page: the second one must come.",
    ),
    "the_page_before_the_first_is_as_declared": (
        names.PAGE_ZERO,
        "The page before the first is answered otherwise than declared.",
        "Check the number of a page before it is used, or declare what is done.",
    ),
    "a_field_has_one_type_in_every_response": (
        names.FIELD_TYPE,
        "A value of the envelope changes its type from response to response.",
        "Send one type in every response; typed clients fail on the other.",
    ),
}
"""The rules that are causes by themselves: the name, what a client sees, what to do."""


def promised_causes(view: View) -> Iterator[Cause]:
    """A cause for each broken rule that is one by itself."""
    every = {judgement.rule for judgement in view.broken}
    if not every <= BY_RULE.keys() | COUNTER_RULES:
        return
    for rule, (name, message, step) in BY_RULE.items():
        broken = [judgement for judgement in view.broken if judgement.rule == rule]
        if broken:
            facts = line(_finding(broken[0]), f"{len(broken)} case{'s' * (len(broken) != 1)}")
            yield Cause(name, message, facts, step, steps=(Step(broken[0].curl),) if broken[0].curl else ())


def _finding(judgement: Judgement) -> str:
    return judgement.message.partition("\n")[0]
