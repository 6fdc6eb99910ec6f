"""The monotonic concession protocol: who risks less concedes."""

from __future__ import annotations

import numpy as np

from sim.rules import deals
from sim.rules.strategies.aim import Aim
from sim.rules.types import TOLERANCE, B, F, Offer, View


def offer(view: View, aim: Aim) -> Offer:
    """Stand pat, or concede just enough that the other risks less (Zeuthen 1930; Harsanyi 1956).

    A side that would lose ``(asked - heard) / (asked - d)`` of what conflict costs it by taking the other's offer is
    willing to risk conflict with that probability.  Whoever's limit is lower concedes, and this is so exactly where the
    Nash product ``(u_i - d_i)(u_j - d_j)`` of its own offer is the smaller one.  Where both are the same, both concede.
    The first offer is one's best deal that the other would rather have than conflict.
    """
    product = nash_product(view)
    mine = np.where(product >= 0.0, view.own, -np.inf)
    best = np.argmax(mine, axis=0)
    standing = np.isfinite(aim.memory.asked)
    kept, theirs = standing_products(view, aim)
    concedes = standing & (kept <= theirs + TOLERANCE)
    wanted = np.where(kept < theirs - TOLERANCE, theirs - TOLERANCE, theirs + TOLERANCE)
    better = np.where((product >= wanted) & lower(view, aim), view.own, -np.inf)
    step = np.argmax(better, axis=0)
    moves = concedes & np.isfinite(deals.at_row(better, step))
    same = np.argmin(np.abs(view.own - np.where(standing, aim.memory.asked, 0.0)), axis=0)
    segment = np.where(standing, np.where(moves, step, same), best)
    return Offer(segment, None, np.isfinite(deals.at_row(mine, best)))


def nash_product(view: View) -> F:
    """Return ``(u_i - d_i)(u_j - d_j)`` of every candidate (K, n), d what conflict leaves; -1 where somebody loses."""
    gain, given = view.own - np.maximum(view.alone, view.exit), view.seen[0] - view.conflict
    fair = (gain >= -TOLERANCE) & (given >= -TOLERANCE)
    return np.where(fair, np.maximum(gain, 0.0) * np.maximum(given, 0.0), -1.0)


def standing_products(view: View, aim: Aim) -> tuple[F, F]:
    """Return the Nash products (n,) of one's own standing offer and of the other's."""
    floor = np.maximum(view.alone, view.exit)
    heard = aim.memory
    own = np.maximum(heard.asked - floor, 0.0) * np.maximum(heard.conceded - view.conflict, 0.0)
    other = np.maximum(heard.last - floor, 0.0) * np.maximum(heard.theirs - view.conflict, 0.0)
    return own, other


def lower(view: View, aim: Aim) -> B:
    """Tell which candidates (K, n) give oneself no more than one's standing offer."""
    return view.own <= aim.memory.asked + TOLERANCE
