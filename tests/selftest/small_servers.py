"""The small APIs, and any function from a request to a response, over real HTTP on a free port."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

from fixtures.apis.__main__ import handler
from fixtures.apis.api import Api, Asked, Response


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
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(watched, broken=False))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def api_of(path: str, function: Callable[[Asked], Response]) -> Api:
    """An API that answers by a function."""
    return Api("made-here", path, "", "", lambda asked, broken: function(asked))
