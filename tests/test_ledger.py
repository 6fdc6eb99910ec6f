"""The ledger notes what the agents, playing the same draws one by one, are seen to do."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pytest

from sim.agents import Bargain
from sim.analysis import deals as analysis
from sim.analysis import measures, outcomes
from sim.episodes import ENDINGS, binned, moments, stages, transitions
from sim.ledger import FINE, Result
from sim.montecarlo import Batch, inputs, simulate
from sim.rules import beliefs
from sim.rules.types import AGREEMENT, CAUSES, STATUSES
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario
from tests.scenario import examples
from tests.strategies import compiled, pie, played, ultimatum

DRAWS = 24


@cache
def harbour() -> tuple[Compiled, Result, list[list[Any]]]:
    """The full example, two dozen draws of it, and for each draw its state and record after every step."""
    game = compile_scenario(load(examples.written(Path(mkdtemp()), examples.FULL, "harbour-full")))
    histories = []
    for draw in range(DRAWS):
        model = Bargain(game, 0, draw)
        history: list[Any] = [(model.state, None)]
        while not model.over:
            model.step()
            history.append((model.state, model.records[-1]))
        histories.append(history)
    return game, simulate(game, DRAWS), histories


def held(history: list[Any], at: int) -> Any:
    """The state after ``at`` steps; a draw that is over stays as it was."""
    return history[min(at, len(history) - 1)][0]


def test_the_end_of_a_first_deal_is_noted() -> None:
    """Step, kind and author of the first deal's end, and every variable's change since, are what the agents show."""
    game, found, histories = harbour()
    columns, order = found.columns, [party.id for party in game.scenario.parties]
    assert (columns["ended_step"] >= 0).any()
    for draw, history in enumerate(histories):
        inside = [bool(state.status[0] == AGREEMENT) for state, _ in history]
        if True not in inside:
            assert columns["agreed_step"][draw] == columns["ended_step"][draw] == -1
            continue
        signed = inside.index(True)
        after = [at for at in range(signed, len(inside)) if not inside[at]]
        assert columns["agreed_step"][draw] == signed - 1
        assert columns["ended_step"][draw] == (after[0] - 1 if after else -1)
        changes = np.array([columns[f"moved.{name}"][draw] for name in game.layout.variables])
        if not after:
            assert columns["ended_how"][draw] == columns["ended_by"][draw] == -1
            assert np.isnan(changes).all()
            continue
        state, record = history[after[0]]
        who = max(int(record.breached[0]), int(record.reopened[0]))
        assert columns["ended_by"][draw] == (order.index(game.layout.sides[who]) if who >= 0 else -1)
        assert ENDINGS[columns["ended_how"][draw]] == kind_of(record)
        assert changes == pytest.approx((state.x - history[signed][0].x)[:, 0], abs=1e-6)


def kind_of(record: Any) -> str:
    """How a deal ended, from the record of the step."""
    if record.breached[0] >= 0:
        return "breach"
    if record.reopened[0] >= 0:
        return "reopened"
    return "expired" if record.expired[0] else "collapse"


def test_beliefs_are_counted_after_every_step() -> None:
    """The histograms of posterior mean, deviation and error are those of the agents' beliefs."""
    game, found, histories = harbour()
    pairs = [(side, type_) for side in (0, 1) for type_ in range(len(game.layout.types[1 - side]))]
    assert len(pairs) == 3
    for side, type_ in pairs:
        truth = np.array([Bargain(game, 0, draw).params.type[1 - side, type_, 0] for draw in range(DRAWS)])
        for at in range(game.layout.steps + 1):
            log_mass = np.concatenate([held(history, at).belief[side] for history in histories], axis=1)
            mean, deviation = moments(log_mass, type_)
            for name, values, low, high in (
                ("mean", mean, -1.0, 1.0),
                ("deviation", deviation, 0.0, 1.0),
                ("error", np.abs(mean - truth), 0.0, 2.0),
            ):
                counted = np.bincount(binned(values, low, high, FINE), minlength=FINE)
                assert (found.tallies[f"belief_{name}"][side, type_, at] == counted).all(), (name, at)
        assert found.tallies["belief_truth"][side, type_].sum() == DRAWS


def test_nothing_is_believed_where_nothing_is_hidden() -> None:
    """In Fearon's ultimatum only the challenger has something to guess; once answered it is as sure as it may be."""
    game = compiled(ultimatum(0, 0.4))
    tallies = simulate(game, 4000).tallies
    types = inputs(game, 0, Batch(0, 4000))[0].type[1, 0]
    assert tallies["belief_truth"][:, 0].sum(axis=1).tolist() == [4000, 0]
    assert not tallies["belief_mean"][1].any()
    error, sure = (measures.root_mean_square(tallies[f"belief_{name}"][0, 0], high) for name, high in KINDS)
    assert error["value"][0] == pytest.approx(np.sqrt((types**2).mean()), abs=1e-3)  # the prior's mean is 0
    assert sure["value"][1] < 0.6 * sure["value"][0]
    # a belief is even within each sixth of the range, and the demand falls inside one: a little too little is known
    assert sure["value"][1] - error["value"][1] == pytest.approx(0.0, abs=0.03)


KINDS = ("error", 2.0), ("deviation", 1.0)


def test_flows_are_counted_between_stages() -> None:
    """From stage to stage every draw is counted once, where the agents stood and where they stand."""
    game, found, histories = harbour()
    read = stages(game.layout.steps, game.layout.step_years)
    for before, after in pairwise(read):
        table = np.zeros((len(STATUSES), len(STATUSES)), dtype=np.int64)
        for history in histories:
            table[held(history, before).status[0], held(history, after).status[0]] += 1
        assert (found.tallies["flow"][after] == table).all()
    assert set(np.flatnonzero(found.tallies["flow"].sum(axis=(1, 2)))) == set(read[1:])


def test_more_statuses_need_no_other_code() -> None:
    """Codes of a status at the end of a longer list are counted like any other."""
    status = np.array([[0, 0, 0], [5, 1, 0], [5, 5, 1]], dtype=np.int8)
    flows = transitions(status, [0, 1, 2], 6)
    assert flows[1, 0].tolist() == [1, 1, 0, 0, 0, 1]
    assert (flows[2, 5, 5], flows[2, 1, 5], flows[2, 0, 1]) == (1, 1, 1)


def test_what_leaving_pays_at_the_start() -> None:
    """An exit, the status quo and the breakdown of a still world are worth what the file says; no exit is null."""
    way_out = {"id": "quit", "label": "Quit", "by": "b", "terms": {}, "flows": {"a": 0.4, "b": 0.25}, "absolute": True}
    tree = pie((0.9, 0.9), exits=[way_out])
    tree["status_quo"]["flows"] = {"a": 0.1, "b": 0.2}
    columns = played(tree).columns
    assert np.isnan(columns["start.exit.a"][0])
    assert columns["start.exit.b"][0] == pytest.approx(0.25)
    del tree["breakdown"]
    assert "start.breakdown.a" not in played(tree).columns
    worth = [columns[f"start.{name}.{party}"][0] for name in ("status_quo", "breakdown") for party in "ab"]
    assert worth == pytest.approx([0.1, 1.2, 0.0, 0.0], abs=1e-6)  # the pie stays with b until there is a deal


def test_moments_of_the_prior_and_of_a_sure_belief() -> None:
    """The prior has mean 0 and deviation 1/sqrt 3; all mass in one of six intervals has a sixth of that."""
    mean, deviation = moments(beliefs.prior(np.zeros((1, 1))))
    assert (mean[0], deviation[0]) == pytest.approx((0.0, 3**-0.5))
    with np.errstate(divide="ignore"):
        mean, deviation = moments(np.log(np.array([0, 0, 0, 0, 0, 1.0])[:, None]))
    assert (mean[0], deviation[0]) == pytest.approx((5 / 6, 3**-0.5 / 6))


def test_names_are_the_same_on_both_sides() -> None:
    """Analysis, which imports nothing of the simulation, calls endings and causes by the names the ledger uses."""
    assert analysis.ENDINGS == ENDINGS
    assert outcomes.CAUSES == CAUSES
