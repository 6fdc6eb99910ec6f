"""What a strategy may know beside the view: the clock and its own numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.rules.types import TOLERANCE, F, I, Offer, View


class Heard(NamedTuple):
    """What a side remembers of the table; arrays (n,)."""

    asked: F  # worth to itself of its last offer, NaN before the first
    last: F  # worth to it of the last offer it heard, NaN before the first
    before: F  # of the one before
    best: F  # of the best one, -inf before the first
    conceded: F  # worth to the other of its own last offer, NaN before the first
    theirs: F  # worth to the other of the last offer it heard


class Aim(NamedTuple):
    """A side's clock and strategy numbers in one step; arrays (n,)."""

    t: int
    until: int  # the step at which concession is complete
    shape: str  # polynomial, exponential
    clock: str  # faratin: t / until; stacked: (t + 1) / (until + 1)
    exponent: F
    opening: F
    reciprocity: F  # share of the other's last concession that is returned
    factor: F
    margin: F
    least: F
    after: F  # share of the time after which the clock decides what is accepted
    script: I  # candidates behind the curve, one per step: a script's, or those found in the whole deal space
    span: F  # (2, n) least and most that is held out for over the whole deal space; NaN where it is not searched
    tolerance: F  # by how much what is held out for is lowered
    memory: Heard
    planned: F  # worth to itself of the offer it would make now
    chance: F  # uniform of this step, for what is drawn by lot
    left: int  # rounds after this one in which something may still be offered
    meeting: F  # chance that a round brings the sides together
    risk: F  # chance that a round without a deal is the last
    discount: F  # per step
    others_discount: F  # the other's, per step


def no_offer(view: View, segment: I, fraction: F | None, worth: F) -> Offer:
    """Return the offer, unmade where it is worth less to its maker than a refusal."""
    return Offer(segment, fraction, np.isfinite(worth) & (worth >= view.refused - TOLERANCE))
