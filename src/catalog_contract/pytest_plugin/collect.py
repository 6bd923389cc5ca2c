"""The part of the plugin that collects: a rule for each test of the rulebook, and its cases from the contract."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from catalog_contract.model.verdict import NotJudged
from catalog_contract.pytest_plugin.state import CASE, STATE
from catalog_contract.rules.cases import CATALOGS, OTHER, SERVICE, WORDS, Case, bound_word, cases_of
from catalog_contract.rules.judge import require_items
from catalog_contract.rules.rule import MARK, RuleError
from catalog_contract.rules.rulebook import checked
from catalog_contract.rules.selection import keywords, why_not
from catalog_contract.util.paths import RULEBOOK

NO_CASE = "the contract gives it no case"
DECLARED = frozenset({"oracle", "known_ids", "baseline"})
"""The words whose values are too long to be shown."""


@dataclass(frozen=True)
class Argument:
    """A value among the parameters of a test; shown, and known to Allure, by its label alone."""

    label: str
    value: object

    def __repr__(self) -> str:
        return self.label


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
    why = why_not(rule, state.contract, live=state.settings.live) or ("" if cases_of(rule, state.contract) else NO_CASE)
    if why:
        state.not_promised[rule.name] = why
        return []
    return None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a rule its cases."""
    if not hasattr(metafunc.function, MARK):
        return
    rule = checked(metafunc.function)
    cases = cases_of(rule, metafunc.config.stash[STATE].contract)
    words = [word for word in rule.arguments if word != SERVICE]
    if not words:
        return
    rows = [[_argument(case, word) for word in words] for case in cases]
    metafunc.parametrize(words, rows, ids=[case.id for case in cases], indirect=True)


def _argument(case: Case, word: str) -> Argument:
    value = case.arguments[word]
    return Argument("as declared" if word in DECLARED else str(value), value)


def _catalog_fixture(word: str) -> Any:
    @pytest.fixture(name=word)
    def catalog(request: pytest.FixtureRequest) -> object:
        return bound_word(word, request.param.value, request.config.stash[STATE].opened().service)

    return catalog


def _value_fixture(word: str) -> Any:
    @pytest.fixture(name=word)
    def value(request: pytest.FixtureRequest) -> object:
        return request.param.value

    return value


@pytest.fixture
def service(request: pytest.FixtureRequest) -> object:
    """All collections of the contract."""
    return request.config.stash[STATE].opened().service


globals().update({f"_{word}": _catalog_fixture(word) for word in (*CATALOGS, OTHER)})
globals().update({f"_{word}": _value_fixture(word) for word in WORDS if word != OTHER})


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note the rule and case of an item, and let `-k` find the words of its id."""
    function = getattr(item, "function", None)
    if function is None or not hasattr(function, MARK):
        return
    state = item.config.stash[STATE]
    rule = checked(function)
    callspec = getattr(item, "callspec", None)
    id_ = callspec.id if callspec else state.contract.name
    case = next(case for case in cases_of(rule, state.contract) if case.id == id_)
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


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A rule that found nothing wrong must have compared something."""
    result = yield
    if CASE in pyfuncitem.stash:
        require_items(pyfuncitem.stash[CASE][0], pyfuncitem.funcargs)
    return result


def _reported(traceback: Callable[..., Any], error: pytest.ExceptionInfo[BaseException]) -> Any:
    """What a rule found, in its own words: a traceback is not shown, and building it takes longer than most rules."""
    return str(error.value) if isinstance(error.value, AssertionError | NotJudged) else traceback(error)
