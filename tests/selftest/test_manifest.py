"""The MANIFEST: written by several at a time without a loss, and readable whatever a recording is called."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog_contract.transport.cassette import manifest
from catalog_contract.transport.cassette.manifest import Entry
from catalog_contract.util.paths import CASSETTES, PROJECT

MANY = """
import sys
from pathlib import Path
from catalog_contract.transport.cassette import manifest
print("ready", flush=True)
sys.stdin.readline()
for number in range(15):
    entry = manifest.Entry(f"{sys.argv[2]}-{number}", "http://x", "2026-01-01", "gatewayz", "0" * 64)
    manifest.put(entry, Path(sys.argv[1]))
"""


def test_several_processes_write_side_by_side_and_lose_no_entry(tmp_path: Path) -> None:
    """One lock lies beside the MANIFEST; nothing is left in the folder for temporary files."""
    folder, temporary = tmp_path / "cassettes", tmp_path / "tmp"
    temporary.mkdir()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", MANY, str(folder), name],
            env={**os.environ, "TMPDIR": str(temporary)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two", "three")
    ]
    assert [writer.stdout and writer.stdout.readline() for writer in writers] == ["ready\n"] * 3
    for writer in writers:
        writer.communicate("go\n", timeout=60)
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert len(manifest.entries(folder)) == 45
    assert sorted(path.name for path in folder.iterdir()) == [".MANIFEST.lock", "MANIFEST"]
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("name", ["plain-name_1", "two words", "a.b", "Größe 🎈", 'quo"te', "[table]", "#"])
def test_a_recording_may_have_any_name(tmp_path: Path, name: str) -> None:
    """A name that TOML takes bare stands bare; any other would have made the MANIFEST unreadable."""
    entry = Entry(name, "http://x", "2026-01-01", "gatewayz", "0" * 64)
    manifest.put(entry, tmp_path)
    manifest.put(Entry("other", "http://x", "2026-01-01", "gatewayz", "0" * 64), tmp_path)
    assert manifest.entries(tmp_path)[name] == entry
    assert (f"[{name}]" in (tmp_path / manifest.NAME).read_text()) == (name == "plain-name_1")


def test_a_path_into_the_folder_is_the_recording_of_that_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The MANIFEST knows it, however it was named."""
    monkeypatch.chdir(PROJECT)
    named = manifest.path_of("healthy")
    assert named == CASSETTES / "healthy.json.xz"
    assert (
        manifest.path_of("cassettes/healthy.json.xz")
        == manifest.path_of("./docs/../cassettes/healthy.json.xz")
        == named
    )
    assert manifest.entry("cassettes/healthy.json.xz") == manifest.entry("healthy") is not None
    assert manifest.path_of(tmp_path / "healthy.json.xz") == tmp_path / "healthy.json.xz"
    assert manifest.entry(str(tmp_path / "healthy.json.xz")) is None
