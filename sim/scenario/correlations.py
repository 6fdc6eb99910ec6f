"""Rank correlations between uncertain numbers: a Gaussian copula, and whether what is written can hold together.

Each leaf keeps its one uniform u, keyed by its path.  Leaves tied together, directly or through others, form a group,
sorted by path; with z = ndtri(u) and L the Cholesky factor of the group's matrix, z' = L z and u' = ndtr(z').  Every u'
is uniform, so that no range changes.  A rank correlation r (Spearman's) is one of 2 sin(pi r / 6) between normals
(Pearson 1907; Iman & Conover 1982).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sim.scenario.explain import Finding
from sim.scenario.faults import listing, nearest, number, show
from sim.scenario.walk import leaves

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sim.scenario.read import Path
    from sim.scenario.schema import Correlation, Scenario

    F = NDArray[np.float64]

EDGE = 1e-12  # uniforms are kept this far from 0 and 1, where a normal has no value
LEAST = 1e-9  # eigenvalue below which correlations contradict one another
INVOLVED = 0.2  # share of the largest part in that eigenvalue's direction from which a number is named
HALVINGS = 40


class Group:
    """Leaves whose uniforms move together: their paths, sorted, and the factor that ties them."""

    def __init__(self, paths: Sequence[str], ranks: dict[frozenset[str], float]) -> None:
        import numpy as np

        self.paths = tuple(paths)
        self.factor = np.linalg.cholesky(matrix(self.paths, ranks))

    def tie(self, uniforms: Sequence[F]) -> list[F]:
        """Return the tied uniforms (n,) of each path from independent ones (n,), in the order of `paths`."""
        import numpy as np
        from scipy.special import ndtr, ndtri  # 0.1 s of import that only correlated leaves pay

        normal = [np.asarray(ndtri(np.clip(u, EDGE, 1.0 - EDGE)), dtype=np.float64) for u in uniforms]
        tied = []
        for row, weights in enumerate(self.factor):
            total = weights[0] * normal[0]
            for column in range(1, row + 1):
                total = total + weights[column] * normal[column]
            tied.append(np.asarray(ndtr(total), dtype=np.float64))
        return tied


def groups_of(scenario: Scenario) -> list[Group]:
    """Return the groups of correlated leaves; a number that is fixed ties nothing."""
    uncertain = {path for path, leaf in leaves(scenario) if not leaf.certain}
    ranks = ranks_of(rule for rule in scenario.correlations if uncertain.issuperset(rule.between))
    return [Group(paths, ranks) for paths in components(ranks)]


def ranks_of(rules: Iterator[Correlation]) -> dict[frozenset[str], float]:
    """Return the rank correlation of each pair of paths; a rank of 0 ties nothing."""
    return {frozenset(rule.between): rule.rank for rule in rules if rule.rank != 0}


def components(pairs: dict[frozenset[str], float]) -> list[list[str]]:
    """Return the paths that hang together, each group sorted, groups by their first path.

    >>> components({frozenset("ad"): 0.5, frozenset("bc"): 0.5, frozenset("cd"): 0.1, frozenset("xy"): 0.2})
    [['a', 'b', 'c', 'd'], ['x', 'y']]
    """
    root = {path: path for pair in pairs for path in pair}
    for pair in pairs:
        low, high = sorted(root[path] for path in pair)
        root = {path: low if top == high else top for path, top in root.items()}
    return [sorted(path for path in root if root[path] == top) for top in sorted(set(root.values()))]


def pearson(rank: float) -> float:
    """Return the correlation of two normals whose rank correlation is ``rank``, 2 sin(pi r / 6) (Pearson 1907)."""
    return 2.0 * math.sin(math.pi * rank / 6.0)


def matrix(paths: Sequence[str], ranks: dict[frozenset[str], float]) -> F:
    """Return the correlations of the normals (k, k): 2 sin(pi r / 6) where a rank is stated, else 0."""
    import numpy as np

    found = np.eye(len(paths))
    for i, one in enumerate(paths):
        for j, two in enumerate(paths[:i]):
            found[i, j] = found[j, i] = pearson(ranks.get(frozenset({one, two}), 0.0))
    return found


def dominated(paths: Sequence[str], ranks: dict[frozenset[str], float]) -> bool:
    """Tell whether a matrix is surely positive definite, without loading numpy.

    Its smallest eigenvalue is at least 1 less the largest sum of a row's correlations (Gershgorin 1931).

    >>> dominated(("a", "b"), {frozenset({"a", "b"}): 0.9}), dominated(("a", "b"), {frozenset({"a", "b"}): 1.0})
    (True, False)
    """
    rows = [sum(abs(pearson(ranks.get(frozenset({one, two}), 0.0))) for two in paths if two != one) for one in paths]
    return 1.0 - max(rows) > LEAST


def check_correlations(scenario: Scenario) -> Iterator[Finding]:
    """Find correlations of unknown or fixed numbers, pairs written twice, and correlations that contradict another."""
    if not scenario.correlations:
        return
    known = {path: leaf.certain for path, leaf in leaves(scenario)}
    first: dict[frozenset[str], int] = {}
    sound = []
    for i, rule in enumerate(scenario.correlations):
        found = [*_ends(rule, known, ("correlations", i, "between"))]
        pair = frozenset(rule.between)
        if not found and pair in first:
            sentence = f"this pair is written in item {first[pair] + 1} already; keep one of them"
            found = [Finding(("correlations", i, "between"), sentence)]
        yield from found
        if not found:
            first[pair] = i
            sound.append(rule)
    yield from _contradictions(ranks_of(iter(sound)), first)


def _ends(rule: Correlation, known: dict[str, bool], path: Path) -> Iterator[Finding]:
    """Find ends that are no uncertain number, and one number at both ends."""
    if rule.between[0] == rule.between[1]:
        yield Finding(path, f"{show(rule.between[0])} stands twice; a number goes with another one")
        return
    for j, name in enumerate(rule.between):
        if name not in known:
            yield Finding((*path, j), f"{show(name)} is no number of this scenario{nearest(name, known)}")
        elif known[name] and rule.rank != 0:
            sentence = f"{show(name)} is a fixed number, which goes with nothing; give it a range, or delete this"
            yield Finding((*path, j), f"{sentence} correlation")


def _contradictions(ranks: dict[frozenset[str], float], place: dict[frozenset[str], int]) -> Iterator[Finding]:
    """Find groups whose matrix is not positive definite: no numbers can have all these correlations."""
    open_ = [paths for paths in components(ranks) if not dominated(paths, ranks)]
    if not open_:
        return
    import numpy as np

    for paths in open_:
        sizes, directions = np.linalg.eigh(matrix(paths, ranks))
        if sizes[0] > LEAST:
            continue
        part = np.abs(directions[:, 0])
        named = [path for path, size in zip(paths, part, strict=True) if size >= INVOLVED * part.max()]
        pairs = [frozenset({one, two}) for i, one in enumerate(named) for two in named[:i]]
        missing = [sorted(pair) for pair in pairs if pair not in ranks]
        sentence = (
            f"no numbers can be correlated like this: {listing(named).replace(' or ', ' and ')} contradict one another "
            f"(smallest eigenvalue {number(round(float(sizes[0]), 4))}, it must be above 0); "
            f"multiply their ranks by {number(_bearable(paths, ranks))} or less"
        )
        if missing:
            sentence += f", or state {show(missing[0][0])} with {show(missing[0][1])}, which counts as 0"
        yield Finding(("correlations", min(place[pair] for pair in pairs if pair in ranks), "rank"), sentence)


def _bearable(paths: Sequence[str], ranks: dict[frozenset[str], float]) -> float:
    """Return the largest factor on all ranks, rounded down to two digits, at which the matrix is positive definite."""
    import numpy as np

    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        scaled = matrix(paths, {pair: middle * rank for pair, rank in ranks.items()})
        low, high = (middle, high) if np.linalg.eigvalsh(scaled)[0] > LEAST else (low, middle)
    return math.floor(100 * low) / 100
