"""What once went wrong with an API: a contract declares it, and reports name it where it shows again."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Incident:
    """What once went wrong with this API, and the rules that show it.

    `story` is what a client saw, `cause` what was behind it (empty where unknown), `date` when, in free form.
    `cassette` and `fault` reproduce it: a recording, and a fault of the reference gateway; both may be empty.
    `contract` is the name of the contract that declares it.
    """

    key: str
    date: str
    title: str
    story: str
    rules: tuple[str, ...]
    cause: str = ""
    cassette: str = ""
    fault: str = ""
    contract: str = ""

    @property
    def label(self) -> str:
        """Title and date, as reports name it."""
        return f"{self.title} ({self.date})"


def shown_by(rule: str, incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """The incidents that a rule shows."""
    return tuple(incident for incident in incidents if rule in incident.rules)
