"""Where the files of the project are: in a clone at the places they are written at, once installed in the package."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
PROJECT = PACKAGE.parents[1]
"""The root of a clone. Without meaning in an installed package."""

_DATA = PACKAGE / "data"
INSTALLED = _DATA.is_dir()
"""Whether this is a built package; an editable install is a clone."""

FIXTURES = _DATA if INSTALLED else PROJECT / "fixtures"
"""Contracts, JSON Schemas, and what each known fault breaks."""

RULEBOOK = PACKAGE / "rulebook" if INSTALLED else PROJECT / "tests" / "contract"
RULEBOOK_NAME = "catalog_contract.rulebook"
"""The rulebook as `pytest --pyargs` names it."""

SHIPPED_CASSETTES = _DATA / "cassettes" if INSTALLED else PROJECT / "cassettes"
CASSETTES = Path("cassettes") if INSTALLED else SHIPPED_CASSETTES
"""Where recordings are written and looked for first: nothing is ever written into an installed package."""
