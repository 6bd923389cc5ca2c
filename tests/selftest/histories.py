"""Histories of a list, made at random: its states, and the responses of a service that shows them."""

from dataclasses import dataclass, field
from random import Random

from catalog_contract.catalog.law import Law
from catalog_contract.model.witness import Id, Sighting


@dataclass
class World:
    """A list whose items come and go, each at most once, at whole points in time.

    `moves` has (time, item, gone) and `order` every item that is ever listed, in the order of the list.
    """

    order: list[Id]
    comes: dict[Id, float] = field(default_factory=dict)
    goes: dict[Id, float] = field(default_factory=dict)

    def state(self, at: float) -> list[Id]:
        """The list at a moment."""
        return [id for id in self.order if self.comes.get(id, -1.0) <= at < self.goes.get(id, float("inf"))]


def world(random: Random, size: int, churn: int, duration: float) -> World:
    """A list of about that size, of which that many items come or go within the duration, anywhere in it."""
    made = World([f"item-{nth:04}" if random.random() < 0.9 else 90_000 + nth for nth in range(size + churn)])
    where = random.choice(["front", "middle", "end", "anywhere"])
    places = {
        "front": range(churn),
        "middle": range(size // 2, size // 2 + churn),
        "end": range(size, size + churn),
        "anywhere": random.sample(range(size + churn), churn),
    }[where]
    way = random.choice(["come", "go", "both"])
    for place in places:
        moment = random.uniform(0, duration)
        both = random.random() < 0.5
        (made.comes if way == "come" or (way == "both" and both) else made.goes)[made.order[place]] = moment
    return made


class Reader:
    """Reads a world as a client does: each request takes a while, and shows the state of one moment within it."""

    def __init__(self, world: World, random: Random, *, counted: bool) -> None:
        self.world, self.random, self.counted, self.now = world, random, counted, 0.0

    def read(self, offset: int, limit: int | None, *, beside: bool = False) -> Sighting:
        """One response; `beside` begins it before the one before has ended."""
        started = self.now - self.random.random() if beside else self.now
        finished = max(self.now, started) + self.random.uniform(0.1, 1.0)
        listed = self.world.state(self.random.uniform(started, finished))
        self.now = finished + self.random.choice([0.0, 0.0, self.random.random()])
        ids = tuple(listed[offset:] if limit is None else listed[offset : offset + limit])
        return Sighting(ids, offset, limit, started, finished, len(listed) if self.counted else None)

    def whole(self, step: int | None) -> list[Sighting]:
        """A whole read: in one response, or in steps until one is not full."""
        if step is None:
            return [self.read(0, None)]
        chunks = [self.read(0, step)]
        while len(chunks[-1].ids) == step:
            chunks.append(self.read(len(chunks) * step, step))
        return chunks


@dataclass
class Past:
    """What was read: whole reads, and other responses, in the order of reading."""

    reads: list[list[Sighting]]
    others: list[Sighting]


def past(random: Random, size: int, churn: int, *, step: int | None = None) -> tuple[World, Past]:
    """A list, and a run over it: a whole read, windows and a walk, a whole read."""
    pages = random.randint(1, 12)
    made = world(random, size, churn, duration=1.2 * (pages + 4))
    reader = Reader(made, random, counted=random.random() < 0.5)
    reads = [reader.whole(step)]
    others = []
    for nth in range(pages):
        limit = random.choice([1, 3, 7, 10, size, None])
        offset = random.choice([0, nth * 7, random.randrange(size + 5), max(0, size - 1), size + churn, 10**6])
        others.append(reader.read(offset, limit, beside=random.random() < 0.3))
    reads.append(reader.whole(step))
    while not Law(reads, others, churn=50).settled:  # an end point of several requests must stand still
        reads.append(reader.whole(step))
    return made, Past(reads, others)
