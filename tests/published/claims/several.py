"""T1, T11, T15, T16, T18: the Nash point as play reaches it, several issues, hold-up, and a rival that bids."""

from __future__ import annotations

from collections.abc import Callable
from math import exp

import numpy as np

from sim.rules.types import F
from tests.published.claims.alternating import BRW, inside, rates, rounds_of
from tests.published.claims.claim import Claim, Limit, Reading, Worked, first_share, threshold, uniform
from tests.strategies import Tree, compiled, pie, share_of
from tests.strategies import rates as by_rates
from tests.strategies import walked as walk
from tests.textbook import alike, played, walked

NASH = "Nash 1950; Harsanyi & Selten 1972"
RAIFFA = "Raiffa 1982"
ZEUTHEN = "Zeuthen 1930; Harsanyi 1956"
HOLD_UP = "Vernon 1971; Grout 1984"
MENU = "Bernheim & Whinston 1986"
MONEY = 20  # a year that is worth 1 in the rival's scenario


# T1: the Nash point, by patience


def power(alpha: float) -> tuple[float, float]:
    """Return discount rates that give the first side the bargaining power ``alpha`` in short rounds."""
    return 0.2, 0.2 * alpha / (1 - alpha)


def first_part(alpha: float, years: float) -> float:
    """Return the part of the gains that a first proposer with that power has in rounds of so many years."""
    e1, e2 = (exp(-rate * years) for rate in power(alpha))
    return (1 - e2) / (1 - e1 * e2)


def linear_problem(d1: float, d2: float, alpha: float, years: float) -> float:
    """Return the first side's share of what can be had on the frontier u1 + 2 u2 = 100, from d = (d1, d2)."""
    return inside(d1 / 100, d2 / 50, *power(alpha), years)


def averse(rho: float, alpha: float, years: float = 1e-3) -> float:
    """Return the first side's share where it values x^rho."""
    curve = f"issues.pie.values.a={{shape: power, best: high, exponent: {rho}}}"
    nothing = ("status_quo.flows.a=0", "status_quo.flows.b=-1")
    return first_share("inside-option", curve, *nothing, *rates(*power(alpha)), rounds_of(years))


def concedes_by_risk(rho: float) -> float:
    """Return the first side's share where it values x^rho, both concede by risk, and the grid has the answer."""
    sets = (f"issues.pie.values.a={{shape: power, best: high, exponent: {rho}}}", "issues.pie.values.b.exponent=1")
    return float(played("zeuthen", *sets)["agreed.pie"][0]) / 12


# T11: several issues


def three(one: tuple[float, ...], two: tuple[float, ...], factor: float) -> dict[str, F]:
    """Return the columns of three divisible issues with these weights."""
    tree = pie((factor, factor))
    names = ("first", "second", "third")
    tree["issues"] = [share_of(name, (a, b)) for name, a, b in zip(names, one, two, strict=True)]
    tree["status_quo"]["terms"] = dict.fromkeys(names, 0)
    return alike(compiled(tree))


Weights = tuple[tuple[float, ...], tuple[float, ...]]
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


def on_the_table(x: float, y: float, round_: int) -> dict[str, tuple[float, float]]:
    """Return what both sides' claims of a round are worth to (a, b), by who makes them."""
    record = walk(claims_meeting(x, y, 0.1)).records[round_]
    both = {int(one.proposer[0]): one.worth[:, 0] for one in (record, record.second)}
    return {side: (float(worth[0]), float(worth[1])) for side, worth in zip("ab", (both[0], both[1]), strict=True)}


def risk_limit(side: str, x: float, y: float) -> Reading:
    """Return the risk of conflict that a side bears rather than take the other's first claim, from what both are worth.

    >>> round(risk_limit("a", 0.8, 0.3).value, 6)
    0.625
    """
    own, other = (0, "b") if side == "a" else (1, "a")
    table = on_the_table(x, y, 0)
    return Reading((table[side][own] - table[other][own]) / table[side][own])


def conceded(x: float, y: float) -> Reading:
    """Return what a claims in the second round."""
    return Reading(on_the_table(x, y, 1)["a"][0])


def agreed_at(x: float, y: float) -> Reading:
    """Return a's share where the claims meet."""
    return Reading(float(alike(compiled(claims_meeting(x, y, 0.1)))["payoff.a"][0]))


def claimed(rng: np.random.Generator) -> dict[str, float]:
    """Return two first claims on tenths, of which a's has the smaller product."""
    y = int(rng.integers(1, 5)) / 10
    return {"x": int(rng.integers(round(10 - 10 * y) + 1, 11)) / 10, "y": y}


# T16: an investment that cannot be taken back


def hosted(
    value: float, sunk: float, salvage: float, host: float, alpha: float, years: float, *, late: bool
) -> dict[str, F]:
    """Return the columns of a bargain of a guest (b) with its host (a) before, or (``late``) after it has invested.

    Money is counted in units of the value.  Before, the cost comes with the deal; after, it is spent in any case, and
    without a deal the guest is left with what it can salvage.
    """
    cost = {"id": "cost", "on": "flow", "party": "b", "coefficient": -sunk / value}
    tree = by_rates(pie((0.5, 0.5)), *power(1 - alpha), years)
    tree["effects"] = [cost if late else {**cost, "status": "agreement"}]
    tree["status_quo"]["flows"] = {"a": host / value, "b": (salvage if late else 0) / value - 1}
    tree["breakdown"] = {"terms": {}, "flows": dict(tree["status_quo"]["flows"])}
    return alike(compiled(tree))


def hosts(value: float, sunk: float, salvage: float, host: float, alpha: float, years: float, *, late: bool) -> float:
    """Return what the host gets, in the units of the value."""
    return value * float(hosted(value, sunk, salvage, host, alpha, years, late=late)["payoff.a"][0])


def guests(value: float, sunk: float, salvage: float, host: float, alpha: float, years: float, *, late: bool) -> float:
    """Return what is left to the guest, in the units of the value."""
    return value * float(hosted(value, sunk, salvage, host, alpha, years, late=late)["payoff.b"][0])


def worth_sinking(value: float, salvage: float, host: float, alpha: float, years: float) -> float:
    """Return the greatest cost that a guest sinks which foresees the renegotiation."""

    def pays(sunk: float) -> bool:
        return guests(value, sunk, salvage, host, alpha, years, late=True) >= 0

    return threshold(pays, 0.4 * value, 0.7 * value, 14)


# T18: a rival that bids


def bidding(worth: float, limit: float, cost: float) -> tuple[str, str, str]:
    """Return the overrides for V, E and h."""
    return (
        f"variables.worth.start={worth}",
        f"moves.counter_bid.respond.limit={limit}",
        f"variables.cost.start={cost}",
    )


def kept_for(worth: float, limit: float, cost: float) -> Reading:
    """Return the price at which the base is kept."""
    return Reading(first_share("rival-bidder", *bidding(worth, limit, cost), issue="price"))


def rival_pays(worth: float, limit: float, cost: float) -> Reading:
    """Return what the third party pays at the end."""
    model = walked("rival-bidder", *bidding(worth, limit, cost))
    return Reading(float(model.state.x[model.layout.variables.index("bid"), 0]))


LEASE = {"value": 10.0, "sunk": 4.0, "salvage": 1.0, "host": 0.0, "alpha": 0.5}
LEASES = uniform(value=(8, 20), sunk=(0.5, 4), salvage=(0, 2), host=(0, 2), alpha=(0.2, 0.8), years=(0.01, 1))
BIDS = uniform(worth=(12, 19), limit=(1, 8), cost=(0, 4))

CLAIMS = (
    Claim(
        "T1",
        "nash",
        "u1 on the frontier u1 + 2 u2 = 100 from (d1, d2), by power a, in rounds of D years",
        BRW,
        "d1 + (100 - d1 - 2 d2) (1 - e2) / (1 - e1 e2), e = exp(-r D), r2 / (r1 + r2) = a",
        lambda d1, d2, alpha, years: d1 + (100 - d1 - 2 * d2) * first_part(alpha, years),
        lambda d1, d2, alpha, years: Reading(100 * linear_problem(d1, d2, alpha, years)),
        (),
        uniform(d1=(0, 45), d2=(0, 25), alpha=(0.2, 0.8), years=(0.01, 1)),
        1e-7,
    ),
    Claim(
        "T1",
        "risk-averse",
        "share of a side that values x^r, by power a, in short rounds; its curve is 32 straight lines",
        NASH,
        "a r / (a r + 1 - a)",
        lambda rho, alpha: alpha * rho / (alpha * rho + 1 - alpha),
        lambda rho, alpha: Reading(averse(rho, alpha)),
        (Worked({"rho": 0.5, "alpha": 0.5}, 0.333333), Worked({"rho": 0.5, "alpha": 0.6}, 0.428571)),
        uniform(rho=(0.4, 1), alpha=(0.4, 0.7)),
        0.01,
    ),
    Claim(
        "T1",
        "averse-concession",
        "the same with equal power, where both concede by risk, in twelfths",
        ZEUTHEN,
        "r / (r + 1)",
        lambda rho: rho / (rho + 1),
        lambda rho: Reading(concedes_by_risk(rho)),
        (Worked({"rho": 0.5}, 0.333333),),
        lambda rng: {"rho": float(rng.choice([0.2, 1 / 3, 0.5, 1, 2, 3]))},
    ),
    Claim(
        "T15",
        "risk-of-a",
        "risk of conflict that a bears rather than yield, claims x against y, both for a",
        ZEUTHEN,
        "(x - y) / x",
        lambda x, y: (x - y) / x,
        lambda x, y: risk_limit("a", x, y),
        (Worked({"x": 0.8, "y": 0.3}, 0.625),),
        claimed,
    ),
    Claim(
        "T15",
        "risk-of-b",
        "the same of b",
        ZEUTHEN,
        "(x - y) / (1 - y)",
        lambda x, y: (x - y) / (1 - y),
        lambda x, y: risk_limit("b", x, y),
        (Worked({"x": 0.8, "y": 0.3}, 0.714286),),
        claimed,
    ),
    Claim(
        "T15",
        "concession",
        "what a claims next: just enough that its product is not the smaller one",
        ZEUTHEN,
        "1 - y, where x (1 - x) < y (1 - y)",
        lambda x, y: 1 - y,  # noqa: ARG005
        conceded,
        (Worked({"x": 0.8, "y": 0.3}, 0.7),),
        claimed,
    ),
    Claim(
        "T15",
        "meeting",
        "where the claims meet",
        ZEUTHEN,
        "1 / 2",
        lambda x, y: 0.5,  # noqa: ARG005 wherever they began
        agreed_at,
        (Worked({"x": 0.8, "y": 0.3}, 0.5),),
        claimed,
    ),
    Claim(
        "T16",
        "contract",
        "what the host gets where a contract is kept, in rounds of D years: value V, cost k, its own way out dH",
        HOLD_UP,
        "dH + (V - k - dH) (1 - e2) / (1 - e1 e2)",
        lambda value, sunk, salvage, host, alpha, years: (  # noqa: ARG005 nothing is salvaged
            host + (value - sunk - host) * first_part(1 - alpha, years)
        ),
        lambda **values: Reading(hosts(**values, late=False)),
        (),
        LEASES,
        1e-7,
    ),
    Claim(
        "T16",
        "hold-up",
        "what it gets once the cost is sunk and s can be salvaged",
        HOLD_UP,
        "dH + (V - dH - s) (1 - e2) / (1 - e1 e2)",
        lambda value, sunk, salvage, host, alpha, years: (  # noqa: ARG005 what is sunk is sunk
            host + (value - host - salvage) * first_part(1 - alpha, years)
        ),
        lambda **values: Reading(hosts(**values, late=True)),
        (),
        LEASES,
        1e-7,
    ),
    Claim(
        "T18",
        "price",
        "price at which a base worth V is kept against a rival worth E, at a host's cost h",
        MENU,
        "E + h, where V >= E + h",
        lambda worth, limit, cost: limit + cost,  # noqa: ARG005
        kept_for,
        (Worked({"worth": 10, "limit": 6, "cost": 1}, 7),),
        BIDS,
        1e-8,
    ),
    Claim(
        "T18",
        "rival",
        "what the rival pays for its end",
        MENU,
        "max(0, V - h), where V < E + h",
        lambda worth, limit, cost: max(0, worth - cost),  # noqa: ARG005
        rival_pays,
        (Worked({"worth": 10, "limit": 10, "cost": 1}, 9),),
        uniform(worth=(1, 9), limit=(9.5, 18), cost=(0, 4)),
        1e-8,
    ),
)

YEARS, SHORTER = "years in a round", (1.0, 0.1, 0.01, 0.001)
IMPATIENCE, LESS = "1 - d", (0.1, 0.01, 0.001, 0.0001)


def _several(name: str, says: str, limit: float, weights: Weights, column: str) -> Limit:
    def reached(impatience: float) -> float:
        return float(three(*weights, 1 - impatience)[column][0])

    return Limit("T11", name, says, RAIFFA, limit, IMPATIENCE, LESS, reached)


def _lease(name: str, says: str, limit: float, of: Callable[..., float], *, late: bool) -> Limit:
    return Limit("T16", name, says, HOLD_UP, limit, YEARS, SHORTER, lambda years: of(**LEASE, years=years, late=late))


LIMITS = (
    Limit(
        "T1",
        "nash-one",
        "d1 + a (100 - d1 - 2 d2): u1 at the Nash point of u1 + 2 u2 = 100 with d = (10, 5), a = 0.6",
        NASH,
        58,
        YEARS,
        SHORTER,
        lambda years: 100 * linear_problem(10, 5, 0.6, years),
    ),
    Limit(
        "T1",
        "nash-two",
        "d2 + (1 - a) (100 - d1 - 2 d2) / 2: u2 there",
        NASH,
        21,
        YEARS,
        SHORTER,
        lambda years: 50 * (1 - linear_problem(10, 5, 0.6, years)),
    ),
    _several("nash-a", "what a has at the Nash point of weights (.6, .3, .1), (.2, .3, .5)", 0.7, SPLIT, "payoff.a"),
    _several("nash-b", "what b has there", 0.7, SPLIT, "payoff.b"),
    _several("nash-split", "a's part of the second issue, the only one that is split", 1 / 3, SPLIT, "agreed.second"),
    _several("vertex-a", "what a has at the vertex of (.6, .3, .1), (.2, .5, .3)", 0.6, VERTEX, "payoff.a"),
    _several("vertex-b", "what b has there", 0.8, VERTEX, "payoff.b"),
    _lease(
        "contract-host", "(1 - a) (V - k - dH) + dH: the host's part of a contract that is kept", 3, hosts, late=False
    ),
    _lease("contract-guest", "a (V - k - dH): the guest's", 3, guests, late=False),
    _lease("sunk-host", "dH + (1 - a) (V - dH - s): the host's part once the cost is sunk", 4.5, hosts, late=True),
    _lease("sunk-guest", "s + a (V - dH - s) - k: the guest's", 1.5, guests, late=True),
    Limit(
        "T16",
        "sunk-most",
        "a (V - dH) + (1 - a) s: the greatest cost that is sunk",
        HOLD_UP,
        5.5,
        YEARS,
        SHORTER[:3],
        lambda years: worth_sinking(10, 1, 0, 0.5, years),
        dear=True,
    ),
)
