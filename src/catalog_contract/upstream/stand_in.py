"""The stand-in of an upstream, which is in `fixtures/upstream` of a clone and among the data of the package."""

import importlib
import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

from catalog_contract.util.paths import FIXTURES

NAME = "catalog_contract_stand_in"
"""The name it is loaded by: a clone that also imports `fixtures.upstream` has two of it, which share nothing."""


def stand_in(module: str) -> ModuleType:
    """One of its modules, for example `command`. It needs the standard library only, and loads no other double."""
    if NAME not in sys.modules:
        folder = FIXTURES / "upstream"
        spec = spec_from_file_location(NAME, folder / "__init__.py", submodule_search_locations=[str(folder)])
        assert spec and spec.loader
        package = module_from_spec(spec)
        sys.modules[NAME] = package
        spec.loader.exec_module(package)
    return importlib.import_module(f"{NAME}.{module}")
