"""A source that sends a key in the header that its contract would name, and hides it in whatever comes back."""

from dataclasses import replace

from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.transport.base import Source
from catalog_contract.transport.secret import Key


class SignedSource:
    """Adds a header to every request. What it returns holds neither the header nor the key.

    `header` is the name and the value with the key in it; `guard` hides the key.
    """

    def __init__(self, inner: Source, guard: Key, header: tuple[str, str]) -> None:
        self.label = inner.label
        self._inner = inner
        self._guard = guard
        self._header = header

    def fetch(self, request: Request) -> Exchange:
        """Ask once."""
        came = self._inner.fetch(replace(request, headers=(*request.headers, self._header)))
        hide = self._guard.hide
        return replace(
            came,
            request=request,
            url=hide(came.url),
            headers=self._guard.hide_in_headers(came.headers),
            body=None if came.body is None else self._guard.hide_in_body(came.body),
            failure=None if came.failure is None else hide(came.failure),
            retries=tuple(map(hide, came.retries)),
        )

    def close(self) -> None:
        """Let go of connections."""
        self._inner.close()
