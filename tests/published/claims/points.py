"""T1, T2, T11: solution points as `parley solve` reads them off a scenario, and T12: stacked alternating offers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from sim.agents import trace
from sim.solution.bargain import Wish
from sim.solution.summary import solve
from tests.published.claims.claim import Claim, Reading, Worked, threshold, uniform
from tests.published.claims.several import NASH, RAIFFA, SPLIT, VERTEX
from tests.published.test_solution_points import averse, linear, money, on_one_scale, three
from tests.published.test_stacked import by_hand, drawn, game_of
from tests.strategies import Tree, compiled

KALAI_SMORODINSKY = "Kalai & Smorodinsky 1975"
KALAI = "Kalai 1977"
STACKED = "Aydoğan, Festen, Hindriks & Jonker 2017"
Pair = tuple[float, float]


def found(tree: Tree, power: float | None = None) -> dict[str, Any]:
    """Return what `parley solve` says of a scenario."""
    return solve(compiled(tree), Wish(power=power), draws=1)


# T1, T2: u1 + 2 u2 = 100, and a side averse to risk


def nash(side: int, d1: float, d2: float, alpha: float) -> Reading:
    """Return what a side has at the Nash point of the linear problem."""
    return Reading(money(found(linear(100, d1, d2), alpha)["asymmetric_nash"]["worth"])[side])


def capped(point: str, side: int, top: float, d1: float, d2: float) -> Reading:
    """Return what a side has at a point of the linear problem with u1 at most ``top``."""
    return Reading(money(found(linear(top, d1, d2))[point], top)[side])


def ideal(top: float, d1: float, d2: float) -> Pair:
    """Return where the line from d to the best that each can have meets the frontier u1 + 2 u2 = 100."""
    most = min(top, 100 - 2 * d2) - d1, (100 - d1) / 2 - d2
    share = (100 - d1 - 2 * d2) / (most[0] + 2 * most[1])
    return d1 + share * most[0], d2 + share * most[1]


def equal(side: int, d1: float, d2: float) -> Reading:
    """Return what a side has where both gain alike."""
    return Reading(100 * float(found(on_one_scale(d1, d2))["egalitarian"][side]))


def averse_share(rho: float, alpha: float) -> Reading:
    """Return the share of a side that values x^rho, on the curve and not on lines along it."""
    return Reading(float(found(averse(rho), alpha)["asymmetric_nash"]["deal"]["pie"]))


def averse_ideal(rho: float) -> Reading:
    """Return its share at the Kalai-Smorodinsky point."""
    return Reading(float(found(averse(rho))["deals_at"]["kalai_smorodinsky"]["pie"]))


# T11: three divisible issues, weights that add up to 1


def problem(a1: float, a2: float, b1: float, b2: float) -> Tree:
    """Return three pies with these weights of the first two."""
    return three((a1, a2, 1 - a1 - a2), (b1, b2, 1 - b1 - b2))


def corners(a1: float, a2: float, b1: float, b2: float) -> list[Pair]:
    """Return the corners of the frontier: a gets the issues one after the other, that which b minds least first."""
    weights = (a1, b1), (a2, b2), (1 - a1 - a2, 1 - b1 - b2)
    path = [(0.0, 1.0)]
    for one, two in sorted(weights, key=lambda pair: pair[1] / pair[0]):
        path.append((path[-1][0] + one, path[-1][1] - two))
    return path


def product(*weights: float) -> Pair:
    """Return the pair of the greatest product on the frontier: a corner, or where a line's tangent is its own."""
    best = (0.0, 0.0)
    for (x, y), (to_x, to_y) in pairwise(corners(*weights)):
        along, down = to_x - x, y - to_y
        part = min(max((y * along - x * down) / (2 * along * down), 0), 1)
        best = max(best, (x + part * along, y - part * down), key=lambda pair: pair[0] * pair[1])
    return best


def diagonal(*weights: float) -> Pair:
    """Return where the frontier gives both the same."""
    for (x, y), (to_x, to_y) in pairwise(corners(*weights)):
        if to_x >= to_y:
            part = (y - x) / (y - x + to_x - to_y)
            return x + part * (to_x - x), y + part * (to_y - y)
    raise ValueError(weights)


def weighed(rng: np.random.Generator) -> dict[str, float]:
    """Return random weights of both sides for the first two of three issues."""
    rows = [rng.dirichlet([2, 2, 2]).round(3) for _ in "ab"]
    return {f"{side}{k + 1}": float(row[k]) for side, row in zip("ab", rows, strict=True) for k in (0, 1)}


def _weights(pair: tuple[tuple[float, ...], tuple[float, ...]]) -> dict[str, float]:
    return {f"{side}{k + 1}": row[k] for side, row in zip("ab", pair, strict=True) for k in (0, 1)}


# T12: concession by the clock, with stacked alternating offers


def told(seed: float, tell: Callable[[dict[str, Any]], float]) -> Reading:
    """Return something of the trace of a random domain."""
    with tempfile.TemporaryDirectory() as folder:
        return Reading(tell(trace(game_of(*drawn(int(seed)), Path(folder)), 0, 0)))


def offers(story: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the offers of a trace."""
    return [event for event in story["events"] if event["kind"] == "offer"]


def hands(seed: float) -> list[float]:
    """Return what each offer of the protocol played by hand is worth to its maker."""
    return [move.worth["ab".index(move.who)] for move in by_hand(*drawn(int(seed)))[0]]


def domains(rng: np.random.Generator) -> dict[str, float]:
    """Return the number of a random domain that no other test plays."""
    return {"seed": int(rng.integers(1000, 2000))}


D = {"d1": 10.0, "d2": 5.0}
LINES = uniform(d1=(0, 45), d2=(0, 25), alpha=(0.2, 0.8))
CAPS = uniform(top=(50, 100), d1=(0, 45), d2=(0, 25))


def _several(name: str, point: str, says: str, theory: Callable[..., Pair], worked: dict[str, Pair]) -> list[Claim]:
    """Return the claims about what both sides have at a point of three issues."""
    formula = "max u1 u2" if point == "nash" else "u1 = u2"
    return [
        Claim(
            "T11",
            f"{name}-{'ab'[side]}",
            "what b has there" if side else f"what a has at {says} of three issues, given the weights of the first two",
            RAIFFA,
            "the same" if side else f"{formula}, a getting the issues in the order of a's weight over b's",
            lambda side=side, **weights: theory(*weights.values())[side],
            lambda side=side, **weights: Reading(float(found(problem(**weights))[point][side])),
            tuple(
                Worked(_weights(SPLIT if which == "split" else VERTEX), pair[side]) for which, pair in worked.items()
            ),
            weighed,
        )
        for side in (0, 1)
    ]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "T1",
        "point-one",
        "u1 at the Nash point of u1 + 2 u2 = 100 from (d1, d2), by power a",
        NASH,
        "d1 + a (100 - d1 - 2 d2)",
        lambda d1, d2, alpha: d1 + alpha * (100 - d1 - 2 * d2),
        lambda **values: nash(0, **values),
        (Worked({**D, "alpha": 0.6}, 58), Worked({**D, "alpha": 0.5}, 50)),
        LINES,
    ),
    Claim(
        "T1",
        "point-two",
        "u2 there",
        NASH,
        "d2 + (1 - a) (100 - d1 - 2 d2) / 2",
        lambda d1, d2, alpha: d2 + (1 - alpha) * (100 - d1 - 2 * d2) / 2,
        lambda **values: nash(1, **values),
        (Worked({**D, "alpha": 0.6}, 21), Worked({**D, "alpha": 0.5}, 25)),
        LINES,
    ),
    Claim(
        "T1",
        "irrelevant",
        "u1 at the Nash point with u1 at most m: what is cut off was not chosen",
        NASH,
        "min(m, d1 + (100 - d1 - 2 d2) / 2)",
        lambda top, d1, d2: min(top, d1 + (100 - d1 - 2 * d2) / 2),
        lambda **values: capped("nash", 0, **values),
        (Worked({"top": 60.0, **D}, 50),),
        CAPS,
    ),
    Claim(
        "T1",
        "averse-point",
        "share of a side that values x^r at the Nash point, by power a",
        NASH,
        "a r / (a r + 1 - a)",
        lambda rho, alpha: alpha * rho / (alpha * rho + 1 - alpha),
        averse_share,
        (Worked({"rho": 0.5, "alpha": 0.5}, 0.333333), Worked({"rho": 0.5, "alpha": 0.6}, 0.428571)),
        uniform(rho=(0.4, 1), alpha=(0.4, 0.7)),
        1e-6,
    ),
    Claim(
        "T2",
        "ideal-one",
        "u1 at the Kalai-Smorodinsky point of u1 + 2 u2 = 100, u1 at most m",
        KALAI_SMORODINSKY,
        "(u1 - d1) / (b1 - d1) = (u2 - d2) / (b2 - d2), b the best that each can have",
        lambda top, d1, d2: ideal(top, d1, d2)[0],
        lambda **values: capped("kalai_smorodinsky", 0, **values),
        (Worked({"top": 100.0, **D}, 50), Worked({"top": 60.0, **D}, 40.769231)),
        CAPS,
    ),
    Claim(
        "T2",
        "ideal-two",
        "u2 there",
        KALAI_SMORODINSKY,
        "the same",
        lambda top, d1, d2: ideal(top, d1, d2)[1],
        lambda **values: capped("kalai_smorodinsky", 1, **values),
        (Worked({"top": 100.0, **D}, 25), Worked({"top": 60.0, **D}, 29.615385)),
        CAPS,
    ),
    Claim(
        "T2",
        "averse-ideal",
        "share of a side that values x^r at the Kalai-Smorodinsky point",
        KALAI_SMORODINSKY,
        "x^r = 1 - x",
        lambda rho: threshold(lambda x: float(x**rho) < 1 - x, 0, 1, 50),
        averse_ideal,
        (Worked({"rho": 0.5}, 0.381966),),
        uniform(rho=(0.4, 1)),
        1e-6,
    ),
    Claim(
        "T2",
        "equal-one",
        "u1 where both gain alike on u1 + 2 u2 = 100",
        KALAI,
        "d1 + (100 - d1 - 2 d2) / 3",
        lambda d1, d2: d1 + (100 - d1 - 2 * d2) / 3,
        lambda **values: equal(0, **values),
        (Worked(D, 36.666667),),
        uniform(d1=(0, 45), d2=(0, 25)),
    ),
    Claim(
        "T2",
        "equal-two",
        "u2 there",
        KALAI,
        "d2 + (100 - d1 - 2 d2) / 3",
        lambda d1, d2: d2 + (100 - d1 - 2 * d2) / 3,
        lambda **values: equal(1, **values),
        (Worked(D, 31.666667),),
        uniform(d1=(0, 45), d2=(0, 25)),
    ),
    *_several("rolled-nash", "nash", "the Nash point", product, {"split": (0.7, 0.7), "vertex": (0.6, 0.8)}),
    *_several("rolled-ideal", "kalai_smorodinsky", "the Kalai-Smorodinsky point", diagonal, {"vertex": (0.675, 0.675)}),
    *_several("rolled-equal", "egalitarian", "the egalitarian point", diagonal, {"vertex": (0.675, 0.675)}),
    Claim(
        "T12",
        "stacked-offers",
        "number of offers on a random domain, both conceding by the clock with stacked alternating offers",
        STACKED,
        "the protocol played by hand",
        lambda seed: len(hands(seed)),
        lambda seed: told(seed, lambda story: len(offers(story))),
        (),
        domains,
    ),
    Claim(
        "T12",
        "stacked-worth",
        "what all these offers are worth to those who make them, added up",
        STACKED,
        "the same",
        lambda seed: sum(hands(seed)),
        lambda seed: told(seed, lambda story: sum(event["worth"][event["actor"]] for event in offers(story))),
        (),
        domains,
    ),
)
