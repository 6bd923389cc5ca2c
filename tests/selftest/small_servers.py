"""The small APIs, and any function from a request to a response, over real HTTP on a free port."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fixtures.apis.__main__ import handler
from fixtures.apis.api import Api, Asked, Response
from fixtures.loopback import running


@contextmanager
def serving(api: Api) -> Iterator[tuple[str, list[Asked]]]:
    """A healthy small API in a thread: its base URL, and the requests as they come."""
    seen: list[Asked] = []

    def function(asked: Asked, broken: bool) -> Response:
        return api.function(asked, broken)

    class Watched(Api):
        def respond(self, asked: Asked, *, broken: bool) -> Response:
            seen.append(asked)
            return super().respond(asked, broken=broken)

    watched = Watched(api.name, api.path, api.report, api.caught_by, function)
    with running(handler(watched, broken=False)) as url:
        yield url, seen


def api_of(path: str, function: Callable[[Asked], Response]) -> Api:
    """An API that answers by a function."""
    return Api("made-here", path, "", "", lambda asked, broken: function(asked))
