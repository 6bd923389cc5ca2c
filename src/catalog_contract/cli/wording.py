"""What the commands share: how they take their options and how they print."""

import argparse
import json
import os
import sys
import textwrap
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from catalog_contract.cli.commands import COMMANDS
from catalog_contract.report import terminal
from catalog_contract.util.text import columns, inert

WIDTH = terminal.WIDTH

Commands = Any
"""What `add_subparsers` gives; argparse has no public name for it."""


def command(commands: Commands, name: str, run: object) -> argparse.ArgumentParser:
    """A command of its own, with help in its own words."""
    message = COMMANDS[name].message
    made: argparse.ArgumentParser = commands.add_parser(name, help=message, description=message, allow_abbrev=False)
    made.set_defaults(run=run)
    return made


def of_pytest(commands: Commands, name: str, run: object, argument: tuple[str, str], more: str) -> None:
    """A command that is pytest underneath: what follows is not parsed here, as options of pytest look like ours.

    `argument` is what it takes first, as the help shows it, and what that is.
    """
    shown, what = argument
    message = COMMANDS[name].message
    made = commands.add_parser(
        name,
        help=message,
        description=message,
        usage=f"catalog-contract {name} {shown} [options of pytest]",
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        prefix_chars="\0",
        add_help=False,
    )
    made.add_argument("arguments", metavar=shown.rstrip("."), nargs="*", help=what)
    made.set_defaults(run=run, help=made.format_help)


def nearest(word: str, known: Iterable[str]) -> str:
    """What somebody who wrote `word` may have meant: `; did you mean ...?`, or nothing."""
    by_case = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), list(by_case), n=1, cutoff=0.5)
    return f"; did you mean {by_case[close[0]]}?" if close else ""


def paint() -> terminal.Paint:
    """Colours on a terminal, unless the environment asks for none (`NO_COLOR`, a dumb terminal)."""
    plainly = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    return terminal.plain if plainly else terminal.coloured


def say(*blocks: Iterable[str]) -> None:
    """Print blocks of lines with an empty line between them; what the output cannot encode is written out."""
    text = inert("\n\n".join("\n".join(lines) for lines in map(list, blocks) if lines) + "\n")
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def say_json(value: object) -> None:
    """Print JSON in plain ASCII, so that no text of a service acts on a terminal."""
    sys.stdout.write(json.dumps(value, indent=1, allow_nan=False).replace("\x7f", "\\u007f") + "\n")


def wrapped(text: str, indent: str = "  ", further: str | None = None) -> list[str]:
    """A harmless text in lines of the width of the output."""
    after = indent if further is None else further
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=after, break_on_hyphens=False)


def padded(text: str, width: int) -> str:
    """A text filled up to that many columns, wide characters counted as two."""
    return text + " " * max(0, width - columns(text))
