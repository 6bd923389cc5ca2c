"""Takes the pictures of the verdict page in docs/img from real runs, with headless Chromium: `make pictures`."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
IMAGES = PROJECT / "docs" / "img"
PICTURES = {"healthy": ("healthy", 1000), "incident": ("incident-cut-to-101", 1290)}
"""The name of a picture, the cassette it is taken of, and how much of the page it shows."""
WIDTH = 1280
MAX_BYTES = 200_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]


def main() -> int:
    """Take every picture; the exit status."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("make pictures: chromium is missing", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    # All runs first: a picture that is written makes the tree dirty, which the page of the next one would show.
    pages = {name: verdict_page(cassette) for name, (cassette, _) in PICTURES.items()}
    for name, (_, height) in PICTURES.items():
        picture = IMAGES / f"verdict-{name}.png"
        take(browser, pages[name], picture, height)
        print(f"{picture.relative_to(PROJECT)}: {picture.stat().st_size:,} bytes")
        if picture.stat().st_size > MAX_BYTES:
            print(f"make pictures: more than {MAX_BYTES:,} bytes", file=sys.stderr)
            return 1
    return 0


def verdict_page(cassette: str) -> Path:
    """The verdict page of a run on a cassette."""
    folder = PROJECT / "build" / "pictures" / cassette
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/contract",
        "-q",
        "--cassette",
        cassette,
        "--report-dir",
        str(folder.relative_to(PROJECT)),
    ]
    subprocess.run(command, cwd=PROJECT, stdout=subprocess.DEVNULL, check=False)
    return folder / "verdict.html"


def take(browser: str, page: Path, picture: Path, height: int) -> None:
    """The first screen of a page as a picture."""
    with tempfile.TemporaryDirectory() as profile:
        size = [f"--user-data-dir={profile}", f"--window-size={WIDTH},{height}", f"--screenshot={picture}"]
        command = [browser, *QUIET, *size, page.as_uri()]
        subprocess.run(command, check=True, timeout=60, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    raise SystemExit(main())
