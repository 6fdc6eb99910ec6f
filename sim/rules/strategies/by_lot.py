"""Offers drawn by lot, a baseline."""

from __future__ import annotations

import numpy as np

from sim.rules.strategies.aim import Aim
from sim.rules.types import TOLERANCE, Offer, View


def offer(view: View, aim: Aim) -> Offer:
    """Offer any of one's candidates that is worth at least a refusal, each with the same chance.

    The lot is the uniform of the step, so that the strategy itself draws nothing.
    """
    fit = view.own >= view.refused - TOLERANCE
    count = fit.sum(axis=0)
    place = np.minimum((aim.chance * count).astype(np.int64), count - 1)
    segment = np.argmax(np.cumsum(fit, axis=0) > place, axis=0)
    fraction = None if view.joined is None else np.zeros_like(aim.chance)
    return Offer(segment, fraction, count > 0)
