"""The verdict page: whole without network and script, readable by everyone, and nothing overflows."""

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import golden_runs
import pytest
from hidden import hidden_characters

from catalog_contract.model.run import Invocation
from catalog_contract.report import drawing
from catalog_contract.report import html as verdict_page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
]
WIDTHS = (1280, 390)
VOID = {"meta", "link", "br", "rect", "line", "path", "circle", "polyline", "use", "img", "hr", "input"}


class Parsed(HTMLParser):
    """Every tag of a page with its attributes, and whether all are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def of(self, *names):
        return [attributes for tag, attributes in self.tags if tag in names]

    def values(self, attribute):
        return [attributes[attribute] for _, attributes in self.tags if attributes.get(attribute)]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {name: verdict_page.render(make()) for name, make in golden_runs.ALL.items()}


@pytest.fixture(params=golden_runs.ALL)
def parsed(request, pages) -> Parsed:
    return Parsed(pages[request.param])


def test_all_tags_are_closed_in_order(parsed):
    assert not parsed.wrong
    assert not parsed.open


def test_it_needs_no_network_and_runs_its_own_script_alone(parsed):
    assert not parsed.of("iframe", "object", "embed", "form", "base")
    assert parsed.of("script") == [{}]
    for value in [*parsed.values("src"), *parsed.values("href"), *parsed.values("xlink:href")]:
        assert value.startswith("#") or value == "data:,"
    assert not [name for _, attributes in parsed.tags for name in attributes if name.startswith("on")]
    policy = next(a["content"] for a in parsed.of("meta") if a.get("http-equiv") == "Content-Security-Policy")
    allowed = base64.b64encode(hashlib.sha256(verdict_page.script().encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; script-src 'sha256-{allowed}'; style-src 'unsafe-inline';")


def test_the_script_is_on_the_page_as_its_policy_knows_it(pages):
    assert all(text.count(f"<script>{verdict_page.script()}</script>") == 1 for text in pages.values())
    assert "<" not in verdict_page.script()


def test_version_commit_and_command_are_there():
    called = Invocation("pytest tests/contract -k <b>", "catalog-contract check x", "0.1.0", "8607923c86-dirty")
    text = verdict_page.render(replace(golden_runs.cut(), invocation=called))
    for part in (
        "catalog-contract 0.1.0",
        "<code>8607923c86-dirty</code>",
        "<code>pytest tests/contract -k &lt;b&gt;</code>",
    ):
        assert part in text
    again = "catalog-contract check x -k &#34;a_page_before_the_end_is_full[huggingface-offset=100]&#34;"
    assert f"<code>{again}</code>" in text


def test_every_table_has_a_caption(parsed):
    assert len(parsed.of("caption")) == len(parsed.of("table"))


def test_every_id_is_there_once_and_every_reference_leads_somewhere(parsed):
    ids = Counter(parsed.values("id"))
    assert max(ids.values()) == 1
    named = [
        word for name in ("aria-labelledby", "aria-describedby") for v in parsed.values(name) for word in v.split()
    ]
    linked = [value[1:] for value in parsed.values("href") if value.startswith("#")]
    assert set(named) | set(linked) <= set(ids)


def test_landmarks_headings_and_language(parsed):
    assert [len(parsed.of(tag)) for tag in ("header", "nav", "main", "footer", "h1")] == [1] * 5
    assert parsed.of("html")[0]["lang"] == "en"
    assert parsed.of("a")[0] == {"class": "skip", "href": "#main"}
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_table_headers_have_a_scope_and_pictures_a_text(parsed):
    assert all(attributes.get("scope") in {"col", "row"} for attributes in parsed.of("th"))
    for attributes in parsed.of("svg"):
        named = attributes.get("role") == "img" and attributes.get("aria-labelledby")
        inner = "x" in attributes
        decorative = attributes.get("aria-hidden") == "true"
        assert named or decorative or inner, attributes


def test_what_scrolls_can_be_reached_by_keyboard(parsed):
    for _, attributes in parsed.tags:
        if "scroll" in (attributes.get("class") or "").split():
            assert attributes.get("tabindex") == "0"
            assert attributes.get("role") == "region"
            assert attributes.get("aria-label") or attributes.get("aria-labelledby")


def test_hostile_text_is_shown_and_does_nothing(pages):
    text = pages["hostile"]
    assert not hidden_characters(text, allowed="\n")
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{7*7}}" in text


@pytest.mark.parametrize("name", ["cut", "storm", "hostile"])
def test_the_page_of_an_incident_is_under_300_kb(pages, name):
    assert len(pages[name].encode()) < 300_000


def test_the_cause_comes_before_everything_else(pages):
    text = re.sub(r"<style>.*?</style>", "", pages["cut"], flags=re.DOTALL)
    cause, table = text.index("stops at a short page"), text.index('id="h-collections"')
    assert text.index("<h1>") < cause < table
    assert text.index('id="diagnosis"') < text.index('id="catalogue"') < table < text.index('id="broken"')


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("healthy", ["All 14 promises hold, in 38 cases.", "recorded from the reference gateway", "cannot see fewer"]),
        (
            "cut",
            ["1,350 expected", "Broken for 3 runs, since 11 October 2026", "short at 100 (1 of 100)", "the last 13"],
        ),
        ("storm", ["repeated 100 to 49,999", "49,900", "the same page over and over"]),
        ("not_judged", ["connection refused", "38 cases", "service down"]),
        ("mixed", ["answered 503 after 3 tries", "1 retry: answered 503, waited 1 s", "together"]),
        ("nothing", ["No promise was judged: nothing was seen."]),
    ],
)
def test_what_a_reader_needs_is_reported(pages, name, parts):
    text = html.unescape(re.sub(r"<[^>]+>", "", pages[name]))
    for part in parts:
        assert part in text


def test_what_a_run_cannot_see_stands_first_where_all_holds_and_after_the_findings_where_not(pages):
    def places(name):
        text = pages[name]
        return [text.index(f'id="{section}"') for section in ("notes", "catalogue")]

    assert places("healthy") == sorted(places("healthy"))
    assert places("mixed") == sorted(places("mixed"), reverse=True)


def test_every_finding_has_its_place(pages):
    assert pages["many"].count('<article class="finding') == 300


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-fA-F]{6})", block))


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(scheme):
    css = (verdict_page.TEMPLATES / "verdict.css").read_text("utf-8")
    light, dark = (colours(block) for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2])
    palette = light if scheme == "light" else light | dark
    grounds = ("paper", "wash", "bad-wash", "unsure-wash", "good-wash")
    for text in ("ink", "soft", "accent", "good", "bad", "unsure"):
        for ground in grounds:
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
    for mark in ("fill", "bad", "unsure"):
        assert contrast(palette[mark], palette["paper"]) >= 3


def test_a_strip_is_an_svg_file_of_its_own():
    for name in ("cut", "storm", "hostile"):
        text = verdict_page.strip_svg(golden_runs.ALL[name]().strips[0])
        root = ElementTree.fromstring(text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not hidden_characters(text, allowed="\n")
        assert root.findtext("{http://www.w3.org/2000/svg}desc")
    assert "empty-bad" in verdict_page.strip_svg(golden_runs.cut().strips[0])


def test_one_model_more_does_not_look_like_a_cliff():
    run = golden_runs.cut()
    trend = drawing.trend_drawing(run, "openrouter")
    heights = [run.y for run in trend.runs if run.y is not None]
    assert max(heights) - min(heights) < 10
    assert trend.change == -2


def test_a_night_without_a_total_breaks_the_line():
    trend = drawing.trend_drawing(golden_runs.cut(), "huggingface")
    assert len(trend.lines) == 2
    assert (trend.lowest, trend.highest, trend.change) == (101, 1353, 0)


HARNESS = """<!doctype html><meta charset="utf-8"><body style="margin:0">%s<pre id="found"></pre><script>
function inside(element, body) {
  for (let up = element.parentElement; up && up !== body; up = up.parentElement)
    if (getComputedStyle(up).overflowX === "auto" || getComputedStyle(up).clipPath !== "none") return true;
  return false;
}
function measure(frame, opened) {
  const html = frame.contentDocument, width = frame.clientWidth, over = [];
  for (const d of html.querySelectorAll("details")) d.open = opened;
  for (const e of html.body.querySelectorAll("*")) {
    const box = e.getBoundingClientRect(), svg = e.closest("svg");
    if (!box.width || box.right < 0 || (svg && e !== svg && e.tagName !== "text")) continue;
    if ((box.right > width + 1 || box.left < -1) && !inside(e, html.body)) over.push(e.tagName + "." + e.className);
  }
  return {name: frame.title, width, opened, scroll: html.documentElement.scrollWidth, over: over.slice(0, 5),
          seen: html.body.querySelectorAll("*").length};
}
onload = () => {
  const frames = [...document.querySelectorAll("iframe")];
  const all = frames.flatMap(frame => [measure(frame, false), measure(frame, true)]);
  document.getElementById("found").textContent = JSON.stringify(all);
};
</script>"""


def in_chromium(text: str, folder: Path, *flags: str) -> tuple[str, str]:
    """The DOM and the log of a page in a real browser."""
    path = folder / "harness.html"
    path.write_text(text, encoding="utf-8")
    command = [CHROMIUM or "", *FLAGS, f"--user-data-dir={folder / 'profile'}", *flags, "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return done.stdout, done.stderr


def measured(dom: str) -> list[dict[str, object]]:
    """What the script of the harness wrote down."""
    return json.loads(html.unescape(re.findall('<pre id="found">(.*?)</pre>', dom, re.DOTALL)[-1]))


def framed(name: str, width: int, text: str) -> str:
    style = f"border:0;display:block;width:{width}px;height:900px"
    return f'<iframe title="{name}" style="{style}" srcdoc="{html.escape(text)}"></iframe>'


@pytest.fixture(scope="module")
def browsed(pages, tmp_path_factory) -> tuple[list[dict[str, object]], str]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the page was not looked at in a browser")
    frames = "".join(framed(name, width, text) for name, text in pages.items() for width in WIDTHS)
    dom, log = in_chromium(HARNESS % frames, tmp_path_factory.mktemp("browser"))
    return measured(dom), log


def test_nothing_overflows_at_1280_and_390_pixels_closed_or_open(browsed):
    found, _ = browsed
    assert len(found) == len(golden_runs.ALL) * len(WIDTHS) * 2
    assert {(row["name"], row["width"]) for row in found} == {(n, w) for n in golden_runs.ALL for w in WIDTHS}
    for row in found:
        assert row["seen"] > 30
        assert row["scroll"] <= row["width"], row
        assert not row["over"], row


def test_the_browser_has_nothing_to_complain_of(browsed):
    assert [line for line in browsed[1].splitlines() if "CONSOLE" in line] == []


def test_the_harness_would_see_an_overflow_and_a_complaint(tmp_path):
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the page was not looked at in a browser")
    wide = "<body><p style='width:900px'>wide</p><script>console.error('seen')</script>"
    dom, log = in_chromium(HARNESS % framed("wide", 390, wide), tmp_path)
    assert [(row["scroll"], row["over"]) for row in measured(dom)] == [(908, ["P."])] * 2
    assert "CONSOLE" in log
