"""The part of the plugin that collects: a rule for each test of the rulebook, and its cases from the contract."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from catalog_contract.model.verdict import NotJudged
from catalog_contract.pytest_plugin.state import CASE, STATE
from catalog_contract.rules.cases import bind
from catalog_contract.rules.judge import require_items
from catalog_contract.rules.rule import MARK, RuleError
from catalog_contract.rules.rulebook import checked
from catalog_contract.rules.selection import keywords, why_not
from catalog_contract.util.paths import RULEBOOK

NO_CASE = "the contract gives it no case"


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> list[pytest.Item] | None:
    """A test of the rulebook must be a rule; one that the contract does not promise is not collected."""
    if not name.startswith("test_") or not callable(obj):
        return None
    if not hasattr(obj, MARK) and collector.path.parent.resolve() != RULEBOOK:
        return None
    try:
        rule = checked(obj)
    except RuleError as error:
        raise pytest.Collector.CollectError(str(error)) from None
    state = collector.config.stash[STATE]
    why = why_not(rule, state.contract, live=state.settings.live) or ("" if state.cases_of(rule) else NO_CASE)
    if why:
        state.not_promised[rule.name] = why
        return []
    return None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a rule its cases: their ids alone, as their arguments are bound when they are judged."""
    if not hasattr(metafunc.function, MARK):
        return
    cases = metafunc.config.stash[STATE].cases_of(checked(metafunc.function))
    if any(case.arguments for case in cases.values()):
        metafunc.parametrize((), [()] * len(cases), ids=list(cases))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note the rule and case of an item, and let `-k` find the words of its id."""
    function = getattr(item, "function", None)
    if function is None or not hasattr(function, MARK):
        return
    state = item.config.stash[STATE]
    rule = checked(function)
    callspec = getattr(item, "callspec", None)
    id_ = callspec.id if callspec else state.contract.name
    case = state.cases_of(rule)[id_]
    item.stash[CASE] = (rule, case)
    item.extra_keyword_matches.update(keywords(rule.name, case.id))
    item.add_marker(pytest.mark.rule)
    # A warning of some library is not a finding, whatever the project at hand makes of warnings.
    item.add_marker(pytest.mark.filterwarnings("default"))
    item.repr_failure = partial(_reported, item.repr_failure)  # type: ignore[method-assign]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What times the first full read goes before what would fill the caches for it."""
    items.sort(key=lambda item: CASE not in item.stash or not item.stash[CASE][0].first)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Judge a case. A rule that found nothing wrong must have compared something."""
    if CASE not in pyfuncitem.stash:
        return None
    rule, case = pyfuncitem.stash[CASE]
    bound = bind(rule, case, pyfuncitem.config.stash[STATE].opened().service)
    rule.function(**bound)
    require_items(rule, bound)
    return True


def _reported(traceback: Callable[..., Any], error: pytest.ExceptionInfo[BaseException]) -> Any:
    """What a rule found, in its own words: a traceback is not shown, and building it takes longer than most rules."""
    return str(error.value) if isinstance(error.value, AssertionError | NotJudged) else traceback(error)
