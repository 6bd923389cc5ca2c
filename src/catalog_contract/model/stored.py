"""Bodies that are kept elsewhere, on disk or made when they are asked for, and those of them decoded last."""

import threading
from collections import OrderedDict
from typing import Any, Protocol

KEPT = 16
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
    """The bodies decoded last: small ones, and a single large one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._small: OrderedDict[Stored, Any] = OrderedDict()
        self._large: tuple[Stored, Any] | None = None

    def decoded(self, stored: Stored) -> Any:
        """As `Stored.decoded`."""
        with self._lock:
            if self._large and self._large[0] is stored:
                return self._large[1]
            if stored in self._small:
                self._small.move_to_end(stored)
                return self._small[stored]
            self._make_room(stored.size)
        value = stored.decoded()
        with self._lock:
            if stored.size > KEPT_BYTES:
                self._large = stored, value
            else:
                self._small[stored] = value
        return value

    def forget(self) -> None:
        """Hold none of them any longer."""
        with self._lock:
            self._small.clear()
            self._large = None

    def _make_room(self, size: int) -> None:
        if size > KEPT_BYTES:
            self._small.clear()
            self._large = None
        while self._small and (len(self._small) >= KEPT or sum(s.size for s in self._small) + size > KEPT_BYTES):
            self._small.popitem(last=False)


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
