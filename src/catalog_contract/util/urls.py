"""URLs as errors show them: a login, a password or a token in one is nobody's business."""

import re

MASK = "***"

_LOGIN = re.compile(
    r"^(\s*[a-z][a-z0-9+.\-]*:/*)?.*(?:@|%40|\N{FULLWIDTH COMMERCIAL AT}|\N{SMALL COMMERCIAL AT})", re.I | re.S
)
"""Up to the last @: a password that is not encoded may hold slashes and question marks."""

_PORT = re.compile(r"^(\s*(?:[a-z][a-z0-9+.\-]*:)?//+(?:\[[^\]]*\])?[^/?#@:\[]*:)(?![0-9]+(?:[/?#]|$))[^/?#]+", re.I)
"""What stands where a port belongs and is not a number: a password whose host was forgotten."""

_WORD = re.compile(r"\S+")

_ENDINGS = ",.;:)'\""
"""What may end a word of a sentence and is no part of it: `http://127.0.0.1:8000,` has a port."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]{0,40}:", re.I)
"""Bounded: looked for at every letter of a text that may be a megabyte of letters."""

_VALUE = re.compile(r"([?&;#])([^=&;#?]*=)?[^&;#?]+")


def shown_url(url: str) -> str:
    """A URL without login, and with every value of its query and fragment masked. The text need not be a URL."""
    url = _LOGIN.sub(lambda found: f"{found[1] or ''}{MASK}@", url)
    url = _PORT.sub(lambda found: found[1] + MASK, url)
    start = min((at for at in map(url.find, "?#") if at >= 0), default=len(url))
    return url[:start] + _VALUE.sub(lambda found: found[1] + (found[2] or "") + MASK, url[start:])


def without_logins(text: str) -> str:
    """A text in which every URL is shown as `shown_url` shows it."""

    def shown(found: re.Match[str]) -> str:
        word = found[0].rstrip(_ENDINGS)
        return _word_without_login(word) + found[0][len(word) :]

    return _WORD.sub(shown, text)


def _word_without_login(word: str) -> str:
    """A word whose end is a URL where a scheme stands before a slash or an @, or two slashes before an @."""
    mark = word.rfind("@")
    scheme = _SCHEME.search(word, 0, max(mark, word.rfind("/"), 0))
    slashes = word.find("//", 0, max(mark, 0))
    starts = [at for at in (scheme.start() if scheme else -1, slashes) if at >= 0]
    return word[: min(starts)] + shown_url(word[min(starts) :]) if starts else word
