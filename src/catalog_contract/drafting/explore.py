"""Asking: a few polite requests, each chosen by what the answers before it have shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from catalog_contract.drafting import limits
from catalog_contract.drafting.effects import (
    GROUPS,
    Effect,
    Named,
    effect_of,
    proof_values,
    proved,
    suspects,
    values_for,
)
from catalog_contract.drafting.hints import Hints, echoed
from catalog_contract.drafting.items import first_shape
from catalog_contract.drafting.limits import Ceiling
from catalog_contract.drafting.onward import Onward, cursor_names, last_id, onward, scalars, tokens
from catalog_contract.drafting.probe import Probe, Shape
from catalog_contract.model.exchange import Request
from catalog_contract.model.place import Id, Place
from catalog_contract.transport.base import Source

MAX_REQUESTS = 15
"""How many requests a draft may take, retries and redirects not counted: the transport has its own cap."""

MAX_CURSOR_NAMES = 4
KEPT = 4
"""How many requests the search of the maximum leaves for the end of the list."""

FAR = 1_000_000

Ask = Callable[[dict[str, str]], Probe | None]
"""One more answer to these parameters; None where no request is left."""


@dataclass(frozen=True)
class Target:
    """The list to ask: its path, and the parameters and headers that every request carries.

    `left_out` are the parameters of the URL given that page: no request carries them.
    """

    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass
class Explored:
    """What was found out, and the answers that show it.

    `place` is where the next cursor stands, `cursor` the parameter that carries it; `bad` are queries that were
    refused with a reason: a name, the parameter's word, and the value. `count` is how many items there are in all, and
    `leads_at_end` whether a page that is full and the last leads on; None where no answer shows it. `rows` says where
    the answers of a walk stand in the list. `stated` is the total that the answers gave before the end was looked for,
    with its place; `otherwise` is what came in place of the last of that many items, `unseen` why the end was not seen.
    """

    target: Target
    first: Probe
    shape: Shape
    probes: list[Probe]
    named: Named = field(default_factory=Named)
    lead: Onward | None = None
    cursor: str | None = None
    place: Place | None = None
    default: int | None = None
    ceiling: Ceiling = field(default_factory=Ceiling)
    past: str | None = None
    bad: list[tuple[str, str, str]] = field(default_factory=list)
    bad_cursor: str | None = None
    count: int | None = None
    leads_at_end: bool | None = None
    rows: list[tuple[Probe, int]] = field(default_factory=list)
    stated: tuple[Place, int] | None = None
    otherwise: str = ""
    unseen: str = "no answer showed the end"

    @property
    def first_ids(self) -> tuple[Id, ...]:
        """The ids of the first page."""
        return self.shape.ids(self.first) or ()

    @property
    def size(self) -> int:
        """How many items the first page holds."""
        return len(self.first_ids)


class Explorer:
    """Asks one list, at most `most` times, and keeps every answer. `left` is how many requests are left."""

    def __init__(self, source: Source, target: Target, hints: Hints | None = None, most: int = MAX_REQUESTS) -> None:
        self._source = source
        self._target = target
        self._hints = hints or Hints()
        self.left = most
        self._probes: list[Probe] = []

    def explore(self) -> Explored:
        """Find out what the list shows of itself. Raises DraftError where it is not a list, or goes on unseen ways."""
        first = self.ask({})
        assert first is not None
        self._target = redirected(self._target, first)
        found = Explored(self._target, first, first_shape(first), self._probes)
        found.lead = onward(first, found.shape)
        self._find_parameters(found)
        # Some services lead on only where a limit or a page was asked for.
        found.lead = found.lead or next(filter(None, (self._lead(found, probe) for probe in self._probes)), None)
        if not found.named.position and not (found.lead and found.lead.kind == "link"):
            self._find_cursor(found)
        self._find_default(found)
        self._find_past(found)
        self._find_ceiling(found)
        return found

    def _lead(self, found: Explored, probe: Probe) -> Onward | None:
        return None if found.shape.ids(probe) is None else onward(probe, found.shape)

    def ask(self, asked: dict[str, str]) -> Probe | None:
        """One more answer; None where no request is left."""
        known = next((probe for probe in self._probes if probe.asked == asked), None)
        if known or not self.left:
            return known
        self.left -= 1
        request = Request(self._target.path, (*self._target.query, *asked.items()), fixed=self._target.headers)
        probe = Probe(self._source.fetch(request), asked)
        self._probes.append(probe)
        return probe

    # -- the names of the parameters -----------------------------------------------------------------------------

    def _find_parameters(self, found: Explored) -> None:
        """The limit and the position: first those that the answer hints at, then groups of usual names."""
        hints = self._hints.joined(echoed(found.first, found.shape, found.lead))
        by_link = found.lead is not None and found.lead.kind in ("link", "token") and not hints.positions
        groups = [(hints.limits, hints.positions), *GROUPS]
        refused = False
        for names, positions in groups:
            asked_limits = () if found.named.limit else names
            asked_positions = () if found.named.position or by_link else positions
            if not (asked_limits or asked_positions) or (by_link and found.named.limit):
                continue
            refused = self._try_group(found, asked_limits, asked_positions)
            if (found.named.limit and (found.named.position or by_link)) or (refused and self.left < 8):
                break
            if found.named.limit and self._goes_by_cursor(found):
                break
        if refused and not found.named.limit:
            self._try_singly(found, by_link)

    def _goes_by_cursor(self, found: Explored) -> bool:
        """Whether the first answer has a sign of more and no total: then cursors are tried before rarer names."""
        data = found.first.exchange.data
        more = any(value is True and "more" in path.lower() for path, value in scalars(data, found.shape.items))
        return more and found.lead is None and not any("total" in path for path, _ in scalars(data, found.shape.items))

    def _try_group(self, found: Explored, names: Sequence[str], positions: Sequence[str]) -> bool:
        """Ask candidates together and prove what explains the effect; whether the service refused them."""
        asked = values_for(names, positions, found.size)
        if found.named.limit and positions:
            asked[found.named.limit] = str(max(1, min(3, (found.size - 1) // 2)))
        probe = self.ask(asked)
        if probe is None:
            return False
        effect = effect_of(probe, found.shape, found.first_ids)
        if effect.refused:
            return True
        if effect.moved or effect.shorter:
            guesses = suspects(asked, effect, found.named)
            named = list(dict.fromkeys(guess.limit for guess in guesses if guess.limit))
            if len(named) > 2:
                likely = self._narrowed(found, named, asked)
                guesses = [guess for guess in guesses if guess.limit in likely]
            self._prove(found, guesses[:4])
        return False

    def _narrowed(self, found: Explored, names: list[str], values: Mapping[str, str]) -> list[str]:
        """Of candidates that each explain how long a page is, those that do: by halves."""
        while len(names) > 2:
            half = names[: len(names) // 2]
            probe = self.ask({name: values[name] for name in half})
            if probe is None:
                break
            names = half if effect_of(probe, found.shape, found.first_ids).shorter else names[len(half) :]
        return names

    def _prove(self, found: Explored, guesses: Sequence[Named]) -> None:
        """Ask each guess by itself until one holds."""
        for guess in guesses:
            if guess in (found.named, Named()):
                continue
            asked = proof_values(guess, found.size)
            probe = self.ask(asked)
            if probe is None:
                return
            shown = proved(guess, asked, effect_of(probe, found.shape, found.first_ids), found.size)
            if shown.starts_at == -1:
                shown = self._numbered(found, shown, asked)
            limit = shown.limit or found.named.limit
            found.named = replace(shown if shown.position else found.named, limit=limit)
            if shown.position == guess.position and shown.limit == guess.limit:
                return

    def _numbered(self, found: Explored, shown: Named, asked: dict[str, str]) -> Named:
        """Whether pages count from 0 or from 1: whether page 1 begins as the first page does."""
        assert shown.position is not None
        probe = self.ask({**asked, shown.position: "1"})
        effect = effect_of(probe, found.shape, found.first_ids) if probe else Effect(refused=True)
        if effect.refused:
            return Named(shown.limit)
        return replace(shown, starts_at=0 if effect.moved else 1)

    def _try_singly(self, found: Explored, by_link: bool) -> None:
        """For a service that refuses what it does not know: the commonest names one by one."""
        for name in ("limit", "page_size", "per_page", "size"):
            if not found.named.limit:
                self._prove(found, [Named(name)])
        for name in () if by_link else ("offset", "page", "skip", "start"):
            if not found.named.position and self.left > 4:
                self._prove(found, [Named(found.named.limit, name)])

    # -- cursors -------------------------------------------------------------------------------------------------

    def _find_cursor(self, found: Explored) -> None:
        """The parameter that carries the token of an answer, or the id of its last item."""
        limit = {found.named.limit: str(max(1, min(4, found.size - 1)))} if found.named.limit else {}
        base = self.ask(limit)
        if base is None:
            return
        lead = onward(base, found.shape)
        named = [lead] if lead and lead.kind == "token" else [] if lead else tokens(base, found.shape)
        if named:
            place, names = named[0].place, cursor_names(named[0])
        elif lead is None and found.size > 1:
            place, names = last_id(base, found.shape)
        else:
            return
        value = place.read(base.exchange)
        for name in list(dict.fromkeys((*self._hints.cursors, *names)))[:MAX_CURSOR_NAMES]:
            probe = self.ask({**limit, name: str(value)})
            if probe is not None and self._follows(found, base, probe):
                found.cursor, found.place = name, place
                return

    def _follows(self, found: Explored, base: Probe, probe: Probe) -> bool:
        """Whether a page comes after another: its items are others, and the next ones where those are known."""
        before, ids, known = found.shape.ids(base), found.shape.ids(probe), found.first_ids
        if not ids or not before or set(ids) & set(before):
            return False
        return len(known) <= len(before) or ids[0] == known[len(before)]

    # -- the limits ----------------------------------------------------------------------------------------------

    def _next_after(self, found: Explored, probe: Probe) -> bool | None:
        """Whether items follow a page that began at the first row; None where that cannot be determined."""
        if found.lead is not None or found.place is not None:
            lead = onward(probe, found.shape)
            if lead is not None or (found.lead is not None and found.lead.kind != "number"):
                return lead is not None
        if not found.named.position:
            return None
        here = found.shape.ids(probe) or ()
        if found.named.style == "page":
            after = self.ask({**probe.asked, found.named.position: str(found.named.starts_at + 1)})
        else:
            asked = {found.named.limit: "1"} if found.named.limit else {}
            after = self.ask({**asked, found.named.position: str(len(here) + found.named.starts_at)})
        ids = found.shape.ids(after) if after else None
        return None if ids is None else bool(ids) and not set(ids) & set(here)

    def _find_default(self, found: Explored) -> None:
        """The page size without a limit: what the first page held, if more follows it."""
        seen = self._seen_beyond(found, found.size)
        follows = True if seen else self._next_after(found, found.first)
        if follows is None and found.cursor:
            follows = bool(found.size > 1 and self._goes_by_cursor(found))
        found.default = found.size if follows else None

    def _seen_beyond(self, found: Explored, count: int) -> bool:
        """Whether an answer has already shown an item that is not among the first ones."""
        first = set(found.first_ids[:count])
        return any(set(found.shape.ids(probe) or ()) - first for probe in self._probes)

    def _find_ceiling(self, found: Explored) -> None:
        """The largest page, and what is done above it."""
        name = found.named.limit
        if not name:
            return
        for over in limits.OVER:
            if over <= found.size:
                continue
            probe = self.ask({name: str(over)})
            if probe is None:
                return
            if limits.is_refusal(probe.exchange):
                found.ceiling = self._refused_above(found, name, over, probe)
                return
            ids = found.shape.ids(probe)
            if ids is None or len(ids) >= over:
                served = "served" if ids else "not answered with a list"
                why = f"a limit of {over:,} was {served}; no larger one was asked"
                found.ceiling = Ceiling(over if ids else None, None, why)
                return
            more = self._seen_beyond_ids(found, ids) or self._next_after(found, probe)
            if more:
                found.ceiling = self._clamped(found, name, over, len(ids))
                return
        found.ceiling = Ceiling(why=f"a limit of {limits.OVER[-1]:,} was answered with all there is")

    def _seen_beyond_ids(self, found: Explored, ids: Sequence[Id]) -> bool:
        return any(set(found.shape.ids(probe) or ()) - set(ids) for probe in self._probes)

    def _clamped(self, found: Explored, name: str, over: int, count: int) -> Ceiling:
        """A larger limit is cut to the maximum; one that falls back to the default is not."""
        if count == found.default:
            probe = self.ask({name: str(count + 1)})
            ids = found.shape.ids(probe) if probe else None
            if ids is None or len(ids) != count:
                return Ceiling(why=f"a limit of {over:,} was answered with {count} items, as without a limit")
        return Ceiling(count, "clamped", f"seen: {over:,} asked, {count:,} items came and more follow")

    def _refused_above(self, found: Explored, name: str, over: int, refusal: Probe) -> Ceiling:
        """A maximum that is refused above: the one that the refusal names, or one of the usual ones."""
        for number in limits.numbers_named(refusal.exchange, over, found.default or 1)[:2]:
            if self._is_maximum(found, name, number):
                return Ceiling(number, "refused", f"seen: {number:,} is served, {number + 1:,} refused")
        served, refused = self._between(found, name, over)
        if served and self._is_maximum(found, name, served):
            return Ceiling(served, "refused", f"seen: {served:,} is served, {served + 1:,} refused")
        why = f"{refused:,} is refused" + (f", {served:,} served; the maximum lies between" if served else "")
        return Ceiling(served or found.default, None, why)

    def _is_maximum(self, found: Explored, name: str, number: int) -> bool:
        """Whether a limit is served and the next one refused."""
        at, above = self.ask({name: str(number)}), self.ask({name: str(number + 1)})
        if at is None or above is None:
            return False
        return found.shape.ids(at) is not None and limits.is_refusal(above.exchange)

    def _between(self, found: Explored, name: str, over: int) -> tuple[int | None, int]:
        """The largest usual limit that is served, and the least that is refused, by halving."""
        ladder = [number for number in limits.LADDER if number < over]
        low, high, served, refused = 0, len(ladder), None, over
        while low < high and self.left > KEPT:
            middle = (low + high) // 2
            probe = self.ask({name: str(ladder[middle])})
            if probe is not None and found.shape.ids(probe) is not None:
                served, high = ladder[middle], middle
            else:
                refused, low = ladder[middle], middle + 1
        return served, refused

    # -- ends and refusals ---------------------------------------------------------------------------------------

    def _find_past(self, found: Explored) -> None:
        """What a page past the end does."""
        name = found.named.position
        if not name:
            return
        size = {found.named.limit: str(min(10, max(1, found.size)))} if found.named.limit else {}
        far = self.ask({**size, name: str(FAR)})
        if far is None:
            return
        further = self.ask({**size, name: str(FAR + 1)}) if found.shape.ids(far) else None
        found.past = limits.past_end(far, further, found.shape)

    def find_refusals(self, found: Explored) -> None:
        """Whether a limit or a position that is not a number, and a cursor that was never given, is refused."""
        if found.cursor:
            probe = self.ask({found.cursor: "no-such-cursor"})
            if probe is not None and limits.is_refusal(probe.exchange):
                found.bad_cursor = "refused"
            elif probe is not None and limits.same_page(probe, found.first_ids, found.shape):
                found.bad_cursor = "ignored"
        for word, name in (("limit", found.named.limit), (found.named.style, found.named.position)):
            if not name:
                continue
            probe = self.ask({name: "abc"})
            if probe is not None and limits.reasoned(probe.exchange):
                found.bad.append((f"{word}=abc", name, "abc"))


def redirected(target: Target, first: Probe) -> Target:
    """The list where a redirect on its host leads to: its path is asked from then on."""
    path = urlsplit(first.exchange.url).path
    here = first.exchange.status == 200 and path and not first.exchange.url.endswith(first.exchange.request.target)
    return replace(target, path=path) if here else target
