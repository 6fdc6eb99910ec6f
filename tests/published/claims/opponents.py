"""T14: what offers tell of the one who makes them."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np

from sim.agents import Bargain
from tests.published.claims.claim import Claim, Reading, Worked
from tests.strategies import Tree, compiled, pie
from tests.textbook import alike

HINDRIKS = "Hindriks & Tykhonov 2008"
FIRST, LAST = 0, -1  # the intervals of types that stand for the two hypotheses
END = 5 / 6  # the middle of the last one
SECRET = 0.49  # how far the weight of the first issue, 0.5, may lie from there; the second one's is 0.5
ENDS = ((0.5 + z * SECRET) / (1 + z * SECRET) for z in (-1, 1))  # its share of all weight, for the end types
LIGHT, HEAVY = (
    0.5 + END * (end - 0.5) for end in ENDS
)  # for the two hypotheses: on a line from the middle to each end


def two_minds(*bids: tuple[float, float]) -> Tree:
    """Return a bargain in which b makes ``bids``, each worth so much to the first and the second type it may be."""
    tree = pie((0.9, 0.9), window=max(len(bids), 1))
    tree["protocol"] = {"kind": "one_sided", "by": "b"}
    values: list[dict[str, float]] = [{"worst": 0.0, "best": 1.0}, {"worst": 0.0, "best": 1.0}]
    for k, (first, second) in enumerate(bids):
        slope = (second - first) / (HEAVY - LIGHT)
        values[1][f"bid{k}"] = first - slope * LIGHT
        values[0][f"bid{k}"] = first + slope * (1 - LIGHT)
    names = ["worst", *(f"bid{k}" for k in range(len(bids))), "best"]
    weight: Any = {"value": 0.5, "private": {"spread": SECRET}}
    tree["issues"] = [
        {
            "id": f"issue{k}",
            "label": f"Issue {k}",
            "levels": [{"id": name} for name in names],
            "weights": {"a": 1, "b": weight if k == 0 else 0.5},
            "values": {
                "a": {name: at / (len(names) - 1) for at, name in enumerate(reversed(names))},
                "b": {name: table[name] for name in names},
            },
        }
        for k, table in enumerate(values)
    ]
    tree["status_quo"] = {"terms": {"issue0": "worst", "issue1": "worst"}}
    script = [{"issue0": f"bid{k}", "issue1": f"bid{k}"} for k in range(len(bids))]
    reader = {"precision": 10, "offers": {"concession": 0.05, "spread": 0.25}}
    tree["parties"][0].update(offers="bayesian", accepts={"strategy": "constant", "least": 9}, learning=reader)
    tree["parties"][1]["offers"] = {"strategy": "fixed", "script": script}
    return tree


def believed(**values: float) -> Reading:
    """Return how likely the first hypothesis is to a, of the two, once it has heard all bids; both drivers play it."""
    game = compiled(two_minds(*pairs(**values)))
    alike(game)
    mass = np.exp(Bargain(game, 0, 0).play().belief[0][:, 0])
    return Reading(float(mass[FIRST] / (mass[FIRST] + mass[LAST])))


def posterior(**values: float) -> float:
    """Return Bayes' rule on two hypotheses with a flat prior, for bids expected to be worth 1 - 0.05 t."""
    likelihood = [1.0, 1.0]
    for t, bid in enumerate(pairs(**values), start=1):
        for k, worth in enumerate(bid):
            likelihood[k] *= exp(-((worth - (1 - 0.05 * t)) ** 2) / (2 * 0.25**2))
    return likelihood[0] / sum(likelihood)


def pairs(**values: float) -> list[tuple[float, float]]:
    """Return the bids of a claim's values: u1 and u2 of the first, v1 and v2 of the second."""
    firsts = [(values["u1"], values["u2"])]
    return [*firsts, (values["v1"], values["v2"])] if "v1" in values else firsts


def worths(rng: np.random.Generator) -> dict[str, float]:
    """Return what a bid is worth to two types, such that both issues' values stay within 0 and 1."""
    while True:
        u1, u2, v1, v2 = (round(float(x), 4) for x in rng.uniform(0.4, 0.95, 4))
        tables = [issue["values"]["b"].values() for issue in two_minds((u1, u2), (v1, v2))["issues"]]
        if all(0 <= value <= 1 for table in tables for value in table):
            return {"u1": u1, "u2": u2, "v1": v1, "v2": v2}


FORMULA = "L1 / (L1 + L2), L = exp(-(u - (1 - 0.05 t))^2 / (2 * 0.25^2)) of each bid"

CLAIMS = (
    Claim(
        "T14",
        "first-bid",
        "how likely the one of two hypotheses is after a bid worth u1 under it, and u2 under the other",
        HINDRIKS,
        FORMULA,
        posterior,
        believed,
        (Worked({"u1": 0.9, "u2": 0.6}, 0.723122),),
        lambda rng: {name: value for name, value in worths(rng).items() if name.startswith("u")},
    ),
    Claim(
        "T14",
        "second-bid",
        "the same after a second bid, worth v1 and v2",
        HINDRIKS,
        FORMULA,
        posterior,
        believed,
        (Worked({"u1": 0.9, "u2": 0.6, "v1": 0.7, "v2": 0.85}, 0.659260),),
        worths,
    ),
)
