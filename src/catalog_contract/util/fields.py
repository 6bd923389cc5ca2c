"""Values as read from a file of an earlier run: a time, an amount."""

import re
from datetime import UTC, datetime, timedelta

SKEW = timedelta(days=1)
"""How far ahead the clock of another machine may be."""


class DateError(ValueError):
    """What should say when a run was does not; the message says what it is."""


def when(started: object, now: datetime | None = None) -> datetime:
    """The time of a run, in UTC where no zone is stated.

    Raises DateError for what begins with no day (2026-01-31), and for a time that is yet to come.
    """
    try:
        if not isinstance(started, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?", started):
            raise ValueError
        found = datetime.fromisoformat(started)
    except ValueError:
        raise DateError(f"its date {str(started)[:40]!r} is not a time") from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if now and found - now > SKEW:
        raise DateError(f"its date {started[:40]} is yet to come")
    return found


MAX = 10**12
"""More than any list holds."""


def amount(value: object) -> int:
    """A number of items or cases as read from a file. Raises ValueError for anything that cannot be one."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX:
        return value
    raise ValueError("not an amount")
