"""The key of the service: read from the environment, sent to one host, shown nowhere."""

import os
import re
from collections.abc import Callable, Mapping

from catalog_contract.transport.base import SourceError

SHORTEST_KEY = 8
"""A shorter text would be redacted out of innocent words and so change what is judged."""


BEARER = "Authorization: Bearer {key}"


class Key:
    """A key that does not show itself where a traceback or a log prints variables."""

    def __init__(self, value: str | None, header: str = BEARER) -> None:
        """`header` is the header that it is sent in, with `{key}` in its place."""
        value = value.strip() if value else ""
        if value and (len(value) < SHORTEST_KEY or not value.isascii() or not value.isprintable() or " " in value):
            raise SourceError(f"{KEY_VARIABLE} is no usable key: {SHORTEST_KEY} or more ASCII characters, no spaces")
        self._value = value
        self._header = header
        self._redact = redactor(value)

    def __repr__(self) -> str:
        return REDACTED

    def __bool__(self) -> bool:
        return bool(self._value)

    @property
    def header(self) -> tuple[str, str]:
        """Name and value of the header that it is sent in."""
        name, _, value = self._header.partition(":")
        return name.strip(), value.strip().replace("{key}", self._value)

    def hide(self, text: str) -> str:
        """The text without the key."""
        return self._redact(text)

    def hide_in_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers, names in lower case, without the key."""
        return {self.hide(name.lower()): self.hide(value) for name, value in headers.items()}

    def hide_in_body(self, body: bytes) -> bytes:
        """The bytes without the key; all others stay as they are, whatever their encoding."""
        return self._redact(body.decode("latin-1")).encode("latin-1") if self else body


def key_from_environment() -> str | None:
    """The key of the service, None when there is none."""
    return os.environ.get(KEY_VARIABLE, "").strip() or None


KEY_VARIABLE = "CATALOG_API_KEY"
"""The environment variable that holds the key of the service; read nowhere else than in `source`."""


REDACTED = "REDACTED"


def redactor(secret: str | None) -> Callable[[str], str]:
    """A function that takes a secret out of any text, also where it stands percent-encoded, escaped as in JSON or
    HTML, or in any mixture of these. The secret is plain ASCII."""
    if not secret:
        return lambda text: text
    pattern = re.compile("".join(_any_form(character) for character in secret))
    return lambda text: pattern.sub(REDACTED, text)


def _any_form(character: str) -> str:
    """A pattern for one character as plain text, percent-encoded, and as an escape of JSON or HTML."""
    code = ord(character)
    plain = re.escape(character) if character.isalnum() else r"\\*" + re.escape(character)
    return f"(?:{plain}|%(?i:{code:02x})|\\\\+u(?i:{code:04x})|&\\#0*{code};|&\\#(?i:x0*{code:x});)"
