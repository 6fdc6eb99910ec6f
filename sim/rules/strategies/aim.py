"""What a strategy may know beside the view: the clock and its own numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.rules.types import TOLERANCE, F, I, Offer, View


class Aim(NamedTuple):
    """A side's clock and strategy numbers in one step; arrays (n,)."""

    t: int
    until: int  # the step at which concession is complete
    clock: str  # faratin: t / until; stacked: (t + 1) / (until + 1)
    exponent: F
    opening: F
    factor: F
    margin: F
    least: F
    script: I  # candidates named by a script, one per step; empty otherwise
    continuous: bool


def no_offer(view: View, segment: I, fraction: F | None, worth: F) -> Offer:
    """Return the offer, unmade where it is worth less to its maker than a refusal."""
    return Offer(segment, fraction, np.isfinite(worth) & (worth >= view.refused - TOLERANCE))
