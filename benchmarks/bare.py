"""The least that could be done with a list: ask the URLs that stand on standard input, one a line, and decode."""

import json
import sys
from contextlib import suppress

import requests


def main() -> None:
    """Ask each, decode it, and keep nothing."""
    with requests.Session() as session:
        for url in sys.stdin.read().split():
            body = session.get(url, timeout=90).content
            with suppress(ValueError):  # what is refused may be no JSON
                json.loads(body)


if __name__ == "__main__":
    main()
