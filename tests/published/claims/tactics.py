"""T12, T13: concession by the clock, and when to accept."""

from __future__ import annotations

import math

from sim.rules.types import AGREEMENT
from tests.published.claims.claim import Claim, Reading, Worked, threshold, uniform
from tests.strategies import NOTHING, Tree, compiled, pie, walked
from tests.textbook import alike

FARATIN = "Faratin, Sierra & Jennings 1998"
BAARSLAG = "Baarslag, Hindriks & Jonker 2013"
STOPPING = "Baarslag & Hindriks 2013"
TICKS = 20
OFFERS, ASKED = (0.5, 0.7, 0.82), (0.9, 0.85, 0.8)


def conceding(exponent: float, opening: float, shape: str) -> Tree:
    """Return a pie of which a concedes by the clock over twenty rounds and b accepts nothing."""
    tree = pie((1, 1), deadline=TICKS + 1, window=TICKS + 1, breakdown=NOTHING)
    tree["protocol"] = {"kind": "one_sided", "by": "a"}
    tree["parties"][0]["offers"] = {
        "strategy": "time_dependent",
        "exponent": exponent,
        "opening": opening,
        "shape": shape,
        "until": TICKS,
    }
    tree["parties"][1]["accepts"] = {"strategy": "constant", "least": 1.0}
    return tree


def conceded(beta: float, kappa: float, tick: float, shape: str = "polynomial") -> Reading:
    """Return what a concedes in a round."""
    record = walked(conceding(beta, kappa, shape)).records[int(tick)]
    return Reading(1 - float(record.level[0, 0]))


def heard(accepts: Tree) -> Reading:
    """Return the step, counted from 1, in which a takes one of the published offers by its rule.

    Its own next bids are the published ones: they fall by a twentieth of the pie, from nine tenths on.
    """
    tree = pie((1, 1), deadline=21, window=4, breakdown=NOTHING)
    tree["protocol"] = {"kind": "one_sided", "by": "b"}
    tree["parties"][1]["offers"] = {"strategy": "fixed", "script": [{"pie": offer} for offer in OFFERS]}
    tree["parties"][0]["accepts"] = accepts
    tree["parties"][0]["offers"] = {"strategy": "time_dependent", "exponent": 1, "opening": 0.1, "until": 18}
    return Reading(float(alike(compiled(tree))["agreed_step"][0]) + 1)


def stops(offers: float) -> Reading:
    """Return the least offer that is taken while so many more are to come."""

    def refuses(share: float) -> bool:
        tree = pie((1, 1), deadline=int(offers) + 1, window=1, breakdown=NOTHING)
        tree["protocol"] = {"kind": "one_sided", "by": "b"}
        tree["parties"][1]["offers"] = {"strategy": "fixed", "script": [{"pie": share}]}
        tree["parties"][0]["accepts"] = "optimal_stopping"
        return bool(alike(compiled(tree))["status"][0] != AGREEMENT)

    return Reading(threshold(refuses, 0, 1, 22))


def stopping(offers: float) -> float:
    """Return what so many offers to come are worth, all between 0 and 1 being equally likely."""
    value = 0.0
    for _ in range(int(offers)):
        value = (1 + value * value) / 2
    return value


def first(accepted: list[bool]) -> int:
    """Return the step, counted from 1, in which a rule first accepts."""
    return accepted.index(True) + 1


CLAIMS = (
    Claim(
        "T12",
        "polynomial",
        "share conceded at t of 20 rounds, opening k",
        FARATIN,
        "k + (1 - k) (t / T)^(1 / b)",
        lambda beta, kappa, tick: kappa + (1 - kappa) * (tick / TICKS) ** (1 / beta),
        conceded,
        tuple(
            Worked({"beta": beta, "kappa": 0.1, "tick": 10}, share)
            for beta, share in ((0.2, 0.128125), (1.0, 0.55), (5.0, 0.883496))
        ),
        lambda rng: {"tick": int(rng.integers(0, TICKS)), **uniform(beta=(0.1, 8), kappa=(0, 0.4))(rng)},
    ),
    Claim(
        "T12",
        "exponential",
        "the same, by a power of the opening",
        FARATIN,
        "exp((1 - t / T)^b ln k)",
        lambda beta, kappa, tick: math.exp((1 - tick / TICKS) ** beta * math.log(kappa)),
        lambda beta, kappa, tick: conceded(beta, kappa, tick, "exponential"),
        tuple(
            Worked({"beta": beta, "kappa": 0.1, "tick": 10}, share)
            for beta, share in ((0.2, 0.134725), (1.0, 0.316228), (5.0, 0.930572))
        ),
        lambda rng: {"tick": int(rng.integers(0, TICKS)), **uniform(beta=(0.1, 8), kappa=(0.01, 0.4))(rng)},
    ),
    Claim(
        "T13",
        "AC_const",
        "step in which offers .50, .70, .82 are accepted by a constant c",
        BAARSLAG,
        "first U >= c",
        lambda least: first([offer >= least for offer in OFFERS]),
        lambda least: heard({"strategy": "constant", "least": least}),
        (Worked({"least": 0.7}, 2),),
        uniform(least=(0.3, 0.8)),
    ),
    Claim(
        "T13",
        "AC_next",
        "the same by one's own next bids .90, .85, .80, a margin m added",
        BAARSLAG,
        "first U + m >= own",
        lambda margin: first([offer + margin >= own - 1e-12 for offer, own in zip(OFFERS, ASKED, strict=True)]),
        lambda margin: heard({"strategy": "next", "margin": margin}),
        (Worked({"margin": 0.0}, 3), Worked({"margin": 0.15}, 2)),
        uniform(margin=(0, 0.5)),
    ),
    Claim(
        "T13",
        "optimal-stopping",
        "least offer taken while n more are to come, all in [0, 1] being equally likely",
        STOPPING,
        "v_n = (1 + v_(n-1)^2) / 2, v_0 = 0",
        stopping,
        stops,
        tuple(
            Worked({"offers": offers}, share)
            for offers, share in ((1, 0.5), (2, 0.625), (3, 0.6953125), (10, 0.861098))
        ),
        lambda rng: {"offers": int(rng.integers(1, 30))},
        3e-7,
        dear=True,
    ),
)
