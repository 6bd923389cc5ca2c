"""The wheel: installed into an empty environment it judges from an empty folder, and leaves other projects alone."""

import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from installed import Installed, installed
from runs import small
from small_servers import api_of, serving

from catalog_contract.util.paths import PROJECT
from fixtures.apis.api import Asked, Response, number
from fixtures.gateway.core import reference_gateway
from fixtures.gateway.server import serve

__all__ = ["installed"]

BAD_QUERY = """
[[bad_queries]]
name = "offset=-1"
query = { offset = "-1" }
"""
FAST = ("--rate", "1000")

FOREIGN = {
    "pyproject.toml": """
[tool.pytest]
addopts = ["--strict-config", "--strict-markers", "-p", "no:cacheprovider"]
filterwarnings = ["error"]
""",
    "conftest.py": """
def pytest_addoption(parser):
    parser.addoption("--contract", default="theirs")
    parser.addoption("--record", action="store_true")
""",
    "test_pages.py": """
import sys

LIGHT = {"catalog_contract", "catalog_contract.pytest_plugin", "catalog_contract.pytest_plugin.options",
         "catalog_contract.util", "catalog_contract.util.paths"}


def test_a_page_before_the_end_is_full(pytestconfig):
    assert pytestconfig.getoption("--contract") == "theirs"


def test_nothing_of_weight_is_loaded():
    assert {name for name in sys.modules if name.startswith("catalog_contract")} <= LIGHT


def test_fails():
    assert 1 == 2
""",
}
"""A project that has an option and a test module by the names of ours, and a test that fails."""


def content(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel but for the list of them."""
    with zipfile.ZipFile(wheel) as packed:
        return {name: packed.read(name) for name in packed.namelist() if not name.endswith("RECORD")}


def test_the_sdist_gives_the_wheel_of_the_clone(installed: Installed) -> None:
    assert content(installed.wheel("sdist")) == content(installed.wheel("clone"))


@pytest.mark.parametrize(("fault", "status"), [(None, 0), ("offset-ignored", 1)], ids=["healthy", "a fault"])
def test_a_service_is_judged_from_an_empty_folder(
    installed: Installed, tmp_path: Path, fault: str | None, status: int
) -> None:
    with serve(reference_gateway("2025", fault)) as (base_url, log):
        done = installed.run(tmp_path, "catalog-contract", "check", small(tmp_path), *FAST, "--base-url", base_url)
    assert done.returncode == status, done.stdout + done.stderr
    verdict = json.loads((tmp_path / "reports" / "verdict.json").read_text("utf-8"))
    assert verdict["exit_status"] == status
    assert {request["target"] for request in verdict["requests"]} == {request["target"] for request in log}
    assert any(rule["verdict"] == "BROKEN" for rule in verdict["rules"]) == bool(fault)


def test_a_service_that_is_not_there_is_not_judged(installed: Installed, tmp_path: Path) -> None:
    with serve(reference_gateway()) as (base_url, _):
        pass
    contract = small(tmp_path, "[transport]\ntries = 1\n")
    done = installed.run(tmp_path, "catalog-contract", "check", contract, "--base-url", base_url, "-k", "groq")
    assert done.returncode == 16, done.stdout + done.stderr


def test_a_contract_file_without_a_recording_is_judged_at_its_base_url(installed: Installed, tmp_path: Path) -> None:
    with serve(reference_gateway()) as (base_url, log):
        contract = small(tmp_path)
        contract.write_text(contract.read_text("utf-8").replace("http://127.0.0.1:8900", base_url), encoding="utf-8")
        done = installed.run(tmp_path, "catalog-contract", "check", contract, "-k", "groq")
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"source: live {base_url}" in done.stdout and log


def test_the_commands_of_the_readme_give_a_first_verdict_in_an_empty_folder(
    installed: Installed, tmp_path: Path
) -> None:
    """Word for word, but for the port."""
    (block,) = re.findall(r"^```console service\n(.*?)^```$", (PROJECT / "README.md").read_text("utf-8"), re.M | re.S)
    listed = [{"id": f"inv-{nth}", "paid": nth % 2 == 0} for nth in range(237)]
    state = {"rows": listed}

    def answer(asked: Asked) -> Response:
        limit, offset = number(asked, "limit", 20, 1, 100), number(asked, "offset", 0)
        return Response({"items": state["rows"][offset : offset + limit], "total": len(listed)})

    with serving(api_of("/invoices", answer)) as (url, _):
        lines = [line.removeprefix("$ ").replace("http://127.0.0.1:8000", url) for line in block.splitlines()]
        assert len(lines) == 2
        for line in lines:
            done = installed.run(tmp_path, *line.split())
            assert done.returncode == 0, done.stdout + done.stderr
        state["rows"] = listed[:-30]
        done = installed.run(tmp_path, *lines[1].split())
    assert done.returncode == 1, done.stdout + done.stderr
    assert "total says 237, the walk meets 207 different invoices" in done.stdout
    assert "report: reports/verdict.html" in done.stdout


def test_check_is_pytest_over_the_rulebook(installed: Installed, tmp_path: Path) -> None:
    """Both forms judge the same cases of a service with a fault, and find the same, word for word."""
    contract = small(tmp_path, BAD_QUERY)
    check = ("catalog-contract", "check", contract)
    direct = ("pytest", "--pyargs", "catalog_contract.rulebook", "--contract", contract, "-n", "2")
    found = []
    with serve(reference_gateway("2025", "negative-offset-accepted")) as (base_url, _):
        for name, command in (("check", check), ("pytest", direct)):
            done = installed.run(tmp_path, *command, *FAST, "--base-url", base_url, "--report-dir", name)
            assert done.returncode == 1, done.stdout + done.stderr
            verdict = json.loads((tmp_path / name / "verdict.json").read_text("utf-8"))
            found.append([{key: value for key, value in rule.items() if key != "seconds"} for rule in verdict["rules"]])
    assert found[0] == found[1] and len(found[0]) > 50
    assert [rule["case"] for rule in found[0] if rule["verdict"] == "BROKEN" and rule["curl"]]


def test_a_recording_goes_into_the_folder_at_hand(installed: Installed, tmp_path: Path) -> None:
    """By its name into `cassettes`, where it is found again; never into the package."""
    contract = small(tmp_path)
    with serve(reference_gateway()) as (base_url, _):
        options = (*FAST, "--base-url", base_url, "--record", "mine")
        made = installed.run(tmp_path, "catalog-contract", "check", contract, *options)
    assert made.returncode == 0, made.stdout + made.stderr
    assert {path.name for path in (tmp_path / "cassettes").iterdir()} >= {"mine.json.xz", "MANIFEST"}
    judged = installed.run(tmp_path, "catalog-contract", "check", contract, "--cassette", "mine")
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.parametrize(
    "command",
    ["--version", "--help", "check --help", "counts --contract gatewayz", "pages --contract gatewayz", "explain",
     "explain a_page_before_the_end_is_full",
     "show healthy", "contract", "contract gatewayz-2026", "upstream --list"],
)  # fmt: skip
def test_every_command_works_in_an_empty_folder(installed: Installed, tmp_path: Path, command: str) -> None:
    done = installed.run(tmp_path, "catalog-contract", *command.split())
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "not known here" not in done.stdout
    assert not command.startswith("explain") or "gatewayz" not in done.stdout  # nobody here has asked for that contract
    assert list(tmp_path.iterdir()) == []


def test_the_stand_in_of_the_upstream_serves_from_an_empty_folder(installed: Installed, tmp_path: Path) -> None:
    """It needs nothing of the clone: it lists every model, and `upstream-check` concludes."""
    command = (
        installed.project / ".venv" / "bin" / "catalog-contract",
        "upstream",
        "--mode",
        "drifting",
        "--port",
        "0",
    )
    with subprocess.Popen(
        command, cwd=tmp_path, env=installed.environment(), stdout=subprocess.PIPE, text=True
    ) as served:
        try:
            assert served.stdout
            url = served.stdout.readline().split()[0]
            done = installed.run(tmp_path, "catalog-contract", "upstream-check", url)
            assert (done.returncode, done.stderr) == (0, ""), done.stdout
            assert "upstream ignores offset" in " ".join(done.stdout.split())
            assert "2 pages, 1,352 models" in done.stdout
        finally:
            served.terminate()
    assert served.returncode == 0 and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "reported"),
    [
        ("check", "check needs a contract first"),
        ("check nowhere.toml", "there is no such file"),
        ("check example-minimal -q", "give --base-url URL or --cassette NAME"),
        ("check gatewayz -q --cassette incident-storm", "there is no cassette"),
        ("counts --contract nothing", "unknown contract 'nothing': the names are: "),
        ("counts", "whom to ask? give --contract NAME|PATH, with --live to ask its service, or --base-url URL"),
        ("pages", "whom to ask? give --contract NAME|PATH"),
        ("show nothing", "(there are: healthy, healthy-2026)"),
    ],
)
def test_what_is_missing_is_one_line(installed: Installed, tmp_path: Path, command: str, reported: str) -> None:
    done = installed.run(tmp_path, "catalog-contract", *command.split())
    lines = [line for line in done.stderr.splitlines() if line]
    assert (done.returncode, len(lines)) == (4, 1), done.stderr
    assert reported in lines[0]


@pytest.fixture
def foreign(installed: Installed) -> Path:
    """A project of somebody else, whose `.venv` has the package."""
    for name, text in FOREIGN.items():
        (installed.project / name).write_text(text, encoding="utf-8")
    return installed.project


@pytest.mark.parametrize("paths", [(), (".",), ("test_pages.py",), ("-n", "2", ".")], ids=" ".join)
def test_a_project_of_others_is_not_touched(installed: Installed, foreign: Path, paths: tuple[str, ...]) -> None:
    """pytest prints, leaves and ends with the same as without the plugin, but for its name among the plugins."""
    without = installed.run(foreign, "pytest", "-p", "no:catalog_contract", *paths)
    done = installed.run(foreign, "pytest", *paths)
    assert done.returncode == without.returncode == 1
    assert "2 passed" in done.stdout and "1 failed" in done.stdout
    assert plain(done.stdout) == plain(without.stdout)
    assert {path.name for path in foreign.iterdir()} - {"__pycache__"} == {*FOREIGN, ".venv"}


def plain(printed: str) -> str:
    """What pytest printed without times and the names of plugins and workers."""
    return re.sub(r"plugins: .*|in [0-9.]+s|\[gw\d\] |[.F]{2,}", "", printed)


def test_check_works_in_a_project_of_others(installed: Installed, foreign: Path, tmp_path: Path) -> None:
    """Its pytest settings and its conftest.py are not read; where pytest itself is called, a clash is one line."""
    options = ("--report-dir", tmp_path / "reports", "-p", "no:cacheprovider", "-q", "-k", "groq")
    done = installed.run(foreign, "catalog-contract", "check", "gatewayz", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    clash = installed.run(foreign, "pytest", "--pyargs", "catalog_contract.rulebook")
    assert clash.returncode == 4
    assert clash.stderr.strip().startswith("ERROR: --contract is an option of another plugin or conftest.py here")
