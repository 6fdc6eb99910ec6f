"""What the sides have without a deal: the disagreement point, and the least that each would take.

Binmore, Rubinstein & Wolinsky (1986): what the sides have while they talk, and what a collapse leaves, act as the
disagreement point; a way out that one side may choose is a constraint and moves no point (Binmore, Shaked & Sutton
1989).  So exits enter the least that a side takes, and not the point from which gains are counted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.rules import expectation, outlook
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook
from sim.rules.types import TOLERANCE, TRUE, F, Params, State

KINDS = ("talks", "breakdown")


class Fallback(NamedTuple):
    """What both sides have without a deal, each (S, n)."""

    disagreement: F  # d, from which gains are counted
    reserve: F  # the least that each side takes


def kind_of(layout: Layout) -> str:
    """Return which value d is: the breakdown's where a deadline ends in it, else that of talks without end."""
    return "breakdown" if layout.deadline >= 0 and layout.deadline_collapses else "talks"


def fallback(layout: Layout, params: Params, state: State, ahead: Outlook, kind: str) -> Fallback:
    """Return d and the least that each side takes, in the world as it is in ``state``.

    Without a deal and without exits

        d_i = B_i                                                       ``breakdown``
        d_i = [(1-delta) q_i + delta h B_i] / [1 - delta (1-h)]         ``talks``, B_i where delta = 1 and h > 0

    q the discounted flow of talks, h the chance of a collapse after a rejection, B what that leaves.  Then, X_i being
    a side's best exit and L_i what the other's leaves it,

        reserve_i = X_i                     where it would itself rather leave than go on without a deal, X_i > d_i
                    max(X_i, min(d_i, L_i)) else, where the other would, X_j > d_j
                    d_i                     else

    So a side counts on what it can bring about and never on being left, even if that would serve it: the other may
    stay for the deal that it hopes for.  Where a threat to leave pushes the reserve below d, gains are counted from the
    reserve.
    """
    ruin = np.stack([ahead.path[0][side].collapse[TRUE] for side in (0, 1)])
    point = ruin if kind == "breakdown" else for_ever(layout, params, state, ahead, ruin)
    exits = np.stack([ahead.path[0][side].leave[TRUE] for side in (0, 1)])
    left = np.stack([ahead.path[0][side].left[TRUE] for side in (0, 1)])
    leaves = exits > point + TOLERANCE
    pushed = np.where(leaves[::-1], np.maximum(exits, np.minimum(point, left)), point)
    reserve = np.where(leaves, exits, pushed)
    return Fallback(np.minimum(point, reserve), reserve)


def for_ever(layout: Layout, params: Params, state: State, ahead: Outlook, ruin: F) -> F:
    """Return what talks without a deal and without exits are worth (S, n)."""
    talks, _ = expectation.expected_chances(layout, params, state)
    reverts = expectation.means(layout, params, state.footing.clause)
    flows = outlook.endless(layout, params, state, talks, ahead.now, reverts)
    found = []
    for side in (0, 1):
        flow = flows[side][TRUE]
        patience = params.tastes.discount[side, TRUE]
        left = 1.0 - patience * (1.0 - ahead.risk)
        mixed = ((1.0 - patience) * flow + patience * ahead.risk * ruin[side]) / np.where(left > 0.0, left, 1.0)
        found.append(np.where(left > 0.0, mixed, flow))
    return np.stack(found)


def powers(layout: Layout, params: Params, ahead: Outlook) -> F | None:
    """Return the first side's bargaining power (n,) when rounds are short; None where one side makes all offers.

        p_a = c r_b / (c r_b + (1-c) r_a),    r_i = -log(delta_i (1-h)) / dt

    c the chance that the first side proposes, one half where the sides take turns (Binmore, Rubinstein & Wolinsky
    1986; by lot: Binmore 1987); one half where neither time nor collapse presses.
    """
    if layout.protocol == "one_sided":
        return None
    chance = params.recognition if layout.protocol == "random" else np.full_like(params.recognition, 0.5)
    staying = 1.0 - ahead.risk
    with np.errstate(divide="ignore", invalid="ignore"):
        pace = [-np.log(params.tastes.discount[side, TRUE] * staying) for side in (0, 1)]
        power = chance * pace[1] / (chance * pace[1] + (1.0 - chance) * pace[0])
    return np.where(np.isfinite(power), power, 0.5)


__all__ = ["KINDS", "Fallback", "fallback", "for_ever", "kind_of", "powers"]
