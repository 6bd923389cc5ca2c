"""Where the project keeps what it ships: contracts, schemas, cassettes and the rulebook."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
FIXTURES = PROJECT / "fixtures"
CASSETTES = PROJECT / "cassettes"
RULEBOOK = PROJECT / "tests" / "contract"
