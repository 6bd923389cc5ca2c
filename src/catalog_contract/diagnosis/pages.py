"""The page of each cause: what a client sees, why, how to confirm it, and what to mend."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PAGES = Path(__file__).with_name("causes.toml")


@dataclass(frozen=True)
class CausePage:
    """What is known of a cause, each in a sentence or two. `name` is stable: it stands in every report."""

    name: str
    seen: str
    why: str
    confirm: str
    mend: str

    @property
    def slug(self) -> str:
        """The name as one word for a command line."""
        return slug_of(self.name)


@cache
def cause_pages() -> Mapping[str, CausePage]:
    """Every cause that may be named, by its name, in the order of the file."""
    tables = tomllib.loads(PAGES.read_text(encoding="utf-8"))
    return {name: CausePage(name, **reported) for name, reported in tables.items()}


def page_of(written: str) -> CausePage | None:
    """The page of a cause, by its name or its slug; None for another word."""
    slug = slug_of(written)
    return next((page for page in cause_pages().values() if page.slug == slug), None)


def slug_of(name: str) -> str:
    """A name in lower case, with hyphens for what is not a letter or figure."""
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
