"""The compiled loops that stand for the limit play the same games as the rules; nothing here is timed."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.games import Size, game
from sim import montecarlo
from sim.rules.types import AGREEMENT, BREAKDOWN

pytest.importorskip("numba", reason="numba stands in the extra `bench` alone")

from benchmarks import limit


@pytest.mark.parametrize("make", limit.UNITS, ids=lambda make: str(make.__name__))
def test_each_loop_comes_to_the_same_result(make: object) -> None:
    """Every unit that is timed gives the same numbers to 1e-12, and the same classes, steps and terms."""
    assert callable(make)
    assert make(512).difference <= limit.EQUAL


def test_the_driver_agrees_draw_for_draw() -> None:
    """What the fused loop says of each draw stands in the Monte Carlo driver's columns."""
    compiled, draws = game(limit.BARGAIN), 1500
    columns = montecarlo.simulate(compiled, draws).columns
    params, shocks, first = montecarlo.inputs(compiled, 0, montecarlo.Batch(0, draws))
    ends = limit.looped(compiled.layout, params, shocks, (first >= 0.5).astype(np.int64))
    assert (ends.status == columns["status"]).all()
    assert (ends.agreed_step == columns["agreed_step"]).all()
    for side, party in enumerate(compiled.layout.sides):
        assert np.abs(ends.payoff[side] - columns[f"payoff.{party}"]).max() <= limit.EQUAL
    assert {AGREEMENT, BREAKDOWN} <= set(ends.status)
    assert len(set(ends.agreed_step)) > 5


def test_a_difference_is_seen() -> None:
    """With another draw's chance the loop ends otherwise, and what differs by more than a last digit is refused."""
    table = limit.table_of(game(limit.BARGAIN), 512)
    shifted = table.shocks._replace(variable=np.roll(table.shocks.variable, 1, axis=-1))
    ends = [limit.looped(table.layout, table.params, shocks, table.plan.first) for shocks in (table.shocks, shifted)]
    assert (ends[0].agreed_step != ends[1].agreed_step).any()
    with pytest.raises(ValueError, match="it is no limit"):
        limit._timed(limit.Unit("made up", "Made up", 1, list, list, 1e-9), 1)


@pytest.mark.parametrize("odd", [Size(), Size(protocol="stacked_alternating", strategy="random")])
def test_other_games_are_refused(odd: Size) -> None:
    """A game with anything that the loop leaves out is refused, never played wrongly."""
    table = limit.table_of(game(odd), 8)
    with pytest.raises(ValueError, match="does not know"):
        limit.looped(table.layout, table.params, table.shocks, table.plan.first)
