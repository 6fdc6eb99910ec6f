"""The Monte Carlo driver: draws extend and never change, and nothing but the seed decides them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import blocks, montecarlo, plane, randomness
from sim.agents import Bargain
from sim.ledger import CAN_BE_REPEATED, Result
from sim.montecarlo import simulate
from sim.rules import deals, step
from sim.rules.trees import take
from sim.rules.types import CAUSES
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario
from tests.scenario import examples
from tests.strategies import Tree, compiled, pie, played, random_domain, ultimatum, with_exits


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The game of the small example."""
    return compile_scenario(load(examples.written(tmp_path_factory.mktemp("harbour"))))


def eventful(window: int = 6) -> Tree:
    """Return a pie with noise, a move, an audience and private information: chance touches every draw."""
    tree = pie(
        ({"uniform": [0.8, 0.95]}, 0.9), window=window, offers=("bayesian", "bayesian"), first="random", points=11
    )
    tree["parties"][0]["audience"] = {"link": "logistic", "threshold": 0.3, "precision": 10}
    tree["status_quo"]["flows"] = {"a": 0, "b": {"value": -0.8, "private": {"spread": 0.2}}}
    tree["third_parties"] = [{"id": "league", "label": "The league"}]
    tree["variables"] = [
        {"id": "tide", "label": "Tide", "bounds": [0, 1], "start": 0.5, "mean": 0.5, "reversion": 1, "volatility": 0.3}
    ]
    tree["moves"] = [{"id": "grant", "label": "A grant", "by": "league", "rate": 0.3, "jumps": {"tide": 0.2}}]
    tree["effects"] = [{"id": "wash", "on": "flow", "party": "b", "variable": "tide", "coefficient": 0.1}]
    return tree


def unlike(one: Result, two: Result, draws: int) -> list[str]:
    """Return the columns whose first draws differ in any bit."""
    names = set(one.columns) & set(two.columns)
    return sorted(n for n in names if bits(one.columns[n][:draws]) != bits(two.columns[n][:draws]))


def bits(column: Any) -> Any:
    """Return a column's bytes; of text, what it says: its width in memory hangs on the longest in a run."""
    return column.tolist() if column.dtype.kind == "S" else column.tobytes()


def test_more_draws_extend_and_never_change(full: bool, reached: Callable[[int, str], None]) -> None:
    """The draws of a run are the first ones of every longer run, bit for bit."""
    game = compiled(eventful())
    most = 10_000 if full else 3_000
    long = simulate(game, most)
    for draws in (1, 7, 1000, 1024, 1025, 2999):
        assert unlike(simulate(game, draws), long, draws) == []
    reached(3, f"N=1000 is the prefix of N={most}, 0 bits differ")


@pytest.mark.parametrize("paths", [2, 3, 700, 5_000])
def test_paths_share_parameters_and_have_their_own_chance(paths: int) -> None:
    """Draw d has the numbers, types and perceptions of parameter draw d // P, and the shocks and first mover of draw d.

    In the fourth block, for numbers of paths that do not divide a block and for one larger than a block.
    """
    game = compiled(eventful())
    block, size = 3, randomness.BLOCK
    params, shocks, first = montecarlo.inputs(game, 1, montecarlo.Batch(block, size, paths))
    draws = np.arange(block * size, (block + 1) * size)
    alone = montecarlo.inputs(game, 1, montecarlo.Batch(0, 4 * size))
    assert bytes_of((shocks, first)) == bytes_of(take(alone[1:], draws))
    assert bytes_of(params) == bytes_of(take(alone[0], draws // paths))


def bytes_of(tree: object) -> list[bytes]:
    """Every array of a tree of tuples, as bytes."""
    if isinstance(tree, np.ndarray):
        return [tree.tobytes()]
    assert isinstance(tree, tuple)
    return [part for each in tree for part in bytes_of(each)]


def test_several_paths_keep_every_promise_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With three paths too, more draws extend, and batches and workers change nothing."""
    game = compiled(eventful())
    whole = simulate(game, 4_500, paths=3)
    for draws in (1, 1025, 2999):
        assert unlike(simulate(game, draws, paths=3), whole, draws) == []
    for together, workers in ((1, 1), (99, 1), (2, 2)):
        monkeypatch.setattr(montecarlo, "TOGETHER", together)
        assert unlike(whole, simulate(game, 4_500, workers=workers, paths=3), 4_500) == []
    assert unlike(simulate(game, 50, paths=1), simulate(game, 50), 50) == []
    with pytest.raises(ValueError, match="at least 1"):
        simulate(game, 10, paths=0)


def test_it_makes_no_difference_how_many_look_ahead_or_are_merged_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking ahead a few at a time, and merging curves so too, changes no bit of the full example.

    Nor where a pivotal move has happened in some draws and not in others, so that some parts branch and some do not.
    """
    tree = eventful()
    tree["moves"][0] |= {"pivotal": True, "rate": 2}
    games = compiled(tree), compile_scenario(load(examples.written(tmp_path, examples.FULL, "harbour-full")))
    draws = 60, 20  # of the small game, and of the one whose every look is dear
    whole = [simulate(game, count) for game, count in zip(games, draws, strict=True)]
    monkeypatch.setattr(step, "AT_ONCE", 2)
    monkeypatch.setattr(deals, "AT_ONCE", 7)
    for game, found, count in zip(games, whole, draws, strict=True):
        assert unlike(found, simulate(game, count), count) == []


def test_the_mesa_model_plays_the_same_paths() -> None:
    """A draw of a run with three paths has the same payoffs in both drivers, to the bit."""
    game = compiled(eventful())
    columns = simulate(game, 12, 2, paths=3).columns
    for draw in range(12):
        final = Bargain(game, 2, draw, 3).play()
        assert final.payoff[0, 0] == columns["payoff.a"][draw]
        assert final.agreed_step[0] == columns["agreed_step"][draw]


def quiet(window: int = 9) -> Tree:
    """Return a pie in a world that stands still, with private information: a deal is all that happens, late or soon."""
    concession = {"strategy": "time_dependent", "exponent": {"uniform": [0.3, 3]}}
    tree = pie(
        ({"uniform": [0.8, 0.95]}, 0.9), window=window, offers=(concession, concession), first="random", points=11
    )
    tree["status_quo"]["flows"] = {"a": 0, "b": {"value": -0.8, "private": {"spread": 0.2}}}
    return tree


@pytest.mark.parametrize("tree", [eventful(), quiet()], ids=["eventful", "quiet"])
def test_dropping_finished_draws_changes_nothing(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether draws to which nothing more can happen are dropped at once or never, every column is the same."""
    game = compiled(tree)
    found = []
    for dense in (0.8, 0.0, 2.0):
        monkeypatch.setattr(montecarlo, "DENSE", dense)
        found.append(simulate(game, 1024))
    whole, *others = found
    assert len(np.unique(whole.columns["agreed_step"])) > 2
    for other in others:
        assert unlike(whole, other, 1024) == []
        assert all(np.array_equal(whole.tallies[name], other.tallies[name]) for name in whole.tallies)


def test_a_longer_window_changes_nothing_that_came_before() -> None:
    """Terms of a first agreement within six steps are the same whether six or twelve are simulated."""
    short, long = played(eventful(6), 500).columns, played(eventful(12), 500).columns
    early = short["agreed_step"] >= 0
    assert early.any()
    assert (short["agreed_step"][early] == long["agreed_step"][early]).all()
    assert (short["agreed.pie"][early] == long["agreed.pie"][early]).all()


def test_a_move_that_touches_nothing_shifts_nothing() -> None:
    """A new move, variable and third party without effects leave every other column as it was."""
    tree = eventful()
    more = copy.deepcopy(tree)
    more["third_parties"].append({"id": "aside", "label": "Somebody else"})
    more["moves"].append({"id": "aaa_idle", "label": "Idle", "by": "aside", "rate": 1.0})
    more["variables"].append(
        {"id": "aaa_cloud", "label": "Cloud", "bounds": [0, 1], "start": 0.5, "mean": 0.5, "reversion": 1}
        | {"volatility": 0.5}
    )
    assert unlike(played(tree, 800), played(more, 800), 800) == []


def renamed(tree: Tree, names: dict[str, str]) -> Tree:
    """Return the scenario with ids renamed wherever they stand."""

    def walk(part: object) -> object:
        if isinstance(part, dict):
            return {names.get(key, key): walk(value) for key, value in part.items()}
        if isinstance(part, list):
            return [walk(value) for value in part]
        return names.get(part, part) if isinstance(part, str) else part

    return walk(tree)  # type: ignore[return-value]


def test_names_of_issues_and_parties_decide_nothing() -> None:
    """Renaming issues and parties, so that they sort the other way round, leaves payoffs within 1e-12."""
    names = {"a": "zeta", "b": "alpha", "i0": "z0", "i1": "y1", "i2": "x2"}
    for seed in range(12):
        tree = with_exits(random_domain(seed, offers=("bayesian", "equilibrium")[seed % 2]), seed)
        one, two = played(tree).columns, played(renamed(tree, names)).columns
        assert one["agreed_step"] == two["agreed_step"]
        assert one["payoff.a"] == pytest.approx(two["payoff.zeta"], abs=1e-12)
        assert one["payoff.b"] == pytest.approx(two["payoff.alpha"], abs=1e-12)


def test_affine_changes_of_what_is_at_stake_change_no_share() -> None:
    """Doubling every weight of a side changes nothing."""
    tree = random_domain(4)
    twice = copy.deepcopy(tree)
    for issue in twice["issues"]:
        issue["weights"]["a"] *= 2
    assert unlike(played(tree), played(twice), 1) == []


def test_mirrored_sides_mirror_the_result() -> None:
    """If the sides change places, first mover included, so do their payoffs."""
    tree = pie((0.9, 0.7))
    other = pie((0.7, 0.9), first="b")
    one, two = played(tree).columns, played(other).columns
    assert one["payoff.a"][0] == pytest.approx(two["payoff.b"][0], abs=1e-12)
    assert one["payoff.b"][0] == pytest.approx(two["payoff.a"][0], abs=1e-12)


def test_the_error_of_an_estimate_falls_as_the_root_of_the_draws(
    full: bool, reached: Callable[[int, str], None]
) -> None:
    """The error of a chance known in closed form falls with slope -1/2 in logs."""
    top = 18 if full else 15
    found = played(ultimatum(0, 0.4), 2**top).columns["status"] != 1
    sizes = 2 ** np.arange(8, top - 3)
    errors = [np.sqrt(np.mean((found[: len(found) // n * n].reshape(-1, n).mean(axis=1) - 0.375) ** 2)) for n in sizes]
    slope = np.polyfit(np.log(sizes), np.log(errors), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.05 if full else 0.2)
    reached(7, f"error slope {slope:.3f}")


def test_tallies_count_every_draw_at_every_step(harbour: Compiled) -> None:
    """Outcomes, statuses and histograms each add up to the draws, at the start and after every step."""
    found = simulate(harbour, 300)
    steps = harbour.layout.steps + 1
    for name in ("outcomes", "status"):
        assert found.tallies[name].shape[0] == steps
        assert (found.tallies[name].sum(axis=1) == 300).all()
    last = np.bincount(found.columns["outcome"], minlength=found.tallies["outcomes"].shape[1])
    assert (found.tallies["outcomes"][-1] == last).all()


def test_a_draw_without_a_deal_has_a_cause_and_one_with_a_deal_none(harbour: Compiled) -> None:
    """Causes are given exactly where no agreement was ever signed."""
    found = simulate(harbour, 300).columns
    assert ((found["cause"] == -1) == (found["agreed_step"] >= 0)).all()
    assert found["cause"].max() < len(CAUSES)


def test_an_empty_zone_is_named_and_a_late_one_is_time() -> None:
    """Where no deal suits both the cause is no_zone."""
    way_out = {"id": "quit", "label": "Quit", "by": "b", "terms": {}, "flows": {"a": 0.4, "b": 0.8}, "absolute": True}
    tree = pie((0.9, 0.9), exits=[way_out])
    tree["status_quo"]["flows"]["a"] = 0.5
    found = played(tree).columns
    assert found["status"][0] == 2
    assert CAUSES[found["cause"][0]] == "no_zone"


def test_progress_is_told_and_counts_are_checked(harbour: Compiled) -> None:
    """Progress ends at the number of draws; fewer than one draw or worker is refused."""
    told: list[int] = []
    simulate(harbour, 50, progress=told.append)
    assert told[-1] == 50
    for wrong in ((0, 1), (5, 0)):
        with pytest.raises(ValueError, match="at least 1"):
            simulate(harbour, wrong[0], workers=wrong[1])


def test_what_is_done_meanwhile_is_done_once_and_beside_other_processes_alone() -> None:
    """It is called where other processes play, changes no result, and what it raises ends the run."""
    game, called = compiled(pie()), list[str]()
    beside = simulate(game, 4_500, workers=2, meanwhile=lambda: called.append("beside"))
    alone = simulate(game, 4_500, meanwhile=lambda: called.append("alone"))
    assert called == ["beside"]
    assert unlike(beside, alone, 4_500) == []

    def fails() -> None:
        raise LookupError("the report's own fault")

    with pytest.raises(LookupError, match="own fault"):
        simulate(game, 4_500, workers=2, meanwhile=fails)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_longest_history_is_kept_whole_whichever_part_comes_first(
    order: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text is as wide as a part of a run needs, and parts come in as they are finished: a narrow one may be first."""
    lines = [b"talks@0", b"talks@0 agreement@2 reopened@15 talks@15"]
    draws = 2 * montecarlo.TOGETHER * randomness.BLOCK
    sizes = [size for _, size in blocks.shares(draws, 1)]

    def parts(*_: Any, **__: Any) -> Iterator[tuple[int, Result]]:
        for place in order:
            yield place, Result({"history": np.full(sizes[place], lines[place])}, {})

    monkeypatch.setattr(montecarlo, "_played", parts)
    found = simulate(compiled(pie()), draws).columns["history"]
    assert found.tolist() == [line for line, size in zip(lines, sizes, strict=True) for _ in range(size)]


def test_leaf_columns_are_the_numbers_that_were_played(harbour: Compiled) -> None:
    """The column of an uncertain leaf holds what the draw was played with."""
    found = simulate(harbour, 200).columns
    played_with = harbour.numbers(0, 0).public
    for name in harbour.uncertain:
        assert np.allclose(found[f"leaf.{name}"], played_with[name][:200], rtol=1e-6)


def test_the_plane_of_a_draw_holds_its_first_offer(tmp_path: Path) -> None:
    """The utility plane of Rubinstein's pie shows the curve's ends and one accepted offer at the theorem's point."""
    found = plane.plane(compiled(pie()), 0, 0)
    assert found["curve"][0] == pytest.approx([0, 1])
    assert found["curve"][-1] == pytest.approx([1, 0])
    assert [offer["answer"] for offer in found["offers"]] == ["accept"]
    assert found["offers"][0]["worth"] == pytest.approx([0.7142857142857143, 0.2857142857142857])
    # on the line between the ends: half of the pie (Nash 1950), not one of the two
    for name in ("nash", "kalai_smorodinsky", "egalitarian"):
        assert found[name] == pytest.approx([0.5, 0.5]), name
    assert not list(tmp_path.iterdir())


def test_the_dance_is_that_of_the_agents(tmp_path: Path) -> None:
    """The plane's offers are those of the Mesa model, where both sides propose and where a party is succeeded too."""
    for text in (examples.FULL, examples.TOGETHER):
        game = compile_scenario(load(examples.written(tmp_path, text, "harbour-full")))
        for draw in range(3):
            model = Bargain(game, 0, draw)
            model.play()
            offers = plane.plane(game, 0, draw)["offers"]
            said = [each for record in model.records for each in (record, record.second) if each.made[0]]
            assert [offer["worth"] for offer in offers] == [
                [float(each.worth[game.side[party.id], 0]) for party in game.scenario.parties] for each in said
            ]


def test_what_can_be_repeated_may_be_left_out(harbour: Compiled) -> None:
    """Without the columns that can be had again the others keep their bits, on any number of processes."""
    every = simulate(harbour, 4_500)
    for workers in (1, 2):
        lean = simulate(harbour, 4_500, workers=workers, whole=False)
        assert set(lean.columns) == {name for name in every.columns if not name.startswith(CAN_BE_REPEATED)}
        assert unlike(lean, every, 4_500) == []
        assert all((lean.tallies[name] == counts).all() for name, counts in every.tallies.items())
