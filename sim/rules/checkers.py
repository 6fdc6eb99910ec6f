"""Checkers that stand beside the solvers: whether a result has the property that theory says it has.

They share no code with what they check: no curve, no look-ahead, no backward induction.
"""

from __future__ import annotations

import numpy as np

from sim.rules.types import B, F, I

TIE = 1e-10  # utilities closer than this are taken as equal


def is_individually_rational(worths: tuple[F, F], floor: tuple[F, F]) -> B:
    """Tell whether deals (..., n) give each side at least its floor, ``u_i >= d_i``.

    >>> is_individually_rational((np.array([0.7, 0.7]), np.array([0.3, 0.2])), (np.array(0.5), np.array(0.3)))
    array([ True, False])
    """
    return (worths[0] >= floor[0] - TIE) & (worths[1] >= floor[1] - TIE)


def is_pareto_efficient(worths: tuple[F, F], own: F, other: F) -> B:
    """Tell whether no deal among (own, other), each (K, n), gives one side more than deals (n,) and the other no less.

    Half of each of three issues weighted (0.6, 0.3, 0.1) and (0.2, 0.3, 0.5) is worth (0.5, 0.5), and is beaten
    by (0.7, 0.7) (Raiffa 1982):

    >>> own, other = np.array([[0.0], [0.6], [0.7], [0.9], [1.0]]), np.array([[1.0], [0.8], [0.7], [0.5], [0.0]])
    >>> is_pareto_efficient((np.array([0.5]), np.array([0.5])), own, other)
    array([False])
    >>> is_pareto_efficient((np.array([0.7]), np.array([0.7])), own, other)
    array([ True])
    """
    better = (own > worths[0] + TIE) & (other >= worths[1] - TIE) | (own >= worths[0] - TIE) & (other > worths[1] + TIE)
    return np.logical_not(better.any(axis=0))


def is_subgame_perfect(
    offer: I,
    accepted: B,
    worths: F,
    discount: F,
    *,
    conflict: F | None = None,
    proposer: I | None = None,
    talks: F | None = None,
    hazard: float = 0.0,
    ruin: F | None = None,
    tolerance: float = 1e-9,
) -> bool:
    """Tell whether two strategies of a game of offers are best replies in every subgame, on the path and off it.

    By the one-shot deviation principle (Blackwell 1965; Osborne & Rubinstein 1990, Bargaining and Markets, 3.4) it is
    enough that nobody gains by acting otherwise once and returning to its strategy: see ``one_shot_gains``, which
    explains the arguments.  For finite games, and with rounds that repeat for ever where the future is discounted.

    Rubinstein (1982), d = (0.9, 0.8): 1 offers itself 0.714286, which 2 accepts, and would accept from 0.642857 on.

    >>> d1, d2 = 0.9, 0.8
    >>> one, two = (1 - d2) / (1 - d1 * d2), d1 * (1 - d2) / (1 - d1 * d2)
    >>> share = np.array([0.0, 0.3, two, 0.7, one, 0.8, 1.0])
    >>> pie = np.stack([share, 1 - share], axis=1)
    >>> rule = np.array([1 - share >= 1 - one, share >= two])  # what 2 accepts from 1, and 1 from 2
    >>> is_subgame_perfect(np.array([4, 2]), rule, pie, np.array([d1, d2]))
    True
    >>> is_subgame_perfect(np.array([3, 2]), rule, pie, np.array([d1, d2]))  # 1 asks for too little
    False

    Stahl (1972), three rounds, d = 0.9: the first proposer gets 0.91.

    >>> share = np.array([0.0, 0.9, 0.91, 1.0])
    >>> pie = np.stack([share, 1 - share], axis=1)
    >>> rule = np.array([1 - share >= 0.09 - 1e-9, share >= 0.9, 1 - share >= 0])
    >>> is_subgame_perfect(np.array([2, 1, 3]), rule, pie, np.array([0.9, 0.9]), conflict=np.zeros(2))
    True
    """
    gains = one_shot_gains(
        offer, accepted, worths, discount, conflict=conflict, proposer=proposer, talks=talks, hazard=hazard, ruin=ruin
    )
    return bool((gains <= tolerance).all())


def one_shot_gains(
    offer: I,
    accepted: B,
    worths: F,
    discount: F,
    *,
    conflict: F | None = None,
    proposer: I | None = None,
    talks: F | None = None,
    hazard: float = 0.0,
    ruin: F | None = None,
) -> F:
    """Return the most that the proposer and the answering side of each round gain by one deviation, shape (T, 2).

    A refusal in round t is worth, as in the model,

        G_i(t) = (1-d_i) q_i + d_i { h B_i + (1-h) V_i(t+1) }

    and V(t) is what round t comes to when both keep to their strategies.  The proposer deviates by any other offer, or
    none; the answering side by the other answer to any offer, made or not.

    Parameters
    ----------
    offer : I
        Place of the deal offered in each round (T,); -1 where none is made.
    accepted : B
        Whether the answering side of each round accepts each deal (T, K).
    worths : F
        What each deal is worth to both (K, 2).
    discount : F
        Factor per round (2,) in (0, 1].
    conflict : F or None
        What both have after the last round without a deal (2,).  None: after the last round comes the first again,
        for ever, so that T rounds are one turn of a stationary strategy.
    proposer : I or None
        The side that offers in each round (T,), 0 or 1; by default 0 and 1 in turn, from 0 on.
    talks : F or None
        q, what a round of talks yields (2,); by default nothing.
    hazard, ruin : float, F or None
        h and B (2,), the chance of a collapse after a refusal and what it leaves; by default none, and nothing.

    Raises
    ------
    ValueError
        Where rounds repeat for ever and their number is odd although the sides take turns.
    """
    rounds = len(offer)
    if proposer is None:
        if conflict is None and rounds % 2:
            raise ValueError(f"{rounds} rounds by turns cannot repeat for ever; give an even number")
        proposer = np.arange(rounds) % 2
    flow = (1.0 - discount) * (np.zeros(2) if talks is None else talks)
    flow = flow + discount * hazard * (np.zeros(2) if ruin is None else ruin)
    onward = discount * (1.0 - hazard)
    agreed = [int(k) if k >= 0 and accepted[t, k] else -1 for t, k in enumerate(offer)]
    later = _for_ever(agreed, worths, flow, onward, talks) if conflict is None else conflict
    gains = np.empty((rounds, 2))
    for t in reversed(range(rounds)):
        refused = flow + onward * later
        now = worths[agreed[t]] if agreed[t] >= 0 else refused
        p, r = int(proposer[t]), 1 - int(proposer[t])
        reached = np.where(accepted[t], worths[:, p], refused[p])  # by each offer that could be made
        missed = np.where(accepted[t], refused[r] - worths[:, r], worths[:, r] - refused[r])
        gains[t] = max(float(reached.max()), float(refused[p])) - now[p], missed.max()
        later = now
    return gains


def _for_ever(agreed: list[int], worths: F, flow: F, onward: F, talks: F | None) -> F:
    """Return what the first round is worth (2,) if the rounds repeat for ever."""
    gathered, weight = np.zeros(2), np.ones(2)
    for k in agreed:
        if k >= 0:
            found: F = gathered + weight * worths[k]
            return found
        gathered, weight = gathered + weight * flow, weight * onward
    endless = np.zeros(2) if talks is None else talks
    return np.where(weight < 1.0, gathered / np.where(weight < 1.0, 1.0 - weight, 1.0), endless)
