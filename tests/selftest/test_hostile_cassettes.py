"""A cassette that is not one, or far too much of one, is refused in one line and at once."""

import json
import lzma
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mutations import VALUES, leaves, put

from catalog_contract.model.exchange import Exchange, Request
from catalog_contract.transport.cassette import storage
from catalog_contract.transport.cassette.source import CassetteError, CassetteSource, write_cassette

ASKED = (
    Request("/v1/models", (("limit", "2"),)),
    Request("/v1/models", headers=(("if-none-match", "a"),)),
    Request("/search", method="POST", body='{"size": 2}'),
)
JSON_VALUES = tuple(value for value in VALUES if isinstance(value, str | int | float | list | dict))
SEED = 10


def cassette() -> dict[str, Any]:
    """A small recording as JSON: one body in pieces, two written out, one of them the answer to a POST."""

    def entry(uri: str, headers: dict[str, Any], body: dict[str, str], posted: str | None = None) -> dict[str, Any]:
        method = "GET" if posted is None else "POST"
        request = {"method": method, "uri": uri, "body": posted, "headers": headers}
        answer = {"status": {"code": 200, "message": ""}, "headers": {"etag": ["a"]}, "body": body}
        return {"request": request, "response": answer}

    pieces = ['{"data": [', {"base64": "XX0="}]
    first = entry("/v1/models?limit=2", {}, {"pieces": "0 1"})
    second = entry("/v1/models", {"if-none-match": "a"}, {"string": "{}"})
    third = entry("/search", {}, {"string": "[]"}, '{"size": 2}')
    origin = "http://127.0.0.1:8900"
    return {"version": 1, "interactions": [first, second, third], "pieces": pieces, "origin": origin}


def spoilt(seed: int, share: float) -> Iterator[tuple[str, bytes]]:
    """Cassettes with one wrong value, one value less, or wrong bytes; packed."""
    draw = random.Random(seed)
    for at in leaves(cassette()):
        for value in JSON_VALUES:
            if draw.random() < share:
                yield f"{at} = {repr(value)[:40]}", packed(put(cassette(), at, value))
    whole = packed(cassette())
    for _ in range(int(200 * share)):
        place = draw.randrange(len(whole))
        yield f"byte {place}", whole[:place] + bytes([draw.randrange(256)]) + whole[place + 1 :]
        yield f"cut at {place}", whole[:place]
    yield "twice", whole * 2


def packed(value: Any) -> bytes:
    return lzma.compress(json.dumps(value, default=str).encode("utf-8", "surrogatepass"))


def read(path: Path) -> str:
    """What becomes of a cassette: the line of its refusal, or nothing where all of it can be used."""
    try:
        source = CassetteSource(path)
    except CassetteError as error:
        line = str(error)
        assert line.isprintable() and len(line) < 300, line
        return line
    for request in ASKED:
        _ = source.fetch(request).is_json
    assert source.unplayed() is not None
    return ""


def misused(folder: Path, seed: int, share: float) -> Iterator[str]:
    path = folder / "one.json.xz"
    for name, content in spoilt(seed, share):
        path.write_bytes(content)
        began = time.monotonic()
        try:
            read(path)
        except Exception as error:
            yield f"{name}: {type(error).__name__}: {error}"[:300]
        if time.monotonic() - began > 1:
            yield f"{name}: took {time.monotonic() - began:.1f} s"


def test_no_wrong_value_or_byte_gets_through(tmp_path: Path) -> None:
    assert list(misused(tmp_path, SEED, 0.25)) == []


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(4))
def test_all_wrong_values_and_more_bytes(tmp_path: Path, seed: int) -> None:
    assert list(misused(tmp_path, seed, 1.0)) == []


def test_what_is_sound_is_read(tmp_path: Path) -> None:
    path = tmp_path / "one.json.xz"
    path.write_bytes(packed(cassette()))
    source = CassetteSource(path)
    assert [source.fetch(request).body for request in ASKED] == [b'{"data": []}', b"{}", b"[]"]


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "one.json.xz"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
    assert "not a regular file" in read(path)


def test_a_small_file_that_unpacks_to_very_much(tmp_path: Path) -> None:
    path = tmp_path / "one.json.xz"
    packer = lzma.LZMACompressor(preset=1)
    zeros = bytes(2**24)
    with path.open("wb") as file:
        for _ in range(storage.MAX_UNPACKED // len(zeros) + 1):
            file.write(packer.compress(zeros))
        file.write(packer.flush())
    assert path.stat().st_size < 2**20
    assert "unpacks to more than 512 MB" in read(path)


def test_few_pieces_that_stand_for_very_much(tmp_path: Path) -> None:
    path = tmp_path / "one.json.xz"
    bomb = cassette()
    bomb["pieces"] = ["x" * 2**20]
    bomb["interactions"][0]["response"]["body"]["pieces"] = "0 " * 5_000
    path.write_bytes(packed(bomb))
    assert "larger than 2048 MB" in read(path)


def test_a_recording_of_many_answers_is_asked_quickly(tmp_path: Path) -> None:
    path = tmp_path / "one.json.xz"
    many = [
        Exchange(Request("/v1/models", (("offset", str(n)),)), "", 200, {}, b'{"data": [%d]}' % n)
        for n in range(20_000)
    ]
    write_cassette(path, many)
    source = CassetteSource(path)
    began = time.process_time()
    found = [source.fetch(one.request).body for one in many]
    missing = [source.fetch(Request("/v1/models", (("offset", f"{n}x"),))).failure for n in range(10)]
    assert time.process_time() - began < 5
    assert found == [one.body for one in many]
    assert all("nearest: /v1/models?offset=" in (why or "") for why in missing)


def test_of_many_recordings_the_likeliest_are_named_whole(tmp_path: Path) -> None:
    """All of them would be a line too long to show, and be shortened in the middle of their names."""
    for name in ("healthy-2026", *(f"incident-of-a-long-name-{nth:02}" for nth in range(30))):
        (tmp_path / f"{name}{storage.SUFFIX}").touch()
    likeliest = r"did you mean healthy-2026\? \(there are: healthy-2026, [\w-]+, [\w-]+, [\w-]+ and 27 more\)$"
    with pytest.raises(CassetteError, match=likeliest):
        CassetteSource(tmp_path / f"healthy{storage.SUFFIX}")
