"""The package as a user has it: built from the clone, and installed into an environment of its own, once for a run."""

import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from catalog_contract.util.paths import PROJECT

HIDDEN = ("PYTEST", "GITHUB", "PYTHON", "CATALOG", "VIRTUAL_ENV")
"""The beginnings of variables that would let the clone, or the run at hand, be seen."""


@dataclass(frozen=True)
class Installed:
    """A project folder with an environment in `.venv`, and the folders with the files built."""

    folder: Path

    @property
    def project(self) -> Path:
        """The folder whose `.venv` has the package."""
        return self.folder / "project"

    def wheel(self, source: str) -> Path:
        """The wheel built from the `clone` or from the `sdist`."""
        (path,) = (self.folder / source).glob("*.whl")
        return path

    @staticmethod
    def environment() -> dict[str, str]:
        """The variables of a process that knows nothing of the clone."""
        return {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}

    def run(self, cwd: Path, *command: object, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment in a folder; Python knows nothing of the clone."""
        program, *arguments = map(str, command)
        return subprocess.run(
            [self.project / ".venv" / "bin" / program, *arguments],
            cwd=cwd,
            env=self.environment() | variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Installed:
    """The installed package; workers of one run share it."""
    base = tmp_path_factory.getbasetemp()
    found = Installed((base if worker_id == "master" else base.parent) / "installed")
    with FileLock(f"{found.folder}.lock"):
        if not (found.folder / "done").exists():
            _install(found)
            (found.folder / "done").touch()
    return found


def _install(into: Installed) -> None:
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir"]
    _must([*build, str(into.folder / "sdist"), str(PROJECT)])
    _must([*build, str(into.folder / "clone"), "--wheel", str(PROJECT)])
    environment = into.project / ".venv"
    venv.create(environment, with_pip=True)
    _must([str(environment / "bin" / "python"), "-m", "pip", "install", "-q", str(into.wheel("clone"))])


def _must(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
