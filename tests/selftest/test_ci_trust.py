"""The action and the nightly workflow: nothing is dropped, injected or mixed up, and the key meets pinned code."""

import re
import tomllib
from pathlib import Path

import pytest
from test_ci import needs_environment, run_script, steps

from catalog_contract.util.paths import PROJECT


@pytest.mark.parametrize("args", ["-k 'groq", '--rate 50 "'])
def test_the_action_refuses_what_it_cannot_split(args: str, tmp_path: Path) -> None:
    needs_environment()
    given = {"BASE_URL": "http://127.0.0.1:1", "CONTRACT": "gatewayz", "REPORT_DIR": "r", "ARGS": args}
    done = run_script("run_action.sh", tmp_path, GITHUB_OUTPUT=str(tmp_path / "output"), **given)
    assert (done.returncode, (tmp_path / "output").exists()) == (4, False)
    assert "a quote is not closed; nothing was run" in done.stderr


@pytest.mark.parametrize("name", ["BASE_URL", "CONTRACT", "REPORT_DIR"])
def test_no_input_of_the_action_writes_an_output_of_its_own(name: str, tmp_path: Path) -> None:
    needs_environment()
    given = {"BASE_URL": "http://127.0.0.1:1", "CONTRACT": "gatewayz", "REPORT_DIR": "r", "ARGS": ""}
    given[name] += "\nverdict=HOLDS"
    done = run_script("run_action.sh", tmp_path, GITHUB_OUTPUT=str(tmp_path / "output"), **given)
    assert (done.returncode, (tmp_path / "output").exists()) == (4, False)
    assert f"{name} holds a line break" in done.stderr


def test_the_night_of_a_contract_takes_nothing_of_another() -> None:
    (taken,) = (
        step["with"]
        for step in steps(PROJECT / ".github/workflows/nightly.yml")
        if step.get("uses", "").startswith("actions/cache/restore@")
    )
    names = [path.stem for path in (PROJECT / "fixtures" / "contracts").glob("*.toml")]
    begins = {name: taken["restore-keys"].replace("${{ env.CONTRACT }}", name) for name in names}
    assert [(a, b) for a in names for b in names if a != b and begins[b].startswith(begins[a])] == []


def test_the_job_that_holds_the_key_installs_what_is_pinned_by_hash_before_it_has_the_key() -> None:
    run = steps(PROJECT / ".github/workflows/nightly.yml")
    locked = next(place for place, step in enumerate(run) if step.get("run") == "make locked")
    with_key = [place for place, step in enumerate(run) if "CATALOG_API_KEY" in str(step)]
    assert [place for place in with_key if place < locked] == []
    recipe = (PROJECT / "Makefile").read_text().partition("\nlocked:")[2].partition("\n\n")[0]
    assert "--require-hashes -r requirements.lock" in recipe and "--no-deps --no-build-isolation -e ." in recipe


def test_the_lock_file_pins_every_dependency_with_its_hashes() -> None:
    lock = (PROJECT / "requirements.lock").read_text()
    pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\\n    --hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE))
    assert len(pinned) == len(re.findall(r"^[a-z]", lock, re.MULTILINE))
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for one in wanted:
        found = re.fullmatch(r"([A-Za-z0-9-]+)(?:\[.*\])?>=([0-9.]+).*", one)
        assert found, one
        have = tuple(int(part) for part in re.findall(r"\d+", pinned[found[1].lower()])[:2])
        assert have >= tuple(int(part) for part in found[2].split(".")), f"{one}: make lock"
