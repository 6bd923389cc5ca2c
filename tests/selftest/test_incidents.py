"""Incidents: one table of the contract, which recordings, reports and docs follow; other contracts do not show it."""

import json
from dataclasses import replace
from pathlib import Path

import golden_runs
import pytest

from catalog_contract.cli import main
from catalog_contract.contracts.load import contract_names, load_contract
from catalog_contract.report import html, terminal
from catalog_contract.report.json import run_from_json, to_json
from catalog_contract.rules.rulebook import rulebook
from catalog_contract.rules.selection import unknown_rule
from catalog_contract.run.settings import Settings, SettingsError, contract_of
from catalog_contract.transport.cassette import manifest
from catalog_contract.util.paths import PROJECT
from fixtures.gateway.core import FAULTS
from fixtures.gateway.gallery import CONTRACTS, pinned
from tools import cassettes, documents

OWN = [
    (era, incident)
    for era, name in CONTRACTS.items()
    for incident in load_contract(name).incidents
    if incident.contract == name
]
"""Each incident once, with the era of the contract that declares it."""


def test_what_an_incident_concerns_its_fault_breaks() -> None:
    """In its own era, at every seed: a report never names an incident that would not show there."""
    wrong = {i.key: set(i.rules) - {*pinned()[i.fault, era].breaks} for era, i in OWN if i.fault}
    assert {key: rules for key, rules in wrong.items() if rules} == {}
    assert [incident.key for _, incident in OWN if incident.cassette and incident.fault not in FAULTS] == []


def test_every_recorded_incident_is_in_the_table_and_the_other_way_round() -> None:
    recorded = {name for name in manifest.entries() if name.startswith("incident-")}
    assert {incident.cassette for _, incident in OWN if incident.cassette} == recorded
    assert {recording.name for recording in cassettes.RECORDINGS} == {"healthy", "healthy-2026", *recorded}


def test_a_new_incident_is_recorded_and_documented(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By its row in the table alone."""
    text = (PROJECT / "fixtures" / "contracts" / "gatewayz.toml").read_text("utf-8")
    row = {"key": "new", "date": "2027", "title": "A new one", "story": "One model was lost."}
    row |= {"fault": "one-model-lost-for-good", "cassette": "incident-new"}
    lines = ["[[incidents]]", *(f'{key} = "{value}"' for key, value in row.items())]
    path = tmp_path / "gatewayz.toml"
    path.write_text("\n".join([text, *lines, 'rules = ["known_items_are_listed"]', ""]), "utf-8")
    mended = load_contract(str(path))
    for module in (cassettes, documents):
        monkeypatch.setattr(module, "load_contract", lambda name: mended if name == "gatewayz" else load_contract(name))
    new = [recording for recording in cassettes.recordings() if recording not in cassettes.RECORDINGS]
    assert new == [cassettes.Recording("incident-new", "one-model-lost-for-good", "2025")]
    assert "| 2027 | *A new one.* One model was lost. |" in documents.incidents_document()


def test_a_later_contract_of_the_same_api_takes_incidents_over() -> None:
    keys = [incident.key for incident in load_contract("gatewayz-2026").incidents]
    assert [incident.key for era, incident in OWN] == keys
    assert {"storm", "negative-offset"} <= set(keys) and len(set(keys)) == len(keys)


@pytest.mark.parametrize("rule", rulebook(), ids=lambda rule: rule.name)
def test_no_rule_speaks_of_an_incident(rule) -> None:
    """What a reader of another contract sees of a rule names no company and no day."""
    shown = f"{rule.promise} {rule.why} {rule.cannot_see}".lower()
    named = [incident.title.lower() for _, incident in OWN] + ["gatewayz", "2025", "2026", "huggingface"]
    assert [word for word in named if word in shown] == []


def test_only_the_contract_in_use_names_its_incidents() -> None:
    """The same broken promises, judged by a contract that declares no incident, are reported without one."""
    run = golden_runs.cut()
    assert "seen before: Cut to 101" in "\n".join(terminal.findings(run))
    assert "Seen before: Cut to 101 (2025-10-18): Offset 100 gave one model" in html.render(run)
    other = replace(run, incidents=())
    assert "Cut to 101" not in "\n".join(terminal.findings(other)) + html.render(other) + json.dumps(to_json(other))


def test_incidents_come_back_from_the_verdict_file() -> None:
    run = golden_runs.cut()
    assert run.incidents and run_from_json(json.loads(json.dumps(to_json(run)))).incidents == run.incidents


def test_explain_tells_the_incident_of_the_contract_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "the_collection_answers"]) == 0
    assert "Seen before\n  Not found (2025-10-18): Every route" in capsys.readouterr().out
    assert main(["explain", "the_collection_answers", "--contract", "example-minimal"]) == 0
    assert "Not found" not in capsys.readouterr().out


def test_a_rule_that_is_not_there_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (PROJECT / "fixtures" / "contracts" / "gatewayz.toml").read_text("utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('"known_items_are_listed"', '"known_item_are_listed"'), "utf-8")
    line = "contract mine: incident 'upstream-ignores-offset': there is no rule 'known_item_are_listed'; "
    with pytest.raises(SettingsError, match=f"{line}did you mean 'known_items_are_listed'"):
        contract_of(Settings(contract=str(path)))
    assert main(["contract", str(path)]) == 4
    assert capsys.readouterr().err == f"catalog-contract: {line}did you mean 'known_items_are_listed'?\n"


@pytest.mark.parametrize("name", contract_names())
def test_every_shipped_contract_names_rules_that_exist(name: str) -> None:
    assert unknown_rule(load_contract(name)) == ""
