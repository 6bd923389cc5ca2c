"""The installed package in short: its parts, the commands in this process, and options that wait to be asked."""

import os
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

from catalog_contract.model.verdict import EXIT_USAGE
from catalog_contract.pytest_plugin.options import ASKING, JUDGING, OPTIONS, asks_the_rulebook
from catalog_contract.util import paths
from catalog_contract.util.paths import CASSETTES, FIXTURES, PROJECT, RULEBOOK


def shipped() -> tuple[list[str], dict[str, str]]:
    """What the wheel takes from the clone, and where it puts it."""
    wheel = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    return wheel["only-include"], wheel["sources"]


def test_the_wheel_takes_all_that_the_package_reads() -> None:
    """Contracts, schemas, the rulebook, what the faults break, and the recordings that contracts name."""
    parts, places = shipped()
    assert [part for part in parts if not (PROJECT / part).exists()] == []
    contracts = [tomllib.loads(path.read_text("utf-8")) for path in (FIXTURES / "contracts").glob("*.toml")]
    named = {CASSETTES / f"{contract['cassette']}.json.xz" for contract in contracts if "cassette" in contract}
    needed = {FIXTURES / "contracts", FIXTURES / "schemas", FIXTURES / "gateway" / "breaks.toml", RULEBOOK, *named}
    assert needed <= {PROJECT / part for part in parts} and len(named) >= 2
    assert all(any(part.startswith(place) for place in places) for part in parts)


def test_a_recording_that_the_folder_lacks_is_that_of_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run
) -> None:
    """What is read may be shipped; a folder of its own goes first."""
    monkeypatch.setattr(paths, "CASSETTES", tmp_path / "cassettes")
    status, out, _ = run("show", "healthy")
    assert status == 0 and "recorded from the reference gateway" in out
    (tmp_path / "cassettes").mkdir()
    (tmp_path / "cassettes" / "healthy.json.xz").write_bytes(b"mine")
    assert run("show", "healthy")[0] == EXIT_USAGE


def test_the_version_is_that_of_the_package(run) -> None:
    assert run("--version")[:2] == (0, f"catalog-contract {version('catalog-contract')}\n")


@pytest.mark.parametrize(
    "options",
    [(), ("-k", "totals"), ("",), ("gatewayz", "--contract", "other"), ("gatewayz", "--contract=other")],
    ids=repr,
)
def test_check_needs_one_contract_and_first(run, options: tuple[str, ...]) -> None:
    status, out, err = run("check", *options)
    assert (status, out) == (EXIT_USAGE, "") and "contract" in err


def test_an_expression_that_fits_no_case_is_one_line_and_status_5(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "catalog_contract.cli", "check", "gatewayz", "-k", "nothing_like_it"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout + done.stderr
    assert done.stdout.count("no rule selected: no case fits -k or -m") == 1 and "Traceback" not in done.stdout


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_the_help_of_check_is_its_own(run, option: str) -> None:
    status, out, _ = run("check", option)
    assert status == 0 and out.startswith("usage: catalog-contract check CONTRACT")


def test_a_crash_of_a_command_is_3_and_one_line(monkeypatch: pytest.MonkeyPatch, run) -> None:
    monkeypatch.setattr("catalog_contract.cli.explain.rulebook", None)
    status, _, err = run("explain")
    assert status == 3 and "internal error" in err


def test_one_entry_point_declares_the_options() -> None:
    """The clone has no other way to the plugin: two would declare every option twice."""
    (entry,) = entry_points(group="pytest11", name="catalog_contract")
    assert entry.value == "catalog_contract.pytest_plugin.options"
    assert not (PROJECT / "conftest.py").exists()
    assert set(ASKING) < set(OPTIONS)


def test_a_run_that_asks_for_no_rule_has_no_more_than_the_options(pytestconfig: pytest.Config) -> None:
    """This one does not."""
    if not asks_the_rulebook(pytestconfig):
        assert not pytestconfig.pluginmanager.hasplugin(JUDGING)
        assert not pytestconfig.pluginmanager.hasplugin("catalog-contract-collector")


def test_check_reads_no_settings_of_the_folder_at_hand(tmp_path: Path) -> None:
    """Its pytest.ini and its conftest.py would both end this run, and plugins are not looked for."""
    (tmp_path / "conftest.py").write_text("raise SystemExit(7)", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    command = [sys.executable, "-m", "catalog_contract.cli", "check", "gatewayz", "-k", "huggingface-offset=100"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GITHUB"))}
    kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = subprocess.run(command, cwd=tmp_path, env=kept, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 holds" in done.stdout
    assert (tmp_path / "reports" / "verdict.json").exists()
