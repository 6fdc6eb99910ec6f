"""When to accept (Baarslag, Hindriks & Jonker 2013)."""

from __future__ import annotations

import numpy as np

from sim.rules.strategies import holding_out, time_dependent
from sim.rules.strategies.aim import Aim
from sim.rules.types import TOLERANCE, B, F, View

MOST_OFFERS = 400


def going_on(view: View, aim: Aim, worth: F) -> B:
    """Accept what is worth at least going on, and at least one's exit: ``V(d) >= max(G, exit)``."""
    del aim
    return worth >= np.maximum(view.going_on, view.exit) - TOLERANCE


def next_offer(view: View, aim: Aim, worth: F) -> B:
    """Accept what is worth as much as the offer one would make oneself: ``factor * U + margin >= U(own)`` (AC_next)."""
    del view
    return aim.factor * worth + aim.margin >= aim.planned - TOLERANCE


def aspiration(view: View, aim: Aim, worth: F) -> B:
    """Accept what is worth at least what one holds out for by the clock, whatever one offers oneself."""
    return worth >= held_out_for(view, aim) - TOLERANCE


def held_out_for(view: View, aim: Aim) -> F:
    """Return what a side holds out for now (n,): over the whole deal space where its offers search that."""
    searched = holding_out.aspiration(aim)
    return time_dependent.aspiration(view, aim) if np.isnan(searched).any() else searched


def constant(view: View, aim: Aim, worth: F) -> B:
    """Accept what is worth at least a constant (AC_const)."""
    del view
    return worth >= aim.least - TOLERANCE


def time(view: View, aim: Aim, worth: F) -> B:
    """Accept anything once a share of the time is over (AC_time)."""
    del view
    return np.full_like(worth, time_dependent.elapsed(aim)) >= aim.after


def combi(view: View, aim: Aim, worth: F) -> B:
    """Accept by AC_next; late in the day also what is worth as much as the best that was ever offered (AC_combi)."""
    late = time(view, aim, worth) & (worth >= aim.memory.best - TOLERANCE)
    return next_offer(view, aim, worth) | late


def attrition(view: View, aim: Aim, worth: F) -> B:
    """Give in by lot, just often enough that the other gains nothing by holding out: a war of attrition (Fearon 1998).

    Nobody gives in before both have made their claims, nor to what is worth less than no agreement at all.
    """
    return (aim.chance < giving_in(view, aim)) & (worth >= view.alone - TOLERANCE)


def giving_in(view: View, aim: Aim) -> F:
    """Return the chance (n,) that leaves the other indifferent between giving in now and after one more round.

    ``p = (1 - k) (u_j - w_j) / (k (v_j - u_j))``: u_j what it has if it gives in, v_j if oneself does, w_j what it has
    if no agreement ever comes, k its discount factor times the chance that talks go on.  In short rounds of D years p/D
    is the hazard ``r (a + c) / (b - a)`` of the mixed equilibrium in continuous time, where a deal pays its winner b
    and its loser a, and the stalemate costs c, a year.  One gives in at once where the other never would, or would win
    too little.
    References: Hendricks, Weiss & Wilson (1988); Fearon (1998).
    """
    keep = aim.others_discount * (1.0 - aim.risk)
    lost = (1.0 - keep) * (aim.memory.conceded - view.conflict)
    won = keep * (aim.memory.theirs - aim.memory.conceded)
    mixed = (lost > 0.0) & (won > lost)
    chance = np.where(mixed, lost / np.where(mixed, won, 1.0), 1.0)
    return np.where(np.isfinite(won), chance, 0.0)


def optimal_stopping(view: View, aim: Aim, worth: F) -> B:
    """Accept what is worth more than to hear another offer, all being equally likely (Baarslag & Hindriks 2013).

    On the scale from one's reservation to one's best deal, with n offers to come, the value of hearing them is
    ``v_n = m (1 + (b v_(n-1))^2) / 2 + (1-m) b v_(n-1)``, ``v_0 = 0``, b the discount factor times the chance that
    talks go on, m the chance that a round brings an offer.
    """
    best, floor = time_dependent.room(view)
    return worth >= floor + hold_out(aim) * (best - floor) - TOLERANCE


def hold_out(aim: Aim) -> F:
    """Return ``b v_n`` (n,), what hearing the offers to come is worth on the scale from 0 to 1."""
    keep = aim.discount * (1.0 - aim.risk)
    return keep * stopping_value(aim.left, keep, aim.meeting)


def stopping_value(left: int, keep: F, meeting: F) -> F:
    """Return ``v_n`` (n,) of ``left`` = n rounds to come; after a few hundred it stands still.

    >>> import numpy as np
    >>> [round(float(stopping_value(n, np.ones(1), np.ones(1))[0]), 6) for n in (1, 2, 3, 10)]
    [0.5, 0.625, 0.695312, 0.861098]
    >>> stopping_value(2, np.ones(1), np.full(1, 0.5)).round(6)  # one offer of two, on average
    array([0.390625])
    """
    value = np.zeros_like(keep)
    for _ in range(min(left, MOST_OFFERS)):
        held = keep * value
        value = meeting * (0.5 * (1.0 + held * held)) + (1.0 - meeting) * held
    return value
