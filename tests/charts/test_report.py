"""The report is one offline page: a function of the summary, readable without a script, honest about itself."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
import yaml
from plotly.offline import get_plotlyjs

from sim.charts.report import HEADINGS, READING, body, render
from tests.charts.samples import sample

HASH = "import hashlib; from sim.charts.report import render; from tests.charts.samples import sample; "
HASH += "print(hashlib.sha256(render(sample()).encode()).hexdigest())"


class Reader(HTMLParser):
    """Collects tags, the numbers in cells by section, the scripts and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.numbers: dict[str, list[float]] = {}
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.words: list[str] = []
        self.section = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and, for a number, its exact value."""
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag == "section":
            self.section = found["id"] or ""
        if tag == "data":
            self.numbers.setdefault(self.section, []).append(float(found["value"] or "nan"))
        if tag == "script":
            self.scripts.append((found, ""))

    def handle_data(self, data: str) -> None:
        """Note the text, or a script's code."""
        if self.cdata_elem == "script":
            attrs, code = self.scripts[-1]
            self.scripts[-1] = (attrs, code + data)
        else:
            self.words.append(data)


def read(page: str) -> Reader:
    """The page, parsed."""
    reader = Reader()
    reader.feed(page)
    return reader


@pytest.fixture(scope="module")
def page() -> str:
    """The sample's report."""
    return render(sample())


@pytest.fixture(scope="module")
def reader(page: str) -> Reader:
    """The sample's report, parsed."""
    return read(page)


def charts_in(reader: Reader) -> dict[str, Any]:
    """The charts' JSON."""
    found = json.loads(next(code for attrs, code in reader.scripts if attrs.get("id") == "charts"))
    assert isinstance(found, dict)
    return found


def numbers_in(value: Any) -> list[float]:
    """Every number of a trace's data, nested lists opened."""
    if isinstance(value, list):
        return [number for item in value for number in numbers_in(item)]
    return [float(value)] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_two_renders_are_the_same_bytes(page: str) -> None:
    """The same summary gives the same page, whatever order the hash seed brings."""
    assert render(sample()) == page
    seeds = [os.environ | {"PYTHONHASHSEED": seed} for seed in ("1", "2")]
    runs = [subprocess.run([sys.executable, "-c", HASH], env=env, capture_output=True, check=True) for env in seeds]
    assert {run.stdout.decode().strip() for run in runs} == {hashlib.sha256(page.encode()).hexdigest()}


def test_a_stored_summary_renders_the_same(page: str) -> None:
    """A summary that went through its JSON file gives the same page."""
    assert render(json.loads(json.dumps(sample()))) == page


@pytest.mark.parametrize("name", ["outcomes", "terms", "causes", "questions"])
@pytest.mark.parametrize("shape", ["wide", "narrow"])
def test_shares_in_charts_stand_in_tables(reader: Reader, name: str, shape: str) -> None:
    """Each share and each end of its interval in a chart is, digit for digit, a number of the table beside it."""
    table = set(reader.numbers[name])
    traces = [trace for trace in charts_in(reader)[name][shape]["data"] if "customdata" in trace]
    shown = [number for trace in traces for key in ("x", "customdata") for number in numbers_in(trace[key])]
    assert len(shown) >= 3
    assert set(shown) <= table


@pytest.mark.parametrize("shape", ["wide", "narrow"])
def test_series_in_charts_stand_in_tables(reader: Reader, shape: str) -> None:
    """Each point of the series, the fans and the payoffs is, digit for digit, a number of the table beside it."""
    drawn = charts_in(reader)
    stacked = [trace for trace in drawn["over_time"][shape]["data"] if trace.get("stackgroup")]
    assert set(numbers_in([trace["y"] for trace in stacked])) <= set(reader.numbers["over_time"])
    for name in ("agreement", "lasting", "variables", "communities", "beliefs"):
        points = numbers_in([trace["y"] for trace in drawn[name][shape]["data"]])
        assert set(points) <= set(reader.numbers[name])
    payoffs = numbers_in([trace["x"] for trace in drawn["payoffs"][shape]["data"]])
    assert set(payoffs) <= set(reader.numbers["payoffs"])


def test_plane_points_stand_in_tables(reader: Reader) -> None:
    """The curve, the reference points, the fallbacks and the offers stand in the tables digit for digit."""
    table = set(reader.numbers["plane"]) | set(reader.numbers["dance"])
    drawn = charts_in(reader)
    skip = ("zone of agreement", "least each can be held to")
    shown = [trace for trace in drawn["plane"]["wide"]["data"] if trace.get("name") not in skip]
    shown = [trace for trace in shown if trace.get("meta") != "pinned"] + drawn["dance"]["wide"]["data"]
    assert {number for trace in shown for axis in ("x", "y") for number in numbers_in(trace[axis])} <= table


def test_the_library_stands_in_the_page_once(page: str) -> None:
    """The chart library is in the page exactly once, and nothing else is loaded."""
    assert page.count(get_plotlyjs()) == 1


def test_the_policy_lets_only_the_pages_own_scripts_run(page: str, reader: Reader) -> None:
    """The policy refuses everything, names the hash of each script that runs, and comes before all of them."""
    policy = next(attrs["content"] or "" for tag, attrs in reader.tags if tag == "meta" and "http-equiv" in attrs)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    running = [code for attrs, code in reader.scripts if "type" not in attrs]
    hashes = {base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in running}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes
    assert len(running) == 2
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<script")


def test_nothing_is_asked_of_the_network(reader: Reader) -> None:
    """No element loads anything; addresses stand only in links that a reader may follow."""
    for tag, attrs in reader.tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "form", "base", "audio", "video", "source")
        assert not {"src", "srcset", "ping", "action", "background", "poster"} & set(attrs)
        assert not [name for name in attrs if name.startswith("on")]
        if "href" in attrs:
            assert tag == "a"
            assert re.match(r"#[a-z_]+$|https?://", attrs["href"] or "")
    style = body(sample())
    assert "url(" not in style
    assert "@import" not in style


def test_element_ids_are_fixed_and_unique(reader: Reader) -> None:
    """Each chart and each part has one known id."""
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert set(ids) == {*HEADINGS, *(f"chart-{name}" for name in HEADINGS), "charts"}


def test_every_chart_says_how_to_read_it(page: str) -> None:
    """Each chart has its words and its table beside it."""
    assert set(READING) == set(HEADINGS)
    assert page.count("How to read this.") == len(HEADINGS)
    assert page.count("<summary>The numbers</summary>") == len(HEADINGS)


def test_the_answer_comes_first_and_in_words(reader: Reader) -> None:
    """Likeliest ending and interval, chance of agreement and its date, and the chief cause open the page."""
    text = " ".join("".join(reader.words).replace("\N{NO-BREAK SPACE}", " ").split())
    opening = text[: text.index("How to read this.")]
    for words in ("23.1 %", "49.2 %", "24.6 %", "half of these by 15 Apr 2025", "time ran out"):
        assert words in opening
    assert "Both in use without any signed text (95 % interval" in opening


def test_notes_keep_their_paragraphs() -> None:
    """Notes stand folded away in their author's paragraphs; without notes nothing stands there."""
    folded = body(sample() | {"notes": "first\nline\n\n<second>"})
    assert "<details><summary>Notes on the scenario</summary><p>first line</p>\n<p>&lt;second&gt;</p>" in folded
    assert "Notes on the scenario" not in body(sample() | {"notes": None})


def test_folded_notes_keep_their_paragraphs() -> None:
    """An empty line in a folded text (`>-`) is one line end once it is read, and still sets paragraphs apart."""
    notes = yaml.safe_load("notes: >-\n  One\n  and on.\n\n  Two.\n")["notes"]
    assert "<p>One and on.</p>\n<p>Two.</p>" in body(sample() | {"notes": notes})


def test_the_page_says_what_it_is_not(reader: Reader) -> None:
    """Seed, hashes, version, Monte Carlo error and the plain statement stand in the page."""
    text = "".join(reader.words)
    summary = sample()
    for words in ("no prediction of fact", "Monte Carlo error", summary["model_hash"], summary["text_hash"], "0.1.0"):
        assert words in text
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]*)</dd>", body(summary)))
    assert facts["Seed"] == "0"
    assert facts["Draws"] == "20,000, 2 paths to one draw of the parameters"


def test_every_assumption_has_its_source_and_confidence(reader: Reader) -> None:
    """The table of assumptions shows path, range, source, reason and confidence of each; only web sources are links."""
    text = "".join(reader.words)
    for row in sample()["assumptions"]:
        assert row["path"] in text
        assert row["label"] in text
    links = {attrs["href"] for tag, attrs in reader.tags if tag == "a" and (attrs["href"] or "").startswith("http")}
    assert links == {"https://example.org/report", "https://example.org/visit"}


def test_a_bare_summary_still_makes_a_page() -> None:
    """Without plane, questions, terms, causes, variables, assumptions or dates the page still stands."""
    bare = sample()
    bare |= {"questions": {}, "variables": {}, "causes": {}, "without_deal": 0, "observed": None, "assumptions": []}
    bare |= {"terms": {"count": 0, "issues": {}}, "information_cutoff": None, "notes": None}
    bare |= {"deal_life": None, "broken": None, "alternatives": None, "beliefs": None, "flow": None}
    bare["time"] |= {"start": None, "step": "round", "dates": [str(step) for step in range(25)]}
    for row, step in zip(bare["agreement"]["survival"], bare["time"]["dates"], strict=True):
        row["date"] = step
    del bare["plane"]
    assert "step\N{NO-BREAK SPACE}4" in render(bare)


def test_long_windows_are_thinned_in_tables_and_say_so() -> None:
    """A window of hundreds of steps gives a table that can be read, with first and last step in it."""
    long = sample()
    long["time"]["dates"] = [str(step) for step in range(401)]
    long["over_time"]["share"] = {key: [1 / 9] * 401 for key in long["over_time"]["share"]}
    long["variables"], long["observed"], long["beliefs"], long["broken"] = {}, None, [], None
    long["agreement"]["survival"] = [long["agreement"]["survival"][0] | {"date": str(step)} for step in range(401)]
    page = body(long)
    assert page.count('<td class="words">step\N{NO-BREAK SPACE}400</td>') == 2
    assert page.count("<tr>") < 500
    assert "one row for every 6 steps" in page


def test_a_page_takes_less_than_a_second() -> None:
    """Rendering, the chart library's import included, takes less than a second of a processor, however busy it is."""
    taken = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-c", HASH], check=True, capture_output=True)
        after = os.times()
        taken.append(after.children_user - before.children_user + after.children_system - before.children_system)
    assert min(taken) < 1.0
