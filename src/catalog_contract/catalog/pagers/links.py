"""Links that lead from page to page: followed exactly as they are written, and on this service only."""

from typing import Any
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from catalog_contract.catalog.pagers.base import END, Listed, Next, nothing
from catalog_contract.model.exchange import Request
from catalog_contract.model.observation import Leads
from catalog_contract.util.text import line

DEFAULT_PORTS = {"http": 80, "https": 443}
KEYS = ("href", "url")
"""Where the target of a link stands that is an object."""


def followed(page: Listed, value: Any, public: str | None) -> Next:
    """The request that a link asks for: its path and query as they are written, at the service that was asked.

    `public` is the address that the links of the service name, where it is not the one that was asked. A link to any
    other scheme, host or port is a problem, and no request.
    """
    if nothing(value):
        return END
    target = next((value[key] for key in KEYS if isinstance(value.get(key), str)), "") if _object(value) else value
    if not isinstance(target, str) or not target:
        return Next(None, f"what should lead on is not a link: {line(repr(value), 80)}", Leads.NO_LINK)
    asked = page.exchange.request
    base = _base(page.exchange.url, asked)
    try:
        url = urlsplit(urljoin(base + asked.target, target.strip()))
        home = next((home for home in (base, public) if home and _origin(urlsplit(home)) == _origin(url)), None)
    except ValueError:
        return Next(None, f"what should lead on is not a URL: {line(target, 120)}", Leads.NO_LINK)
    if home is None:
        return Next(None, f"the link leads away from {line(base, 80)}: {line(target, 120)}", Leads.AWAY)
    return _on_service(asked, url, urlsplit(home).path.rstrip("/"))


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _on_service(asked: Request, url: SplitResult, prefix: str) -> Next:
    """The request for a URL of the service, whose own paths all begin with a prefix."""
    path = url.path or "/"
    if not (path + "/").startswith(prefix + "/"):
        return Next(None, f"the link leads out of {prefix}: {line(path, 120)}", Leads.AWAY)
    path = path[len(prefix) :] or "/"
    target = path + ("?" + url.query if url.query else "")
    request = Request(
        path,
        tuple(parse_qsl(url.query, keep_blank_values=True)),
        asked.headers,
        fixed=asked.fixed,
        exact=target,
        method=asked.method,
        body=asked.body,
    )
    if path == asked.path:
        return Next(request)
    return Next(request, f"the link leads to another path: {line(path, 120)}", Leads.PATH)


def _base(url: str, asked: Request) -> str:
    """The address in front of every path of the service, as it was asked."""
    if url.endswith(asked.target):
        return url[: len(url) - len(asked.target)]
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or DEFAULT_PORTS.get(url.scheme)
