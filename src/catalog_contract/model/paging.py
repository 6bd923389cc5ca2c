"""Paging: how an API pages, and which windows of its list are asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from catalog_contract.model.style import STYLES


@dataclass(frozen=True)
class Window:
    """A window to read: `offset` rows are skipped and at most `limit` answered; None asks without a limit.

    Where `before_end` is set the offset is counted back from the end of the collection as observed: 0 is the
    first offset past the end, 1 the last row.
    """

    limit: int | None = None
    offset: int | None = None
    before_end: int | None = None

    def __str__(self) -> str:
        where = f"offset={self.offset}" if self.before_end is None else f"before_end={self.before_end}"
        return f"{where}-limit={self.limit}" if self.limit else f"{where}-without-limit"

    __repr__ = __str__


@dataclass(frozen=True)
class Paging:
    """How the API pages, and which pages are asked for.

    `default_limit` is the page size without `limit`: a number, or "all"; None where none is documented. `bulk_limit`
    reads everything in as few requests as the API allows. `above_maximum` says what happens to a limit over
    `maximum_limit`: "refused", "clamped" (with an honest echo), or "served" (there is no maximum); `limit_zero` what a
    limit of 0 does: "refused", "count" (no items, only the total), "all" or "default". Both are None where nothing is
    documented. `starts_at` is the number of the first row or page. A page before the end may hold fewer items than
    its limit where `full_pages` is False. `past_the_end` a page is "empty", "refused" (with a status) or the "last".
    `deepest` is the largest offset and limit together that is served.
    """

    style: str
    page_size: int = 100
    bulk_limit: int = 100
    default_limit: int | str | None = None
    other_page_size: int = 97
    above_maximum: str | None = None
    maximum_limit: int | None = None
    offsets: tuple[int, ...] = ()
    first_ids_differ_at: tuple[int, ...] = ()
    limits: tuple[int, ...] = ()
    windows: tuple[Window, ...] = ()
    far_offset: int = 1_000_000
    huge_offset: int = 1 << 64
    starts_at: int = 0
    full_pages: bool = True
    past_the_end: str = "empty"
    deepest: int | None = None
    limit_zero: str | None = None
    churn: int = 50

    @property
    def random_access(self) -> bool:
        """Whether any row can be asked for directly."""
        return STYLES[self.style].random_access

    @property
    def by_position(self) -> bool:
        """Whether at least the first row of every page can be asked for directly."""
        return STYLES[self.style].by_page

    @property
    def numbered(self) -> bool:
        """Whether pages are asked for by their number."""
        return self.by_position and not self.random_access

    @property
    def at_once(self) -> bool:
        """Whether one response holds the whole list."""
        return not (self.by_position or self.leads_by)

    @property
    def ends_empty(self) -> bool:
        """Whether a page past the end is promised to be empty."""
        return self.by_position and self.past_the_end == "empty"

    @property
    def ends_refused(self) -> bool:
        """Whether a page past the end is promised to be refused."""
        return self.by_position and self.past_the_end == "refused"

    @property
    def ends_with_last(self) -> bool:
        """Whether a page past the end is promised to be the last one again."""
        return self.by_position and self.past_the_end == "last"

    def can_ask(self, window: "Window") -> bool:
        """Whether a window can be asked for directly: where it begins, and not deeper than is served."""
        if window.before_end is not None:
            return self.random_access and self.deepest is None
        if self.deepest is not None and (window.offset or 0) + (self.most(window.limit) or 0) > self.deepest:
            return False
        size = self.most(window.limit)
        on_a_page = bool(size) and (window.offset or 0) % (size or 1) == 0
        return self.random_access or (self.by_position and on_a_page) or not window.offset

    def most(self, limit: int | None) -> int | None:
        """How many rows an answer to that limit may hold, the default applied; None where there is no bound."""
        return limit if limit is not None or not isinstance(self.default_limit, int) else self.default_limit

    @property
    def answers_all(self) -> bool:
        """Whether everything is answered where no limit is asked for."""
        return not STYLES[self.style].leads_by or self.default_limit == "all"

    @property
    def leads_by(self) -> str:
        """Whether a page is asked for by a "value" of the page before it or by a "link"; empty where nothing leads."""
        return STYLES[self.style].leads_by

    @property
    def probes(self) -> tuple[Window, ...]:
        """The windows that show most, of those whose kind the contract declares none of: across a page boundary, one
        item, limit 1 at the start, an exactly full last page, the last item, the second page without a limit."""
        size, across = self.page_size, self.page_size // 2 + 1
        declared = (*self.windows, *(Window(limit, limit) for limit in self.limits))
        kinds: tuple[tuple[Window, Callable[[Window], bool]], ...] = (
            (Window(size, across), lambda w: bool(w.offset and w.limit and w.offset % w.limit)),
            (Window(1, size + 1), lambda w: w.limit == 1 and bool(w.offset)),
            (Window(1, 0), lambda w: w.limit == 1 and w.offset == 0),
            (Window(size, before_end=size), lambda w: w.before_end is not None and w.before_end == w.limit),
            (Window(size, before_end=1), lambda w: w.before_end == 1),
            (Window(None, self.most(None) or across), lambda w: w.limit is None and w.offset != 0),
        )
        promised = (kind for kind in kinds if kind[0].limit or self.default_limit)
        return tuple(window for window, is_of_kind in promised if not any(map(is_of_kind, declared)))

    @cached_property
    def every_window(self) -> tuple[Window, ...]:
        """Every window beside the walks that can be asked for, each once: the second page of each limit, so that the
        offset takes part too, those declared, the probes, and the declared offsets that the walk does not meet."""
        by_limit = (Window(limit, limit) for limit in self.limits)
        off_the_walk = (Window(self.page_size, offset) for offset in self.offsets if offset % self.page_size)
        every = dict.fromkeys((*by_limit, *self.windows, *self.probes, *off_the_walk))
        return tuple(window for window in every if self.can_ask(window))
