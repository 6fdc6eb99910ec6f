"""What is pivotal: going on is averaged over its ways before anyone chooses, which gives waiting its value."""

from __future__ import annotations

import numpy as np
import pytest

from sim import montecarlo
from sim.rules import expectation, look_ahead, outlook, start, trees
from tests.strategies import Tree, compiled, pie


def waiting(*, pivotal: bool, chance: float = 0.5, high: float = 1.0, low: float = 0.4) -> Tree:
    """Return a pie whose first side has an exit that is worth more if relief comes in the next step."""
    tree = pie((0.9, 0.9), window=4)
    tree["third_parties"] = [{"id": "west"}]
    tree["moves"] = [{"id": "relief", "by": "west", "on": 1, "chance": chance, "pivotal": pivotal}]
    tree["exits"] = [{"id": "quit", "by": "a", "absolute": True, "flows": {"a": low, "b": 0}}]
    effect = {"id": "more", "on": "exit", "exit": "quit", "party": "a", "move": "relief", "coefficient": high - low}
    tree["effects"] = [effect]
    return tree


def going_on(tree: Tree) -> float:
    """Return what going on is worth to the first side at the start."""
    layout, params, _, plan, state = montecarlo.one_draw(compiled(tree), 0, 0)
    ahead = outlook.outlook(0, layout, params, plan, state)
    return float(look_ahead.values(0, layout, params, plan, state, 0, ahead)[0].own[0])


@pytest.mark.parametrize(("chance", "low"), [(0.5, 0.4), (0.2, 0.4), (0.5, 0.1), (0.0, 0.4), (1.0, 0.4)])
def test_going_on_is_the_mean_over_the_branches(chance: float, low: float) -> None:
    """If relief comes the exit is the whole pie; if not, there is Rubinstein's share: chosen when it is known."""
    share = 0.9 / 1.9  # of the side that answers
    without = 0.9 * max(share, low)
    assert going_on(waiting(pivotal=True, chance=chance, low=low)) == pytest.approx(
        chance * 0.9 + (1 - chance) * without, abs=1e-9
    )


def test_waiting_is_worth_more_than_the_mean_of_what_is_waited_for() -> None:
    """By Jensen's inequality; where the exit binds in no branch, the two are the same."""
    assert going_on(waiting(pivotal=True)) > going_on(waiting(pivotal=False)) + 0.03
    quiet = {"high": 0.3, "low": 0.1}
    assert going_on(waiting(pivotal=True, **quiet)) == pytest.approx(
        going_on(waiting(pivotal=False, **quiet)), abs=1e-12
    )


def test_branches_add_up_to_the_path_without_them() -> None:
    """The chances of the branches sum to 1, and their paths average to the expected path, moves and variables alike."""
    tree = waiting(pivotal=True, chance=0.3)
    tree["variables"] = [
        {
            "id": "mood",
            "bounds": [-9, 9],
            "start": 1,
            "mean": 0,
            "reversion": 0.5,
            "volatility": 0.4,
            "pivotal": True,
        }
    ]
    tree["moves"][0]["jumps"] = {"mood": 0.5}
    tree["effects"].append({"id": "felt", "on": "flow", "party": "b", "variable": "mood", "coefficient": 0.1})
    layout, params, _, _, state = montecarlo.one_draw(compiled(tree), 0, 0)
    talks, _ = expectation.expected_chances(layout, params, state)
    still = expectation.means(layout, params, None)
    whole = expectation.forecast(6, 0, layout, params, state, talks, still)
    total, mean = 0.0, [np.zeros_like(now) for now in whole]
    branches = expectation.branches(layout)
    assert len(branches) == 4
    for branch in branches:
        likely = expectation.chance_of_branch(branch, 6, 0, layout, state, talks)
        path = expectation.forecast(6, 0, layout, params, state, talks, still, ((branch, 1),))
        mean = [so_far + likely * now for so_far, now in zip(mean, path, strict=True)]
        total += float(likely[0])
    assert total == pytest.approx(1.0)
    for one, other in zip(mean, whole, strict=True):
        assert one == pytest.approx(other, abs=1e-12)


def test_an_end_lies_a_standard_deviation_away() -> None:
    """After s steps a pivotal variable lies ``sd sqrt((1 - k^2s) / (1 - k^2))`` from its mean path."""
    tree = pie((0.9, 0.9))
    tree["variables"] = [
        {"id": "mood", "bounds": [-9, 9], "start": 0, "mean": 0, "reversion": 0.7, "volatility": 0.4, "pivotal": True}
    ]
    tree["effects"] = [{"id": "felt", "on": "flow", "party": "b", "variable": "mood", "coefficient": 0.1}]
    layout, params, _, _, state = montecarlo.one_draw(compiled(tree), 0, 0)
    up = expectation.branches(layout)[1]
    path = expectation.forecast(5, 0, layout, params, state, [], expectation.means(layout, params, None), ((up, 1),))
    decay, noise = params.variable[0, 2, 0], params.variable[0, 3, 0]
    for s, now in enumerate(path):
        assert now[0, 0] == pytest.approx(noise * np.sqrt((1 - decay ** (2 * s)) / (1 - decay**2)), abs=1e-12)


def test_a_draw_in_which_all_is_decided_goes_one_way() -> None:
    """It has a column in the branch that came alone; whoever looks beside it, every draw has the value it has alone."""
    tree = waiting(pivotal=True)
    tree["moves"][0] = {"id": "relief", "by": "west", "rate": 2, "pivotal": True}
    game = compiled(tree)
    layout, (params, _, first) = game.layout, montecarlo.inputs(game, 0, montecarlo.Batch(0, 40))
    plan, state = start.start(layout, params, first)
    state.fired[0, 1::3] = 1.0
    branches = outlook.outlook(0, layout, params, plan, state).branches
    assert branches is not None
    assert branches.ahead.now.shape[1] == 40 + np.count_nonzero(state.fired[0] == 0.0)
    where = np.arange(40) % 2 == 0
    ahead = outlook.outlook(0, layout, params, plan, state)
    for chosen in (None, where):
        found = look_ahead.values(0, layout, params, plan, state, 0, ahead, chosen).going_on.own
        assert np.isfinite(found).tolist() == ([True] * 40 if chosen is None else where.tolist())
        for draw in np.flatnonzero(np.isfinite(found)):
            one = trees.take((params, plan, state), np.array([draw]))
            alone = look_ahead.values(0, layout, *one, 0, outlook.outlook(0, layout, *one)).going_on.own
            assert alone.tobytes() == found[draw : draw + 1].tobytes()
