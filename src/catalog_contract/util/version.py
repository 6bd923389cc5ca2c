"""Which version of this project runs."""

from importlib.metadata import PackageNotFoundError, version

UNKNOWN = "(not installed)"


def own_version() -> str:
    """The version of the installed package, for example `0.1.0`; UNKNOWN where it runs without being installed."""
    try:
        return version("catalog-contract")
    except PackageNotFoundError:
        return UNKNOWN
