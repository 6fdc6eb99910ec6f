"""Reference points of a bargain: where cooperative solutions would settle."""

from __future__ import annotations

import numpy as np

from sim.rules.types import TOLERANCE, F


def points(worths: F, disagreement: F, reserve: F) -> dict[str, F | None]:
    """Return the solution points among deals ``worths`` (K, 2) that give both their reserve; None where none does.

    ``disagreement`` (2,) is d.  Nash (1950) maximises ``(u_a - d_a)(u_b - d_b)``; Kalai & Smorodinsky (1975), on a
    finite set, the smallest gain as a share of the best possible gain; egalitarian (Kalai 1977) the smallest gain;
    utilitarian the sum.  Ties go to the first deal.

    >>> frontier = np.array([[0.0, 1.0], [0.6, 0.8], [1.0, 0.0]])
    >>> points(frontier, np.zeros(2), np.zeros(2))["nash"]
    array([0.6, 0.8])
    """
    names = ("nash", "kalai_smorodinsky", "egalitarian", "utilitarian")
    fair = worths[(worths >= reserve - TOLERANCE).all(axis=1)]
    if not len(fair):
        return dict.fromkeys(names)
    gain = np.maximum(fair - disagreement, 0.0)
    best = np.maximum(gain.max(axis=0), TOLERANCE)
    scores = (gain[:, 0] * gain[:, 1], (gain / best).min(axis=1), gain.min(axis=1), fair.sum(axis=1))
    return {name: fair[int(np.argmax(score))] for name, score in zip(names, scores, strict=True)}
