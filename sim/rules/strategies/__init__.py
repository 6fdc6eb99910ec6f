"""How a side offers and how it answers: one file each, a new one is one function and one line here.

An offer strategy is ``offer(view, aim) -> Offer``, an acceptance strategy ``accepts(view, aim, worth) -> (n,) bool``.
Both see no more than their ``View`` and their ``Aim``; no strategy draws random numbers.
"""

from __future__ import annotations

from sim.rules.strategies import accepting, bayesian, equilibrium, fixed, time_dependent

OFFERS = {
    "bayesian": bayesian.offer,
    "equilibrium": equilibrium.offer,
    "fixed": fixed.offer,
    "time_dependent": time_dependent.offer,
}

ACCEPTS = {
    "going_on": accepting.going_on,
    "next": accepting.next_offer,
    "constant": accepting.constant,
}
