"""How far the rules are from what the machine allows: array rules against compiled loops, on the same chance.

Three parts of a step and one whole bargain are done both ways, and the results are held against each other: a limit
that computes something else would be none.  The loops are fused by hand (``benchmarks.loops``, numba) for one kind of
game, and leave out whatever serves to explain a draw afterwards: see ``LEFT_OUT``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from benchmarks.figures import Effort, Spread, side_by_side, table
from benchmarks.games import Size, game
from benchmarks.paths import FLAGSHIP
from sim import chance, montecarlo
from sim.rules import deals, environment, regime
from sim.rules import start as starting
from sim.rules import step as rules
from sim.rules.layout import Layout
from sim.rules.trees import take
from sim.rules.types import AGREEMENT, TALKS, TRUE, Params, Plan, Shocks, State
from sim.scenario import load
from sim.scenario.compile import compile_scenario

LEFT_OUT = (
    "The loop of a whole bargain keeps what decides a draw: variables, moves, offers, answers, ratification, flows. It "
    "leaves out what explains one afterwards: records of every move, zones, surprises, concessions, counts over time."
)
EQUAL = 1e-12
TABLE = (True, True, False, False)  # regimes in which effects count: talks and agreement
WARMED = 3  # steps of the flagship that are played before its payoff and environment are timed
Array = np.ndarray[Any, Any]


class Unit(NamedTuple):
    """One thing done both ways: by the rules, by a loop, and by how much their results differ."""

    name: str
    title: str
    draws: int
    rules: Callable[[], object]
    loop: Callable[[], object]
    difference: float  # the greatest absolute one of any number; classes, steps and terms must be equal


def measure(effort: Effort) -> dict[str, Any]:
    """Return for each unit the seconds of both and their ratio, rules over loop; ValueError where results differ."""
    draws, repeats = effort.of(2048, 8192, 8192), effort.of(3, 5, 9)
    return {"units": [_timed(make(draws), repeats) for make in UNITS]}


def _timed(unit: Unit, repeats: int) -> dict[str, Any]:
    if not unit.difference <= EQUAL:
        raise ValueError(f"{unit.name}: the loop differs from the rules by {unit.difference}; it is no limit")
    found = side_by_side(unit.rules, unit.loop, repeats)
    return {"name": unit.name, "title": unit.title, "draws": unit.draws, "difference": unit.difference, **found}


def ratios(found: dict[str, Any]) -> dict[str, tuple[dict[str, float], bool]]:
    """Return what a later run is held against: each unit's ratio; less is better."""
    return {f"limit {unit['name']}": (unit["ratio"], False) for unit in found["units"]}


def told(found: dict[str, Any]) -> str:
    """Return the part as a table for people."""
    rows = [
        (
            unit["title"],
            f"{1e9 * unit['seconds']['median'] / unit['draws']:,.0f}",
            f"{1e9 * unit['other_seconds']['median'] / unit['draws']:,.0f}",
            str(Spread(**unit["ratio"])),
            f"{unit['difference']:.0e}",
        )
        for unit in found["units"]
    ]
    return table(("time over a fused compiled loop", "ns/draw", "loop", "ratio", "differ by"), rows)


class Table(NamedTuple):
    """A batch of draws before their first step, and the chance of all steps."""

    layout: Layout
    params: Params
    shocks: Shocks
    plan: Plan
    state: State


def table_of(compiled: Any, draws: int) -> Table:
    """Return the first ``draws`` draws of a game, ready for their first step."""
    params, shocks, first = montecarlo.inputs(compiled, 0, montecarlo.Batch(0, draws))
    return Table(compiled.layout, params, shocks, *starting.start(compiled.layout, params, first))


def flagship(draws: int) -> Table:
    """Return draws of the flagship that one side begins, some steps into their play."""
    compiled = compile_scenario(load(FLAGSHIP))
    params, shocks, first = montecarlo.inputs(compiled, 0, montecarlo.Batch(0, 2 * draws))
    layout, members = next(montecarlo.by_first_mover(compiled.layout, first))
    members = members[:draws]
    params, shocks, first = take((params, shocks, first), members)
    plan, state = starting.start(layout, params, first)
    for t in range(WARMED):
        state, _ = rules.step(t, layout, params, plan, state, chance.at_step(shocks, t))
    return Table(layout, params, shocks, plan, state)


def payoff_core(draws: int) -> Unit:
    """Return the flow of one step of the flagship: issue values, effects, reliance, discounting."""
    from benchmarks import loops

    layout, params, _, _, state = flagship(draws)
    tastes, count = params.tastes, len(state.status)
    flows = [e for e in layout.effects if e.on == "flow"]
    rows = [row for row, e in enumerate(layout.effects) if e.on == "flow"]
    effects = _ints([(e.side, e.regimes[TALKS], e.regimes[AGREEMENT], e.driver, e.clause) for e in flows], 5)
    patrons: list[tuple[int, int]] = []
    reliances: list[tuple[int, int, int]] = []
    for reliance in layout.reliances:
        reliances.append((reliance.side, len(patrons), len(patrons) + len(reliance.patrons)))
        patrons += list(reliance.patrons)
    fixed = (
        tastes.discount[:, TRUE].copy(),
        effects,
        np.ascontiguousarray(tastes.effect[rows, TRUE]),
        tastes.status_quo[:, TRUE].copy(),
        _ints(reliances, 3),
        params.reliance,
        _ints(patrons, 2),
        params.patron,
    )
    foot = state.footing
    given = (state.status, state.x, state.fired, foot.base[:, TRUE].copy(), foot.clause, foot.part)
    everybody = np.ones(count, dtype=np.bool_)

    def loop() -> tuple[Array, Array]:
        weight, payoff = state.weight.copy(), state.payoff.copy()
        loops.receive(*given, weight, payoff, *fixed)
        return weight, payoff

    def arrays() -> State:
        return rules.receive(layout, params, state, everybody)

    mine, theirs = arrays(), loop()
    return Unit(
        "payoff",
        "Payoff core, flagship: one step's flows, effects, reliance",
        count,
        arrays,
        loop,
        max(_apart(mine.weight, theirs[0]), _apart(mine.payoff, theirs[1])),
    )


def environment_step(draws: int) -> Unit:
    """Return one step of the flagship's variables and communities."""
    from benchmarks import loops

    layout, params, shocks, _, state = flagship(draws)
    now = chance.at_step(shocks, WARMED)
    shifts = _ints([(s.variable, s.driver, s.clause) for s in layout.shifts], 3)
    bounds = np.array(layout.bounds)
    given = (state.status, state.x, state.fired, state.footing.clause, params.variable, bounds, shifts, params.shift)

    def loop() -> Array:
        moved = np.empty_like(state.x)
        loops.move_variables(*given, now.variable, moved)
        return moved

    def arrays() -> Array:
        drift = [environment.move_variable(v, layout, params, state, now) for v in range(len(layout.variables))]
        return rules.settle_environment(state, drift).x

    return Unit(
        "environment",
        f"Environment, flagship: one step of {len(layout.variables)} variables",
        len(state.status),
        arrays,
        loop,
        _apart(arrays(), loop()),
    )


BARGAIN = Size(protocol="stacked_alternating")


def contract_curve(draws: int) -> Unit:
    """Return the contract curve of four issues of five levels, 32 deals of it kept."""
    from benchmarks import loops

    params = table_of(game(BARGAIN), draws).params
    keep = 32
    weight, value = _values(params)
    own, other = ([weight[side, m] * value[m, side] for m in range(len(value))] for side in (0, 1))

    def arrays() -> Array:
        return deals.merge(own, other, keep)

    def loop() -> Array:
        level = np.empty((draws, len(value), keep), dtype=np.int64)
        found = np.empty((draws, 2, keep))
        loops.candidates(
            weight, value, weight, value, np.zeros(2, dtype=np.bool_), np.array([keep, 0]), level, found, found.copy()
        )
        return level

    mine, theirs = arrays(), loop().transpose(1, 2, 0)
    return Unit(
        "curve", "Contract curve of 625 deals, 32 kept", draws, arrays, loop, 0.0 if (mine == theirs).all() else np.inf
    )


class Ends(NamedTuple):
    """How draws end."""

    status: Array  # (n,)
    agreed_step: Array  # (n,)
    agreed: Array  # (M, n) levels
    payoff: Array  # (2, n)


def whole_bargain(draws: int) -> Unit:
    """Return a whole bargain from the numbers and the chance to its end: contract curve, then every step."""
    table_ = table_of(game(BARGAIN), draws)
    layout, params, shocks = table_.layout, table_.params, table_.shocks

    def arrays() -> Ends:
        return played(layout, params, shocks, table_.plan.first)

    def loop() -> Ends:
        return looped(layout, params, shocks, table_.plan.first)

    mine, theirs = arrays(), loop()
    same = all((getattr(mine, name) == getattr(theirs, name)).all() for name in ("status", "agreed_step", "agreed"))
    return Unit(
        "bargain",
        f"Whole bargain: {layout.candidates} candidates, {layout.steps} rounds of two offers, "
        f"{len(layout.variables)} variables, an audience",
        draws,
        arrays,
        loop,
        _apart(mine.payoff, theirs.payoff) if same else np.inf,
    )


def played(layout: Layout, params: Params, shocks: Shocks, first: Array) -> Ends:
    """Return the ends of draws that the rules play from start to end, finished ones dropped as the driver does."""
    plan, state = starting.start(layout, params, first.astype(np.float64))
    count = len(first)
    ends = Ends(
        np.empty(count, dtype=np.int64),
        np.empty(count, dtype=np.int64),
        np.empty((len(layout.issues), count)),
        np.empty((2, count)),
    )
    keep = np.arange(count)

    def close(keep: Array, state: State) -> None:
        for name in Ends._fields:
            getattr(ends, name)[..., keep] = getattr(state, name)

    for t in range(layout.steps):
        state, _ = rules.step(t, layout, params, plan, state, take(chance.at_step(shocks, t), keep))
        going = regime.running(state)
        if going.mean() < montecarlo.DENSE:
            close(keep, state)
            alive = np.flatnonzero(going)
            keep = keep[alive]
            params, plan, state = take((params, plan, state), alive)
    close(keep, rules.close(layout.steps, layout, params, plan, state))
    return ends


def looped(layout: Layout, params: Params, shocks: Shocks, first: Array) -> Ends:
    """Return the same from the fused loop; ValueError for a game that it does not know."""
    from benchmarks import loops

    _refuse_others(layout, params)
    tastes, draws = params.tastes, len(first)
    weight, value = _values(params)
    audience = np.array([bool(link) for link in layout.audiences])
    audience_value = np.stack([np.ascontiguousarray(table) for table in params.audience_value])
    keep = np.array([layout.curve, layout.audience_points])
    level = np.empty((draws, len(layout.issues), layout.candidates), dtype=np.int64)
    worth, support = (np.empty((draws, 2, layout.candidates)) for _ in range(2))
    loops.candidates(weight, value, params.audience_weight, audience_value, audience, keep, level, worth, support)
    status_quo = np.array(layout.fixed[layout.status_quo], dtype=np.int64)
    talk_base = np.zeros((2, draws))
    for m, at in enumerate(status_quo):
        talk_base += weight[:, m] * value[m, :, at]
    ends = Ends(
        np.empty(draws, dtype=np.int64),
        np.empty(draws, dtype=np.int64),
        np.empty((len(layout.issues), draws)),
        np.empty((2, draws)),
    )
    loops.bargain(
        layout.steps,
        layout.step_years,
        first,
        np.array([int(side.clock == "stacked") for side in layout.strategies]),
        np.array([side.until for side in layout.strategies]),
        audience,
        np.array(layout.failure_ends),
        _ints([(e.side, e.driver) for e in layout.effects], 2),
        np.array(layout.bounds),
        _ints([(m, v, row) for m, move in enumerate(layout.moves) for v, row in move.jumps], 3),
        level,
        worth,
        support,
        tastes.discount[:, TRUE].copy(),
        tastes.effect[:, TRUE].copy(),
        tastes.status_quo[:, TRUE].copy(),
        talk_base,
        tastes.breakdown[:, TRUE].copy(),
        tastes.threshold[:, TRUE].copy(),
        params.audience[:, 0].copy(),
        params.variable,
        params.move[:, 0].copy(),
        params.jump,
        params.hazard,
        params.strategy,
        shocks.variable,
        shocks.move,
        shocks.collapse,
        shocks.ratify,
        *ends,
    )
    return ends


def _refuse_others(layout: Layout, params: Params) -> None:
    """Raise ValueError for a game with anything that the fused loop leaves out."""
    known = (
        layout.stacked
        and layout.leader == 0
        and layout.casts == 1
        and not (layout.exits or layout.lumps or layout.reliances or layout.shifts or layout.clauses or layout.interim)
        and all(e.on == "flow" and e.driver >= 0 and e.regimes == TABLE for e in layout.effects)
        and all(
            m.phases == (True, True) and m.on_step < 0 and not (m.repeats or m.lumps or m.after) for m in layout.moves
        )
        and all(s.offers == "time_dependent" and s.accepts == "aspiration" for s in layout.strategies)
        and all(link in ("", "logistic") for link in layout.audiences)
        and not any(layout.can_breach + layout.can_reopen)
        and layout.collapse_absolute
        and bool((params.trust == 0).all() and (params.accuracy >= 1).all() and (params.move[:, 1] == 0).all())
    )
    if not known:
        raise ValueError("the fused loop does not know this kind of game")


def _values(params: Params) -> tuple[Array, Array]:
    """Return weights (2, M, n) and values (M, 2, L, n) of a game whose issues have equally many levels."""
    tastes = params.tastes
    value = np.stack([np.ascontiguousarray(table[:, :, TRUE]) for table in tastes.value])
    return np.ascontiguousarray(tastes.weight[:, :, TRUE]), value


def _ints(rows: list[Any], width: int) -> Array:
    return np.array(rows, dtype=np.int64).reshape(-1, width)


def _apart(one: Array, other: Array) -> float:
    return float(np.abs(one - other).max())


UNITS = (payoff_core, environment_step, contract_curve, whole_bargain)
