"""The cassettes that are shipped: the MANIFEST tells the truth of them, they are small, and they hold no secret."""

import lzma
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog_contract.contracts.load import load_contract
from catalog_contract.transport.cassette import manifest
from catalog_contract.transport.cassette.manifest import REFERENCE, SUFFIX, Entry
from catalog_contract.transport.cassette.source import CassetteSource
from catalog_contract.transport.cassette.storage import CassetteError
from catalog_contract.util.paths import CASSETTES
from fixtures.gateway.core import find_variant
from tools.cassettes import RECORDINGS

LARGEST_FOLDER = 8_000_000
"""In bytes: all of it is fetched by everybody who clones the repository."""

SECRETS = re.compile(
    rb"authorization: |authorization\\?\"|bearer [a-z0-9]|set-cookie|x-api-key|api[_-]key\s*[:=]|-----begin"
    rb"|\b(?:hf|sk|ghp)_[a-z0-9]{16}|127\.0\.0\.1"
)
"""In lower case."""
NAMES = sorted(manifest.entries())


def untruths(folder: Path) -> Iterator[str]:
    """What the MANIFEST of a folder does not say, or says wrongly, of the files beside it."""
    known = manifest.entries(folder)
    there = {path.name for path in folder.iterdir() if not path.name.startswith(".")} - {manifest.NAME}
    yield from (f"{name} has no entry" for name in sorted(there - {name + SUFFIX for name in known}))
    for name, entry in known.items():
        path = folder / f"{name}{SUFFIX}"
        if not path.exists():
            yield f"{name} has an entry and no file"
        elif entry.sha256 != manifest.sha256_of(path):
            yield f"{name} is not the file that was recorded: record it again"


def test_the_manifest_tells_the_truth():
    assert list(untruths(CASSETTES)) == []


def test_an_untrue_manifest_is_found(tmp_path):
    (tmp_path / f"stray{SUFFIX}").write_bytes(b"x")
    manifest.put(Entry("gone", REFERENCE, "2026-01-01", "gatewayz", "0" * 64), tmp_path)
    (tmp_path / f"other{SUFFIX}").write_bytes(b"y")
    manifest.put(Entry("other", REFERENCE, "2026-01-01", "gatewayz", "0" * 64), tmp_path)
    assert list(untruths(tmp_path)) == [
        f"stray{SUFFIX} has no entry",
        "gone has an entry and no file",
        "other is not the file that was recorded: record it again",
    ]


@pytest.mark.parametrize("text", ["[a]\norigin = 1\n[a]\n", "[a]\nshape = 'round'\n", "\0"])
def test_a_manifest_that_cannot_be_read_is_one_line(tmp_path, text):
    (tmp_path / manifest.NAME).write_text(text)
    with pytest.raises(
        CassetteError, match=r"^\S+/MANIFEST cannot be used: .+; restore it \(git checkout -- "
    ) as caught:
        manifest.entries(tmp_path)
    assert "\n" not in str(caught.value)


def test_every_recording_that_is_made_is_shipped_and_no_other():
    made = {one.name: (REFERENCE, one.contract, one.variant, one.era) for one in RECORDINGS}
    reported = {e.name: (e.origin, e.contract, e.variant, e.era) for e in manifest.entries().values()}
    assert reported == made, "record with `make cassettes`"


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_can_be_followed(name):
    entry = manifest.entries()[name]
    assert load_contract(entry.contract).name == entry.contract
    assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", entry.date)
    assert not entry.variant or find_variant(entry.variant, entry.era).name == entry.variant
    assert "production" not in entry.description() and "gatewayz.ai" not in entry.origin


def test_the_folder_is_small():
    assert sum(path.stat().st_size for path in CASSETTES.iterdir()) < LARGEST_FOLDER


@pytest.mark.parametrize("name", NAMES)
def test_a_cassette_loads_and_every_answer_can_be_had_once(name):
    source = CassetteSource(manifest.path_of(name))
    recorded = source.recorded()
    assert len(recorded) > 20
    assert all(one.status and one.status != 429 and one.status < 500 for one in recorded)
    assert [source.fetch(one.request).body for one in recorded] == [one.body for one in recorded]
    assert source.unplayed() == []


def secrets(text: bytes) -> set[bytes]:
    """What looks like a key, a cookie or the address of a server that was recorded."""
    return set(SECRETS.findall(text))


@pytest.mark.parametrize("name", NAMES)
def test_a_cassette_holds_no_secret(name):
    assert secrets(lzma.decompress(manifest.path_of(name).read_bytes()).lower()) == set()


@pytest.mark.parametrize(
    "text", ["Authorization: x", "Bearer abc", "Set-Cookie: a", "api_key = 1", "http://127.0.0.1:80"]
)
def test_a_secret_would_be_found(text):
    assert secrets(f"some text, {text} and more".lower().encode())
