"""Promises about bad input: a sentence with a place for every fault, and no YAML that can do harm."""

import json
import math
import os
import random
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.scenario import Fault, ScenarioError, load
from sim.scenario.explain import has_key, has_numbers
from sim.scenario.leaf import KINDS, Leaf
from sim.scenario.read import read_text
from sim.scenario.schema import Scenario, leaves
from sim.scenario.walk import walk_places
from tests.scenario.examples import BY_LOT, FULL, SMALL, STACKED, TOGETHER, written

SCENARIOS = Path(__file__).parents[2] / "scenarios"
MUTANTS = 10_000 if os.environ.get("PARLEY_PROMISES") == "full" else 1_000
PARTS = 4  # which as many processes can share
LONGEST = 1.0
LONGEST_REFUSAL = 0.05
PLACE = re.compile(r"\A.*[a-z0-9]\.yaml:[1-9][0-9]*:[1-9][0-9]*: \S", re.DOTALL)
WORDS = {*KINDS, "source", "judgement", "confidence", "private", "within", "over"}
VARIED = """\
id: varied
title: Varied
summary: Another harbour.
extends: harbour-full.yaml
parties:
  - {id: host, accuracy: 0.5, trust: {breach_rate: {uniform: [0, 0.1]}}}
  - {id: guest, offers: equilibrium}
time: {window: 30}
issues:
  - {id: berth, levels: [{id: all, remove: true}]}
  - {id: rent, values: {host: {best: low}}}
moves: [{id: storm, remove: true}]
observed: {remove: true}
"""
POISON = [
    *("", "~", "no", "0", "-1", "1e309", ".nan", "-.inf", "1.0000001", "999999999999999999999", "[]", "{}", "[[]]"),
    *(
        "&a 1",
        "*a",
        "!!python/object:os.system x",
        "!!binary aaaa",
        "<<: {}",
        "---",
        "...",
        "{a: 1, a: 2}",
        "? x",
        "'",
        '"',
    ),
    *(
        "{uniform: [1, 0]}",
        "{uniform: 1}",
        "{pert: [0, 2, 1]}",
        "{normal: [0, -1]}",
        "{discrete: [[1, 2]]}",
        "{value: {}}",
    ),
    *("2025-02-30", "0001-01-01", "9999-12-31", "0x", "0o8", "1_000", "1,5", "30%", "|", ">", "%", "@", "`", "#"),
    *(
        "\t",
        "\x00",
        "\x1b[2J",
        "\u202e",
        "\ud83d\ude00",
        "\x85",
        "\u2028",
        '"\\x1b"',
        '"\\ud800"',
        "a" * 400,
        "9" * 400,
    ),
]


def mutate(text: str, rng: random.Random) -> bytes:
    """Damage a scenario in one of the ways in which files get damaged."""
    lines = text.split("\n")
    i = rng.randrange(len(lines))
    words = [match.span() for match in re.finditer(r"[^\s{}\[\],:]+", text)]
    start, end = rng.choice(words)
    ways: list[Callable[[], str | bytes]] = [
        lambda: text[:start] + rng.choice(POISON) + text[end:],
        lambda: text[:start] + text[rng.randrange(len(text)) :][: rng.randrange(40)] + text[end:],
        lambda: text[:start] + "".join(rng.sample(text[start:end], end - start)) + text[end:],
        lambda: text[:start] + text[end:],
        lambda: text.replace(text[start:end], rng.choice(POISON)),
        lambda: "\n".join(lines[:i] + lines[i + 1 :]),
        lambda: "\n".join([*lines[: i + 1], *lines[i:]]),
        lambda: "\n".join([*lines[:i], " " * rng.randrange(1, 5) + lines[i], *lines[i + 1 :]]),
        lambda: "\n".join([*lines[:i], rng.choice(POISON), *lines[i:]]),
        lambda: text[: rng.randrange(len(text))],
        lambda: _flip(text.encode(), rng),
    ]
    damaged = rng.choice(ways)()
    return damaged if isinstance(damaged, bytes) else damaged.encode("utf-8", "surrogatepass")


def _flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def faults_of(path: Path) -> tuple[Fault, ...] | None:
    """Give the faults of a refused file, None where it is read."""
    try:
        load(path)
    except ScenarioError as error:
        return error.faults
    return None


def timed(path: Path) -> tuple[float, tuple[Fault, ...] | None]:
    """Return the seconds of this process's own time that a file takes, and its faults."""
    begin = time.process_time()
    faults = faults_of(path)
    return time.process_time() - begin, faults


def shipped() -> dict[str, str]:
    """Return the text of every scenario that is shipped, of the examples, and of one that extends another."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(SCENARIOS.rglob("*.yaml"))}
    return texts | {
        "harbour": SMALL,
        "harbour-full": FULL,
        "by-lot": BY_LOT,
        "together": TOGETHER,
        "stacked": STACKED,
        "varied": VARIED,
    }


@pytest.mark.parametrize("part", range(PARTS))
def test_mutants_are_read_or_refused_with_a_place(
    part: int, tmp_path: Path, reached: Callable[[int, str], None]
) -> None:
    """Every damaged file is read, or refused with a place and a sentence, within a second and without a traceback.

    A second of this process's own time: how busy the machine is does not count, nor does one reading in which
    neighbours slowed it down: what took longer is read again.
    """
    rng = random.Random(f"16.{part}")  # noqa: S311
    texts, shelf = shipped(), tmp_path / "scenarios"
    shelf.mkdir()
    written(shelf, FULL, "harbour-full")  # what `varied` extends
    count, refused, slowest = MUTANTS // PARTS, 0, 0.0
    for _ in range(count):
        name = rng.choice(list(texts))
        read = "varied" if name == "harbour-full" and rng.random() < 0.5 else name  # a damaged base
        written(shelf, texts[read], read)
        (shelf / f"{name}.yaml").write_bytes(mutate(texts[name], rng))
        spent, faults = timed(shelf / f"{read}.yaml")
        for _ in range(2 if spent >= LONGEST else 0):
            spent = min(spent, timed(shelf / f"{read}.yaml")[0])
        slowest = max(slowest, spent)
        written(shelf, texts[name], name)
        refused += faults is not None
        assert faults is None or faults
        for fault in faults or ():
            assert PLACE.match(str(fault)), fault
            assert len(fault.sentence) > 10, fault
            assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in str(fault).replace("\n", "")), fault
    assert refused > 0.5 * count
    assert slowest < LONGEST
    reached(16, f"{count} mutants of {len(texts)} files: {refused} refused, 0 tracebacks, longest {slowest:.2f} s")


def fixed_keys(text: str) -> list[tuple[int, str]]:
    """Return the keys of a scenario that the format names, not its author, each with where it stands in the text."""
    document = read_text(text, "any")
    starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def below(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[int, str]]:
        for key, each in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            if has_key(Scenario, path, str(key)) or (has_numbers(Scenario, path) and key in WORDS):
                fault = document.fault((*path, key), "", key=True)
                yield starts[fault.line - 1] + fault.column - 1, str(key)
            yield from below(each, (*path, key))

    return [(at, key) for at, key in below(document.tree, ()) if len(key) > 3]


def slip(word: str, rng: random.Random) -> str:
    """Mistype a word: a letter left out, doubled, or exchanged with its neighbour."""
    i = rng.randrange(len(word) - 1)
    return rng.choice(
        [word[:i] + word[i + 1 :], word[: i + 1] + word[i:], f"{word[:i]}{word[i + 1]}{word[i]}{word[i + 2 :]}"]
    )


def test_a_slip_in_any_key_is_answered_with_the_nearest(
    tmp_path: Path, full: bool, reached: Callable[[int, str], None]
) -> None:
    """A key of any shipped file mistyped by one letter is refused where it stands, and the nearest key is named."""
    rng = random.Random(61)  # noqa: S311
    texts, count = shipped(), 5000 if full else 300
    keys = {name: fixed_keys(text) for name, text in texts.items()}
    written(tmp_path, FULL, "harbour-full")
    for _ in range(count):
        name = rng.choice(list(texts))
        at, key = rng.choice(keys[name])
        wrong = slip(key, rng)
        text = texts[name]
        assert text[at : at + len(key)] == key
        if wrong == key:
            continue
        faults = faults_of(written(tmp_path, text[:at] + wrong + text[at + len(key) :], name))
        written(tmp_path, text, name)
        there = text.count("\n", 0, at) + 1
        sentences = [fault.sentence for fault in faults or () if fault.line == there and f"`{wrong}`" in fault.sentence]
        assert any("did you mean `" in each for each in sentences), (name, key, wrong, faults)
    reached(16, f"{count} keys mistyped by a letter: each answered with the nearest")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("discount_rate: 0.1", "discont_rate: 0.1"),
        ("window: 24", "windw: 24"),
        ("outcomes:", "outcoms:"),
        ("weights: {host: 2", "wieghts: {host: 2"),
        ("terms: {berth: some", "terms: {brth: some"),
        ("offers: bayesian", "offers: baysian"),
        ("status: agreement", "status: agreemnt"),
        ("step: month", "step: mont"),
        ("berth: some, rent", "berth: smoe, rent"),
        ("first: host", "first: hots"),
        ("shape: linear", "shape: liner"),
        ("{pert: [", "{prt: ["),
    ],
)
def test_a_slip_names_the_nearest(tmp_path: Path, right: str, wrong: str) -> None:
    """A mistyped key, id, strategy, level or status is answered with the name that was meant."""
    assert right in SMALL
    path = written(tmp_path, SMALL.replace(right, wrong, 1))
    meant = next(
        new for new, old in zip(re.findall(r"\w+", right), re.findall(r"\w+", wrong), strict=True) if new != old
    )
    with pytest.raises(ScenarioError) as caught:
        load(path)
    sentences = [fault.sentence for fault in caught.value.faults]
    assert any(f"did you mean `{meant}`?" in each for each in sentences), sentences
    assert len(sentences) == 1, sentences


def test_all_faults_are_listed_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Slips, numbers out of range, unknown names and rules across fields are all listed at once, sorted by place."""
    text = SMALL
    for right, wrong in [
        ("discount_rate: 0.1", "discont_rate: 0.1"),
        ("step: month", "step: mont"),
        ("{pert: [0.5, 0.6, 0.8]}", "{pert: [0.5, 0.6, 1.8]}"),
        ("first: host", "first: nobody"),
        ("rent: 0}", "rent: 30}"),
        ("id: harbour\n", "id: port\n"),
        ("when: {}", "when: {status: exit}"),
    ]:
        assert right in text
        text = text.replace(right, wrong, 1)
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, text))
    faults = caught.value.faults
    assert len(faults) == 7, [fault.sentence for fault in faults]
    places = [(fault.line, fault.column) for fault in faults]
    assert places == sorted(places)
    for fault in faults:
        assert text.split("\n")[fault.line - 1] == fault.snippet


HARMFUL = {
    "anchor": SMALL.replace("month", "&a month"),
    "alias": SMALL.replace("window: 24", "window: *a"),
    "many aliases": SMALL + "notes: [" + "*a, " * 200_000 + "]\n",
    "tag": SMALL.replace("A harbour", "!!python/object/apply:os.system ['true']"),
    "duplicate key": SMALL + "title: Again\n",
    "merge key": SMALL.replace("{kind:", "{<<: {a: 1}, kind:"),
    "second document": SMALL + "---\na: 1\n",
    "deep lists": "a: " + "[" * 500_000,
    "deep mappings": "a: " + "{a: " * 240_000,
    "deep blocks": "\n".join(" " * i + "a:" for i in range(1200)),
    "deep dashes": "- " * 500_000,
    "too large": SMALL + "#" * (1 << 20),
    "control character": SMALL.replace("A harbour", "A \x1b[2J harbour"),
    "escaped control character": SMALL.replace("A harbour", '"A \\x1b[2J harbour"'),
    "NUL": SMALL.replace("A harbour", "A \x00 harbour"),
    "line separator": SMALL.replace("A harbour", "A \u2028 harbour"),
    "list on top": "- 1\n- 2\n",
    "text on top": "hello\n",
    "nothing": "",
    "only a comment": "# nothing\n",
    "number as key": SMALL.replace("notes", "1") + "1: a\n",
    "list as key": SMALL + "[a, b]: 1\n",
    "unclosed": SMALL + "notes: {a: [\n",
    "tabs": SMALL + "notes:\n\t- a\n",
    "bomb": "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
}


@pytest.mark.parametrize("what", HARMFUL)
def test_harmful_yaml_is_refused_at_once(tmp_path: Path, what: str) -> None:
    """YAML that could hurt is refused with its place within 50 ms of this process's own time, at the best of three."""
    path = written(tmp_path, HARMFUL[what])
    fastest = math.inf
    for _ in range(3):
        begin = time.process_time()
        with pytest.raises(ScenarioError) as caught:
            load(path)
        fastest = min(fastest, time.process_time() - begin)
        assert all(PLACE.match(str(fault)) for fault in caught.value.faults)
    assert fastest < LONGEST_REFUSAL, fastest


def test_bytes_that_are_not_text_are_refused(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are refused at the line and column where they stand."""
    path = written(tmp_path)
    path.write_bytes(SMALL.replace("A harbour", "A h\u00e4rbour").encode("latin-1"))
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [(3, 11)]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A missing file, a directory, a device, a pipe and impossible names get a sentence at line 1, column 1."""
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for path in (tmp_path / "none.yaml", tmp_path, pipe, "/dev/zero", "a\x00b.yaml", "a" * 300, "\udc80.yaml"):
        with pytest.raises(ScenarioError) as caught:
            load(path)
        fault = caught.value.faults[0]
        assert (fault.line, fault.column) == (1, 1)
        assert "\x00" not in str(fault)
        str(fault).encode()


def numeric_places() -> list[tuple[str | int, ...]]:
    """List the place of every number in the full scenario, distributions included."""

    def below(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
        if isinstance(node, dict):
            for key, each in node.items():
                yield from below(each, (*path, key))
        elif isinstance(node, list):
            for i, each in enumerate(node):
                yield from below(each, (*path, i))
        elif isinstance(node, (int, float)) and not isinstance(node, bool):
            yield path

    return list(below(read_text(FULL, "full").tree))


def replaced(path: tuple[str | int, ...], value: str) -> str:
    """Write the full scenario with one number replaced."""
    tree = read_text(FULL, "full").tree
    node = tree
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = "REPLACED"
    return json.dumps(tree, indent=1).replace('"REPLACED"', value)


NUMBERS = [".nan", ".inf", "-.inf", "1e309", "-1e309", "9" * 400, "true", "text"]


@pytest.mark.parametrize("value", NUMBERS)
def test_what_is_no_number_is_refused_everywhere(tmp_path: Path, value: str, full: bool) -> None:
    """NaN, infinities, overflowing numbers and other things are refused in every numeric field.

    Every day each field meets two of the eight, and each of them a quarter of the fields.
    """
    places = numeric_places()
    assert len(places) > 140
    for path in places if full else places[NUMBERS.index(value) % 4 :: 4]:
        with pytest.raises(ScenarioError):
            load(written(tmp_path, replaced(path, value), "harbour-full"))


DISTRIBUTIONS = [
    ("{uniform: [0.4, 0.1]}", "write the smaller number first"),
    ("{uniform: [.nan, 0.1]}", "must be a finite number"),
    ("{pert: [0.1, 0.9, 0.4]}", "lies outside [0.1, 0.4]"),
    ("{triangular: [0.1, 0.2]}", "needs 3 numbers"),
    ("{normal: [0.1, 0]}", "must be above 0"),
    ("{normal: [0.1, 0.1], within: [5, 6]}", "almost never lies within"),
    ("{lognormal: [-1, 0.1]}", "must be above 0"),
    ("{beta: [0, 1]}", "must be above 0"),
    ("{beta: [1, 1], over: [1, 0]}", "is not below"),
    ("{discrete: [[0.1, 1.0000001]]}", "the probability is 1.0000001; it must lie in [0, 1]"),
    ("{discrete: [[0.1, 0.5], [0.2, 0.4]]}", "sum to 0.9"),
    ("{discrete: []}", "1 to 1000 pairs"),
    ("{uniform: [0.1, 0.2], value: 1}", "keep exactly one"),
    ("{source: a}", "has no number"),
    ("{value: 0.1, within: [0, 1]}", "belongs to normal and lognormal"),
    ("{value: 0.1, private: {spread: 0}}", "must be above 0"),
    ("{value: 0.1, private: 0.1}", "{spread: "),
    ("{value: 0.1, private: {spread: 0.1, type: Resolve}}", "the private type is `Resolve`; a name begins with"),
    ("{value: 0.1, private: {spread: 0.1, type: 3}}", "the private type is 3; a name begins with"),
    ("{value: 0.1, private: {spread: 0.1, typ: zeal}}", "`typ` is no part of `private`; did you mean `type`?"),
]


@pytest.mark.parametrize(("value", "sentence"), DISTRIBUTIONS)
def test_a_distribution_that_makes_no_sense_is_refused(tmp_path: Path, value: str, sentence: str) -> None:
    """A distribution whose numbers do not fit together is refused in every leaf with the reason."""
    for path in [
        ("parties", 0, "discount_rate"),
        ("issues", 0, "values", "host", "some"),
        ("effects", 0, "coefficient"),
    ]:
        with pytest.raises(ScenarioError) as caught:
            load(written(tmp_path, replaced(path, value), "harbour-full"))
        assert any(sentence in fault.sentence for fault in caught.value.faults), str(caught.value)


def test_no_leaf_can_leave_its_range(tmp_path: Path) -> None:
    """A share of 1.0000001 and a number below its range are refused in every leaf, and the range is named."""
    scenario = load(written(tmp_path, FULL, "harbour-full"))
    shares = [path for path, leaf in walk_places(scenario) if _is_share(path, leaf)]
    assert len(shares) > 15
    for path in shares:
        for value in ("1.0000001", "-0.0000001", "{uniform: [0.5, 1.0000001]}"):
            with pytest.raises(ScenarioError) as caught:
                load(written(tmp_path, replaced(path, value), "harbour-full"))
            assert any("in [0, 1]" in fault.sentence for fault in caught.value.faults), str(caught.value)


def _is_share(path: tuple[str | int, ...], leaf: Leaf) -> bool:
    named = path[-1] in {"accuracy", "opening", "midpoint", "openness", "collapse"}
    valued = path[0] == "issues" and "values" in path and path[-1] != "exponent" and leaf.private is None
    return _present(path) and (named or valued)


def _present(path: tuple[str | int, ...]) -> bool:
    node = read_text(FULL, "full").tree
    for part in path:
        if isinstance(node, dict) and part not in node:
            return False
        node = node[part]
    return True


def test_loaded_numbers_are_finite(tmp_path: Path) -> None:
    """Whatever is read without complaint holds finite numbers alone."""
    for name, text in (("harbour", SMALL), ("harbour-full", FULL)):
        for path, leaf in leaves(load(written(tmp_path, text, name))):
            assert all(math.isfinite(number) for number in leaf.args), path
