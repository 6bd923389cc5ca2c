"""What a run knows only at its end, added to Allure's results: the cause, the promise as message, the verdict page."""

import json
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from catalog_contract.model.run import Run
from catalog_contract.model.verdict import Judgement, Verdict
from catalog_contract.report.allure_files import results
from catalog_contract.report.findings import again, causes_in_words
from catalog_contract.rules.judge import DEFECT
from catalog_contract.util.files import write
from catalog_contract.util.text import COMMAND, block, escaped_json, line

CASE = "contract-case"
"""The label by which a result is known as that of a case."""
NOT_JUDGED = "Not judged"
PAGE = "the verdict page"


def case_label(rule: str, case: str) -> str:
    """What the label says."""
    return line(f"{rule}[{case}]", COMMAND)


def complete(directory: Path, run: Run, page: Path) -> list[Path]:
    """Rewrite the results of what does not hold; the others, and those of no case of the run, stay as they are.

    The verdict page is one attachment of them all, and of the first case: a run of which all holds has it too.
    Raises ReportError when the directory cannot be written.
    """
    wanted = [judgement for judgement in run.judgements if judgement.verdict is not Verdict.HOLDS]
    cases = {case_label(judgement.rule, judgement.case): judgement for judgement in (*run.judgements[:1], *wanted)}
    attached = _attachment(directory, page)
    written = []
    for path, data in results(directory):
        judgement = cases.get(_case_of(data))
        if judgement is not None:
            _tell(data, run, judgement)
            data["attachments"] = [*attached, *data.get("attachments", [])]
            written.append(write(path, escaped_json(json.dumps(data, ensure_ascii=False)), tidy=False))
    return written


def _attachment(directory: Path, page: Path) -> list[dict[str, str]]:
    if not page.is_file():
        return []
    name = f"{uuid.uuid4()}-attachment.html"
    write(directory / name, page.read_bytes())
    return [{"name": PAGE, "source": name, "type": "text/html"}]


def _case_of(data: dict[str, Any]) -> str:
    labels: Iterable[dict[str, str]] = data.get("labels", ())
    return next((label["value"] for label in labels if label.get("name") == CASE), "")


def _tell(data: dict[str, Any], run: Run, judgement: Judgement) -> None:
    """The promise as the message, what was found as the trace: reports show the first line of both in their lists."""
    if judgement.verdict is Verdict.HOLDS or judgement.why.startswith(DEFECT):
        return
    broken = judgement.verdict is Verdict.BROKEN
    promise = line(judgement.promise or judgement.rule)
    cause = line(causes_in_words(run)) if broken and not judgement.known else ""
    commands = (line(command, COMMAND) for command in (*judgement.curls, again(run, judgement)))
    parts = [block(judgement.message), cause, *(f"$ {command}" for command in commands if command)]
    message = promise if broken else f"{NOT_JUDGED}: {promise}"
    data["statusDetails"] = {
        **data.get("statusDetails", {}),
        "message": message,
        "trace": "\n".join(filter(None, parts)),
    }
    if cause:
        parameters = data.get("parameters", [])
        data["parameters"] = [*parameters, {"name": "cause", "value": cause, "excluded": True}]
