"""The world around the table."""

from __future__ import annotations

import numpy as np
import pytest

from sim import chance, montecarlo
from sim.rules import environment
from sim.rules.start import start
from sim.rules.types import F
from tests.strategies import Tree, compiled, pie, played


def drifting(**more: object) -> Tree:
    """Return a pie with a variable that reverts from 0.8 to 0.4 at rate 1.5 with volatility 0.1, in months."""
    tree = pie((0.99, 0.99), window=24)
    tree["time"] = {"step": "month", "window": 24}
    given = {"start": 0.8, "mean": 0.4, "reversion": 1.5, "volatility": 0.1, "bounds": [-5, 5], **more}
    tree["variables"] = [{"id": "tide", "label": "The tide", **given}]
    return tree


def path_of(tree: Tree, steps: int) -> F:
    """Return the variable's values (n,) after so many steps, by the engine's own function."""
    game = compiled(tree)
    params, shocks, first = montecarlo.inputs(game, 0, montecarlo.Batch(0, 4096))
    _, state = start(game.layout, params, first)
    for t in range(steps):
        row = environment.move_variable(0, game.layout, params, state, chance.at_step(shocks, t))
        state = state._replace(x=row[None])
    found: F = state.x[0]
    return found


@pytest.mark.parametrize("steps", [1, 6, 24])
def test_a_variable_is_an_exact_ornstein_uhlenbeck_process(steps: int) -> None:
    """Mean and variance after t years are m + (x-m) e^-kt and s^2 (1-e^-2kt) / 2k, within four standard errors."""
    years = steps / 12
    found = path_of(drifting(), steps)
    variance = 0.01 * -np.expm1(-3.0 * years) / 3.0
    assert abs(found.mean() - (0.4 + 0.4 * np.exp(-1.5 * years))) < 4 * np.sqrt(variance / len(found))
    assert found.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / len(found)))


def test_without_reversion_it_is_a_random_walk_and_within_bounds_it_stays() -> None:
    """Variance grows as s^2 t without reversion; no value ever leaves the bounds."""
    walk = path_of(drifting(reversion=0), 12)
    assert walk.var() == pytest.approx(0.01, rel=0.09)
    held = path_of(drifting(bounds=[0.35, 0.85], volatility=1.0), 12)
    assert held.min() >= 0.35
    assert held.max() <= 0.85


def test_a_rate_is_a_hazard_and_a_chance_a_chance() -> None:
    """A move at rate 2 a year comes in a year with chance 1 - e^-2; one on a date with its declared chance."""
    tree = drifting()
    tree["third_parties"] = [{"id": "league", "label": "The league"}]
    tree["moves"] = [
        {"id": "grant", "label": "A grant", "by": "league", "rate": 2},
        {"id": "vote", "label": "A vote", "by": "league", "on": 3, "chance": 0.25},
    ]
    tree["questions"] = [
        {"id": "granted", "text": "Granted?", "by": 12, "when": {"moved": ["grant"]}},
        {"id": "voted", "text": "Voted?", "by": 12, "when": {"moved": ["vote"]}},
    ]
    draws = 8192
    found = played(tree, draws).columns
    for name, share in (("granted", -np.expm1(-2.0)), ("voted", 0.25)):
        error = np.sqrt(share * (1 - share) / draws)
        assert abs(found[f"question.{name}"].mean() - share) < 4 * error


def test_a_move_waits_for_its_conditions() -> None:
    """A move that needs another one never comes before it, and one barred by another never after it."""
    tree = drifting()
    tree["third_parties"] = [{"id": "league", "label": "The league"}]
    tree["moves"] = [
        {"id": "first", "label": "First", "by": "league", "on": 5},
        {"id": "then", "label": "Then", "by": "league", "on": 4, "when": {"after": ["first"]}},
        {"id": "late", "label": "Late", "by": "league", "on": 6, "when": {"after": ["first"]}},
        {"id": "barred", "label": "Barred", "by": "league", "on": 7, "when": {"unless": ["first"]}},
    ]
    tree["questions"] = [
        {"id": name, "text": "?", "by": 12, "when": {"moved": [name]}} for name in ("first", "then", "late", "barred")
    ]
    found = played(tree, 4).columns
    assert found["question.first"].all()
    assert not found["question.then"].any()
    assert found["question.late"].all()
    assert not found["question.barred"].any()


def test_a_community_is_drawn_to_its_neighbours() -> None:
    """With openness 0.5 a community anchored at 0.2 beside one held at 0.8 tends to one half of each."""
    tree = drifting()
    tree["variables"] = []
    tree["communities"] = [
        {"id": "coast", "label": "Coast", "share": 1, "bounds": [0, 1], "start": 0.2, "anchor": 0.2, "openness": 0.5}
        | {"reversion": 6, "volatility": 0},
        {"id": "inland", "label": "Inland", "share": 3, "bounds": [0, 1], "start": 0.8, "anchor": 0.8, "openness": 0}
        | {"reversion": 6, "volatility": 0},
    ]
    game = compiled(tree)
    params, shocks, first = montecarlo.inputs(game, 0, montecarlo.Batch(0, 1))
    _, state = start(game.layout, params, first)
    for t in range(24):
        rows = [environment.move_variable(v, game.layout, params, state, chance.at_step(shocks, t)) for v in (0, 1)]
        state = state._replace(x=np.stack(rows))
    assert state.x[0, 0] == pytest.approx(0.5, abs=1e-4)
    assert state.x[1, 0] == pytest.approx(0.8)


def test_terms_and_moves_shift_a_mean() -> None:
    """A mean moves by its declared shift once a move has happened."""
    tree = drifting(volatility=0, reversion=12)
    tree["third_parties"] = [{"id": "league", "label": "The league"}]
    tree["moves"] = [{"id": "grant", "label": "A grant", "by": "league", "on": 0}]
    tree["variables"][0]["shifts"] = [{"move": "grant", "by": 0.3}]
    tree["questions"] = [
        {"id": "high", "text": "?", "by": 24, "when": {"variables": {"tide": {"at_least": 0.699, "at_most": 0.701}}}}
    ]
    assert played(tree).columns["question.high"].all()
