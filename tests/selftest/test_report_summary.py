"""The Markdown summary: short, complete in what matters, and without effect."""

import re
from dataclasses import replace

import golden_parts
import golden_runs
import pytest
from hidden import hidden_characters
from markdown_it import MarkdownIt

from catalog_contract.report import ci, markdown
from catalog_contract.util.files import ReportError
from catalog_contract.util.text import DASH


def rendered(text: str) -> str:
    return MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(text)


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_it_is_under_60_lines_and_small(name):
    text = markdown.render(golden_runs.ALL[name]())
    assert len(text.splitlines()) < 60
    assert len(text.encode()) < 60_000


@pytest.mark.parametrize("name", golden_runs.ALL)
def test_the_verdict_is_in_the_first_line(name):
    run = golden_runs.ALL[name]()
    assert run.verdict.value in markdown.render(run).splitlines()[0]


def test_verdict_diagnosis_table_and_findings_are_there():
    text = markdown.render(golden_runs.cut())
    for part in (
        "## ❌ BROKEN: Gatewayz model catalogue",
        "**Probably: stops at a short page or upstream ignores offset.**",
        "| huggingface | 101 | 101 | 0 | 1,350 | ❌ BROKEN |",
        "| **all together** | 3,831 |",
        "### Broken promises",
        "The page at offset 100 holds 1 model, expected 100.",
        f"\n  ```sh\n  {golden_parts.curl(100)}\n",
    ):
        assert part in text


def test_what_cannot_be_seen_has_a_heading_of_its_own():
    assert "\n### What this run cannot see\n\n- " in markdown.render(golden_runs.healthy())
    assert "What this run cannot see" not in markdown.render(golden_runs.cut())


def test_the_trend_is_a_line_where_there_is_a_history():
    line = next(line for line in markdown.render(golden_runs.cut()).splitlines() if line.startswith("Totals of"))
    assert line.startswith("Totals of the last 7 runs, this one last: all together ")
    assert f"; huggingface 1,352 → 1,352 → 1,353 → {DASH} → 101 → 101 → 101; " in line
    assert "Totals of" not in markdown.render(golden_runs.healthy())


def test_it_renders_as_a_table_of_all_gateways():
    html = rendered(markdown.render(golden_runs.cut()))
    assert html.count("<tr>") == 1 + len(golden_parts.TOTALS) + 1
    assert html.count("<table>") == 1


def test_a_broken_gateway_is_in_the_table_however_many_there_are():
    run = golden_runs.many_gateways(60)
    text = markdown.render(run)
    assert "| gateway-59 | 1 |" in text
    assert "more gateways, all of which hold" in text


def test_hostile_text_has_no_effect():
    text = markdown.render(golden_runs.hostile())
    html = rendered(text)
    assert not hidden_characters(text, allowed="\n")
    for tag in ("<script", "<img", "<a ", "href"):
        assert tag not in html
    visible = re.sub(r"<code[^>]*>.*?</code>", "", html, flags=re.DOTALL)
    assert not re.search(r"@\w|#\d|https?://|www\.", visible)
    assert html.count("<tr>") == 1 + len(golden_runs.hostile().counts) + 1


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a|b*c*_d_[x](y)<b>~z~", "a|b*c*_d_[x](y)&lt;b&gt;~z~"),
        ("`limit=1`", "`limit=1`"),
        ("R&amp;D", "R&amp;amp;D"),
        ("@everyone", "@<!-- -->everyone"),
        ("https://x.example", "https:<!-- -->//x.example"),
        ("#1", "#<!-- -->1"),
    ],
)
def test_an_escaped_text_is_shown_as_it_is(text, html):
    assert rendered(f"say {markdown.escaped(text)}").strip() == f"<p>say {html}</p>"


@pytest.mark.parametrize("text", ["plain", "a`b", "``", "`", "a``b`c", "`x`"])
def test_code_is_one_span_whatever_it_holds(text):
    assert rendered(f"say {markdown.code(text)} end").strip() == f"<p>say <code>{text}</code> end</p>"


@pytest.mark.parametrize("text", ["plain", "a`b", "```", "x ``` y ```` z", "- # <b>"])
def test_commands_are_one_block_whatever_they_hold(text):
    html = rendered(f"- point\n{markdown.fenced([text, 'second'])}\n- next")
    shown = text.replace("<", "&lt;").replace(">", "&gt;")
    assert html.count("<li>") == 2
    assert f'<pre><code class="language-sh">{shown}\nsecond\n</code></pre>' in html


@pytest.mark.parametrize("number", [1, 7, 40])
def test_no_block_of_commands_is_cut_open(number):
    run = golden_runs.cut()
    text = markdown.render(replace(golden_runs.many(number), counts=run.counts, diagnosis=run.diagnosis * 3))
    assert text.count("\n  ```") in (2, 4, 6, 8)


def test_the_run_of_ci_is_linked_and_no_address_of_anybody_else(tmp_path):
    given = {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b"}
    given |= {"GITHUB_RUN_ID": "7", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    markdown.append_step_summary(golden_runs.cut(), given)
    assert "[The run, with its reports](https://github.com/a/b/actions/runs/7)." in (tmp_path / "summary").read_text()
    for odd in ({"GITHUB_RUN_ID": "7)[x](y"}, {"GITHUB_ACTIONS": "false"}, {"GITHUB_SERVER_URL": "javascript:x"}):
        assert ci.address(given | odd) == ""


def test_it_is_added_to_the_file_that_the_environment_names(tmp_path):
    path = tmp_path / "summary"
    path.write_text("before\n")
    run = golden_runs.cut()
    assert markdown.append_step_summary(run, {"GITHUB_STEP_SUMMARY": str(path)}) == path
    assert path.read_text("utf-8") == "before\n" + markdown.render(run)
    assert markdown.append_step_summary(run, {}) is None
    with pytest.raises(ReportError, match=r"^cannot write "):
        markdown.append_step_summary(run, {"GITHUB_STEP_SUMMARY": str(tmp_path)})
