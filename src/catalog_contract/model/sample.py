"""A sample of a list: how many requests it may take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """At most that many requests of a list, `probes` of which do not depend on how long it is.

    `seed` decides where the pages lie that are left.
    """

    requests: int
    probes: int
    seed: int

    @property
    def spread(self) -> int:
        """How many pages are read between the first and the last."""
        return max(0, self.requests - self.probes)
