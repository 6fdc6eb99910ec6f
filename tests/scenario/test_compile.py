"""Scenario to layout and numbers."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

from sim.montecarlo import simulate
from sim.scenario import load
from sim.scenario.compile import Compiled, compile_scenario
from tests.scenario import examples
from tests.strategies import compiled, pie, random_domain


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The game of the full-featured example."""
    path: Path = examples.written(tmp_path_factory.mktemp("full"), examples.FULL, "harbour-full")
    return compile_scenario(load(path))


def test_lists_are_sorted_by_id(harbour: Compiled) -> None:
    """Sides, issues, variables, moves and exits come out sorted, whatever the file's order."""
    layout = harbour.layout
    for names in (
        layout.sides,
        layout.variables,
        [issue.id for issue in layout.issues],
        [move.id for move in layout.moves],
        [option.id for option in layout.exits],
    ):
        assert list(names) == sorted(names)


def test_file_order_changes_no_bit() -> None:
    """Issues, levels of mappings and effects in another order give the same bytes."""
    tree = random_domain(11)
    other = copy.deepcopy(tree)
    other["issues"] = other["issues"][::-1]
    for issue in other["issues"]:
        issue["weights"] = dict(reversed(issue["weights"].items()))
    one, two = simulate(compiled(tree), 3).columns, simulate(compiled(other), 3).columns
    assert all(one[name].tobytes() == two[name].tobytes() for name in one)


def test_weights_are_normalised_and_rates_become_factors(harbour: Compiled) -> None:
    """Weights sum to 1 over issues and a discount rate of 0.1 a year is exp(-0.1/12) a month."""
    params = harbour.params(0, 0)
    assert np.allclose(params.tastes.weight.sum(axis=1), 1.0)
    rate = harbour.numbers(0, 0).public["parties.host.discount_rate"]
    host = harbour.layout.sides.index("host")
    assert np.allclose(params.tastes.discount[host, 0], np.exp(-rate / 12))
    assert np.allclose(params.tastes.discount[1 - host], 0.98)


def test_every_number_of_a_block_is_contiguous_and_finite_where_it_must_be(harbour: Compiled) -> None:
    """Params are contiguous arrays of 1,024 draws, without NaN but where nothing is stated."""
    for name, array in zip(harbour.params(0, 0)._fields, harbour.params(0, 0), strict=True):
        if isinstance(array, np.ndarray):
            assert array.flags.c_contiguous, name
            assert array.shape[-1] == 1024, name
            assert not np.isnan(array).any() or name == "reputation", name


def test_a_private_number_has_its_owners_value_and_both_ends(harbour: Compiled) -> None:
    """A private threshold is public + spread * z for its owner, and public -+ spread for what others think possible."""
    numbers = harbour.numbers(0, 0)
    path = "parties.host.audience.threshold"
    own, *casts = numbers.cast(path)
    public = numbers(path)
    host = harbour.layout.sides.index("host")
    assert np.allclose(own, public + 0.05 * numbers.type[host, 0])
    for found, off in zip(casts, (-0.05, 0.05, 0.0, 0.0, 0.0), strict=True):
        assert np.allclose(found, public + off)


def test_types_of_one_party_are_independent_and_each_moves_its_own_numbers(harbour: Compiled) -> None:
    """The host's second type moves its successor's weight alone, is drawn by itself, and comes behind the first."""
    host = harbour.layout.sides.index("host")
    assert harbour.layout.types[host] == ("", "resolve")
    numbers = harbour.numbers(0, 0)
    first, second = numbers.type[host]
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(len(first))
    (heir,) = numbers.heirs[host]
    weight = "issues.berth.weights.host"
    own, _, _, low, high, middle = heir.cast(weight)
    assert np.allclose(own, heir(weight) + 0.5 * heir.type[host, 1])
    assert np.allclose(high - own, 0.5 * (1 - heir.type[host, 1]))
    assert np.allclose(own - low, 0.5 * (1 + heir.type[host, 1]))
    assert np.allclose(middle, heir(weight))


def test_constraints_tie_issues_and_leave_combinations_out(harbour: Compiled) -> None:
    """No candidate holds an excluded combination or a level that is not negotiable."""
    names = [issue.id for issue in harbour.layout.issues]
    group = next(group for group in harbour.layout.groups if names.index("berth") in group.issues)
    berth, rent = group.issues.index(names.index("berth")), group.issues.index(names.index("rent"))
    assert not any(levels[berth] == 3 for levels in group.combinations)
    assert not any(levels[berth] == 0 and levels[rent] >= 2 for levels in group.combinations)


def test_a_game_travels_to_another_process(harbour: Compiled) -> None:
    """A pickled game plays the same draws."""
    other: Compiled = pickle.loads(pickle.dumps(harbour))  # noqa: S301  (our own bytes)
    one, two = simulate(harbour, 5).columns, simulate(other, 5).columns
    assert all(one[name].tobytes() == two[name].tobytes() for name in one)


def test_terms_come_back_in_the_words_of_the_file(harbour: Compiled) -> None:
    """Level indices turn into ids, grid points and shares into numbers of the issue's unit."""
    layout = harbour.layout
    level = np.array(layout.fixed[layout.status_quo])
    found = harbour.terms_of(level)
    assert found["berth"] == "throttled"
    assert found["rent"] == pytest.approx(0)
    assert found["share"] == pytest.approx(0.5)


def test_a_leafs_numbers_do_not_depend_on_other_leaves() -> None:
    """Making one number uncertain leaves every other uncertain number as it was."""
    tree = pie(({"uniform": [0.5, 0.9]}, 0.8))
    more = pie(({"uniform": [0.5, 0.9]}, {"uniform": [0.1, 0.9]}))
    path = "parties.a.discount_factor"
    one, two = (compiled(t).numbers(5, 1).public[path] for t in (tree, more))
    assert (one == two).all()


def test_dates_are_ends_of_steps(harbour: Compiled) -> None:
    """The start comes first, then the end of every month; a game of rounds counts them."""
    assert harbour.dates[0] == "2030-01-31"
    assert harbour.dates[1] == "2030-02-28"
    assert compiled(pie(window=2)).dates == ("0", "1", "2")
