"""Every deal there is, for one or many draws: which can be offered, what each is worth, and which lines join them.

Deals are counted in the order of issues (by id) and of their levels, the last issue fastest; a deal's place is its id.
Continuous issues that stand alone are followed along their contract curve: from every combination of the other issues'
levels they go in the order of the ratio of one side's gain to the other's loss (logrolling; Raiffa 1982).
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

from sim.rules import candidates, deals, pricing
from sim.rules.layout import Layout
from sim.rules.outlook import Outlook
from sim.rules.reference import efficient
from sim.rules.types import F, Params, Plan


class Game(NamedTuple):
    """A bargain at its start, in the world as it is then."""

    layout: Layout
    params: Params
    plan: Plan
    ahead: Outlook

    def worth(self, level: F) -> F:
        """Return what deals ``level`` (M, K, n) are worth in truth, K_i of the model: (K, 2, n)."""
        list_ = candidates.described(self.layout, self.params, 0, level, np.zeros(level.shape[1:]))
        sides = [pricing.worth_of_list(self.layout, self.params, list_, side, self.ahead) for side in (0, 1)]
        return np.stack(sides, axis=1)


class Pieces(NamedTuple):
    """What can be agreed in one draw: deals, or with continuous issues straight lines of deals."""

    level: F  # (M, K)
    end: F | None  # (M, K); None where no issue is continuous
    worth: F  # (K, 2)
    end_worth: F | None  # (K, 2)

    def at(self, piece: int, share: float) -> F:
        """Return the levels (M,) of one point of one piece."""
        start = self.level[:, piece]
        return start if self.end is None else start + share * (self.end[:, piece] - start)


def free(layout: Layout) -> tuple[int, ...]:
    """Return the continuous issues that stand alone: no condition joins them to another issue."""
    return tuple(g.issues[0] for g in layout.groups if len(g.issues) == 1 and layout.issues[g.issues[0]].continuous)


def count(layout: Layout) -> int:
    """Return how many deals can be offered, a continuous issue that stands alone counting once."""
    alone = free(layout)
    return prod(len(group.combinations) for group in layout.groups if group.issues[0] not in alone)


def every(layout: Layout) -> F:
    """Return the levels (M, K) of all deals that can be offered, in their order; 0 for issues in ``free``."""
    alone = free(layout)
    groups = [group for group in layout.groups if group.issues[0] not in alone]
    level = np.zeros((len(layout.issues), count(layout)))
    picks = np.indices([len(group.combinations) for group in groups]).reshape(len(groups), level.shape[1])
    for group, pick in zip(groups, picks, strict=True):
        level[list(group.issues)] = np.array(group.combinations, dtype=np.float64)[pick].T
    return np.ascontiguousarray(level[:, np.lexsort(level[::-1])])


def pieces(game: Game) -> Pieces:
    """Return what can be agreed in a game of one draw."""
    level = every(game.layout)
    worth = game.worth(level[:, :, None])[:, :, 0]
    alone = free(game.layout)
    if not alone:
        return Pieces(level, None, worth, None)
    # values add up, unless deals last for a time: what is dominated stays so, whatever the continuous issues are
    kept = efficient(worth) if game.layout.duration < 0 else np.ones(len(worth), dtype=np.bool_)
    corners = chain(game, level[:, kept][:, 0], alone)
    start, end = (joined(level[:, kept], part, alone) for part in (corners[:, :-1], corners[:, 1:]))
    return Pieces(start, end, *(game.worth(part[:, :, None])[:, :, 0] for part in (start, end)))


def chain(game: Game, level: F, alone: tuple[int, ...]) -> F:
    """Return the corners (free issues, C) of the curve of the continuous issues, from the second side's best on."""
    sizes = [game.layout.issues[issue].levels for issue in alone]
    base = np.repeat(level[:, None], sum(sizes), axis=1)
    at = np.cumsum([0, *sizes])
    for issue, first, size in zip(alone, at, sizes, strict=False):
        base[issue, first : first + size] = np.arange(size)
    worth = game.worth(base[:, :, None])
    tables = [worth[first : first + size] for first, size in zip(at, sizes, strict=False)]
    corners, _ = deals.chain([table[:, 0] for table in tables], [table[:, 1] for table in tables])
    return corners[:, :, 0]


def joined(level: F, corners: F, alone: tuple[int, ...]) -> F:
    """Return every combination of levels (M, K) with every corner (free issues, C) of the curve: (M, K C)."""
    found = np.repeat(level, corners.shape[1], axis=1)
    found[list(alone)] = np.tile(corners, level.shape[1])
    return np.ascontiguousarray(found)


__all__ = ["Game", "Pieces", "chain", "count", "every", "free", "joined", "pieces"]
