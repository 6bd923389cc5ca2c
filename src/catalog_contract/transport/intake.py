"""What an answer may cost its reader: bytes as unpacked, and the memory that its values would take."""

from collections.abc import Callable

import requests

from catalog_contract.model.contract import Transport
from catalog_contract.model.exchange import OVER_LIMIT
from catalog_contract.transport.errors import TooLarge

CHUNK = 65_536
MEGABYTE = 1_000_000

LIST_BYTES, OBJECT_BYTES, VALUE_BYTES = 72, 130, 64
"""About what CPython takes for an empty list, a small object, and one more value in either, with its place."""

MAX_FACTOR = 70
"""No byte of a body takes more than that: a body that is small enough is not counted through."""


def whole_body(response: requests.Response, limits: Transport, count: Callable[[int], None]) -> bytes:
    """The body, unpacked; never more than the cap and one chunk is read. `count` gets how many bytes came.

    Raises TooLarge where the body, or what it would be decoded, is larger than the contract allows.
    """
    cap = int(limits.body_cap_megabytes * MEGABYTE)
    declared = response.headers.get("content-length", "")
    body = bytearray()
    too_large = declared.isdecimal() and int(declared) > cap
    try:
        if not too_large:
            for chunk in response.iter_content(CHUNK):
                body += chunk
                if too_large := len(body) > cap:
                    break
    finally:
        count(len(body) + sum(len(name) + len(value) for name, value in response.headers.items()))
    if too_large:
        body.clear()
        raise TooLarge(f"the body is larger than {limits.body_cap_megabytes:g} MB, cut off")
    if why := _too_large_decoded(body, limits.decoded_cap_megabytes):
        body.clear()
        raise TooLarge(why)
    return bytes(body)


def _too_large_decoded(body: bytearray, megabytes: float) -> str:
    if len(body) * MAX_FACTOR <= megabytes * MEGABYTE:
        return ""
    size = decoded_size(body) / MEGABYTE
    if size <= megabytes:
        return ""
    sizes = f"{len(body) / MEGABYTE:,.0f} MB, about {size:,.0f} decoded, {megabytes:,.6g} are allowed"
    return f"{OVER_LIMIT}{sizes} (transport.decoded_cap_megabytes)"


def decoded_size(body: bytes | bytearray) -> int:
    """About how many bytes of memory a JSON body takes when it is decoded; rather too many than too few."""
    values, objects, lists = body.count(b","), body.count(b"{"), body.count(b"[")
    return len(body) + VALUE_BYTES * values + OBJECT_BYTES * objects + LIST_BYTES * lists
