"""Bodies that are kept elsewhere, on disk or made when they are asked for, and those of them decoded last."""

import threading
from collections import OrderedDict
from typing import Any, Protocol

KEPT = 4
KEPT_BYTES = 8_000_000
SMALL_TEXT, SMALL_FIELDS = 2_000, 50


class Stored(Protocol):
    """A body that is not held. `size` is in bytes. The items of one that is `made` are made up from their ids."""

    @property
    def size(self) -> int: ...
    @property
    def made(self) -> bool: ...
    def read(self) -> bytes:
        """The body as it came."""
        ...

    def decoded(self) -> Any:
        """The body as JSON, to read only. Raises NotJson when it is not JSON."""
        ...


class RecentBodies:
    """The bodies decoded last: a few, and small ones but for the last of all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: OrderedDict[Stored, Any] = OrderedDict()

    def decoded(self, stored: Stored) -> Any:
        """As `Stored.decoded`."""
        with self._lock:
            if stored in self._values:
                self._values.move_to_end(stored)
                return self._values[stored]
            self._make_room(stored.size)
        value = stored.decoded()
        with self._lock:
            self._values[stored] = value
        return value

    def _make_room(self, size: int) -> None:
        while self._values and (len(self._values) >= KEPT or sum(s.size for s in self._values) + size > KEPT_BYTES):
            self._values.popitem(last=False)


def is_small_object(value: Any) -> bool:
    """Whether a value is an object with few fields, each of which takes next to no memory; or an empty list."""
    if isinstance(value, list):
        return not value
    return isinstance(value, dict) and len(value) <= SMALL_FIELDS and all(map(_is_small_field, value.values()))


def _is_small_field(value: Any) -> bool:
    return is_small(value) or is_small_object(value)


def is_small(value: Any) -> bool:
    """Whether a decoded value takes next to no memory."""
    return len(value) <= SMALL_TEXT if isinstance(value, str) else not isinstance(value, list | dict)
