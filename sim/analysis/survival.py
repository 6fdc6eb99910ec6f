"""How long things last when not all of them have ended: Kaplan and Meier's estimate with Greenwood's error."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.outcomes import wilson

Array = NDArray[Any]
Z = 1.96


def kaplan_meier(durations: Array, ended: Array, effect: float = 1.0) -> list[dict[str, float]]:
    """The probability of lasting longer than each duration, when some are watched only for a time.

    S(t) = prod over s <= t of (1 - d_s / n_s), d_s of the n_s still watched ending at s. `durations` (N,) are whole
    steps, 0 or more; `ended` (N,) is whether the thing ended then, or was only watched so long: one watched for t steps
    still counts among those that could have ended at t. Returns one row for each t from 0 to the longest duration:
    step, at_risk, ended, probability, and low and high, the 95 % band of `log_log_band`, as if there were ``effect``
    times fewer of them.
    Raises ValueError where the two differ in length or a duration is negative.
    References: Kaplan & Meier (1958); Greenwood (1926).

    >>> [round(row["probability"], 3) for row in kaplan_meier(np.array([1, 2, 2, 3]), np.array([1, 1, 0, 0]))]
    [1.0, 0.75, 0.5, 0.5]
    """
    if len(durations) != len(ended) or (len(durations) and durations.min() < 0):
        raise ValueError("each duration needs to be 0 or more, and to say whether it ended")
    if not len(durations):
        return []
    steps, over = durations.astype(np.int64), np.asarray(ended, dtype=np.bool_)
    leaving = np.bincount(steps)
    deaths = np.bincount(steps[over], minlength=len(leaving))
    at_risk = np.cumsum(leaving[::-1])[::-1]
    rows = []
    share, greenwood, high_before = 1.0, 0.0, 1.0
    for step, (n, d) in enumerate(zip(at_risk.tolist(), deaths.tolist(), strict=True)):
        share *= 1 - d / n
        greenwood += d / (n * (n - d)) if d < n else math.inf
        low, high = log_log_band(share, effect * greenwood, n / effect, high_before)
        rows.append({"step": step, "at_risk": n, "ended": d, "probability": share, "low": low, "high": high})
        high_before = high
    return rows


def log_log_band(share: float, greenwood: float, at_risk: float, before: float = 1.0) -> tuple[float, float]:
    """The 95 % band of a survival probability on the scale log(-log S), which keeps it inside [0, 1].

    S ** exp(+-1.96 sqrt(G) / |log S|), G = sum of d / (n (n - d)) (Kalbfleisch & Prentice 1980). The scale has no
    place for 1 and 0: while none has ended the band is Wilson's for none of `at_risk`, and where all have ended it
    reaches from 0 to where it stood `before`.

    >>> [round(edge, 3) for edge in log_log_band(0.857142857, 0.007936508, 21)]
    [0.62, 0.952]
    """
    if share >= 1:
        return wilson(at_risk, at_risk)[0], 1.0
    if share <= 0:
        return 0.0, before
    reach = math.exp(Z * math.sqrt(greenwood) / abs(math.log(share)))
    return share**reach, share ** (1 / reach)


def median_life(rows: list[dict[str, float]]) -> int | None:
    """The first duration that at most half outlast, or None where more than half still last at the end."""
    return next((int(row["step"]) for row in rows if row["probability"] <= 0.5), None)


def lives(signed: Array, ended: Array, steps: int) -> tuple[Array, Array]:
    """The durations (N,) of deals in steps, and whether they ended, from the steps they were signed and ended in.

    A deal signed in step s may first end in step s + 1; one that never did (`ended` -1) was watched until the last
    step of the window, `steps` - 1.
    """
    over = ended >= 0
    return np.where(over, ended, steps - 1).astype(np.int64) - signed.astype(np.int64), over
