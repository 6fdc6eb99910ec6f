"""When to accept (Baarslag, Hindriks & Jonker 2013)."""

from __future__ import annotations

import numpy as np

from sim.rules.strategies import time_dependent
from sim.rules.strategies.aim import Aim
from sim.rules.types import TOLERANCE, B, F, View


def going_on(view: View, aim: Aim, worth: F) -> B:
    """Accept what is worth at least going on, and at least one's exit: ``V(d) >= max(G, exit)``."""
    del aim
    return worth >= np.maximum(view.going_on, view.exit) - TOLERANCE


def next_offer(view: View, aim: Aim, worth: F) -> B:
    """Accept what is worth as much as one's own next offer: ``factor * U(d) + margin >= aspiration`` (AC_next)."""
    return aim.factor * worth + aim.margin >= time_dependent.aspiration(view, aim) - TOLERANCE


def constant(view: View, aim: Aim, worth: F) -> B:
    """Accept what is worth at least a constant (AC_const)."""
    del view
    return worth >= aim.least - TOLERANCE
