"""One thing alone is changed, and what a side holds out for moves the way theory says, or does not move at all.

Read from side a: the share it asks in its first offer, and the least share that it accepts of b's first offer.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import pytest

from sim.rules import strategies
from tests.strategies import Tree, pie, played, walked
from tests.textbook import played as shipped

LEVERS: dict[str, dict[str, Any]] = {
    "a is more patient": {"parties.0.discount_factor": 0.95},
    "b is more patient": {"parties.1.discount_factor": 0.95},
    "a's talks will get better": {"variables.0.mean": 1},
    "b's talks will get better": {"variables.1.mean": 1},
    "a collapse may come that hurts a": {"breakdown.chance": 0.2, "breakdown.flows.a": -0.5},
    "a collapse may come that hurts b": {"breakdown.chance": 0.2, "breakdown.flows.b": -0.5},
    "a trusts less": {"parties.0.trust": {"breach_rate": 0.05}},
    "b trusts less": {"parties.1.trust": {"breach_rate": 0.05}},
}
FACTOR, TALK, OPENING, LEAST = 0.9, 0.1, 0.25, 0.4  # of either side: discount factor, flow of talks; of a: its rules
SURPLUS = 1 - 2 * TALK
PROPOSES = TALK + SURPLUS / (1 + FACTOR)  # Rubinstein's share of the gains, and what talks are worth
ANSWERS = TALK + SURPLUS * FACTOR / (1 + FACTOR)
CLOCKED = 1 - OPENING * (1 - TALK)  # a quarter of the way from the best deal to what talks alone are worth
STOPS = TALK + (1 - TALK) * FACTOR * (1 + (FACTOR / 2) ** 2) / 2  # with two offers to come

CLOCK = {"strategy": "time_dependent", "exponent": 1, "opening": OPENING, "until": 6}
ASPIRES = {"strategy": "aspiration", "exponent": 1}
ROUNDS = 2
POWER = (
    "a bargainer's share grows with its patience, its talks, the other's fear of collapse, and a risk it must be paid"
)
OWN = "a rule of thumb starts from its own best deal and reservation, whatever the other's (Faratin et al. 1998)"
PAID = "what may not be kept is worth less, so that it takes more of it"


SAME, MOVED = 1e-9, 1e-3  # a share nearer than the one has not moved, one further off than the other has


class Row(NamedTuple):
    """A strategy, the share it holds out for, and whether that rises (+), falls (-) or stays (0) with each lever."""

    strategy: Any
    share: float
    moves: str
    theory: str


OFFERS = [
    Row("equilibrium", PROPOSES, "+-+--++-", f"{POWER} (Rubinstein 1982; Binmore, Rubinstein & Wolinsky 1986)"),
    Row("bayesian", PROPOSES, "+-+--++-", f"nothing is private, so that the best demand is the equilibrium's: {POWER}"),
    Row(CLOCK, CLOCKED, "00+0-0+0", OWN),
    Row({"strategy": "tit_for_tat", "opening": OPENING}, CLOCKED, "00+0-0+0", f"its opening: {OWN}"),
    Row(
        "zeuthen", 1 - TALK, "000-0+0-", "the first claim leaves the other just what it has in conflict (Harsanyi 1956)"
    ),
    Row(
        "random",
        22 / 48,  # the other would give 23/48, the nearest to the 0.4789 it owes, so that a refusal is worth 0.441
        "+-+--++-",
        f"by lot among what is worth a refusal: the least of it is what that is worth; {POWER}",
    ),
    Row({"strategy": "fixed", "script": [{"pie": 0.6}]}, 0.6, "00000000", "a script heeds nothing"),
    Row(ASPIRES, 0.7, "0000-000", f"a third of the way to its reservation, in fortieths: {OWN}"),
]
ACCEPTS = [
    Row("going_on", ANSWERS, "+-+--++-", f"the least is what going on is worth: {POWER}"),
    Row("next", CLOCKED, "00+0-0+0", f"it takes what it would ask itself: {OWN}"),
    Row("aspiration", CLOCKED, "00+0-0+0", OWN),
    Row({"strategy": "constant", "least": LEAST}, LEAST, "000000+0", f"the bar stands, and {PAID}"),
    Row({"strategy": "time", "after": 0}, 0.0, "00000000", "once its hour has come it takes anything"),
    Row({"strategy": "combi", "after": 1}, CLOCKED, "00+0-0+0", f"before its hour it is AC_next: {OWN}"),
    Row({"strategy": "combi", "after": 0}, 0.0, "00000000", "in its hour it takes what equals the best it heard: none"),
    Row(
        "optimal_stopping",
        STOPS,
        "+0+0--+0",
        "to hear another offer is worth more to the patient, and less if talks may end, whoever is hurt by their end",
    ),
]


def talks(first: str, *, points: int | None = None) -> Tree:
    """Return a pie in whose talks both have a tenth, with a collapse, breaches and tides that nobody expects yet."""
    tree = pie((FACTOR, FACTOR), window=1, first=first, points=points)
    for side, all_of_it in zip(tree["parties"], (1, 0), strict=True):
        side["breach"] = {"precision": 1, "gain": 0, "terms": {"pie": all_of_it}}
    tree["status_quo"] = {"terms": {"pie": 0.5}, "flows": {"a": TALK - 0.5, "b": TALK - 0.5}}
    tree["breakdown"] = {"chance": 0, "absolute": True, "flows": {"a": TALK, "b": TALK}}
    tide = {"label": "A tide", "bounds": [-1, 1], "start": 0, "mean": 0, "reversion": 1}
    tree["variables"] = [{"id": f"tide_{side}", **tide} for side in "ab"]
    tree["effects"] = [
        {"id": f"wash_{s}", "on": "flow", "party": s, "variable": f"tide_{s}", "coefficient": 0.3, "status": "talks"}
        for s in "ab"
    ]
    return tree


def changed(tree: Tree, lever: dict[str, Any]) -> Tree:
    """Return the scenario with the numbers of one lever."""
    tree = copy.deepcopy(tree)
    for path, value in lever.items():
        *way, last = path.split(".")
        at: Any = tree
        for part in way:
            at = at[int(part)] if part.isdigit() else at[part]
        at[last] = value
    return tree


def offering(strategy: Any) -> Tree:
    """Return talks that a opens by its strategy, to a side that takes anything."""
    grid = {"random": 49, "zeuthen": 41, "aspiration": 41}
    tree = talks("a", points=grid.get(strategy if isinstance(strategy, str) else strategy["strategy"]))
    tree["parties"][0].update(offers=strategy, accepts={"strategy": "constant", "least": 9})
    tree["parties"][1]["accepts"] = {"strategy": "constant", "least": -9}
    if strategy == "zeuthen":
        tree["protocol"] = "simultaneous"
    if strategy == ASPIRES:
        tree["protocol"] = {"kind": "stacked_alternating", "first": "a"}
        tree["time"] |= {"window": ROUNDS, "deadline": ROUNDS, "at_deadline": "breakdown"}
        tree["parties"][1]["offers"] = ASPIRES
    return tree


def asked(tree: Tree) -> float:
    """Return a's share in its first offer, the same in both drivers; the least of many where chance draws it."""
    issue, by_lot = tree["issues"][0], tree["parties"][0]["offers"] == "random"
    shares = played(tree, 256 if by_lot else 1).columns["agreed.pie"]
    assert shares[0] == walked(tree).state.agreed[0, 0]
    return float(shares.min()) / (1 if "continuous" in issue else issue["points"] - 1)


def answering(rule: Any, share: float) -> Tree:
    """Return talks in which b opens with an offer of ``share`` to a, who answers by its rule."""
    tree = talks("b")
    tree["parties"][0].update(offers=CLOCK, accepts=rule)
    tree["parties"][1]["offers"] = {"strategy": "fixed", "script": [{"pie": share}]}
    return tree


def accepted(rule: Any, share: float, lever: dict[str, Any]) -> bool:
    """Tell whether a accepts ``share`` as b's first offer, the same in both drivers."""
    tree = changed(answering(rule, share), lever)
    step = int(played(tree).columns["agreed_step"][0])
    assert step == walked(tree).state.agreed_step[0]
    return step == 0


def name(row: Row) -> str:
    """Return the name of a row's strategy."""
    return str(row.strategy if isinstance(row.strategy, str) else row.strategy["strategy"])


@pytest.mark.parametrize("row", OFFERS, ids=name)
def test_the_first_offer_moves_as_theory_says(row: Row) -> None:
    """What a asks first is the known share, and each lever alone raises it, lowers it or leaves it where it is."""
    tree = offering(row.strategy)
    assert asked(tree) == pytest.approx(row.share, abs=SAME)
    found = {lever: sign(asked(changed(tree, change)) - row.share) for lever, change in LEVERS.items()}
    assert found == dict(zip(LEVERS, row.moves, strict=True)), row.theory


def sign(distance: float) -> str:
    """Return 0, + or -; what is neither nothing nor worth naming is a question mark."""
    if abs(distance) < SAME:
        return "0"
    return "?" if abs(distance) < MOVED else "+-"[distance < 0]


@pytest.mark.parametrize("row", ACCEPTS, ids=name)
def test_the_first_answer_moves_as_theory_says(row: Row) -> None:
    """The least that a takes is the known share, and each lever alone raises it, lowers it or leaves it where it is."""
    assert bar(row, {}) == "0"
    found = {lever: bar(row, change) for lever, change in LEVERS.items()}
    assert found == dict(zip(LEVERS, row.moves, strict=True)), row.theory


def bar(row: Row, lever: dict[str, Any]) -> str:
    """Return 0, + or -: where the least that a accepts lies, seen from the row's share."""
    enough = accepted(row.strategy, row.share + SAME, lever)
    less_too = row.share > 0 and accepted(row.strategy, row.share - SAME, lever)
    if enough != less_too:
        return "0"
    further = accepted(row.strategy, row.share + (-MOVED if enough else MOVED), lever)
    return "?" if further != enough else "+-"[enough]


def test_every_strategy_has_its_row() -> None:
    """No strategy that a scenario can name is missing from the tables; who gives in by lot has a test of its own."""
    assert {name(row) for row in OFFERS} == set(strategies.OFFERS)
    assert {name(row) for row in ACCEPTS} | {"attrition"} == set(strategies.ACCEPTS)


@pytest.mark.parametrize(
    ("lever", "moves", "theory"),
    [
        ("parties.a.discount_rate=0.05", "0", "its own patience keeps the other from giving in, not itself"),
        ("parties.b.discount_rate=0.05", "-", "a patient rival is held out against for longer"),
        ("status_quo.flows.a=-3", "0", "what the stalemate costs itself makes the other give in"),
        ("status_quo.flows.b=-4", "+", "the rival would give in, unless it may hope that its enemy does"),
        ("issues.prize.values.b.to_b=0.5", "+", "a rival with less to win must be given more hope"),
    ],
)
def test_giving_in_moves_as_theory_says(lever: str, moves: str, theory: str) -> None:
    """How often a gives in rises, falls or stays with each lever alone."""
    assert sign(gives_in(lever) - gives_in()) == moves, theory


def gives_in(*lever: str) -> float:
    """Return the share of draws in which a gives in, in the first round in which it can, to a side that never does."""
    never = ("parties.b.accepts={strategy: constant, least: 9}", "time.window=2", "time.step.years=1")
    return float((shipped("war-of-attrition", *never, *lever, draws=2000)["agreed_step"] >= 0).mean())
