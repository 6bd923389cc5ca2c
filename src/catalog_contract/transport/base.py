"""What every source of answers can do."""

from typing import Protocol

from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.util.refusal import Refusal


class SourceError(Refusal, ValueError):
    """A source cannot be used as asked (a bad URL, key or file); the message is one line for the user."""


class Source(Protocol):
    """Answers requests.

    `label` says in a few words where the answers come from: `live http://127.0.0.1:8900`, `cassette healthy`.
    """

    label: str

    def fetch(self, request: Request) -> Exchange:
        """Ask once. Never raises for what the service does: `failure` of the exchange says why in one line."""
        ...

    def close(self) -> None:
        """Let go of connections and files. A source is not used after that."""
        ...
