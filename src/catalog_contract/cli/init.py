"""`init`: a contract drafted from a few polite requests to a list."""

import argparse
import os
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from catalog_contract.cli.complaint import UsageError
from catalog_contract.cli.wording import Commands, command, padded, say, wrapped
from catalog_contract.drafting import hints, write
from catalog_contract.drafting.compose import Wanted, drafted
from catalog_contract.drafting.draft import Draft, names_of
from catalog_contract.drafting.explore import MAX_REQUESTS, Target
from catalog_contract.drafting.openapi import Document, check_given
from catalog_contract.drafting.probe import DraftError
from catalog_contract.model.contract import Transport
from catalog_contract.model.exchange import Request
from catalog_contract.model.words import RequestWords
from catalog_contract.transport.live import LiveSource, is_loopback
from catalog_contract.transport.secret import BEARER, KEY_VARIABLE, Key
from catalog_contract.util.text import line

SECRET = re.compile(
    r"authoriz|auth(?!or)|cookie|token|secret|passw|session|signature|credential|(^|[-_.])key$|apikey", re.IGNORECASE
)
"""Names of headers and parameters that let a client in."""

VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
LIKE = "write it like http://127.0.0.1:8000/invoices"
ANSWER_SECONDS = 30.0
"""How long one answer may take."""


EMPTY = '""'
"""How the place of a list that is the whole body is written."""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    made = command(commands, "init", run)
    made.add_argument("url", metavar="URL", nargs="?", help="a list: http://127.0.0.1:8000/invoices")
    made.add_argument("--header", metavar="'NAME: VALUE'", action="append", default=[], help="sent with every request")
    made.add_argument(
        "--key",
        metavar="ENV|VALUE",
        help="the key, or an environment variable that holds it (default: CATALOG_API_KEY)",
    )
    made.add_argument("--openapi", metavar="FILE|URL", help="an OpenAPI document; with one list in it no URL is needed")
    made.add_argument("--output", metavar="FILE", type=Path, help="the file to write (default: contracts/NAME.toml)")


@dataclass(frozen=True, repr=False)
class Asked:
    """What the user gave, checked: what to draft, the key, and where it comes from: the name of an environment
    variable, `...` for one that was given itself, or empty where a next command finds it as this one did."""

    wanted: Wanted
    key: Key
    key_from: str = ""


def run(options: argparse.Namespace) -> int:
    """Ask, draft, prove and write; whatever stands in the way is one line."""
    try:
        asked = asked_of(options)
        wanted, hide = asked.wanted, asked.key.hide
    except DraftError as error:
        raise UsageError(str(error)) from None
    try:
        write.refuse_existing(wanted.output, wanted.schema_path)
        source = service_of(wanted.base_url, asked.key)
        try:
            draft, files = drafted(wanted, source)
        finally:
            source.close()
        write.write_new({path: hide(text) for path, text in files.items()})
    except DraftError as error:
        raise UsageError(hide(str(error))) from None
    report(asked, draft, source.sent)
    return 0


def asked_of(options: argparse.Namespace) -> Asked:
    """The options, checked. Raises UsageError, and DraftError for a document that cannot be used."""
    headers, key, template = credentials(options.header, options.key)
    document = document_of(options.openapi) if options.openapi else None
    address, endpoint = options.url, None
    if document:
        endpoint = document.endpoint(split_url(address).path or "/" if address else None)
        address = address or urljoin(document.server, endpoint.path)
    if not address:
        raise UsageError("what to ask? give the URL of a list, or an OpenAPI document by --openapi")
    if document and "://" not in address:
        raise UsageError(f"{document.where} names no server with a host; give the URL of the list too")
    url = split_url(address)
    query = tuple(parse_qsl(url.query, keep_blank_values=True))
    fixed, left_out, found = hints.split(query)
    secret = next((name for name, _ in query if is_secret(name, left_out)), None)
    if secret:
        raise UsageError(f"the URL holds a key ({line(secret, 40)}=...); give it by --key or --header instead")
    if endpoint:
        check_given(endpoint, {name for name, _ in query})
    base_url, path = f"{url.scheme}://{url.netloc}", url.path or "/"
    output = options.output or Path("contracts") / f"{names_of(base_url, path)[0]}.toml"
    if output.suffix != ".toml":
        raise UsageError(f"--output {line(output, 100)} is not a contract; name a file that ends in .toml")
    wanted = Wanted(base_url, Target(path, fixed, headers, left_out), found, template, output, endpoint)
    return Asked(wanted, Key(key, template or BEARER), key_from(key, options.key))


def is_secret(name: str, left_out: tuple[str, ...]) -> bool:
    """Whether a parameter lets a client in; a token of the next page does not."""
    pages = name.lower().startswith("page") or (name in left_out and re.match("next|continuation|pagination", name))
    return bool(SECRET.search(name)) and not pages


def split_url(address: str) -> SplitResult:
    """The URL of a list, without a login. Raises UsageError."""
    try:
        url = urlsplit(address if "://" in address else f"http://{address}")
    except ValueError:
        raise UsageError(f"that is not a URL of a list; {LIKE}") from None
    wrong = "it needs :// after http" if re.match(r"https?[:/](?!//)", address) else wrong_form(url)
    if wrong:
        raise UsageError(f"that is not a URL of a list: {wrong}; {LIKE}")
    if "@" in url.netloc:
        raise UsageError("the URL holds a login; give it by --key or --header, so that it stands in no file")
    return url


def wrong_form(url: SplitResult) -> str:
    """What is wrong with the form of a URL, without its texts, for it may hold a login; empty where nothing is."""
    if url.scheme not in ("http", "https"):
        return "it begins neither with http:// nor with https://"
    try:
        if url.port == 0:
            return "its port is 0"
    except ValueError:
        return "its port is no number from 1 to 65535"
    host = url.hostname or ""
    if not host:
        return "it names no host after http://"
    if re.fullmatch(r"[0-9.]+", host):
        try:
            ip_address(host)
        except ValueError:
            return "its host is not an address of four numbers up to 255"
    return "" if ":" in host or re.fullmatch(r"[\w.~-]+", host) else "its host has a sign that no host has"


def document_of(where: str) -> Document:
    """An OpenAPI document from a file or a URL. Raises DraftError."""
    if "://" not in where:
        try:
            return Document(Path(where).read_text(encoding="utf-8-sig"), where)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "is not UTF-8"
            raise DraftError(f"--openapi {line(where, 100)} cannot be read: {reason}") from None
    url = split_url(where)
    source = service_of(f"{url.scheme}://{url.netloc}")
    try:
        came = source.fetch(Request(url.path or "/", tuple(parse_qsl(url.query, keep_blank_values=True))))
    finally:
        source.close()
    if came.failure or came.status != 200:
        raise DraftError(f"--openapi {line(where, 100)}: {came.failure or f'answers {came.status}'}")
    return Document((came.body or b"").decode("utf-8", "replace"), where)


def credentials(headers: list[str], given: str | None) -> tuple[tuple[tuple[str, str], ...], str | None, str]:
    """The plain headers, the key, and the header it goes into. Raises UsageError."""
    plain: list[tuple[str, str]] = []
    secrets: list[tuple[str, str]] = []
    for header in headers:
        name, colon, value = (part.strip() for part in header.partition(":"))
        if not colon or not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) or not value.isascii():
            raise UsageError("--header is not a header; write it like --header 'Accept: application/json'")
        (secrets if SECRET.search(name) or "{key}" in value else plain).append((name, value))
    if len(secrets) > 1 or (secrets and given and "{key}" not in secrets[0][1]):
        raise UsageError("more than one key is given; a contract sends one, by --key or by one --header")
    key = key_of(given)
    if not secrets:
        return tuple(plain), key, RequestWords.key if key else ""
    name, value = secrets[0]
    if "{key}" in value:
        if not key:
            raise UsageError(f"--header {name} has a place for the key; give the key in CATALOG_API_KEY or by --key")
        return tuple(plain), key, f"{name}: {value}"
    scheme, _, rest = value.partition(" ")
    kept, secret = (f"{scheme} ", rest.strip()) if rest and scheme.isalpha() else ("", value)
    return tuple(plain), secret, f"{name}: {kept}{{key}}"


def key_of(given: str | None) -> str | None:
    """The key: of the environment variable that is named, or as given, or of CATALOG_API_KEY. Raises UsageError."""
    if given is None:
        return os.environ.get(KEY_VARIABLE, "").strip() or None
    if given in os.environ:
        return os.environ[given].strip() or None
    if VARIABLE.fullmatch(given):
        raise UsageError(f"--key {given}: there is no such environment variable; export it first")
    return given


def key_from(key: str | None, given: str | None) -> str:
    """Where a next command finds the key, see `Asked`; never the key itself."""
    if not key or key == os.environ.get(KEY_VARIABLE, "").strip():
        return ""
    named = given if given and VARIABLE.fullmatch(given) else ""
    return named if named and os.environ.get(named, "").strip() == key else "..."


def with_key(name: str, windows: bool = os.name == "nt") -> str:
    """What stands before a command that needs the key, in the same line; on Windows in the words of PowerShell."""
    if not name:
        return ""
    if windows:
        return f"$env:{KEY_VARIABLE} = " + (f"$env:{name}; " if name != "..." else '"..."; ')
    return f"{KEY_VARIABLE}=" + (f'"${name}" ' if name != "..." else "... ")


def service_of(base_url: str, key: Key | None = None) -> LiveSource:
    """The live service, asked politely: at the usual rate, without one on this machine."""
    rate = 0.0 if is_loopback(base_url) else Transport().requests_per_second
    transport = Transport(
        requests_per_second=rate, maximum_requests=2 * MAX_REQUESTS, tries=2,
        read_seconds=ANSWER_SECONDS, answer_seconds=ANSWER_SECONDS,
    )  # fmt: skip
    return LiveSource(base_url, transport, key)


def report(asked: Asked, draft: Draft, sent: int) -> None:
    """Print what was written, what was seen, and what could not be determined."""
    wanted = asked.wanted
    rows = [
        f"  {padded(f'[{table}] {key}', 28)} {line(value.value, 60) if value.value != '' else EMPTY}"
        for table in write.ORDER[1:]
        for key, value in draft.tables.get(table, {}).items()
    ]
    more = f" ({sent} with retries and redirects)" if draft.asked and sent > draft.asked else ""
    unknown = [text for one in draft.unknown for text in wrapped(f"{one.key}: {line(one.why, 200)}", "  ", "    ")]
    blocks = [
        wrapped(f"wrote {wanted.output} and {wanted.schema_path} from {draft.sources}{more}", ""),
        [text for sentence in draft.left_out for text in wrapped(line(sentence, 300), "")],
        ["Found:", *rows],
        ["Could not tell (fill it in where you know it):", *unknown],
        [f"next: {with_key(asked.key_from)}catalog-contract check {wanted.output}"],
    ]
    say(*([asked.key.hide(text) for text in block] for block in blocks))
