"""T1, T11, T15, T16, T18: the Nash point as play reaches it, several issues, hold-up, and a rival that bids."""

from __future__ import annotations

from math import log

import numpy as np

from sim.rules.types import F
from tests.published.claims.alternating import inside, rates, rounds_of
from tests.published.claims.claim import Claim, Limit, Reading, Worked, threshold, uniform
from tests.strategies import Tree, compiled, pie, share_of
from tests.textbook import alike, played, walked

NASH = "Nash 1950; Harsanyi & Selten 1972"
RAIFFA = "Raiffa 1982"
ZEUTHEN = "Zeuthen 1930; Harsanyi 1956"
HOLD_UP = "Vernon 1971; Grout 1984"
MENU = "Bernheim & Whinston 1986"
AN_INSTANT = 1e-7  # years in a round where a limit is not to be seen
MONEY = 20  # a year that is worth 1 in the rival's scenario


# T1: the Nash point, by patience


def power(alpha: float) -> tuple[float, float]:
    """Return discount rates that give the first side the bargaining power ``alpha`` in short rounds."""
    return 0.2, 0.2 * alpha / (1 - alpha)


def linear_problem(d1: float, d2: float, alpha: float, years: float = AN_INSTANT) -> float:
    """Return the first side's share of what can be had on the frontier u1 + 2 u2 = 100, from d = (d1, d2)."""
    return inside(d1 / 100, d2 / 50, *power(alpha), years)


def averse(rho: float, alpha: float, points: int = 4001, years: float = 1e-5) -> float:
    """Return the first side's share where it values x^rho, on straight lines between so many points."""
    curve = f"issues.pie.values.a={{shape: power, best: high, exponent: {rho}}}"
    nothing = ("status_quo.flows.a=0", "status_quo.flows.b=-1")
    sets = (curve, f"issues.pie.points={points}", *nothing, *rates(*power(alpha)), rounds_of(years), "time.window=1")
    return float(played("inside-option", *sets)["agreed.pie"][0]) / (points - 1)


# T11: several issues


def three(one: tuple[float, ...], two: tuple[float, ...], factor: float) -> dict[str, F]:
    """Return the columns of three divisible issues with these weights."""
    tree = pie((factor, factor))
    names = ("first", "second", "third")
    tree["issues"] = [share_of(name, (a, b)) for name, a, b in zip(names, one, two, strict=True)]
    tree["status_quo"]["terms"] = dict.fromkeys(names, 0)
    return alike(compiled(tree))


SPLIT = ((0.6, 0.3, 0.1), (0.2, 0.3, 0.5))
VERTEX = ((0.6, 0.3, 0.1), (0.2, 0.5, 0.3))


# T15: concession by risk


def claims_meeting(x: float, y: float, step: float) -> Tree:
    """Return a pie whose first claims are x and y (both for a): nothing above x or below y can be claimed."""
    count = round((x - y) / step)
    shares = [round(y + k * step, 9) for k in range(count + 1)]
    tree = pie((1, 1), window=2 * count + 4, offers=("zeuthen", "zeuthen"))
    for party in tree["parties"]:
        party["accepts"] = "next"
    tree["protocol"] = "simultaneous"
    tree["issues"] = [
        {
            "id": "pie",
            "label": "Share of a",
            "levels": [{"id": f"l{k:04d}"} for k in range(count + 1)],
            "weights": {"a": 1, "b": 1},
            "values": {
                "a": {f"l{k:04d}": share for k, share in enumerate(shares)},
                "b": {f"l{k:04d}": round(1 - share, 9) for k, share in enumerate(shares)},
            },
        }
    ]
    tree["status_quo"] = {"terms": {"pie": "l0000"}, "flows": {"a": -shares[0], "b": shares[0] - 1}}
    return tree


CLAIMS: tuple[Claim, ...] = ()
LIMITS: tuple[Limit, ...] = ()
