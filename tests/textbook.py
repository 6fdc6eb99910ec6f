"""The shipped textbook scenarios, played through both drivers."""

from __future__ import annotations

from pathlib import Path

from sim import montecarlo
from sim.agents import Bargain
from sim.rules.types import F
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario

SHELF = Path(__file__).parents[1] / "scenarios" / "textbook"


def played(name: str, *sets: str, draws: int = 1) -> dict[str, F]:
    """Return the columns of a shipped scenario, which both drivers play alike."""
    return alike(compile_scenario(load(SHELF / f"{name}.yaml", sets)), draws)


def alike(game: Compiled, draws: int = 1) -> dict[str, F]:
    """Return the Monte Carlo driver's columns, after the Mesa model has played the first draw to the same end."""
    found = montecarlo.simulate(game, draws).columns
    state = Bargain(game, 0, 0).play()
    assert state.status[0] == found["status"][0]
    assert state.agreed_step[0] == found["agreed_step"][0]
    for side, party in enumerate(game.layout.sides):
        assert state.payoff[side, 0] == found[f"payoff.{party}"][0]
    return found


def agreed(name: str, issue: str, *sets: str) -> float:
    """Return the level of one issue in a deal that was struck with the first offer."""
    found = played(name, "time.window=1", *sets)
    assert found["agreed_step"][0] == 0
    return float(found[f"agreed.{issue}"][0])


def walked(name: str, *sets: str) -> Bargain:
    """Return the Mesa model of the first draw, played to its end."""
    model = Bargain(compile_scenario(load(SHELF / f"{name}.yaml", sets)), 0, 0)
    model.play()
    return model
