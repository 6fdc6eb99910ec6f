"""Everything `parley solve` says of one scenario, as plain numbers in the parties' order of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.rules import disagreement, reference, space
from sim.rules.types import F
from sim.solution import sharpen
from sim.solution.bargain import Bargain, Wish, bargain, order_of
from sim.solution.played import protocol
from sim.solution.spread import affordable, spread, told, uncertain

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.scenario.compile import Compiled

DRAWS = 500


def solve(
    compiled: Compiled,
    wish: Wish | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Return deals, efficient set, zone of agreement and solution points of a scenario.

    Uncertain numbers stand at their medians; ``uncertain`` tells of the same bargain over ``draws`` draws, and
    ``protocol`` of how the scenario's own protocol ends it.  Raises TooManyError where there are more deals than can
    be listed.
    """
    wish = wish or Wish()
    order = order_of(compiled)
    one = bargain(compiled, compiled.middle_params(), wish)
    points = sharpen.points(compiled, compiled.middle(), one)
    whole = not space.free(compiled.layout)
    found: dict[str, Any] = {
        "scenario": compiled.scenario.id,
        "parties": [party.id for party in compiled.scenario.parties],
        "deals": space.count(compiled.layout) if whole else None,
        "disagreement": _pair(one.disagreement, order),
        "disagreement_from": "stated" if wish.point else wish.kind or disagreement.kind_of(compiled.layout),
        "reservation": _pair(one.reserve, order),
        "zone_of_agreement": points["nash"] is not None,
        "deals_in_zone": _in_zone(one) if whole else None,
        "pareto": efficient(compiled, one),
        **{name: _pair(point[0], order) if point else None for name, point in points.items()},
        "asymmetric_nash": _asymmetric(compiled, one, wish),
        "deals_at": {name: compiled.terms_of(point[1]) if point else None for name, point in points.items()},
        "protocol": protocol(compiled, draws, seed, progress),
        "uncertain": None,
    }
    if uncertain(compiled):
        found["uncertain"] = _over_draws(compiled, wish, draws, seed, progress)
    return found


def efficient(compiled: Compiled, one: Bargain) -> list[dict[str, Any]]:
    """Return the efficient deals, from the worst to the best for the layout's first side turned to the file's first.

    With continuous issues they are the corners of the contract curve, ``joined`` where every point of the straight
    line to the next one can be agreed.
    """
    order = order_of(compiled)
    seen = one.pieces
    places = [int(place) for place in reference.corners(seen.worth, seen.end_worth)]
    places = places if order == [0, 1] else places[::-1]
    rows: list[dict[str, Any]] = []
    for place in places:
        piece, share = (place, 0.0) if place >= 0 else (-place - 1, 1.0)
        worth = seen.worth[piece] if seen.end_worth is None or place >= 0 else seen.end_worth[piece]
        rows.append({"deal": compiled.terms_of(seen.at(piece, share)), "worth": _pair(worth, order)})
    if seen.end_worth is not None:
        lines = {frozenset((_key(a), _key(b))) for a, b in zip(seen.worth, seen.end_worth, strict=True)}
        keys = [frozenset({_key(np.array(row["worth"])[order])}) for row in rows]
        for row, here, there in zip(rows, keys, [*keys[1:], frozenset()], strict=True):
            row["joined"] = bool(there) and here | there in lines
    return rows


def cloud(compiled: Compiled, wish: Wish) -> F:
    """Return what every deal is worth (K, 2) in the parties' order; no rows with continuous issues."""
    if space.free(compiled.layout):
        return np.zeros((0, 2))
    return bargain(compiled, compiled.middle_params(), wish).pieces.worth[:, order_of(compiled)]


def _key(worth: F) -> tuple[float, float]:
    return round(float(worth[0]), 12), round(float(worth[1]), 12)


def _pair(values: F, order: list[int]) -> list[float]:
    return [float(values[side]) for side in order]


def _in_zone(one: Bargain) -> int:
    return len(reference.room(one.pieces.worth, None, one.reserve).piece)


def _asymmetric(compiled: Compiled, one: Bargain, wish: Wish) -> dict[str, Any] | None:
    """Return the Nash point with unequal powers: those stated, or those that patience gives when rounds are short."""
    order = order_of(compiled)
    power = one.power
    if wish.power is not None:
        power = wish.power if order == [0, 1] else 1.0 - wish.power
    if power is None:
        return None
    point = sharpen.points(compiled, compiled.middle(), one, power)["nash"] if power != 0.5 else None
    point = point or sharpen.points(compiled, compiled.middle(), one)["nash"]
    return {
        "powers": _pair(np.array([power, 1.0 - power]), order),
        "powers_from": "patience" if wish.power is None else "stated",
        "worth": _pair(point[0], order) if point else None,
        "deal": compiled.terms_of(point[1]) if point else None,
    }


def _over_draws(
    compiled: Compiled, wish: Wish, draws: int, seed: int, progress: Callable[[int], None] | None
) -> dict[str, Any]:
    from sim.analysis.outcomes import estimated

    played, draws = draws, affordable(compiled, draws)
    columns = spread(compiled, wish, draws, seed, progress and (lambda done: progress(played + done)))
    order = order_of(compiled)
    names = (*reference.NAMES, "disagreement", "reservation")
    return {
        "draws": draws,
        "seed": seed,
        "zone_of_agreement": estimated(columns["zone"]),
        **{name: told(columns[name], order) for name in names},
    }
