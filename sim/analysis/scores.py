"""How good dated forecasts were: Brier and log scores beside forecasts that know nothing or only the base rate."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Finding = dict[str, Any]
CELLS = 2**12
FEWEST = 6  # questions: of fewer, resampled, not even the smallest and the largest would hold a 95 % interval
SCORES = ("brier", "log")


def brier(forecast: Sequence[float], seen: int) -> float:
    """The Brier score of a forecast over classes, of which the one numbered `seen` came true: 0 is perfect, 2 worst.

    sum_k (p_k - o_k)^2 with o_k = 1 for the class seen, else 0. For a question with the two answers yes and no it is
    twice the one-sided (p - o)^2.
    Reference: Brier (1950), equation 2.

    >>> round(brier([0.2] * 5, 0), 6), round(brier([0.25] * 4, 3), 6), brier([1, 0], 0)
    (0.8, 0.75, 0)
    """
    return sum((p - (k == seen)) ** 2 for k, p in enumerate(forecast))


def log_score(forecast: Sequence[float], seen: int) -> float:
    """The logarithmic score -ln p of the class seen, in nats: 0 is perfect, infinite where it was ruled out.

    Reference: Good (1952), section 5.

    >>> round(log_score([0.2] * 5, 2), 6)
    1.609438
    """
    return -math.log(forecast[seen]) if forecast[seen] > 0 else math.inf


def clipped(forecast: Sequence[float], n: int) -> list[float]:
    """A forecast of `n` draws kept from claiming more than they can show: each p in [1/2n, 1 - 1/2n], sum 1 again.

    What n draws never showed may still happen about once in 2n.

    >>> clipped([1.0, 0.0], 100)
    [0.995, 0.005]
    """
    least = 1 / (2 * n)
    bounded = [min(max(p, least), 1 - least) for p in forecast]
    total = sum(bounded)
    return [p / total for p in bounded]


def scores(forecast: Sequence[float], seen: int) -> dict[str, float]:
    """Both scores of one forecast."""
    return {"brier": brier(forecast, seen), "log": log_score(forecast, seen)}


def mean_interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """The bootstrap percentile interval of a mean: how it could have come out with other questions of the same kind.

    The distribution of the mean of n values drawn with replacement is computed, not sampled: the n-fold convolution
    of the values' distribution on a grid of 4,096 cells. Exact to range / 4,096.
    Reference: Efron and Tibshirani (1993), chapter 13.

    >>> mean_interval([0.3, 0.3, 0.3]), mean_interval([0.0, 1.0])
    ((0.3, 0.3), (0.0, 1.0))
    """
    low, high = min(values), max(values)
    if high == low:
        return low, high
    n = len(values)
    places = (np.asarray(values, dtype=np.float64) - low) / (high - low) * CELLS
    floor = np.minimum(places.astype(np.int64), CELLS - 1)
    mass = np.bincount(floor, 1 - (places - floor), CELLS + 1) + np.bincount(floor + 1, places - floor, CELLS + 1)
    size = n * CELLS + 1
    summed = np.fft.irfft(np.fft.rfft(mass / n, size) ** n, size)
    cumulative = np.cumsum(np.maximum(summed, 0))
    tail = (1 - level) / 2
    ends = np.searchsorted(cumulative, (tail - 1e-9, 1 - tail - 1e-9)) / (n * CELLS)
    return tuple(float(low + (high - low) * min(end, 1.0)) for end in ends)  # type: ignore[return-value]


def score(summary: Mapping[str, Any]) -> Finding:
    """Score a run's dated questions, and the class seen at its end, against what was observed.

    Beside the run stand the uniform forecast (one half each, or 1/K of K classes) and the base rate: the share of yes
    among the other scored questions. Every forecast is clipped by its own number of cases. The interval of each of
    the run's scores maps the Wilson interval of its probability; that of a mean is `mean_interval`.
    """
    n = summary["draws"]
    answered = {key: row for key, row in summary["questions"].items() if row["observed"] is not None}
    rows = {key: question(key, answered, n) for key in answered}
    skipped = {key: "its answer is not known" for key in summary["questions"] if key not in answered}
    classes, why = outcome_classes(summary)
    return {
        "scenario": summary["scenario"],
        "draws": n,
        "seed": summary["seed"],
        "model_hash": summary["model_hash"],
        "text_hash": summary["text_hash"],
        "questions": rows,
        "mean": mean_of(rows.values()),
        "outcome": classes,
        "skipped": skipped | ({"outcome": why} if why else {}),
        "clipped_to": [1 / (2 * n), 1 - 1 / (2 * n)],
    }


def question(key: str, answered: Mapping[str, Any], n: int) -> Finding:
    """One answered question: the run's forecast, uniform and base rate, each with its scores."""
    row = answered[key]
    seen = 0 if row["observed"] else 1
    ends = [scores(yes_no(row[end], n), seen) for end in ("low", "high")]
    spans = {f"{name}_interval": sorted(end[name] for end in ends) for name in SCORES}
    rate = base_rate([other["observed"] for name, other in answered.items() if name != key])
    return {
        "text": row["text"],
        "date": row["date"],
        "observed": row["observed"],
        "probability": row["probability"],
        "low": row["low"],
        "high": row["high"],
        **scores(yes_no(row["probability"], n), seen),
        **spans,
        "uniform": scores([0.5, 0.5], seen),
        "base_rate": None if rate is None else {"probability": rate, **scores([rate, 1 - rate], seen)},
    }


def yes_no(p: float, n: int) -> list[float]:
    """The clipped forecast over yes and no."""
    return clipped([p, 1 - p], n)


def base_rate(others: Sequence[bool]) -> float | None:
    """The share of yes among the other questions, clipped by their number; None where there are none.

    >>> base_rate([True, False, False, False]), base_rate([False, False]), base_rate([])
    (0.25, 0.25, None)
    """
    return yes_no(sum(others) / len(others), len(others))[0] if others else None


def mean_of(rows: Any) -> Finding | None:
    """Mean scores over the questions, with intervals; what the run gains on each reference; None without questions.

    What is gained on the base rate has no interval: the base rates of two questions each know the other's answer.
    """
    rows = list(rows)
    if not rows:
        return None
    found: Finding = {"questions": len(rows)}
    for name in SCORES:
        own = [row[name] for row in rows]
        found[name] = averaged(own)
        for other in ("uniform", "base_rate"):
            pairs = [(row[other][name], row[name]) for row in rows if row[other] is not None]
            part = found.setdefault(other, {}) if pairs else None
            if part is not None:
                apart = other != "base_rate"  # that of each question is made of the others' answers
                part[name] = averaged([reference for reference, _ in pairs], apart=apart)
                part[f"{name}_gain"] = averaged([reference - mine for reference, mine in pairs], apart=apart)
            else:
                found[other] = None
    return found


def averaged(values: Sequence[float], *, apart: bool = True) -> Finding:
    """A mean with its bootstrap 95 % interval, None where values are fewer than `FEWEST`, or not `apart`."""
    low, high = mean_interval(values) if apart and len(values) >= FEWEST else (None, None)
    return {"mean": math.fsum(values) / len(values), "low": low, "high": high}


def outcome_classes(summary: Mapping[str, Any]) -> tuple[Finding | None, str | None]:
    """The scores of the forecast over outcome classes, or the reason why there are none."""
    seen, dates = summary["observed"], summary["time"]["dates"]
    if seen is None or not seen["outcomes"]:
        return None, "no outcome class was observed"
    if "-" not in dates[-1]:
        return None, "the scenario has no calendar"
    if seen["until"] < dates[-1]:
        return None, f"observed until {seen['until']}, before the window's end on {dates[-1]}"
    known = [row for row in seen["outcomes"] if row["from"] <= dates[-1]]
    if not known:
        return None, f"no outcome class was observed by the window's end on {dates[-1]}"
    last = max(known, key=lambda row: row["from"])
    names = list(summary["outcomes"])
    shares = [summary["outcomes"][name]["probability"] for name in names]
    place = names.index(last["outcome"])
    forecast = clipped(shares, summary["draws"])
    found = {
        "observed": last["outcome"],
        "date": dates[-1],
        "classes": len(names),
        "probability": shares[place],
        **scores(forecast, place),
        "uniform": scores([1 / len(names)] * len(names), place),
    }
    return found, None
