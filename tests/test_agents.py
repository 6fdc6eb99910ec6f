"""The Mesa model: agents of each kind, their decisions, and the story of a draw."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.agents import Bargain, Community, Principal, ThirdParty, trace
from sim.montecarlo import simulate
from sim.rules.types import TALKS
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario
from tests.scenario import examples
from tests.strategies import compiled, pie, random_domain


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The game of the full-featured example."""
    path: Path = examples.written(tmp_path_factory.mktemp("full"), examples.FULL, "harbour-full")
    return compile_scenario(load(path))


def test_everybody_has_an_agent(harbour: Compiled) -> None:
    """Principals, audiences, communities and third parties are agents of the model, each of its own kind."""
    model = Bargain(harbour, 0, 0)
    assert [p.name for p in model.principals] == list(harbour.layout.sides)
    assert {d.name for d in model.drifters if isinstance(d, Community)} == {"coast", "inland"}
    assert [p.name for p in model.third_parties] == ["league"]
    assert all(isinstance(p, ThirdParty) for p in model.third_parties)
    assert isinstance(model.movers["guest"], Principal)


def test_the_collector_has_a_row_for_the_start_and_for_every_step(harbour: Compiled) -> None:
    """Mesa's data collector holds status, payoffs and variables at the start and after each step."""
    model = Bargain(harbour, 0, 1)
    model.play()
    table = model.collector.get_model_vars_dataframe()
    assert len(table) == model.tick + 1 == len(model.records) + 1
    assert {"status", "payoff.host", "payoff.guest", "relief", "coast", "inland"} <= set(table.columns)
    assert table["status"].iloc[0] == "talks"
    assert table["relief"].between(0, 1).all()


def test_a_model_stops_when_nothing_more_can_happen() -> None:
    """A draw is over at the window's end or when talks have ended for good."""
    model = Bargain(compiled(pie(window=3)), 0, 0)
    model.play()
    assert model.over
    assert model.tick == 3


def test_the_trace_of_rubinsteins_pie_is_one_accepted_offer() -> None:
    """The story is one offer that is accepted, its ratification, and the end."""
    story = trace(compiled(pie()), 0, 0)
    offers = [event for event in story["events"] if event["kind"] == "offer"]
    assert [(event["actor"], event["answer"]) for event in offers] == [("a", "accept")]
    assert offers[0]["offer"]["pie"] == pytest.approx(0.7142857142857143)
    assert story["events"][-1]["kind"] == "end"
    assert story["outcome"] == "agreement"


def test_the_trace_tells_where_they_do_not_meet() -> None:
    """Every step before the first meeting says that there was none, and no offer is told of it."""
    tree = pie(points=11, window=40)
    tree["protocol"]["meetings"] = 0.2
    story = trace(compiled(tree), seed=0, draw=1)
    kinds = [event["kind"] for event in story["events"]]
    agreed = Bargain(compiled(tree), 0, 1).play().agreed_step[0]
    assert agreed > 0
    assert kinds == ["no_meeting"] * int(agreed) + ["offer", "ratified", "end"]


def test_a_traced_draw_ends_as_the_table_says(harbour: Compiled) -> None:
    """The outcome of a trace is the outcome of the same draw in a run."""
    found = simulate(harbour, 8).columns["outcome"]
    for draw in range(8):
        assert trace(harbour, 0, draw)["outcome"] == harbour.scenario.outcomes[found[draw]].id


def test_reservations_are_told_for_every_step_of_talks(harbour: Compiled) -> None:
    """A story holds what each party would have taken, in the file's order, in every step that began in talks."""
    for draw in range(4):
        model, talking = Bargain(harbour, 0, draw), []
        while not model.over:
            if model.state.status[0] == TALKS:
                talking.append(model.tick)
            model.step()
        rows = trace(harbour, 0, draw)["reservations"]
        assert [row["step"] for row in rows] == talking
        assert all(list(row["least"]) == [party.id for party in harbour.scenario.parties] for row in rows)
        side = model.layout.sides.index("host")
        assert rows[0]["least"]["host"] == model.records[0].threshold[side, 0]


def test_what_was_thought_impossible_is_counted_and_told() -> None:
    """An answer of zero likelihood leaves the belief, is counted for its draw, and stands in the draw's story."""
    tree = random_domain(3, offers="bayesian")
    for side in tree["parties"]:
        side["accuracy"] = 0.2
    flows = tree["status_quo"]["flows"]
    tree["status_quo"]["flows"] = {name: {"value": flow, "private": {"spread": 0.02}} for name, flow in flows.items()}
    game = compiled(tree)
    counts = simulate(game, 16).columns["unforeseen"]
    assert 0 < (counts > 0).sum() < 16
    for draw, count in enumerate(counts):
        told = [event for event in trace(game, 0, draw)["events"] if event["kind"] == "unforeseen"]
        assert len(told) == count
        assert all(event["actor"] in ("a", "b") for event in told)
