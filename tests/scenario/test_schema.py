"""The schema: every key loads, every rule across fields is told at its place, and hashes see what they should."""

import pickle
import re
import subprocess
import sys
import time
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario import Scenario, ScenarioError, load
from sim.scenario.dates import end_of, step_of, years_of
from sim.scenario.deals import count
from sim.scenario.fields import Range
from sim.scenario.leaf import Bounds, Leaf
from sim.scenario.read import read_text
from sim.scenario.schema import Time, json_schema, leaves, model_hash, source_of, text_hash, unsourced
from tests.scenario.examples import BY_LOT, FULL, SMALL, STACKED, TOGETHER, written


def full(folder: Path, text: str = FULL, sets: tuple[str, ...] = ()) -> Scenario:
    """Load the full scenario, or a changed one."""
    return load(written(folder, text, "harbour-full"), sets)


def test_every_key_of_the_format_loads(tmp_path: Path) -> None:
    """The full scenario uses every field that there is, and loads."""
    scenario = full(tmp_path)
    used = set(re.findall(r"\b([a-z_]+):", FULL + BY_LOT + TOGETHER + STACKED))
    assert _keys(json_schema()) - used == set()
    assert scenario.id == "harbour-full"


def _keys(node: Any) -> set[str]:
    found: set[str] = set()
    if isinstance(node, dict):
        found |= set(node.get("properties", {}))
        for each in node.values():
            found |= _keys(each)
    elif isinstance(node, list):
        for each in node:
            found |= _keys(each)
    return found


def test_values_have_their_types(tmp_path: Path) -> None:
    """Numbers become leaves, dates become dates, steps stay whole, conditions become names or ranges."""
    scenario = full(tmp_path)
    host = scenario.parties[0]
    assert host.discount_rate is not None
    assert (host.discount_rate.kind, host.discount_rate.args) == ("pert", (0.05, 0.1, 0.3))
    assert scenario.time.deadline == date(2031, 12, 31)
    assert scenario.exits[0].until == 30
    assert scenario.constraints[0].exclude == {"berth": ("none",), "rent": Range(at_least=50)}
    assert scenario.issues[0].weights["guest"].args == (2.0, 0.5, 3.0, 0.5)
    assert scenario.moves[1].when is not None
    assert scenario.moves[1].when.status == ("talks",)
    assert scenario.communities[1].label == "inland"


def test_scenarios_are_frozen_and_travel(tmp_path: Path) -> None:
    """A scenario cannot be changed, and pickles to an equal one."""
    scenario = full(tmp_path)
    field = next(iter(Scenario.model_fields))
    with pytest.raises(ValueError, match="frozen"):
        setattr(scenario, field, 2)
    assert pickle.loads(pickle.dumps(scenario)) == scenario  # noqa: S301


@pytest.mark.parametrize(
    ("leaf", "support"),
    [
        (Leaf(kind="value", args=(2,)), (2, 2)),
        (Leaf(kind="pert", args=(1, 2, 4)), (1, 4)),
        (Leaf(kind="normal", args=(0, 1)), (float("-inf"), float("inf"))),
        (Leaf(kind="normal", args=(0, 1), within=(-1, 2)), (-1, 2)),
        (Leaf(kind="lognormal", args=(1, 1)), (0, float("inf"))),
        (Leaf(kind="beta", args=(1, 1)), (0, 1)),
        (Leaf(kind="beta", args=(1, 1), over=(2, 3)), (2, 3)),
        (Leaf(kind="discrete", args=(5, 0.5, 1, 0.5)), (1, 5)),
    ],
)
def test_support_is_the_range_of_possible_values(leaf: Leaf, support: tuple[float, float]) -> None:
    """A leaf's support runs from its lowest to its highest possible value."""
    assert leaf.support == support


def test_reach_adds_the_private_spread() -> None:
    """The owner's actual number can leave the public range by the spread on either side."""
    spread = Leaf(kind="uniform", args=(0.1, 0.2))
    leaf = Leaf(kind="uniform", args=(0, 1), private=spread)
    assert leaf.reach == (-0.2, 1.2)


RULES = [
    ("first: random", "first: nobody", "no party"),
    ("    discount_factor: 0.98\n", "", "needs `discount_rate`"),
    ("    discount_factor: 0.98\n", "    discount_factor: 0.98\n    discount_rate: 0.1\n", "keep one of them"),
    ("none: 1, some: {uniform", "some: {uniform", "`none` of berth has no value"),
    ("tenure: ten_years, share: 0.7", "share: 0.7", "an offer must name every issue; add `tenure`"),
    ("script: [{berth: all", "script: [{berth: throttled", "not negotiable"),
    ("status_quo:\n  terms: {berth: throttled,", "status_quo:\n  terms: {", "the status quo must name every issue"),
    ("link: logistic", "link: cdf", "the link cdf needs `spread`"),
    ("communities: {coast: 0.2}", "communities: {cost: 0.2}", "did you mean `coast`?"),
    ("levels: [{id: one_year, years: 1}", "levels: [{id: one_year}", "needs `years`"),
    ("    duration: true\n", "", "has no meaning unless"),
    ("    points: 21\n", "", "either a grid of points or continuous"),
    ("    points: 21\n    continuous: false\n", "    continuous: true\n", "give the range `points: 21`"),
    ("range: [0, 100]", "range: [100, 0]", "is not below"),
    ("exclude: {berth: none, rent", "exclude: {berth: nine, rent", "did you mean `none`?"),
    ("breakdown: {rate: 0.05", "breakdown: {rate: 0.05, chance: 0.1", "not both"),
    ("by: host\n    from: 2030-06-30", "by: league\n    from: 2030-06-30", "no party"),
    ("start: 0.2\n", "start: 1.2\n", "start is 1.2; it must lie in [0, 1]"),
    ("{terms: {berth: all}, by: -0.1}", "{by: -0.1}", "exactly one of terms, move and variable"),
    ("pulls: {inland: 1}", "pulls: {coast: 1}", "cannot pull on itself"),
    ("pulls: {inland: 1}", "pulls: {inland: 0}", "the pulls are all 0"),
    ("share: 2\n", "share: 0\n", None),
    ("    rate: 0.5\n", "", "needs `rate`"),
    ("on: 2030-09-30, chance", "rate: 1, on: 2030-09-30, chance", "keep one"),
    ("unless: [storm]", "unless: [strom]", "did you mean `storm`?"),
    ("after: [grant]", "after: [storm]", "waits for itself"),
    ("unless: [storm]", "after: [storm]", "grant waits for storm waits for grant, so that none of these can ever"),
    ("after: [grant]", "after: [grant], unless: [grant]", "grant must have happened and must not"),
    ("never: [signed]}", "never: [signed], ever: [signed]}", "signed is in `ever` too"),
    ("when: {status: [exit], exit: evict", "when: {status: [talks], exit: evict", "only where `status` is exit"),
    ("shifts: [{variable: relief, by: 0.1}]", "shifts: [{variable: coast, by: 0.1}]", "shifts its own mean"),
    ("{date: 2030-09-01", "{date: 2031-09-01", "after observed.until 2031-06-30"),
    ("{date: 2030-09-01", "{date: 2029-09-01", "before the start 2030-01-31"),
    ("jumps: {relief: 0.2", "jumps: {releif: 0.2", "did you mean `relief`?"),
    ("on: exit, exit: evict, party: host", "on: exit, party: host", "needs `exit`"),
    ("on: support, party: host, variable: coast,", "on: support, variable: coast,", "needs `party`"),
    ("on: rate, move: grant", "on: rate, move: storm", "has no rate to touch"),
    ("on: flow, party: guest, coefficient", "on: flow, party: guest, issue: rent, coefficient", "does not belong"),
    ("variable: relief, slope: -0.5, ", "slope: -0.5, ", "`slope` needs `variable`"),
    ("on: signing, party: host", "on: signing, exit: evict, party: host", "belongs to a lump on exit"),
    ("when: {}", "when: {status: talks}", "the last outcome must take"),
    ("when: {status: [exit], exit: evict, never: [signed]}", "when: {}", "never reached"),
    ("relative: {berth: reduced", "relative: {birth: reduced", "did you mean `berth`?"),
    ("relief: {at_most: 0.9}", "relief: {at_most: 1.9}", "lies in [0, 1]"),
    ("by: 36,", "by: 37,", "after the window"),
    ("by: 2031-01-31", "by: 2040-01-31", "after the window"),
    ("deadline: 2031-12-31", "deadline: 2029-12-31", "before the start"),
    ("deadline: 2031-12-31", "deadline: 9999-12-31", "more than 1200 steps"),
    ("  start: 2030-01-31\n", "", "time.start is missing"),
    ("start: 2030-01-31", "start: 9999-01-31", "past the year 9999"),
    ("step: month", "step: round", "a round has no calendar"),
    ("until: 30\n", "until: 2\n", "lies before from"),
    ("source: survey", "source: surveys", "did you mean `survey`?"),
    ("outcome: other", "outcome: othr", "did you mean `other`?"),
    ("rank: 0.4", "rank: 1", "rank"),
    ("relief.mean]\n", "relief.maen]\n", "did you mean `variables.relief.mean`?"),
    ("relief.mean]\n", "relief.reversion]\n", "is a fixed number"),
    ("relief.mean]\n", "relief.mean, variables.relief.mean]\n", "between"),
    (
        "[parties.host.discount_rate, variables.relief.mean]\n",
        "[variables.relief.mean, variables.relief.mean]\n",
        "twice",
    ),
    ("id: inland", "id: relief", "is taken by"),
    ("id: league", "id: host", "is taken by"),
    ("id: q2", "id: q1", "is taken by"),
    ("after_breach: 3", "after_breach: 0.5", "must lie in [1, 1000000]"),
    ("reversion: 1\n", "reversion: {value: 1, private: {spread: 0.1}}\n", "nobody owns this number"),
    ("flows: {guest: -0.1}", "flows: {guest: {value: -0.1, private: {spread: 1, bias: 0}}}", "has a bias already"),
    ("spread: 0.05}}", "spread: 0.05, bias: 2}}", "must lie in [-1, 1]"),
    ("interim: {terms: {berth: [some, all]}}", "interim: {terms: {tenure: one_year}}", "cannot be agreed ahead"),
    ("interim: {terms: {berth", "interim: {terms: {share: {at_least: 0}, rent: {at_least: 0}, berth", "at most 64"),
    ("interim: {terms: {berth", "interim: {terms: {berths", "did you mean `berth`"),
    ("interim: {terms: {berth: [some, all]}}", "interim: {terms: {berth: throttled}}", "is not negotiable"),
    ("after: storm", "after: storms", "did you mean `storm`"),
    ("parties.host.discount_rate: {u", "parties.host.discount: {u", "is no number of this scenario"),
    ("parties.host.discount_rate: {uniform: [0.1, 0.2]}", "parties.guest.discount_factor: 0.9", "is no number of host"),
    ("parties.host.discount_rate: {uniform: [0.1, 0.2]}", "parties.host.discount_rate: -1", "must lie in [0, 100]"),
    ("chosen: {precision: 4}", "chosen: {precision: 4}\n    rate: 1", "has rate and chosen; keep one"),
    ("chosen: {precision: 4}", "chosen: {precision: 4}\n    pivotal: true", "nobody reckons with a choice"),
    ("limit: 0.9}", "limit: 1.9}", "must lie in [0, 1]"),
    ("respond: {party: host, variable: relief", "respond: {party: host, variable: coast", "would pay nothing"),
    ("respond: {party: host,", "respond: {party: hots,", "did you mean `host`"),
    ("on: gain, move: wall", "on: gain, move: grant", "is not chosen"),
    ("breakdown: {rate: 0.05", "breakdown: {chance: 0.05", "without a meeting nothing is rejected"),
    ("accepts: {strategy: constant, least: 0.4}", "accepts: attrition", "for which the two need not meet"),
    ("meetings: {uniform: [12, 36]}", "meetings: {uniform: [-1, 36]}", "must lie in [0, 10000]"),
    ("kind: alternating, first: random", "kind: random, recognition: {host: 0, guest: 0}", "nobody would propose"),
    (
        "accepts: {strategy: constant, least: 0.4}",
        "accepts: aspiration",
        "needs a party whose offers are time_dependent",
    ),
    (
        "offers: {strategy: fixed, script: [{berth: all, rent: 0, tenure: ten_years, share: 0.7}]}",
        "offers: zeuthen",
        "write `protocol: simultaneous`",
    ),
    (
        "offers: {strategy: fixed, script: [{berth: all, rent: 0, tenure: ten_years, share: 0.7}]}",
        "offers: equilibrium",
        "without private",
    ),
    ("title: A harbour with", "title:\nnotes2: A harbour with", "`title` has no value"),
    ("window: 36", "window: 1201", "at most 1200"),
    ("window: 36", "window: 36.5", "write a whole number"),
    ("negotiable: false", "negotiable: no", "write true or false"),
    ("id: evict\n", "id: Evict\n", "begins with a small letter"),
]


@pytest.mark.parametrize(("right", "wrong", "sentence"), RULES)
def test_rules_across_fields(tmp_path: Path, right: str, wrong: str, sentence: str | None) -> None:
    """A scenario that breaks one rule is refused with the sentence of that rule, at a place inside the file."""
    assert right in FULL
    if sentence is None:
        full(tmp_path, FULL.replace(right, wrong, 1))
        return
    with pytest.raises(ScenarioError) as caught:
        full(tmp_path, FULL.replace(right, wrong, 1))
    assert any(sentence in fault.sentence for fault in caught.value.faults), str(caught.value)
    assert all(fault.line > 0 for fault in caught.value.faults)


def test_a_fault_stands_at_what_is_wrong(tmp_path: Path) -> None:
    """An unknown key is shown at the key, a wrong value at the value, a missing key at its mapping."""
    text = SMALL.replace("discount_rate: 0.1", "discount_rate: -1").replace("label: Rent", "lable: Rent", 1)
    text = text.replace(", rent: 0}", "}")
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, text))
    pointed = [text.split("\n")[fault.line - 1][fault.column - 1 :] for fault in caught.value.faults]
    assert [each[:6] for each in pointed] == ["-1, of", "lable:", "{berth"]


def test_equilibrium_needs_an_exact_picture(tmp_path: Path) -> None:
    """The strategy equilibrium is refused where its party sees the other dimly."""
    text = SMALL.replace("offers: bayesian", "accuracy: 0.9, offers: equilibrium", 1)
    with pytest.raises(ScenarioError, match="set accuracy to 1"):
        load(written(tmp_path, text))


def test_a_continuous_range_stands_in_no_constraint_and_before_no_audience(tmp_path: Path) -> None:
    """A continuous range loads, but no constraint can name it, and no audience can vote on what lies in between."""
    text = SMALL.replace("points: 5", "continuous: true")
    load(written(tmp_path, text))
    with pytest.raises(ScenarioError, match="no constraint can name it"):
        load(written(tmp_path, text + "constraints: [{exclude: {rent: {at_least: 50}}}]\n"))
    heard = text.replace("{id: host,", "{id: host, audience: {link: step, threshold: 0.2},")
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, heard))
    (fault,) = caught.value.faults
    assert fault.sentence == (
        "rent is continuous, and host has an audience; an audience needs issues with levels or points; "
        "give the range `points: 21` instead of `continuous: true`"
    )
    assert heard.split("\n")[fault.line - 1][fault.column - 1 :].startswith("continuous: true")
    load(written(tmp_path, heard.replace("continuous: true", "points: 21")))


@pytest.mark.parametrize("wrong", ["time.start=2024-13-40", "time.window=-3", "time.step=mont"])
def test_a_wrong_calendar_is_one_fault(tmp_path: Path, wrong: str) -> None:
    """Dates all through the file are not measured by a start, a step or a window that is wrong itself."""
    full(tmp_path)
    with pytest.raises(ScenarioError) as caught:
        full(tmp_path, sets=(wrong,))
    assert [(fault.file, fault.snippet) for fault in caught.value.faults] == [("--set", wrong)]


def test_weights_that_are_all_zero_are_refused(tmp_path: Path) -> None:
    """A party for whom nothing matters, surely or with some chance, is refused."""
    for zero in ("0", "{discrete: [[0, 0.5], [1, 0.5]]}"):
        text = re.sub(r"weights: \{host: \d", f"weights: {{host: {zero}", SMALL)
        with pytest.raises(ScenarioError, match="can all be 0"):
            load(written(tmp_path, text))


def test_an_empty_or_huge_deal_space_is_refused(tmp_path: Path) -> None:
    """Constraints that leave no deal, and issues that make more than 50,000, are refused."""
    empty = SMALL + "constraints: [{exclude: {berth: [none, some]}}, {exclude: {berth: all, rent: {at_least: 0}}}]\n"
    with pytest.raises(ScenarioError, match="the deal space is empty"):
        load(written(tmp_path, empty))
    rent = SMALL[SMALL.index("  - id: rent") : SMALL.index("status_quo")]
    many = "".join(rent.replace("id: rent", f"id: rent{i}").replace("points: 5", "points: 50") for i in range(10))
    terms = ", ".join(f"rent{i}: 0" for i in range(10))
    huge = SMALL.replace("status_quo:", many + "status_quo:").replace("rent: 0", f"rent: 0, {terms}")
    begin = time.process_time()
    with pytest.raises(ScenarioError, match="at most 50,000"):
        load(written(tmp_path, huge))
    assert time.process_time() - begin < 1


BOX = st.dictionaries(st.integers(0, 3), st.frozensets(st.integers(0, 2), max_size=3), min_size=1, max_size=4)


@given(st.lists(BOX, max_size=6))
def test_deals_are_counted_as_by_listing_them(excluded: list[dict[int, frozenset[int]]]) -> None:
    """The clever count equals the count by listing every deal."""
    deals = product(range(3), repeat=4)
    kept = [deal for deal in deals if not any(all(deal[k] in box[k] for k in box) for box in excluded)]
    assert count([3] * 4, excluded) == len(kept)


def test_overrides_reach_any_place(tmp_path: Path) -> None:
    """An override goes by ids, replaces a distribution by a plain number, and opens what the file leaves out."""
    sets = (
        "parties.host.discount_rate=0.3",
        "issues.berth.values.host.some={uniform: [0.2, 0.3]}",
        "time.window=40",
        "lumps.0.amount=-0.5",
        "parties.guest.trust.breach_rate=0.2",
        "title=A: b",
        "variables.relief.shifts.1.by=0.4",
    )
    scenario = full(tmp_path, sets=sets[:5] + sets[6:])
    numbers = dict(leaves(scenario))
    assert numbers["parties.host.discount_rate"] == Leaf(kind="value", args=(0.3,))
    assert numbers["issues.berth.values.host.some"].args == (0.2, 0.3)
    assert numbers["lumps.0.amount"].args == (-0.5,)
    assert numbers["parties.guest.trust.breach_rate"].args == (0.2,)
    assert numbers["variables.relief.shifts.1.by"].args == (0.4,)
    assert scenario.time.window == 40


@pytest.mark.parametrize(
    ("key", "name", "way_out"),
    [
        ("offers", "boulware", "write `time_dependent` with an `exponent` below 1"),
        ("offers", "Rubinstein", "write `equilibrium`"),
        ("accepts", "rational", "write `going_on`"),
        ("offers", "going_on", "write one of `aspiration`"),
        ("offers", "bayes", "did you mean `bayesian`?"),
    ],
)
def test_a_name_from_the_literature_is_led_to_ours(tmp_path: Path, key: str, name: str, way_out: str) -> None:
    """A strategy by another name than this format's is refused with the one that is meant, where there is one."""
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path), [f"parties.host.{key}={name}"])
    assert way_out in caught.value.faults[0].sentence


@pytest.mark.parametrize("key", ["ever", "never", "moved"])
def test_a_lone_name_is_a_list_of_one(tmp_path: Path, key: str) -> None:
    """What may be one or several may be written as its only name, and an empty list says nothing."""
    name = "storm" if key == "moved" else "signed"
    one, listed, none = (
        full(tmp_path, sets=(f"questions.q1.when={{{key}: {written_as}}}",)).questions[0].when
        for written_as in (name, f"[{name}]", "[]")
    )
    assert one == listed
    assert getattr(none, key) == ()


def test_a_word_among_the_numbers_of_levels_is_told_as_one(tmp_path: Path) -> None:
    """A word of a curve where a level's number belongs is one fault at its place, not a curve with wrong keys."""
    with pytest.raises(ScenarioError) as caught:
        full(tmp_path, sets=("issues.berth.values.guest.some=high",))
    assert [fault.file for fault in caught.value.faults] == ["--set"]
    assert "values.guest.some is `high`; write a number" in caught.value.faults[0].sentence


def test_an_override_moves_a_private_number_and_leaves_it_private(tmp_path: Path) -> None:
    """A plain number replaces the public value alone, in its place a fault too; a mapping says everything anew."""
    name = "issues.berth.values.guest.some"
    was, moved = dict(leaves(full(tmp_path)))[name], dict(leaves(full(tmp_path, sets=(f"{name}=0.5",))))[name]
    assert was.private is not None
    assert (moved.kind, moved.args, moved.private, moved.bias) == ("value", (0.5,), was.private, was.bias)
    assert dict(leaves(full(tmp_path, sets=(f"{name}={{value: 0.5}}",))))[name].private is None
    threshold = "parties.host.audience.threshold"
    one = dict(leaves(full(tmp_path, sets=(f"{threshold}=0.3",))))[threshold]
    assert (one.kind, one.private is None) == ("value", False)
    with pytest.raises(ScenarioError) as caught:
        full(tmp_path, sets=(f"{name}=high",))
    assert [fault.file for fault in caught.value.faults] == ["--set"]
    with pytest.raises(ScenarioError) as caught:
        full(tmp_path, sets=(f"{name}=7",))
    assert [(fault.file, fault.column) for fault in caught.value.faults] == [("--set", len(name) + 2)]


@pytest.mark.parametrize(
    ("text", "sentence", "column"),
    [
        ("parties.host.discont_rate=1", "did you mean `parties.host.discount_rate`?", 1),
        ("partys.host.discount_rate=1", "did you mean `parties.host.discount_rate`?", 1),
        ("parties.hots.discount_rate=1", "did you mean `parties.host.discount_rate`?", 1),
        ("parties.host.discount_rate.x.y=1", "nothing stands below", 1),
        ("parties..discount_rate=1", "has no name after `parties`", 1),
        (".discount_rate=1", "has no name before its first dot", 1),
        ("parties.host.discount_rate=-1", "must lie in [0, 100]", 28),
        ("parties.host.discount_rate={uniform: [2, 1]}", "write the smaller number first", 38),
        ("time.window=&a 3", "is an anchor", 13),
        ("time.window", "is no override", 1),
        ("=3", "is no override", 1),
        ("time.window=", "is no override", 1),
        ("time.step=mont", "did you mean `month`?", 11),
    ],
)
def test_faults_of_an_override_name_its_text(tmp_path: Path, text: str, sentence: str, column: int) -> None:
    """A wrong override is told with its own text as the line and a suggestion of the nearest path."""
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path), [text])
    fault = caught.value.faults[0]
    assert sentence in fault.sentence
    assert (fault.file, fault.line, fault.column, fault.snippet) == ("--set", 1, column, text)


def test_hashes_see_numbers_and_texts_apart(tmp_path: Path) -> None:
    """Layout, order of keys and of ids change no hash of the model; numbers do; texts change the other one."""
    base = load(written(tmp_path))
    rent = SMALL[SMALL.index("  - id: rent") : SMALL.index("status_quo")]
    moved = SMALL.replace(rent, "").replace("  - id: berth", rent + "  - id: berth")
    same = [
        "# a comment\n" + SMALL,
        SMALL.replace("{step: month, window: 24}", "{window: 24, step: month, look_ahead: 12}"),
        SMALL.replace("discount_rate: 0.1,", "discount_rate: {value: 0.10, note: why},"),
        SMALL.replace("label: Rent", "label: The rent"),
        SMALL.replace("{host: 2, guest: 3}", "{guest: 3.0, host: 2}"),
        moved,
    ]
    for text in same:
        assert model_hash(load(written(tmp_path, text))) == model_hash(base)
    assert text_hash(load(written(tmp_path, same[0]))) == text_hash(base)
    assert text_hash(load(written(tmp_path, same[3]))) != text_hash(base)
    for right, wrong in [
        ("0.1,", "0.2,"),
        ("window: 24", "window: 25"),
        ("first: host", "first: guest"),
        ("best: low", "best: high"),
    ]:
        changed = load(written(tmp_path, SMALL.replace(right, wrong, 1)))
        assert model_hash(changed) != model_hash(base)
        assert text_hash(changed) == text_hash(base)


def test_every_number_is_in_the_hash(tmp_path: Path) -> None:
    """Changing any leaf changes the model's hash."""
    scenario = full(tmp_path)
    base = model_hash(scenario)
    for path, leaf in leaves(scenario):
        if leaf.certain and leaf.private is None and 0 < leaf.args[0] < 1:
            try:
                changed = full(tmp_path, sets=(f"{path}={leaf.args[0] * 0.99!r}",))
            except ScenarioError as error:
                pytest.fail(f"{path}: {error}")
            assert model_hash(changed) != base, path


def test_sources_are_looked_up(tmp_path: Path) -> None:
    """A leaf's source is its title and address, or the text itself; what has none is listed."""
    scenario = full(tmp_path)
    rate = scenario.parties[0].discount_rate
    assert rate is not None
    assert source_of(scenario, rate) == ("A survey (2029-12-01)", "https://example.org/survey")
    assert source_of(scenario, Leaf(kind="value", args=(1,), source="a book")) == ("a book", None)
    assert source_of(scenario, Leaf(kind="value", args=(1,))) == (None, None)
    bare = unsourced(scenario)
    assert "parties.host.discount_rate" not in bare
    assert "issues.berth.values.host.none" not in bare
    assert "parties.guest.accuracy" not in bare
    assert "issues.berth.values.host.throttled" in bare


def test_the_calendar_counts_from_the_start() -> None:
    """A date belongs to the first step that ends on or after it; months keep the start's day where they can."""
    monthly = Time.model_validate({"start": "2030-01-31", "step": "month", "window": 24})
    assert [end_of(monthly, step) for step in range(3)] == [date(2030, 1, 31), date(2030, 2, 28), date(2030, 3, 31)]
    assert step_of(monthly, date(2030, 2, 28)) == 1
    assert step_of(monthly, date(2030, 3, 1)) == 2
    assert step_of(monthly, 7) == 7
    weekly = Time.model_validate({"start": "2030-01-01", "step": "week", "window": 24})
    assert step_of(weekly, date(2030, 1, 9)) == 2
    fine = Time.model_validate({"start": "2030-01-01", "step": {"years": 0.01}, "window": 24})
    assert end_of(fine, 100) == date(2030, 12, 31) or end_of(fine, 100) == date(2031, 1, 1)
    assert years_of(fine) == 0.01
    assert years_of(monthly) == 1 / 12


@given(
    st.sampled_from(["day", "week", "month", "quarter", "year"]),
    st.integers(1, 200),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_a_step_ends_in_itself(step: str, steps: int, start: date) -> None:
    """The end of a step lies in that step, and the day after it in the next."""
    when = Time.model_validate({"start": start.isoformat(), "step": step, "window": 24})
    assert step_of(when, end_of(when, steps)) == steps
    assert step_of(when, date.fromordinal(end_of(when, steps).toordinal() + 1)) == steps + 1


def test_a_lognormal_may_stand_where_numbers_are_above_zero() -> None:
    """An unbounded distribution is let through where only a sanity limit stands above."""
    assert Bounds(0, 1e4, above=True, sane=True).parse({"lognormal": [1, 0.5]}).kind == "lognormal"
    with pytest.raises(ValueError, match="not valid"):
        Bounds(0, 1, above=True).parse({"lognormal": [1, 0.5]})


def test_the_json_schema_knows_every_reference() -> None:
    """The JSON Schema is closed: every reference stands in it, every mapping of its own forbids further keys."""
    schema = json_schema()
    names = set(re.findall(r"'#/\$defs/(\w+)'", repr(schema)))
    assert names <= set(schema["$defs"])
    assert all(each.get("additionalProperties") is False for each in schema["$defs"].values())
    assert all("description" in each for each in schema["properties"].values())


def test_an_unknown_key_in_a_list_that_is_too_short(tmp_path: Path) -> None:
    """A list that is too short and holds an item with an unknown key is two faults, and no traceback."""
    text = SMALL.replace("[{id: none}, {id: some}, {id: all}]", "[{id: all, foo: 1}]")
    with pytest.raises(ScenarioError) as caught:
        load(written(tmp_path, text))
    said = " ".join(fault.sentence for fault in caught.value.faults)
    assert "`foo` is no key" in said
    assert "levels has 1 entry" in said


def test_loading_is_quick(tmp_path: Path) -> None:
    """A file of 1,500 lines does not keep anybody waiting."""
    variable = (
        "  - id: v{}\n    label: Variable\n    bounds: [0, 1]\n    start: {{uniform: [0, 1], judgement: a guess}}\n"
        "    mean: {{pert: [0, 0.5, 1], judgement: a guess}}\n    reversion: 1\n    volatility: 0.1\n"
    )
    text = SMALL + "variables:\n" + "".join(variable.format(i) for i in range(210))
    assert text.count("\n") > 1_490
    path = written(tmp_path, text)
    fastest = 9.0
    for _ in range(3):
        begin = time.process_time()
        load(path)
        fastest = min(fastest, time.process_time() - begin)
    assert fastest < 1.0


def test_importing_pays_for_no_slow_library() -> None:
    """Importing the scenario's reader loads none of the slow libraries."""
    code = "import sys, sim.scenario; print(sorted({'scipy', 'numpy', 'pyarrow', 'plotly', 'mesa'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_examples_are_plain_yaml() -> None:
    """The examples read into trees whose tops are mappings."""
    assert isinstance(read_text(FULL, "x").tree, dict)
