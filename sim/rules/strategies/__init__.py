"""How a side offers and how it answers: one file each, a new one is one function and one line here.

An offer strategy is ``offer(view, aim) -> Offer``, an acceptance strategy ``accepts(view, aim, worth) -> (n,) bool``.
Both see no more than their ``View`` and their ``Aim``; no strategy draws random numbers.
"""

from __future__ import annotations

from sim.rules.strategies import (
    accepting,
    bayesian,
    by_lot,
    equilibrium,
    fixed,
    time_dependent,
    tit_for_tat,
    zeuthen,
)

OFFERS = {
    "aspiration": fixed.offer,  # found for every step before the first
    "bayesian": bayesian.offer,
    "equilibrium": equilibrium.offer,
    "fixed": fixed.offer,
    "random": by_lot.offer,
    "time_dependent": time_dependent.offer,
    "tit_for_tat": tit_for_tat.offer,
    "zeuthen": zeuthen.offer,
}

ACCEPTS = {
    "going_on": accepting.going_on,
    "next": accepting.next_offer,
    "aspiration": accepting.aspiration,
    "constant": accepting.constant,
    "time": accepting.time,
    "combi": accepting.combi,
    "attrition": accepting.attrition,
    "optimal_stopping": accepting.optimal_stopping,
}
PLANNING = frozenset({"next", "combi"})  # acceptance that looks at the offer one would make oneself
