"""Give as good as one gets."""

from __future__ import annotations

import numpy as np

from sim.rules.strategies.aim import Aim
from sim.rules.strategies.time_dependent import room, worth_at_least
from sim.rules.types import F, Offer, View


def offer(view: View, aim: Aim) -> Offer:
    """Concede in one's own utility what the other's last concession was worth to oneself (Faratin et al. 1998).

    ``target = asked - reciprocity (heard_t - heard_(t-1))``, between one's reservation and one's best deal; until two
    offers were heard, the opening. What the other takes back is taken back.
    """
    return worth_at_least(target(view, aim), view)


def target(view: View, aim: Aim) -> F:
    """Return the value (n,) that the next offer is to have."""
    best, floor = room(view)
    opening = best - aim.opening * (best - floor)
    step = aim.reciprocity * (aim.memory.last - aim.memory.before)
    replied = np.isfinite(step) & np.isfinite(aim.memory.asked)
    answer = np.where(replied, aim.memory.asked - np.where(replied, step, 0.0), opening)
    return np.minimum(np.maximum(answer, floor), best)
