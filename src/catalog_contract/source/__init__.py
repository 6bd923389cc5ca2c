"""Where answers come from: a live service, a recording, and one copy of each answer for the whole run.

The only place that speaks HTTP or reads and writes cassettes.
"""

from catalog_contract.source.base import Source, SourceError
from catalog_contract.source.cassette import CassetteError, CassetteSource, write_cassette
from catalog_contract.source.live import LiveSource
from catalog_contract.source.recording import RecordingSource, recorded_before
from catalog_contract.source.secret import key_from_environment
from catalog_contract.source.shared import OnceSource
from catalog_contract.source.storage import put_in_place, shown

__all__ = [
    "CassetteError",
    "CassetteSource",
    "LiveSource",
    "OnceSource",
    "RecordingSource",
    "Source",
    "SourceError",
    "key_from_environment",
    "put_in_place",
    "recorded_before",
    "shown",
    "write_cassette",
]
