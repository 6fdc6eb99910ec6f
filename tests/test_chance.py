"""The chance of every step, drawn as steps come."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np

from sim import chance, randomness
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario
from tests.scenario import examples
from tests.strategies import compiled, normals, pie


def harbour(folder: Path) -> Compiled:
    """Return the game of the full example."""
    return compile_scenario(load(examples.written(folder, examples.FULL, "harbour-full")))


def test_chance_as_steps_come_is_that_of_the_streams(tmp_path: Path) -> None:
    """Step by step, the numbers of two blocks are those of their streams drawn at once, block beside block."""
    layout = harbour(tmp_path).layout
    blocks = range(3, 5)
    whole = chance.whole(layout, 7, blocks)
    known = {
        "variable": (normals, [f"variable:{name}" for name in layout.variables]),
        "move": (randomness.uniforms, [f"move:{move.id}" for move in layout.moves]),
        "comply": (randomness.uniforms, [f"comply:{side}" for side in layout.sides]),
        "collapse": (randomness.uniforms, ["collapse"]),
    }
    assert layout.variables
    assert layout.moves
    for field, (draw, names) in known.items():
        streams = [[draw(7, name, block, layout.steps) for block in blocks] for name in names]
        wanted = np.stack([np.concatenate(stream, axis=1) for stream in streams], axis=1)
        found = getattr(whole, field)
        assert (found.reshape(wanted.shape) == wanted).all(), field


def test_a_step_asked_for_alone_is_no_other(tmp_path: Path) -> None:
    """The first steps of a stream of shocks are the first of all; nothing hangs on how many are asked for."""
    layout = harbour(tmp_path).layout
    whole = chance.whole(layout, 0, range(1))
    for t, shocks in enumerate(islice(chance.steps(layout, 0, range(1)), 3)):
        for some, every in zip(shocks, chance.at_step(whole, t), strict=True):
            assert (some == every).all()


def test_what_a_game_does_not_use_is_nought() -> None:
    """Where the sides take turns and always meet, nobody draws lots for who proposes or whether they meet."""
    game = compiled(pie((0.9, 0.9)))
    whole = chance.whole(game.layout, 0, range(1))
    assert not whole.propose.any()
    assert not whole.meet.any()
    assert not whole.offer.any()
    assert whole.variable.shape == (game.layout.steps, 0, randomness.BLOCK)
    assert whole.ratify.all()
