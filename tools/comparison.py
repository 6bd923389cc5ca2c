"""Which checks see which faults: this suite, and what people use today, on the reference gateway.

    python -m venv .comparison && .comparison/bin/pip install schemathesis
    .venv/bin/python -m tools.comparison --schemathesis .comparison/bin/st

Prints a table in Markdown. Each check is run on the healthy gateway first: one that is red there says nothing.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve

PROJECT = Path(__file__).resolve().parents[1]
HERE = PROJECT / "docs" / "comparison"
FAULTS = (
    None,
    "stops-at-first-short-page",
    "storm",
    "boundary-row-lost",
    "total-off-by-one",
    "past-the-end-500",
)
"""The faults compared; None is the healthy gateway."""

Check = Callable[[str, Path], list[str]]


def checks(schemathesis: str) -> dict[str, Check]:
    """The command of each check for a base URL."""
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    suite = [*pytest, "tests/contract", "--contract", "gatewayz", "-k", "huggingface"]
    return {
        "Schemathesis": lambda url, _: [
            schemathesis, "run", str(HERE / "openapi.yaml"), "--url", url, "--seed", "1", "--max-examples", "50",
        ],
        "plain pytest + requests": lambda url, _: [*pytest, str(HERE / "plain_check.py")],
        "JSON Schema": lambda url, _: [*pytest, str(HERE / "schema_check.py")],
        "this suite": lambda url, folder: [*suite, "--base-url", url, "--report-dir", str(folder)],
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run every check on every fault; the exit status is 1 where one is red on the healthy gateway."""
    parser = argparse.ArgumentParser(prog="tools.comparison", description=__doc__)
    parser.add_argument("--schemathesis", required=True, metavar="PATH", help="the command of Schemathesis, st")
    parser.add_argument("--fault", action="append", metavar="NAME", help="only this fault, beside none (repeatable)")
    options = parser.parse_args(arguments)
    known = checks(options.schemathesis)
    print(f"| fault | {' | '.join(known)} |\n|---|{'---|' * len(known)}", flush=True)
    healthy = True
    for fault in (None, *options.fault) if options.fault else FAULTS:
        found = [sees(check, fault) for check in known.values()]
        healthy = healthy and (fault is not None or not any(red for red, _ in found))
        reported = (f"{'**red**' if red else 'green'}, {seconds:.0f} s" for red, seconds in found)
        print(f"| {f'`{fault}`' if fault else 'none'} | {' | '.join(reported)} |", flush=True)
    return 0 if healthy else 1


def sees(check: Check, fault: str | None) -> tuple[bool, float]:
    """Whether a check ends with 1 on a gateway with that fault, and the seconds that it takes."""
    with serve(reference_gateway("2025", fault)) as (base_url, _), tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GITHUB"))}
        done = subprocess.run(
            check(base_url, Path(folder)),
            cwd=PROJECT,
            env=kept | {"BASE_URL": base_url},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1):
            raise SystemExit(
                f"{fault}: {done.args[:4]} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr}"
            )
        return done.returncode == 1, time.monotonic() - started


if __name__ == "__main__":
    raise SystemExit(main())
