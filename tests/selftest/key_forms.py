"""Every form in which a service might send the key back.

`FORMS` are single encodings, `COMPOSED` those of what a key stands in (a header, a login, a cookie, ...), each in
upper and lower case and within an escape. `key_forms` adds seeded pairs.
"""

import base64
import html.entities
import json
import random
from collections.abc import Callable, Iterator
from urllib.parse import quote

Form = Callable[[str], str]

_NAMED = {meant: name for name, meant in sorted(html.entities.html5.items()) if len(meant) == 1 and name.endswith(";")}


def _each(template: str) -> Form:
    return lambda text: "".join(template.format(ord(sign)) for sign in text)


def _base64(before: str, urlsafe: bool = False, lines: int = 0, end: str = "") -> Form:
    def encode(text: str) -> str:
        encoder = base64.urlsafe_b64encode if urlsafe else base64.b64encode
        coded = encoder((before + text + end).encode()).decode()
        return "\n".join(coded[at : at + lines] for at in range(0, len(coded), lines)) if lines else coded

    return encode


def _bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")


ESCAPES: dict[str, Form] = {
    "plain": lambda text: text,
    "upper": str.upper,
    "lower": str.lower,
    "percent": lambda text: quote(text, safe=""),
    "percent-of-all": _each("%{:02X}"),
    "percent-of-all-lower": _each("%{:02x}"),
    "percent-u": _each("%u{:04x}"),
    "double-percent": lambda text: quote(quote(text, safe=""), safe=""),
    "double-percent-of-all": _each("%25{:02x}"),
    "triple-percent": _each("%2525{:02X}"),
    "json": lambda text: json.dumps(text).replace("/", "\\/")[1:-1],
    "json-of-all": _each("\\u{:04x}"),
    "json-twice": _each("\\\\u{:04X}"),
    "javascript": _each("\\x{:02x}"),
    "javascript-braces": _each("\\u{{{:x}}}"),
    "html": _each("&#{};"),
    "html-padded": _each("&#{:07};"),
    "html-hex": _each("&#x{:x};"),
    "html-hex-upper": _each("&#X{:04X};"),
    "html-named": lambda text: "".join(f"&{_NAMED[sign]}" if sign in _NAMED else sign for sign in text),
    "html-twice": _each("&amp;#{};"),
    "mixed": lambda text: "".join(
        (sign, f"%{ord(sign):02x}", f"&#{ord(sign)};", f"\\u{ord(sign):04x}")[at % 4] for at, sign in enumerate(text)
    ),
}
CODINGS: dict[str, Form] = {
    "base64": _base64(""),
    "base64-url": _base64("", urlsafe=True),
    "base64-no-padding": lambda text: _base64("")(text).rstrip("="),
    "base64-of-header": _base64("Bearer "),
    "base64-of-header-line": _base64("authorization: Bearer ", end="\r\nAccept: */*"),
    "base64-of-login": _base64("x:"),
    "base64-shifted": _base64("ab", urlsafe=True, end="c"),
    "base64-in-lines": _base64("Bearer ", lines=8),
    "base64-upper": lambda text: _base64("")(text).upper(),
    "base64-lower": lambda text: _base64("")(text).lower(),
    "hex": lambda text: _bytes(text).hex(),
    "hex-upper": lambda text: _bytes(text).hex().upper(),
    "hex-of-header": lambda text: _bytes(f"Bearer {text}").hex(),
    "hex-colons": lambda text: _bytes(text).hex(":"),
    "hex-blanks": lambda text: _bytes(text).hex(" "),
    "utf-16-little": lambda text: text.encode("utf-16-le").decode("latin-1"),
    "utf-16-big": lambda text: text.encode("utf-16-be").decode("latin-1"),
    "base64-of-utf-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "base64-of-utf-16-big": lambda text: base64.b64encode(f"Bearer {text}".encode("utf-16-be")).decode(),
    "hex-of-utf-16": lambda text: text.encode("utf-16-le").hex(),
    "hex-of-utf-16-big": lambda text: text.encode("utf-16-be").hex(" "),
    "base64-of-percent": lambda text: _base64("key=")(quote(text, safe="")),
    "base64-of-json": lambda text: _base64('{"key":"', end='"}')(json.dumps(text).replace("/", "\\/")[1:-1]),
    "hex-of-percent": lambda text: quote(text, safe="").encode().hex(),
}
FORMS = {**ESCAPES, **CODINGS}

PLACES: dict[str, Form] = {
    "header": lambda text: f"Bearer {text}",
    "header-line": lambda text: f"authorization: Bearer {text}\r\nAccept: */*",
    "login": lambda text: f"x:{text}",
    "query": lambda text: f"/v1/models?api_key={text}&limit=1",
    "cookie": lambda text: f"session={text}; Path=/",
    "member": lambda text: f'{{"authorization": ["{text}"], "b": 1}}',
}
AROUND = ("plain", "percent", "double-percent", "json", "json-of-all", "html", "html-hex")
CASES: dict[str, Form] = {"": lambda text: text, "upper": str.upper, "lower": str.lower}


def _one(place: str, form: str, around: str, case: str) -> Form:
    return lambda text: CASES[case](ESCAPES[around](FORMS[form](PLACES[place](text))))


def _composed() -> Iterator[tuple[str, Form]]:
    """Each place in each form; and each with one case and one escape around it, in turn."""
    turn = 0
    for place in PLACES:
        for form in FORMS:
            yield f"{form} of {place}", _one(place, form, "plain", "")
            around, case = AROUND[turn % len(AROUND)], list(CASES)[turn % len(CASES)]
            yield f"{case} {form} of {place} in {around}".strip(), _one(place, form, around, case)
            turn += 1


COMPOSED = dict(_composed())


def key_forms(key: str, pairs: int, seed: int) -> Iterator[tuple[str, str]]:
    """Every form of a key by name, and that many seeded pairs: a form within one or two escapes."""
    yield from ((name, form(key)) for name, form in {**FORMS, **COMPOSED}.items())
    draw = random.Random(seed)
    for _ in range(pairs):
        inner = draw.choice(list(FORMS))
        outer = [draw.choice(list(ESCAPES)) for _ in range(draw.choice((1, 1, 2)))]
        text = FORMS[inner](key)
        for name in outer:
            text = ESCAPES[name](text)
        yield " in ".join([inner, *outer]), text
