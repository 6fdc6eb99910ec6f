"""The deal space: values, and the contract curve against brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.rules import checkers, deals
from sim.rules.layout import Clause
from sim.rules.start import start
from sim.rules.trees import thinned
from sim.rules.types import F
from tests.strategies import Tree, compiled, random_domain, seeds


def efficient(points: F) -> F:
    """Return the undominated rows of points (K, 2), by comparing all with all."""
    better = (points[:, None] >= points[None]).all(axis=2) & (points[:, None] > points[None] + 1e-9).any(axis=2)
    return points[~better.any(axis=0)]


def enumerated(tree: Tree) -> F:
    """Return what every deal that no constraint excludes is worth to both sides (K, 2), from the YAML's own numbers."""
    found = []
    for levels in product(*([level["id"] for level in issue["levels"]] for issue in tree["issues"])):
        terms = {issue["id"]: level for issue, level in zip(tree["issues"], levels, strict=True)}
        if any(all(terms[i] == level for i, level in c["exclude"].items()) for c in tree.get("constraints", [])):
            continue
        worth = []
        for side in "ab":
            total = sum(issue["weights"][side] for issue in tree["issues"])
            worth.append(
                sum(
                    issue["weights"][side] / total * issue["values"][side][terms[issue["id"]]]
                    for issue in tree["issues"]
                )
            )
        found.append(worth)
    return np.array(found)


def distinct(points: F) -> set[tuple[float, float]]:
    """Return points to nine digits."""
    return {(round(float(a), 9), round(float(b), 9)) for a, b in points}


@settings(max_examples=40, deadline=None)
@given(seed=seeds)
def test_the_curve_is_the_efficient_set_of_brute_force(seed: int) -> None:
    """Merging issue by issue keeps every efficient deal and no other, with a constraint as without."""
    tree = random_domain(seed)
    if seed % 2 and len(tree["issues"]) > 1:
        first, second = tree["issues"][:2]
        pair = {issue["id"]: issue["levels"][seed % len(issue["levels"])]["id"] for issue in (first, second)}
        tree["constraints"] = [{"exclude": pair}]
    game = compiled(tree)
    plan, _ = start(game.layout, game.params(0, 0), np.zeros(1024))
    for viewer, list_ in enumerate(plan.deals):
        worths = (list_.own[:, 0], list_.truth[:, 0])
        points = np.stack(worths if viewer == 0 else worths[::-1], axis=1)
        assert distinct(points) == distinct(efficient(enumerated(tree)))
        assert (np.diff(list_.own[:, 0]) >= -1e-9).all()
    assert plan.deals[0].own.shape[1] == 1024


def test_both_sides_keep_the_same_deals_where_they_see_the_same() -> None:
    """With full information the two lists hold the same deals even where few of many efficient ones are kept."""
    for seed in range(10):
        tree = random_domain(seed)
        tree["curve_points"], tree["look_ahead_points"] = 5, 3
        game = compiled(tree)
        plan, _ = start(game.layout, game.params(0, 0), np.zeros(1024))
        few = tuple(thinned(list_, game.layout.foresight(side)) for side, list_ in enumerate(plan.deals))
        for lists in (plan.deals, few):
            one, two = (distinct(list_.level[:, :, 0].T[:, [0, -1]].astype(np.float64)) for list_ in lists)
            assert one == two


def test_prune_keeps_both_ends_and_even_spacing() -> None:
    """Of eleven efficient points, five kept ones are the ends and every second or third between them."""
    own = np.linspace(0.0, 1.0, 11)[None]
    rows = deals.prune(own, 1.0 - own, 5)[0]
    assert rows[0] == 0
    assert rows[-1] == 10
    assert set(np.diff(rows)) <= {2, 3}


@settings(max_examples=60, deadline=None)
@given(seed=seeds, size=st.integers(1, 600), near=st.sampled_from([0.0, 1e-16, 1e-14, 1e-3]))
def test_places_are_sorted_whatever_the_values(seed: int, size: int, near: float) -> None:
    """From the highest to the lowest, each place once: for values that differ in their last bits as for equals."""
    rng = np.random.default_rng(seed)
    values = rng.choice([-1.0, 0.0, 0.3, 1.0], (5, size)) * (1.0 + near * rng.integers(-3, 4, (5, size)))
    places = deals.descending(values)
    assert (np.diff(np.take_along_axis(values, places, axis=1), axis=1) <= 0.0).all()
    assert (np.sort(places, axis=1) == np.arange(size)).all()


def test_draws_whose_curves_differ_in_length_do_not_touch_each_other() -> None:
    """A draw's curve is the same beside one that is longer: what is missing repeats its best deal."""
    rng = np.random.default_rng(5)
    own, other = ([rng.random((4, 3)) for _ in range(4)] for _ in range(2))
    for table in own:
        table[:, 1] = np.sort(table[:, 1])
    for mine, theirs in zip(own, other, strict=True):
        theirs[:, 1] = mine[:, 1]  # of one mind: one deal alone is efficient
    together = deals.merge(own, other, 32)
    assert together.shape == (4, 32, 3)
    assert len(np.unique(together[:, :, 1], axis=1).T) == 1
    for draw in range(3):
        alone = deals.merge([rows[:, [draw]] for rows in own], [rows[:, [draw]] for rows in other], 32)
        assert (alone[..., 0] == together[..., draw]).all()


def test_between_two_candidates_values_lie_on_a_straight_line() -> None:
    """A quarter of the way between candidates worth 1 and 3 is worth 1.5; without a fraction it is the candidate."""
    rows = np.array([[1.0, 10.0], [3.0, 20.0]])
    segment = np.array([0, 1])
    assert deals.between(rows, segment, np.array([0.25, 0.0])).tolist() == [1.5, 20.0]
    assert deals.between(rows, segment, None).tolist() == [1.0, 20.0]


def test_logrolling_goes_by_the_ratio_of_weights() -> None:
    """The chain of continuous issues starts with all for the other and gives the best-traded issue first."""
    own = [np.array([[0.0], [0.6]]), np.array([[0.0], [0.3]]), np.array([[0.0], [0.1]])]
    other = [np.array([[0.2], [0.0]]), np.array([[0.3], [0.0]]), np.array([[0.5], [0.0]])]
    level, joined = deals.chain(own, other)
    assert level[:, :, 0].T.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert joined[:-1, 0].all()


def test_efficiency_on_a_small_frontier() -> None:
    """Beside (0, 1), (0.6, 0.8), (1, 0) the middle one is efficient, and (0.5, 0.5) is not."""
    own, other = np.array([[0.0], [0.6], [1.0]]), np.array([[1.0], [0.8], [0.0]])
    assert checkers.is_pareto_efficient((np.array([0.6]), np.array([0.8])), own, other).all()
    assert not checkers.is_pareto_efficient((np.array([0.5]), np.array([0.5])), own, other).any()
    assert checkers.is_individually_rational(
        (np.array([0.5]), np.array([0.5])), (np.array([0.5]), np.array([0.4]))
    ).all()


def test_a_condition_reads_every_issue_it_names() -> None:
    """A clause on two issues holds only where both levels are named."""
    tree = random_domain(3)
    while len(tree["issues"]) < 2:
        tree = random_domain(int(tree["parties"][0]["discount_factor"] * 1000))
    game = compiled(tree)
    params = game.params(0, 0)
    clause = Clause(((0, (1.0, *[0.0] * 9)), (1, (0.0, 1.0, *[0.0] * 8))))
    level = np.zeros((len(game.layout.issues), 2, 1024))
    level[1, 1] = 1
    met = deals.holds(clause, params, deals.places(game.layout, level))
    assert met[0, 0] == 0
    assert met[1, 0] == 1


def test_accuracy_one_sees_the_truth_and_accuracy_zero_sees_noise() -> None:
    """What a side sees of the other's weights runs from its noise to the truth as accuracy grows."""
    tree = random_domain(8)
    game = compiled(tree)
    params = game.params(0, 0)
    truth = params.tastes.weight[1, :, 0]
    full = deals.perceived_weight(params._replace(accuracy=np.ones((2, 1024))), 0, 0)
    none = deals.perceived_weight(params._replace(accuracy=np.zeros((2, 1024))), 0, 0)
    assert (full == truth).all()
    assert np.allclose(none, params.noise[0])


def test_who_sees_through_the_other_knows_the_truth() -> None:
    """With accuracy 1 in every draw and nothing private, what is seen is true; else it is worked out by itself."""
    for accuracy, through in ((1, True), (0.5, False), ({"uniform": [0.5, 1]}, False)):
        tree = random_domain(3, offers="bayesian")
        for party in tree["parties"]:
            party["accuracy"] = accuracy
        game = compiled(tree)
        params = game.params(0, 0)
        assert deals.sees_through(game.layout, params, 0) == through
        list_ = start(game.layout, params, np.full(params.type.shape[-1], 0.2))[0].deals[0]
        assert bool((list_.truth == list_.seen[0]).all()) == through


def test_herfindahl_of_two_equal_patrons_is_one_half() -> None:
    """Leaning equally on two patrons costs half of leaning on one."""
    tree = random_domain(0)
    tree["issues"] = [{**tree["issues"][0], "id": "pie", "levels": [{"id": "low"}, {"id": "high"}]}]
    tree["issues"][0]["values"] = {side: {"low": 0, "high": 1} for side in "ab"}
    tree["status_quo"] = {"terms": {"pie": "low"}}
    tree["breakdown"] = {"terms": {}}
    tree["reliance"] = [
        {
            "party": "a",
            "cost": 0.4,
            "patrons": [
                {"id": "new", "label": "New", "base": 1},
                {"id": "old", "label": "Old", "base": 0, "terms": {"pie": {"high": 1}}},
            ],
        }
    ]
    game = compiled(tree)
    params = game.params(0, 0)
    level = np.zeros((1, 2, 1024))
    level[0, 1] = 1
    part = deals.parts(game.layout, params, level)
    cost = deals.herfindahl(game.layout, params, 0, part, np.zeros((0, 1024)))
    assert np.allclose(cost[:, 0], [0.4, 0.2])
