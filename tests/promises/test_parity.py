"""One game, two drivers: the Mesa model and the Monte Carlo block play the same draw alike, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import ledger, montecarlo
from sim.agents import Bargain
from sim.rules import regime
from sim.rules import step as rules
from sim.rules.types import Params, Record, State
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario
from tests.scenario import examples
from tests.strategies import compiled as from_tree
from tests.strategies import random_domain, with_exits

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TEXTBOOK = sorted(path.stem for path in (SCENARIOS / "textbook").glob("*.yaml"))
FLAGSHIPS = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
Moment = dict[str, Any]


def flat(name: str, tree: Any) -> Iterator[tuple[str, Any]]:
    """Yield every array of a tree of named tuples with its path."""
    if isinstance(tree, np.ndarray):
        yield name, tree
        return
    for place, part in zip(getattr(tree, "_fields", range(len(tree))), tree, strict=True):
        yield from flat(f"{name}.{place}", part)


def column(tree: Any, at: int) -> Moment:
    """Return one draw's bytes of every array of a tree."""
    return {name: np.ascontiguousarray(array[..., at]).tobytes() for name, array in flat("", tree)}


class Watch:
    """What the Monte Carlo driver plays: every draw's state and record after each step."""

    def __init__(self, draws: int) -> None:
        self.states: list[dict[int, Moment]] = [{} for _ in range(draws)]
        self.records: dict[tuple[bytes, int], Moment] = {}
        self.ends: list[Moment] = [{} for _ in range(draws)]

    def enter(self, at: int, keep: Any, state: State) -> None:
        """Note the states after ``at`` steps."""
        for place, draw in enumerate(keep):
            self.states[draw][at] = column(state, place)

    def close(self, keep: Any, state: State) -> None:
        """Note the states in which draws were dropped."""
        for place, draw in enumerate(keep):
            self.ends[draw] = column(state, place)

    def play(self, at: int, params: Params, record: Record) -> None:
        """Note what happened in the step before ``at``; draws are known by their types, which no two share."""
        for place in range(params.type.shape[-1]):
            self.records[name_of(params, place), at] = column(record, place)


def name_of(params: Params, place: int) -> bytes:
    """Return what tells one draw from all others."""
    return np.ascontiguousarray(params.type[..., place]).tobytes()


@contextmanager
def watching(draws: int) -> Iterator[Watch]:
    """Watch the Monte Carlo driver from inside while it plays."""
    watch = Watch(draws)
    step, enter, close = rules.step, ledger.Ledger.enter, ledger.Ledger.close

    def note_step(t: int, layout: Any, params: Params, *given: Any) -> tuple[State, Record]:
        state, record = step(t, layout, params, *given)
        watch.play(t + 1, params, record)
        return state, record

    def note_enter(self: Any, at: int, keep: Any, state: State, record: Record | None = None) -> None:
        watch.enter(at, keep, state)
        enter(self, at, keep, state, record)

    def note_close(self: Any, keep: Any, state: State) -> None:
        watch.close(keep, state)
        close(self, keep, state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "step", note_step)
        patch.setattr(ledger.Ledger, "enter", note_enter)
        patch.setattr(ledger.Ledger, "close", note_close)
        yield watch


@contextmanager
def inputs_kept() -> Iterator[None]:
    """Keep a block's numbers between draws: they are the same for each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(montecarlo, "inputs", lru_cache(maxsize=4)(montecarlo.inputs))
        yield


def differences(game: Compiled, draws: int, seed: int = 0, most: int | None = None) -> list[str]:
    """Return where the two drivers differ: draw, step and field."""
    found: list[str] = []
    size = most or draws
    with watching(size) as watch:
        montecarlo.play(game, seed, montecarlo.Batch(0, size))
    with inputs_kept():
        for draw in range(draws):
            found.extend(f"draw {draw}: {gap}" for gap in unlike(Bargain(game, seed, draw), watch, draw))
    return found


def unlike(model: Bargain, watch: Watch, draw: int) -> Iterator[str]:
    """Yield where one draw's Mesa model differs from what was watched.

    A draw at rest may be dropped before its end; it must then come to the same end.
    """
    steps, at, resting = watch.states[draw], 0, False
    while True:
        mine = column(model.state, 0)
        if at in steps:
            yield from (f"step {at}: State{name}" for name in mine if mine[name] != steps[at][name])
        elif not resting:
            yield f"step {at}: the block has dropped it"
            return
        if at in steps and at:
            record = column(model.records[-1], 0)
            theirs = watch.records[name_of(model.params, 0), at]
            yield from (f"step {at}: Record{name}" for name in record if record[name] != theirs[name])
        if model.over:
            ends = watch.ends[draw]
            yield from (f"the end: State{name}" for name in mine if mine[name] != ends[name])
            return
        resting = bool(regime.at_rest(model.layout, model.state)[0])
        model.step()
        at = model.tick


def noted(reached: Any, figure: str) -> None:
    """Note a figure for the table of promises."""
    reached(1, figure)


def differs(game: Compiled) -> bool:
    """Tell whether draws can differ at all: by a number of theirs, or by one of the shocks (one line for each)."""
    layout = game.layout
    params = montecarlo.inputs(game, 0, montecarlo.Batch(0, 1))[0]
    return bool(
        game.uncertain
        or game.owners
        or (params.accuracy < 1).any()
        or (layout.first < 0 and not layout.by_chance)
        or layout.protocol == "simultaneous"  # whose offer is answered first is drawn
        or (params.variable[:, 3] > 0).any()  # variable
        or layout.moves  # move, incident
        or game.scenario.breakdown is not None  # collapse
        or any(layout.audiences)  # ratify
        or any(layout.can_breach)  # comply, fallout
        or any(layout.can_reopen)  # reopen
        or layout.protocol == "random"  # propose
        or layout.by_lot  # offer
        or layout.meetings  # meet
    )


def histories(game: Compiled, draws: int) -> int:
    """Return how many different histories the block's draws have."""
    with watching(draws) as watch:
        montecarlo.play(game, 0, montecarlo.Batch(0, draws))
    return len({tuple(tuple(moment.items()) for moment in steps.values()) for steps in watch.states})


@pytest.mark.parametrize("name", TEXTBOOK)
def test_shipped_textbook_scenarios_play_alike(name: str, full: bool, reached: Callable[[int, str], None]) -> None:
    """In 1,000 draws (every day: 200) of each shipped textbook scenario no bit of any state or record differs.

    Where nothing differs between draws, all have one history, and five of them show what a thousand would.
    """
    game = compile_scenario(load(SCENARIOS / "textbook" / f"{name}.yaml"))
    draws = 1000 if full else 200
    if not differs(game):
        assert histories(game, draws) == 1
        draws = 5
    assert differences(game, draws) == []
    noted(reached, f"{name}: {draws} draws, 0 bits differ")


@pytest.mark.parametrize("name", FLAGSHIPS)
@pytest.mark.parametrize("seed", range(4))  # four runs, which as many processes can share
def test_shipped_scenarios_play_alike(name: str, seed: int, full: bool, reached: Callable[[int, str], None]) -> None:
    """In 800 draws (every day: 200) of each shipped scenario of real size no bit of any state or record differs."""
    draws = 200 if full else 50
    assert differences(compile_scenario(load(SCENARIOS / f"{name}.yaml")), draws, seed=seed) == []
    noted(reached, f"{name}, seed {seed}: {draws} draws, 0 bits differ")


@pytest.mark.parametrize("text", ["FULL", "BY_LOT", "TOGETHER", "STACKED"])
def test_the_full_featured_examples_play_alike(
    text: str, tmp_path: Path, full: bool, reached: Callable[[int, str], None]
) -> None:
    """Scenarios that use every key of the format play alike in both drivers."""
    game = compile_scenario(load(examples.written(tmp_path, getattr(examples, text), "harbour-full")))
    draws = 200 if full else 6
    assert differences(game, draws, most=max(draws, 64)) == []
    noted(reached, f"harbour-full, {text.lower()}: {draws} draws, 0 bits differ")


def test_random_scenarios_play_alike(full: bool, reached: Callable[[int, str], None]) -> None:
    """Random domains with exits, secrets, rare meetings and deals that are reopened play alike, whatever is offered."""
    count = 200 if full else 12
    for seed in range(count):
        tree = with_exits(random_domain(seed, offers=("bayesian", "equilibrium", "random")[seed % 3]), seed)
        tree["protocol"]["first"] = ("a", "random")[seed % 2]
        if seed % 4 == 3:
            tree["protocol"]["meetings"] = {"uniform": [0.2, 2]}
        if seed % 5 < 2:
            tree["parties"][seed % 5]["reopening"] = {"precision": 8, "cost": 0.02}
        if seed % 3 != 1:
            tree["parties"][0]["accuracy"] = {"uniform": [0.3, 1]}
        tree["parties"][1]["discount_factor"] = {"uniform": [0.5, 1]}
        if seed % 3 != 1:  # nobody who plays by equilibrium may have a secret
            tree["issues"][0]["weights"]["b"] = {"value": 1, "private": {"spread": 0.6}}
            tree["status_quo"]["flows"]["b"] = {"value": -0.1, "private": {"spread": 0.3, "type": "resolve"}}
        assert differences(from_tree(tree), 2, seed, most=33) == [], f"domain {seed}"
    noted(reached, f"{count} random scenarios, 0 bits differ")


def test_a_fault_in_the_agents_order_of_play_is_caught(tmp_path: Path) -> None:
    """If the agents' moves came before the environment's, the drivers would differ, and this is seen."""
    game = compile_scenario(load(examples.written(tmp_path, examples.FULL, "harbour-full")))
    settle, carry = rules.settle_environment, rules.carry_out
    waiting: list[Any] = []

    def later(state: State, rows: list[Any]) -> State:
        waiting.append(rows)
        return state

    def first(*given: Any) -> Any:
        state, struck = carry(*given)
        return settle(state, waiting.pop()), struck

    size = 16
    with watching(size) as watch:
        montecarlo.play(game, 0, montecarlo.Batch(0, size))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "settle_environment", later)
        patch.setattr(rules, "carry_out", first)
        gaps = [gap for draw in range(4) for gap in unlike(Bargain(game, 0, draw), watch, draw)]
    assert gaps


def test_a_fault_in_the_blocks_step_is_caught(tmp_path: Path) -> None:
    """If the block did something more at the end of a step, the drivers would differ, and this is seen."""
    game = compile_scenario(load(examples.written(tmp_path, examples.FULL, "harbour-full")))
    size, endure = 16, rules.endure

    def twice(*given: Any) -> Any:
        state, fallen = endure(*given)
        return state._replace(distrust=state.distrust * 1.0000001), fallen

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "endure", twice)
        with watching(size) as watch:
            montecarlo.play(game, 0, montecarlo.Batch(0, size))
    assert list(unlike(Bargain(game, 0, 0), watch, 0))
