"""Backward induction on the contract curve."""

from __future__ import annotations

import numpy as np

from sim.rules import beliefs
from sim.rules.settling import settle
from sim.rules.strategies.aim import Aim, no_offer
from sim.rules.types import Offer, View


def offer(view: View, _aim: Aim) -> Offer:
    """Offer the best deal for oneself that gives the other what it demands.

    The other's demand is its value of going on or its exit, solved back from the deadline (Stahl 1972) or from the
    stationary solution (Rubinstein 1982); the other is taken at its expected types.
    """
    seen = beliefs.linear(view.seen[0], view.seen[1:], beliefs.expected(view.mass, view.points))
    demand = beliefs.at_type(view.demand, beliefs.mean_type(view.mass))
    deal = settle(view.own, seen, demand, view.joined)
    return no_offer(view, deal.segment, deal.fraction, np.where(deal.made, deal.first, -np.inf))
