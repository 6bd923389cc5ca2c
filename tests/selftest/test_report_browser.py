"""The verdict page in a browser: axe-core finds nothing, commands can be copied, promises filtered by state."""

import html
import json
import re
from dataclasses import replace

import golden_runs
import pytest
from test_report_page import CHROMIUM, framed, in_chromium

from catalog_contract.model.run import Invocation
from catalog_contract.model.verdict import Verdict
from catalog_contract.report import html as verdict_page
from catalog_contract.report.findings import rules
from catalog_contract.util.paths import PROJECT

AXE = PROJECT / "tools" / "node_modules" / "axe-core" / "axe.min.js"
CALLED = Invocation("pytest tests/contract --cassette x", "catalog-contract check gatewayz", "0.1.0", "8607923c86")
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
WAIT = "--virtual-time-budget=30000"

COLLECT = """<!doctype html><html lang="en"><title>harness</title><pre id="found"></pre>
<script>
const found = [];
addEventListener("message", (reported) => {
  found.push(reported.data);
  document.getElementById("found").textContent = JSON.stringify(found);
});
</script>%s</html>"""

CHECK = """<script>%s</script><script>
addEventListener("load", async () => {
  for (const d of document.querySelectorAll("details")) d.open = true;
  const seen = await axe.run(document, {resultTypes: ["violations"]});
  const wrong = seen.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).slice(0, 3).join(", "));
  parent.postMessage({name: frameElement.title, dark: matchMedia("(prefers-color-scheme: dark)").matches,
                      wrong, passed: seen.passes.length}, "*");
});
</script>"""

USE = """<script>
addEventListener("load", () => {
  const shown = (selector) => [...document.querySelectorAll(selector)].filter(e => e.offsetParent !== null).length;
  for (const d of document.querySelectorAll("details")) d.open = true;
  const reported = {name: frameElement.title, buttons: shown("button.copy"), commands: shown(".command")};
  for (const state of ["broken", "unseen", "holds"]) {
    const radio = document.querySelector(`#promises input[value=${state}]`);
    if (radio) { radio.checked = true; reported[state] = shown("#promises tbody tr"); }
  }
  const region = document.querySelector(".counts").parentElement;
  reported.over = region.scrollWidth - region.clientWidth;
  const button = document.querySelector("button.copy");
  if (button) button.click();
  setTimeout(() => { reported.stated = button ? button.textContent : ""; parent.postMessage(reported, "*"); }, 500);
});
</script>"""


def looked_at(frames: str, folder, *flags: str) -> list[dict]:
    """What the pages in the frames reported."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the page was not looked at in a browser")
    dom, _ = in_chromium(COLLECT % frames, folder, WAIT, *flags)
    return json.loads(html.unescape(re.findall('<pre id="found">(.*?)</pre>', dom, re.DOTALL)[-1]) or "[]")


def page(name: str) -> str:
    """A verdict page as a run writes it."""
    return verdict_page.render(replace(golden_runs.ALL[name](), invocation=CALLED))


def without_policy(text: str, more: str) -> str:
    """The page with what looks at it inside: its own policy would keep that out."""
    assert POLICY.search(text)
    return POLICY.sub("", text).replace("</body>", f"{more}</body>")


@pytest.mark.parametrize("dark", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["light", "dark"])
def test_axe_finds_nothing_on_a_healthy_and_a_broken_page(dark: bool, tmp_path) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not there: npm ci --prefix tools")
    look = CHECK % AXE.read_text("utf-8").replace("</script", "<\\/script")
    names = ("healthy", "cut")
    frames = "".join(
        framed(f"{name} {width}", width, without_policy(page(name), look)) for name in names for width in (1280, 390)
    )
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    seen = looked_at(frames, tmp_path, scheme)
    assert {one["name"] for one in seen} == {f"{name} {width}" for name in names for width in (1280, 390)}
    assert {one["dark"] for one in seen} == {dark}
    for one in seen:
        assert one["passed"] > 20
        assert one["wrong"] == [], one


def test_axe_would_find_what_is_wrong(tmp_path) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not there: npm ci --prefix tools")
    look = CHECK % AXE.read_text("utf-8").replace("</script", "<\\/script")
    wrong = without_policy(page("healthy"), look).replace('<html lang="en">', "<html>").replace("<h1>", "<h1><img>")
    (seen,) = looked_at(framed("wrong", 1280, wrong), tmp_path)
    assert {found.partition(":")[0] for found in seen["wrong"]} >= {"html-has-lang", "image-alt"}


@pytest.fixture(scope="module")
def used(tmp_path_factory) -> dict[str, dict]:
    names = ("healthy", "cut", "mixed")
    frames = "".join(framed(name, 390, without_policy(page(name), USE)) for name in names)
    still = re.sub(r"<script>.*?</script>", "", page("cut"), flags=re.DOTALL)
    frames += framed("no script", 390, without_policy(still, USE))
    return {one["name"]: one for one in looked_at(frames, tmp_path_factory.mktemp("used"))}


def test_every_command_has_a_button_that_copies_it_and_none_without_script(used) -> None:
    assert used["cut"]["buttons"] == used["cut"]["commands"] > 2
    assert used["cut"]["stated"] in ("Copied", "Selected: press Ctrl+C")
    assert used["no script"]["buttons"] == 0 < used["no script"]["commands"]


def test_the_promises_can_be_filtered_by_state_without_script_too(used) -> None:
    slugs = {Verdict.BROKEN: "broken", Verdict.NOT_JUDGED: "unseen", Verdict.HOLDS: "holds"}
    for name in ("cut", "mixed"):
        amounts = rules(golden_runs.ALL[name]())
        assert sum(amount > 0 for amount in amounts.values()) > 1
        assert {slug: used[name].get(slug, 0) for slug in slugs.values()} == {slugs[v]: n for v, n in amounts.items()}
    assert used["no script"]["broken"] == used["cut"]["broken"] > 0
    assert "holds" not in used["healthy"]


def test_the_whole_table_of_collections_is_visible_at_390_pixels(used) -> None:
    assert {name: one["over"] for name, one in used.items() if one["over"] > 0} == {}
