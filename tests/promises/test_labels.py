"""Labels cannot execute: whatever stands in a scenario's texts, the report shows it as text and nothing runs."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from sim.charts.figures import charts
from sim.charts.report import body, chart_data, render
from sim.charts.text import clean, label, page
from tests.charts.samples import sample

MARK = "document.documentElement.setAttribute('data-ran',1)"
SHAPES = (
    "<script>{js}</script>",
    "</script><script>{js}</script>",
    "<img src=x onerror={js}>",
    "<svg onload={js}>",
    "<svg><script>{js}</script></svg>",
    '"><img src=x onerror="{js}">',
    "'><img src=x onerror='{js}'>",
    "</title><script>{js}</script>",
    "</style><script>{js}</script>",
    "</table></div></section><script>{js}</script>",
    "</textarea><script>{js}</script>",
    "<!--<script>{js}</script>-->",
    "<![CDATA[<script>{js}</script>]]>",
    '<a href="javascript:{js}">a</a>',
    '<iframe srcdoc="<script>{js}</script>"></iframe>',
    '<body onload="{js}">',
    '<details open ontoggle="{js}">',
    '<math><mi xlink:href="javascript:{js}">x</mi></math>',
    '<style>@import "https://example.invalid/x.css"</style>',
    '<meta http-equiv="refresh" content="0;url=https://example.invalid/">',
    '<base href="https://example.invalid/">',
    '<link rel="stylesheet" href="https://example.invalid/x.css">',
    '<form action="https://example.invalid/"><button>a</button></form>',
    "<br><b>bold</b><i>i</i><sup>2</sup>",
    '<span style="font-size:900px">big</span>',
    "&lt;script&gt;{js}&lt;/script&gt;",
    "&#60;script&#62;{js}&#60;/script&#62;",
    "%{{x}} %{{customdata[0]}} %{{y:.9f}}",
    "%{{fullData.name}}<extra>%{{meta}}</extra>",
    "$\\href{{javascript:{js}}}{{a}}$",
    "$$\\unicode{{<script>}}$$",
    "javascript:{js}",
    "data:text/html,<script>{js}</script>",
    'https://example.invalid/"onmouseover="{js}',
    "\u202egnp.exe\u202c<script>{js}</script>",
    "\u2066\u2067\u200f\u200eturned",
    "\x00\x01\x07\x1b]0;title\x07\x1b[31mred\x1b[0m",
    "\x9b31m\x85\u2028\u2029next",
    "\ud800 lone <b>",
    "`${{{js}}}`",
    "{{{{7*7}}}}{{% raw %}}",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "-1+1+<img src=x onerror={js}>",
    "__proto__",
    "constructor",
    "\\u003cscript\\u003e{js}\\u003c/script\\u003e",
    '\\"</script>\\n',
    "' OR '1'='1",
    "x" * 3000 + "<script>{js}</script>",
)
TWISTS: tuple[Callable[[str], str], ...] = (
    str,
    str.swapcase,
    lambda text: f"a label {text} with an end",
    lambda text: text.replace("<", "<\t").replace(">", "\n>") + "\t|",
)
PAYLOADS = tuple(twist(shape.format(js=MARK)) for shape in SHAPES for twist in TWISTS)
PARAGRAPHS = ("summary", "notes")  # a line end in these sets paragraphs apart, as it should
OWN_MARKUP = re.compile(
    r"<br>|</?b>|</span>|<extra></extra>|<span style=\"(?:color:#[0-9a-f]{6};|font-size:\d+px;?)+\">"
    "|<\xa00\\.1\xa0%|>\xa099\\.9\xa0%"  # a share near nought, or near one: no sign before a blank begins markup
)
OWN_FIELD = re.compile(r"%\{(?:x|y|customdata\[\d\])(?::[,.\d~%g]*[fg%]?)?\}")
HIDDEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# What the format binds to a pattern, a date or a fixed word cannot carry a payload.
BOUND = {
    "id", "from", "date", "until", "outcome", "kind", "confidence", "by", "answer", "path", "start", "step", "dates",
    "information_cutoff", "scenario", "model_hash", "text_hash", "version", "viewer", "about", "cause",
}  # fmt: skip


def small() -> dict[str, Any]:
    """The sample with one of each thing."""
    summary = sample()
    summary["issues"] = summary["issues"][:2]
    summary["terms"]["issues"] = {key: summary["terms"]["issues"][key] for key in ("harbour", "field")}
    summary["plane"]["offers"] = summary["plane"]["offers"][:2]
    for offer in summary["plane"]["offers"]:
        offer["terms"] = {"Access": "full"}
    for key in ("questions", "variables"):
        summary[key] = dict(islice(summary[key].items(), 1))
    for row in summary["broken"]["kinds"]:
        row["moved"] = {key: row["moved"][key] for key in summary["variables"] if key in row["moved"]}
    summary["questions"]["stay"]["source"] = "a source"
    summary["assumptions"] = [
        row | {"url": "a url", "unit": "a unit", "judgement": "why"} for row in summary["assumptions"][:2]
    ]
    summary["observed"]["events"] = summary["observed"]["events"][:1]
    return summary


def poisoned(value: Any, payloads: Iterator[str], key: str = "") -> Any:
    """The value with a payload in place of each text that a scenario's author writes freely."""
    if isinstance(value, dict):
        found = {name: poisoned(item, payloads, name) for name, item in value.items()}
        return {next(payloads): item for item in found.values()} if key == "terms" and "Access" in value else found
    if isinstance(value, list):
        return [poisoned(item, payloads, key) for item in value] if key != "dates" else value
    if not isinstance(value, str) or key in {*BOUND, "parties", "statuses"}:
        return value
    payload = next(payloads)
    return payload.replace("\n", " ") if key in PARAGRAPHS else payload


def texts(value: Any, key: str = "") -> Iterator[str]:
    """Every freely written text of a summary."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from texts(item, name)
    elif isinstance(value, list) and key != "dates":
        for item in value:
            yield from texts(item, key)
    elif isinstance(value, str) and key not in {*BOUND, "parties", "statuses"}:
        yield value


def strings(value: Any) -> Iterator[str]:
    """Every string of a chart."""
    if isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


class Skeleton(HTMLParser):
    """The page's elements with the names of their attributes, apart from its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        """Note the end."""
        self.elements.append((f"/{tag}",))

    def handle_data(self, data: str) -> None:
        """Note the text."""
        self.words.append(data)


def skeleton(text: str) -> Skeleton:
    """The page, parsed."""
    parser = Skeleton()
    parser.feed(text)
    return parser


def test_there_are_two_hundred_different_payloads() -> None:
    """The count promised is the count tried."""
    assert len(set(PAYLOADS)) == 200


def turns(full: bool) -> range:
    """Return where to begin among the payloads: each field meets each of them, and every day one in ten."""
    return range(0, len(PAYLOADS), 1 if full else 10)


def test_payloads_stay_text_in_every_field(full: bool) -> None:
    """200 payloads pass through every text field: same elements as with plain words, each payload readable, no link."""
    plain = skeleton(body(poisoned(small(), cycle(["words"]))))
    for first in turns(full):
        payloads = islice(cycle(PAYLOADS), first, None)
        summary = poisoned(small(), payloads)
        found = skeleton(body(summary))
        assert found.elements == plain.elements, PAYLOADS[first]
        assert found.links == plain.links
        shown = " ".join(" ".join(found.words).split(" "))
        for text in set(texts({key: item for key, item in summary.items() if key != "plane"})) - {"a url"}:
            if not text.startswith("https://") and text not in urls(summary):
                assert clean(text) in shown, text


def urls(summary: dict[str, Any]) -> set[str]:
    """What stands in address fields: shown only where it is an address, and not the label."""
    return {row["url"] for row in summary["assumptions"]} | {summary["time"]["step"]}


def test_payloads_stay_text_in_every_chart(full: bool) -> None:
    """In charts no string holds markup, a field or mathematics that the chart itself did not write."""
    for first in turns(full):
        summary = poisoned(small(), islice(cycle(PAYLOADS), first, None))
        for narrow in (False, True):
            for chart in charts(summary, narrow).values():
                for text in (*strings(chart.data), *strings(chart.layout)):
                    rest = OWN_FIELD.sub("", OWN_MARKUP.sub("", text))
                    assert not {"<", ">", "$"} & set(rest), text
                    assert "%{" not in rest, text


def test_chart_data_cannot_close_its_element() -> None:
    """The charts' JSON holds no angle bracket, no ampersand and no line separator, and is still the same JSON."""
    summary = poisoned(small(), cycle(reversed(PAYLOADS)))
    data = chart_data(summary)
    assert not {"<", ">", "&", "\u2028", "\u2029"} & set(data)
    assert json.loads(data)["outcomes"]["wide"]["data"] == charts(summary)["outcomes"].data


def test_no_control_characters_or_hidden_turns() -> None:
    """The page holds no control character but line ends, and no mark that turns the reading direction."""
    summary = poisoned(small(), cycle([payload for payload in PAYLOADS if HIDDEN.search(payload)]))
    text = body(summary)
    drawn = "".join(text for chart in charts(summary).values() for text in strings([chart.data, chart.layout]))
    assert not HIDDEN.search(text)
    assert not HIDDEN.search(drawn)
    text.encode("utf-8")


@pytest.mark.parametrize("payload", PAYLOADS[::4])
def test_escaping_can_be_undone(payload: str) -> None:
    """What a reader sees is what was written, apart from what cannot be seen."""
    assert html.unescape(page(payload)) == clean(payload)
    if len(clean(payload)) < 400:
        assert html.unescape(label(payload)) == clean(payload)


BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


def opened(page_file: Path) -> tuple[str, str]:
    """The page's document after its scripts ran in a browser, and what the browser logged."""
    assert BROWSER is not None
    profile = f"--user-data-dir={page_file.with_suffix('.profile')}"
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", *QUIET, profile, "--virtual-time-budget=10000"]
    command += ["--enable-logging=stderr", "--dump-dom", page_file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout, done.stderr


@pytest.mark.skipif(BROWSER is None, reason="needs a Chromium")
def test_a_browser_runs_the_charts_and_nothing_else(tmp_path: Path) -> None:
    """In a browser the charts are drawn under the policy and none of 200 payloads runs; unescaped, one does."""
    naked = tmp_path / "naked.html"
    naked.write_text(f"<!DOCTYPE html><html><body>{PAYLOADS[0]}</body></html>", encoding="utf-8")
    assert "data-ran" in opened(naked)[0].partition("<head>")[0]

    summary = poisoned(sample(), cycle(PAYLOADS))
    row = summary["assumptions"][0]
    summary["assumptions"] = [row | {"label": text, "source": text, "url": text} for text in PAYLOADS]
    report = tmp_path / "report.html"
    report.write_text(render(summary), encoding="utf-8")
    document, log = opened(report)
    assert "data-ran" not in document.partition("<head>")[0]
    assert len(re.findall(r'class="[^"]*svg-container', document)) == len(charts(summary))
    assert "Content Security Policy" not in log
    assert "Uncaught" not in log
