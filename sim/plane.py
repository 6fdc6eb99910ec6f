"""One draw's bargain in the utility plane, and its dance of offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.chance import at_step
from sim.ledger import classify
from sim.montecarlo import one_draw
from sim.rules import look_ahead, outlook, pricing, reference, regime, succession
from sim.rules import step as rules
from sim.rules.layout import Layout
from sim.rules.types import ANSWERS, Params, Plan, Said, Shocks, State

if TYPE_CHECKING:
    from sim.scenario.compile import Compiled

Array = NDArray[Any]


def plane(compiled: Compiled, seed: int, draw: int) -> dict[str, Any]:
    """Return one draw's utility plane at the start, and its dance of offers, in the parties' order of the file.

    Curve, solution points, reservation values and exits are the truth of that draw; the dance holds every offer with
    what it was worth to both when it was made.
    """
    layout, params, shocks, plan, state = one_draw(compiled, seed, draw)
    order = [layout.sides.index(party.id) for party in compiled.scenario.parties]
    ahead = outlook.outlook(0, layout, params, plan, state)
    given = 0, layout, params, plan, state
    worths = [look_ahead.values(*given, side, ahead) for side in (0, 1)]
    views = [look_ahead.view(*given, side, ahead, worths[side]) for side in (0, 1)]
    worth = np.stack([pricing.worth_of_list(layout, params, plan.deals[0], s, ahead)[:, 0] for s in (0, 1)], axis=1)
    curve = np.array(sorted({(float(a), float(b)) for a, b in worth}))
    joined = plan.deals[0].joined  # (K, 1) to the next candidate, every point between them being a deal
    along = worth if joined is None else np.where(joined > 0, np.roll(worth, -1, axis=0), worth)
    floor = np.array([float(view.alone[0]) for view in views])
    reserve = np.array([float(view.reserve[0]) for view in views])
    found = {
        "draw": draw,
        "parties": [party.id for party in compiled.scenario.parties],
        "curve": _pairs(curve[reference.efficient(curve)], order),
        **{
            name: _pair(point and point.worth, order)
            for name, point in reference.points(worth, floor, reserve, ends=along).items()
        },
        "status_quo": _pair([float(ahead.path[0][side].talk[0, 0]) for side in (0, 1)], order),
        "breakdown": _pair([float(ahead.path[0][side].collapse[0, 0]) for side in (0, 1)], order),
        "exits": [
            {"label": option.label, "worth": _pair(_exit_worth(layout, params, plan, ahead, row), order)}
            for row, option in enumerate(compiled.exits)
        ],
        "reservation": _pair(reserve, order),
    }
    offers, state = dance(compiled, layout, params, shocks, plan, state)
    code = int(classify(compiled.readings[0], state)[0])
    return {**found, "offers": offers, "outcome": compiled.scenario.outcomes[code].id}


def dance(
    compiled: Compiled, layout: Layout, params: Params, shocks: Shocks, plan: Plan, state: State
) -> tuple[list[dict[str, Any]], State]:
    """Return every offer of one draw with what it was worth to both when it was made, and the last state."""
    offers: list[dict[str, Any]] = []
    for t in range(layout.steps):
        change = succession.take_office(layout, params, plan, state)
        if change is not None:
            _, params, plan, state = change
        state, record = rules.step(t, layout, params, plan, state, at_step(shocks, t))
        if record.stood.made[0]:
            offers[-1]["answer"] = ANSWERS[int(record.stood.answer[0])]
        offers.extend(_offer(compiled, layout, t, said) for said in (record.first, record.second) if said.made[0])
        if not regime.running(state)[0]:
            return offers, state
    return offers, rules.close(layout.steps, layout, params, plan, state)


def _offer(compiled: Compiled, layout: Layout, t: int, said: Said) -> dict[str, Any]:
    order = [layout.sides.index(party.id) for party in compiled.scenario.parties]
    return {
        "step": t,
        "date": compiled.dates[t + 1],
        "by": layout.sides[int(said.proposer[0])],
        "worth": _pair(said.worth[:, 0], order),
        "answer": ANSWERS[int(said.answer[0])],
        "terms": compiled.terms_of(said.level[:, 0]),
    }


def _exit_worth(layout: Layout, params: Params, plan: Plan, ahead: Any, row: int) -> list[float]:
    met = (outlook.at_the_limit(layout, params, row, ahead.now, mean) for mean in ahead.mean)
    worths = (outlook.exit_worth(layout, params, plan, row, side, at) for side, at in enumerate(met))
    return [float(worth[0, 0]) for worth in worths]


def _pair(values: Any, order: list[int]) -> list[float] | None:
    return None if values is None else [float(values[side]) for side in order]


def _pairs(points: Array, order: list[int]) -> list[list[float]]:
    return [[float(point[side]) for side in order] for point in points]
