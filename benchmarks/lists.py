"""The contract of a made-up list of any length, see `benchmarks.server`."""

from pathlib import Path

CONTRACT = """\
title = "A list of {items:,} items"
base_url = "http://127.0.0.1:8900"
list_path = "/items"

[parameters]
offset = "offset"
limit = "limit"

[envelope]
items = "data"
total = "total"
offset = "offset"
limit = "limit"

[paging]
style = "offset"
page_size = 1000
other_page_size = 997
bulk_limit = 1000
maximum_limit = 1000
default_limit = 100
above_maximum = "clamped"

[[collections]]
name = "items"
depth = "full"
expected_total = {items}
as_of = 2026-01-01
source = "made by benchmarks/server.py"
"""


def contract(folder: Path, items: int) -> Path:
    """Write the contract of a list of that many items."""
    path = folder / f"list-{items}.toml"
    path.write_text(CONTRACT.format(items=items))
    return path
