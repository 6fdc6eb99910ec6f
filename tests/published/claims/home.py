"""T8: what a government can get that must carry its deal at home, known and unknown."""

from __future__ import annotations

import numpy as np

from sim.rules.types import AGREEMENT, F
from tests.published.claims.claim import DRAWS, Claim, Limit, Reading, Worked, first_share, share
from tests.textbook import played

SCHELLING = "Schelling 1960; Tarar 2001"
PUTNAM = "Putnam 1988; Iida 1993"
FINE = 41  # points of the pie where an assembly's threshold is secret


def carried(d: float, least: float, points: int, first: str, other: float | None = None) -> Reading:
    """Return the bound side's share: an issue that an assembly judges is on a grid, here of so many points."""
    judges = () if other is None else (f"parties.b.audience={{link: step, threshold: {other}}}",)
    found = first_share(
        "two-level-game",
        *(f"parties.{side}.discount_factor={d}" for side in "ab"),
        f"parties.a.audience.threshold={least}",
        f"issues.pie.points={points}",
        f"protocol.first={first}",
        *judges,
    )
    return Reading(found / (points - 1))


def bound_side(d: float, k: float) -> float:
    """Return the bound side's share where it proposes first."""
    return max(1 / (1 + d), 1 - d * (1 - k))


def on_a_grid(k: float, d: float = 0.9) -> int:
    """Return how many points make both the threshold and the answer a point: 20 where 10/19 is it, else 26."""
    return 20 if k <= d / (1 + d) else 26


def bound_points(rng: np.random.Generator) -> dict[str, float]:
    """Return a threshold that binds and lies on the grid of 26 points, and any patience."""
    return {"d": round(float(rng.uniform(0.3, 0.95)), 3), "k": int(rng.integers(14, 25)) / 25}


def uncertain(low: float, high: float) -> dict[str, F]:
    """Return the columns of one offer to a government whose assembly's threshold is uniform on [low, high]."""
    sets = (f"parties.a.audience.threshold={(low + high) / 2!r}", f"parties.a.audience.spread={(high - low) / 2!r}")
    return played("failed-ratification", *sets, draws=DRAWS)


def signed(low: float, high: float) -> Reading:
    """Return the bound side's share in the deals that were carried."""
    found = uncertain(low, high)
    return Reading(float(found["agreed.pie"][found["status"] == AGREEMENT].mean()) / (FINE - 1))


def offered(low: float, high: float) -> float:
    """Return the best offer against a threshold uniform on [low, high]."""
    return min(max((1 + low) / 2, low), high)


def secret(rng: np.random.Generator) -> dict[str, float]:
    """Return bounds of a threshold such that the best offer lies on the grid."""
    low = 2 * int(rng.integers(2, 12)) / (FINE - 1)
    return {"low": low, "high": low + int(rng.integers(4, 16)) / (FINE - 1)}


CLAIMS = (
    Claim(
        "T8",
        "bound-proposes",
        "share of a, whose assembly carries nothing below k, where a proposes first",
        SCHELLING,
        "max(1 / (1 + d), 1 - d (1 - k))",
        bound_side,
        lambda d, k: carried(d, k, on_a_grid(k), "a"),
        (Worked({"d": 0.9, "k": 0.6}, 0.64), Worked({"d": 0.9, "k": 0.4}, 0.526316)),
        lambda rng: {"d": 0.9, "k": int(rng.integers(0, 9)) / 19},
    ),
    Claim(
        "T8",
        "bound-answers",
        "the same where b proposes first",
        SCHELLING,
        "k, where k > d / (1 + d)",
        lambda d, k: k,  # noqa: ARG005
        lambda d, k: carried(d, k, 26, "b"),
        (Worked({"d": 0.9, "k": 0.6}, 0.6),),
        bound_points,
    ),
    Claim(
        "T8",
        "two-assemblies",
        "share of a where both have an assembly and much patience",
        PUTNAM,
        "clip(1/2, k1, 1 - k2)",
        lambda k1, k2: min(max(0.5, k1), 1 - k2),
        lambda k1, k2: carried(0.9999, k1, 26, "b", k2),
        (Worked({"k1": 0.6, "k2": 0.3}, 0.6),),
        lambda rng: {"k1": int(rng.integers(14, 20)) / 25, "k2": int(rng.integers(0, 6)) / 25},
    ),
    Claim(
        "T8",
        "offer",
        "best offer to a side whose threshold is uniform on [lo, hi]",
        PUTNAM,
        "clip((1 + lo) / 2, lo, hi)",
        offered,
        signed,
        (Worked({"low": 0.3, "high": 0.7}, 0.65),),
        secret,
    ),
    Claim(
        "T8",
        "failure",
        "chance that ratification fails",
        PUTNAM,
        "(hi - s) / (hi - lo), s the offer",
        lambda low, high: (high - offered(low, high)) / (high - low),
        lambda low, high: share(uncertain(low, high)["status"] != AGREEMENT),
        (Worked({"low": 0.3, "high": 0.7}, 0.125),),
        secret,
    ),
)

LIMITS: tuple[Limit, ...] = ()
