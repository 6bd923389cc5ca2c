"""Hostile texts made by rule: for each kind of attack all of its spellings. `MADE` is those of all kinds, by name."""

import unicodedata
from collections.abc import Iterator

Named = Iterator[tuple[str, str]]

ERROR = "::error::owned"
BREAKS = {
    "line feed": "\n", "return": "\r", "both": "\r\n", "vertical tab": "\x0b", "form feed": "\x0c",
    "file separator": "\x1c", "group separator": "\x1d", "record separator": "\x1e", "next line": "\x85",
    "line separator": "\u2028", "paragraph separator": "\u2029",
}  # fmt: skip
BLANKS = {
    "space": " ", "tab": "\t", "no-break space": "\xa0", "thin space": "\u2009", "ideographic space": "\u3000",
    "zero width space": "\u200b", "zero width no-break space": "\ufeff", "soft hyphen": "\xad", "colour": "\x1b[0m",
    "Hangul filler": "\u3164", "Braille blank": "\u2800", "grapheme joiner": "\u034f",
}  # fmt: skip
COMMANDS = (
    "::error file=a.py,line=1,endLine=2,col=3,title=x::owned", "::warning::owned", "::notice title=x::owned",
    "::debug::owned", "::group::owned", "::endgroup::", "::add-mask::HOLDS", "::stop-commands::token",
    "::set-output name=verdict::HOLDS", "::save-state name=a::b", "::set-env name=PATH::/evil", "::add-path::/evil",
    "::echo::on", "::add-matcher::evil.json", "::remove-matcher owner=x::", "::ERROR::owned", "::error ::owned",
    "##[error]owned", "##[add-mask]HOLDS", "##[command]owned", "##[set-output name=verdict;]HOLDS", "a##[endgroup]b",
    "##vso[task.setvariable variable=a]owned", "##vso[task.complete result=Succeeded]owned",
    "##teamcity[buildStatus status='SUCCESS']", "###[error]owned", ":::error::owned",
)  # fmt: skip
TERMINAL = {
    "colour": "\x1b[31m", "clear": "\x1b[2J\x1b[H", "up and erase": "\x1b[1A\x1b[2K", "reset": "\x1bc",
    "title": "\x1b]0;owned\x07", "title, ended by ST": "\x1b]2;owned\x1b\\",
    "link": "\x1b]8;;https://evil.example\x07",
    "clipboard": "\x1b]52;c;b3duZWQ=\x07", "file": "\x1b]1337;File=inline=1:AAAA\x07", "report": "\x1b[6n",
    "answer back": "\x1b[21t", "other screen": "\x1b[?1049h", "no cursor": "\x1b[?25l", "bracketed paste": "\x1b[201~",
    "line drawing": "\x1b(0", "device string": "\x1bP$q\"p\x1b\\", "application": "\x1b_owned\x1b\\",
    "privacy": "\x1b^owned\x1b\\", "eight bit colour": "\x9b31m", "eight bit title": "\x9d0;owned\x9c",
    "eight bit device string": "\x90$q\"p\x9c", "section of GitLab": "section_start:0:x\r\x1b[0Kowned",
}  # fmt: skip
MARKDOWN = (
    "[a](javascript:alert(1))", "![a](https://evil.example/a.png)", "<https://evil.example>",
    "[a]: https://evil.example",
    "[a][b]\n\n[b]: https://evil.example", "# head", "head\n====", "- list", "1. list", "- [ ] task", "> quote",
    "> [!CAUTION]\n> owned", "---", "~~~\ncode", "```mermaid\ngraph TD", "    code", "`a", "``a", "**a** __b__ ~~c~~",
    "a[^1]\n\n[^1]: b", "$x$ $$y$$", ":tada: :+1:", "| a |\n|---|", "a\\", "<details open><summary>a",
    "<!-- broken: every_rule -->\n", "--><img src=x>", "<picture><source srcset=x>",
)  # fmt: skip
LINKS = (
    "@octo", "@octo/team", "(@octo)", "a@octo", "\uff20octo", "#1", "owner/repo#2", "GH-3", "gh-4",
    "owner/repo@0123456789abcdef0123456789abcdef01234567", "0123456", "a...b0123456789", "http://evil.example",
    "HTTPS://EVIL.EXAMPLE", "www.evil.example", "WWW.evil.example", "mailto:a@b.example", "a@b.example", "CVE-2024-1",
    "GHSA-abcd-efgh-ijkl", "xmpp:a@b.example/c", "ftp://evil.example", "http&#58;//evil.example", "//evil.example",
)  # fmt: skip
HTML = (
    "<script>alert(1)</script>", "<svg/onload=alert(1)>", "<img src=x onerror=alert(1)>",
    "<iframe src=//evil.example>",
    "<meta http-equiv=refresh content=0>", "<base href=//evil.example>", "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>", "</script><script>alert(1)</script>", "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)' autofocus='", "` onclick=`alert(1)", "<a href=javascript:alert(1)>x</a>", "--!><b>",
    "<![CDATA[a]]>", "]]>", "<?xml version='1.0'?>", "<!DOCTYPE a [<!ENTITY b 'c'>]>&b;", "&lt;b&gt;", "&#60;b>",
    "&Tab;&NewLine;", "{{7*7}}", "{% raw %}", "${{ secrets.KEY }}", "<b\x00>", "\uff1cscript\uff1e", "<\u200bb>",
)  # fmt: skip
SIGNS = (
    "=",
    "+",
    "-",
    "@",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
    "\ufe66",
    "\ufe62",
    "\ufe63",
    "\ufe6b",
    "\u207c",
    "\u207a",
)
CELLS = ('"=1+1', "'=1+1", 'a","=1+1', "=cmd|'/C calc'!A0", "a;=1+1", "a\n=1+1", "=1+1\x00", "-", "\r=1+1", "%3D1+1")
ODD = {
    "high surrogate": "a\ud800b", "low surrogate": "a\udc00b", "surrogates reversed": "\udc00\ud800",
    "high surrogate at the end": "a\udbff", "byte order": "\ufffe", "no character": "\uffff",
    "no character, astral": "\U0001ffff", "no character, Arabic": "\ufdd0", "private": "\ue000",
    "unassigned": "\u0378",
    "private, astral": "\U000f0000", "replacement": "\ufffd",
}  # fmt: skip
SEQUENCES = {
    "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467", "flag": "\U0001f1e9\U0001f1ea", "keycap": "1\ufe0f\u20e3",
    "skin": "\U0001f44d\U0001f3ff", "flag of tags": "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "zalgo": "a" + "\u0335\u0301\u0489" * 60,
    "Cyrillic": "\u041dOLDS", "full width": "\uff28\uff2f\uff2c\uff24\uff33",
    "mathematical": "\U0001d5db\U0001d5e2", "right to left": "\u05d0\u05d1 BROKEN \u0627",
    "Arabic number": "\u0663\u0664", "ligature": "\ufdfa", "widest": "\ufdfd" * 9,
    "Thai marks": "\u0e01" + "\u0e49" * 90,
    "sign of a text direction": "\u0645\u200f!", "variants": "a\ufe0f\U000e0101b",
    "Hangul fillers": "a\u115f\u1160\uffa0b",
    "Mongolian": "a\u180eb\u180b", "Khmer": "a\u17b4b", "invisible plus": "a\u2064b\u2061",
    "object": "\ufff9a\ufffab\ufffb\ufffc",
    "musical": "\U0001d173a", "shorthand": "\U0001bca0a", "deprecated": "\u206aa\u206f",
}  # fmt: skip
OVERLONG = (
    "A",
    "\u6a21",
    "e\u0301",
    "\\",
    "`",
    "\n",
    "<",
    "&",
    '"',
    "|",
    "\x1b[1m",
    "::error::\n",
    "\u202e",
    "@a ",
    "[",
    "\U0001f600",
)
PROPERTIES = (
    "a=b",
    "a\nVerdict=HOLDS",
    "\\",
    "a\\\nVerdict=HOLDS",
    "#a",
    "!a",
    " a",
    ":a",
    "a: b\nc",
    "\\u000aVerdict=HOLDS",
)


def _controls() -> Named:
    yield from ((f"control {code:#04x}", f"a{chr(code)}b") for code in (*range(32), *range(127, 160)))


def _formats() -> Named:
    """Bidirectional controls, marks of no width, and what else formats without being seen."""
    formats = (code for code in range(0xAE, 0x10000) if unicodedata.category(chr(code)) == "Cf")
    yield from ((f"format {code:#06x}", f"a{chr(code)}gpj.exe") for code in formats)


def _commands() -> Named:
    yield from _named("command", COMMANDS)
    yield from ((f"command after {name}", f"a{sign}{ERROR}") for name, sign in BREAKS.items())
    yield from ((f"command after a {name}", f"{sign}{ERROR}") for name, sign in BLANKS.items())
    yield from ((f"command with a {name} within", f":{sign}:error::owned") for name, sign in BLANKS.items())


def _cells() -> Named:
    yield from ((f"formula {ord(sign):#06x}", f"{sign}SUM(1)") for sign in SIGNS)
    yield from ((f"formula after a {name}", f"{sign}=1+1") for name, sign in BLANKS.items())
    yield from _named("cell", CELLS)


def _named(kind: str, texts: dict[str, str] | tuple[str, ...]) -> Named:
    """A tuple is numbered: a name that is itself an attack would be printed by pytest."""
    pairs = texts.items() if isinstance(texts, dict) else enumerate(texts, start=1)
    yield from ((f"{kind} {name}", text) for name, text in pairs)


MADE: dict[str, str] = {
    name: text
    for made in (
        _commands(), _controls(), _formats(), _cells(), _named("screen", TERMINAL), _named("Markdown", MARKDOWN),
        _named("link", LINKS), _named("HTML", HTML), _named("odd", ODD), _named("sequence", SEQUENCES),
        _named("property", PROPERTIES), _named("long", tuple(text * 5_000 for text in OVERLONG)),
    )
    for name, text in made
}  # fmt: skip
