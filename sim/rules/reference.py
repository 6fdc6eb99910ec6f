"""Reference points of a bargain: which deals are efficient, and where cooperative solutions would settle.

Utilities of deals are rows ``(K, 2)``.  With continuous issues a row is a *piece*: every point of the straight line
from ``worths[k]`` to ``ends[k]`` can be agreed.  A deal alone is a piece of length nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.rules.types import TOLERANCE, B, F, I

TIE = 1e-13  # of scores: above what rounding does, below what tells two deals apart near a flat maximum
NAMES = ("nash", "kalai_smorodinsky", "egalitarian", "utilitarian")


class Point(NamedTuple):
    """One solution point: its utilities, and where it lies."""

    worth: F  # (2,)
    piece: int
    share: float  # of the way from the piece's start to its end


class Room(NamedTuple):
    """What of the pieces gives both sides their reserve."""

    start: F  # (K', 2)
    along: F  # (K', 2) from the start to the end of each piece
    piece: I  # (K',)
    span: F  # (2, K') the shares of the way at which a piece enters and leaves the room

    def at(self, share: F) -> F:
        """Return utilities (..., K', 2) at shares (..., K') of the way."""
        return self.start + share[..., None] * self.along


def efficient(worths: F) -> B:
    """Tell which of some deals ``worths`` (K, 2) no other deal dominates (Pareto 1906).

    A deal is dominated by one that gives one side more by over 1e-12 and the other no less by over 1e-12: where two
    sums differ by rounding alone, they are equal.  Sorted once by the first side's utility, so that 50,000 deals take
    some hundredths of a second.  Reference: Kung, Luccio & Preparata (1975), two dimensions.

    >>> efficient(np.array([[0.3, 0.5], [0.1 + 0.2, 0.6], [0.2, 0.6], [0.9, 0.1]]))
    array([False,  True, False,  True])
    """
    order = np.argsort(worths[:, 0], kind="stable")
    first, other = worths[order, 0], worths[order, 1]
    best = np.append(np.maximum.accumulate(other[::-1])[::-1], -np.inf)  # of the other, from each place on
    no_less = best[np.searchsorted(first, first - TOLERANCE, side="left")]
    more = best[np.searchsorted(first, first + TOLERANCE, side="right")]
    kept = np.empty(len(worths), dtype=np.bool_)
    kept[order] = (no_less <= other + TOLERANCE) & (more < other - TOLERANCE)
    return kept


def corners(worths: F, ends: F | None) -> I:
    """Return the efficient starts and ends of pieces, by the first side's utility: k is a start, -k-1 an end.

    A corner goes where another dominates it, or where the inside of a piece gives both sides more.
    """
    if ends is None:
        found = np.flatnonzero(efficient(worths))
        return found[np.lexsort((found, -worths[found, 1], worths[found, 0]))]
    all_, place = np.concatenate([worths, ends]), np.concatenate([np.arange(len(worths)), -1 - np.arange(len(ends))])
    _, once = np.unique(all_.round(12), axis=0, return_index=True)
    all_, place = all_[np.sort(once)], place[np.sort(once)]
    kept = efficient(all_)
    all_, place = all_[kept], place[kept]
    top = np.maximum(worths, ends)
    reaching = efficient(np.concatenate([top, all_]))[: len(top)]  # pieces that could dominate a corner at all
    beaten = np.array([_inside_gives_more(worths[reaching], ends[reaching], corner) for corner in all_], dtype=np.bool_)
    all_, place = all_[~beaten], place[~beaten]
    return place[np.argsort(all_[:, 0], kind="stable")]


def _inside_gives_more(worths: F, ends: F, corner: F) -> bool:
    inside = room(worths, ends, corner)
    if not len(inside.piece):
        return False
    middle = inside.at(inside.span.mean(axis=0))
    return bool((middle > corner + TOLERANCE).all(axis=1).any())


def room(worths: F, ends: F | None, reserve: F) -> Room:
    """Return what of some pieces gives both sides at least ``reserve`` (2,); what is a tie (1e-12) counts."""
    ends = worths if ends is None else ends
    along = ends - worths
    short = reserve - worths  # what is missing at the start
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = short / along
    there, rising, falling = short <= TOLERANCE, along > 0, along < 0
    enter = np.where(there, 0.0, np.where(rising, cross, np.inf)).max(axis=1)
    leave = np.where(falling & ~(ends >= reserve), cross, np.where(there | rising, 1.0, -np.inf)).min(axis=1)
    enter, leave = np.clip(enter, 0.0, np.inf), np.clip(leave, -np.inf, 1.0)
    inside = np.flatnonzero((enter <= leave + TOLERANCE) & (enter <= 1.0) & (leave >= -TOLERANCE))
    span = np.stack([enter[inside], np.maximum(leave[inside], enter[inside])])
    return Room(worths[inside], along[inside], inside, span)


def points(
    worths: F,
    disagreement: F,
    reserve: F,
    *,
    ends: F | None = None,
    power: float = 0.5,
    best: F | None = None,
) -> dict[str, Point | None]:
    """Return the solution points among deals that give both sides their reserve; None where no deal does.

    With gains ``g_i = u_i - d_i``, p the ``power`` of the first side, and ``m_i`` the greatest gain that leaves the
    other its reserve:

        Nash                 max  g_a^p g_b^(1-p)        (Nash 1950; Harsanyi & Selten 1972; Kalai 1977)
        Kalai-Smorodinsky    max  min(g_a / m_a, g_b / m_b)                (Kalai & Smorodinsky 1975)
        egalitarian          max  min(g_a, g_b)                            (Kalai 1977)
        utilitarian          max  u_a + u_b

    On a finite set the second is the largest smallest share of what could be gained.  Of deals that tie within 1e-13
    the efficient ones are looked at, and of these the first is taken.

    Parameters
    ----------
    worths, ends : F
        Utilities (K, 2) at the start and, with continuous issues, at the end of each piece.
    disagreement, reserve : F
        d and the least that each side takes, (2,), d at most the reserve.
    power : float
        Bargaining power of the first side in the Nash product, in [0, 1].
    best : F
        m (2,) where it is known already.

    The linear problem u_a + 2 u_b = 100 with d = (10, 5), and what a cap of 60 on u_a does:

    >>> d = np.array([10.0, 5.0])
    >>> whole = points(np.array([[0.0, 50.0]]), d, d, ends=np.array([[100.0, 0.0]]), power=0.6)
    >>> whole["nash"].worth.round(6).tolist(), whole["kalai_smorodinsky"].worth.round(6).tolist()
    ([58.0, 21.0], [50.0, 25.0])
    >>> capped = points(np.array([[0.0, 50.0]]), d, d, ends=np.array([[60.0, 20.0]]))
    >>> capped["nash"].worth.round(6).tolist(), capped["kalai_smorodinsky"].worth.round(6).tolist()
    ([50.0, 25.0], [40.769231, 29.615385])
    """
    inside = room(worths, ends, reserve)
    if not len(inside.piece):
        return dict.fromkeys(NAMES)
    if best is None:
        best = greatest(inside, disagreement)
    even = np.ones(2)
    return {
        "nash": _nash(inside, disagreement, power),
        "kalai_smorodinsky": _largest_smallest(inside, disagreement, best),
        "egalitarian": _largest_smallest(inside, disagreement, even),
        "utilitarian": _chosen(inside, inside.span, lambda worth: worth[..., 0] + worth[..., 1]),
    }


def greatest(inside: Room, disagreement: F) -> F:
    """Return m, the greatest gain (2,) of each side that leaves the other its reserve."""
    return np.maximum(inside.at(inside.span).reshape(-1, 2).max(axis=0) - disagreement, 0.0)


def furthest(worths: F, reserve: F, side: int, *, ends: F | None = None) -> Point | None:
    """Return the point best for one side that leaves the other its reserve; None where no deal does."""
    inside = room(worths, ends, reserve)
    return _chosen(inside, inside.span, lambda worth: worth[..., side]) if len(inside.piece) else None


def _nash(inside: Room, disagreement: F, power: float) -> Point:
    """On a piece ``p g_a' / g_a + (1-p) g_b' / g_b = 0`` is linear in the share of the way."""
    gain, along = inside.start - disagreement, inside.along
    slopes = along[:, 0] * along[:, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = -(power * along[:, 0] * gain[:, 1] + (1.0 - power) * along[:, 1] * gain[:, 0]) / slopes

    def product(worth: F) -> F:
        g = np.maximum(worth - disagreement, 0.0)
        return np.sqrt(g[..., 0] * g[..., 1]) if power == 0.5 else g[..., 0] ** power * g[..., 1] ** (1.0 - power)

    return _chosen(inside, _with(inside, share), product)


def _largest_smallest(inside: Room, disagreement: F, scale: F) -> Point:
    """The smallest gain over ``scale`` is greatest at a piece's end, or where the two are equal."""
    scale = np.where(scale > TOLERANCE, scale, 1.0)
    gain, along = (inside.start - disagreement) / scale, inside.along / scale
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (gain[:, 0] - gain[:, 1]) / (along[:, 1] - along[:, 0])
    return _chosen(inside, _with(inside, share), lambda worth: ((worth - disagreement) / scale).min(axis=-1))


def _with(inside: Room, share: F) -> F:
    """Return the shares (3, K') to be looked at: both ends, and one between them where it is a number."""
    enter, leave = inside.span
    return np.stack([enter, np.clip(np.where(np.isfinite(share), share, enter), enter, leave), leave])


def _chosen(inside: Room, shares: F, score: Callable[[F], F]) -> Point:
    """Return the point of the highest score among shares (..., K'): of ties the first that no other dominates."""
    worth = inside.at(shares)
    found = score(worth)
    rows, at = np.nonzero(found >= found.max() - TIE * max(1.0, abs(float(found.max()))))
    order = np.lexsort((rows, inside.piece[at]))
    rows, at = rows[order], at[order]
    first = int(np.flatnonzero(efficient(worth[rows, at]))[0])
    row, column = rows[first], at[first]
    return Point(worth[row, column], int(inside.piece[column]), float(shares[row, column]))
