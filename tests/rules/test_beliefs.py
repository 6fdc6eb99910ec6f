"""What each side thinks of the other's type."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents import Bargain
from sim.montecarlo import simulate
from sim.rules import beliefs
from sim.scenario import ScenarioError
from tests.strategies import compiled, pie, share_of

ONE = np.ones(1)


def test_the_prior_is_uniform_with_mean_zero() -> None:
    """The prior's masses are equal and sum to 1, and its mean is the middle type."""
    mass = np.exp(beliefs.prior(np.zeros((1, 3))))
    assert np.allclose(mass.sum(axis=0), 1.0)
    assert np.ptp(mass) == 0
    assert np.allclose(beliefs.mean_type(mass), 0.0)


@pytest.mark.parametrize(
    ("left", "right", "share"), [(-1, 1, 0.5), (-1, 3, 0.75), (3, -1, 0.75), (1, 2, 1), (-2, -1, 0)]
)
def test_share_of_an_interval_above_zero(left: float, right: float, share: float) -> None:
    """The part of an interval in which a line is positive is where it crosses zero."""
    assert beliefs.share_above(left * ONE, right * ONE)[0] == pytest.approx(share, abs=1e-9)


def test_the_chance_of_a_margin_is_the_uniform_distribution_function() -> None:
    """Under the prior the chance that z <= c is (c + 1) / 2, exactly, at knots and between them."""
    mass = np.exp(beliefs.prior(np.zeros((1, 1))))
    for cut in (-1.0, -0.9, -0.33, 0.0, 0.25, 0.61, 1.0):
        assert beliefs.chance(cut - beliefs.knots(), mass)[0] == pytest.approx((cut + 1) / 2, abs=1e-9)


def test_a_sharp_rejection_cuts_the_belief_where_the_offer_was_just_good_enough() -> None:
    """After a rejection that only types above a knot would give, the belief is uniform above it."""
    cut = float(beliefs.knots()[-3, 0])
    margin = cut - beliefs.knots()
    no = 1.0 - beliefs.accepted(margin, np.inf * ONE)
    mass = np.exp(beliefs.update(beliefs.prior(np.zeros((1, 1))), no, np.array([True]))[0])
    assert mass.sum() == pytest.approx(1.0)
    assert mass[:-2].sum() == 0
    assert beliefs.mean_type(mass)[0] == pytest.approx((1 + cut) / 2)


def test_a_soft_likelihood_shifts_and_never_excludes() -> None:
    """With a finite precision every type keeps some mass, and a sharper eye shifts the belief further."""
    margin = 0.5 - beliefs.knots()
    means = []
    for precision in (1.0, 3.0, 9.0):
        no = 1.0 - beliefs.accepted(margin, precision * ONE)
        mass = np.exp(beliefs.update(beliefs.prior(np.zeros((1, 1))), no, np.array([True]))[0])
        assert (mass > 0).all()
        means.append(beliefs.mean_type(mass)[0])
    assert means == sorted(means)
    assert 0 < means[0] < means[-1] < 0.76


def test_what_was_impossible_or_unseen_leaves_the_belief() -> None:
    """An event of zero likelihood, or one that was not seen, changes nothing; only the former is called impossible."""
    before = beliefs.prior(np.zeros((1, 2)))
    after, impossible = beliefs.update(before, np.zeros_like(before), np.array([True, True]))
    unseen, nothing = beliefs.update(before, np.full_like(before, 0.3), np.array([False, False]))
    assert (after == before).all()
    assert (unseen == before).all()
    assert impossible.all()
    assert not nothing.any()


def test_a_side_may_have_two_secrets_where_only_the_other_reopens_deals() -> None:
    """Under a deal the side with the secrets then has nothing to decide: its look ahead is one of no draws."""
    tree = pie((0.9, 0.8), offers=("bayesian", "bayesian"), points=11, window=12)
    tree["issues"].append(share_of("cake", points=3))
    for issue, kind in zip(tree["issues"], ("", "other"), strict=True):
        private = {"spread": 0.5} | ({"type": kind} if kind else {})
        issue["weights"]["b"] = {"value": 1, "private": private}
    tree["status_quo"] = {"terms": {"pie": 0, "cake": 0}, "flows": {"a": -0.2, "b": -0.6}}
    tree["breakdown"] = {"terms": {"pie": 0, "cake": 0}}
    tree["parties"][0]["reopening"] = {"precision": 8, "cost": 0.05}
    for draws in (1, 2, 3, 20):
        assert (simulate(compiled(tree), draws).columns["agreed_step"] >= 0).any()
    one, none = beliefs.prior(np.zeros((2, 1))), beliefs.prior(np.zeros((2, 0)))
    assert none.shape == (len(one), 0)
    assert beliefs.marginal(none, 1).shape == (len(beliefs.marginal(one, 1)), 0)


def test_the_likeliest_type_is_the_one_that_would_ask_just_this() -> None:
    """An offer worth to each type what its middle says is likeliest from the type of whom it was expected."""
    worth = 0.5 + 0.4 * beliefs.middles()
    for expected, likeliest in ((0.2, 0), (0.5 + 0.4 / 6, 3), (0.9, 5)):
        found = beliefs.asked(worth, expected * ONE, 0.2 * ONE)
        assert found.argmax() == likeliest
        assert found.max() == 1
    assert beliefs.asked(worth, 50 * ONE, 1e-3 * ONE).max() == 1  # however far off, some type made it


@pytest.mark.parametrize("strategy", ["bayesian", {"strategy": "time_dependent", "exponent": 1}])
def test_an_offer_tells_of_the_one_who_makes_it(strategy: object) -> None:
    """Who reads offers knows more of a secret weight at the end than who reads answers alone; both drivers agree."""
    tree = pie((0.9, 0.9), window=6, offers=(strategy, strategy))
    secret = {"value": 1, "private": {"spread": 0.9}}
    tree["issues"] = [share_of("pie", points=11), share_of("cake", (1, 1), points=11)]
    tree["issues"][0]["weights"] = {"a": 1, "b": secret}
    tree["status_quo"] = {"terms": {"pie": 0, "cake": 0}, "flows": {"b": -1}}
    for one in tree["parties"]:
        one["accepts"] = {"strategy": "constant", "least": 9}
    tree["parties"][0]["learning"] = {"precision": 10}
    doubt = []
    for reads in (False, True):
        if reads:
            tree["parties"][0]["learning"]["offers"] = {"concession": 0.05, "spread": 0.1}
        game = compiled(tree)
        ends = [Bargain(game, 0, draw).play() for draw in range(12)]
        doubt.append(np.mean([np.sum(np.exp(end.belief[0]) ** 2) for end in ends]))
    assert doubt[1] > doubt[0] + 0.1


def test_offers_that_have_nothing_to_tell_are_refused() -> None:
    """A reader of offers needs something private in what the other wants, or the key is a mistake."""
    tree = pie((0.9, {"value": 0.8, "private": {"spread": 0.1}}), offers=("bayesian", "bayesian"))
    tree["parties"][0]["learning"] = {"precision": 1, "offers": {}}
    with pytest.raises(ScenarioError, match="offers tell of weights and values"):
        compiled(tree)


def test_two_hypotheses_follow_bayes_rule() -> None:
    """Likelihoods 0.8 and 0.2 turn even odds into four to one."""
    before = np.log(np.full((2, 1), 0.5))
    after = np.exp(beliefs.update(before, np.array([[0.8], [0.2]]), np.array([True]))[0])
    assert after[:, 0] == pytest.approx([0.8, 0.2])
