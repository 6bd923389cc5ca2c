"""`init`: a contract drafted from a few polite requests to a list."""

import argparse
import os
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from catalog_contract.cli.wording import Commands, UsageError, command, padded, say, wrapped
from catalog_contract.drafting import hints, prove, write
from catalog_contract.drafting.draft import Draft, amend, draft_of, names_of
from catalog_contract.drafting.explore import MAX_REQUESTS, Explorer, Target
from catalog_contract.drafting.probe import DraftError
from catalog_contract.drafting.schema import item_schema
from catalog_contract.drafting.signed import SignedSource
from catalog_contract.model.contract import Transport
from catalog_contract.model.words import RequestWords
from catalog_contract.transport.base import Source
from catalog_contract.transport.live import LiveSource
from catalog_contract.transport.secret import Key, key_from_environment
from catalog_contract.util.text import line

SECRET = re.compile(
    r"authoriz|auth(?!or)|cookie|token|secret|passw|session|signature|credential|(^|[-_.])key$|apikey", re.IGNORECASE
)
"""Names of headers and parameters that let a client in."""

VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
PROMPT_SECONDS = 30.0


def add_to(commands: Commands) -> None:
    """Declare the command."""
    made = command(commands, "init", "draft a contract from a few polite requests to a list", run)
    made.add_argument("url", metavar="URL", help="the list, as a client asks for it: http://127.0.0.1:8000/invoices")
    made.add_argument("--header", metavar="'NAME: VALUE'", action="append", default=[], help="sent with every request")
    made.add_argument(
        "--key",
        metavar="ENV|VALUE",
        help="the key, or an environment variable that holds it (default: CATALOG_API_KEY)",
    )
    made.add_argument("--output", metavar="FILE", type=Path, help="the file to write (default: contracts/NAME.toml)")


@dataclass(frozen=True, repr=False)
class Asked:
    """What the user gave, checked. `template` is the header that the key goes into, empty without a key."""

    base_url: str
    target: Target
    hints: hints.Hints
    key: Key
    header: tuple[str, str] | None
    template: str
    output: Path


def run(options: argparse.Namespace) -> int:
    """Ask, draft, prove and write; whatever stands in the way is one line."""
    asked = asked_of(options)
    schema_path = asked.output.with_name(f"{asked.output.stem}-item.json")
    hide = asked.key.hide
    try:
        write.refuse_existing(asked.output, schema_path)
        live = service_of(asked)
        source = SignedSource(live, asked.key, asked.header) if asked.header else live
        try:
            draft, files = drafted(asked, source, schema_path)
        finally:
            source.close()
        write.write_new({path: hide(text) for path, text in files.items()})
    except DraftError as error:
        raise UsageError(hide(str(error))) from None
    report(asked, draft, live.sent, schema_path)
    return 0


def drafted(asked: Asked, source: Source, schema_path: Path) -> tuple[Draft, dict[Path, str]]:
    """The draft, and the files to write. Raises DraftError."""
    explorer = Explorer(source, asked.target, asked.hints, MAX_REQUESTS - prove.REQUESTS)
    found = explorer.explore()
    draft = draft_of(found, asked.base_url, asked.template)
    items = {id: item for probe in found.probes for id, item in
             zip(found.shape.ids(probe) or (), found.shape.rows(probe), strict=True)}  # fmt: skip
    schema = item_schema(items.values(), f"One of the {draft.item_names}")

    def files() -> dict[Path, str]:
        text = write.contract_text(draft, schema_path.name, len(items), len(found.probes))
        return {asked.output: text, schema_path: write.json_text(schema)}

    proof = prove.prove(prove.loaded(files()), source)
    amend(draft, proof.full, proof.absent)
    return draft, files()


def asked_of(options: argparse.Namespace) -> Asked:
    """The options, checked. Raises UsageError."""
    url = urlsplit(options.url if "://" in options.url else f"http://{options.url}")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise UsageError(
            f"{line(options.url, 100)!r} is no URL of a list; write it like http://127.0.0.1:8000/invoices"
        )
    if "@" in url.netloc:
        raise UsageError("the URL holds a login; give it by --key or --header, so that it stands in no file")
    query = tuple(parse_qsl(url.query, keep_blank_values=True))
    secret = next((name for name, _ in query if SECRET.search(name) and not name.lower().startswith("page")), None)
    if secret:
        raise UsageError(f"the URL holds a key ({line(secret, 40)}=...); give it by --key or --header instead")
    fixed, found = hints.split(query)
    headers, key, template = credentials(options.header, options.key)
    base_url, path = f"{url.scheme}://{url.netloc}", url.path or "/"
    name, _ = names_of(base_url, path)
    output = options.output or Path("contracts") / f"{name}.toml"
    if output.suffix != ".toml":
        raise UsageError(f"--output {line(output, 100)} is no contract; name a file that ends in .toml")
    name, _, value = template.partition(": ")
    header = (name, value.replace("{key}", key)) if key else None
    return Asked(base_url, Target(path, fixed, headers), found, Key(key), header, template, output)


def credentials(headers: list[str], given: str | None) -> tuple[tuple[tuple[str, str], ...], str | None, str]:
    """The plain headers, the key, and the header it goes into. Raises UsageError."""
    plain: list[tuple[str, str]] = []
    secrets: list[tuple[str, str]] = []
    for header in headers:
        name, colon, value = (part.strip() for part in header.partition(":"))
        if not colon or not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) or not value.isascii():
            raise UsageError("--header is no header; write it like --header 'Accept: application/json'")
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
        return key_from_environment()
    if given in os.environ:
        return os.environ[given].strip() or None
    if VARIABLE.fullmatch(given):
        raise UsageError(f"--key {given}: there is no such environment variable; export it first")
    return given


def service_of(asked: Asked) -> LiveSource:
    """The live service, asked politely: at the usual rate, without one on this machine."""
    rate = 0.0 if is_loopback(asked.base_url) else Transport().requests_per_second
    transport = Transport(
        requests_per_second=rate, maximum_requests=MAX_REQUESTS, tries=2,
        read_seconds=PROMPT_SECONDS, answer_seconds=PROMPT_SECONDS,
    )  # fmt: skip
    return LiveSource(asked.base_url, transport)


def is_loopback(base_url: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def report(asked: Asked, draft: Draft, sent: int, schema_path: Path) -> None:
    """Print what was written, what was seen, and what could not be told."""
    hide = asked.key.hide
    rows = [
        f"  {padded(f'[{table}] {key}' if table else key, 28)} {line(value.value, 60)}"
        for table in ("", *write.ORDER) for key, value in draft.tables.get(table, {}).items()
        if table in ("parameters", "envelope", "item", "paging", "cursor")
    ]  # fmt: skip
    unknown = [text for one in draft.unknown for text in wrapped(f"{one.key}: {line(one.why, 200)}", "  ", "    ")]
    blocks = [
        [f"wrote {asked.output} and {schema_path} after {sent} requests"],
        ["Seen:", *rows],
        ["Could not tell (fill it in where you know it):", *unknown],
        [f"next: catalog-contract check {asked.output}"],
    ]
    say(*([hide(text) for text in block] for block in blocks))
