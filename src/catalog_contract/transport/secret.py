"""The key of the service: read from the environment, sent to one host, shown nowhere."""

import functools
import logging
import os
import re
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from catalog_contract.model.words import RequestWords
from catalog_contract.transport.base import SourceError
from catalog_contract.transport.redact import MIN_SECRET, REDACTED, Redactor

KEY_VARIABLE = "CATALOG_API_KEY"
"""The environment variable that holds the key of the service; read nowhere else than here."""

AGAINST_KEY_VARIABLE = "CATALOG_API_KEY_AGAINST"
"""The environment variable that holds the key of the other deployment: neither key goes to the host of the other."""

BEARER = RequestWords.key
"""The header that a key goes into where the contract names none."""

LOGGERS = (
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.response",
    "urllib3.util.retry",
    "urllib3.poolmanager",
)
"""What the libraries log may quote an answer, and pytest shows what is logged."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


def sealed(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """A function whose frames are in no traceback: they hold the key, and pytest can print every variable.

    What it raises, an interrupt too, seems to come from the call itself.
    """

    @functools.wraps(function)
    def call(*args: _P.args, **options: _P.kwargs) -> _R:
        try:
            return function(*args, **options)
        except BaseException as error:
            args, options = (), {}  # type: ignore[assignment]
            raised = _bare(error)
        raise raised

    return call


def _bare(error: BaseException) -> BaseException:
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


class Key:
    """A key that does not show itself where a traceback or a log prints variables.

    `header` is the header that it goes into, `{key}` stands for the key. Raises SourceError for what cannot be a key.
    """

    @sealed
    def __init__(self, value: str | None, header: str = BEARER, variable: str = KEY_VARIABLE) -> None:
        value = value.strip() if value else ""
        if value and (len(value) < MIN_SECRET or not value.isascii() or not value.isprintable() or " " in value):
            raise SourceError(f"{variable} is not a usable key: {MIN_SECRET} or more ASCII characters, no spaces")
        self._value = value
        self._header = header
        self._variable = variable
        self._redact = Redactor(value)

    @classmethod
    @sealed
    def from_environment(cls, header: str = BEARER, variable: str = KEY_VARIABLE) -> "Key":
        """The key of the service, or that which another variable holds; a Key that is false where there is none."""
        return cls(os.environ.get(variable), header, variable)

    def __repr__(self) -> str:
        return REDACTED

    def __bool__(self) -> bool:
        return bool(self._value)

    @property
    def header(self) -> tuple[str, str]:
        """Name and value of the header that lets a request in. To be called where the frames are sealed."""
        name, _, value = self._header.partition(":")
        return name.strip(), value.strip().replace("{key}", self._value)

    @property
    def curl_words(self) -> str:
        """The words that let curl send the same header, with the key from the environment; empty without a key."""
        if not self:
            return ""
        name, _, value = self._header.partition(":")
        before, _, after = value.strip().partition("{key}")
        quoted = [re.sub(r'([\\"$`])', r"\\\1", text) for text in (f"{name.strip()}: {before}", after)]
        return f'-H "{quoted[0]}${{{self._variable}}}{quoted[1]}"' if after else f'-H "{quoted[0]}${self._variable}"'

    @sealed
    def hide(self, text: str) -> str:
        """The text without the key."""
        return self._redact(text)

    @sealed
    def hide_in_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers, names in lower case, without the key."""
        return {self._redact(name).lower(): self._redact(value) for name, value in headers.items()}

    @sealed
    def hide_in_body(self, body: bytes) -> bytes:
        """The bytes without the key; all others stay as they are, whatever their encoding."""
        return self._redact(body.decode("latin-1")).encode("latin-1") if self else body

    def hide_in_logs(self) -> Callable[[], None]:
        """Take the key out of what the HTTP libraries log, until the function that is returned is called."""

        def clean(record: logging.LogRecord) -> bool:
            record.msg, record.args = self.hide(record.getMessage()), ()
            record.exc_info = record.exc_text = None  # its frames hold the headers
            return True

        if not self:
            return lambda: None
        loggers = [logging.getLogger(name) for name in LOGGERS]
        for logger in loggers:
            logger.addFilter(clean)

        def undo() -> None:
            for logger in loggers:
                logger.removeFilter(clean)

        return undo
