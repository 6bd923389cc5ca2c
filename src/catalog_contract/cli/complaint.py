"""What a refused command leaves behind: one line."""

from catalog_contract.util.refusal import Refusal
from catalog_contract.util.text import line

LONGEST_COMPLAINT = 1_000


class UsageError(Refusal, ValueError):
    """The command line asks for what there is not; the message is one line for the user."""


def complaint(error: object) -> str:
    """The one line that a refused command leaves on the error output."""
    return f"catalog-contract: {line(error, LONGEST_COMPLAINT)}"
