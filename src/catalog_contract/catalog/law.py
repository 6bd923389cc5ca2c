"""The one law of a list: every response is the slice that it names of a state of the list.

There is a sequence of states that explains every response: each state is an ordered list of distinct items; from one
to the next items come or go and the rest keep their order; an item comes at most once, or goes at most once, in a run.

The check stands on whole reads. Items that all of them hold are **fixed**: they were there all the time. All others are
**optional**: a response may hold one or not, but never out of its place, and never so that it would have come or gone
twice. Leniency is on the side of the service: where two explanations are possible, none is excluded.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain, zip_longest

from catalog_contract.catalog.presence import Presence, between
from catalog_contract.model.witness import CameAndWent, Contradiction, Id, Kind, Sighting, TooMuchChurn


class Law:
    """The law, filled with what a run saw of one list.

    `reads` are the whole reads, each the responses it took, in order; the last of them must have ended after every
    other response had begun. `others` are all other responses. `churn` is how many items may come or go.
    """

    def __init__(self, reads: Sequence[Sequence[Sighting]], others: Iterable[Sighting], churn: int) -> None:
        self.churn = churn
        self._reads = reads
        self._states = [tuple(chain.from_iterable(chunk.ids for chunk in read)) for read in reads]
        self._lists = [tuple(dict.fromkeys(state)) for state in self._states]
        self._listed = set(chain.from_iterable(self._lists))
        self._still = {nth for nth in range(len(reads)) if self._stands(nth)}
        # What a torn read lacks proves nothing; the first one shows what was there before all else.
        common = set(self._lists[-1]).intersection(self._lists[0], *(self._lists[nth] for nth in self._still)) - {None}
        self._fixed: tuple[Id, ...] = tuple(id for id in self._lists[-1] if id in common)
        self._place = {id: place for place, id in enumerate(self._fixed)}
        self._optional: dict[Id, Presence] = {}
        self._seen = [*(chunk for read in reads for chunk in read), *others]
        self._opened = max(chunk.finished for chunk in reads[0])
        self._closed = min(chunk.started for chunk in reads[-1])
        self._find_places([self._lists[nth] for nth in sorted(self._still)])
        self._hidden = self._count_hidden()
        if self._optional:
            for sighting in self._seen:
                self._mark(sighting)

    def _count_hidden(self) -> float:
        """How many items may have been there at a place that is not known: listed by a torn read alone, or by
        nothing.

        Without bound where the last whole read was torn: what every whole read lists still stands in its order.
        """
        if not self.settled:
            return float("inf")
        known = self._place.keys() | self._optional.keys() | {None}
        lost = self._listed - known
        torn = 0 not in self._still
        return len(lost) + (max(0, self.churn - len(self._optional) - len(lost)) if torn else 0)

    @property
    def settled(self) -> bool:
        """Whether the last whole read was stable; it must be read once more where it was not."""
        return len(self._reads) - 1 in self._still

    def _stands(self, nth: int) -> bool:
        """Whether a whole read shows one state: one response, or read twice alike.

        What the first of two such reads lists in one place, the second does too: no item came there or went between.
        """
        if len(self._reads[nth]) == 1:
            return True
        if any(chunk.total not in (None, len(self._lists[nth])) for chunk in self._reads[nth]):
            return False  # an item was there that no part of it shows
        return any(at != nth and state == self._states[nth] for at, state in enumerate(self._states))

    def _find_places(self, standing: Iterable[Sequence[Id]]) -> None:
        """The place of every item that is not fixed: from whole reads that were stable, then from the responses of
        those that were torn, each by itself."""
        for listed in standing:
            if not self._placed(listed):
                self._learn(listed, at_start=True)
        left = [chunk for read in self._reads for chunk in read if not self._placed(chunk.ids)]
        while left:
            for sighting in left:
                certain = self._between(sighting)
                self._learn(sighting.ids if certain else self._bracketed(sighting), at_start=sighting.offset == 0)
            before, left = len(left), [sighting for sighting in left if not self._placed(sighting.ids)]
            if len(left) == before:
                break

    def _placed(self, ids: Sequence[Id]) -> bool:
        if all(map(self._place.__contains__, ids)):  # the usual response, at the speed of C
            return True
        return all(id is None or id in self._place or id in self._optional for id in ids)

    @cached_property
    def doubtful(self) -> bool:
        """Whether some items that no stable read lists may have come and gone, and moved what stands behind them."""
        listed = {id for nth in self._still for id in self._lists[nth]} or self._listed
        strangers = {id for one in self._seen for id in one.ids if id is not None and id not in listed}
        return 0 < len(strangers) <= self.churn

    @property
    def returned(self) -> Id:
        """An item that goes and comes back, or comes and goes again: no list that moves explains it. None if none."""
        return next((id for id, optional in self._optional.items() if not optional.legal), None)

    @property
    def seen_to_move(self) -> int:
        """How many items some response shows and another one lacks."""
        return len(self._optional)

    @property
    def unsteady(self) -> int:
        """How many items may not have been there all the time. The last whole read must have been stable."""
        return len(self._optional) + int(self._hidden)

    @cached_property
    def moved(self) -> int:
        """How many items came or went: one arrival or one departure explains what was seen of them."""
        return sum(optional.legal for optional in self._optional.values())

    def _learn(self, ids: Sequence[Id], *, at_start: bool) -> None:
        """Take note of the items that are not fixed, with their place beside those whose place is known."""
        gap: int | None = 0 if at_start else None
        before: list[Id] = []
        for id in ids:
            if id in self._place or id in self._optional:
                fixed = self._place.get(id)
                gap = fixed + 1 if fixed is not None else self._optional[id].gap
                self._add(before, gap - (fixed is not None))
                before = []
            elif id is not None and gap is not None:
                self._add([id], gap)
            elif id is not None:
                before.append(id)

    def _bracketed(self, sighting: Sighting) -> list[Id]:
        """The ids of a response to the first or last whole read, without those whose place it does not show.

        An item that came while the first one was read is fixed, and was not there yet: what stands before another
        item may belong before that one too. The place is certain between two items that leave no other in between.
        """
        shown: list[Id] = []
        pending: list[Id] = []
        after = 0 if sighting.offset == 0 else None
        for id in sighting.ids:
            if not self._placed([id]):
                pending.append(id)
                continue
            fixed = self._place.get(id)
            upto = fixed if fixed is not None else self._optional[id].gap if id is not None else None
            shown += pending if after is not None and after == upto else []
            shown.append(id)
            pending = []
            after = upto if fixed is None else fixed + 1
        return shown + (pending if sighting.ends and after == len(self._fixed) else [])

    def _add(self, ids: Iterable[Id], gap: int) -> None:
        for id in ids:
            self._optional[id] = Presence(gap)

    def _mark(self, sighting: Sighting) -> None:
        """Mark when each optional item was seen, and when a response shows that it was missing."""
        here, span = set(sighting.ids), (sighting.started, sighting.finished)
        low, high = self._inside(sighting)
        for id, optional in self._optional.items():
            if id in here:
                optional.present.append(span)
            elif low <= optional.gap <= high:
                optional.absent.append(span)

    def _inside(self, sighting: Sighting) -> tuple[int, int]:
        """The first and last gap that lie wholly inside a response: what is not listed there was missing."""
        first, last = self._first_place(sighting.ids), self._first_place(reversed(sighting.ids))
        ends = sighting.ends
        if first is None or last is None:
            return (0, len(self._fixed)) if sighting.offset == 0 and ends else (1, 0)
        return 0 if sighting.offset == 0 else first + 1, len(self._fixed) if ends else last

    def _first_place(self, ids: Iterable[Id]) -> int | None:
        """The place of the first of some items that is fixed; None where none is."""
        return next((self._place[id] for id in ids if id in self._place), None)

    def _one_by_one(self, sighting: Sighting) -> tuple[Id, ...]:
        """The ids of a response that must be looked at one by one: none where it is a part of the fixed list."""
        ids = sighting.ids
        first = self._place.get(ids[0]) if ids else None
        return () if first is not None and self._fixed[first : first + len(ids)] == ids else ids

    def contradictions(self) -> Iterator[Contradiction]:
        """The first contradiction of every response that has one, in the order of reading."""
        for sighting in sorted(self._seen, key=lambda sighting: sighting.started):
            if found := self.check(sighting):
                yield found

    def check(self, sighting: Sighting) -> Contradiction | None:
        """The first contradiction between one response and the law; None where the law explains it.

        Raises TooMuchChurn or CameAndWent where it cannot be judged.
        """
        found = self._alone(sighting)
        if found or not self.judges(sighting):
            return found
        found = self._foreign(sighting) or self._ordered(sighting)
        if found or not self._placed(sighting.ids):
            return self._first(found) if found else None
        if found := self._back(sighting):
            return found
        self._refuse_churn(sighting)
        found = self._contiguous(sighting) or self._begins(sighting) or self._stops(sighting) or self._counts(sighting)
        return self._first(found) if found else None

    def _first(self, found: Contradiction) -> Contradiction:
        """The contradiction at the first index that differs from the slice, where only one slice is possible."""
        sighting = found.sighting
        if self._optional or sighting.offset is None or found.kind not in (Kind.ORDER, Kind.LOST):
            return found
        slice_ = self._lists[-1][sighting.offset : sighting.offset + len(sighting.ids)]
        pairs = enumerate(zip_longest(slice_, sighting.ids))
        index, (expected, actual) = next((at, pair) for at, pair in pairs if pair[0] != pair[1])
        return replace(found, index=index, expected=expected, actual=actual)

    def judges(self, sighting: Sighting) -> bool:
        """Whether a response can be judged by more than itself: it came between the first and the last whole read, or
        is a part of one that was stable."""
        return self._between(sighting) or (sighting.started, sighting.finished, sighting.ids) in self._standing

    @cached_property
    def _standing(self) -> frozenset[tuple[float, float, tuple[Id, ...]]]:
        """When each part of a stable whole read was read, and what it lists."""
        stable = (chunk for nth in self._still for chunk in self._reads[nth])
        return frozenset((chunk.started, chunk.finished, chunk.ids) for chunk in stable)

    def _between(self, sighting: Sighting) -> bool:
        return sighting.started >= self._opened and sighting.finished <= self._closed

    def _alone(self, sighting: Sighting) -> Contradiction | None:
        """What one response contradicts by itself."""
        seen: set[Id] = set()
        for index, id in enumerate(self._one_by_one(sighting)):
            if id is None:
                return Contradiction(Kind.UNUSABLE, sighting, index)
            if id in seen:
                return Contradiction(Kind.REPEATED, sighting, index, actual=id)
            seen.add(id)
        if sighting.limit is not None and len(sighting.ids) > sighting.limit:
            return Contradiction(Kind.OVERFULL, sighting, sighting.limit, actual=sighting.ids[sighting.limit])
        return None

    def _foreign(self, sighting: Sighting) -> Contradiction | None:
        """No item is seen before and after a whole read that was stable without it. Raises CameAndWent for others."""
        strange = [id for id in sighting.ids if id not in self._listed and not self._placed((id,))]
        for id in strange:
            seen = [(one.started, one.finished) for one in self._seen if id in one.ids]
            reads = (self._reads[nth] for nth in sorted(self._still))
            missed = [(read[0].started, max(chunk.finished for chunk in read)) for read in reads]
            if between(missed, seen):
                index = sighting.ids.index(id)
                return Contradiction(Kind.FOREIGN, sighting, index, self._expected(sighting, index), id)
        if strange:
            raise CameAndWent(strange[0])
        return None

    def _ordered(self, sighting: Sighting) -> Contradiction | None:
        """Items keep their order: no item stands behind one that follows it elsewhere."""
        reached = -1
        for index, id in enumerate(self._one_by_one(sighting)):
            fixed = self._place.get(id)
            if fixed is None and id not in self._optional:
                continue
            gap = fixed if fixed is not None else self._optional[id].gap
            if gap < reached:
                return Contradiction(Kind.ORDER, sighting, index, self._expected(sighting, index), id)
            reached = gap + 1 if fixed is not None else gap
        return None

    def _back(self, sighting: Sighting) -> Contradiction | None:
        """No item goes and comes back."""
        here = set(sighting.ids)
        low, high = self._inside(sighting)
        for id, optional in self._optional.items():
            if optional.legal:
                continue
            if id in here and between(optional.absent, optional.present):
                index = sighting.ids.index(id)
                return Contradiction(Kind.RETURNED, sighting, index, self._expected(sighting, index), id)
            if id not in here and low <= optional.gap <= high and between(optional.absent, optional.present):
                place = self._index_of(sighting, optional.gap)
                actual = sighting.ids[place] if place < len(sighting.ids) else None
                return Contradiction(Kind.RETURNED, sighting, place, id, actual)
        return None

    def _index_of(self, sighting: Sighting, gap: int) -> int:
        """The index in a response at which a gap lies."""
        places = [self._place.get(id, -1) for id in sighting.ids]
        return next((index for index, place in enumerate(places) if place >= gap), len(places))

    def _refuse_churn(self, sighting: Sighting) -> None:
        for id in sighting.ids:
            optional = self._optional.get(id)
            if optional and not optional.legal:
                raise CameAndWent(id)
        if self.moved > self.churn:
            raise TooMuchChurn(self.moved, self.churn)

    def _contiguous(self, sighting: Sighting) -> Contradiction | None:
        """Between two items of a response no fixed item is missing, nor one that surely was there."""
        before: int | None = None
        for index, id in enumerate(self._one_by_one(sighting)):
            place = self._place.get(id)
            if place is None:
                continue
            if before is not None and place != before + 1:
                return Contradiction(Kind.LOST, sighting, index, self._fixed[before + 1], id)
            before = place
        low, high = self._inside(sighting)
        here = set(sighting.ids)
        for id, optional in self._optional.items():
            if low <= optional.gap <= high and id not in here and optional.surely_there(sighting):
                place = self._index_of(sighting, optional.gap)
                actual = sighting.ids[place] if place < len(sighting.ids) else None
                return Contradiction(Kind.LOST, sighting, place, id, actual)
        return None

    def _begins(self, sighting: Sighting) -> Contradiction | None:
        """A response begins at the position that it names: as many items stand before it as its offset says."""
        if sighting.offset is None or not sighting.ids:
            return None
        first = sighting.ids[0]
        fixed = self._place.get(first)
        gap = fixed if fixed is not None else self._optional[first].gap
        here = set(sighting.ids)
        before = [o for id, o in self._optional.items() if o.gap <= gap and id not in here]
        most = gap + self._hidden + sum(not optional.surely_not_there(sighting) for optional in before)
        sure = (o for o in before if fixed is not None or o.gap < gap)
        least = gap + sum(optional.surely_there(sighting) for optional in sure)
        if least <= sighting.offset <= most or self._gap_behind(sighting.after) == gap:
            return None
        return Contradiction(Kind.SHIFTED, sighting, 0, self._expected(sighting, 0), first)

    def _stops(self, sighting: Sighting) -> Contradiction | None:
        """A response that is not full reaches the end of the list."""
        if sighting.ends:
            last = self._first_place(reversed(sighting.ids))
            if last is not None and last + 1 < len(self._fixed):
                return Contradiction(Kind.SHORT, sighting, len(sighting.ids), self._fixed[last + 1])
            if not sighting.ids and self._before_the_end(sighting):
                return Contradiction(Kind.SHORT, sighting, 0, self._expected(sighting, 0))
            if last is None and sighting.ids and self._optional[sighting.ids[-1]].gap < len(self._fixed):
                return Contradiction(
                    Kind.SHORT, sighting, len(sighting.ids), self._fixed[self._optional[sighting.ids[-1]].gap]
                )
        return None

    def _before_the_end(self, sighting: Sighting) -> bool:
        """Whether items surely follow the place at which an empty response begins."""
        if sighting.offset is None or sighting.offset >= self._sizes(sighting)[0]:
            return False
        gap = self._gap_behind(sighting.after)
        return gap is None or gap < len(self._fixed)

    def _gap_behind(self, id: Id) -> int | None:
        """How many fixed items stand before the place behind an item; None where its place is not known."""
        if id in self._place:
            return self._place[id] + 1
        return self._optional[id].gap if id in self._optional else None

    def _counts(self, sighting: Sighting) -> Contradiction | None:
        """The total is the number of items of a state."""
        if sighting.total is None:
            return None
        least, most = self._sizes(sighting)
        if least <= sighting.total <= most:
            return None
        return Contradiction(Kind.TOTAL, sighting, 0, least, sighting.total)

    def _sizes(self, sighting: Sighting) -> tuple[int, float]:
        """The smallest and the largest number of items that the list may have had during a response."""
        every = self._optional.values()
        least = len(self._fixed) + sum(optional.surely_there(sighting) for optional in every)
        most = len(self._fixed) + self._hidden + sum(not optional.surely_not_there(sighting) for optional in every)
        return least, most

    def sizes(self, sighting: Sighting) -> tuple[int, int]:
        """The smallest and the largest number of items of the list during a response. Raises TooMuchChurn.

        The last whole read must have been stable.
        """
        if self.moved > self.churn:
            raise TooMuchChurn(self.moved, self.churn)
        least, most = self._sizes(sighting)
        return least, int(most)

    def _expected(self, sighting: Sighting, index: int) -> Id:
        """The item that the last whole read has in that place."""
        place = (sighting.offset or 0) + index
        return self._lists[-1][place] if place < len(self._lists[-1]) else None
