"""Is a scenario a real bargain?  What is asked of one whose outcome is to be open, and what its draws say."""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.clusters import grouped
from sim.analysis.outcomes import estimated
from sim.analysis.variance import divided

F = NDArray[np.float64]
Columns = Mapping[str, Any]

CLASSES, CLASS_SHARE, LARGEST_SHARE = 5, 0.03, 0.70
LEAVES, LEAF_EFFECT = 5, 0.05
DIVIDED = 0.15
ERRORS = 3.0
ENDS = 0.2  # the share of draws at either end of a leaf's range that are compared
FEWEST = 10  # draws of the parameters at an end, without which nothing is said of a leaf
CHANCE = 0.05  # that any leaf without an effect is counted


class Line(NamedTuple):
    """One thing asked: what, what was found, whether that is enough, and the particulars."""

    id: str
    asked: str
    found: str
    passed: bool
    details: list[dict[str, Any]]


class Effect(NamedTuple):
    """What a leaf does to the class it moves most: the change from its lowest to its highest fifth."""

    leaf: str
    outcome: str
    difference: float
    se: float


def percent(share: float) -> str:
    """A share in per cent with one decimal."""
    return f"{100 * share:.1f} %"


def many_classes(outcomes: Sequence[str], column: Any, paths: int) -> Line:
    """Ask for at least five outcome classes above 3 %."""
    places = np.asarray(column)
    rows = [{"outcome": key, **estimated(places == place, paths)} for place, key in enumerate(outcomes)]
    above = [row for row in rows if row["probability"] > CLASS_SHARE]
    asked = f"at least {CLASSES} outcome classes above {CLASS_SHARE:.0%}".replace("%", " %")
    found = f"{len(above)} of {len(rows)}: {', '.join(row['outcome'] for row in above)}"
    return Line("classes", asked, found, len(above) >= CLASSES, rows)


def none_certain(outcomes: Sequence[str], column: Any, paths: int) -> Line:
    """Ask that no outcome class be above 70 %."""
    places = np.asarray(column)
    place = int(np.bincount(places.astype(np.int64), minlength=len(outcomes)).argmax())
    row = {"outcome": outcomes[place], **estimated(places == place, paths)}
    found = f"the largest, {row['outcome']}, has {percent(row['probability'])} ± {196 * row['se']:.1f}"
    return Line("largest", "none above 70 %", found, row["probability"] <= LARGEST_SHARE, [row])


def guard(tests: int) -> float:
    """Return how many standard errors a difference must have so that the chance of any false one among all is 5 %.

    Bonferroni's bound for two-sided tests: Phi^-1(1 - 0.05 / (2 tests)).

    >>> round(guard(1), 3), round(guard(1600), 3)
    (1.96, 4.164)
    """
    return NormalDist().inv_cdf(1.0 - CHANCE / (2 * max(tests, 1)))


def leaf_effects(outcomes: Sequence[str], columns: Columns, paths: int) -> list[Effect]:
    """Return what each uncertain leaf does, the largest change first; ``columns`` hold `outcome` and `leaf.<path>`.

    The share of a class among the draws of the parameters with the leaf in its highest fifth, less that in its lowest;
    se^2 = s_low^2 / n_low + s_high^2 / n_high over draws of the parameters, whose paths are averaged first; where all
    at an end are alike, s^2 = p (1 - p) with p = 1 / (n + 2), as if one of two more were not.  Of a leaf's classes the
    one that changes by most standard errors is given; an end of fewer than `FEWEST` tells nothing.
    """
    places = grouped(columns["outcome"], paths)
    shares = np.stack([(places == place).mean(axis=1) for place in range(len(outcomes))])
    found = []
    for name in sorted(key for key in columns if key.startswith("leaf.")):
        leaf = grouped(columns[name], paths)[:, 0]
        low, high = (shares[:, members] for members in _ends(leaf))
        if min(low.shape[1], high.shape[1]) < FEWEST:
            continue
        difference = high.mean(axis=1) - low.mean(axis=1)
        error = np.sqrt(_variance_of_mean(low) + _variance_of_mean(high))
        place = int(_strength(difference, error).argmax())
        path = name.removeprefix("leaf.")
        found.append(Effect(path, outcomes[place], float(difference[place]), float(error[place])))
    return sorted(found, key=lambda effect: (-abs(effect.difference), effect.leaf))


def _variance_of_mean(shares: F) -> F:
    """Return the variance of the mean of each class's shares (C, n) over draws, never nought."""
    n = shares.shape[1]
    unlike = 1 / (n + 2)
    spread = shares.var(axis=1, ddof=1)
    return np.where(spread > 0, spread, unlike * (1 - unlike)) / n


def _ends(leaf: F) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which draws (m,) lie in the leaf's lowest and highest fifth; of a leaf with few values, at its ends."""
    low, high = np.quantile(leaf, (ENDS, 1.0 - ENDS))
    if low >= high:
        low, high = leaf.min(), leaf.max()
    none = np.zeros(len(leaf), dtype=np.bool_)
    return (leaf <= low, leaf >= high) if low < high else (none, none)


def _strength(difference: F, error: F) -> F:
    certain = np.where(np.abs(difference) > 0, math.inf, 0.0)
    return np.divide(np.abs(difference), error, out=certain, where=error > 0)


def many_leaves(outcomes: Sequence[str], columns: Columns, paths: int) -> Line:
    """Ask for at least five leaves that each move some class by 5 points or more over their range.

    Counted are changes of 5 points or more that no chance explains: as many tests are made as there are leaves times
    classes, and each must pass at 5 % for all together (`guard`).
    """
    effects = leaf_effects(outcomes, columns, paths)
    least = guard(len(effects) * len(outcomes))
    counted = [each for each in effects if _counts(each, least)]
    asked = f"at least {LEAVES} numbers each move some class by 5 points or more over their range"
    told = least * float(np.median([each.se for each in effects])) if effects else 0.0
    found = (
        f"{len(counted)} of {len(effects)} that vary (lowest against highest fifth; a change must exceed {least:.1f} "
        f"standard errors, mostly {100 * told:.1f} points here, so that all tests together err once in 20 times)"
    )
    details = [{**each._asdict(), "counted": _counts(each, least)} for each in effects]
    return Line("leaves", asked, found, len(counted) >= LEAVES, details)


def _counts(effect: Effect, least: float) -> bool:
    return abs(effect.difference) >= max(LEAF_EFFECT, least * effect.se)


def chance_decides(column: Any, paths: int) -> Line:
    """Ask that at least 15 % of draws of the parameters have two paths that end in different classes."""
    row = divided(column, paths)
    asked = "at least 15 % of draws of the parameters have two paths that end in different classes"
    found = f"{percent(row['probability'])} ± {196 * row['se']:.1f}"
    return Line("divided", asked, found, row["probability"] >= DIVIDED, [row])


def moves(row: Mapping[str, Any]) -> bool:
    """Tell whether a mechanism moves something by more than three standard errors; a row as `paired.compare` has it."""
    return bool(abs(row["most"]["z"]) > ERRORS)


def all_move(measured: Mapping[str, Any]) -> Line:
    """Ask that every mechanism move something by more than three standard errors; rows as `paired.compare` has them."""
    rows = [
        {
            "id": row["id"],
            "label": row["label"],
            "draws": row["draws"],
            **{key: row["most"][key] for key in ("kind", "difference", "se", "z")},
        }
        | {"moves": row["most"]["id"]}
        for row in measured["rows"]
    ]
    idle = [row["id"] for row in measured["rows"] if not moves(row)]
    found = f"{len(rows) - len(idle)} of {len(rows)} at {measured['draws']:,} draws each"
    again = [row["draws"] for row in rows if row["draws"] > measured["draws"]]
    if again:
        found += f", {len(again)} of them played again with {max(again):,}"
    if idle:
        found += f"; not: {', '.join(idle)}"
    asked = "every mechanism, switched off, moves something by more than 3 standard errors"
    return Line("mechanisms", asked, found, not idle, rows)
