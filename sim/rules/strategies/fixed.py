"""A script of offers."""

from __future__ import annotations

import numpy as np

from sim.rules.strategies.aim import Aim
from sim.rules.types import Offer, View


def offer(view: View, aim: Aim) -> Offer:
    """Offer what the script names for this step; its last line is repeated.

    Scripted deals stand behind the curve in the side's candidates, in the order of the script.
    """
    line = aim.script[min(aim.t, len(aim.script) - 1)]
    draws = view.going_on.shape
    return Offer(
        np.full(draws, line, dtype=np.int64),
        None if view.joined is None else np.zeros(draws),
        np.ones(draws, dtype=np.bool_),
    )
