"""What the draws of one point of a sweep say: shares of the outcome classes, payoffs, agreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.analysis.clusters import error_of_mean
from sim.analysis.outcomes import lower_median, wilson


def findings(columns: Mapping[str, Any], outcomes: Sequence[str], parties: Sequence[str]) -> dict[str, float | None]:
    """Return one row of a sweep's table from a point's columns (n,).

    `outcome.<id>` is a share with `.low` and `.high`, its Wilson 95 % interval; `agreement` the share that ever signed;
    `agreed_step` the lower median of the steps of first deals, None where there is none; `payoff.<party>` a mean with
    `.se`, None for one draw.
    """
    code = np.asarray(columns["outcome"])
    signed = np.asarray(columns["agreed_step"])
    row: dict[str, float | None] = {}
    for place, name in enumerate(outcomes):
        row |= _share(f"outcome.{name}", int((code == place).sum()), len(code))
    row |= _share("agreement", int((signed >= 0).sum()), len(code))
    row["agreed_step"] = lower_median(signed[signed >= 0])
    for name in parties:
        payoff = np.asarray(columns[f"payoff.{name}"])
        row[f"payoff.{name}"] = float(payoff.mean())
        row[f"payoff.{name}.se"] = error_of_mean(payoff)
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
