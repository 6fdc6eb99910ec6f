"""How many deals a scenario has, counted without listing them."""

from collections import Counter
from collections.abc import Sequence

MOST_STATES = 2_000

Levels = frozenset[int]


def count(sizes: Sequence[int], excluded: Sequence[dict[int, Levels]]) -> int | None:
    """Count the combinations of levels that no constraint excludes; None where that would take too long.

    `sizes` holds the number of levels of each issue; each constraint maps issues to the levels that it excludes
    together. Issues are taken one after the other; partial deals that meet the same constraints so far are counted
    together, so that a product of 50^12 deals costs no more than one of 50.
    """
    last = [max(box) for box in excluded]
    everything = (1 << len(excluded)) - 1
    ways: Counter[int] = Counter({everything: 1})
    for issue, size in enumerate(sizes):
        steps = _signatures(issue, size, excluded)
        closing = sum(1 << i for i, end in enumerate(last) if end == issue)
        following: Counter[int] = Counter()
        for alive, number in ways.items():
            for signature, levels in steps.items():
                met = alive & signature
                if not met & closing:
                    following[met] += number * levels
        ways = following
        if len(ways) > MOST_STATES:
            return None
    return ways.total()


def _signatures(issue: int, size: int, excluded: Sequence[dict[int, Levels]]) -> Counter[int]:
    """Count an issue's levels by the set of constraints that each leaves alive."""
    masks = [0] * size
    for i, box in enumerate(excluded):
        levels = box.get(issue)
        for level in range(size) if levels is None else levels:
            masks[level] |= 1 << i
    return Counter(masks)
