"""T6, T7, T10, T17: secrets, shifting power, and what it takes to keep a promise."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.rules.types import AGREEMENT, EXIT, F
from tests.published.claims.claim import DRAWS, Claim, Reading, Worked, mean, share, threshold, uniform
from tests.strategies import compiled, pie, ultimatum
from tests.textbook import alike, played

FEARON = "Fearon 1995"
POWELL = "Powell 1999, 2006"
SAMUELSON = "Chatterjee & Samuelson 1983"
ENFORCED = "Fearon 1998"


def held(value: float, low: float, high: float) -> float:
    """Return a value held between two bounds."""
    return min(max(value, low), high)


# T6: one demand, one secret


def asked(p: float, cost: float, low: float, high: float) -> float:
    """Return how much Fearon's challenger asks beyond its odds."""
    return held((high - cost) / 2, low, min(high, 1 - p))


def wars(p: float, cost: float, low: float, high: float) -> float:
    """Return the chance of war."""
    return (asked(p, cost, low, high) - low) / (high - low)


def worth_of_asking(p: float, cost: float, low: float, high: float) -> float:
    """Return what the challenger has on average."""
    war = wars(p, cost, low, high)
    return (1 - war) * (p + asked(p, cost, low, high)) + war * (p - cost)


def demanded(p: float, cost: float, low: float, high: float) -> Reading:
    """Return the demand that was accepted."""
    found = alike(compiled(ultimatum(low, high, win=p, cost=cost)), 64)
    return Reading(float(np.nanmean(found["agreed.pie"])))


def fought(p: float, cost: float, low: float, high: float) -> Reading:
    """Return the share of draws that end in war."""
    return share(alike(compiled(ultimatum(low, high, win=p, cost=cost)), DRAWS)["status"] != AGREEMENT)


def gained(p: float, cost: float, low: float, high: float) -> Reading:
    """Return the challenger's mean payoff."""
    return mean(alike(compiled(ultimatum(low, high, win=p, cost=cost)), DRAWS)["payoff.a"])


def buying(worth: float, low: float, high: float) -> dict[str, F]:
    """Return the columns where a buyer bids once for what its host keeps for a secret reserve on [low, high].

    Money is counted in halves, so that all of it lies between 0 and 1: what the buyer has is (worth - bid) / 2.
    """
    tree = ultimatum(0, 0)
    tree["breakdown"]["flows"] = {
        "a": 1 - worth / 2,
        "b": {"value": (low + high) / 4, "private": {"spread": (high - low) / 4}},
    }
    return alike(compiled(tree), DRAWS)


def bid(worth: float, low: float, high: float) -> float:
    """Return the best bid against a reserve uniform on [low, high]."""
    return held((worth + low) / 2, low, high)


def secret(rng: np.random.Generator) -> dict[str, float]:
    """Return odds and costs at random: the bounds of the secret apart, and the odds such that nobody can lose all."""
    low = round(float(rng.uniform(0, 0.15)), 3)
    return {
        "p": round(float(rng.uniform(0.3, 0.55)), 3),
        "cost": round(float(rng.uniform(0, 0.2)), 3),
        "low": low,
        "high": round(low + float(rng.uniform(0.05, 0.3)), 3),
    }


def whole(payment: bool) -> Reading:
    """Return the share of draws without a deal where a pie can only go whole to one side, with or without money."""
    tree = ultimatum(0.1, 0.1)
    tree["issues"][0] = {
        **{key: tree["issues"][0][key] for key in ("id", "label", "weights")},
        "levels": [{"id": "to_b"}, {"id": "to_a"}],
        "values": {"a": {"to_b": 0, "to_a": 1}, "b": {"to_b": 1, "to_a": 0}},
    }
    tree["status_quo"]["terms"] = {"pie": "to_b"}
    if payment:
        money = {"a": {"shape": "linear", "best": "low"}, "b": {"shape": "linear", "best": "high"}}
        tree["issues"].append(
            {"id": "paid", "label": "Paid", "range": [0, 1], "points": 11, "weights": {"a": 1, "b": 1}, "values": money}
        )
        tree["status_quo"]["terms"]["paid"] = 0
    return share(alike(compiled(tree), 16)["status"] != AGREEMENT)


# T7: shifting power


def falling(shift: float, d: float, p: float, cost: float, spared: float = 0.0) -> dict[str, F]:
    """Return the columns where a will be weaker by ``shift`` from the second year on, and has ``spared`` then."""
    return played(
        "shifting-power",
        f"moves.rise.jumps.power={-shift}",
        f"status_quo.terms.pie={p - shift - (1 - d) * cost + spared}",
        f"variables.power.start={p}",
        f"lumps.0.amount={-cost}",
        f"parties.a.discount_factor={d}",
        f"parties.b.discount_factor={d}",
    )


def bridged(shift: float, d: float, p: float, cost: float, spared: float = 0.0) -> bool:
    """Tell whether a shift is not fought over."""
    return bool(falling(shift, d, p, cost, spared)["status"][0] != EXIT)


def bound(d: float, p: float, cost: float) -> float:
    """Return the greatest shift that this year's pie can bridge."""
    return (1 - d) * (1 - p + (1 - d) * cost) / d


def wide_bound(d: float, p: float, cost: float, other: float) -> float:
    """Return the greatest shift that can be bridged whoever makes the offers."""
    return ((1 - p) * (1 - d) + (1 - d) * (cost + d * other)) / d


def found_bound(d: float, p: float, cost: float, other: float | None = None) -> Reading:
    """Return the shift from which on the engine's side in decline fights."""
    spared = 0.0 if other is None else (1 - d) * (cost + other)
    near = bound(d, p, cost) if other is None else wide_bound(d, p, cost, other)
    return Reading(threshold(lambda shift: bridged(shift, d, p, cost, spared), 0.3 * near, 1.9 * near, 22))


def gain_from_fighting(shift: float, d: float, p: float, cost: float) -> Reading:
    """Return what fighting now is worth more than all of this year's pie, in years of pie."""
    best = 1 - d + d * (p - shift - (1 - d) * cost)
    return Reading((falling(shift, d, p, cost)["payoff.a"][0] - best) / (1 - d))


# T10: a buyer who names the price once (k = 1)


def trade(kept: Any) -> dict[str, F]:
    """Return the columns of a buyer who has ``kept`` (1 - v) without trade, and a seller's cost uniform on [0, 1]."""
    tree = ultimatum(0, 0)
    tree["breakdown"]["flows"] = {"a": kept, "b": {"value": 0.5, "private": {"spread": 0.5}}}
    return alike(compiled(tree), DRAWS)


def traded_at(v: float) -> Reading:
    """Return the price that a buyer of worth v names."""
    return Reading(1 - float(np.nanmean(trade(1 - v)["agreed.pie"])))


def gains_from_trade() -> Reading:
    """Return the mean of v - c over all draws, 0 where nothing is traded: what both have more than without trade.

    Without trade the sides have 1 - v and c, half of each on average: both have more by their payoffs less 1/2.
    """
    found = trade({"uniform": [0, 1]})
    return mean(found["payoff.a"] + found["payoff.b"] - 1.0)


# T17: the shadow of the future


def kept_at(d: float, tempts: float, reward: float, punishes: float) -> bool:
    """Tell whether a keeps a deal that gives both R a year, where breaking it gives T once, and P from then on."""
    tree = pie((d, d), window=2)
    both = {"none": punishes, "kept": reward}
    tree["issues"] = [
        {
            "id": "pact",
            "label": "Pact",
            "levels": [{"id": "none"}, {"id": "kept"}],
            "weights": {"a": 1, "b": 1},
            "values": {"a": both, "b": both},
        }
    ]
    tree["status_quo"] = {"terms": {"pact": "none"}}
    tree["breakdown"] = {"terms": {}}
    tree["parties"][0]["breach"] = {"precision": 1e6, "gain": tempts - punishes, "terms": {"pact": "none"}}
    found = alike(compiled(tree))
    return bool(found["agreed_step"][0] == 0 and found["status"][0] == AGREEMENT)


def least_patience(tempts: float, reward: float, punishes: float) -> Reading:
    """Return the discount factor from which on the deal is kept."""
    return Reading(threshold(lambda d: not kept_at(d, tempts, reward, punishes), 0.05, 0.95, 17))


def holding_out(rate: float, loser: float, winner: float, cost: float) -> dict[str, F]:
    """Play the shipped war of attrition; flows are counted in b - a, from the loser's."""
    wait = -(loser + cost) / (winner - loser)
    flows = (f"status_quo.flows.a={wait!r}", f"status_quo.flows.b={wait - 1!r}")
    patience = (f"parties.{side}.discount_rate={rate!r}" for side in "ab")
    return played(
        "war-of-attrition", *patience, *flows, f"time.step.years={ROUND}", f"time.window={WINDOW}", draws=CLOCKS
    )


def hazard(rate: float, loser: float, winner: float, cost: float) -> float:
    """Return the hazard at which each side gives in."""
    return rate * (loser + cost) / (winner - loser)


def gives_in(**game: float) -> Reading:
    """Return how often one side gave in for each year in which both held out."""
    found = holding_out(**game)
    ended = found["agreed_step"] >= 0
    years = np.where(ended, found["agreed_step"], WINDOW).sum() * ROUND
    events = int((ended & (found["agreed.prize"] == 1)).sum())
    return Reading(events / years, events**0.5 / years)


def holds_out(**game: float) -> Reading:
    """Return how many years the stalemate lasts."""
    return mean(holding_out(**game)["agreed_step"] * ROUND)


def ends_with(rate: float, loser: float, winner: float, cost: float) -> Reading:
    """Return what holding out is worth to a side, from the start."""
    found = mean(holding_out(rate, loser, winner, cost)["payoff.a"])
    return Reading((loser + (winner - loser) * found.value) / rate, (winner - loser) * found.error / rate)


CLOCKS, ROUND, WINDOW = 4_000, 0.1, 600
DEMAND = "p + clip((hi - cA) / 2, lo, hi)"
GRIMMER = {"p": 0.5, "cost": 0.1}
CASES = ((0.0, 0.4, 0.65, 0.375), (0.1, 0.4, 0.65, 0.166667), (0.2, 0.4, 0.70, 0.0))
RENT = {"worth": 1.0, "low": 0.2, "high": 1.2}
SIEGE = {"loser": 1.0, "winner": 2.0, "cost": 0.5}
SIEGES = uniform(rate=(0.1, 0.2), loser=(0.5, 1.5), winner=(2.5, 3.5), cost=(0.5, 1.5))
SHIFT = {"d": 0.9, "p": 0.6, "cost": 0.5}
BUYERS = uniform(worth=(0.6, 1.2), low=(0, 0.3), high=(0.6, 1.2))

CLAIMS = (
    Claim(
        "T6",
        "demand",
        "what is demanded of a side whose cost of war is secret, uniform on [lo, hi]",
        FEARON,
        DEMAND,
        lambda p, cost, low, high: p + asked(p, cost, low, high),
        demanded,
        tuple(Worked({**GRIMMER, "low": low, "high": high}, demand) for low, high, demand, _ in CASES),
        secret,
    ),
    Claim(
        "T6",
        "war",
        "chance of war",
        FEARON,
        "(z - lo) / (hi - lo), z = clip((hi - cA) / 2, lo, hi)",
        wars,
        fought,
        tuple(Worked({**GRIMMER, "low": low, "high": high}, war) for low, high, _, war in CASES),
        secret,
    ),
    Claim(
        "T6",
        "challenger",
        "what the demand is worth to the one who makes it",
        FEARON,
        "(1 - P) (p + z) + P (p - cA)",
        worth_of_asking,
        gained,
        (Worked({**GRIMMER, "low": 0.0, "high": 0.4}, 0.556250),),
        secret,
    ),
    Claim(
        "T6",
        "rent",
        "bid of a buyer worth V against a reserve uniform on [lo, hi]",
        FEARON,
        "clip((V + lo) / 2, lo, hi)",
        bid,
        lambda worth, low, high: Reading(2 * (1 - float(np.nanmean(buying(worth, low, high)["agreed.pie"])))),
        (Worked(RENT, 0.6),),
        BUYERS,
    ),
    Claim(
        "T6",
        "no-lease",
        "chance that the bid is refused",
        FEARON,
        "1 - (t - lo) / (hi - lo)",
        lambda worth, low, high: 1 - (bid(worth, low, high) - low) / (high - low),
        lambda worth, low, high: share(buying(worth, low, high)["status"] != AGREEMENT),
        (Worked(RENT, 0.6),),
        BUYERS,
    ),
    Claim(
        "T6",
        "indivisible",
        "share of draws without a deal over what cannot be divided, with and without side payments",
        FEARON,
        "1 without, 0 with",
        lambda payment: 1 - payment,
        lambda payment: whole(payment > 0),
        (Worked({"payment": 0}, 1), Worked({"payment": 1}, 0)),
        lambda rng: {"payment": int(rng.integers(2))},
    ),
    Claim(
        "T7a",
        "shift",
        "greatest fall of power that is not fought over, the other side making the offers",
        POWELL,
        "(1 - d) (1 - p + (1 - d) cD) / d",
        bound,
        found_bound,
        (Worked(SHIFT, 0.05),),
        uniform(d=(0.8, 0.95), p=(0.5, 0.8), cost=(0.1, 0.6)),
        1e-6,
        dear=True,
    ),
    Claim(
        "T7b",
        "any-protocol",
        "the same where the side in decline shall have all that the other's war would cost",
        POWELL,
        "((1 - p) (1 - d) + (1 - d) (cD + d cR)) / d",
        wide_bound,
        found_bound,
        (Worked({**SHIFT, "other": 0.5}, 0.15),),
        uniform(d=(0.85, 0.95), p=(0.55, 0.7), cost=(0.2, 0.5), other=(0.2, 0.5)),
        1e-6,
        dear=True,
    ),
    Claim(
        "T7a",
        "fighting-now",
        "gain from fighting now at a fall D, in years of pie",
        POWELL,
        "p / (1 - d) - cD - 1 - d ((p - D) / (1 - d) - cD)",
        lambda shift, d, p, cost: p / (1 - d) - cost - 1 - d * ((p - shift) / (1 - d) - cost),
        gain_from_fighting,
        (Worked({"shift": 0.1, **SHIFT}, 0.45),),
        uniform(shift=(0.2, 0.3), d=(0.85, 0.95), p=(0.6, 0.8), cost=(0.1, 0.5)),
    ),
    Claim(
        "T7a",
        "bridge",
        "share of the first year's pie that keeps the side in decline from fighting, at a fall D that can be bridged",
        POWELL,
        "(v - d (v - D)) / (1 - d), v = p - (1 - d) cD",
        lambda shift, d, p, cost: (p - (1 - d) * cost) + d * shift / (1 - d),
        lambda shift, d, p, cost: Reading(float(falling(shift, d, p, cost)["agreed.pie"][0])),
        (Worked({"shift": 0.02, **SHIFT}, 0.73),),
        uniform(shift=(0, 0.02), d=(0.8, 0.9), p=(0.5, 0.7), cost=(0.1, 0.5)),
    ),
    Claim(
        "T10",
        "price",
        "price of a buyer worth v who names it once (k = 1) to a seller whose cost is uniform on [0, 1]",
        SAMUELSON,
        "v / 2",
        lambda v: v / 2,
        traded_at,
        (Worked({"v": 0.8}, 0.4),),
        uniform(v=(0.1, 1.0)),
    ),
    Claim(
        "T10",
        "trade",
        "chance of trade where v is uniform on [0, 1], too",
        SAMUELSON,
        "1 / 4",
        lambda: 0.25,
        lambda: share(trade({"uniform": [0, 1]})["status"] == AGREEMENT),
        (Worked({}, 0.25),),
        lambda _: {},
    ),
    Claim(
        "T10",
        "gains",
        "gains from trade",
        SAMUELSON,
        "1 / 8",
        lambda: 0.125,
        gains_from_trade,
        (Worked({}, 0.125),),
        lambda _: {},
    ),
    Claim(
        "T17",
        "enforcement",
        "patience from which on a deal worth R a year is kept; to break it is worth T once, and P from then on",
        ENFORCED,
        "(T - R) / (T - P)",
        lambda tempts, reward, punishes: (tempts - reward) / (tempts - punishes),
        least_patience,
        (Worked({"tempts": 1.0, "reward": 2 / 3, "punishes": 1 / 3}, 0.5),),
        uniform(tempts=(0.8, 1.0), reward=(0.4, 0.75), punishes=(0.0, 0.3)),
        1e-5,
        dear=True,
    ),
    Claim(
        "T17",
        "giving-in",
        "hazard at which each side gives in, where a deal pays its winner b and its loser a, and the stalemate costs c",
        ENFORCED,
        "r (a + c) / (b - a)",
        hazard,
        gives_in,
        (Worked({"rate": 0.1, **SIEGE}, 0.15), Worked({"rate": 0.05, **SIEGE}, 0.075)),
        SIEGES,
        0.005,
        dear=True,
    ),
    Claim(
        "T17",
        "holding-out",
        "years for which both hold out",
        ENFORCED,
        "(b - a) / (2 r (a + c))",
        lambda **game: 1 / (2 * hazard(**game)),
        holds_out,
        (Worked({"rate": 0.1, **SIEGE}, 3.333333), Worked({"rate": 0.05, **SIEGE}, 6.666667)),
        SIEGES,
        0.02,
        dear=True,
    ),
    Claim(
        "T17",
        "stalemate",
        "what it is worth to each, as if it had given in at once",
        ENFORCED,
        "a / r",
        lambda rate, loser, winner, cost: loser / rate,  # noqa: ARG005
        ends_with,
        (Worked({"rate": 0.1, **SIEGE}, 10.0),),
        SIEGES,
        0.2,
        dear=True,
    ),
)
