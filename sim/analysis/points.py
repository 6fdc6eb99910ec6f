"""What the draws of one point of a sweep say: shares of the outcome classes, payoffs, agreements."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.analysis.outcomes import wilson


def findings(columns: Mapping[str, Any], outcomes: Sequence[str], parties: Sequence[str]) -> dict[str, float | None]:
    """Return one row of a sweep's table from a point's columns (n,).

    `outcome.<id>` is a share with `.low` and `.high`, its Wilson 95 % interval; `agreement` the share that ever signed;
    `agreed_step` the median step of the first deals, None where there is none; `payoff.<party>` a mean with `.se`.
    """
    code = np.asarray(columns["outcome"])
    signed = np.asarray(columns["agreed_step"])
    row: dict[str, float | None] = {}
    for place, name in enumerate(outcomes):
        row |= _share(f"outcome.{name}", int((code == place).sum()), len(code))
    row |= _share("agreement", int((signed >= 0).sum()), len(code))
    row["agreed_step"] = float(np.median(signed[signed >= 0])) if (signed >= 0).any() else None
    for name in parties:
        payoff = np.asarray(columns[f"payoff.{name}"])
        row[f"payoff.{name}"] = float(payoff.mean())
        row[f"payoff.{name}.se"] = float(payoff.std(ddof=1)) / math.sqrt(len(payoff)) if len(payoff) > 1 else 0.0
    return row


def _share(name: str, count: int, n: int) -> dict[str, float | None]:
    low, high = wilson(count, n)
    return {name: count / n, f"{name}.low": low, f"{name}.high": high}


def names(outcomes: Sequence[str], parties: Sequence[str]) -> list[str]:
    """Return the names of a row's findings, in order."""
    shares = [f"outcome.{name}" for name in outcomes] + ["agreement"]
    means = [f"payoff.{name}" for name in parties]
    spread = [f"{name}{end}" for name in shares for end in ("", ".low", ".high")]
    return [*spread, "agreed_step", *(f"{name}{end}" for name in means for end in ("", ".se"))]
