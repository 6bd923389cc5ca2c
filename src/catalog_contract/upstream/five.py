"""Five requests that tell two explanations of a cut list apart: a short page, or an `offset` that is ignored."""

from dataclasses import dataclass
from enum import StrEnum

from catalog_contract.catalog.page import Page
from catalog_contract.diagnosis import names
from catalog_contract.model.wording import Words
from catalog_contract.upstream.asking import Upstream, moved, newcomers

FAR = 1_000_000
SHORT = names.SHORT_PAGE
IGNORED = names.UPSTREAM


class Effect(StrEnum):
    """What a parameter that should skip items does."""

    SKIPS = "skips"
    NONE = "has no effect"
    UNKNOWN = "cannot be determined"


@dataclass(frozen=True)
class Reply:
    """One of the five: its number, what was asked in words, and what came."""

    number: int
    asked: str
    page: Page


@dataclass(frozen=True)
class Five:
    """The five replies in order, and whether the list goes on behind the page of the same number."""

    replies: tuple[Reply, ...]
    step: int
    goes_on: tuple[bool, ...]

    def page(self, number: int) -> Page:
        """The page of the request with that number, counted from 1."""
        return self.replies[number - 1].page

    def effect(self, number: int) -> Effect:
        """What the position of a request did, beside the plain page."""
        first, other = self.page(1), self.page(number)
        if first.fault or other.fault or not first.count:
            return Effect.UNKNOWN
        if not other.count:
            return Effect.SKIPS
        if newcomers(first.ids, other.ids) is not None:
            return Effect.NONE
        return Effect.SKIPS if moved(first.ids, other.ids) and self._fits_the_link(number) else Effect.UNKNOWN

    def _fits_the_link(self, number: int) -> bool:
        """Whether the second page by its position is the second page by the link: in an order that changes with every
        request any page is another one."""
        by_link, other = self.page(4), self.page(number)
        return number not in (2, 3) or by_link.fault != "" or not by_link.count or bool({*by_link.ids} & {*other.ids})

    @property
    def newcomers(self) -> int:
        """How many items entered the first page while it was asked for."""
        pages = [self.page(number) for number in (2, 3, 5) if self.effect(number) is Effect.NONE]
        return max((newcomers(self.page(1).ids, page.ids) or 0 for page in pages), default=0)

    @property
    def short(self) -> tuple[Reply, ...]:
        """The pages that are not full although the list goes on behind them."""
        inside = [reply for reply, more in zip(self.replies, self.goes_on, strict=True) if more]
        return tuple(reply for reply in inside if reply.page.count < self.step)


def ask_five(upstream: Upstream, step: int) -> Five:
    """Ask: plain, by `offset`, by `skip`, by the link of the first, and far behind the end."""
    limit = f"{upstream.contract.parameters.limit}={step}"
    plain = upstream.page(step)
    by_offset = upstream.page(step, ("offset", str(step)))
    by_skip = upstream.page(step, ("skip", str(step)))
    onward = upstream.follows(plain)
    by_link = upstream.read(onward, None, step) if onward else upstream.unread("(1) names no page after it")
    far = upstream.page(step, ("offset", str(FAR)))
    pages = (
        (limit, plain),
        (f"{limit}&offset={step}", by_offset),
        (f"{limit}&skip={step}", by_skip),
        ("the link of (1)", by_link),
        (f"{limit}&offset={FAR}", far),
    )
    replies = tuple(Reply(number, asked, page) for number, (asked, page) in enumerate(pages, 1))
    behind = upstream.follows(by_link) is not None
    goes_on = (onward is not None, behind, False, behind, False)
    return Five(replies, step, tuple(not reply.page.fault and on for reply, on in zip(replies, goes_on, strict=True)))


@dataclass(frozen=True)
class Conclusion:
    """What the five show. `hypothesis` is the name of the cause that fits, empty where neither is seen; `offset` what
    that parameter does; `text` says it in sentences, `fix` what a crawl has to do."""

    hypothesis: str
    offset: Effect
    text: str
    fix: str = ""


def concluded(five: Five, words: Words) -> Conclusion:
    """Which of the two explanations holds, in the words of the contract."""
    items = words.several_items
    offset, far = five.effect(2), five.effect(5)
    if offset is Effect.UNKNOWN or (far is not Effect.UNKNOWN and far is not offset):
        return Conclusion("", Effect.UNKNOWN, f"Cannot be determined: {_why_not(five, offset, far)}.")
    if offset is Effect.NONE:
        return Conclusion(IGNORED, offset, _ignored(five, items, far), _follow_link(five, far))
    by_pages = "Go on until a page is empty, not until one is short; or follow the link until there is none."
    refuted = "so `offset` is honoured, and an upstream that ignores it is refuted"
    seen = f"(2) lists other {items} than (1), {refuted}."
    if not five.short:
        text = f"{seen} Left is `{SHORT}`; but none of these pages was short before the end."
        return Conclusion("", offset, text, by_pages)
    page = five.short[0]
    short = f"({page.number}) holds {words.items(page.page.count)}, not {five.step}, and more follow"
    cut = f"A crawl that stops at the first page that is not full ends there: `{SHORT}`."
    return Conclusion(SHORT, offset, f"{seen} {short}. {cut}", by_pages)


def _ignored(five: Five, items: str, far: Effect) -> str:
    where = "(2) and (5) list" if far is Effect.NONE else "(2) lists"
    same = f"{where} the {items} of (1) again, so `offset` is ignored: `{IGNORED}`."
    more = f"one that enters it during the crawl ({five.newcomers} did during these five)" if five.newcomers else ""
    more = more or "each that enters it during the crawl"
    left = f"With repeats dropped, a crawl by `offset` keeps the first page and {more}."
    skip = " `skip` is the parameter that skips here." if five.effect(3) is Effect.SKIPS else ""
    return f"{same} {left}{skip}"


def _follow_link(five: Five, far: Effect) -> str:
    never = " A crawl until an empty page would never end." if far is Effect.NONE else ""
    linked = "Follow the link of each page until there is none."
    return ("No link leads on: ask its makers." if five.page(4).fault else linked) + never


def _why_not(five: Five, offset: Effect, far: Effect) -> str:
    unread = next((reply for reply in five.replies if reply.page.fault and reply.number in (1, 2)), None)
    if unread:
        return f"({unread.number}) brought no list: {unread.page.fault}"
    if not five.page(1).count:
        return "the list is empty"
    if offset is Effect.UNKNOWN:
        return "(1), (2) and (4) are not pages of one list that stands still, or moves at its front only"
    return f"`offset={five.step}` {offset}, but `offset={FAR}` {far}"
